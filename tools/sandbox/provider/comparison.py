"""Compare property values as Terraform does, without the types of its schema.

Source: helper/schema/schema.go of terraform-plugin-sdk.
"""

from __future__ import annotations

from typing import Any

_EMPTY = (None, "", 0, False)


def same(old: Any, new: Any) -> bool:
    """Return whether two values are equal; an absent value equals an empty one."""
    if isinstance(new, dict) and isinstance(old, dict):
        return all(same(old.get(k), new.get(k)) for k in old.keys() | new.keys())
    if isinstance(new, list) and isinstance(old, list):
        return len(old) == len(new) and all(map(same, old, new))
    return (old in _EMPTY and new in _EMPTY) or bool(old == new) or str(old) == str(new)


def same_set(old: Any, new: list[Any], key: str) -> bool:
    """Return whether a set has the members of another, as far as `new` declares them.

    Args:
        old: the set in the state.
        new: the set in the inputs.
        key: the property that identifies a member.
    """
    old_members = by_key(old, key)
    return len(old_members) == len(new) and all(
        member.get(key) in old_members
        and all(same(old_members[member[key]].get(k), v) for k, v in member.items())
        for member in new
    )


def by_key(members: Any, key: str) -> dict[Any, Any]:
    """Return the members of a set by the property that identifies them."""
    return {member.get(key): member for member in members or [] if isinstance(member, dict)}


def is_off(block: Any) -> bool:
    """Return whether a block is absent, empty or has `enabled: false`."""
    return not block or (isinstance(block, dict) and block.get("enabled") is False)
