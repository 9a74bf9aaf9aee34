"""The resource types of ``aws-native`` that the stand-in knows, by token."""

from __future__ import annotations

from tools.sandbox.native.alias import Alias
from tools.sandbox.native.bucket import Bucket
from tools.sandbox.native.extension_resource import ExtensionResource
from tools.sandbox.native.global_table import GlobalTable
from tools.sandbox.native.key import Key
from tools.sandbox.native.resource import NativeResource
from tools.sandbox.native.stack import Stack
from tools.sandbox.native.stack_set import StackSet
from tools.sandbox.native.table import Table

_ALL: tuple[type[NativeResource], ...] = (
    Alias, Bucket, ExtensionResource, GlobalTable, Key, Stack, StackSet, Table,
)  # fmt: skip
TYPES: dict[str, NativeResource] = {resource.kind: resource() for resource in _ALL}
