"""The resource types of ``aws`` that the stand-in knows, by token."""

from __future__ import annotations

from sandbox.provider.cloud_control_resource import CloudControlResource
from sandbox.provider.cloudformation_stack import Stack
from sandbox.provider.cloudformation_stack_set import StackSet
from sandbox.provider.global_table import GlobalTable
from sandbox.provider.kms_alias import Alias
from sandbox.provider.kms_external_key import ExternalKey
from sandbox.provider.kms_key import Key
from sandbox.provider.kms_replica_key import ReplicaKey
from sandbox.provider.provisioned_product import ProvisionedProduct
from sandbox.provider.resource import Resource
from sandbox.provider.s3_bucket import Bucket
from sandbox.provider.serverless_stack import CloudFormationStack
from sandbox.provider.sqs_queue import Queue
from sandbox.provider.stack_instances import StackInstances, StackSetInstance
from sandbox.provider.table import Table
from sandbox.provider.table_replica import TableReplica

_ALL: tuple[type[Resource], ...] = (
    Alias, Bucket, CloudControlResource, CloudFormationStack, ExternalKey, GlobalTable, Key,
    ProvisionedProduct, Queue, ReplicaKey, Stack, StackInstances, StackSet, StackSetInstance,
    Table, TableReplica,
)  # fmt: skip
TYPES: dict[str, Resource] = {resource.kind: resource() for resource in _ALL}
