"""Patterns of URNs in settings.

A URN is `urn:pulumi:STACK::PROJECT::TYPE::NAME`. The author of a program chooses the name, which
can contain `::`, so each part is matched by itself: a `*` never matches across parts. A pattern can
end early with `::*`, which matches all remaining parts.

Source: Pulumi, "Resource names" (URNs).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..patterns import ANY, matches

_PREFIX = "urn:pulumi:"
_SEPARATOR = "::"
_PARTS = 4

_TYPE = 2
_SHORTENED = re.compile(r"(?:^|\$)aws:([a-z0-9]+):([A-Z][A-Za-z0-9]*)$")
"""A type of Pulumi's AWS provider as messages show it, without the name's module."""

_UNLIKELY_TABLE = "urn:pulumi:\0::\0::aws:dynamodb/table:Table::\0"
"""Matches no pattern that says anything about stack, project, or name."""

FORM = "urn:pulumi:STACK::PROJECT::TYPE::NAME"
"""What a URN looks like, for messages."""


@dataclass(frozen=True)
class UrnPattern:
    """A pattern of URNs, for which `urn_pattern_fault` returns None."""

    text: str

    def matches(self, urn: str) -> bool:
        """Return whether a URN matches the whole pattern."""
        parts = urn.split(_SEPARATOR, _PARTS - 1)
        return len(parts) == _PARTS and all(map(matches, self.parts(), parts))

    def names_stack_of(self, urn: str) -> bool:
        """Return whether the pattern names the stack and the project of a resource, without `*`."""
        return self.parts()[:2] == urn.split(_SEPARATOR)[:2]

    def parts(self) -> list[str]:
        """Return the patterns of the stack, the project, the type, and the name.

        The first one starts with the prefix that each URN has.
        """
        patterns = self.text.split(_SEPARATOR, _PARTS - 1)
        return patterns + [ANY] * (_PARTS - len(patterns))


def matches_every_table(text: str) -> bool:
    """Return whether a pattern of a URN matches every table of every stack."""
    if not text.strip(f"{ANY}:"):
        return True
    return urn_pattern_fault(text) is None and UrnPattern(text).matches(_UNLIKELY_TABLE)


def urn_pattern_fault(text: str) -> str | None:
    """Return what is wrong with a pattern, completing "it …"; None for a correct pattern."""
    if not text.startswith(_PREFIX):
        return f"is not a URN pattern such as {FORM}, where each part may have *"
    patterns = text.removeprefix(_PREFIX).split(_SEPARATOR, _PARTS - 1)
    if len(patterns) < _PARTS and patterns[-1] != ANY:
        return f"has too few parts: write {FORM}, or end it with ::* for all remaining parts"
    shortened = _SHORTENED.search(patterns[_TYPE]) if len(patterns) > _TYPE else None
    if shortened is not None:
        module, name = shortened.groups()
        written = f"aws:{module}/{name[0].lower()}{name[1:]}:{name}"
        return f"has a type as messages shorten it: write {written}, or * for any type"
    return None
