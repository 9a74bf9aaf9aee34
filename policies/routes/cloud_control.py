"""Tables declared through AWS Cloud Control: `aws:cloudcontrol/resource:Resource`.

Its desiredState is a JSON document with the properties of a CloudFormation type.

Sources: Pulumi Registry, "aws.cloudcontrol.Resource"; AWS Cloud Control API User Guide, "Resource
types" (the properties are those of the CloudFormation type).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from ..encryption.arns import Arn
from ..encryption.spelling import Spelling
from ..encryption.tables import Declaration, InvalidDeclaration, Table, UnreadTables
from ..encryption.values import Unreadable
from ..snapshot import Snapshot, has_unknowns, mark_unknowns
from .cloudformation_types import spelling_in
from .reading import is_not_created_yet, region_of, string_in
from .route import Route
from .tables import put, read_table, write_table

TYPE = "typeName"
DESIRED = "desiredState"
RECORDED = "properties"


def read(snapshot: Snapshot) -> Iterable[Declaration]:
    """Read the table of a Resource, if its typeName is a table's."""
    spelling = spelling_in(snapshot, TYPE)
    if not isinstance(spelling, Spelling):
        yield from spelling
        return
    # The outputs have what AWS recorded, which is unknown until the resource is created.
    recorded = string_in(snapshot.properties, RECORDED)
    not_created_yet = is_not_created_yet(snapshot, (RECORDED,))
    place = RECORDED if isinstance(recorded, str) else DESIRED
    document = string_in(snapshot.properties, place)
    if isinstance(document, Unreadable):
        yield UnreadTables(snapshot.name, document, not_created_yet=not_created_yet)
        return
    if not isinstance(document, str):
        found = "missing" if document is None else f"{document.found} instead of a JSON document"
        yield InvalidDeclaration(snapshot.name, f"{place} is {found}", not_created_yet)
        return
    from ..templates import InvalidTemplate, parse_json  # imported when it is needed

    properties: object = parse_json(document)
    if isinstance(properties, InvalidTemplate):
        yield InvalidDeclaration(snapshot.name, f"{properties.reason} ({place})", not_created_yet)
        return
    if has_unknowns(document):
        properties = mark_unknowns(properties, (place,))
    if not isinstance(properties, dict):
        yield InvalidDeclaration(snapshot.name, f"{place} is too large", not_created_yet)
        return
    recorded_arn = string_in(properties, "Arn")
    arn = Arn.parse(recorded_arn) if isinstance(recorded_arn, str) else None
    yield read_table(
        snapshot.name,
        properties,
        spelling,
        region=region_of(snapshot),
        account=arn.account or None if arn else None,
        not_created_yet=not_created_yet,
        json=True,
    )


def remediate(properties: Mapping[str, Any], before: Table, after: Table) -> None:
    """Write a remediated table into the document of a Resource.

    Raises:
        ValueError: the document has a number that can't be written as it is.
    """
    # Parsed again: what the document has in place of unknown values must stay as it is.
    document = json.loads(
        str(properties[DESIRED]), parse_float=_exact_number, parse_int=_exact_number
    )
    write_table(document, before, after)
    text = json.dumps(document, ensure_ascii=False)
    # An escape can be half of a character, which can't be sent unescaped.
    is_text = text.encode(errors="ignore").decode() == text
    put(properties, DESIRED, text if is_text else json.dumps(document))


def _exact_number(digits: str) -> int | float:
    number = int(digits) if digits.lstrip("-").isdecimal() else float(digits)
    if repr(number) != digits:
        raise ValueError("the number can't be written as it is")
    return number


RESOURCE = Route(read, frozenset((TYPE, DESIRED, RECORDED, "region")), remediate)
