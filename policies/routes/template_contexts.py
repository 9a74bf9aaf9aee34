"""The parameters that a stack or a stack set passes to its template.

A stack set can pass other parameters to each group of its instances, so its template is read once
for each group.

Sources: Pulumi Registry, "aws.cloudformation.Stack", "aws.cloudformation.StackSet",
"aws-native.cloudformation.Stack", "aws-native.cloudformation.StackSet" (parameters is an object,
or a list of {parameterKey, parameterValue}; stackInstancesGroup[].parameterOverrides is such a
list); AWS CloudFormation User Guide, "Override parameters in CloudFormation StackSets" and
"Automatic deployments" (accounts that are added later get the stack set's own values).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..encryption.arns import Arn
from ..encryption.values import Hidden, Unreadable, WrongType, json_type
from ..snapshot import Snapshot
from ..templates import Context
from .reading import boolean_in, list_in, object_in, of_type
from .template_properties import (
    AUTO_DEPLOYMENT,
    GROUPS,
    MADE_BY_AWS,
    NAMES,
    OVERRIDES,
    PARAMETERS,
)


def context_of_stack(snapshot: Snapshot, region: str | Unreadable | None) -> Context:
    """Return the context of a stack's template.

    Args:
        snapshot: the stack.
        region: the stack's Region; None if not known.
    """
    context = _context(snapshot.properties, PARAMETERS, region)
    properties = snapshot.properties
    names = [
        name for name in map(properties.get, NAMES) if isinstance(name, (str, Unreadable)) and name
    ]
    arns = [
        Arn.parse(value) for value in map(properties.get, MADE_BY_AWS) if isinstance(value, str)
    ]
    accounts = [arn.account for arn in arns if arn is not None and arn.account]
    # A stack that was read or imported has parameters that the state does not record.
    unrecorded = arns and not properties.get(PARAMETERS)
    return replace(
        context,
        others=_NOT_RECORDED if unrecorded else context.others,
        account=next(iter(accounts), None),
        stack_name=next(iter(names), None),
    )


_NOT_RECORDED = Hidden("the state does not record the stack's parameters")


def contexts_of_stack_set(snapshot: Snapshot) -> Sequence[Context]:
    """Return the different contexts of a stack set's template. The Regions are not known.

    Args:
        snapshot: the stack set.

    Returns:
        A context for each group of instances that the stack set declares, or one for the instances
        that are declared elsewhere.
    """
    base = _context(snapshot.properties, PARAMETERS, None)
    groups = list_in(snapshot.properties, GROUPS)
    if not groups:
        return (base,)
    if isinstance(groups, WrongType):
        return (Context(others=_wrong(GROUPS, groups.found, "a list of groups")),)
    if isinstance(groups, Unreadable):
        return (Context(others=groups),)
    contexts = [_context_of_group(base, group) for group in groups]
    automatic = _deploys_automatically(snapshot.properties)
    if isinstance(automatic, Unreadable):
        contexts.append(Context(others=automatic))
    elif automatic:
        contexts.append(base)
    return tuple({repr(context): context for context in contexts}.values())


def _deploys_automatically(properties: Mapping[str, object]) -> bool | Unreadable:
    """Return whether accounts that are added later get instances, which have no overrides."""
    automatic = object_in(properties, AUTO_DEPLOYMENT)
    enabled = boolean_in(automatic, "enabled") if isinstance(automatic, dict) else automatic
    # AWS refuses a value of the wrong type.
    return True if isinstance(enabled, WrongType) else enabled or False


def _context_of_group(base: Context, item: object) -> Context:
    group = of_type(item, dict)
    if isinstance(group, Unreadable):
        return Context(others=group)
    if group is None:
        return base
    if isinstance(group, WrongType):
        return Context(others=_wrong(GROUPS, f"a list with {group.found}", "a list of groups"))
    overrides = _context(group, OVERRIDES, None)
    if overrides.others is not None:
        # What can't be read can override any parameter.
        return Context(parameters=overrides.parameters, others=overrides.others)
    return Context(parameters={**base.parameters, **overrides.parameters}, others=base.others)


def _context(
    properties: Mapping[str, object], name: str, region: str | Unreadable | None
) -> Context:
    given = properties.get(name)
    if given is None:
        return Context(region=region)
    if isinstance(given, Unreadable):
        return Context(others=given, region=region)
    if isinstance(given, dict):
        values = {name: value for name, value in given.items() if value is not None}
        return Context(parameters=values, region=region)
    if isinstance(given, list):
        return _context_of_list(given, region)
    found = given.found if isinstance(given, WrongType) else json_type(given)
    return Context(others=_wrong(name, found, "an object or a list of parameters"), region=region)


def _context_of_list(items: Sequence[object], region: str | Unreadable | None) -> Context:
    values: dict[str, object] = {}
    for item in items:
        if isinstance(item, Unreadable):
            return Context(parameters=values, others=item, region=region)
        if not isinstance(item, dict):
            continue
        key = item.get("parameterKey")
        if isinstance(key, Unreadable):
            return Context(parameters=values, others=key, region=region)
        value = item.get("parameterValue")
        if isinstance(key, str) and value is not None:
            values[key] = value
    return Context(parameters=values, region=region)


def _wrong(name: str, found: str, expected: str) -> Hidden:
    return Hidden(f"{name} is {found} instead of {expected}", (name,))
