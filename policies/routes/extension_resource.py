"""Tables declared as an ExtensionResource of Pulumi's AWS Native provider.

Source: Pulumi Registry, "aws-native.index.ExtensionResource" (a resource of any CloudFormation
type, with its properties as CloudFormation spells them).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..encryption.spelling import Spelling
from ..encryption.tables import Declaration, InvalidDeclaration, Table, UnreadTables
from ..encryption.values import Unreadable, WrongType
from ..snapshot import Snapshot
from .cloudformation_types import spelling_in
from .reading import is_not_created_yet, object_in
from .route import Route
from .tables import put, read_table, write_table

TYPE = "type"
PROPERTIES = "properties"


def read(snapshot: Snapshot) -> Iterable[Declaration]:
    """Read the table of an ExtensionResource, if its type is a table's."""
    spelling = spelling_in(snapshot, TYPE)
    if not isinstance(spelling, Spelling):
        yield from spelling
        return
    properties = object_in(snapshot.properties, PROPERTIES)
    region = snapshot.provider_region
    not_created_yet = is_not_created_yet(snapshot, ("outputs",))
    if isinstance(properties, Unreadable):
        yield UnreadTables(snapshot.name, properties, not_created_yet=not_created_yet)
    elif isinstance(properties, WrongType):
        fault = f"{PROPERTIES} is {properties.found} instead of an object"
        yield InvalidDeclaration(snapshot.name, fault, not_created_yet)
    else:
        yield read_table(
            snapshot.name,
            properties or {},
            spelling,
            region=region if isinstance(region, str) else None,
            not_created_yet=not_created_yet,
        )


def remediate(properties: Mapping[str, Any], before: Table, after: Table) -> None:
    """Write a remediated table into the properties of an ExtensionResource."""
    declared = properties.get(PROPERTIES)
    if isinstance(declared, Mapping):
        write_table(declared, before, after)
    else:
        added: dict[str, Any] = {}
        write_table(added, before, after)
        put(properties, PROPERTIES, added)


RESOURCE = Route(read, frozenset((TYPE, PROPERTIES, "outputs")), remediate)
