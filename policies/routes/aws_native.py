"""Tables declared with Pulumi's AWS Native provider.

Sources: Pulumi Registry, "aws-native.dynamodb.Table", "aws-native.dynamodb.GlobalTable" and
"aws-native.index.ExtensionResource" (a resource of any CloudFormation type, with its properties as
CloudFormation spells them).
"""

from __future__ import annotations

from collections.abc import Iterable

from ..encryption import Declared, Hidden, Malformed, Opaque, Table, Unknown, Unreadable
from . import cloudformation_types
from .reading import object_of, string_of, value_of
from .source import Source
from .sse_specification import CAMEL, read_global_table, read_table, wording_of

TABLE_WORDING = wording_of(CAMEL, of_global_table=False)
GLOBAL_TABLE_WORDING = wording_of(CAMEL, of_global_table=True)


def tables_of(source: Source) -> Iterable[Table]:
    """The one table that a Table resource declares."""
    yield read_table(
        source.name,
        source.properties,
        CAMEL,
        TABLE_WORDING,
        region=source.region,
        not_created_yet=_not_created_yet(source),
    )


def global_tables_of(source: Source) -> Iterable[Table]:
    """The one global table that a GlobalTable resource declares, with its replicas."""
    yield read_global_table(
        source.name,
        source.properties,
        CAMEL,
        GLOBAL_TABLE_WORDING,
        not_created_yet=_not_created_yet(source),
    )


def extension_tables_of(source: Source) -> Iterable[Declared]:
    """The table that an ExtensionResource declares, where it is of a table's type."""
    kind = string_of(source.properties, "type")
    if isinstance(kind, (Unknown, Hidden)):
        yield Opaque(source.name, kind)
        return
    if not isinstance(kind, str) or kind not in cloudformation_types.READERS:
        return
    properties = object_of(source.properties, "properties")
    not_created_yet = isinstance(value_of(source.properties, "outputs"), Unknown)
    if isinstance(properties, (Unknown, Hidden)):
        yield Opaque(source.name, properties, not_created_yet=not_created_yet)
    elif isinstance(properties, Malformed):
        yield Unreadable(source.name, f"properties is {properties.found} instead of an object")
    else:
        yield cloudformation_types.READERS[kind](
            source.name,
            properties or {},
            at=("properties",),
            region=source.region,
            not_created_yet=not_created_yet,
        )


def _not_created_yet(source: Source) -> bool:
    return isinstance(value_of(source.properties, "arn"), Unknown)
