"""CloudFormation's types of DynamoDB tables, for all resources that declare one by its type.

Sources: AWS CloudFormation Template Reference, "AWS::DynamoDB::Table" and
"AWS::DynamoDB::GlobalTable"; AWS Serverless Application Model Developer Guide,
"AWS::Serverless::SimpleTable" (SSESpecification is passed to the table as it is).
"""

from __future__ import annotations

from dataclasses import replace

from ..encryption.spelling import Spelling
from ..encryption.table_types import names_table, why_unread
from ..encryption.tables import UnreadTables
from ..encryption.values import Hidden, Unreadable
from ..snapshot import Snapshot
from .reading import string_in
from .sse_specification import PASCAL_GLOBAL_TABLE, PASCAL_TABLE

SPELLINGS: dict[str, Spelling] = {
    "AWS::DynamoDB::Table": PASCAL_TABLE,
    "AWS::DynamoDB::GlobalTable": PASCAL_GLOBAL_TABLE,
    "AWS::Serverless::SimpleTable": replace(PASCAL_TABLE, origins=()),
}
"""Each CloudFormation type of a table with its spelling."""


def spelling_in(snapshot: Snapshot, name: str) -> Spelling | tuple[UnreadTables, ...]:
    """Return the spelling of the CloudFormation type that a property names.

    Args:
        snapshot: a resource whose property names a CloudFormation type.
        name: that property.

    Returns:
        The spelling of a table's type; for another type, the tables that it may declare: none, or
        those of a type that can't be read, has its own template, or only names a table.
    """
    kind = string_in(snapshot.properties, name)
    if isinstance(kind, Unreadable):
        return (UnreadTables(snapshot.name, kind),)
    if not isinstance(kind, str):
        return ()
    from ..templates import CARRIERS  # the template reader is imported when it is needed

    if kind in SPELLINGS:
        return SPELLINGS[kind]
    if kind in CARRIERS:
        return (UnreadTables(snapshot.name, Hidden(CARRIERS[kind])),)
    return (UnreadTables(snapshot.name, Hidden(why_unread(kind))),) if names_table(kind) else ()
