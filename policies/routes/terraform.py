"""Resources that come from Terraform: dynamic bridges, modules, and Terraform's own stacks.

- A dynamic bridge (`pulumi package add terraform-provider`) spells properties as Pulumi does. Its
  types are `<package>:index/<name>:<Name>`, and the package can have any name.
- A module's resources (pulumi-terraform-module) have the type `<package>:tf:<Terraform type>`, and
  those of a Terraform stack in Pulumi Cloud have `pulumi:terraform:<Terraform type>`. Both spell
  properties as Terraform does.

A block is an object or a list with one object in each of them.

Sources: Terraform Registry, hashicorp/aws, "aws_dynamodb_table", "aws_dynamodb_table_replica",
"aws_cloudformation_stack" and hashicorp/awscc, "awscc_dynamodb_table",
"awscc_dynamodb_global_table"; pulumi-terraform-module; Pulumi Registry, "Any Terraform Provider";
Pulumi, "Terraform state backend".
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from ..encryption.spelling import Spelling, Syntax
from ..encryption.tables import Declaration, UnreadTables
from ..encryption.values import Hidden
from ..snapshot import Snapshot
from . import cloud_control, cloudformation, pulumi_aws, unreadable
from .route import Route
from .sse_specification import CAMEL_GLOBAL_TABLE, CAMEL_TABLE
from .tables import replica_route, table_route

AWS_BRIDGE = replace(pulumi_aws.TABLE_SPELLING, blocks_are_lists=True)
AWSCC_BRIDGE = replace(CAMEL_TABLE, blocks_are_lists=True)
AWSCC_BRIDGE_GLOBAL = replace(CAMEL_GLOBAL_TABLE, blocks_are_lists=True)
_HCL = Spelling("", blocks_are_lists=True, syntax=Syntax.HCL_BLOCK)
AWS_HCL = replace(
    _HCL,
    block="server_side_encryption",
    enabled="enabled",
    key="kms_key_arn",
    replicas="replica",
    replica_region="region_name",
    origins=(
        "restore_source_name",
        "restore_source_table_arn",
        "restore_backup_arn",
        "import_table",
    ),
    keeps_key=True,
)
AWS_HCL_REPLICA = replace(_HCL, key="kms_key_arn", keeps_key=True)
AWSCC_HCL = replace(
    _HCL,
    block="sse_specification",
    enabled="sse_enabled",
    sse_type="sse_type",
    key="kms_master_key_id",
    origins=("import_source_specification",),
    syntax=Syntax.HCL_ATTRIBUTE,
)
AWSCC_HCL_GLOBAL = replace(
    AWSCC_HCL,
    replicas="replicas",
    replica_region="region",
    replica_block="sse_specification",
    origins=(),
)

_ONLY_AWSCC = frozenset(("attributeDefinitions", "keySchema", "sseSpecification"))
"""Properties of awscc's tables and global tables that those of the AWS provider don't have."""


def _bridge_table() -> Route:
    aws = table_route(AWS_BRIDGE, remediated=True)
    awscc = table_route(AWSCC_BRIDGE)

    def read(snapshot: Snapshot) -> Iterable[Declaration]:
        return (awscc if _is_awscc(snapshot) else aws).read(snapshot)

    return aws._replace(read=read, properties=aws.properties | awscc.properties | _ONLY_AWSCC)


def _bridge_global_table() -> Route:
    route = table_route(AWSCC_BRIDGE_GLOBAL)

    def read(snapshot: Snapshot) -> Iterable[Declaration]:
        # A global table of the AWS provider (version 2017) has no encryption setting. The tables
        # that it joins are read where they are declared.
        return route.read(snapshot) if _is_awscc(snapshot) else ()

    return route._replace(read=read, properties=route.properties | _ONLY_AWSCC)


def _is_awscc(snapshot: Snapshot) -> bool:
    return any(snapshot.properties.get(name) is not None for name in _ONLY_AWSCC)


def _spelled_by_terraform(route: Route) -> Route:
    """Return the route for the same resource with Terraform's property names."""
    names = {_snake_case(name): name for name in route.properties}

    def read(snapshot: Snapshot) -> Iterable[Declaration]:
        properties = {
            name: _with_camel_case(value)
            for terraform_name, name in names.items()
            if (value := snapshot.properties.get(terraform_name)) is not None
        }
        return route.read(snapshot._replace(properties=properties))

    return Route(read, frozenset(names))


