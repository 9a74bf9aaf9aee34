"""Property values between the engine and Python.

On the wire they are protobuf Structs with a few magic strings ("Property Values" in the Pulumi
developer documentation). In here: plain dicts and lists, with ``UNKNOWN`` for a value that only an
update will tell. Secrets never come in: like a bridged provider this one declares that it takes
none, so the engine unwraps them and marks the outputs of the same name secret again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from google.protobuf import struct_pb2

Props = dict[str, Any]

_UNKNOWN_WIRE = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_SIGNATURE = "4dabf18193072939515e22adb298388d"
_SEALED = "1b47061264138c4ac30d75fd1eb44270"


class _Unknown:
    """The one value that isn't known before an update."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = _Unknown()


class Secret(NamedTuple):
    """A value that goes out as a secret. None comes in: see the module."""

    value: Any


def decode(struct: struct_pb2.Struct) -> Props:
    """Read a Struct. Nulls are left out, whole numbers become ints."""
    return {k: _decode(v) for k, v in struct.fields.items() if v.WhichOneof("kind") != "null_value"}


def encode(props: Mapping[str, Any]) -> struct_pb2.Struct:
    """Write a Struct; ``UNKNOWN`` and None are allowed at any depth."""
    return struct_pb2.Struct(fields={k: _encode(v) for k, v in props.items()})


def has_unknown(value: Any) -> bool:
    """Tell whether a value is unknown, or holds something unknown."""
    if isinstance(value, dict):
        return any(has_unknown(item) for item in value.values())
    if isinstance(value, list):
        return any(has_unknown(item) for item in value)
    return value is UNKNOWN


def without_unknown(props: Mapping[str, Any]) -> Props:
    """Leave the unknown properties out, at the top level and in objects."""
    return {
        k: without_unknown(v) if isinstance(v, dict) else v
        for k, v in props.items()
        if v is not UNKNOWN
    }


def without_internal(value: Any) -> Any:
    """Leave out what the bridge keeps for itself: names that begin with two underscores."""
    if isinstance(value, dict):
        return {k: without_internal(v) for k, v in value.items() if not k.startswith("__")}
    if isinstance(value, list):
        return [without_internal(item) for item in value]
    return value


def listed(value: Any) -> list[Any]:
    """Return a list as it is, and an empty one for anything else."""
    return value if isinstance(value, list) else []


def _decode(value: struct_pb2.Value) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        fields = value.struct_value.fields
        if _SIGNATURE in fields:
            # A secret or an output: what counts is the value within.
            return _decode(fields["value"]) if "value" in fields else UNKNOWN
        return decode(value.struct_value)
    if kind == "list_value":
        return [_decode(item) for item in value.list_value.values]
    if kind == "string_value":
        return UNKNOWN if value.string_value == _UNKNOWN_WIRE else value.string_value
    if kind == "bool_value":
        return value.bool_value
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() else number
    return None


def _encode(value: Any) -> struct_pb2.Value:
    if value is None:
        return struct_pb2.Value(null_value=struct_pb2.NULL_VALUE)
    if value is UNKNOWN:
        return struct_pb2.Value(string_value=_UNKNOWN_WIRE)
    if isinstance(value, bool):
        return struct_pb2.Value(bool_value=value)
    if isinstance(value, int | float):
        return struct_pb2.Value(number_value=value)
    if isinstance(value, Mapping):
        return struct_pb2.Value(struct_value=encode(value))
    if isinstance(value, Secret):
        return _encode({_SIGNATURE: _SEALED, "value": value.value})
    if isinstance(value, list | tuple):
        values = [_encode(item) for item in value]
        return struct_pb2.Value(list_value=struct_pb2.ListValue(values=values))
    return struct_pb2.Value(string_value=str(value))
