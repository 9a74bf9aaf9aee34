"""Tables declared with Pulumi's AWS Native provider.

Sources: Pulumi Registry, "aws-native.dynamodb.Table" and "aws-native.dynamodb.GlobalTable".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..encryption import Table, Unknown
from .reading import value_of
from .source import Source
from .sse_specification import CAMEL, read_global_table, read_table, wording_of, write

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


def remedy(properties: Mapping[str, object], before: Table, after: Table) -> None:
    """Write the remedied table `after` into the properties of a Table or GlobalTable resource."""
    write(properties, CAMEL, before, after)


def _not_created_yet(source: Source) -> bool:
    return isinstance(value_of(source.properties, "arn"), Unknown)
