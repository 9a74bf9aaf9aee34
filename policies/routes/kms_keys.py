"""KMS keys that the program itself creates, and which of them can't encrypt a table.

A resource policy sees one resource at a time, so only a stack policy can use this.

Sources: Pulumi Registry, "aws.kms.Key", "aws.kms.Alias", "aws.kms.ReplicaKey",
"aws.kms.ExternalKey", "aws-native.kms.Key", "aws-native.kms.Alias".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from pulumi_policy import PolicyResource

from ..encryption.arns import Arn
from ..encryption.keys import NewKey, PendingKey, UnusableKey, why_unusable
from ..encryption.tables import ConditionalTable, Declaration, KeyReference, Replica, Table
from ..encryption.values import Unknown
from ..snapshot import STACK_TYPE, plain_properties
from .terraform import bridged_name


class _KeyType(NamedTuple):
    """How a type of key spells its properties, with a name for each version of the type."""

    spec: tuple[str, ...]
    enabled: tuple[str, ...] = ("enabled",)


_KEY_USAGE, _KEY_STATE, _ORIGIN = "keyUsage", "keyState", "origin"
_KEY_IDENTITIES = ("arn", "keyId", "id")

KEYS = {
    "aws:kms/key:Key": _KeyType(("customerMasterKeySpec",), ("isEnabled",)),
    "aws:kms/replicaKey:ReplicaKey": _KeyType(("keySpec",)),
    "aws:kms/externalKey:ExternalKey": _KeyType(("keySpec",)),
    "aws:kms/replicaExternalKey:ReplicaExternalKey": _KeyType(()),
    "aws-native:kms:Key": _KeyType(("keySpec",)),
    "aws-native:kms:ReplicaKey": _KeyType(()),
    # Both providers of Terraform have a type of this name.
    "KmsKey": _KeyType(("customerMasterKeySpec", "keySpec"), ("isEnabled", "enabled")),
    "KmsReplicaKey": _KeyType(("keySpec",)),
    "KmsExternalKey": _KeyType(("keySpec",)),
    "KmsReplicaExternalKey": _KeyType(()),
}
"""Each resource type of a key, or its name in a dynamic bridge, with its spelling."""

ALIASES = {
    "aws:kms/alias:Alias": ("targetKeyId", ("arn", "name")),
    "aws-native:kms:Alias": ("targetKeyId", ("aliasName",)),
    "KmsAlias": ("targetKeyId", ("arn", "name", "aliasName")),
}
"""Each type of an alias, like `KEYS`, with the property that names its key, and its identities."""


def read_properties(resource_type: str) -> frozenset[str]:
    """Return the properties of a key or an alias that this module reads; empty for other types."""
    name = bridged_name(resource_type) or resource_type
    if name in KEYS:
        of_type = (*KEYS[name].spec, *KEYS[name].enabled)
        return frozenset((*of_type, _KEY_USAGE, _KEY_STATE, _ORIGIN, *_KEY_IDENTITIES))
    return frozenset(ALIASES[name][1]) if name in ALIASES else frozenset()


_StackKey = UnusableKey | PendingKey | None
"""Why a key of the stack may be unable to encrypt a table; None for a key that can."""


class StackKeys:
    """The keys that a stack creates.

    Args:
        resources: all resources of the stack.
    """

    def __init__(self, resources: Iterable[PolicyResource]) -> None:
        self._keys: dict[str, _StackKey] = {}
        self._aliases: dict[str, list[str]] = {}
        self._urns_by_identity: dict[str, set[str]] = {}
        self._regions: dict[str, str] = {}
        # The engine passes the root stack and all dependencies. A caller that passes single
        # resources may leave out their dependencies.
        self._is_whole = False
        for resource in resources:
            name = bridged_name(resource.resource_type) or resource.resource_type
            if name in KEYS:
                self._keys[resource.urn] = _usability(resource, KEYS[name])
                self._add_identities(resource, _KEY_IDENTITIES)
            elif name in ALIASES:
                target, identities = ALIASES[name]
                keys = resource.property_dependencies.get(target, ())
                self._aliases[resource.urn] = [key.urn for key in keys]
                self._add_identities(resource, identities)
            self._is_whole |= resource.resource_type == STACK_TYPE
        self._all_usable = not any(self._keys.values())

    def mark(self, declaration: Declaration, resource: PolicyResource) -> Declaration:
        """Return a declaration with what the stack's keys show in place of the references to them.

        Args:
            declaration: what a route has read.
            resource: the resource that declares it.
        """
        if isinstance(declaration, ConditionalTable):
            cases = tuple(self._mark(table, resource) for table in declaration.cases)
            return replace(declaration, cases=cases)
        return self._mark(declaration, resource) if isinstance(declaration, Table) else declaration

    def _mark(self, table: Table, resource: PolicyResource) -> Table:
        encryption, replicas = table.encryption, table.replicas
        if encryption is not None:
            key = self._marked(encryption.key, table.region, table, resource)
            if key is not encryption.key:
                encryption = replace(encryption, key=key)
        if isinstance(replicas, tuple):
            replicas = tuple(
                replace(replica, key=self._marked_in_replica(replica, table, resource))
                for replica in replicas
            )
        if encryption is table.encryption and replicas == table.replicas:
            return table
        return replace(table, encryption=encryption, replicas=replicas)

    def _marked_in_replica(
        self, replica: Replica, table: Table, resource: PolicyResource
    ) -> KeyReference:
        reference = replica.key
        key = self._marked(reference, replica.region, table, resource)
        # The keys of all replicas share one top-level property, so its dependencies don't show
        # which key belongs to which replica.
        shared = isinstance(table.replicas, tuple) and len(table.replicas) > 1
        is_fault = isinstance(key, (UnusableKey, PendingKey))
        return reference if shared and is_fault and isinstance(reference, Unknown) else key

    def _marked(
        self, reference: KeyReference, region: str | None, table: Table, resource: PolicyResource
    ) -> KeyReference:
        """Return what the stack's keys show about a reference, or the reference itself.

        Args:
            reference: what names the key.
            region: the Region of the table or replica that names it; None if not known.
            table: the table.
            resource: the resource that declares the table.
        """
        if isinstance(reference, str):
            if self._all_usable:
                return reference
            urns = [
                urn
                for urn in sorted(self._urns_by_identity.get(reference, ()))
                # A key ID and the name of an alias are unique in a Region only.
                if region is None or self._regions.get(urn, region) == region
            ]
            return self._common(urns) or reference
        if not isinstance(reference, Unknown) or not reference.path:
            return reference
        dependencies = resource.property_dependencies.get(reference.path[0])
        if not dependencies:
            # The program sets no unknown value, so the provider plans the key of a new table.
            planned = table.not_created_yet and (self._is_whole or dependencies is not None)
            return None if planned else reference
        # The ARN can be made from any of them, so all must be keys of the stack. A value from a
        # component depends on the component, too.
        components = set().union(*map(_ancestors, dependencies))
        urns = [dependency.urn for dependency in dependencies if dependency.urn not in components]
        if not all(urn in self._keys or urn in self._aliases for urn in urns):
            return reference
        return self._common(urns) or NewKey(reference.path)

    def _common(self, urns: list[str]) -> _StackKey:
        """Return why none of some keys and aliases can encrypt a table; None if one may do so."""
        keys: list[_StackKey] = []
        for urn in urns:
            keys += [self._keys[key] for key in self._key_urns(urn)] or [None]
        if not all(keys):
            return None
        return next((key for key in keys if isinstance(key, PendingKey)), next(iter(keys), None))

    def _key_urns(self, urn: str) -> list[str]:
        if urn in self._keys:
            return [urn]
        return [target for target in self._aliases.get(urn, ()) if target in self._keys]

    def _add_identities(self, resource: PolicyResource, names: tuple[str, ...]) -> None:
        for value in plain_properties(resource.props, names).values():
            if isinstance(value, str) and value:
                self._urns_by_identity.setdefault(value, set()).add(resource.urn)
                arn = Arn.parse(value)
                if arn is not None:
                    self._regions[resource.urn] = arn.region


def _ancestors(resource: PolicyResource) -> set[str]:
    urns = set()
    while resource.parent is not None and resource.parent.urn not in urns:
        resource = resource.parent
        urns.add(resource.urn)
    return urns


def _usability(resource: PolicyResource, key_type: _KeyType) -> _StackKey:
    properties = plain_properties(
        resource.props, (*key_type.spec, *key_type.enabled, _KEY_USAGE, _KEY_STATE, _ORIGIN)
    )
    spec, enabled = (
        next((properties[name] for name in names if name in properties), None) for names in key_type
    )
    usage = properties.get(_KEY_USAGE)
    fault = why_unusable(spec, usage, enabled)
    if fault is None:
        return None
    is_pending = properties.get(_KEY_STATE) == _PENDING_IMPORT
    is_pending |= properties.get(_ORIGIN) == "EXTERNAL"
    if is_pending and not why_unusable(spec, usage, None):
        return PendingKey(resource.name)
    return UnusableKey(resource.name, fault, in_program=True)


_PENDING_IMPORT = "PendingImport"
"""The state of a key without key material, which providers record as disabled.

Source: AWS KMS API Reference, "KeyMetadata" (KeyState).
"""
