"""What the tests of templates share: a table in a template, and what is read of it."""

from __future__ import annotations

from typing import Any

from policies.encryption import Hidden, Unknown
from policies.templates import BadTemplate, Context, Declaration, declarations, parse

TABLE = "AWS::DynamoDB::Table"
CONTEXT = Context(region="eu-west-1", account="111122223333", stack_name="orders")
NOT_KNOWN = Unknown(("parameters", "P"), "marker")
HIDDEN = Hidden(("parameters", "P"), "it is hidden")


def template(value: Any, **sections: Any) -> dict[str, Any]:
    """A template with one table that has `value` as its property It."""
    resources = sections.pop("Resources", {})
    table = {"Type": TABLE, "Properties": {"It": value}}
    return {**sections, "Resources": {**resources, "Orders": table}}


def read(body: object, context: Context = CONTEXT) -> list[Declaration]:
    """The tables of the template `body`, which must be one."""
    parsed = parse(body)
    assert not isinstance(parsed, BadTemplate), parsed.reason
    found = declarations(parsed, {TABLE: ("It",)}, context)
    assert not isinstance(found, BadTemplate), found.reason
    return list(found)


def values(body: object, context: Context = CONTEXT) -> list[Any]:
    """What the property It of the template's one table comes to, in each case."""
    (declaration,) = read(body, context)
    assert declaration.opaque is None, declaration.opaque
    assert declaration.refused is None, declaration.refused
    return [it.get("It") for it in declaration.alternatives]


def value(expression: Any, context: Context = CONTEXT, **sections: Any) -> Any:
    """What `expression` comes to, in the one case that there is."""
    (found,) = values(template(expression, **sections), context)
    return found


def refused(body: object) -> str:
    """Why the template `body` is none."""
    parsed = parse(body)
    assert isinstance(parsed, BadTemplate)
    return parsed.reason
