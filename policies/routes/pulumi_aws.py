"""Tables declared with Pulumi's AWS provider, versions 6 and 7.

Sources: Pulumi Registry, "aws.dynamodb.Table" and "aws.dynamodb.TableReplica" (property names);
terraform-provider-aws, internal/service/dynamodb/table.go (what the provider records: no block for
an AWS owned key, an empty kmsKeyArn for the AWS managed one).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..encryption import (
    Encryption,
    Hidden,
    KeyReference,
    Malformed,
    Replica,
    Table,
    Unknown,
    Wording,
)
from .reading import Path, boolean_of, key_of, object_of, region_of, string_of, value_of
from .replicas import read_replicas
from .source import Source
from .writing import Spelling, write_encryption

WORDING = Wording(
    block="serverSideEncryption",
    enabled="serverSideEncryption.enabled",
    key="serverSideEncryption.kmsKeyArn",
    key_name="kmsKeyArn",
    remedy="serverSideEncryption: { enabled: true }",
    remedy_with_key="serverSideEncryption: { enabled: true, kmsKeyArn: KEY }",
    replicas="replicas",
    replica_key="replicas[].kmsKeyArn",
)
REPLICA_WORDING = Wording(
    block="",
    enabled="",
    key="kmsKeyArn",
    key_name="kmsKeyArn",
    remedy="kmsKeyArn: KEY",
    remedy_with_key="kmsKeyArn: KEY",
)

ORIGINS = ("restoreSourceName", "restoreSourceTableArn", "restoreBackupArn", "importTable")
"""Properties that make a table from existing data. None of them declares how it is encrypted."""


def tables_of(source: Source) -> Iterable[Table]:
    """The one table that a Table resource declares, with its replicas."""
    properties = source.properties
    yield Table(
        name=source.name,
        encryption=_encryption_of(properties),
        wording=WORDING,
        replicas=read_replicas(properties, WORDING.replicas, "regionName", _key_of_replica),
        region=_region_of(source),
        not_created_yet=isinstance(value_of(properties, "arn"), Unknown),
        origin=next((it for it in ORIGINS if value_of(properties, it) is not None), None),
    )


def remedy(properties: Mapping[str, object], before: Table, after: Table) -> None:
    """Write the remedied table `after` into the properties of a Table resource."""
    names = Spelling(WORDING.block, "enabled", WORDING.key_name)
    write_encryption(properties, names, before, after)


def replicas_of(source: Source) -> Iterable[Table]:
    """The replica that a TableReplica resource declares. Whether its table is encrypted at all is
    judged where that table is declared.
    """
    properties, region = source.properties, _region_of(source)
    yield Table(
        name=source.name,
        encryption=None,
        wording=REPLICA_WORDING,
        replicas=(Replica(region, key_of(properties, REPLICA_WORDING.key_name)),),
        region=region,
        not_created_yet=isinstance(value_of(properties, "arn"), Unknown),
    )


def _region_of(source: Source) -> str | None:
    """The Region of a resource: its own or its provider's, or else that of its ARN."""
    region = region_of(source.properties, source.region)
    if region is not None or value_of(source.properties, "region") is not None:
        return region
    arn = string_of(source.properties, "arn")
    parts = arn.split(":") if isinstance(arn, str) else []
    return parts[3] if len(parts) > 5 and parts[3] else None


def _encryption_of(properties: Mapping[str, object]) -> Encryption:
    block = object_of(properties, WORDING.block)
    if block is None or isinstance(block, (Unknown, Hidden, Malformed)):
        return Encryption(block=block)
    return Encryption(
        block=True,
        enabled=boolean_of(block, "enabled", at=(WORDING.block,)),
        key=key_of(block, WORDING.key_name, at=(WORDING.block,)),
    )


def _key_of_replica(replica: Mapping[str, object], at: Path) -> KeyReference:
    return key_of(replica, WORDING.key_name, at)
