"""What the tests of templates share: a table in a template, and reading it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from policies.encryption.values import Hidden, Unknown
from policies.templates import (
    Context,
    HiddenPart,
    InvalidTemplate,
    Template,
    TemplateResource,
    parse,
)

TABLE = "AWS::DynamoDB::Table"
TYPES: Mapping[str, Collection[str]] = {TABLE: ("It",)}
SUBJECTS: Mapping[str, Collection[str]] = {"it": ("It",)}
CONTEXT = Context(region="eu-west-1", account="111122223333", stack_name="orders")
NOT_KNOWN = Unknown(("parameters", "P"))
HIDDEN = Hidden("the value is hidden", ("parameters", "P"))

Parts = list[TemplateResource | HiddenPart]


def template(value: Any, **sections: Any) -> dict[str, Any]:
    """A template with one table that has `value` as its property It."""
    resources = sections.pop("Resources", {})
    table = {"Type": TABLE, "Properties": {"It": value}}
    return {**sections, "Resources": {**resources, "Orders": table}}


def read(
    body: Any, context: Context = CONTEXT, types: Mapping[str, Collection[str]] = TYPES
) -> Parts:
    """All that is read from `body`, which must be a template in a text or a structure."""
    structure = parse(body) if isinstance(body, str) else body
    assert not isinstance(structure, InvalidTemplate), structure.reason
    return list(Template.read(structure, context).resources(types, subjects=SUBJECTS))


def tables(
    body: Any, context: Context = CONTEXT, types: Mapping[str, Collection[str]] = TYPES
) -> list[TemplateResource]:
    """The tables of the template `body` that can be read."""
    return [part for part in read(body, context, types) if isinstance(part, TemplateResource)]


def hidden(body: Any, context: Context = CONTEXT) -> list[HiddenPart]:
    """The hidden parts of the template `body`."""
    return [part for part in read(body, context) if isinstance(part, HiddenPart)]


def hidden_ids(body: Any, context: Context = CONTEXT) -> list[str]:
    """The logical IDs of the hidden parts of the template `body`."""
    return [part.logical_id for part in hidden(body, context)]


def values(body: Any, context: Context = CONTEXT) -> list[Any]:
    """The value of the property It of the template's one table in each case."""
    (table,) = tables(body, context)
    return [properties.get("It") for properties in table.cases]


def value(expression: Any, context: Context = CONTEXT, **sections: Any) -> Any:
    """The value of `expression`, in a template with one case."""
    (result,) = values(template(expression, **sections), context)
    return result


def reason(text: str) -> str:
    """Why `text` is not a template."""
    parsed = parse(text)
    assert isinstance(parsed, InvalidTemplate)
    return parsed.reason
