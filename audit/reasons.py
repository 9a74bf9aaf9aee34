"""The reasons of findings, in the words of the pack's messages.

Sources: AWS DynamoDB Developer Guide, "DynamoDB encryption at rest" (AWS owned keys) and "DynamoDB
encryption at rest usage notes" (a table whose key can't be used becomes inaccessible; DynamoDB
archives it seven days later); AWS KMS Developer Guide, "Deleting AWS KMS keys".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from audit.results import Finding, Key, KeyType, UsedExemption, Verdict
from policies.encryption.values import Hidden, one_line
from policies.encryption.verdicts import Undetermined, Violation, ViolationKind
from policies.exemptions import Exemption
from policies.reporting.faults import AWS_OWNED_KEY, NO_PROOF
from policies.reporting.messages import the_exemption
from policies.settings.schema import ALLOWED_KMS_KEYS, REQUIRE_CUSTOMER_MANAGED_KEY

INACCESSIBLE = "not usable by DynamoDB"
"""The fault of a key that AWS shows as usable, although the table is inaccessible."""

DELETED = "deleted"
"""The fault of a key that does not exist any more."""

DESCRIBE_KEY_FAILED = "kms:DescribeKey failed with"
_ARCHIVED_LATER = "DynamoDB archives a table that stays inaccessible for seven days."
_LONGEST = 600


def what_encrypts(key: Key) -> str:
    """Return a sentence about the key that encrypts a table."""
    named = name_of(key)
    if not named:
        return "AWS does not show which key encrypts the table."
    return f"{named[0].upper()}{named[1:]} encrypts the table."


def name_of(key: Key) -> str:
    """Return a key in words, such as "an AWS owned key"; empty if it is not known."""
    if key.type is KeyType.AWS_OWNED:
        return "an AWS owned key"
    if key.type is KeyType.AWS_MANAGED:
        return f"the {key.type.value} aws/dynamodb"
    kind = key.type.value if key.type else "KMS key"
    return f"the {kind} {_shown(key.arn)}" if key.arn else ""


def of_violations(violations: Sequence[Violation], table: Mapping[str, Any], key: Key) -> str:
    """Return why a table breaks the rule.

    Args:
        violations: its violations and those of its replicas.
        table: the table as AWS describes it.
        key: the key that encrypts it.
    """
    return " ".join(_of_violation(violation, table, key) for violation in violations)


def of_undetermined(verdict: Undetermined, key: Key) -> str:
    """Return why it can't be determined whether a table breaks the rule."""
    cause = verdict.cause
    why = one_line(cause.reason, _LONGEST) if isinstance(cause, Hidden) else "it is not known"
    if not verdict.about_key:
        return f"The encryption of the table can't be determined, because {why}."
    if verdict.replica is not None:
        return f"The key of the replica in {_shown(verdict.replica)} can't be checked: {why}."
    named = f"the key {_shown(key.arn)}" if key.arn else "a KMS key"
    return f"The table uses {named}, which can't be checked: {why}."


def is_of_unshown_key(finding: Finding) -> bool:
    """Return whether a table is undetermined because AWS did not show its key."""
    return finding.verdict is Verdict.UNDETERMINED and DESCRIBE_KEY_FAILED in finding.reason


def of_unshown_keys(tables: int) -> str:
    """Return the warning about tables whose keys AWS did not show."""
    number = "1 table is" if tables == 1 else f"{tables:,} tables are"
    return f"{number} undetermined because AWS did not show the key. Allow kms:DescribeKey."


def of_exemption(exemption: Exemption, reason: str) -> str:
    """Return why a table is exempt.

    Args:
        exemption: the exemption.
        reason: the reason of the verdict that the table would have without it.
    """
    until = f" until {exemption.expires.isoformat()} (UTC)" if exemption.expires else ""
    why = one_line(exemption.reason, _LONGEST).rstrip(".")
    return f"Exempt{until}: {why}. {reason}"


def used(exemption: Exemption) -> UsedExemption:
    """Return an exemption that covers a table as findings show it."""
    expires = exemption.expires.isoformat() if exemption.expires else None
    return UsedExemption(pattern_of(exemption), exemption.reason, expires)


def pattern_of(exemption: Exemption) -> str:
    """Return the pattern of an exemption: of a table's name or ARN, of a URN, or both."""
    patterns = (exemption.table, exemption.urn.text if exemption.urn else None)
    return " and ".join(pattern for pattern in patterns if pattern is not None)


def of_ending(exemption: Exemption, tables: int) -> str:
    """Return the warning about an exemption that ends soon."""
    ends = exemption.expires.isoformat() if exemption.expires else ""
    number = "1 table" if tables == 1 else f"{tables:,} tables"
    return f"{the_exemption(exemption)} ends on {ends} (UTC), and covers {number}."


