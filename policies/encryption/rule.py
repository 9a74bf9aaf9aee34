"""The rule: is a DynamoDB table encrypted at rest with an AWS KMS key?

It is Trend Conformity's DynamoDB-004, "Enable Encryption at Rest with Amazon KMS Keys". A table
without the setting is encrypted too, but with an AWS owned key: one that DynamoDB owns, that is in
no account of the customer's, and that the customer can't see, audit, restrict or revoke.

| declared                                        | answer       |
|-------------------------------------------------|--------------|
| no setting, or not enabled, key or not          | violation    |
| enabled, no key or any spelling of aws/dynamodb | compliant    |
| enabled, a customer managed key                 | compliant    |
| enabled, something that is no KMS key           | violation    |
| enabled, a key that is not known yet or hidden  | compliant    |
| whether it is enabled: not known yet or hidden  | undetermined |

Sources: AWS DynamoDB Developer Guide, "DynamoDB encryption at rest" and "Encryption at rest: How
it works" (the three key types); API Reference, "SSESpecification".
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from .key import NotAKmsKey, read_key
from .table import Encryption, Table
from .values import Hidden, Malformed, Unknown


class Why(Enum):
    """Why a table breaks the rule."""

    NOT_DECLARED = "the encryption setting is missing"
    NOT_ENABLED = "the setting is there, but does not say whether it is enabled"
    DISABLED = "the setting is disabled"
    DISABLED_WITH_KEY = "the setting is disabled, so that its key is ignored"
    NOT_A_KMS_KEY = "the key is no KMS key"
    MALFORMED_BLOCK = "the setting has the wrong type"
    MALFORMED_ENABLED = "the switch has the wrong type"
    MALFORMED_KEY = "the key has the wrong type"


@dataclass(frozen=True)
class Compliant:
    """The table is, or will be, encrypted with a KMS key."""


@dataclass(frozen=True)
class Violation:
    """The table is not encrypted with a KMS key.

    why: what breaks the rule.
    found: what stands in the place that `why` speaks of, in words of ours, where that helps.
    """

    why: Why
    found: str = ""


@dataclass(frozen=True)
class Undetermined:
    """Nothing definite is wrong, and what decides can't be read, or not yet.

    value: the value that decides.
    """

    value: Unknown | Hidden


Verdict = Compliant | Violation | Undetermined


def judge(table: Table) -> Verdict:
    """Answer whether `table` is encrypted at rest with a KMS key.

    Everything definite is looked at before anything unknown or hidden, so that neither ever covers
    a violation. Nothing raises.
    """
    encryption = table.encryption
    return (
        _violation_of_block(encryption.block)
        or _violation_of_switch(encryption)
        or _violation_of_key(encryption.key)
        or _undetermined(encryption)
        or Compliant()
    )


def _violation_of_block(block: bool | Unknown | Hidden | Malformed | None) -> Violation | None:
    if block is None:
        return Violation(Why.NOT_DECLARED)
    if isinstance(block, Malformed):
        return Violation(Why.MALFORMED_BLOCK, block.found)
    return None


def _violation_of_switch(encryption: Encryption) -> Violation | None:
    if isinstance(encryption.block, (Unknown, Hidden)):
        return None
    if encryption.enabled is None:
        return Violation(Why.NOT_ENABLED)
    if isinstance(encryption.enabled, Malformed):
        return Violation(Why.MALFORMED_ENABLED, encryption.enabled.found)
    if encryption.enabled is False:
        return Violation(Why.DISABLED_WITH_KEY if encryption.key else Why.DISABLED)
    return None


def _violation_of_key(key: str | Unknown | Hidden | Malformed | None) -> Violation | None:
    # Asked while the switch may still be undetermined: neither of its outcomes can make up for
    # something that is no KMS key.
    if isinstance(key, Malformed):
        return Violation(Why.MALFORMED_KEY, key.found)
    if isinstance(key, str) and key:
        named = read_key(key)
        if isinstance(named, NotAKmsKey):
            return Violation(Why.NOT_A_KMS_KEY, named.found)
    return None


def _undetermined(encryption: Encryption) -> Undetermined | None:
    for value in (encryption.block, encryption.enabled):
        if isinstance(value, (Unknown, Hidden)):
            return Undetermined(value)
    return None
