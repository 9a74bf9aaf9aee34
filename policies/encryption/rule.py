"""The rule: a DynamoDB table must be encrypted at rest with an AWS KMS key.

This is Trend Conformity's DynamoDB-004, "Enable Encryption at Rest with Amazon KMS Keys". Without
the setting, DynamoDB encrypts a table with an AWS owned key, which belongs to no customer account.

| declared                                        | default      | customer managed keys only |
|-------------------------------------------------|--------------|----------------------------|
| no setting, or not enabled, with or without key | violation    | violation                  |
| enabled, no key or any form of aws/dynamodb     | compliant    | violation                  |
| enabled, a customer managed key                 | compliant    | compliant                  |
| enabled, not a KMS key, an unusable key, or a   | violation    | violation                  |
| key of another service, Region or partition     |              |                            |
| enabled, a pending or unchecked key             | undetermined | undetermined               |
| enabled, a key that the update creates          | compliant    | compliant                  |
| enabled, a key that is unknown or hidden        | compliant    | undetermined               |
| enabled is unknown or hidden                    | undetermined | undetermined               |
| a replica without its own key                   | as the table | violation                  |

The list of allowed keys is checked last: a key that is not in it is a violation, and a key that
only AWS can match with it is undetermined.

Sources: AWS DynamoDB Developer Guide, "DynamoDB encryption at rest", "Encryption at rest: How it
works" (the three types of keys) and "DynamoDB encryption at rest usage notes"; AWS DynamoDB API
Reference, "SSESpecification".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from .allowed_keys import Match
from .arns import is_in_partition
from .keys import (
    KeyManager,
    KeyOfAnotherService,
    KmsKey,
    NewKey,
    NotAKmsKey,
    PendingKey,
    UncheckedKey,
    UnusableKey,
)
from .settings import RuleSettings
from .tables import (
    ConditionalTable,
    Declaration,
    Encryption,
    InvalidDeclaration,
    KeyReference,
    Table,
    UnreadTables,
    referenced_key,
)
from .values import Hidden, Unknown, Unreadable, WrongType, quoted
from .verdicts import Compliant, Trait, Undetermined, Verdict, Violation, ViolationKind

_REGION = re.compile(r"[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}")


def judge(declaration: Declaration, settings: RuleSettings) -> tuple[Verdict, ...]:
    """Judge whether the declared tables are encrypted at rest with a KMS key.

    Args:
        declaration: what a route has read.
        settings: what the rule accepts.

    Returns:
        Each violation of the table and of its replicas, or else one other verdict. What is certain
        counts before what is unreadable, so that an unreadable value never hides a violation.
    """
    if isinstance(declaration, UnreadTables):
        return (Undetermined(declaration.cause),)
    if isinstance(declaration, InvalidDeclaration):
        return (Violation(ViolationKind.INVALID_DECLARATION, detail=declaration.fault),)
    if isinstance(declaration, ConditionalTable):
        return _judge_cases(declaration, settings)
    violations = tuple(_violations(declaration, settings))
    if violations:
        return violations
    return (_undetermined(declaration, settings) or Compliant(),)


def is_region(text: str) -> bool:
    """Return whether a text has the form of a Region's name, such as "eu-west-1"."""
    return _REGION.fullmatch(text) is not None


def _judge_cases(declaration: ConditionalTable, settings: RuleSettings) -> tuple[Verdict, ...]:
    cases = [judge(table, settings) for table in declaration.cases]
    if all(case == (Compliant(),) for case in cases):
        return (Compliant(),)
    if all(isinstance(case[0], Violation) for case in cases):
        violations = _common_violations(cases)
        if not declaration.may_be_absent:
            return violations
        # The update checks the table if it decides that there is one.
        if not isinstance(declaration.cause, Unknown):
            return tuple(replace(violation, if_it_exists=True) for violation in violations)
    if not any(isinstance(case[0], Violation) for case in cases):
        # Each case can exist, and the condition does not decide.
        return next(case for case in cases if isinstance(case[0], Undetermined))
    return (Undetermined(declaration.cause),)


