"""Commands of the AWS CLI that a user can paste.

A policy's message has `NAME` in place of the table's name in AWS, which the program may have marked
as secret: no policy sees that. An audit shows the name or the ARN, which it has from AWS.

Source: AWS CLI Command Reference, "describe-table", "update-table", "restore-table-from-backup",
"enable-key", "cancel-key-deletion" and "connect-custom-key-store".
"""

from __future__ import annotations

from collections.abc import Mapping
from shlex import quote

from .regions import shown_region

NAME = "NAME"
"""What a command has in place of the table's name."""


def describe_table(region: str | None, field: str = "", name: str = NAME) -> str:
    """Return the command that shows how a table is encrypted.

    Args:
        region: the table's Region; None if not known.
        field: the field of SSEDescription to show; all of them by default.
        name: the table's name or ARN.
    """
    query = f"Table.SSEDescription.{field}" if field else "Table.SSEDescription"
    return f"aws dynamodb describe-table --table-name {quote(name)}{_in(region)} --query {query}"


def update_table(region: str | None, name: str = NAME, key: str = "") -> str:
    """Return the command that encrypts a table with a KMS key.

    Args:
        region: the table's Region; None if not known.
        name: the table's name or ARN.
        key: the ARN of a customer managed key; the AWS managed key by default.
    """
    with_key = f",KMSMasterKeyId={key}" if key else ""
    return (
        f"aws dynamodb update-table --table-name {quote(name)}{_in(region)} --sse-specification "
        f"{quote(f'Enabled=true,SSEType=KMS{with_key}')}"
    )


def update_replicas(region: str, name: str, keys: Mapping[str, str]) -> str:
    """Return the command that changes the keys of a global table.

    Args:
        region: the Region of the table.
        name: the table's name or ARN.
        keys: each Region of the table → the ARN of a customer managed key of that Region.
    """
    updates = " ".join(
        quote(f"Update={{RegionName={replica},KMSMasterKeyId={key}}}")
        for replica, key in keys.items()
    )
    return (
        f"aws dynamodb update-table --table-name {quote(name)}{_in(region)} "
        f"--replica-updates {updates}"
    )


def restore_table(region: str, name: str, backup: str) -> str:
    """Return the command that restores a backup.

    Args:
        region: the Region of the backup.
        name: the name of the new table.
        backup: the backup's ARN.
    """
    return (
        f"aws dynamodb restore-table-from-backup --target-table-name {quote(name)}{_in(region)} "
        f"--backup-arn {quote(backup)}"
    )


def change_key(action: str, arn: str, region: str | None) -> str:
    """Return the command that changes the state of a key.

    Args:
        action: "enable-key" or "cancel-key-deletion".
        arn: the key's ARN.
        region: the key's Region.
    """
    return f"aws kms {action} --key-id {quote(arn)}{_in(region)}"


def connect_key_store(store: str, region: str | None) -> str:
    """Return the command that connects a custom key store, which makes its keys available.

    Args:
        store: the ID of the key store.
        region: its Region.
    """
    return f"aws kms connect-custom-key-store --custom-key-store-id {quote(store)}{_in(region)}"


def describe_key(region: str | None) -> str:
    """Return the command that shows who manages a key."""
    return f"aws kms describe-key --key-id ARN{_in(region)} --query KeyMetadata.KeyManager"


def _in(region: str | None) -> str:
    shown = shown_region(region)
    return f" --region {shown}" if shown else ""
