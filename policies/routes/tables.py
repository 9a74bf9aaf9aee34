"""Read a table from the properties that declare it, and write a remediated one back.

Every family of resource types declares a table by the same structure with its own names, so each
family has a `Spelling` and shares this code.

Sources: AWS CloudFormation Template Reference, "AWS::DynamoDB::Table SSESpecification",
"AWS::DynamoDB::GlobalTable SSESpecification" and "ReplicaSSESpecification"; Pulumi Registry,
"aws.dynamodb.Table" and "aws.dynamodb.TableReplica"; Pulumi's Python policy SDK,
pulumi_policy/secret.py (writing keeps a secret secret).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from typing import Any, cast

from ..encryption.spelling import Spelling
from ..encryption.tables import (
    NO_SWITCHES,
    Encryption,
    KeyReference,
    Replica,
    Switches,
    Table,
)
from ..encryption.values import StackRegion, Unreadable, WrongType, json_type
from ..snapshot import Snapshot
from .reading import (
    Object,
    account_of,
    boolean_in,
    is_not_created_yet,
    key_in,
    list_in,
    object_in,
    of_type,
    region_of,
    string_in,
)
from .route import Route


def read_table(
    name: str,
    properties: Mapping[str, object],
    spelling: Spelling,
    *,
    region: str | None = None,
    account: str | None = None,
    not_created_yet: bool = False,
    template_of: str | None = None,
    json: bool = False,
    switches: Switches = NO_SWITCHES,
) -> Table:
    """Read a table with its replicas.

    Args:
        name: the table's name to show.
        properties: its properties, as plain values.
        spelling: how they are spelled.
        region: see `Table`.
        account: see `Table`.
        not_created_yet: see `Table`.
        template_of: see `Table`.
        json: see `Table`.
        switches: see `Table`.
    """
    return Table(
        name,
        _read_encryption(properties, spelling),
        spelling,
        replicas=_read_replicas(properties, spelling),
        # Each replica of a global table names its Region.
        region=None if spelling.keys_in_replicas else region,
        not_created_yet=not_created_yet,
        origin=next((name for name in spelling.origins if properties.get(name)), None),
        template_of=template_of,
        account=account,
        json=json,
        switches=switches,
    )


def table_route(spelling: Spelling, *, remediated: bool = False) -> Route:
    """Return the route of a resource type whose resource is one table.

    Args:
        spelling: how the type spells the properties.
        remediated: whether remediation can change such a resource.
    """

    def read(snapshot: Snapshot) -> Iterable[Table]:
        yield read_table(
            snapshot.name,
            snapshot.properties,
            spelling,
            region=region_of(snapshot),
            account=account_of(snapshot),
            not_created_yet=is_not_created_yet(snapshot, (_ARN,)),
        )

    return Route(
        read, _IDENTITY.union(spelling.table_properties), write_table if remediated else None
    )


def replica_route(spelling: Spelling) -> Route:
    """Return the route of a resource type whose resource is one replica.

    The replica's table is judged where it is declared.
    """

    def read(snapshot: Snapshot) -> Iterable[Table]:
        region = region_of(snapshot)
        replica = Replica(region, key_in(snapshot.properties, spelling.key))
        yield Table(
            snapshot.name,
            None,
            spelling,
            (replica,),
            region,
            is_not_created_yet(snapshot, (_ARN,)),
            account=account_of(snapshot),
        )

    return Route(read, _IDENTITY | {spelling.key})


_ARN = "arn"
_IDENTITY = frozenset(("region", _ARN))
"""The properties that show where a table is, and whether it is created yet."""


def write_table(properties: Mapping[str, Any], before: Table, after: Table) -> None:
    """Write a remediated table into the properties that declare it.

    Only what differs is written, so unknown values and secrets stay as they are.

    Args:
        properties: the resource's properties, the SDK's mapping included.
        before: the table that they declare.
        after: the table to declare.
    """
    spelling = before.spelling
    block = properties.get(spelling.block)
    is_list = isinstance(block, Sequence) and not isinstance(block, str)
    if is_list:
        block = block[0] if block else None
    missing = _missing(spelling, before.encryption, after.encryption)
    if isinstance(block, Mapping):
        for name, value in missing.items():
            put(block, name, value)
    else:
        put(properties, spelling.block, [missing] if is_list else missing)
    if isinstance(before.replicas, tuple) and isinstance(after.replicas, tuple):
        for index, (old, new) in enumerate(zip(before.replicas, after.replicas, strict=True)):
            if old.key != new.key:
                _write_replica_key(properties[spelling.replicas][index], spelling, new.key)


def put(properties: Mapping[str, object], name: str, value: object) -> None:
    """Set a property of the SDK's mapping."""
    # The SDK's mappings accept new values, though their type does not say so.
    cast("MutableMapping[str, object]", properties)[name] = value


def _read_encryption(properties: Mapping[str, object], spelling: Spelling) -> Encryption:
    block = _block(properties, spelling)
    if not isinstance(block, dict):
        return Encryption(block=block)
    return Encryption(
        block=True,
        enabled=boolean_in(block, spelling.enabled),
        key=key_in(block, spelling.key),
        sse_type=string_in(block, spelling.sse_type) if spelling.sse_type else None,
    )


def _block(
    properties: Mapping[str, object], spelling: Spelling
) -> Object | Unreadable | WrongType | None:
    block = properties.get(spelling.block)
    if spelling.blocks_are_lists and isinstance(block, list):
        if len(block) > 1:
            return WrongType("a list with several blocks")
        block = block[0] if block else None
    return of_type(block, dict)


def _read_replicas(
    properties: Mapping[str, object], spelling: Spelling
) -> tuple[Replica, ...] | Unreadable | WrongType:
    items = list_in(properties, spelling.replicas) if spelling.replicas else None
    if not isinstance(items, list):
        return items or ()
    replicas = []
    for item in items:
        if item is None or isinstance(item, Unreadable):
            replicas.append(Replica(None, item))
        elif not isinstance(item, dict):
            found = item.found if isinstance(item, WrongType) else json_type(item)
            return WrongType(f"{found} among its items")
        else:
            region = string_in(item, spelling.replica_region)
            replicas.append(
                Replica(
                    region if isinstance(region, str) else None,
                    _replica_key(item, spelling),
                    isinstance(region, StackRegion),
                )
            )
    return tuple(replicas)


def _replica_key(replica: Object, spelling: Spelling) -> KeyReference:
    if not spelling.replica_block:
        return key_in(replica, spelling.key)
    block = object_in(replica, spelling.replica_block)
    return key_in(block, spelling.key) if isinstance(block, dict) else block


def _write_replica_key(replica: Mapping[str, Any], spelling: Spelling, key: KeyReference) -> None:
    block = replica.get(spelling.replica_block)
    if isinstance(block, Mapping):
        put(block, spelling.key, key)
    else:
        put(replica, spelling.replica_block, {spelling.key: key})


def _missing(
    spelling: Spelling, before: Encryption | None, after: Encryption | None
) -> dict[str, object]:
    values = ((spelling.enabled, "enabled"), (spelling.sse_type, "sse_type"), (spelling.key, "key"))
    return {
        name: getattr(after, attribute)
        for name, attribute in values
        if name and getattr(after, attribute) not in (None, getattr(before, attribute))
    }
