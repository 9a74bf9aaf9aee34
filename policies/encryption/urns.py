"""Patterns of URNs in settings.

A URN is `urn:pulumi:STACK::PROJECT::TYPE::NAME`. Its author chooses the name, which may hold `::`,
so each part is matched by itself: a `*` never reaches into the next one, except the one that ends a
pattern, which stands for all that follows.

Source: Pulumi, "Resource names" (URNs).
"""

from __future__ import annotations

from dataclasses import dataclass

from .globs import ANY, matches, may_begin

_START = "urn:pulumi:"
_SEPARATOR = "::"
_PARTS = 4

WANTED = "urn:pulumi:STACK::PROJECT::TYPE::NAME"


@dataclass(frozen=True)
class UrnPattern:
    """A pattern of URNs, of which `fault_of_urn_pattern` finds nothing wrong."""

    text: str

    def covers(self, urn: str) -> bool:
        """Whether `urn` matches the whole pattern."""
        patterns = self.text.split(_SEPARATOR, _PARTS - 1)
        # The last pattern takes what is left of the URN.
        parts = urn.split(_SEPARATOR, len(patterns) - 1)
        return len(parts) == len(patterns) and all(map(matches, patterns, parts))

    def may_be_in_stack_of(self, urn: str) -> bool:
        """Whether it may cover a resource in the stack of the resource `urn`."""
        stack, project, *_ = [*urn.split(_SEPARATOR), ""]
        patterns = self.text.split(_SEPARATOR, _PARTS - 1)
        if len(patterns) == 1:
            return may_begin(patterns[0], f"{stack}{_SEPARATOR}{project}{_SEPARATOR}")
        if len(patterns) == 2:
            return matches(patterns[0], stack) and may_begin(patterns[1], f"{project}{_SEPARATOR}")
        return matches(patterns[0], stack) and matches(patterns[1], project)


def fault_of_urn_pattern(text: str) -> str | None:
    """What is wrong with a pattern, completing "it …"; None where nothing is."""
    if not text.strip("*:"):
        return "matches every table"
    if not text.startswith(_START):
        return f"is no pattern of a URN: write {WANTED}, where each part may have *"
    patterns = text.removeprefix(_START).split(_SEPARATOR, _PARTS - 1)
    if not any(it.strip(ANY) for it in patterns):
        return "matches every table"
    if len(patterns) < _PARTS and not text.endswith(ANY):
        return (
            f"matches no URN, which has more parts: write {WANTED}, or end it with * for all that "
            "follows"
        )
    return None
