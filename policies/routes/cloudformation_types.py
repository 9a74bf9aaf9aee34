"""CloudFormation's own types of DynamoDB tables, wherever a Pulumi resource carries one.

Sources: AWS CloudFormation Template Reference, "AWS::DynamoDB::Table" and
"AWS::DynamoDB::GlobalTable"; AWS Serverless Application Model Developer Guide,
"AWS::Serverless::SimpleTable" (SSESpecification is passed to the table as it is).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from ..encryption import Hidden, Opaque, Table, Unknown
from ..templates import CARRIERS
from .reading import Path, string_of
from .source import Source
from .sse_specification import PASCAL, read_global_table, read_table, wording_of

TABLE = "AWS::DynamoDB::Table"
GLOBAL_TABLE = "AWS::DynamoDB::GlobalTable"
SIMPLE_TABLE = "AWS::Serverless::SimpleTable"

TABLE_WORDING = wording_of(PASCAL, of_global_table=False)
GLOBAL_TABLE_WORDING = wording_of(PASCAL, of_global_table=True)


class Reader(Protocol):
    """Reads a table from its properties as CloudFormation spells them; arguments as in `Table`."""

    def __call__(  # noqa: D102 - said above
        self,
        name: str,
        properties: Mapping[str, object],
        *,
        at: Path = (),
        region: str | None = None,
        not_created_yet: bool = False,
        within: str | None = None,
    ) -> Table: ...


def _table(
    name: str,
    properties: Mapping[str, object],
    *,
    at: Path = (),
    region: str | None = None,
    not_created_yet: bool = False,
    within: str | None = None,
) -> Table:
    return read_table(
        name,
        properties,
        PASCAL,
        TABLE_WORDING,
        at=at,
        region=region,
        not_created_yet=not_created_yet,
        within=within,
    )


def _global_table(
    name: str,
    properties: Mapping[str, object],
    *,
    at: Path = (),
    region: str | None = None,  # noqa: ARG001 - each of its replicas has a Region of its own
    not_created_yet: bool = False,
    within: str | None = None,
) -> Table:
    return read_global_table(
        name,
        properties,
        PASCAL,
        GLOBAL_TABLE_WORDING,
        at=at,
        not_created_yet=not_created_yet,
        within=within,
    )


READERS: dict[str, Reader] = {
    TABLE: _table,
    GLOBAL_TABLE: _global_table,
    SIMPLE_TABLE: _table,
}
"""CloudFormation type → how to read it."""


def reader_of(source: Source, name: str) -> Reader | Opaque | None:
    """How to read what a resource declares whose CloudFormation type stands in property `name`;
    None where that is no type of a table.
    """
    kind = string_of(source.properties, name)
    if isinstance(kind, (Unknown, Hidden)):
        return Opaque(source.name, kind)
    if not isinstance(kind, str):
        return None
    if kind in CARRIERS:
        return Opaque(source.name, Hidden((), CARRIERS[kind]))
    return READERS.get(kind)
