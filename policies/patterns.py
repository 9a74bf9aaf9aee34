"""Patterns in settings: `*` matches any characters, and everything else matches itself."""

from __future__ import annotations

ANY = "*"


def matches(pattern: str, text: str) -> bool:
    """Return whether a pattern matches the whole text. Matching is case-sensitive.

    It takes time in proportion to the lengths of both.
    """
    first, *rest = pattern.split(ANY)
    if not rest:
        return text == first
    *middle, last = rest
    start, end = len(first), len(text) - len(last)
    if end < start or not (text.startswith(first) and text.endswith(last)):
        return False
    for piece in middle:
        position = text.find(piece, start, end)
        if position < 0:
            return False
        start = position + len(piece)
    return True
