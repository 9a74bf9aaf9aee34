"""The ways to a DynamoDB table: one module for each family of resource types.

A new way is a module with a function that reads a resource, and a line for its type in `ROUTES`;
docs/architecture.md shows it. A module is imported when the first resource of its types is met:
most programs have tables of one family, and many have none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from ..encryption import Declared, Table
    from .source import Source

    Route = Callable[[Source], Iterable[Declared]]
    """Reads a resource and yields the tables that it declares."""

    Remedy = Callable[[Mapping[str, object], Table, Table], None]
    """Writes into a resource's properties what the second table has and the first has not."""

ROUTES = {
    "aws:dynamodb/table:Table": "pulumi_aws.tables_of",
    "aws:dynamodb/tableReplica:TableReplica": "pulumi_aws.replicas_of",
    "aws-native:dynamodb:Table": "aws_native.tables_of",
    "aws-native:dynamodb:GlobalTable": "aws_native.global_tables_of",
    "aws-native:index:ExtensionResource": "extension_resource.tables_of",
    "aws:cloudcontrol/resource:Resource": "cloud_control.tables_of",
    "aws:cloudformation/stack:Stack": "cloudformation.tables_of_stack",
    "aws:cloudformation/stackSet:StackSet": "cloudformation.tables_of_stack_set",
    "aws:cloudformation/stackSetInstance:StackSetInstance": "cloudformation.overrides_of_stack_set",
    "aws:cloudformation/stackInstances:StackInstances": "cloudformation.overrides_of_stack_set",
    "aws-native:cloudformation:Stack": "cloudformation.tables_of_stack",
    "aws-native:cloudformation:StackSet": "cloudformation.tables_of_stack_set",
    "aws:index/dynamodbTable:DynamodbTable": "terraform.bridged_tables_of",
    "aws:index/dynamodbTableReplica:DynamodbTableReplica": "terraform.bridged_replicas_of",
    "aws:serverlessrepository/cloudFormationStack:CloudFormationStack": "opaque.application",
    "aws:servicecatalog/provisionedProduct:ProvisionedProduct": "opaque.product",
    "aws-native:servicecatalog:CloudFormationProvisionedProduct": "opaque.product",
}
"""Resource type (Pulumi's type token) → module and function that read it."""

MODULE_ROUTES = {
    "aws_dynamodb_table": "terraform.module_tables_of",
    "aws_dynamodb_table_replica": "terraform.module_replicas_of",
}
"""The same for children of Terraform modules: their type is `<package>:tf:<Terraform type>`, and
the package may have any name."""

REMEDIES = {
    "pulumi_aws.tables_of": "pulumi_aws.remedy",
    "aws_native.tables_of": "aws_native.remedy",
    "aws_native.global_tables_of": "aws_native.remedy",
    "extension_resource.tables_of": "extension_resource.remedy",
    "cloud_control.tables_of": "cloud_control.remedy",
    "terraform.bridged_tables_of": "terraform.remedy_bridged",
}
"""What reads a resource → what writes a remedied table back. A route without one is not remedied: a
template is its author's text, a replica is made anew where its key changes, and the engine asks no
policy to mend the resources of a Terraform module."""

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

_loaded: dict[str, Any] = {}


def declares_tables(resource_type: str) -> bool:
    """Whether resources of type `resource_type` (a type token) may declare DynamoDB tables."""
    return _reference(resource_type) is not None


def may_show_nothing(resource_type: str) -> bool:
    """Whether resources of type `resource_type` (a type token) declare something though they show
    a stack policy no properties. Others without any are not planned yet.
    """
    return resource_type not in ROUTES and declares_tables(resource_type)


def route_of(resource_type: str) -> Route | None:
    """How to read the tables of a resource of type `resource_type` (a type token), or None for a
    type that declares none.
    """
    reference = _reference(resource_type)
    return None if reference is None else cast("Route", _load(reference))


def remedy_of(resource_type: str) -> Remedy | None:
    """How to write a remedied table into a resource of type `resource_type` (a type token), or
    None for a type that is not remedied.
    """
    reference = REMEDIES.get(_reference(resource_type) or "")
    return None if reference is None else cast("Remedy", _load(reference))


def _load(reference: str) -> object:
    if reference not in _loaded:
        module, _, function = reference.partition(".")
        _loaded[reference] = getattr(import_module(f".{module}", __name__), function)
    return _loaded[reference]


def why_none(resource_type: str) -> str:
    """Why a resource of a type without a route has nothing for the rule to judge."""
    return NOT_JUDGED.get(resource_type, _NO_TABLE)


def _reference(resource_type: str) -> str | None:
    reference = ROUTES.get(resource_type)
    if reference is None and ":tf:aws_dynamodb_" in resource_type:
        return MODULE_ROUTES.get(resource_type.rpartition(":")[2])
    return reference
