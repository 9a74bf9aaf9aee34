"""What users read: the messages of findings, and the metadata of policies."""

from __future__ import annotations

from collections.abc import Sequence

from pulumi_policy import PolicyResource

from ..snapshot import STACK_TYPE


def stack_urn(resources: Sequence[PolicyResource]) -> str:
    """Return the URN for what is about a stack as a whole.

    Args:
        resources: all resources of the stack, of which there is at least one.
    """
    stacks = (resource.urn for resource in resources if resource.resource_type == STACK_TYPE)
    return next(stacks, resources[0].urn)
