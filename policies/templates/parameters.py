"""Evaluate the parameters and pseudo parameters of a template.

Sources: AWS CloudFormation User Guide, "Parameters" (types, NoEcho), "Pseudo parameters reference".
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING

from ..encryption.arns import partition_of
from ..encryption.values import Hidden, Unreadable
from .unresolved import Unresolved, text_of
from .values import Context

if TYPE_CHECKING:
    from .template import Template

DYNAMIC = Hidden(
    "the value is a dynamic reference, which CloudFormation resolves when it creates the stack"
)

_ALLOWED_VALUES_LIMIT = 1000
_URL_SUFFIXES = {
    "aws": "amazonaws.com",
    "aws-us-gov": "amazonaws.com",
    "aws-cn": "amazonaws.com.cn",
}
"""Partition → AWS::URLSuffix, where AWS documents it."""

_FORMS: dict[Hashable, re.Pattern[str]] = {
    ("Ref", f"AWS::{name}"): re.compile(form)
    for name, form in {
        # A number that isn't written in digits may be equal to an account ID.
        "AccountId": r"[0-9]{12}|[0-9]+[.][0-9]*(?:[eE][+]?[0-9]+)?",
        "NotificationARNs": r"arn:.*",
        "Partition": r"aws[a-z0-9-]*",
        "Region": r"[a-z]+(?:-[a-z0-9]+)+",
        "StackId": r"arn:aws[a-z0-9-]*:cloudformation:[a-z0-9-]+:[0-9]{12}:stack/.+",
        "StackName": r"[A-Za-z][A-Za-z0-9-]*",
        "URLSuffix": r"[a-z0-9-]+(?:[.][a-z0-9-]+)+",
    }.items()
}
"""The origins of pseudo parameters → the form of their values."""

_NOT_RECORDED = "****"
"""What CloudFormation shows instead of the value of a NoEcho parameter."""


def can_be(origin: Hashable, literal: str) -> bool:
    """Return whether a value of that origin can be `literal`, by the form of pseudo parameters."""
    form = _FORMS.get(origin)
    return form is None or form.fullmatch(literal) is not None


def parameter(template: Template, name: str) -> object:
    """Return the value of the parameter or pseudo parameter `name`.

    A string, a list, or Unresolved; None if the template doesn't declare `name`.
    """
    pseudo = _pseudo_parameters(template.context)
    if name in pseudo:
        return pseudo[name]
    parameters = template.section("Parameters")
    if isinstance(parameters, Unreadable):
        return Unresolved(("Ref", name), parameters)
    return _parameter(template.context, name, parameters[name]) if name in parameters else None


def allowed_values(template: Template, name: str) -> frozenset[str] | None:
    """Return the values that CloudFormation accepts for the parameter `name`; None if any."""
    parameters = template.section("Parameters")
    declared = None if isinstance(parameters, Unreadable) else parameters.get(name)
    if not isinstance(declared, dict):
        return None
    kind, values = declared.get("Type"), declared.get("AllowedValues")
    # Those of a list are for each item, those of a stored value are for its name.
    if not isinstance(kind, str) or "List" in kind or _is_stored(kind):
        return None
    if not isinstance(values, list) or len(values) > _ALLOWED_VALUES_LIMIT:
        return None
    texts = [text_of(value) for value in values]
    return None if None in texts else frozenset(text for text in texts if text is not None)


def _parameter(context: Context, name: str, declared: object) -> object:
    if isinstance(declared, Unreadable):
        return Unresolved(("Ref", name), declared)
    if not isinstance(declared, dict):
        return _hidden(name, "a parameter of the template is not declared correctly")
    kind = declared.get("Type")
    if isinstance(kind, Unreadable):
        return Unresolved(("Ref", name), kind)
    kind = kind if isinstance(kind, str) else "String"
    # Comes first: the stack's value is only the name under which the parameter's value is stored.
    if _is_stored(kind):
        return _hidden(name, "the value is stored in Systems Manager Parameter Store")
    if name in context.parameters:
        value = context.parameters[name]
        if value == _NOT_RECORDED and str(declared.get("NoEcho", False)).lower() != "false":
            return _hidden(name, "the parameter is NoEcho, so its value is not recorded")
    elif context.others is not None:
        value = context.others
    elif "Default" in declared:
        value = declared["Default"]
    else:
        return _hidden(name, "a parameter of the template doesn't have a value")
    return _converted(name, value, to_list=kind == "CommaDelimitedList" or kind.startswith("List<"))


def _hidden(name: str, reason: str) -> Unresolved:
    return Unresolved(("Ref", name), Hidden(reason))


def _is_stored(kind: str) -> bool:
    return kind.startswith("AWS::SSM::Parameter::Value")


def _converted(name: str, value: object, *, to_list: bool) -> object:
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        items = [_text(("Ref", name, index), item) for index, item in enumerate(value)]
        if to_list:
            return items
        unresolved = next((item for item in items if isinstance(item, Unresolved)), None)
        return unresolved or ",".join(map(str, items))
    text = _text(("Ref", name), value)
    return [item.strip() for item in text.split(",")] if to_list and isinstance(text, str) else text


def _text(origin: tuple[str | int, ...], value: object) -> str | Unresolved:
    if isinstance(value, Unreadable):
        return Unresolved(origin, value)
    # The engine sends all numbers as floats.
    text = text_of(int(value) if isinstance(value, float) and value.is_integer() else value)
    if text is None:
        return Unresolved(origin, Hidden("a parameter of the template has a value of a wrong type"))
    return Unresolved(origin, DYNAMIC) if "{{resolve:" in text else text


def _pseudo_parameters(context: Context) -> dict[str, object]:
    # Both follow from the Region, and can't be read where it can't be read.
    partition, suffix = context.region, context.region
    if isinstance(context.region, str):
        partition = partition_of(context.region)
        suffix = _URL_SUFFIXES.get(partition)
    region = "the Region of the stack is not known"
    values = {
        "AWS::Region": (context.region, region),
        "AWS::AccountId": (context.account, "the account of the stack is not known"),
        "AWS::Partition": (partition, region),
        "AWS::URLSuffix": (suffix, region),
        "AWS::StackName": (context.stack_name, "the name of the stack is not known"),
        "AWS::StackId": (None, "CloudFormation assigns the stack ID when it creates the stack"),
        "AWS::NotificationARNs": (None, "the notification ARNs of the stack are not known"),
    }
    return {
        name: _hidden(name, reason)
        if value is None
        else Unresolved(("Ref", name), value)
        if isinstance(value, Unreadable)
        else value
        for name, (value, reason) in values.items()
    }
