"""The routes to a DynamoDB table: one module for each family of resource types.

To add a resource type, write a module with a `Route`, and add a line to `ROUTES`; see "Add a route"
in docs/architecture.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from pulumi_policy import PolicyResource

from . import (
    aws_native,
    cloud_control,
    cloudformation,
    extension_resource,
    pulumi_aws,
    terraform,
    unreadable,
)
from .route import Route

ROUTES: dict[str, Route] = {
    "aws:dynamodb/table:Table": pulumi_aws.TABLE,
    "aws:dynamodb/tableReplica:TableReplica": pulumi_aws.REPLICA,
    "aws-native:dynamodb:Table": aws_native.TABLE,
    "aws-native:dynamodb:GlobalTable": aws_native.GLOBAL_TABLE,
    "aws-native:index:ExtensionResource": extension_resource.RESOURCE,
    "aws:cloudcontrol/resource:Resource": cloud_control.RESOURCE,
    "aws:cloudformation/stack:Stack": cloudformation.STACK,
    "aws:cloudformation/stackSet:StackSet": cloudformation.STACK_SET,
    "aws:cloudformation/stackSetInstance:StackSetInstance": cloudformation.INSTANCES,
    "aws:cloudformation/stackInstances:StackInstances": cloudformation.INSTANCES,
    "aws-native:cloudformation:Stack": cloudformation.STACK,
    "aws-native:cloudformation:StackSet": cloudformation.STACK_SET,
    "aws:serverlessrepository/cloudFormationStack:CloudFormationStack": unreadable.APPLICATION,
    "aws:servicecatalog/provisionedProduct:ProvisionedProduct": unreadable.PRODUCT,
    "aws-native:servicecatalog:CloudFormationProvisionedProduct": unreadable.PRODUCT,
}
"""Each resource type (a type token) with its route."""

NOT_CHECKED = {
    "aws:dynamodb/globalTable:GlobalTable": (
        "A GlobalTable (version 2017) has no encryption setting. The tables that it joins are "
        "checked where they are declared."
    ),
    "aws:dynamodb/tableExport:TableExport": (
        "A TableExport writes to S3. The rule is about tables, not about exported data."
    ),
    "aws:dax/cluster:Cluster": (
        "A DAX cluster caches a table, and its encryption setting does not support KMS keys. The "
        "rule is about tables."
    ),
}
"""Resource types that you could expect in `ROUTES`, with the reason why the rule ignores them."""

_NO_TABLE = "The resource does not declare a DynamoDB table."


@lru_cache(maxsize=4096)
def route_of(resource_type: str) -> Route | None:
    """Return the route of a resource type (a type token); None if the type declares no table.

    A type of any package that names a DynamoDB table has a route: if no other one reads it, the
    route reports the type.
    """
    if resource_type in NOT_CHECKED:
        return None
    return (
        ROUTES.get(resource_type)
        or terraform.route_of(resource_type)
        or unreadable.unread_route(resource_type)
    )


def routed(resources: Iterable[PolicyResource]) -> list[tuple[PolicyResource, Route]]:
    """Return the resources of a stack that may declare tables, each with its route.

    A component whose type only names a table is left out if it contains a resource that a route
    reads: its tables are those of its children.
    """
    pairs = [
        (resource, route)
        for resource in resources
        if (route := route_of(resource.resource_type)) is not None
    ]
    if not any(route.unread for _, route in pairs):
        return pairs
    containers: set[str] = set()
    for resource, route in pairs:
        parent = None if route.unread else resource.parent
        while parent is not None and parent.urn not in containers:
            containers.add(parent.urn)
            parent = parent.parent
    return [
        (resource, route)
        for resource, route in pairs
        if not (route.unread and resource.urn in containers)
    ]


def why_not_checked(resource_type: str) -> str:
    """Return why the policies don't check a resource type without a route."""
    return NOT_CHECKED.get(resource_type, _NO_TABLE)
