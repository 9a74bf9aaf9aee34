"""Commands of the AWS CLI that a user can paste. `NAME` is the table's name in AWS.

A message does not show the name: the program may have marked it as secret, and no policy sees that.

Source: AWS CLI Command Reference, "describe-table" and "update-table".
"""

from __future__ import annotations

from .regions import shown_region


def describe_table(region: str | None, field: str = "") -> str:
    """Return the command that shows how a table is encrypted.

    Args:
        region: the table's Region; None if not known.
        field: the field of SSEDescription to show; all of them by default.
    """
    query = f"Table.SSEDescription.{field}" if field else "Table.SSEDescription"
    return f"aws dynamodb describe-table --table-name NAME{_in(region)} --query {query}"


def update_table(region: str | None) -> str:
    """Return the command that encrypts a table with the AWS managed key."""
    return (
        f"aws dynamodb update-table --table-name NAME{_in(region)} --sse-specification "
        "Enabled=true,SSEType=KMS"
    )


def describe_key(region: str | None) -> str:
    """Return the command that shows who manages a key."""
    return f"aws kms describe-key --key-id ARN{_in(region)} --query KeyMetadata.KeyManager"


def _in(region: str | None) -> str:
    shown = shown_region(region)
    return f" --region {shown}" if shown else ""
