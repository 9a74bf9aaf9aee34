"""The resource types that the stand-in knows, by token."""

from __future__ import annotations

from sandbox.provider.kms_alias import Alias
from sandbox.provider.kms_key import Key
from sandbox.provider.resource import Resource
from sandbox.provider.s3_bucket import Bucket
from sandbox.provider.sqs_queue import Queue
from sandbox.provider.table import Table
from sandbox.provider.table_replica import TableReplica

_ALL: tuple[type[Resource], ...] = (Table, TableReplica, Key, Alias, Bucket, Queue)
TYPES: dict[str, Resource] = {resource.kind: resource() for resource in _ALL}
