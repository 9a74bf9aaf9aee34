"""How a resource type spells the properties that decide how a table is encrypted.

Routes read and write a table by its spelling, and messages name properties by it, so a developer
reads the names that are in their own program.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto


class Syntax(Enum):
    """How a developer writes a property with its value."""

    COLON = auto()
    """`name: value`, as in TypeScript and YAML."""
    JSON = auto()
    """`"name": value`."""
    HCL_ATTRIBUTE = auto()
    """`name = value`, as in Terraform, also for an object."""
    HCL_BLOCK = auto()
    """`name = value`, as in Terraform, and an object is a block without `=`."""


@dataclass(frozen=True)
class Spelling:
    """The property names of one resource type. A name is empty where the type has no such property.

    Attributes:
        block: the encryption setting; empty for a replica that is its own resource.
        enabled: the property of the setting that enables KMS encryption.
        key: the property that names the KMS key, in the setting or at the top level.
        sse_type: the property of the setting that names the type of encryption.
        replicas: the list of replicas.
        replica_region: the property of a replica that names its Region.
        replica_block: the setting in a replica that has the replica's key. Only CloudFormation's
            global tables have it: such a table is the sum of its replicas, and each names its key.
        origins: the properties that create a table from existing data. None of them sets how the
            table is encrypted.
        blocks_are_lists: whether a block can be a list with one object, as in Terraform.
        syntax: how a developer writes the properties.
        keeps_key: whether the provider keeps a deployed table's key if the program no longer sets
            it, and records the key behind an alias. Terraform's AWS provider does both.
        page: the URL of the page with the names in every language; empty for names that are the
            same in every language.
    """

    key: str
    block: str = ""
    enabled: str = ""
    sse_type: str = ""
    replicas: str = ""
    replica_region: str = ""
    replica_block: str = ""
    origins: tuple[str, ...] = ()
    blocks_are_lists: bool = False
    syntax: Syntax = Syntax.COLON
    keeps_key: bool = False
    page: str = ""

    @property
    def keys_in_replicas(self) -> bool:
        """Whether each replica names its key, and the table's own setting names none."""
        return bool(self.replica_block)

    @property
    def table_properties(self) -> tuple[str, ...]:
        """The top-level properties of a table that decide about it."""
        return tuple(filter(None, (self.block, self.replicas, *self.origins)))

    @property
    def enabled_path(self) -> str:
        """The path of `enabled`, e.g. "serverSideEncryption.enabled"."""
        return f"{self.block}.{self.enabled}"

    @property
    def sse_type_path(self) -> str:
        """The path of `sse_type`, e.g. "SSESpecification.SSEType"."""
        return f"{self.block}.{self.sse_type}"

    @property
    def key_path(self) -> str:
        """The path of the table's key, e.g. "serverSideEncryption.kmsKeyArn"."""
        if self.keys_in_replicas:
            return self.replica_key_path
        return f"{self.block}.{self.key}" if self.block else self.key

    @property
    def replica_key_path(self) -> str:
        """The path of a replica's key, e.g. "replicas[].kmsKeyArn"."""
        inside = f"{self.replica_block}." if self.replica_block else ""
        return f"{self.replicas}[].{inside}{self.key}" if self.replicas else self.key
