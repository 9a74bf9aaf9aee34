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

from .key import KeyManager, KmsKey, read_key
from .rule import judge
from .settings import Settings
from .table import Declared, Encryption, KeyReference, Replica, Table
from .verdicts import Violation, Why

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
_REGION = 3


def remedied(declared: Declared, settings: Settings, urn: str) -> Table | None:
    """The table that `declared` should be instead, which the rule does not reject; None where it
    complies as it is, is exempt, or leaves open what it should be.

    urn: as for `judge`.
    """
    found = [it for it in judge(declared, settings, urn) if isinstance(it, Violation)]
    if not isinstance(declared, Table) or declared.encryption is None or not found:
        return None
    if not all(it.why in _MENDABLE for it in found):
        return None
    mended = _mended(declared, declared.encryption, settings)
    if _mixes_keys(mended) or any(isinstance(it, Violation) for it in judge(mended, settings, urn)):
        return None
    return mended


def _mixes_keys(table: Table) -> bool:
    """Whether a table with a customer managed key may have a replica without one, which AWS
    refuses. A route does not write the keys of such replicas: a change makes them anew.
    """
    if table.keys_in_replicas or table.encryption is None or _is_aws_managed(table.encryption.key):
        return False
    replicas = table.replicas
    return not isinstance(replicas, tuple) or any(_is_aws_managed(it.key) for it in replicas)


def _mended(table: Table, encryption: Encryption, settings: Settings) -> Table:
    key, replicas = encryption.key, table.replicas
    if table.keys_in_replicas:
        if isinstance(replicas, tuple):
            replicas = tuple(_with_key(it, settings) for it in replicas)
    elif _is_aws_managed(key):
        key = _key_in(table.region, settings) or key
    # A key of its own is of no use without the type; a global table's own words have it, too.
    needs_type = bool(table.wording.sse_type) and (key or table.keys_in_replicas)
    sse_type = encryption.sse_type or ("KMS" if needs_type else None)
    block = replace(encryption, block=True, enabled=True, key=key, sse_type=sse_type)
    return replace(table, encryption=block, replicas=replicas)


def _with_key(replica: Replica, settings: Settings) -> Replica:
    if not _is_aws_managed(replica.key):
        return replica
    return replace(replica, key=_key_in(replica.region, settings) or replica.key)


def _is_aws_managed(reference: KeyReference) -> bool:
    """Whether `reference` names no key, or the one that AWS manages."""
    if reference is None or reference == "":
        return True
    key = read_key(reference) if isinstance(reference, str) else reference
    return isinstance(key, KmsKey) and key.manager is KeyManager.AWS


def _key_in(region: str | None, settings: Settings) -> str | None:
    """The key to set in `region`; None where there is none, or where `region` decides which and is
    not known.
    """
    if settings.remediation_key is None:
        return None
    parts = settings.remediation_key.split(":")
    if parts[_REGION] == "*":
        if region is None:
            return None
        parts[_REGION] = region
    return ":".join(parts)
