"""Reading properties as the engine sends them, without raising on any of them.

Properties arrive in the SDK's proxies: mappings and sequences that raise UnknownValueError when
an unknown value is touched, by `in` and `.get` too. These functions answer with a value of the
domain instead, so that a route reads all of a table before anything is decided.

Source: Pulumi's Python policy SDK, pulumi_policy/proxy.py (the engine's sentinels for unknown
values) and pulumi_policy/policy.py (what a policy may raise); Pulumi CLI, `pulumi policy analyze
--help` (what it does with secrets).
"""

from __future__ import annotations

from collections.abc import Mapping

from pulumi_policy import proxy

from ..encryption import Hidden, Malformed, Unknown, json_type

_REDACTED = "[secret]"
"""What the engine puts in place of a secret, whatever its type, when `pulumi policy analyze --file`
reads a state file whose secrets it can't decrypt."""

_WHY_REDACTED = "it is a secret of a state file that could not be decrypted"


def value_of(properties: Mapping[str, object], name: str, at: tuple[str, ...] = ()) -> object:
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
    if value == _REDACTED:
        return Hidden((*at, name), _WHY_REDACTED)
    return value


def object_of(
    properties: Mapping[str, object], name: str, at: tuple[str, ...] = ()
) -> Mapping[str, object] | Unknown | Hidden | Malformed | None:
    """The object in property `name`, such as a block of settings."""
    value = value_of(properties, name, at)
    if value is None or isinstance(value, (Unknown, Hidden, Mapping)):
        return value
    return Malformed(json_type(value))


def boolean_of(
    properties: Mapping[str, object], name: str, at: tuple[str, ...] = ()
) -> bool | Unknown | Hidden | Malformed | None:
    """The boolean in property `name`. The words "true" and "false" are booleans too, in any
    case: state files and JSON documents carry them so.
    """
    value = value_of(properties, name, at)
    if value is None or isinstance(value, (Unknown, Hidden, bool)):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    return Malformed(json_type(value))


def string_of(
    properties: Mapping[str, object], name: str, at: tuple[str, ...] = ()
) -> str | Unknown | Hidden | Malformed | None:
    """The string in property `name`."""
    value = value_of(properties, name, at)
    if value is None or isinstance(value, (Unknown, Hidden, str)):
        return value
    return Malformed(json_type(value))
