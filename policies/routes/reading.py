"""Reading properties as the engine sends them, without raising on any of them.

Properties arrive in the SDK's proxies: mappings and sequences that raise UnknownValueError when
an unknown value is touched, by `in` and `.get` too. These functions answer with a value of the
domain instead, so that a route reads all of a table before anything is decided. Values of the
domain that a route has put in place itself pass through.

Source: Pulumi's Python policy SDK, pulumi_policy/proxy.py and pulumi_policy/policy.py (what the
proxies raise, and what a policy may).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from pulumi_policy import proxy

from ..encryption import Hidden, KmsKey, Malformed, NotAKmsKey, UnfitKey, Unknown, json_type
from ..marks import marked

Path = tuple[str, ...]

_Kind = TypeVar("_Kind")


def value_of(properties: Mapping[str, object], name: str, at: Path = ()) -> object:
    """The value of property `name`: None where it is missing or null, Unknown where it is not
    known yet, Hidden where the engine has replaced a secret.

    at: the path of `properties` itself, from the resource's top level.
    """
    try:
        value = properties[name]
    except KeyError:
        return None
    except proxy.UnknownValueError as error:
        return Unknown(tuple(error.props), error.unknown_type_sentinel)
    return _seen(value, (*at, name))


def items_of(sequence: Sequence[object], at: Path = ()) -> list[object]:
    """The items of a list, each as `value_of` would answer it."""
    items: list[object] = []
    for index in range(len(sequence)):
        try:
            items.append(_seen(sequence[index], (*at, str(index))))
        except proxy.UnknownValueError as error:
            items.append(Unknown(tuple(error.props), error.unknown_type_sentinel))
    return items


def object_of(
    properties: Mapping[str, object], name: str, at: Path = ()
) -> Mapping[str, object] | Unknown | Hidden | Malformed | None:
    """The object in property `name`, such as a block of settings."""
    return as_object(value_of(properties, name, at))


def as_object(value: object) -> Mapping[str, object] | Unknown | Hidden | Malformed | None:
    """`value` itself where it is an object, and what it is instead where it is none."""
    if value is None or isinstance(value, (Unknown, Hidden, Mapping)):
        return value
    return Malformed(json_type(value))


def list_of(
    properties: Mapping[str, object], name: str, at: Path = ()
) -> list[object] | Unknown | Hidden | Malformed | None:
    """The items of the list in property `name`."""
    value = value_of(properties, name, at)
    if value is None or isinstance(value, (Unknown, Hidden)):
        return value
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        return items_of(value, (*at, name))
    return Malformed(json_type(value))


def boolean_of(
    properties: Mapping[str, object], name: str, at: Path = ()
) -> bool | Unknown | Hidden | Malformed | None:
    """The boolean in property `name`. The words "true" and "false" are booleans too, in any
    case: CloudFormation, state files and JSON documents carry them so.
    """
    value = value_of(properties, name, at)
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    return _of_type(value, bool)


def string_of(
    properties: Mapping[str, object], name: str, at: Path = ()
) -> str | Unknown | Hidden | Malformed | None:
    """The string in property `name`."""
    return _of_type(value_of(properties, name, at), str)


def key_of(
    properties: Mapping[str, object], name: str, at: Path = ()
) -> str | KmsKey | NotAKmsKey | UnfitKey | Unknown | Hidden | Malformed | None:
    """What names a key in property `name`."""
    value = value_of(properties, name, at)
    if isinstance(value, (KmsKey, NotAKmsKey, UnfitKey)):
        return value
    return _of_type(value, str)


def _of_type(value: object, kind: type[_Kind]) -> _Kind | Unknown | Hidden | Malformed | None:
    if value is None or isinstance(value, (Unknown, Hidden, kind)):
        return value
    return Malformed(json_type(value))


def _seen(value: object, path: Path) -> object:
    # The SDK's proxies raise on a mark of an unknown value, but other structures carry some, too.
    found = marked(value, path) if isinstance(value, str) else None
    return value if found is None else found


def region_of(properties: Mapping[str, object], provider: str | None) -> str | None:
    """The Region that property `region` names, or else that of the provider; None where it is not
    known yet.
    """
    own = string_of(properties, "region")
    if own is None or own == "":
        return provider
    return own if isinstance(own, str) else None
