"""The change that makes a table comply: the second line of a message.

Source: AWS DynamoDB API Reference, "SSESpecification" (a key needs SSEType KMS).
"""

from __future__ import annotations

from ..encryption.allowed_keys import Match
from ..encryption.keys import AWS_MANAGED_KEY
from ..encryption.settings import RuleSettings
from ..encryption.spelling import Spelling
from ..encryption.tables import Table
from ..encryption.verdicts import Trait, Violation, ViolationKind
from .faults import quoted


def change_for(table: Table, violation: Violation, settings: RuleSettings) -> str:
    """Return the change that makes a table comply under some settings."""
    spelling, kind = table.spelling, violation.kind
    if kind is ViolationKind.REPLICAS_OF_WRONG_TYPE:
        return f"Set {spelling.replicas} to a list with an object for each Region."
    key = spelling.replica_key_path if violation.in_replica else spelling.key_path
    if kind is ViolationKind.KEY_NOT_ALLOWED:
        nearest = " and ".join(map(quoted, _nearest_keys(violation, settings)))
        return (
            f"Set {key} to a key that matches an entry of allowedKmsKeys. The most similar entries "
            f"are {nearest}."
        )
    kind_of_key = _kind_of_key(settings)
    aws_managed = _accepts_aws_managed_key(settings)
    if violation.in_replica:
        change = f"Set {key} to the ARN of {kind_of_key} in the replica's Region."
        other = "no other replica has" if spelling.keys_in_replicas else "the table does not have"
        leave_out = (
            f" If {other} a customer managed key, leave the replica's key out to use the AWS "
            "managed key aws/dynamodb."
        )
        return f"{change}{leave_out if aws_managed else ''}"
    of_sse_type = kind in (ViolationKind.OTHER_SSE_TYPE, ViolationKind.SSE_TYPE_OF_WRONG_TYPE)
    if of_sse_type and aws_managed:
        return f"Set {spelling.sse_type_path} to KMS."
    if kind is ViolationKind.DISABLED_WITH_KEY and aws_managed:
        return f"To use the key in {key}, set {spelling.enabled_path} to true."
    if not aws_managed:
        place = "each replica" if spelling.keys_in_replicas else "the table"
        return (
            f"Set `{spelling.code(with_key=True)}`, where KEY is the ARN of {kind_of_key} in "
            f"{place}'s Region."
        )
    if Trait.WRONG_KEY in kind.traits:
        return (
            f"Set {spelling.key_to_add} to the ARN of {kind_of_key} in the table's Region, or "
            "leave it out to use the AWS managed key aws/dynamodb."
        )
    sse_type = f"{spelling.sse_type} to KMS, and " if _needs_sse_type(spelling) else ""
    for_each = " of each replica" if spelling.keys_in_replicas else ""
    key = f"{spelling.key_to_add}{for_each}"
    also = f"{sse_type}{key} to the ARN of the key" if sse_type else key
    return (
        f"To use the AWS managed key aws/dynamodb, set `{spelling.code()}`. To use a customer "
        f"managed key, also set {also}."
    )


def _accepts_aws_managed_key(settings: RuleSettings) -> bool:
    if settings.require_customer_managed_key:
        return False
    allowed = settings.allowed_keys
    return allowed is None or allowed.match(AWS_MANAGED_KEY) is not Match.NO


def _kind_of_key(settings: RuleSettings) -> str:
    if settings.allowed_keys is not None:
        return "a key that allowedKmsKeys allows"
    if settings.require_customer_managed_key:
        return "a customer managed key"
    return "a symmetric encryption KMS key"


def _needs_sse_type(spelling: Spelling) -> bool:
    return bool(spelling.sse_type) and not spelling.keys_in_replicas


def _nearest_keys(violation: Violation, settings: RuleSettings) -> tuple[str, ...]:
    if violation.not_allowed is None or settings.allowed_keys is None:
        return ()
    return settings.allowed_keys.nearest(violation.not_allowed)
