"""Add replicas of tables in other Regions, which moto lacks.

UpdateTable's ReplicaUpdates create and delete them, and DescribeTable lists them. All replicas of a
table have the same type of key, and each replica needs its own customer managed key. A replica is a
separate, empty table with a copy of the table's schema and indexes. Left out: the replication of
items and of later changes, and the update of a replica, which is ignored.

Source: "ReplicaUpdates" and "CreateReplicationGroupMemberAction" in the Amazon DynamoDB API
Reference, "Encrypting global tables" in the Amazon DynamoDB Developer Guide.
"""

from __future__ import annotations

from typing import Any

from moto.dynamodb.exceptions import MockValidationException
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.table import Table
from moto.dynamodb.responses import DynamoHandler
from moto.kms.models import kms_backends

from tools.sandbox.account.corrections import replace

_INVALID = "One or more parameter values were invalid: "


def install() -> None:
    """Install the corrections, after those of `corrections`."""
    update_table = DynamoHandler.update_table
    describe = Table.describe

    def update_replicated(self: DynamoHandler) -> Any:
        updates = self.body.get("ReplicaUpdates") or []
        if updates:
            table = self.dynamodb_backend.get_table(self.body["TableName"])
            for update in updates:
                if "Create" in update:
                    _create(table, update["Create"])
                if "Delete" in update:
                    _delete(table, update["Delete"]["RegionName"])
        return update_table(self)

    def describe_replicated(self: Table, base_key: str = "TableDescription") -> dict[str, Any]:
        described = describe(self, base_key)
        if replicas := _replicas(self):
            described[base_key]["Replicas"] = list(replicas.values())
        return described

    replace(DynamoHandler, "update_table", update_replicated)
    replace(Table, "describe", describe_replicated)


def _create(table: Table, replica: dict[str, Any]) -> None:
    region, key = replica["RegionName"], replica.get("KMSMasterKeyId")
    backend = dynamodb_backends[table.account_id][region]
    if region == table.region_name or table.name in backend.tables:
        raise MockValidationException(f"{_INVALID}a table {table.name} exists in {region}")
    specification = _specification(table, key)
    description = table.describe("Table")["Table"]
    on_demand = table.billing_mode == "PAY_PER_REQUEST"
    backend.create_table(
        name=table.name,
        schema=table.schema,
        throughput=None if on_demand else table.throughput,
        attr=table.attr,
        global_indexes=description["GlobalSecondaryIndexes"],
        indexes=description["LocalSecondaryIndexes"],
        streams=dict(description.get("StreamSpecification") or {}),
        billing_mode=table.billing_mode or "PROVISIONED",
        sse_specification=specification,
        tags=[],
        deletion_protection_enabled=False,
        warm_throughput=None,
    )
    described = {"RegionName": region, "ReplicaStatus": "ACTIVE", "KMSMasterKeyId": key}
    _replicas(table)[region] = {k: v for k, v in described.items() if v is not None}


def _delete(table: Table, region: str) -> None:
    if _replicas(table).pop(region, None) is None:
        raise MockValidationException(f"{_INVALID}no replica of {table.name} in {region}")
    dynamodb_backends[table.account_id][region].tables.pop(table.name, None)


def _specification(table: Table, key: str | None) -> dict[str, Any] | None:
    """Return the SSESpecification of a replica."""
    table_spec = table.sse_specification or {}
    has_customer_key = any(
        table_key.arn == table_spec.get("KMSMasterKeyId") and table_key.key_manager != "AWS"
        for table_key in kms_backends[table.account_id][table.region_name].keys.values()
    )
    if bool(key) != has_customer_key:
        raise MockValidationException(
            f"{_INVALID}all replicas must have the same type of encryption key"
        )
    if not table_spec:
        return None
    return {"Enabled": True, **({"SSEType": "KMS", "KMSMasterKeyId": key} if key else {})}


def _replicas(table: Table) -> dict[str, dict[str, Any]]:
    replicas: dict[str, dict[str, Any]] = vars(table).setdefault("sandbox_replicas", {})
    return replicas
