"""Tables declared through AWS Cloud Control: `aws:cloudcontrol/resource:Resource`.

Its desiredState is a JSON document with the properties of a CloudFormation type.

Sources: Pulumi Registry, "aws.cloudcontrol.Resource"; AWS Cloud Control API User Guide, "Resource
types" (the properties are those of the CloudFormation type).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from ..encryption import Declared, Hidden, Opaque, Table, Unknown, Unreadable
from ..templates import BadTemplate, parse_json
from .cloudformation_types import reader_of
from .reading import region_of, string_of
from .source import Source
from .sse_specification import PASCAL, write
from .writing import put

DESIRED = "desiredState"
RECORDED = "properties"


def tables_of(source: Source) -> Iterable[Declared]:
    """The table that the resource declares, where its typeName is a table's."""
    read = reader_of(source, "typeName")
    if isinstance(read, Opaque):
        yield read
    if read is None or isinstance(read, Opaque):
        return
    # What AWS recorded is in the outputs only, and unknown before the resource is there.
    recorded = string_of(source.properties, RECORDED)
    not_created_yet = isinstance(recorded, Unknown)
    document = recorded if isinstance(recorded, str) else string_of(source.properties, DESIRED)
    place = RECORDED if document is recorded else DESIRED
    if isinstance(document, (Unknown, Hidden)):
        yield Opaque(source.name, document, not_created_yet=not_created_yet)
        return
    if not isinstance(document, str):
        found = "missing" if document is None else f"{document.found} instead of a JSON document"
        yield Unreadable(source.name, f"{place} is {found}", not_created_yet)
        return
    properties = parse_json(document)
    if isinstance(properties, BadTemplate):
        yield Unreadable(source.name, f"{properties.reason} ({place})", not_created_yet)
        return
    yield read(
        source.name,
        properties,
        at=(place,),
        region=region_of(source.properties, source.region),
        not_created_yet=not_created_yet,
    )


def remedy(properties: Mapping[str, object], before: Table, after: Table) -> None:
    """Write the remedied table `after` into the document of a Resource."""
    # Read anew: what stands in it for unknown values must stay as it is.
    document = json.loads(str(properties[DESIRED]), parse_float=_exactly, parse_int=_exactly)
    write(document, PASCAL, before, after)
    text = json.dumps(document, ensure_ascii=False)
    # An escape may stand for half a letter, which can't be sent as a letter.
    is_text = text.encode(errors="ignore").decode() == text
    put(properties, DESIRED, text if is_text else json.dumps(document))


def _exactly(digits: str) -> int | float:
    """Raises ValueError for a number that would be written otherwise: nothing is mended then."""
    number = int(digits) if digits.lstrip("-").isdecimal() else float(digits)
    if repr(number) != digits:
        raise ValueError("the number can't be kept as it is")
    return number
