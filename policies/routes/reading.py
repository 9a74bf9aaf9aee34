"""Reading properties as the engine sends them, without raising on any of them.

Properties arrive in the SDK's proxies: mappings and sequences that raise UnknownValueError when
an unknown value is touched, by `in` and `.get` too. These functions answer with a value of the
domain instead, so that a route reads all of a table before anything is decided.

Source: Pulumi's Python policy SDK, pulumi_policy/proxy.py (the engine's sentinels for unknown
values) and pulumi_policy/policy.py (what a policy may raise).
"""

from __future__ import annotations

from collections.abc import Mapping

from pulumi_policy import proxy

from ..encryption import Malformed, Unknown, json_type


def value_of(properties: Mapping[str, object], name: str) -> object:
    """The value of property `name`: None where it is missing or null, Unknown where it is not
    known yet.
    """
    try:
        return properties[name]
    except KeyError:
        return None
    except proxy.UnknownValueError as error:
        return Unknown(tuple(error.props), error.unknown_type_sentinel)


def object_of(
    properties: Mapping[str, object], name: str
) -> Mapping[str, object] | Unknown | Malformed | None:
    """The object in property `name`, such as a block of settings."""
    value = value_of(properties, name)
    if value is None or isinstance(value, (Unknown, Mapping)):
        return value
    return Malformed(json_type(value))


def boolean_of(properties: Mapping[str, object], name: str) -> bool | Unknown | Malformed | None:
    """The boolean in property `name`. The words "true" and "false" are booleans too, in any
    case: state files and JSON documents carry them so.
    """
    value = value_of(properties, name)
    if value is None or isinstance(value, (Unknown, bool)):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    return Malformed(json_type(value))


def string_of(properties: Mapping[str, object], name: str) -> str | Unknown | Malformed | None:
    """The string in property `name`."""
    value = value_of(properties, name)
    if value is None or isinstance(value, (Unknown, str)):
        return value
    return Malformed(json_type(value))
