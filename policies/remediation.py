"""Remediate the table that a resource declares, at the enforcement level `remediate`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .encryption.remediation import remediated
from .encryption.tables import Table
from .routes.route import Route
from .settings.settings import Settings
from .snapshot import Resource, take


def remediated_properties(
    resource: Resource, route: Route, settings: Settings
) -> Mapping[str, Any] | None:
    """Change the properties of a resource so that its table complies.

    Args:
        resource: the resource, whose properties are changed in place.
        route: its route.
        settings: the settings of the policy.

    Returns:
        The properties; None if the table complies already, is exempt, or could be fixed only by a
        guess. Then the caller must not use the resource's properties.
    """
    if route.remediate is None or settings.faults:
        return None
    try:
        (table,) = route.read(take(resource, route.properties))
        if settings.exemptions.in_force(table.name, resource.urn) is not None:
            return None
        after = remediated(table, settings.rule)
        if after is None or not isinstance(table, Table):
            return None
        route.remediate(resource.props, table, after)
    except Exception:  # noqa: BLE001 - validation judges the resource as it is
        return None
    return resource.props
