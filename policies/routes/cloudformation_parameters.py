"""The parameters that a stack or a stack set gives to its template.

A stack set may give other ones to each group of its instances, so that its template is read once
for each group.

Sources: Pulumi Registry, "aws.cloudformation.Stack", "aws.cloudformation.StackSet",
"aws-native.cloudformation.Stack", "aws-native.cloudformation.StackSet" (parameters is an object,
or a list of {parameterKey, parameterValue}; stackInstancesGroup[].parameterOverrides is such a
list); AWS CloudFormation User Guide, "Override parameters in CloudFormation StackSets", "Automatic
deployments" (accounts that are added later get the stack set's own values).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..encryption import Hidden, Malformed, Unknown, json_type
from ..templates import Context
from .reading import Path, as_object, boolean_of, items_of, list_of, object_of, value_of
from .source import Source

PARAMETERS = "parameters"
GROUPS = "stackInstancesGroup"
OVERRIDES = "parameterOverrides"


def context_of_stack(source: Source, region: str | None) -> Context:
    """What the template of a stack in `region` is evaluated with."""
    return _context(source.properties, PARAMETERS, (), region)


def contexts_of_stack_set(source: Source) -> Sequence[Context]:
    """What the template of a stack set is evaluated with: once for each group of instances that it
    names, or once for those that are added elsewhere. Its Regions are not known.
    """
    base = _context(source.properties, PARAMETERS, (), None)
    groups = list_of(source.properties, GROUPS)
    if not groups:
        return (base,)
    if isinstance(groups, Malformed):
        return (Context(others=_wrong(GROUPS, groups.found)),)
    if isinstance(groups, (Unknown, Hidden)):
        return (Context(others=groups),)
    contexts = [_of_group(base, group, str(index)) for index, group in enumerate(groups)]
    automatic = _grows_by_itself(source.properties)
    if isinstance(automatic, (Unknown, Hidden)):
        contexts.append(Context(others=automatic))
    elif automatic:
        contexts.append(base)
    return tuple({repr(it): it for it in contexts}.values())


def _grows_by_itself(properties: Mapping[str, object]) -> bool | Unknown | Hidden:
    """Whether accounts that are added later get instances, which have no overrides."""
    automatic = object_of(properties, "autoDeployment")
    enabled = (
        boolean_of(automatic, "enabled", ("autoDeployment",))
        if isinstance(automatic, Mapping)
        else automatic
    )
    # What is of the wrong type is refused by AWS.
    return True if isinstance(enabled, Malformed) else enabled or False


def _of_group(base: Context, item: object, index: str) -> Context:
    group = as_object(item)
    if isinstance(group, (Unknown, Hidden)):
        return Context(others=group)
    if group is None:
        return base
    if isinstance(group, Malformed):
        return Context(others=_wrong(GROUPS, f"{group.found} among its items"))
    own = _context(group, OVERRIDES, (GROUPS, index), None)
    if own.others is not None:
        # Any parameter may be overridden by what can't be read.
        return Context(parameters=own.parameters, others=own.others)
    return Context(parameters={**base.parameters, **own.parameters}, others=base.others)


def _context(properties: Mapping[str, object], name: str, at: Path, region: str | None) -> Context:
    given = value_of(properties, name, at)
    if given is None:
        return Context(region=region)
    if isinstance(given, (Unknown, Hidden)):
        return Context(others=given, region=region)
    if isinstance(given, Mapping):
        values = {str(it): value_of(given, it, (*at, name)) for it in given}
        return Context(parameters=values, region=region)
    if isinstance(given, Sequence) and not isinstance(given, str):
        return _context_of_list(items_of(given, (*at, name)), (*at, name), region)
    return Context(others=_wrong(name, json_type(given)), region=region)


def _context_of_list(items: Sequence[object], at: Path, region: str | None) -> Context:
    values: dict[str, object] = {}
    for index, item in enumerate(items):
        parameter = as_object(item)
        if isinstance(parameter, (Unknown, Hidden)):
            return Context(parameters=values, others=parameter, region=region)
        if parameter is None or isinstance(parameter, Malformed):
            continue
        inside = (*at, str(index))
        key = value_of(parameter, "parameterKey", inside)
        if isinstance(key, (Unknown, Hidden)):
            return Context(parameters=values, others=key, region=region)
        if isinstance(key, str):
            values[key] = value_of(parameter, "parameterValue", inside)
    return Context(parameters=values, region=region)


def _wrong(name: str, found: str) -> Hidden:
    return Hidden((name,), f"{name} is {found} instead of what names parameters")
