"""Add replicas of tables in other Regions, which moto lacks.

UpdateTable's ReplicaUpdates create and delete them. In each Region, DescribeTable lists the
replicas in the other Regions. All replicas of a table have the same type of key, and each replica
needs its own customer managed key. A replica is a separate, empty table with a copy of the table's
schema and indexes. Left out: the replication of items and of later changes, and the update of a
replica, which is ignored.

Source: "ReplicaUpdates" and "CreateReplicationGroupMemberAction" in the Amazon DynamoDB API
Reference, "Encrypting global tables" in the Amazon DynamoDB Developer Guide.
"""

from __future__ import annotations

from typing import Any

from moto.dynamodb.exceptions import MockValidationException
from moto.dynamodb.models import DynamoDBBackend, dynamodb_backends
from moto.dynamodb.models.table import Table
from moto.dynamodb.responses import DynamoHandler
from moto.kms.models import kms_backends

from tools.sandbox.account.corrections import replace
from tools.sandbox.account.states import INACCESSIBLE

_INVALID = "One or more parameter values were invalid: "


def install() -> None:
    """Install the corrections, after those of `corrections`."""
    update_table = DynamoHandler.update_table
    delete_table = DynamoDBBackend.delete_table
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
        if replicas := [_described(replica) for replica in _others(self)]:
            described[base_key] |= {"GlobalTableVersion": "2019.11.21", "Replicas": replicas}
        return described

    def delete_replicated(self: DynamoDBBackend, name: str) -> Table:
        table = delete_table(self, name)
        _regions(table).discard(table.region_name)
        return table

    replace(DynamoHandler, "update_table", update_replicated)
    replace(DynamoDBBackend, "delete_table", delete_replicated)
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
    regions = _regions(table)
    regions |= {table.region_name, region}
    vars(backend.tables[table.name])["sandbox_regions"] = regions


def _delete(table: Table, region: str) -> None:
    if region == table.region_name or region not in _regions(table):
        raise MockValidationException(f"{_INVALID}no replica of {table.name} in {region}")
    _regions(table).discard(region)
    dynamodb_backends[table.account_id][region].tables.pop(table.name, None)


def _specification(table: Table, key: str | None) -> dict[str, Any] | None:
    """Return the SSESpecification of a replica."""
    table_spec = table.sse_specification or {}
    has_customer_key = _customer_key(table) is not None
    if bool(key) != has_customer_key:
        raise MockValidationException(
            f"{_INVALID}all replicas must have the same type of encryption key"
        )
    if not table_spec:
        return None
    return {"Enabled": True, **({"SSEType": "KMS", "KMSMasterKeyId": key} if key else {})}


def _customer_key(table: Table) -> str | None:
    """Return the ARN of a table's customer managed key, or None."""
    arn: str | None = (table.sse_specification or {}).get("KMSMasterKeyId")
    keys = list(kms_backends[table.account_id][table.region_name].keys.values())
    managed = any(key.arn == arn and key.key_manager == "AWS" for key in keys)
    return None if managed else arn


def _described(replica: Table) -> dict[str, Any]:
    """Return what DescribeTable in another Region shows of a replica."""
    shown = vars(replica).get("sandbox_state", {"table": {}, "sse": {}})
    inaccessible = shown["table"].get("TableStatus") == INACCESSIBLE
    described = {
        "RegionName": replica.region_name,
        "ReplicaStatus": INACCESSIBLE if inaccessible else "ACTIVE",
        "KMSMasterKeyId": _customer_key(replica),
        "ReplicaInaccessibleDateTime": shown["sse"].get("InaccessibleEncryptionDateTime"),
    }
    return {name: value for name, value in described.items() if value is not None}


def _others(table: Table) -> list[Table]:
    """Return the tables in the other Regions of a table's replicas."""
    backends = dynamodb_backends[table.account_id]
    others = sorted(_regions(table) - {table.region_name})
    tables = [backends[region].tables.get(table.name) for region in others]
    return [other for other in tables if other is not None]


def _regions(table: Table) -> set[str]:
    """Return the Regions of a table's replicas and its own, in one set for all of them.

    It is empty if the table has no replicas.
    """
    regions: set[str] = vars(table).setdefault("sandbox_regions", set())
    return regions
