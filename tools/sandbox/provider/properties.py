"""Convert property values between the engine's protobuf Structs and Python.

In Python they are plain dicts and lists, with `UNKNOWN` for a value that is known only during the
update. Inputs have no secrets: like a bridged provider, this one declares that it doesn't accept
them, so the engine unwraps secret inputs and marks the outputs of the same name as secret.

Source: sdk/go/common/resource/sig/sig.go of pulumi/pulumi (the marks of unknown and secret values),
and "Property Values" in the Pulumi developer documentation.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from google.protobuf import struct_pb2

Props = dict[str, Any]

UNKNOWN_WIRE = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
SIGNATURE_KEY = "4dabf18193072939515e22adb298388d"
SIGNATURE_OF_SECRETS = "1b47061264138c4ac30d75fd1eb44270"


class _Unknown:
    """The type of `UNKNOWN`."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = _Unknown()


class Secret(NamedTuple):
    """An output that is secret."""

    value: Any


def decode(struct: struct_pb2.Struct) -> Props:
    """Read a Struct, without nulls and with whole numbers as ints."""
    return {k: _decode(v) for k, v in struct.fields.items() if v.WhichOneof("kind") != "null_value"}


def encode(props: Mapping[str, Any]) -> struct_pb2.Struct:
    """Write a Struct; `UNKNOWN` and None are allowed at any depth."""
    return struct_pb2.Struct(fields={k: _encode(v) for k, v in props.items()})


def has_unknown(value: Any) -> bool:
    """Return whether a value is unknown or contains an unknown value."""
    if isinstance(value, dict):
        return any(has_unknown(item) for item in value.values())
    if isinstance(value, list):
        return any(has_unknown(item) for item in value)
    return value is UNKNOWN


def without_unknown(props: Mapping[str, Any]) -> Props:
    """Return properties without those that are unknown, at the top level and in objects."""
    return {
        k: without_unknown(v) if isinstance(v, dict) else v
        for k, v in props.items()
        if v is not UNKNOWN
    }


def without_internal(value: Any) -> Any:
    """Return a value without the bridge's own properties, which begin with two underscores."""
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
        if SIGNATURE_KEY in fields:
            # A secret or an output, which wraps its value.
            return _decode(fields["value"]) if "value" in fields else UNKNOWN
        return decode(value.struct_value)
    if kind == "list_value":
        return [_decode(item) for item in value.list_value.values]
    if kind == "string_value":
        return UNKNOWN if value.string_value == UNKNOWN_WIRE else value.string_value
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
        return struct_pb2.Value(string_value=UNKNOWN_WIRE)
    if isinstance(value, bool):
        return struct_pb2.Value(bool_value=value)
    if isinstance(value, int | float):
        return struct_pb2.Value(number_value=value)
    if isinstance(value, Mapping):
        return struct_pb2.Value(struct_value=encode(value))
    if isinstance(value, Secret):
        return _encode({SIGNATURE_KEY: SIGNATURE_OF_SECRETS, "value": value.value})
    if isinstance(value, list | tuple):
        values = [_encode(item) for item in value]
        return struct_pb2.Value(list_value=struct_pb2.ListValue(values=values))
    return struct_pb2.Value(string_value=str(value))
