"""Encode resources and their properties as the engine sends them.

Source: Pulumi, sdk/go/common/resource/plugin/rpc.go and sdk/python/lib/pulumi/runtime/rpc.py (the
sentinels for unknown values, the signature of a secret).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from google.protobuf import json_format, struct_pb2

Properties = Mapping[str, Any]
"""A resource's properties: JSON values, members of `Unknown`, and values of `secret`."""

_SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - a public signature


class Unknown(str, Enum):
    """Values that are known only during the update, by type."""

    BOOLEAN = "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7"
    NUMBER = "3eeb2bf0-c639-47a8-9e75-3b44932eb421"
    STRING = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
    ARRAY = "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2"
    ASSET = "030794c1-ac77-496b-92df-f27374a8bd58"
    ARCHIVE = "e48ece36-62e2-4504-bad9-02848725956a"
    OBJECT = "dd056dcd-154b-4c76-9bd3-c8f88648b5ff"


UNKNOWN = Unknown.STRING
"""What the engine sends for a computed value of any type."""


def secret(value: Any) -> dict[str, Any]:
    """Return a secret value, as the engine sends it to an analyzer."""
    return {_SIGNATURE: _SECRET, "value": value}


@dataclass(frozen=True)
class Resource:
    """A resource of a stack.

    Attributes:
        type: the type token, such as "aws:s3/bucket:Bucket".
        properties: the inputs (for `Analyzer.analyze` and `remediate`) or the outputs (for
            `analyze_stack`).
        name: the name in the program.
        urn: the URN. By default, it is made from the type and the name.
        parent: the parent's URN.
        dependencies: the URNs of the dependencies.
        property_dependencies: property → the URNs of its dependencies.
        provider: the properties of the explicit provider, if there is one.
        ignore_changes: the resource option `ignoreChanges`.
    """

    type: str
    properties: Properties
    name: str = "it"
    urn: str = ""
    parent: str = ""
    dependencies: Sequence[str] = ()
    property_dependencies: Mapping[str, Sequence[str]] = field(default_factory=dict)
    provider: Properties | None = None
    ignore_changes: Sequence[str] = ()

    def __post_init__(self) -> None:
        if not self.urn:
            object.__setattr__(self, "urn", f"urn:pulumi:dev::project::{self.type}::{self.name}")


def to_struct(properties: Properties) -> struct_pb2.Struct:
    """Encode `properties` as the engine does."""
    return json_format.ParseDict(_plain(properties), struct_pb2.Struct())


def from_struct(struct: struct_pb2.Struct) -> dict[str, Any]:
    """Decode a struct from a pack. Numbers are floats."""
    return json_format.MessageToDict(struct)


def _plain(value: Any) -> Any:
    if isinstance(value, Unknown):
        return value.value
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value