def of_expired(exemption: Exemption) -> str:
    """Return the sentence about an exemption that covered a table, as an end of the reason."""
    ended = exemption.expires.isoformat() if exemption.expires else ""
    return f" The table's exemption expired at the end of {ended} (UTC)."


def _of_violation(violation: Violation, table: Mapping[str, Any], key: Key) -> str:
    kind = violation.kind
    owner = "table"
    if violation.in_replica:
        owner = f"replica in {one_line(violation.region or 'another Region', _LONGEST)}"
    if kind in (ViolationKind.NO_SETTING, ViolationKind.NOT_ENABLED):
        return f"DynamoDB encrypts the {owner} with {AWS_OWNED_KEY}."
    if kind in (ViolationKind.DISABLED, ViolationKind.DISABLED_WITH_KEY):
        status = one_line(str(table["SSEDescription"].get("Status")), _LONGEST)
        is_off = "is" if status == "DISABLED" else "is being"
        return (
            f"Encryption with a KMS key {is_off} disabled (SSEDescription.Status is {status}). "
            f"Without it, DynamoDB encrypts the {owner} with {AWS_OWNED_KEY}."
        )
    if kind in (ViolationKind.OTHER_SSE_TYPE, ViolationKind.SSE_TYPE_OF_WRONG_TYPE):
        return f"The SSEType of the {owner} is {violation.detail} instead of KMS, {NO_PROOF}."
    if violation.key is not None:
        return _of_unusable_key(violation.key.fault, owner, table)
    if kind is ViolationKind.AWS_MANAGED_KEY:
        return (
            f"The AWS managed key aws/dynamodb encrypts the {owner}, so the {owner} does not "
            f"comply with the setting {REQUIRE_CUSTOMER_MANAGED_KEY}."
        )
    if kind is ViolationKind.KEY_NOT_ALLOWED:
        named = violation.detail or f"the key {_shown(_arn_of(violation) or key.arn or '')}"
        return f"The {owner} uses {named}, which {ALLOWED_KMS_KEYS} does not accept."
    return f"The {owner} breaks the rule: {kind.meaning}."


def _of_unusable_key(fault: str, owner: str, table: Mapping[str, Any]) -> str:
    start = f"The key of the {owner} is {fault}"
    description = table.get("SSEDescription") or {}
    since = description.get("InaccessibleEncryptionDateTime")
    status = table.get("TableStatus")
    if owner == "table" and status in ("ARCHIVING", "ARCHIVED"):
        verb = "is archiving" if status == "ARCHIVING" else "has archived"
        state = "" if fault == INACCESSIBLE else f" The key is {fault}."
        return (
            f"DynamoDB {verb} the table, because it could not use its key for seven days. The "
            f"items are only in the backup that DynamoDB makes.{state}"
        )
    if since or status == "INACCESSIBLE_ENCRYPTION_CREDENTIALS" or fault == INACCESSIBLE:
        time = time_of(since)
        is_inaccessible = "is inaccessible"
        if time:
            is_inaccessible = f"has been inaccessible since {time:%Y-%m-%d %H:%M} (UTC)"
        return f"{start}, and the {owner} {is_inaccessible}. {_ARCHIVED_LATER}"
    if fault == DELETED:
        return f"{start}. Without its key, the data of the {owner} is lost."
    if fault.startswith("scheduled for deletion"):
        return (
            f"{start}, so the {owner} becomes inaccessible. After the key is deleted, the "
            f"{owner} can't be decrypted."
        )
    return f"{start}, so the {owner} becomes inaccessible. {_ARCHIVED_LATER}"


def _arn_of(violation: Violation) -> str | None:
    key = violation.not_allowed
    if key is None or not (key.partition and key.region and key.account and key.resource):
        return None
    return f"arn:{key.partition}:kms:{key.region}:{key.account}:{key.resource}"


def _shown(arn: str) -> str:
    return one_line(arn, _LONGEST)


def of_bug(error: Exception, longest: int = _LONGEST) -> str:
    """Return the sentence about an error that the audit does not expect.

    Args:
        error: the error.
        longest: the most characters of its message to show.
    """
    shown = one_line(str(error), longest)
    return f"The audit failed with {type(error).__name__}: {shown}. This is a bug: report it."


def time_of(value: object) -> datetime | None:
    """Return a time of an answer: boto3's, or the text of AWS Config."""
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc)
    if isinstance(value, str):
        try:
            return datetime.fromisoformat(value.replace("Z", "+00:00")).astimezone(timezone.utc)
        except ValueError:
            return None
    return None
