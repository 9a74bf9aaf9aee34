"""Tables declared through Terraform: the dynamic bridge and pulumi-terraform-module.

The bridge spells properties as Pulumi does, a module's children as Terraform does, with each block
as a list; a block may be an object in either, depending on how the bridge was generated.

Sources: Terraform Registry, hashicorp/aws, "aws_dynamodb_table" and "aws_dynamodb_table_replica";
pulumi-terraform-module (children are `<package>:tf:<Terraform type>`); Pulumi Registry, "Any
Terraform Provider".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from ..encryption import (
    Encryption,
    Hidden,
    KeyReference,
    Malformed,
    Opaque,
    Replica,
    Table,
    Unknown,
    Wording,
)
from . import pulumi_aws
from .reading import Path, as_object, boolean_of, items_of, key_of, region_of, value_of
from .replicas import read_replicas
from .source import Source
from .writing import Spelling, write_encryption


@dataclass(frozen=True)
class Names:
    """How a type spells the properties."""

    block: str
    key: str
    replicas: str
    region: str
    origins: tuple[str, ...]


BRIDGED = Names(
    block="serverSideEncryption",
    key="kmsKeyArn",
    replicas="replicas",
    region="regionName",
    origins=pulumi_aws.ORIGINS,
)
MODULE = Names(
    block="server_side_encryption",
    key="kms_key_arn",
    replicas="replica",
    region="region_name",
    origins=(
        "restore_source_name",
        "restore_source_table_arn",
        "restore_backup_arn",
        "import_table",
    ),
)


def _wording(names: Names, before: str, equals: str, separator: str) -> Wording:
    """The sentences' words, given what stands before a block, between a name and its value, and
    between two properties.
    """
    block = f"{names.block}{before}"
    return Wording(
        block=names.block,
        enabled=f"{names.block}.enabled",
        key=f"{names.block}.{names.key}",
        key_name=names.key,
        remedy=f"{block}{{ enabled{equals}true }}",
        remedy_with_key=f"{block}{{ enabled{equals}true{separator}{names.key}{equals}KEY }}",
        replicas=names.replicas,
        replica_key=f"{names.replicas}[].{names.key}",
    )


WORDINGS = {
    BRIDGED: _wording(BRIDGED, before=": ", equals=": ", separator=", "),
    MODULE: _wording(MODULE, before=" ", equals=" = ", separator="; "),
}


def bridged_tables_of(source: Source) -> Iterable[Table]:
    """The one table that a DynamodbTable of the bridge declares, with its replicas."""
    return _tables_of(BRIDGED, source)


def bridged_replicas_of(source: Source) -> Iterable[Table]:
    """The replica that a DynamodbTableReplica of the bridge declares; its table is judged where
    that is declared.
    """
    return _replicas_of(BRIDGED, source)


def module_tables_of(source: Source) -> Iterable[Table | Opaque]:
    """The one table that an aws_dynamodb_table of a module declares, with its replicas."""
    return _tables_of(MODULE, source) if source.properties else (_unseen(source),)


def module_replicas_of(source: Source) -> Iterable[Table | Opaque]:
    """The replica that an aws_dynamodb_table_replica of a module declares; as for the bridge."""
    return _replicas_of(MODULE, source) if source.properties else (_unseen(source),)


def _unseen(source: Source) -> Opaque:
    # A module's children are views: they have inputs, which the engine shows no stack policy, and
    # no resource policy is asked about them.
    why = (
        "the engine shows no stack policy what a Terraform module declares; in `pulumi policy "
        "analyze`, dynamodb-table-kms-encryption judges it"
    )
    return Opaque(source.name, Hidden((), why))


def remedy_bridged(properties: Mapping[str, object], before: Table, after: Table) -> None:
    """Write the remedied table `after` into the properties of a DynamodbTable."""
    names = Spelling(BRIDGED.block, "enabled", BRIDGED.key)
    write_encryption(properties, names, before, after)


def _tables_of(names: Names, source: Source) -> Iterable[Table]:
    wording, properties = WORDINGS[names], source.properties
    yield Table(
        name=source.name,
        encryption=_encryption_of(names, properties),
        wording=wording,
        replicas=read_replicas(
            properties, names.replicas, names.region, partial(_key_of_replica, names)
        ),
        region=region_of(source.properties, source.region),
        not_created_yet=_not_created_yet(source),
        origin=next((it for it in names.origins if not _is_empty(properties, it)), None),
    )


def _replicas_of(names: Names, source: Source) -> Iterable[Table]:
    region = region_of(source.properties, source.region)
    yield Table(
        name=source.name,
        encryption=None,
        wording=Wording("", "", names.key, names.key, f"{names.key}: KEY", f"{names.key}: KEY"),
        replicas=(Replica(region, key_of(source.properties, names.key)),),
        region=region,
        not_created_yet=_not_created_yet(source),
    )


def _encryption_of(names: Names, properties: Mapping[str, object]) -> Encryption:
    block = _block_of(value_of(properties, names.block), (names.block,))
    if block is None or isinstance(block, (Unknown, Hidden, Malformed)):
        return Encryption(block=block)
    at = (names.block,)
    return Encryption(
        block=True, enabled=boolean_of(block, "enabled", at), key=key_of(block, names.key, at)
    )


def _block_of(
    value: object, at: Path
) -> Mapping[str, object] | Unknown | Hidden | Malformed | None:
    """The one block of a list of at most one, or the block itself."""
    block = as_object(value)
    if not isinstance(block, Malformed) or block.found != "a list":
        return block
    items = items_of(value, at)  # type: ignore[arg-type]
    if not items:
        return None
    return as_object(items[0]) if len(items) == 1 else Malformed("a list of several")


def _key_of_replica(names: Names, replica: Mapping[str, object], at: Path) -> KeyReference:
    return key_of(replica, names.key, at)


def _is_empty(properties: Mapping[str, object], name: str) -> bool:
    value = value_of(properties, name)
    return value is None or value == "" or (hasattr(value, "__len__") and len(value) == 0)


def _not_created_yet(source: Source) -> bool:
    return isinstance(value_of(source.properties, "arn"), Unknown)
