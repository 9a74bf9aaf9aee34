"""What a table must become to comply, where that is certain.

Remediation adds what is missing. It keeps the table's own key, and it leaves alone what only the
author can fix, such as a key of another service.

Sources: AWS DynamoDB API Reference, "SSESpecification" (a key needs SSEType KMS); AWS DynamoDB
Developer Guide, "Global tables: How it works" (replicas share the type of key); AWS CloudFormation
Template Reference, "AWS::DynamoDB::GlobalTable" (each replica names its key, which is updated
without interruption).
"""

from __future__ import annotations

from dataclasses import replace
from enum import Enum, auto

from .rule import judge
from .settings import RuleSettings
from .tables import Declaration, Encryption, KeyReference, Table, is_aws_managed
from .values import Unknown, Unreadable
from .verdicts import Compliant, Trait, Undetermined, Verdict, Violation


def remediated(declaration: Declaration, settings: RuleSettings) -> Table | None:
    """Return the table that a declaration should be instead, which the rule accepts.

    Returns:
        The table; None if the declaration complies already, or if it is uncertain what it should
        be.
    """
    if not isinstance(declaration, Table) or declaration.encryption is None:
        return None
    before = declaration.encryption
    violations = [
        verdict for verdict in judge(declaration, settings) if isinstance(verdict, Violation)
    ]
    remediable = all(Trait.REMEDIABLE in violation.kind.traits for violation in violations)
    decisive = (before.block, before.enabled, before.sse_type)
    if not violations or not remediable or any(isinstance(value, Unreadable) for value in decisive):
        return None
    after = _completed(declaration, before, settings)
    if after is None or _mixes_keys(declaration, after, settings):
        return None
    return after if all(map(_is_settled, judge(after, settings))) else None


def _is_settled(verdict: Verdict) -> bool:
    # A key that is unknown is the author's own, and the update checks it.
    return isinstance(verdict, Compliant) or (
        isinstance(verdict, Undetermined) and isinstance(verdict.cause, Unknown)
    )


class _NoKeyError(Exception):
    """There is a key to set, but it depends on a Region that is not known."""


def _completed(table: Table, encryption: Encryption, settings: RuleSettings) -> Table | None:
    key, replicas, spelling = encryption.key, table.replicas, table.spelling
    try:
        if not spelling.keys_in_replicas:
            key = _key_to_set(key, table.region, settings)
        elif isinstance(replicas, tuple):
            replicas = tuple(
                replace(replica, key=_key_to_set(replica.key, replica.region, settings))
                for replica in replicas
            )
    except _NoKeyError:
        return None
    sse_type = encryption.sse_type
    # AWS refuses a key without the type.
    if not sse_type and spelling.sse_type and (key or spelling.keys_in_replicas):
        sse_type = "KMS"
    completed = replace(encryption, block=True, enabled=True, key=key, sse_type=sse_type)
    return replace(table, encryption=completed, replicas=replicas)


def _mixes_keys(before: Table, after: Table, settings: RuleSettings) -> bool:
    """Return whether the table and its replicas may have both kinds of keys, which AWS refuses.

    An unreadable key can be of either kind. It is the author's, and so is the combination, unless
    remediation has added a key; where only customer managed keys comply, it must be one.
    """
    keys = _references(after)
    kinds = {_kind(key) for key in keys}
    if _Kind.UNREADABLE not in kinds:
        return len(kinds) > 1
    added = keys != _references(before) and not settings.require_customer_managed_key
    return _Kind.AWS_MANAGED in kinds or (added and len(kinds) > 1)


def _references(table: Table) -> list[KeyReference]:
    keys: list[KeyReference] = []
    if table.encryption is not None and not table.spelling.keys_in_replicas:
        keys.append(table.encryption.key)
    if isinstance(table.replicas, tuple):
        keys += [replica.key for replica in table.replicas]
    elif table.replicas:
        keys.append(Unknown())
    return keys


class _Kind(Enum):
    UNREADABLE = auto()
    AWS_MANAGED = auto()
    CUSTOMER_MANAGED = auto()


def _kind(reference: KeyReference) -> _Kind:
    if isinstance(reference, Unreadable):
        return _Kind.UNREADABLE
    return _Kind.AWS_MANAGED if is_aws_managed(reference) else _Kind.CUSTOMER_MANAGED


def _key_to_set(
    reference: KeyReference, region: str | None, settings: RuleSettings
) -> KeyReference:
    """Return the key for a table or replica in a Region: its own, or the one to set instead.

    Raises:
        _NoKeyError: which key to set depends on the Region, which is not known.
    """
    if settings.remediation_key is None or not is_aws_managed(reference):
        return reference
    key = settings.remediation_key.in_region(region)
    if key is None:
        raise _NoKeyError
    return key
