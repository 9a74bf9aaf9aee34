"""Tables declared as an ExtensionResource of Pulumi's AWS Native provider.

Source: Pulumi Registry, "aws-native.index.ExtensionResource" (a resource of any CloudFormation
type, with its properties as CloudFormation spells them).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..encryption import Declared, Hidden, Malformed, Opaque, Table, Unknown, Unreadable
from .cloudformation_types import reader_of
from .reading import object_of, value_of
from .source import Source
from .sse_specification import PASCAL, write
from .writing import put


def tables_of(source: Source) -> Iterable[Declared]:
    """The table that an ExtensionResource declares, where its type is a table's."""
    read = reader_of(source, "type")
    if isinstance(read, Opaque):
        yield read
    if read is None or isinstance(read, Opaque):
        return
    properties = object_of(source.properties, "properties")
    not_created_yet = isinstance(value_of(source.properties, "outputs"), Unknown)
    if isinstance(properties, (Unknown, Hidden)):
        yield Opaque(source.name, properties, not_created_yet=not_created_yet)
    elif isinstance(properties, Malformed):
        yield Unreadable(source.name, f"properties is {properties.found} instead of an object")
    else:
        yield read(
            source.name,
            properties or {},
            at=("properties",),
            region=source.region,
            not_created_yet=not_created_yet,
        )


def remedy(properties: Mapping[str, object], before: Table, after: Table) -> None:
    """Write the remedied table `after` into the properties of an ExtensionResource."""
    inner = properties.get("properties")
    if isinstance(inner, Mapping):
        write(inner, PASCAL, before, after)
    else:
        own: dict[str, object] = {}
        write(own, PASCAL, before, after)
        put(properties, "properties", own)
