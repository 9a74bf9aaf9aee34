"""Patterns in settings: `*` stands for any characters, everything else for itself."""

from __future__ import annotations

ANY = "*"


def matches(pattern: str, text: str) -> bool:
    """Whether `pattern` is the whole of `text`, capitals and small letters told apart.

    Takes time in proportion to both, whatever the pattern.
    """
    first, *rest = pattern.split(ANY)
    if not rest:
        return text == first
    *middle, last = rest
    place, end = len(first), len(text) - len(last)
    if end < place or not (text.startswith(first) and text.endswith(last)):
        return False
    for piece in middle:
        found = text.find(piece, place, end)
        if found < 0:
            return False
        place = found + len(piece)
    return True
