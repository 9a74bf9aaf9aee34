"""Replicas of a table in other Regions, of which moto knows nothing.

UpdateTable's ReplicaUpdates make and remove them, and DescribeTable lists them. A replica is an
empty table of its own with the shape that the table has at that moment; no item and no later
change is replicated, and UpdateTable's "Update" of a replica is passed over.

Sources: "ReplicaUpdates" and "CreateReplicationGroupMemberAction" in the Amazon DynamoDB API
Reference, "Encrypting global tables" in the Amazon DynamoDB Developer Guide: all replicas have the
same type of key, and a customer managed key is named for each of them.
"""

from __future__ import annotations

from typing import Any

from moto.dynamodb.exceptions import MockValidationException
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.table import Table
from moto.dynamodb.responses import DynamoHandler
from moto.kms.models import kms_backends

from tools.sandbox.account.corrections import encryption_of

_INVALID = "One or more parameter values were invalid: "


def install() -> None:
    """Put the corrections in place, after those of ``corrections``."""
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

    replacements: tuple[tuple[type, str, Any], ...] = (
        (DynamoHandler, "update_table", update_replicated),
        (Table, "describe", describe_replicated),
    )
    for owner, name, function in replacements:
        setattr(owner, name, function)


def _create(table: Table, words: dict[str, Any]) -> None:
    region = words["RegionName"]
    backend = dynamodb_backends[table.account_id][region]
    if region == table.region_name or table.name in backend.tables:
        raise MockValidationException(f"{_INVALID}a table {table.name} exists in {region}")
    encryption = _encryption(table, region, words.get("KMSMasterKeyId"))
    shape = table.describe("Table")["Table"]
    on_demand = table.billing_mode == "PAY_PER_REQUEST"
    backend.create_table(
        name=table.name,
        schema=table.schema,
        throughput=None if on_demand else table.throughput,
        attr=table.attr,
        global_indexes=shape["GlobalSecondaryIndexes"],
        indexes=shape["LocalSecondaryIndexes"],
        streams=dict(shape.get("StreamSpecification") or {}),
        billing_mode=table.billing_mode or "PROVISIONED",
        sse_specification=encryption,
        tags=[],
        deletion_protection_enabled=False,
        warm_throughput=None,
    )
    key = {"KMSMasterKeyId": words["KMSMasterKeyId"]} if "KMSMasterKeyId" in words else {}
    _replicas(table)[region] = {"RegionName": region, "ReplicaStatus": "ACTIVE", **key}


def _delete(table: Table, region: str) -> None:
    if _replicas(table).pop(region, None) is None:
        raise MockValidationException(f"{_INVALID}no replica of {table.name} in {region}")
    dynamodb_backends[table.account_id][region].tables.pop(table.name, None)


def _encryption(table: Table, region: str, key: str | None) -> dict[str, Any] | None:
    """Return what the replica is to be encrypted with, in the words of a request."""
    spec = table.sse_specification or {}
    own = next(
        (
            it
            for it in kms_backends[table.account_id][table.region_name].keys.values()
            if it.arn == spec.get("KMSMasterKeyId") and it.key_manager != "AWS"
        ),
        None,
    )
    if bool(key) != (own is not None):
        raise MockValidationException(
            f"{_INVALID}all replicas must have the same type of encryption key"
        )
    if not spec:
        return None
    words = {"Enabled": True, **({"SSEType": "KMS", "KMSMasterKeyId": key} if key else {})}
    # Asked here, too, so that nothing is made when the key is refused.
    encryption_of(table.account_id, region, words)
    return words


def _replicas(table: Table) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = vars(table).setdefault("sandbox_replicas", {})
    return found
