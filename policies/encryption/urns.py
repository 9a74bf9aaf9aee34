"""Patterns of URNs in settings.

A URN is `urn:pulumi:STACK::PROJECT::TYPE::NAME`. Its author chooses the name, which may hold `::`,
so each part is matched by itself: a `*` never reaches into the next one. A pattern may end early
with `::*`, and leaves the parts that follow open.

Source: Pulumi, "Resource names" (URNs).
"""

from __future__ import annotations

from dataclasses import dataclass

from .globs import ANY, matches

_START = "urn:pulumi:"
_SEPARATOR = "::"
_PARTS = 4

EVERY_TABLE = "matches every table"
"""What is wrong with a pattern that leaves all open."""

WANTED = "urn:pulumi:STACK::PROJECT::TYPE::NAME"


@dataclass(frozen=True)
class UrnPattern:
    """A pattern of URNs, of which `fault_of_urn_pattern` finds nothing wrong."""

    text: str

    def covers(self, urn: str) -> bool:
        """Whether `urn` matches the whole pattern."""
        parts = urn.split(_SEPARATOR, _PARTS - 1)
        return len(parts) == _PARTS and all(map(matches, self._patterns(), parts))

    def may_be_in_stack_of(self, urn: str) -> bool:
        """Whether it may cover a resource in the stack of the resource `urn`."""
        stack_and_project = urn.split(_SEPARATOR)[:2]
        return all(map(matches, self._patterns(), stack_and_project))

    def _patterns(self) -> list[str]:
        patterns = self.text.split(_SEPARATOR, _PARTS - 1)
        # A pattern that ends early ends with `::*`, for all that follows.
        return patterns + [ANY] * (_PARTS - len(patterns))


def fault_of_urn_pattern(text: str) -> str | None:
    """What is wrong with a pattern, completing "it …"; None where nothing is."""
    if not text.strip("*:"):
        return EVERY_TABLE
    if not text.startswith(_START):
        return f"is no pattern of a URN: write {WANTED}, where each part may have *"
    patterns = text.removeprefix(_START).split(_SEPARATOR, _PARTS - 1)
    if not any(it.strip(f"{ANY}:") for it in patterns):
        return EVERY_TABLE
    if len(patterns) < _PARTS and patterns[-1] != ANY:
        return f"has too few parts: write {WANTED}, or end it with ::* for all that follows"
    return None
