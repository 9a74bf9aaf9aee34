"""Writing a remedied table back into the properties that declared it.

The properties are the SDK's, which keep a secret secret where it is replaced. Nothing but what
differs is written, so that unknown values and secrets pass through as they are.

Source: Pulumi's Python policy SDK, pulumi_policy/secret.py.
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any, NamedTuple, cast

from ..encryption import Encryption, Table

Properties = Mapping[str, Any]


class Spelling(NamedTuple):
    """How a type spells the setting; `sse_type` is empty where it has none."""

    block: str
    enabled: str
    key: str
    sse_type: str = ""


def write_encryption(
    properties: Properties, names: Spelling, before: Table, after: Table, *, in_list: bool = False
) -> None:
    """Write what `after` has and `before` has not into the table's block.

    in_list: whether a block that is not there yet is to be a list with one object, as Terraform
        spells blocks.
    """
    block = properties.get(names.block)
    if isinstance(block, Sequence) and not isinstance(block, str):
        in_list, block = True, block[0] if len(block) else None
    added = _added(names, before.encryption, after.encryption)
    if isinstance(block, Mapping):
        for name, value in added.items():
            put(block, name, value)
    else:
        put(properties, names.block, [added] if in_list else added)


def put(properties: Properties, name: str, value: object) -> None:
    """Set property `name`."""
    # The SDK's mappings take new values, though their type does not say so.
    cast(MutableMapping[str, object], properties)[name] = value


def _added(
    names: Spelling, before: Encryption | None, after: Encryption | None
) -> dict[str, object]:
    values = (
        (names.enabled, "enabled"),
        (names.sse_type, "sse_type"),
        (names.key, "key"),
    )
    return {
        name: getattr(after, value)
        for name, value in values
        if name and getattr(after, value) not in (None, getattr(before, value))
    }
