"""DynamoDB's own way to say it: SSESpecification, in the casing of the type at hand.

CloudFormation, AWS Cloud Control and Pulumi's AWS Native provider all carry it, for tables and for
global tables.

Sources: AWS CloudFormation Template Reference, "AWS::DynamoDB::Table SSESpecification",
"AWS::DynamoDB::GlobalTable SSESpecification" and "ReplicaSSESpecification"; Pulumi Registry,
"aws-native.dynamodb.Table" and "aws-native.dynamodb.GlobalTable".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import cast

from ..encryption import Encryption, Hidden, KeyReference, Malformed, Table, Unknown, Wording
from .reading import Path, boolean_of, key_of, object_of, string_of, value_of
from .replicas import read_replicas
from .writing import Spelling, put, write_encryption


@dataclass(frozen=True)
class Names:
    """How a type spells the properties."""

    block: str
    enabled: str
    sse_type: str
    key: str
    replicas: str
    region: str
    import_source: str


PASCAL = Names(
    block="SSESpecification",
    enabled="SSEEnabled",
    sse_type="SSEType",
    key="KMSMasterKeyId",
    replicas="Replicas",
    region="Region",
    import_source="ImportSourceSpecification",
)
CAMEL = Names(
    block="sseSpecification",
    enabled="sseEnabled",
    sse_type="sseType",
    key="kmsMasterKeyId",
    replicas="replicas",
    region="region",
    import_source="importSourceSpecification",
)


def wording_of(names: Names, *, of_global_table: bool, quoted: bool = False) -> Wording:
    """The sentences' words for a type that spells the properties so.

    quoted: whether code for it is JSON.
    """
    mark = '"' if quoted else ""
    enabled = f"{mark}{names.enabled}{mark}: true"
    key = f"{mark}{names.key}{mark}: KEY"
    kms = f"{mark}{names.sse_type}{mark}: {mark}KMS{mark}"
    block = f"{mark}{names.block}{mark}"
    own_key = f"{names.replicas}[].{names.block}.{names.key}"
    if of_global_table:
        remedy = f"{block}: {{ {enabled}, {kms} }}"
        with_key = f"{remedy}, {mark}{names.replicas}{mark}: [{{ …, {block}: {{ {key} }} }}]"
    else:
        remedy = f"{block}: {{ {enabled} }}"
        with_key = f"{block}: {{ {enabled}, {kms}, {key} }}"
    return Wording(
        block=names.block,
        enabled=f"{names.block}.{names.enabled}",
        key=own_key if of_global_table else f"{names.block}.{names.key}",
        key_name=own_key if of_global_table else names.key,
        remedy=remedy,
        remedy_with_key=with_key,
        sse_type=f"{names.block}.{names.sse_type}",
        replicas=names.replicas,
        replica_key=own_key,
    )


def read_table(
    name: str,
    properties: Mapping[str, object],
    names: Names,
    wording: Wording,
    *,
    at: Path = (),
    region: str | None = None,
    not_created_yet: bool = False,
    within: str | None = None,
) -> Table:
    """Read an AWS::DynamoDB::Table.

    properties: the table's own, in the casing of `names`; `at` is the path that leads to them.
    Other arguments: as in `Table`.
    """
    imported = value_of(properties, names.import_source, at) is not None
    return Table(
        name=name,
        encryption=_read_encryption(properties, names, at),
        wording=wording,
        region=region,
        not_created_yet=not_created_yet,
        origin=names.import_source if imported else None,
        within=within,
    )


def read_global_table(
    name: str,
    properties: Mapping[str, object],
    names: Names,
    wording: Wording,
    *,
    at: Path = (),
    not_created_yet: bool = False,
    within: str | None = None,
) -> Table:
    """Read an AWS::DynamoDB::GlobalTable: one setting for all replicas, one key for each.

    Arguments: as in `read_table`.
    """
    return Table(
        name=name,
        encryption=_read_encryption(properties, names, at),
        wording=wording,
        replicas=read_replicas(
            properties, names.replicas, names.region, partial(_key_of_replica, names), at
        ),
        not_created_yet=not_created_yet,
        within=within,
        keys_in_replicas=True,
    )


def write(properties: Mapping[str, object], names: Names, before: Table, after: Table) -> None:
    """Write the remedied table `after` into the properties of a table or global table."""
    spelling = Spelling(names.block, names.enabled, names.key, names.sse_type)
    write_encryption(properties, spelling, before, after)
    if not isinstance(before.replicas, tuple) or not isinstance(after.replicas, tuple):
        return
    for index, (old, new) in enumerate(zip(before.replicas, after.replicas, strict=True)):
        if old.key != new.key:
            replica = cast("Sequence[Mapping[str, object]]", properties[names.replicas])[index]
            block = replica.get(names.block)
            if isinstance(block, Mapping):
                put(block, names.key, new.key)
            else:
                put(replica, names.block, {names.key: new.key})


def _read_encryption(properties: Mapping[str, object], names: Names, at: Path) -> Encryption:
    block = object_of(properties, names.block, at)
    if block is None or isinstance(block, (Unknown, Hidden, Malformed)):
        return Encryption(block=block)
    inside = (*at, names.block)
    return Encryption(
        block=True,
        enabled=boolean_of(block, names.enabled, inside),
        sse_type=string_of(block, names.sse_type, inside),
        key=key_of(block, names.key, inside),
    )


def _key_of_replica(names: Names, replica: Mapping[str, object], at: Path) -> KeyReference:
    block = object_of(replica, names.block, at)
    if isinstance(block, Mapping):
        return key_of(block, names.key, (*at, names.block))
    return block
