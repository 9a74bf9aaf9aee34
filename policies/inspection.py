"""From resources to a report: reads the tables of each, asks the rule, hands on the answers.

This is all that the policies have in common. A policy adds which resources it is shown, which of
their tables it asks about, and what it says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from .encryption import judge
from .reporting import Report
from .routes import route_of


class Resource(Protocol):
    """What the SDK tells of a resource, in resource policies and stack policies alike."""

    resource_type: str
    name: str
    urn: str
    props: Mapping[str, Any]


def inspect(resources: Iterable[Resource], report: Report, *, created_only: bool = False) -> bool:
    """Tell `report` of every table that `resources` declare.

    created_only: leave out tables that are still to be created.

    Returns whether any of the resources is of a type that declares tables.
    """
    found = False
    for resource in resources:
        route = route_of(resource.resource_type)
        if route is None:
            continue
        found = True
        with report.resource(resource.name, resource.urn) as answer:
            for table in route(resource.name, resource.props):
                if not (created_only and table.not_created_yet):
                    answer(table, judge(table))
    return found
