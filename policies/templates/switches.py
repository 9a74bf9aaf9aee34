"""Name the parameters, conditions and mappings of a template that decide the value of a property.

Source: AWS CloudFormation User Guide, "Intrinsic function reference" and "Condition functions".
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from ..encryption.values import quoted
from .functions import variables_in
from .limits import Budget

if TYPE_CHECKING:
    from .template import Template

SWITCHES_LIMIT = 4
"""How many switches are named."""

_KINDS = {"Parameters": "parameter", "Conditions": "condition", "Mappings": "mapping"}
"""Each section whose members are switches, with the word for a member."""


def nodes_of(properties: object, names: Collection[str], budget: Budget) -> list[object]:
    """Return what decides the members `names` of a resource's properties, at any depth.

    Args:
        properties: The properties as they are in the template.
        names: The names of members, such as SSEEnabled.
        budget: Limits the steps.

    Returns:
        The values of the members as they are in the template, each after the conditions on which
        the member depends.

    Raises:
        LimitExceededError: There are too many steps.
    """
    nodes: list[object] = []
    pending: list[tuple[object, tuple[object, ...], bool]] = [(properties, (), False)]
    while pending:
        node, conditions, is_member = pending.pop()
        if is_member:
            nodes += (*conditions, node)
        elif isinstance(node, list):
            budget.spend(1 + len(node))
            pending += [(item, conditions, False) for item in reversed(node)]
        elif isinstance(node, dict):
            budget.spend(1 + len(node))
            for name, value in reversed(node.items()):
                if name == "Fn::If" and isinstance(value, list) and value:
                    inner = (*conditions, _condition(value[0]))
                    pending.append((value[1:], inner, False))
                else:
                    pending.append((value, conditions, name in names))
    return nodes


def switches(template: Template, nodes: Iterable[object], budget: Budget) -> tuple[str, ...]:
    """Return what `nodes` of a template depend on, in words such as "the parameter 'Stage'".

    The switches of a condition follow the condition. Resources and pseudo parameters don't count.

    Args:
        template: The template.
        nodes: Values and conditions as they are in the template.
        budget: Limits the steps.

    Returns:
        The first switches, as many as the limit.

    Raises:
        LimitExceededError: There are too many steps.
    """
    names: dict[str, None] = {}

    def add(section: str, name: str) -> object:
        """Add a switch, and return its declaration if it is new; None if there is none."""
        declared = template.section(section)
        if not isinstance(declared, dict) or name not in declared:
            return None
        switch = f"the {_KINDS[section]} {quoted(name)}"
        is_new = switch not in names
        names[switch] = None
        return declared[name] if is_new else None

    pending = [*nodes][::-1]
    while pending and len(names) < SWITCHES_LIMIT:
        node = pending.pop()
        if isinstance(node, list):
            budget.spend(1 + len(node))
            pending += reversed(node)
        for name, argument in reversed(node.items()) if isinstance(node, dict) else ():
            budget.spend(1)
            first, *rest = argument if isinstance(argument, list) and argument else (argument,)
            if name == "Fn::Sub" and isinstance(first, str):
                budget.spend(len(first) // 20)
                given = rest[0] if rest and isinstance(rest[0], dict) else {}
                for variable in variables_in(first):
                    if variable not in given:
                        add("Parameters", variable)
                pending += rest
            elif name == "Fn::If":
                pending += (*reversed(rest), _condition(first))
            elif name == "Fn::FindInMap" and isinstance(first, str):
                add("Mappings", first)
                pending += reversed(rest)
            elif name == "Ref" and isinstance(argument, str):
                add("Parameters", argument)
            elif name == "Condition" and isinstance(argument, str):
                pending.append(add("Conditions", argument))
            else:
                pending.append(argument)
    return tuple(names)[:SWITCHES_LIMIT]


def _condition(node: object) -> object:
    """Return the node of the condition that an Fn::If names or contains."""
    return {"Condition": node} if isinstance(node, str) else node
