"""What a route is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from ..encryption.tables import Declaration, Table
from ..snapshot import Snapshot


class Route(NamedTuple):
    """How to read the tables of one resource type.

    Attributes:
        read: reads a resource, and yields what it declares.
        properties: the top-level properties that `read` needs. No other property is read.
        remediate: writes into a resource's properties what the second table has and the first,
            which they declare, does not have. None for a type that is not remediated.
        without_properties: whether such a resource declares something although the engine shows a
            stack policy none of its properties. Other resources without properties are not
            planned yet.
        unread: whether the type only names a DynamoDB table, and the route reports the type.
    """

    read: Callable[[Snapshot], Iterable[Declaration]]
    properties: frozenset[str]
    remediate: Callable[[Mapping[str, Any], Table, Table], None] | None = None
    without_properties: bool = False
    unread: bool = False
