"""The resource types of ``aws-native`` that the stand-in knows, by token."""

from __future__ import annotations

from sandbox.native.alias import Alias
from sandbox.native.bucket import Bucket
from sandbox.native.extension_resource import ExtensionResource
from sandbox.native.global_table import GlobalTable
from sandbox.native.key import Key
from sandbox.native.resource import NativeResource
from sandbox.native.stack import Stack
from sandbox.native.stack_set import StackSet
from sandbox.native.table import Table

_ALL: tuple[type[NativeResource], ...] = (
    Alias, Bucket, ExtensionResource, GlobalTable, Key, Stack, StackSet, Table,
)  # fmt: skip
TYPES: dict[str, NativeResource] = {resource.kind: resource() for resource in _ALL}
