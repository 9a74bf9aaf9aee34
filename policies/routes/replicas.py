"""Reading the list of a table's replicas, which every family of types has in its own names."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..encryption import Hidden, KeyReference, Malformed, Replica, Unknown
from .reading import Path, as_object, list_of, string_of

KeyReader = Callable[[Mapping[str, object], Path], KeyReference]
"""Reads the key of one replica, given its properties and the path that leads to them."""


def read_replicas(
    properties: Mapping[str, object], name: str, region: str, key: KeyReader, at: Path = ()
) -> tuple[Replica, ...] | Unknown | Hidden | Malformed:
    """Read the list in property `name`.

    region: the name of a replica's property for its Region.
    """
    items = list_of(properties, name, at)
    if items is None:
        return ()
    if isinstance(items, (Unknown, Hidden, Malformed)):
        return items
    replicas = []
    for index, item in enumerate(items):
        replica = as_object(item)
        if isinstance(replica, Malformed):
            return Malformed(f"{replica.found} among its items")
        if replica is None or isinstance(replica, (Unknown, Hidden)):
            replicas.append(Replica(None, replica))
            continue
        inside = (*at, name, str(index))
        where = string_of(replica, region, inside)
        replicas.append(Replica(where if isinstance(where, str) else None, key(replica, inside)))
    return tuple(replicas)