def _common_violations(cases: Sequence[Sequence[Verdict]]) -> tuple[Violation, ...]:
    """Return the violations of a table that has some in each case.

    Returns:
        The violations of the first case, if all cases have the same; else its first one, with one
        of each other case as alternatives.
    """
    distinct = {
        tuple(
            (verdict.kind, verdict.detail, verdict.key, verdict.in_replica, verdict.region)
            for verdict in violations
        ): violations
        for violations in (
            tuple(verdict for verdict in case if isinstance(verdict, Violation)) for case in cases
        )
    }
    first, *others = distinct.values()
    if not others:
        return first
    return (replace(first[0], alternatives=tuple(violations[0] for violations in others)),)


def _violations(table: Table, settings: RuleSettings) -> Iterator[Violation]:
    if table.encryption is not None:
        fault = _setting_fault(table.encryption)
        if fault is not None:
            # The keys of a table that is not encrypted don't matter.
            yield Violation(fault.kind, table, fault.detail, region=table.region)
            return
    for use in _key_uses(table):
        fault = _key_fault(use, settings)
        if fault is not None:
            yield _key_violation(table, use, fault)
            if not use.in_replica and Trait.FROM_SETTINGS not in fault.kind.traits:
                return
    if isinstance(table.replicas, WrongType):
        yield Violation(ViolationKind.REPLICAS_OF_WRONG_TYPE, table, table.replicas.found)


@dataclass(frozen=True)
class _Fault:
    kind: ViolationKind
    detail: str = ""


@dataclass(frozen=True)
class _KeyUse:
    """A place where a table, or a replica of it, names its key."""

    reference: KeyReference
    region: str | None
    account: str | None
    in_replica: bool
    in_stack_region: bool = False


def _key_uses(table: Table) -> Iterator[_KeyUse]:
    encryption = table.encryption
    in_replicas = table.spelling.keys_in_replicas and table.replicas
    if encryption is not None and not isinstance(encryption.block, Unreadable) and not in_replicas:
        yield _KeyUse(encryption.key, table.region, table.account, False)
    if isinstance(table.replicas, tuple):
        for replica in table.replicas:
            yield _KeyUse(replica.key, replica.region, table.account, True, replica.in_stack_region)


def _key_violation(table: Table, use: _KeyUse, fault: _Fault) -> Violation:
    return Violation(
        fault.kind,
        table,
        fault.detail,
        use.in_replica,
        use.region,
        use.reference if isinstance(use.reference, UnusableKey) else None,
        _key_of(use) if fault.kind is ViolationKind.KEY_NOT_ALLOWED else None,
        in_stack_region=use.in_stack_region,
    )


def _setting_fault(encryption: Encryption) -> _Fault | None:
    block, enabled, sse_type = encryption.block, encryption.enabled, encryption.sse_type
    if block is None:
        return _Fault(ViolationKind.NO_SETTING)
    if isinstance(block, WrongType):
        return _Fault(ViolationKind.BLOCK_OF_WRONG_TYPE, block.found)
    if not isinstance(block, Unreadable):
        if enabled is None:
            return _Fault(ViolationKind.NOT_ENABLED)
        if isinstance(enabled, WrongType):
            return _Fault(ViolationKind.ENABLED_OF_WRONG_TYPE, enabled.found)
        if enabled is False and encryption.key:
            return _Fault(ViolationKind.DISABLED_WITH_KEY)
        if enabled is False:
            return _Fault(ViolationKind.DISABLED)
    if isinstance(sse_type, WrongType):
        return _Fault(ViolationKind.SSE_TYPE_OF_WRONG_TYPE, sse_type.found)
    if isinstance(sse_type, str) and sse_type not in ("", "KMS"):
        detail = "AES256" if sse_type == "AES256" else "another value"
        return _Fault(ViolationKind.OTHER_SSE_TYPE, detail)
    return None


