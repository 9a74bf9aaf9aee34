"""How a resource type spells the properties that decide how a table is encrypted.

Routes read and write a table by its spelling, and messages name properties by it, so a developer
reads the names that are in their own program.
"""

from __future__ import annotations

from dataclasses import dataclass


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
        assign: what separates a property from its value in code.
        opens: what separates the block's name from its brace in code.
        has_lines: whether each property of a block needs its own line.
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
    assign: str = ": "
    opens: str = ": "
    has_lines: bool = False

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

    @property
    def key_to_add(self) -> str:
        """The property to add to a setting that enables KMS, for a customer managed key."""
        return self.key_path if self.keys_in_replicas else self.key

    def code(self, *, with_key: bool = False) -> str:
        """Return the shortest code that satisfies the rule, to write between two backticks.

        Args:
            with_key: whether to set a customer managed key, too; `KEY` is the placeholder for it.
        """
        key = f"{self.key}{self.assign}KEY"
        if not self.block:
            return key
        properties = [f"{self.enabled}{self.assign}true"]
        if self.sse_type and (with_key or self.keys_in_replicas):
            properties.append(f'{self.sse_type}{self.assign}"KMS"')
        if with_key and not self.keys_in_replicas:
            properties.append(key)
        if self.has_lines and len(properties) > 1:
            lines = "` and `".join(properties)
            return f"{self._block(self.block, '…')}` with the lines `{lines}"
        block = self._block(self.block, *properties)
        if with_key and self.keys_in_replicas:
            replica = f"{{ …, {self._block(self.replica_block, key)} }}"
            return f"{block}, {self.replicas}{self.assign}[{replica}]"
        return block

    def _block(self, name: str, *properties: str) -> str:
        return f"{name}{self.opens}{{ {', '.join(properties)} }}"
