"""Regions in messages."""

from __future__ import annotations

from ..encryption.rule import is_region
from ..encryption.verdicts import Violation

_PLACES = ("af", "ap", "ca", "cn", "eu", "eusc", "il", "me", "mx", "sa", "us")
"""How the names of AWS's Regions start. Others are not shown."""


def shown_region(region: str | None) -> str | None:
    """Return a Region that a message may show; None for any other text, which may be a secret."""
    if region is None or not is_region(region) or region.partition("-")[0] not in _PLACES:
        return None
    return region


def place_of_replica(violation: Violation) -> str:
    """Return where a replica is, as the end of a clause; empty if that is not known."""
    region = shown_region(violation.region)
    if region is None and violation.in_stack_region:
        region = "the stack's Region"
    return f" in {region}" if region else ""
