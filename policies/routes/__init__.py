"""The routes to a DynamoDB table: one module for each family of resource types.

To add a resource type, write a module with a `Route`, and add a line to `ROUTES`; see "Add a route"
in docs/architecture.md.
"""

from __future__ import annotations

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
    "aws:index/dynamodbTable:DynamodbTable": terraform.BRIDGE_TABLE,
    "aws:index/dynamodbTableReplica:DynamodbTableReplica": terraform.BRIDGE_REPLICA,
    "aws:serverlessrepository/cloudFormationStack:CloudFormationStack": unreadable.APPLICATION,
    "aws:servicecatalog/provisionedProduct:ProvisionedProduct": unreadable.PRODUCT,
    "aws-native:servicecatalog:CloudFormationProvisionedProduct": unreadable.PRODUCT,
}
"""Each resource type (a type token) with its route."""

MODULE_ROUTES: dict[str, Route] = {
    "aws_dynamodb_table": terraform.MODULE_TABLE,
    "aws_dynamodb_table_replica": terraform.MODULE_REPLICA,
}
"""The same for resources of Terraform modules. Their type is `<package>:tf:<Terraform type>`, and
the package can have any name."""

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


def route_of(resource_type: str) -> Route | None:
    """Return the route of a resource type (a type token); None if the type declares no table."""
    route = ROUTES.get(resource_type)
    if route is None and ":tf:aws_dynamodb_" in resource_type:
        return MODULE_ROUTES.get(resource_type.rpartition(":")[2])
    return route


def why_not_checked(resource_type: str) -> str:
    """Return why the policies don't check a resource type without a route."""
    return NOT_CHECKED.get(resource_type, _NO_TABLE)
