"""The resource types of the stand-in `aws` provider, by token."""

from __future__ import annotations

from tools.sandbox.provider.cloud_control_resource import CloudControlResource
from tools.sandbox.provider.cloudformation_stack import Stack
from tools.sandbox.provider.global_table import GlobalTable
from tools.sandbox.provider.kms_alias import Alias
from tools.sandbox.provider.kms_keys import ExternalKey, Key, ReplicaExternalKey, ReplicaKey
from tools.sandbox.provider.other_resources import Bucket, Queue
from tools.sandbox.provider.provisioned_product import ProvisionedProduct
from tools.sandbox.provider.resource import Resource
from tools.sandbox.provider.serverless_stack import CloudFormationStack
from tools.sandbox.provider.stack_sets import StackInstances, StackSet, StackSetInstance
from tools.sandbox.provider.table import Table
from tools.sandbox.provider.table_replica import TableReplica

_ALL: tuple[type[Resource], ...] = (
    Alias, Bucket, CloudControlResource, CloudFormationStack, ExternalKey, GlobalTable, Key,
    ProvisionedProduct, Queue, ReplicaExternalKey, ReplicaKey, Stack, StackInstances, StackSet,
    StackSetInstance, Table, TableReplica,
)  # fmt: skip
TYPES: dict[str, Resource] = {resource.resource_type: resource() for resource in _ALL}
