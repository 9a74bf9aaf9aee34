"""What a table must become to comply, where that can be told without a guess.

Only what is missing is added: a table's own key stays, and so does everything that is wrong in a
way that only its author can mend, such as a key of another service.

Sources: AWS DynamoDB API Reference, "SSESpecification" (a key needs SSEType KMS); AWS DynamoDB
Developer Guide, "Global tables: How it works" (all replicas share the type of key); AWS
CloudFormation Template Reference, "AWS::DynamoDB::GlobalTable" (each replica names its own key,
which is changed without interruption).
"""

from __future__ import annotations

from dataclasses import replace

from .key import KeyManager, KmsKey
from .rule import judge
from .settings import Settings
from .table import Declared, Encryption, KeyReference, Table, named_key
from .values import Hidden, Unknown
from .verdicts import Compliant, Undetermined, Verdict, Violation, Why

_MENDABLE = frozenset(
    {
        Why.NOT_DECLARED,
        Why.NOT_ENABLED,
        Why.DISABLED,
        Why.DISABLED_WITH_KEY,
        Why.AWS_MANAGED_KEY,
        Why.KEY_NOT_ALLOWED,
    }
)


def remedied(declared: Declared, settings: Settings, urn: str) -> Table | None:
    """The table that `declared` should be instead, which the rule does not reject; None where it
    complies as it is, is exempt, or leaves open what it should be.

    urn: as for `judge`.
    """
    found = [it for it in judge(declared, settings, urn) if isinstance(it, Violation)]
    if not isinstance(declared, Table) or declared.encryption is None or not found:
        return None
    before = declared.encryption
    undecided = (before.block, before.enabled, before.sse_type)
    if any(isinstance(it, (Unknown, Hidden)) for it in undecided):
        return None
    if not all(it.why in _MENDABLE for it in found):
        return None
    mended = _mended(declared, before, settings)
    if mended is None or _mixes_keys(declared, mended, settings):
        return None
    verdicts = judge(mended, settings, urn)
    return mended if all(_is_settled(it) for it in verdicts) else None


def _is_settled(verdict: Verdict) -> bool:
    # A key that is not known yet is the author's own, and judged by the update.
    return isinstance(verdict, Compliant) or (
        isinstance(verdict, Undetermined) and isinstance(verdict.value, Unknown)
    )


class _NoKeyError(Exception):
    """There is a key to set, but not for this Region."""


def _mended(table: Table, encryption: Encryption, settings: Settings) -> Table | None:
    key, replicas = encryption.key, table.replicas
    try:
        if table.keys_in_replicas:
            if isinstance(replicas, tuple):
                replicas = tuple(
                    replace(it, key=_key_in(it.key, it.region, settings)) for it in replicas
                )
        else:
            key = _key_in(key, table.region, settings)
    except _NoKeyError:
        return None
    # A key of its own is of no use without the type; a global table's own words have it, too.
    needs_type = bool(table.wording.sse_type) and (key or table.keys_in_replicas)
    sse_type = encryption.sse_type or ("KMS" if needs_type else encryption.sse_type)
    block = replace(encryption, block=True, enabled=True, key=key, sse_type=sse_type)
    return replace(table, encryption=block, replicas=replicas)


def _mixes_keys(before: Table, after: Table, settings: Settings) -> bool:
    """Whether the table and its replicas may have keys of both kinds, which AWS refuses.

    A key that is not known yet may be of either kind. It is its author's, and so is what it is
    beside, unless a key was added; where only customer managed keys comply, it has to be one.
    """
    keys = _keys_of(after)
    kinds = {_kind(it) for it in keys}
    if _NOT_KNOWN not in kinds:
        return len(kinds) > 1
    added = keys != _keys_of(before) and not settings.require_customer_managed_key
    return _AWS_MANAGED in kinds or (added and len(kinds) > 1)


def _keys_of(table: Table) -> list[KeyReference]:
    keys: list[KeyReference] = []
    if table.encryption is not None and not table.keys_in_replicas:
        keys.append(table.encryption.key)
    if isinstance(table.replicas, tuple):
        keys += [it.key for it in table.replicas]
    elif table.replicas:
        keys.append(Unknown((), ""))
    return keys


_NOT_KNOWN, _AWS_MANAGED, _CUSTOMER_MANAGED = "not known", "AWS managed", "customer managed"


def _kind(reference: KeyReference) -> str:
    if isinstance(reference, (Unknown, Hidden)):
        return _NOT_KNOWN
    return _AWS_MANAGED if _is_aws_managed(reference) else _CUSTOMER_MANAGED


def _is_aws_managed(reference: KeyReference) -> bool:
    """Whether `reference` names no key, or the one that AWS manages."""
    named = named_key(reference)
    return isinstance(named, KmsKey) and named.manager is KeyManager.AWS


def _key_in(reference: KeyReference, region: str | None, settings: Settings) -> KeyReference:
    """The key that stands for `reference` in `region`: the one to set in the place of AWS's, or
    itself.

    Raises _NoKeyError where the Region decides which key to set, and is not known.
    """
    if settings.remediation_key is None or not _is_aws_managed(reference):
        return reference
    key = settings.remediation_key.in_region(region)
    if key is None:
        raise _NoKeyError
    return key
