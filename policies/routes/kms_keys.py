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

from ..encryption.keys import UnusableKey, why_unusable
from ..encryption.tables import Declaration, Table
from ..encryption.values import Unknown
from ..snapshot import plain_properties


class _KeyType(NamedTuple):
    """How a type of key spells its properties; a name is empty if the type has no such property."""

    spec: str
    usage: str
    enabled: str
    identities: tuple[str, ...]


KEYS = {
    "aws:kms/key:Key": _KeyType("customerMasterKeySpec", "keyUsage", "isEnabled", ("arn", "keyId")),
    "aws:kms/replicaKey:ReplicaKey": _KeyType("keySpec", "keyUsage", "enabled", ("arn", "keyId")),
    "aws:kms/externalKey:ExternalKey": _KeyType("keySpec", "keyUsage", "enabled", ("arn",)),
    "aws:kms/replicaExternalKey:ReplicaExternalKey": _KeyType(
        "", "keyUsage", "enabled", ("arn", "keyId")
    ),
    "aws-native:kms:Key": _KeyType("keySpec", "keyUsage", "enabled", ("arn", "keyId")),
    "aws-native:kms:ReplicaKey": _KeyType("", "", "enabled", ("arn", "keyId")),
}
"""Each resource type of a key with its spelling."""

ALIASES = {
    "aws:kms/alias:Alias": ("targetKeyId", ("arn", "name")),
    "aws-native:kms:Alias": ("targetKeyId", ("aliasName",)),
}
"""Each resource type of an alias with the property that names its key, and its own identities."""


class StackKeys:
    """The keys of a stack that can't encrypt a table.

    Args:
        resources: all resources of the stack.
    """

    def __init__(self, resources: Iterable[PolicyResource]) -> None:
        self._keys: dict[str, UnusableKey | None] = {}
        self._aliases: dict[str, list[str]] = {}
        self._urns_by_identity: dict[str, set[str]] = {}
        for resource in resources:
            key_type = KEYS.get(resource.resource_type)
            if key_type is not None:
                self._keys[resource.urn] = _unusable(resource, key_type)
                self._add_identities(resource, key_type.identities)
            elif resource.resource_type in ALIASES:
                target, identities = ALIASES[resource.resource_type]
                keys = resource.property_dependencies.get(target, ())
                self._aliases[resource.urn] = [key.urn for key in keys]
                self._add_identities(resource, identities)
        self._any_unusable = any(key is not None for key in self._keys.values())

    def mark(self, declaration: Declaration, resource: PolicyResource) -> Declaration:
        """Return a declaration with each unusable key of the stack in place of its reference.

        Args:
            declaration: what a route has read.
            resource: the resource that declares it.
        """
        if not self._any_unusable or not isinstance(declaration, Table):
            return declaration
        spelling = declaration.spelling

        def unusable(reference: object, path: str) -> UnusableKey | None:
            top_level = path.partition(".")[0].partition("[")[0]
            return self._find(reference, resource.property_dependencies.get(top_level, ()))

        encryption, replicas = declaration.encryption, declaration.replicas
        if encryption is not None:
            key = unusable(encryption.key, spelling.key_path)
            encryption = encryption if key is None else replace(encryption, key=key)
        # The keys of all replicas share one top-level property, so while several are unknown, its
        # dependencies don't show which key belongs to which replica.
        if isinstance(replicas, tuple) and (
            len(replicas) == 1 or not any(isinstance(replica.key, Unknown) for replica in replicas)
        ):
            replicas = tuple(
                replace(
                    replica, key=unusable(replica.key, spelling.replica_key_path) or replica.key
                )
                for replica in replicas
            )
        return replace(declaration, encryption=encryption, replicas=replicas)

    def _find(
        self, reference: object, dependencies: Iterable[PolicyResource]
    ) -> UnusableKey | None:
        """Return the key that a reference names, if the stack makes it unusable.

        Args:
            reference: the value of a key property.
            dependencies: the resources that the property depends on. They show the key while its
                ARN is unknown. The ARN can be made from any of them, so all must be unusable keys.
        """
        if isinstance(reference, str):
            urns = sorted(self._urns_by_identity.get(reference, ()))
        elif isinstance(reference, Unknown):
            urns = [resource.urn for resource in dependencies]
        else:
            return None
        keys: list[UnusableKey | None] = []
        for urn in urns:
            keys += [self._keys[key] for key in self._key_urns(urn)] or [None]
        return keys[0] if keys and all(key is not None for key in keys) else None

    def _key_urns(self, urn: str) -> list[str]:
        if urn in self._keys:
            return [urn]
        return [target for target in self._aliases.get(urn, ()) if target in self._keys]

    def _add_identities(self, resource: PolicyResource, names: tuple[str, ...]) -> None:
        for value in plain_properties(resource.props, names).values():
            if isinstance(value, str) and value:
                self._urns_by_identity.setdefault(value, set()).add(resource.urn)


def _unusable(resource: PolicyResource, key_type: _KeyType) -> UnusableKey | None:
    names = key_type[:3]
    properties = plain_properties(resource.props, names)
    fault = why_unusable(*map(properties.get, names))
    return None if fault is None else UnusableKey(resource.name, fault, in_program=True)
