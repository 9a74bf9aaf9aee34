"""Values of properties that are not simply there and readable.

Policies run while a program is previewed, and on anything that a state file contains. The value of
a property can be missing, not known yet, hidden, or of a type that the property can't have. Each
case has a class here, so the rule handles it like any other value and nothing raises halfway
through a table.
"""

from __future__ import annotations

from dataclasses import dataclass

_LONGEST_NAME = 120


class Unreadable:
    """A value that is set and that the policy can't read.

    Attributes:
        path: the property names and list positions that lead to the value from the top level of
            the resource, e.g. `("serverSideEncryption", "enabled")`. Empty where there is no path.
    """

    path: tuple[str, ...]


@dataclass(frozen=True)
class Unknown(Unreadable):
    """A value that the engine knows only during the update.

    Source: Pulumi, "Policy authoring", on unknown values during preview.
    """

    path: tuple[str, ...] = ()


@dataclass(frozen=True)
class Hidden(Unreadable):
    """A value that no policy can read, neither in a preview nor during the update.

    Attributes:
        reason: why, as a clause, e.g. "the value is imported from another stack".
    """

    reason: str
    path: tuple[str, ...] = ()


@dataclass(frozen=True)
class StackRegion(Hidden):
    """The Region of a CloudFormation stack in its template, where the Region is not known."""


@dataclass(frozen=True)
class WrongType:
    """A value of a type that the property can't have, such as a list for a boolean.

    Attributes:
        found: the type in JSON's words, e.g. "a list". The value itself is not kept: it may be a
            secret, and a message needs only the type.
    """

    found: str


def json_type(value: object) -> str:
    """Name the JSON type of a plain value, with its article: "a string", "an object", "null"."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, (int, float)):
        return "a number"
    if isinstance(value, str):
        return "a string"
    if isinstance(value, dict):
        return "an object"
    return "a list" if isinstance(value, (list, tuple)) else "another value"


def one_line(text: str, longest: int) -> str:
    """Limit a user's text to one line of printable characters.

    Args:
        text: the text.
        longest: the number of characters to keep.

    Returns:
        The text, with a replacement character for each character that a terminal does not show as
        it is. A longer text ends with an ellipsis.
    """
    shown = "".join(letter if letter.isprintable() else "\ufffd" for letter in text)
    return shown if len(shown) <= longest else f"{shown[: longest - 1]}…"


def quoted(name: str) -> str:
    """Return a name in quotes, on one line."""
    return f"'{one_line(name, _LONGEST_NAME)}'"
