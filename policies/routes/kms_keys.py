"""KMS keys that a stack makes itself: which of them can't encrypt a table.

A resource policy sees one resource at a time, so this is for stack policies.

Sources: Pulumi Registry, "aws.kms.Key", "aws.kms.Alias", "aws.kms.ReplicaKey",
"aws.kms.ExternalKey", "aws-native.kms.Key", "aws-native.kms.Alias".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from ..encryption import UnfitKey, Unknown, fault_of
from .reading import value_of


class StackResource(Protocol):
    """What the SDK tells of a resource of a stack."""

    resource_type: str
    name: str
    urn: str
    props: Mapping[str, Any]
    property_dependencies: Mapping[str, Iterable[Any]]


@dataclass(frozen=True)
class _Names:
    """How a type of key spells what decides; empty where it has no such property."""

    spec: str
    usage: str
    enabled: str
    identities: tuple[str, ...]


_PULUMI_AWS = _Names("customerMasterKeySpec", "keyUsage", "isEnabled", ("arn", "keyId"))

KEYS = {
    "aws:kms/key:Key": _PULUMI_AWS,
    # A replica of a multi-Region key, and a key with imported material, name these differently.
    "aws:kms/replicaKey:ReplicaKey": _Names("keySpec", "keyUsage", "enabled", ("arn", "keyId")),
    "aws:kms/externalKey:ExternalKey": _Names("keySpec", "keyUsage", "enabled", ("arn",)),
    "aws:kms/replicaExternalKey:ReplicaExternalKey": _Names(
        "", "keyUsage", "enabled", ("arn", "keyId")
    ),
    "aws-native:kms:Key": _Names("keySpec", "keyUsage", "enabled", ("arn", "keyId")),
    "aws-native:kms:ReplicaKey": _Names("", "", "enabled", ("arn", "keyId")),
}
"""Resource type of a key → its names."""

ALIASES = {
    "aws:kms/alias:Alias": ("targetKeyId", ("arn", "name")),
    "aws-native:kms:Alias": ("targetKeyId", ("aliasName",)),
}
"""Resource type of an alias → the property that names its key, and those that name the alias."""


class StackKeys:
    """The unfit keys of a stack, and how its tables reach them."""

    def __init__(self, resources: Iterable[StackResource]) -> None:
        """Look through `resources`, all of the stack's."""
        self._keys: dict[str, UnfitKey | None] = {}
        self._aliases: dict[str, list[str]] = {}
        self._named: dict[str, set[str]] = {}
        for resource in resources:
            names = KEYS.get(resource.resource_type)
            if names is not None:
                self._keys[resource.urn] = _unfit(resource, names)
                self._remember(resource, names.identities)
            elif resource.resource_type in ALIASES:
                target, identities = ALIASES[resource.resource_type]
                dependencies = resource.property_dependencies.get(target, ())
                self._aliases[resource.urn] = [it.urn for it in dependencies]
                self._remember(resource, identities)

    def unfit(self, reference: object, dependencies: Iterable[StackResource]) -> UnfitKey | None:
        """The key of the stack that `reference` names, if it can't encrypt a table.

        reference: what stands in a table's key property.
        dependencies: the resources that this property depends on. They tell which key it is while
            its ARN is still unknown. Where they are several, or one is no key at all, the ARN may
            be made of any: all must be unfit.
        """
        if isinstance(reference, str):
            urns = sorted(self._named.get(reference, ()))
        elif isinstance(reference, Unknown):
            urns = [it.urn for it in dependencies]
        else:
            return None
        found: list[UnfitKey | None] = []
        for urn in urns:
            found += [self._keys[key] for key in self._keys_behind(urn)] or [None]
        return found[0] if found and all(it is not None for it in found) else None

    @property
    def any_unfit(self) -> bool:
        """Whether there is an unfit key at all: mostly there is none, and nothing more to do."""
        return any(key is not None for key in self._keys.values())

    def _keys_behind(self, urn: str) -> list[str]:
        if urn in self._keys:
            return [urn]
        return [target for target in self._aliases.get(urn, ()) if target in self._keys]

    def _remember(self, resource: StackResource, identities: Iterable[str]) -> None:
        for name in identities:
            value = value_of(resource.props, name)
            if isinstance(value, str) and value:
                self._named.setdefault(value, set()).add(resource.urn)


def _unfit(resource: StackResource, names: _Names) -> UnfitKey | None:
    fault = fault_of(
        value_of(resource.props, names.spec),
        value_of(resource.props, names.usage),
        value_of(resource.props, names.enabled),
    )
    return None if fault is None else UnfitKey(resource.name, fault)
