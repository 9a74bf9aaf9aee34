"""Tables declared in CloudFormation templates: stacks and stack sets of both AWS providers.

Sources: Pulumi Registry, "aws.cloudformation.Stack", "aws.cloudformation.StackSet",
"aws-native.cloudformation.Stack", "aws-native.cloudformation.StackSet" (the properties that have a
template), "aws.cloudformation.StackSetInstance", "aws.cloudformation.StackInstances".
"""

from __future__ import annotations

from collections.abc import Iterable

from ..encryption.tables import Declaration, UnreadTables
from ..encryption.values import Hidden, Unreadable
from ..snapshot import Snapshot
from .reading import is_not_created_yet
from .route import Route
from .template_properties import (
    AUTO_DEPLOYMENT,
    BODY,
    GROUPS,
    MADE_BY_AWS,
    NAMES,
    OVERRIDES,
    PARAMETERS,
    URL,
)


def read_stack(snapshot: Snapshot) -> Iterable[Declaration]:
    """Read the template of a stack, in the stack's Region."""
    from .template_tables import tables_of_stack  # most stacks have no template

    return tables_of_stack(snapshot)


def read_stack_set(snapshot: Snapshot) -> Iterable[Declaration]:
    """Read the template of a stack set, for the parameters of each group of its instances."""
    from .template_tables import tables_of_stack_set  # most stacks have no template

    return tables_of_stack_set(snapshot)


def read_instances(snapshot: Snapshot) -> Iterable[UnreadTables]:
    """Read the parameters that a resource gives to its instances of a stack set.

    With other parameters, its tables can differ from those that are judged where the stack set is
    declared.
    """
    overrides = snapshot.properties.get(OVERRIDES)
    if overrides is None or overrides in ({}, [], ""):
        return
    cause = overrides if isinstance(overrides, Unreadable) else _OVERRIDDEN
    yield UnreadTables(
        snapshot.name, cause, not_created_yet=is_not_created_yet(snapshot, MADE_BY_AWS)
    )


_OVERRIDDEN = Hidden(
    f"it sets {OVERRIDES} for a stack set, whose template is declared in another resource"
)


STACK = Route(read_stack, MADE_BY_AWS.union((BODY, URL, PARAMETERS, "region", *NAMES)))
STACK_SET = Route(
    read_stack_set, MADE_BY_AWS.union((BODY, URL, PARAMETERS, GROUPS, AUTO_DEPLOYMENT))
)
INSTANCES = Route(read_instances, MADE_BY_AWS | {OVERRIDES})
