"""Read one property of a snapshot as the type that it should have.

Each function returns the value, None where it is missing or null, `Unknown` or `Hidden` where it
can't be read, and `WrongType` where it has another type.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TypeVar

from ..encryption.arns import Arn
from ..encryption.keys import KmsKey, NotAKmsKey, PendingKey, UnusableKey
from ..encryption.tables import KeyReference
from ..encryption.values import Unknown, Unreadable, WrongType, json_type
from ..snapshot import Operation, Snapshot

_Type = TypeVar("_Type")

Object = dict[str, object]


def of_type(value: object, kind: type[_Type]) -> _Type | Unreadable | WrongType | None:
    """Return a value that should be of a type, see the module."""
    if value is None or isinstance(value, (kind, Unreadable, WrongType)):
        return value
    return WrongType(json_type(value))


def object_in(
    properties: Mapping[str, object], name: str
) -> Object | Unreadable | WrongType | None:
    """Read an object, such as a block of settings."""
    return of_type(properties.get(name), dict)


def list_in(
    properties: Mapping[str, object], name: str
) -> list[object] | Unreadable | WrongType | None:
    """Read a list."""
    return of_type(properties.get(name), list)


def string_in(properties: Mapping[str, object], name: str) -> str | Unreadable | WrongType | None:
    """Read a string."""
    return of_type(properties.get(name), str)


def boolean_in(properties: Mapping[str, object], name: str) -> bool | Unreadable | WrongType | None:
    """Read a boolean.

    The words "true" and "false" are booleans, too, in any case: CloudFormation, state files and
    JSON documents contain them.
    """
    value = properties.get(name)
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    return of_type(value, bool)


def key_in(properties: Mapping[str, object], name: str) -> KeyReference:
    """Read what names a KMS key."""
    value = properties.get(name)
    if isinstance(value, (KmsKey, NotAKmsKey, PendingKey, UnusableKey)):
        return value
    return of_type(value, str)


def region_of(snapshot: Snapshot) -> str | None:
    """Return the Region of a resource; None if it is not known."""
    region = region_in(snapshot)
    return region if isinstance(region, str) else None


def region_in(snapshot: Snapshot) -> str | Unreadable | None:
    """Return the Region of a resource: its property `region`, its provider's, or its ARN's.

    Returns:
        The Region; why it can't be read; None if nothing names it.
    """
    region = string_in(snapshot.properties, "region") or snapshot.provider_region
    if region is not None:
        return region if isinstance(region, (str, Unreadable)) else None
    arn = arn_of(snapshot)
    return arn.region or None if arn else None


def arn_of(snapshot: Snapshot) -> Arn | None:
    """Return the ARN of a resource; None while it is not created, or if it can't be read."""
    arn = string_in(snapshot.properties, "arn")
    return Arn.parse(arn) if isinstance(arn, str) else None


def account_of(snapshot: Snapshot) -> str | None:
    """Return the ID of the account that a resource is in; None if it is not known."""
    arn = arn_of(snapshot)
    return arn.account or None if arn else None


def is_not_created_yet(snapshot: Snapshot, outputs: Collection[str]) -> bool:
    """Return whether this is the preview of a resource's creation.

    Args:
        snapshot: the resource, by its outputs.
        outputs: the properties that the resource has once it is created. A preview plans all of
            them as unknown, or leaves them out if the provider does not support previews. The
            preview of an update plans some of them as unknown.
    """
    values = [value for name in outputs if (value := snapshot.properties.get(name)) is not None]
    if not values:
        return snapshot.operation is Operation.PREVIEW
    return all(isinstance(value, Unknown) for value in values)
