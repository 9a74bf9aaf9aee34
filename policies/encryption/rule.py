"""The rule: is a DynamoDB table encrypted at rest with an AWS KMS key?

It is Trend Conformity's DynamoDB-004, "Enable Encryption at Rest with Amazon KMS Keys". A table
without the setting is encrypted too, but with an AWS owned key: one that DynamoDB owns, that is in
no account of the customer's, and that the customer can't see, audit, restrict or revoke.

| declared                                        | default      | customer managed keys only |
|-------------------------------------------------|--------------|----------------------------|
| no setting, or not enabled, key or not          | violation    | violation                  |
| enabled, no key or any spelling of aws/dynamodb | compliant    | violation                  |
| enabled, a customer managed key                 | compliant    | compliant                  |
| enabled, no KMS key, an unfit one, or one of    | violation    | violation                  |
| another Region                                  |              |                            |
| enabled, a key that is not known yet or hidden  | compliant    | undetermined               |
| whether it is enabled: not known yet or hidden  | undetermined | undetermined               |
| a replica without a key of its own              | as the table | violation                  |

Sources: AWS DynamoDB Developer Guide, "DynamoDB encryption at rest", "Encryption at rest: How it
works" (the three key types) and "DynamoDB encryption at rest usage notes"; API Reference,
"SSESpecification".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from ..settings import Settings
from .key import KeyManager, KmsKey, NotAKmsKey, UnfitKey, read_key
from .table import Alternatives, Declared, Encryption, KeyReference, Opaque, Table, Unreadable
from .values import Hidden, Malformed, Unknown


class Why(Enum):
    """Why a table breaks the rule."""

    NOT_DECLARED = "the encryption setting is missing"
    NOT_ENABLED = "the setting is there, but does not say whether it is enabled"
    DISABLED = "the setting is disabled"
    DISABLED_WITH_KEY = "the setting is disabled, so that its key is ignored"
    NOT_SSE_KMS = "the type of encryption is not KMS"
    NOT_A_KMS_KEY = "the key is no KMS key"
    UNFIT_KEY = "the key is a KMS key that can't encrypt a table"
    KEY_IN_ANOTHER_REGION = "the key is in another Region than the table"
    AWS_MANAGED_KEY = "the key is AWS's, and only customer managed keys comply"
    MALFORMED_BLOCK = "the setting has the wrong type"
    MALFORMED_ENABLED = "the switch has the wrong type"
    MALFORMED_SSE_TYPE = "the type of encryption has the wrong type"
    MALFORMED_KEY = "the key has the wrong type"
    MALFORMED_REPLICAS = "the replicas have the wrong type"
    UNREADABLE = "the declaration can't be read"
    WRONG_SETTINGS = "the settings are wrong, so that nothing complies"


@dataclass(frozen=True)
class Compliant:
    """The table is, or will be, encrypted with a KMS key."""


@dataclass(frozen=True)
class Violation:
    """The table is not encrypted with a KMS key.

    why: what breaks the rule.
    found: what stands in the place that `why` speaks of, in words of ours, where that helps.
    table: the case of the table that breaks it; None where the declaration can't be read.
    of_replica: whether it is a replica of the table that breaks it.
    region: that replica's Region, or the table's, where the Region matters and is known.
    key: the name of the unfit key, as its author gave it.
    """

    why: Why
    table: Table | None
    found: str = ""
    of_replica: bool = False
    region: str | None = None
    key: str = ""


@dataclass(frozen=True)
class Undetermined:
    """Nothing definite is wrong, and what decides can't be read, or not yet.

    value: the value that decides.
    """

    value: Unknown | Hidden


Verdict = Compliant | Violation | Undetermined

_REGION = re.compile(r"[a-z]{2,4}(-[a-z]+)+-\d{1,2}")


def judge(declared: Declared, settings: Settings) -> tuple[Verdict, ...]:
    """Answer whether what is `declared` is encrypted at rest with a KMS key, under `settings`.

    Returns every violation of the table and of its replicas; or else one answer. Everything
    definite is looked at before anything unknown or hidden, so that neither ever covers a
    violation. Nothing raises.
    """
    if settings.unknown is not None:
        return (Violation(Why.WRONG_SETTINGS, None),)
    if isinstance(declared, Opaque):
        return (Undetermined(declared.undecided),)
    if isinstance(declared, Unreadable):
        return (Violation(Why.UNREADABLE, None, declared.fault),)
    if isinstance(declared, Alternatives):
        return _judge_alternatives(declared, settings)
    violations = tuple(_violations(declared, settings))
    if violations:
        return violations
    undecided = _undecided(declared, settings)
    return (Compliant(),) if undecided is None else (Undetermined(undecided),)


def _judge_alternatives(declared: Alternatives, settings: Settings) -> tuple[Verdict, ...]:
    cases = [judge(table, settings) for table in declared.tables]
    if all(case == (Compliant(),) for case in cases):
        return (Compliant(),)
    if not declared.may_be_absent and all(isinstance(case[0], Violation) for case in cases):
        return cases[0]
    return (Undetermined(declared.undecided),)


def _violations(table: Table, settings: Settings) -> Iterator[Violation]:
    encryption = table.encryption
    if encryption is not None:
        found = (
            _fault_of_block(encryption)
            or _fault_of_switch(encryption)
            or _fault_of_type(encryption.sse_type)
            or _fault_of_own_key(table, encryption, settings)
        )
        if found is not None:
            name = _name_of(encryption.key)
            yield Violation(found[0], table, found[1], region=table.region, key=name)
            # A table that is not encrypted leaves nothing to say of its replicas.
            if found[0] is not Why.AWS_MANAGED_KEY:
                return
    if isinstance(table.replicas, Malformed):
        yield Violation(Why.MALFORMED_REPLICAS, table, table.replicas.found)
        return
    if isinstance(table.replicas, tuple):
        for replica in table.replicas:
            found = _fault_of_key(replica.key, replica.region, settings)
            if found is not None:
                name = _name_of(replica.key)
                yield Violation(found[0], table, found[1], True, replica.region, name)


_Fault = tuple[Why, str]


def _fault_of_block(encryption: Encryption) -> _Fault | None:
    if encryption.block is None:
        return Why.NOT_DECLARED, ""
    if isinstance(encryption.block, Malformed):
        return Why.MALFORMED_BLOCK, encryption.block.found
    return None


def _fault_of_switch(encryption: Encryption) -> _Fault | None:
    if isinstance(encryption.block, (Unknown, Hidden)):
        return None
    if encryption.enabled is None:
        return Why.NOT_ENABLED, ""
    if isinstance(encryption.enabled, Malformed):
        return Why.MALFORMED_ENABLED, encryption.enabled.found
    if encryption.enabled is False:
        return (Why.DISABLED_WITH_KEY if encryption.key else Why.DISABLED), ""
    return None


def _fault_of_type(sse_type: str | Unknown | Hidden | Malformed | None) -> _Fault | None:
    if isinstance(sse_type, Malformed):
        return Why.MALFORMED_SSE_TYPE, sse_type.found
    if isinstance(sse_type, str) and sse_type != "KMS":
        return Why.NOT_SSE_KMS, "AES256" if sse_type == "AES256" else "something else"
    return None


def _fault_of_own_key(table: Table, encryption: Encryption, settings: Settings) -> _Fault | None:
    if isinstance(encryption.block, (Unknown, Hidden)):
        return None
    if table.keys_in_replicas and table.replicas:
        return None
    return _fault_of_key(encryption.key, table.region, settings)


def _fault_of_key(reference: KeyReference, region: str | None, settings: Settings) -> _Fault | None:
    # Asked while the switch may still be undetermined: neither of its outcomes can make up for
    # something that is no KMS key.
    if isinstance(reference, Malformed):
        return Why.MALFORMED_KEY, reference.found
    if isinstance(reference, UnfitKey):
        return Why.UNFIT_KEY, reference.fault
    if isinstance(reference, (Unknown, Hidden)):
        return None
    key = read_key(reference) if isinstance(reference, str) and reference else reference
    if isinstance(key, NotAKmsKey):
        return Why.NOT_A_KMS_KEY, key.found
    if isinstance(key, KmsKey) and _differ(key.region, region):
        return Why.KEY_IN_ANOTHER_REGION, key.region or ""
    managed_by_customer = isinstance(key, KmsKey) and key.manager is KeyManager.CUSTOMER
    if settings.require_customer_managed_key and not managed_by_customer:
        return Why.AWS_MANAGED_KEY, ""
    return None


def _name_of(reference: KeyReference) -> str:
    return reference.name if isinstance(reference, UnfitKey) else ""


def is_region(text: str) -> bool:
    """Whether `text` has the form of a Region's name, such as "eu-west-1"."""
    return _REGION.fullmatch(text) is not None


def _differ(one: str | None, other: str | None) -> bool:
    """Whether two Regions differ. What does not look like one is not compared: a placeholder is
    no violation, and a message may show what was found.
    """
    return (
        one is not None
        and other is not None
        and one != other
        and is_region(one)
        and is_region(other)
    )


def _undecided(table: Table, settings: Settings) -> Unknown | Hidden | None:
    values: list[object] = []
    if table.encryption is not None:
        values += [table.encryption.block, table.encryption.enabled, table.encryption.sse_type]
    if settings.require_customer_managed_key:
        values += [table.encryption.key] if table.encryption is not None else []
        if isinstance(table.replicas, tuple):
            values += [replica.key for replica in table.replicas]
        else:
            values.append(table.replicas)
    return next((it for it in values if isinstance(it, (Unknown, Hidden))), None)
