"""The border to the SDK: turn the properties of a resource into plain values.

The SDK passes properties as mappings and sequences that raise UnknownValueError where an unknown
value is read, by `in` and `.get`, too. A snapshot has dicts, lists and scalars instead, with
`Unknown` and `Hidden` in place of what can't be read, so a route reads all of a table before
anything is decided. No other code reads values from the SDK's mappings; remediation
writes to them (`write_table` in routes/tables.py).

Sources: Pulumi's Python policy SDK, pulumi_policy/proxy.py (unknown values); Pulumi CLI, `pulumi
policy analyze --help` (secrets of a state file that can't be decrypted).
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from enum import Enum, auto
from typing import Any, NamedTuple, Protocol

from pulumi.runtime import is_dry_run
from pulumi_policy import proxy

from .encryption.values import Hidden, Unknown, WrongType

_UNKNOWNS = frozenset(
    (
        proxy.UNKNOWN_BOOLEAN_VALUE,
        proxy.UNKNOWN_NUMBER_VALUE,
        proxy.UNKNOWN_STRING_VALUE,
        proxy.UNKNOWN_ARRAY_VALUE,
        proxy.UNKNOWN_ASSET_VALUE,
        proxy.UNKNOWN_ARCHIVE_VALUE,
        proxy.UNKNOWN_OBJECT_VALUE,
    )
)

_REDACTED_SECRET = "[secret]"  # noqa: S105 - what the engine writes in place of one
_WHY_REDACTED = "the value is a secret of a state file that could not be decrypted"

_DEPTH_LIMIT = 100
"""How deeply values can be nested. AWS's own properties need a fifth of it."""

_SIZE_LIMIT = 300_000
"""How many values a property can hold. A template of 1 MB, AWS's limit, holds fewer."""

_BITS_LIMIT = 2_000
"""How long a whole number can be: twice what a double holds."""

STACK_TYPE = "pulumi:pulumi:Stack"
"""The type of the resource that each stack has."""

Path = tuple[str, ...]


class Operation(Enum):
    """What the engine does, which decides what a resource's properties are."""

    PREVIEW = auto()
    """The program's inputs, and the outputs that the provider plans."""
    UPDATE = auto()
    """The program's inputs, and the outputs after the update."""
    ANALYSIS = auto()
    """The inputs and the outputs that a state records, in `pulumi policy analyze`."""


def operation() -> Operation:
    """Return what the engine does.

    Source: Pulumi, sdk/policy_proxy.go (what the language host sets for a pack), and
    cmd/pulumi/policy/policy_analyze.go (an analysis configures no stack).
    """
    if is_dry_run():
        return Operation.PREVIEW
    return Operation.UPDATE if "PULUMI_PROJECT" in os.environ else Operation.ANALYSIS


class Options(Protocol):
    """What the SDK shows of a resource's options."""

    @property
    def ignore_changes(self) -> Sequence[str]:
        """The paths of the properties whose changes the program ignores."""
        ...


class Provider(Protocol):
    """What the SDK shows of a resource's provider."""

    props: Mapping[str, Any]


class Resource(Protocol):
    """What the SDK shows of a resource, in resource policies and in stack policies."""

    resource_type: str
    name: str
    urn: str
    props: Mapping[str, Any]

    @property
    def opts(self) -> Options:
        """The resource's options in the program."""
        ...

    @property
    def provider(self) -> Provider | None:
        """The resource's provider, where the engine knows it."""
        ...


class Snapshot(NamedTuple):
    """What a route reads of one resource.

    Attributes:
        name: the resource's name in the program.
        properties: its inputs or outputs as plain values, see `plain_properties`.
        provider_region: the Region that its provider names; None if it names none.
        is_empty: whether the engine shows no properties of the resource at all.
        operation: what the engine does.
    """

    name: str
    properties: Mapping[str, object]
    provider_region: str | Unknown | None = None
    is_empty: bool = False
    operation: Operation = Operation.ANALYSIS


class _TooLargeError(Exception):
    """A property is larger than any that AWS accepts."""

    def __init__(self, found: str) -> None:
        super().__init__(found)
        self.found = found


def take(resource: Resource, names: Collection[str], during: Operation | None = None) -> Snapshot:
    """Take a snapshot of a resource.

    Args:
        resource: the resource, as the SDK passes it to a policy.
        names: the top-level properties to read.
        during: what the engine does; None in a policy, whose environment shows it.
    """
    region = None
    if resource.provider is not None:
        region = plain_properties(resource.provider.props, ("region",)).get("region")
    return Snapshot(
        resource.name,
        plain_properties(resource.props, names),
        region if isinstance(region, (str, Unknown)) and region else None,
        not resource.props,
        during or operation(),
    )


def plain_properties(properties: Mapping[str, Any], names: Collection[str]) -> dict[str, object]:
    """Return some properties of a resource as plain values.

    Args:
        properties: the SDK's mapping.
        names: the properties to read.

    Returns:
        The properties that are set, as JSON values with `Unknown` where a value is not known yet,
        `Hidden` where the engine has removed a secret, and `WrongType` for an asset or archive,
        or for a property that is too large to read.
    """
    plain: dict[str, object] = {}
    # A missing property costs an exception, so what is set is compared with what is needed.
    for name in properties:
        if name in names:
            try:
                value = _Reader().member(properties, name, (name,))
            except _TooLargeError as error:
                value = WrongType(error.found)
            if value is not None:
                plain[name] = value
    return plain


def mark_unknowns(value: object, path: Path) -> object:
    """Return a parsed document with its unknown and hidden values marked.

    A program that writes a document from its own values puts the engine's marker for an unknown
    value into the text.

    Args:
        value: JSON values.
        path: the path of the document in its resource.
    """
    try:
        return _Reader().value(value, path)
    except _TooLargeError as error:
        return WrongType(error.found)


def has_unknowns(document: str) -> bool:
    """Return whether a text contains the engine's marker for an unknown value."""
    return any(marker in document for marker in _UNKNOWNS)


class _Reader:
    """Reads one property, and counts the values that it has read."""

    def __init__(self) -> None:
        self._size = 0

    def member(self, container: Any, key: str | int, path: Path) -> object:
        """Read a member of an object or a list."""
        try:
            value = container[key]
        except proxy.UnknownValueError as error:
            return Unknown(tuple(error.props))
        return self.value(value, path)

    def value(self, value: object, path: Path) -> object:
        """Read a value."""
        if isinstance(value, str):
            if value in _UNKNOWNS:
                return Unknown(path)
            return Hidden(_WHY_REDACTED, path) if value == _REDACTED_SECRET else value
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, float):
            # The engine sends each number as a float.
            return int(value) if value.is_integer() else value
        if isinstance(value, int):
            if value.bit_length() > _BITS_LIMIT:
                raise _TooLargeError("a number with too many digits")
            return value
        if isinstance(value, Mapping):
            self._count(len(value), path)
            return {name: self.member(value, name, (*path, name)) for name in value}
        if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray)):
            self._count(len(value), path)
            return [self.member(value, index, (*path, str(index))) for index in range(len(value))]
        return WrongType("an asset or archive")

    def _count(self, members: int, path: Path) -> None:
        self._size += members + 1
        if self._size > _SIZE_LIMIT:
            raise _TooLargeError("a value that is too large")
        if len(path) > _DEPTH_LIMIT:
            raise _TooLargeError("a value that is nested too deeply")
