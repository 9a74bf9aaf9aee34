"""The ways to a DynamoDB table: one module for each family of resource types.

A new way is a module with `ROUTES` (resource type → function that yields the tables of such a
resource) and a line in `_MODULES`; docs/architecture.md shows it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from ..encryption import Table
from . import pulumi_aws

Route = Callable[[str, Mapping[str, object]], Iterable[Table]]
"""Takes a resource's name and its properties (inputs or outputs), yields the tables it declares."""

_MODULES = (pulumi_aws,)

_ROUTES: dict[str, Route] = {
    resource_type: route for module in _MODULES for resource_type, route in module.ROUTES.items()
}


def route_of(resource_type: str) -> Route | None:
    """How to read the tables of a resource of type `resource_type` (a Pulumi type token), or None
    for a type that declares none.
    """
    return _ROUTES.get(resource_type)
