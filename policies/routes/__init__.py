"""The ways to a DynamoDB table: one module for each family of resource types.

A new way is a module with `ROUTES` (resource type → function that yields what such a resource
declares) and a line in `_MODULES`; docs/architecture.md shows it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..encryption import Declared
from . import aws_native, cloud_control, opaque, pulumi_aws, terraform
from .source import Source

Route = Callable[[Source], Iterable[Declared]]
"""Reads a resource and yields the tables that it declares."""

_MODULES = (pulumi_aws, aws_native, cloud_control, terraform, opaque)

ROUTES: dict[str, Route] = {
    resource_type: route for module in _MODULES for resource_type, route in module.ROUTES.items()
}

NOT_JUDGED = {
    "aws:dynamodb/globalTable:GlobalTable": (
        "A GlobalTable of 2017 has no encryption setting: the tables that it joins are judged "
        "where they are declared."
    ),
    "aws:dynamodb/tableExport:TableExport": (
        "A TableExport writes to S3: the rule is about tables, not about what is exported of them."
    ),
    "aws:dax/cluster:Cluster": (
        "A DAX cluster caches a table and has an encryption setting of its own, which takes no KMS "
        "key: the rule is about tables."
    ),
}
"""Resource types that one might expect here, and why the rule leaves them out."""

_NO_TABLE = "The resource declares no DynamoDB table."


def route_of(resource_type: str) -> Route | None:
    """How to read the tables of a resource of type `resource_type` (a Pulumi type token), or None
    for a type that declares none.
    """
    route = ROUTES.get(resource_type)
    if route is None and ":tf:aws_dynamodb_" in resource_type:
        return terraform.MODULE_ROUTES.get(resource_type.rpartition(":")[2])
    return route


def why_none(resource_type: str) -> str:
    """Why a resource of a type without a route has nothing for the rule to judge."""
    return NOT_JUDGED.get(resource_type, _NO_TABLE)


__all__ = ["NOT_JUDGED", "ROUTES", "Route", "Source", "route_of", "why_none"]