def _snake_case(name: str) -> str:
    return re.sub(r"[A-Z]", lambda letter: f"_{letter[0].lower()}", name)


def _camel_case(name: str) -> str:
    return re.sub(r"_[a-z]", lambda pair: pair[0][1].upper(), name)


def _with_camel_case(value: object) -> object:
    """Rename the properties of a list's objects. The names in a map are the user's own."""
    if not isinstance(value, list):
        return value
    return [
        {_camel_case(name): _with_camel_case(member) for name, member in item.items()}
        if isinstance(item, dict)
        else item
        for item in value
    ]


def _in_module(route: Route) -> Route:
    """Return the route for the resource of a module.

    A module's resources are views: they have inputs, but the engine runs no resource policy on
    them in a preview or update, and shows a stack policy none of their properties.
    """

    def read(snapshot: Snapshot) -> Iterable[Declaration]:
        if snapshot.is_empty:
            return (UnreadTables(snapshot.name, _WHY_UNREAD),)
        return route.read(snapshot)

    return route._replace(read=read, without_properties=True)


_WHY_UNREAD = Hidden(
    "the engine doesn't show the properties of a Terraform module's resources to stack policies. "
    "To check them, run `pulumi policy analyze`"
)

BRIDGED: dict[str, Route] = {
    "DynamodbTable": _bridge_table(),
    "DynamodbGlobalTable": _bridge_global_table(),
    "DynamodbTableReplica": pulumi_aws.REPLICA,
    "CloudcontrolapiResource": cloud_control.RESOURCE,
    "CloudformationStack": cloudformation.STACK,
    "CloudformationStackSet": cloudformation.STACK_SET,
    "CloudformationStackSetInstance": cloudformation.INSTANCES,
    "CloudformationStackInstances": cloudformation.INSTANCES,
    "ServerlessapplicationrepositoryCloudformationStack": unreadable.APPLICATION,
    "ServicecatalogProvisionedProduct": unreadable.PRODUCT,
    "ServicecatalogCloudformationProvisionedProduct": unreadable.PRODUCT,
}
"""Each resource name of a dynamic bridge with its route."""

TERRAFORM: dict[str, Route] = {
    "aws_dynamodb_table": table_route(AWS_HCL),
    "aws_dynamodb_table_replica": replica_route(AWS_HCL_REPLICA),
    "awscc_dynamodb_table": table_route(AWSCC_HCL),
    "awscc_dynamodb_global_table": table_route(AWSCC_HCL_GLOBAL),
    "aws_cloudcontrolapi_resource": _spelled_by_terraform(cloud_control.RESOURCE),
    "aws_cloudformation_stack": _spelled_by_terraform(cloudformation.STACK),
    "awscc_cloudformation_stack": _spelled_by_terraform(cloudformation.STACK),
    "aws_cloudformation_stack_set": _spelled_by_terraform(cloudformation.STACK_SET),
    "awscc_cloudformation_stack_set": _spelled_by_terraform(cloudformation.STACK_SET),
    "aws_cloudformation_stack_set_instance": _spelled_by_terraform(cloudformation.INSTANCES),
    "aws_cloudformation_stack_instances": _spelled_by_terraform(cloudformation.INSTANCES),
    "aws_serverlessapplicationrepository_cloudformation_stack": unreadable.APPLICATION,
    "aws_servicecatalog_provisioned_product": unreadable.PRODUCT,
    "awscc_servicecatalog_cloudformation_provisioned_product": unreadable.PRODUCT,
}
"""Each Terraform type with the route for Terraform's property names."""

IN_MODULES = {kind: _in_module(route) for kind, route in TERRAFORM.items()}
"""Each Terraform type with the route for the resources of modules."""


def route_of(resource_type: str) -> Route | None:
    """Return the route of a resource that comes from Terraform; None for any other resource."""
    package, _, rest = resource_type.partition(":")
    module, _, name = rest.partition(":")
    if module == "tf":
        return IN_MODULES.get(name)
    if (package, module) == ("pulumi", "terraform"):
        return TERRAFORM.get(name)
    return BRIDGED.get(bridged_name(resource_type) or "")


def bridged_name(resource_type: str) -> str | None:
    """Return the name of a dynamic bridge's resource type, such as "DynamodbTable"."""
    _, _, rest = resource_type.partition(":")
    module, _, name = rest.partition(":")
    return name if module.startswith("index/") else None
