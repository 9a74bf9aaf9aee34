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

A list of allowed keys is asked last: a key that it does not have is a violation, and one about
which only AWS can tell is undetermined. An exempt table is not judged.

Sources: AWS DynamoDB Developer Guide, "DynamoDB encryption at rest", "Encryption at rest: How it
works" (the three key types) and "DynamoDB encryption at rest usage notes"; API Reference,
"SSESpecification".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from .allowed_keys import Match
from .key import KeyManager, KmsKey, NotAKmsKey, UnfitKey
from .settings import Settings
from .table import (
    Alternatives,
    Declared,
    Encryption,
    KeyReference,
    Opaque,
    Table,
    Unreadable,
    named_key,
)
from .values import Hidden, Malformed, Unknown
from .verdicts import Compliant, Exempt, Undetermined, Verdict, Violation, Why

_REGION = re.compile(r"[a-z]{2,4}(-[a-z]+)+-\d{1,2}")


def judge(declared: Declared, settings: Settings, urn: str = "") -> tuple[Verdict, ...]:
    """Answer whether what is `declared` is encrypted at rest with a KMS key, under `settings`.

    urn: that of the resource which declares it, for exemptions.

    Returns every violation of the table and of its replicas; or else one answer. Everything
    definite is looked at before anything unknown or hidden, so that neither ever covers a
    violation. Nothing raises.
    """
    if settings.faults:
        return (Violation(Why.WRONG_SETTINGS, None),)
    exemption = settings.exemption_of(declared.name, urn) if settings.exemptions else None
    if exemption is None:
        return _judge(declared, settings)
    if not exemption.ended:
        return (Exempt(exemption),)
    return tuple(
        replace(it, ended=exemption) if isinstance(it, Violation) else it
        for it in _judge(declared, settings)
    )


def _judge(declared: Declared, settings: Settings) -> tuple[Verdict, ...]:
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
    cases = [_judge(table, settings) for table in declared.tables]
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
        )
        if found is not None:
            # A table that is not encrypted leaves nothing to say of its keys.
            yield Violation(found[0], table, found[1], region=table.region)
            return
    for place in _keys_of(table):
        found = _fault_of_key(place.key, place.region, settings)
        if found is not None:
            yield _violation_of_key(table, place, found, settings)
            if not place.of_replica and found[0] not in _OF_SETTINGS:
                return
    if isinstance(table.replicas, Malformed):
        yield Violation(Why.MALFORMED_REPLICAS, table, table.replicas.found)


@dataclass(frozen=True)
class _Place:
    """Where a table, or a replica of it, names its key."""

    key: KeyReference
    region: str | None
    of_replica: bool


_OF_SETTINGS = (Why.AWS_MANAGED_KEY, Why.KEY_NOT_ALLOWED)
"""What may be said of a table's key and of each of its replicas' keys side by side."""


def _keys_of(table: Table) -> Iterator[_Place]:
    encryption = table.encryption
    # The key of a sum of replicas is in each of them.
    in_replicas = table.keys_in_replicas and table.replicas
    undecided = encryption is None or isinstance(encryption.block, (Unknown, Hidden))
    if encryption is not None and not undecided and not in_replicas:
        yield _Place(encryption.key, table.region, of_replica=False)
    if isinstance(table.replicas, tuple):
        for replica in table.replicas:
            yield _Place(replica.key, replica.region, of_replica=True)


def _violation_of_key(table: Table, place: _Place, fault: _Fault, settings: Settings) -> Violation:
    nearest: tuple[str, ...] = ()
    if fault[0] is Why.KEY_NOT_ALLOWED and settings.allowed_keys is not None:
        key = _in_region(named_key(place.key), place.region)
        nearest = settings.allowed_keys.nearest(key) if key is not None else ()
    return Violation(
        fault[0],
        table,
        fault[1],
        place.of_replica,
        place.region,
        place.key.name if isinstance(place.key, UnfitKey) else "",
        nearest,
    )


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


def _fault_of_key(reference: KeyReference, region: str | None, settings: Settings) -> _Fault | None:
    # Asked while the switch may still be undetermined: neither of its outcomes can make up for
    # something that is no KMS key.
    if isinstance(reference, Malformed):
        return Why.MALFORMED_KEY, reference.found
    if isinstance(reference, UnfitKey):
        return Why.UNFIT_KEY, reference.fault
    named = named_key(reference)
    if isinstance(named, NotAKmsKey):
        return Why.NOT_A_KMS_KEY, named.found
    key = _in_region(named, region)
    if key is None:
        return None
    if _differ(key.region, region):
        return Why.KEY_IN_ANOTHER_REGION, key.region or ""
    if settings.require_customer_managed_key and key.manager is not KeyManager.CUSTOMER:
        return Why.AWS_MANAGED_KEY, ""
    if settings.allowed_keys is not None and settings.allowed_keys.match(key) is Match.NO:
        found = "the AWS managed key" if key.manager is KeyManager.AWS else "a key"
        return Why.KEY_NOT_ALLOWED, found
    return None


def _in_region(named: KmsKey | NotAKmsKey | None, region: str | None) -> KmsKey | None:
    """The key that is `named` for a table in `region`, which it is in unless it says otherwise."""
    if not isinstance(named, KmsKey):
        return None
    return replace(named, region=region) if named.region is None else named


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
    if settings.require_customer_managed_key or settings.allowed_keys is not None:
        if isinstance(table.replicas, (Unknown, Hidden)):
            values.append(table.replicas)
        values += [_undecided_key(it, settings) for it in _keys_of(table)]
    return next((it for it in values if isinstance(it, (Unknown, Hidden))), None)


def _undecided_key(place: _Place, settings: Settings) -> Unknown | Hidden | None:
    if isinstance(place.key, (Unknown, Hidden)):
        return place.key
    key = _in_region(named_key(place.key), place.region)
    allowed = settings.allowed_keys
    if key is None or allowed is None or allowed.match(key) is not Match.MAYBE:
        return None
    return Hidden((), _MAYBE_ALLOWED)


_MAYBE_ALLOWED = (
    "only AWS can tell whether its key is one of allowedKmsKeys, which name it in another way (the "
    "alias for the key, the key for the alias, or an account for a key that is named without one)"
)
