"""Set states that AWS shows and no call of moto leads to, and create many tables at once.

These are calls of the sandbox, not of AWS: a table that DynamoDB can't decrypt or has archived, a
change of encryption that is still running, a key that is being created, updated, or deleted, or
whose key store is not connected, and a key that AWS KMS has deleted. Left out: what AWS does in
these states to reads, writes, and changes of the table or key; only the descriptions differ.

Source: "TableDescription", "SSEDescription" and "ArchivalSummary" in the Amazon DynamoDB API
Reference, "KeyMetadata" in the AWS KMS API Reference, "Key states of AWS KMS keys" in the AWS KMS
Developer Guide.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone
from enum import Enum
from typing import Any
from uuid import uuid4

INACCESSIBLE = "INACCESSIBLE_ENCRYPTION_CREDENTIALS"
KEY_STATES = ("Creating", "Updating", "Unavailable", "PendingReplicaDeletion")
"""The key states that only `set_key_state` leads to."""


class TableState(str, Enum):
    """What DescribeTable shows of a table. An ACTIVE table has the state that moto shows."""

    ACTIVE = "ACTIVE"
    INACCESSIBLE = INACCESSIBLE
    ARCHIVED = "ARCHIVED"
    ENABLING = "ENABLING"
    UPDATING = "UPDATING"
    DISABLING = "DISABLING"
    DELETING = "DELETING"
    """The table has no SSEDescription, whichever key encrypts it."""


def install() -> None:
    """Install the corrections, after those of `corrections` and before those of `replicas`."""
    # Users of `TableState` don't need moto, which is slow to import.
    from moto.dynamodb.models import DynamoDBBackend  # noqa: PLC0415
    from moto.dynamodb.models.table import Table  # noqa: PLC0415
    from moto.kms.models import Key  # noqa: PLC0415

    from tools.sandbox.account.corrections import replace  # noqa: PLC0415

    describe_table = Table.describe
    describe_key = Key.to_dict

    def table(self: Table, base_key: str = "TableDescription") -> dict[str, Any]:
        described = describe_table(self, base_key)
        shown = vars(self).get("sandbox_state")
        if shown is not None:
            sse = described[base_key].get("SSEDescription", {})
            described[base_key] |= shown["table"]
            if shown["table"]["TableStatus"] == TableState.DELETING:
                described[base_key].pop("SSEDescription", None)
            elif sse:
                described[base_key]["SSEDescription"] = {**sse, **shown["sse"]}
        return described

    def key(self: Key) -> dict[str, Any]:
        described = describe_key(self)
        described["KeyMetadata"] |= vars(self).get("sandbox_state", {})
        return described

    replace(Table, "describe", table)
    replace(Key, "to_dict", key)
    replace(DynamoDBBackend, "list_tables", _list_tables)


def set_table_state(table: str, state: str, region: str, account: str) -> None:
    """Set what DescribeTable shows of a table.

    Args:
        table: the table's name.
        state: the value of a `TableState`.
        region: the table's Region.
        account: the table's account.

    Raises:
        ValueError: there is no such table, or an AWS owned key encrypts it, so that it can't have
            the state.
    """
    from moto.dynamodb.models import dynamodb_backends  # noqa: PLC0415

    found = dynamodb_backends[account][region].tables.get(table)
    if found is None:
        raise ValueError(f"there is no table {table} in {region} of {account}")
    if state == TableState.ACTIVE:
        vars(found).pop("sandbox_state", None)
        return
    if not found.sse_specification:
        raise ValueError(
            f"table {table} is encrypted with an AWS owned key, so it can't be {state}"
        )
    vars(found)["sandbox_state"] = _shown(TableState(state), found.table_arn)


def set_key_state(key_id: str, state: str, region: str, account: str) -> None:
    """Set the state of a key to one of `KEY_STATES`, or to "Enabled" to end such a state.

    Args:
        key_id: the key's ID or ARN.
        state: the key state. With "Unavailable", the key is in a custom key store.
        region: the key's Region.
        account: the key's account.

    Raises:
        ValueError: there is no such key, or calls of AWS KMS lead to the state.
    """
    if state not in (*KEY_STATES, "Enabled"):
        raise ValueError(f"the key state is none of {', '.join(KEY_STATES)}: {state}")
    key = _key(key_id, region, account)
    key.key_state, key.enabled = state, state == "Enabled"
    vars(key).pop("sandbox_state", None)
    if state == "Unavailable":
        key.origin = "AWS_CLOUDHSM"
        vars(key)["sandbox_state"] = {
            "CustomKeyStoreId": "cks-1234567890abcdef0",
            "CloudHsmClusterId": "cluster-1a23b4cdefg",
        }
    if state == "PendingReplicaDeletion":
        vars(key)["sandbox_state"] = {"PendingDeletionWindowInDays": 30}


def delete_key(key_id: str, region: str, account: str) -> None:
    """Delete a key, as AWS KMS does when its waiting period has ended.

    Raises:
        ValueError: there is no such key.
    """
    from moto.kms.models import kms_backends  # noqa: PLC0415

    kms_backends[account][region].delete_key(_key(key_id, region, account).id)


def create_tables(
    prefix: str, count: int, region: str, account: str, sse: dict[str, Any] | None
) -> list[str]:
    """Create tables named with a prefix and five digits, and return their names.

    Args:
        prefix: the prefix of the names.
        count: the number of tables.
        region: the Region.
        account: the account.
        sse: their SSESpecification; None for the AWS owned key.

    Raises:
        ValueError: DynamoDB rejects the specification, or a table exists.
    """
    from moto.core.exceptions import JsonRESTError, ServiceException  # noqa: PLC0415
    from moto.dynamodb.models import dynamodb_backends  # noqa: PLC0415

    backend = dynamodb_backends[account][region]
    names = [f"{prefix}{index:05}" for index in range(count)]
    try:
        for name in names:
            backend.create_table(
                name=name,
                schema=[{"AttributeName": "id", "KeyType": "HASH"}],
                attr=[{"AttributeName": "id", "AttributeType": "S"}],
                throughput=None,
                global_indexes=[],
                indexes=[],
                streams=None,
                billing_mode="PAY_PER_REQUEST",
                sse_specification=dict(sse) if sse else None,
                tags=[],
                deletion_protection_enabled=False,
                warm_throughput=None,
            )
    except (JsonRESTError, ServiceException) as error:
        raise ValueError(str(error.message)) from error
    return names


def _shown(state: TableState, arn: str) -> dict[str, dict[str, Any]]:
    """Return what DescribeTable shows in a state, of the table and of its encryption."""
    now = datetime.now(timezone.utc).replace(microsecond=0)
    if state is TableState.INACCESSIBLE:
        since = {"InaccessibleEncryptionDateTime": now - timedelta(hours=1)}
        return {"table": {"TableStatus": INACCESSIBLE}, "sse": since}
    if state is TableState.ARCHIVED:
        archival = {
            "ArchivalDateTime": now - timedelta(days=1),
            "ArchivalReason": INACCESSIBLE,
            "ArchivalBackupArn": f"{arn}/backup/{int(time.time() * 1000):017}-{uuid4().hex[:8]}",
        }
        since = {"InaccessibleEncryptionDateTime": now - timedelta(days=8)}
        return {"table": {"TableStatus": "ARCHIVED", "ArchivalSummary": archival}, "sse": since}
    if state is TableState.DELETING:
        return {"table": {"TableStatus": state.value}, "sse": {}}
    return {"table": {"TableStatus": "UPDATING"}, "sse": {"Status": state.value}}


def _key(key_id: str, region: str, account: str) -> Any:
    from moto.kms.models import kms_backends  # noqa: PLC0415

    backend = kms_backends[account][region]
    key = backend.keys.get(backend.get_key_id(key_id))
    if key is None:
        raise ValueError(f"there is no key {key_id} in {region} of {account}")
    return key


def _list_tables(
    self: Any, limit: int, exclusive_start_table_name: str | None
) -> tuple[list[str], str | None]:
    """List the tables after a name, which needs no table, as it can be deleted between pages."""
    names = sorted(name for name in list(self.tables) if name > (exclusive_start_table_name or ""))
    page = names[:limit]
    return page, page[-1] if len(names) > limit else None
