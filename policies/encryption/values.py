"""What a property holds when it does not simply hold a value.

Policies run while a program is still being previewed, and on whatever a state file contains. A
property may therefore be there and readable, missing, *not known yet*, *hidden*, or *of a
type that it can't have*. The last three get a class here, so that the rule decides about them like
about any other value and nothing is raised half-way through a table.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Unknown:
    """A value that the engine will know only during the update.

    path: the property names and list positions that lead to it, from the resource's top level,
        e.g. ``("serverSideEncryption", "enabled")``.
    marker: the engine's own marker for the unknown value's type.

    Source: Pulumi, "Policy authoring", on unknown values during preview.
    """

    path: tuple[str, ...]
    marker: str


@dataclass(frozen=True)
class Hidden:
    """A value that is there and that nobody but its owner can read, now or during the update.

    path: as in `Unknown`.
    reason: why it can't be read, completing "it can't be read: …".
    """

    path: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class Malformed:
    """A value of a type that the property can't have, such as a list for a boolean.

    found: that type in JSON's words ("a list", "a number"). The value itself is not kept: it may
        be a secret, and the type is all that a message needs.
    """

    found: str


def json_type(value: object) -> str:
    """Name the type of a JSON-like `value` with its article: "a string", "an object", "null"."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, (int, float)):
        return "a number"
    if isinstance(value, str):
        return "a string"
    # The SDK hands out proxies that are neither dict nor list. Both have a length; only the
    # proxy of an object has keys.
    if hasattr(value, "keys"):
        return "an object"
    if hasattr(value, "__len__") and hasattr(value, "__getitem__"):
        return "a list"
    return "an asset or archive"


def one_line(text: str, longest: int) -> str:
    """What others wrote, kept to one line of at most `longest` letters and to what a terminal shows
    as it is.
    """
    shown = "".join(letter if letter.isprintable() else "\ufffd" for letter in text)
    return shown if len(shown) <= longest else f"{shown[: longest - 1]}…"
