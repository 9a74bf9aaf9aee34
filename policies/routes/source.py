"""What a route is given: one resource, as far as routes may ask."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Source(NamedTuple):
    """One resource.

    type: its type token.
    name: its name in the program.
    properties: its inputs or its outputs, in the SDK's proxies.
    region: the Region of its provider, where the provider names one.
    """

    type: str
    name: str
    properties: Mapping[str, object]
    region: str | None = None