def _key_fault(use: _KeyUse, settings: RuleSettings) -> _Fault | None:
    # Checked while `enabled` may still be unreadable: with either value, the table has no KMS key.
    if isinstance(use.reference, WrongType):
        return _Fault(ViolationKind.KEY_OF_WRONG_TYPE, use.reference.found)
    if isinstance(use.reference, UnusableKey):
        return _Fault(ViolationKind.UNUSABLE_KEY, use.reference.fault)
    named = referenced_key(use.reference)
    if isinstance(named, KeyOfAnotherService):
        return _Fault(ViolationKind.KEY_OF_ANOTHER_SERVICE, named.found)
    if isinstance(named, NotAKmsKey):
        return _Fault(ViolationKind.NOT_A_KMS_KEY, named.found)
    if named is None:
        return None
    if _differ(named.region, use.region):
        return _Fault(ViolationKind.KEY_IN_ANOTHER_REGION, named.region or "")
    if (
        named.partition is not None
        and use.region is not None
        and is_region(use.region)
        and not is_in_partition(use.region, named.partition)
    ):
        return _Fault(ViolationKind.KEY_IN_ANOTHER_PARTITION, named.partition)
    aws_managed = named.manager is KeyManager.AWS
    if settings.require_customer_managed_key and aws_managed:
        return _Fault(ViolationKind.AWS_MANAGED_KEY)
    if _match(use, settings) is Match.NO:
        return _Fault(
            ViolationKind.KEY_NOT_ALLOWED, "the AWS managed key aws/dynamodb" if aws_managed else ""
        )
    return None


def _match(use: _KeyUse, settings: RuleSettings) -> Match:
    """Return whether the list of allowed keys, if there is one, has the key."""
    if settings.allowed_keys is None:
        return Match.YES
    key = _key_of(use)
    return Match.YES if key is None else settings.allowed_keys.match(key)


def _key_of(use: _KeyUse) -> KmsKey | None:
    """Return the key, in the Region and account of its table unless the reference names others."""
    named = referenced_key(use.reference)
    if not isinstance(named, KmsKey):
        return None
    return replace(named, region=named.region or use.region, account=named.account or use.account)


def _differ(one: str | None, other: str | None) -> bool:
    """Return whether two Regions differ.

    What does not look like a Region is not compared: a placeholder is not a violation, and a
    message shows the Region.
    """
    return (
        one is not None
        and other is not None
        and one != other
        and is_region(one)
        and is_region(other)
    )


def _undetermined(table: Table, settings: RuleSettings) -> Undetermined | None:
    if table.encryption is not None:
        encryption = table.encryption
        for value in (encryption.block, encryption.enabled, encryption.sse_type):
            if isinstance(value, Unreadable):
                return Undetermined(value)
    if settings.checks_keys and isinstance(table.replicas, Unreadable):
        return Undetermined(table.replicas, about_key=True)
    for use in _key_uses(table):
        cause = _unreadable_key(use, settings)
        if cause is not None:
            replica = use.region if use.in_replica else None
            return Undetermined(cause, about_key=True, replica=replica)
    return None


def _unreadable_key(use: _KeyUse, settings: RuleSettings) -> Unreadable | None:
    reference = use.reference
    if isinstance(reference, PendingKey):
        return Hidden(
            f"the key {quoted(reference.name)} was waiting for its key material "
            "when the state was recorded. Import the key material, and run `pulumi refresh`"
        )
    if isinstance(reference, UncheckedKey):
        return Hidden(reference.reason)
    if isinstance(reference, NewKey) and settings.allowed_keys is None:
        return None
    if isinstance(reference, Unreadable):
        return reference if settings.checks_keys else None
    if _match(use, settings) is not Match.MAYBE:
        return None
    key = _key_of(use)
    return _NO_ACCOUNT if key is not None and key.account is None else _ALIAS


_ALIAS = Hidden(
    "of the table's key and the list of allowed keys, one names an alias and the other one a key, "
    "and only AWS knows whether they match. Ask the team that manages the settings to allow both"
)
_NO_ACCOUNT = Hidden(
    "only AWS knows the account of the table's key, which the list of allowed keys names"
)
