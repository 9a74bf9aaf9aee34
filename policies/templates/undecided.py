"""Values that can't be decided, while a template is evaluated, and texts made of them.

Unlike Unknown and Hidden, they remember what they come from, so that the same parameter compared
with itself is equal.

Source: AWS KMS Developer Guide, "Key identifiers (KeyId)" (key ARN and alias ARN).
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, replace
from enum import Enum

from ..encryption.values import Hidden, Unknown
from .values import Alias, Key, Part, PartlyHidden, PartlyUnknown


class Missing(Enum):
    """What takes the place of nothing at all."""

    NO_VALUE = "AWS::NoValue, which removes the property or item that it stands in"


NO_VALUE = Missing.NO_VALUE


@dataclass(frozen=True)
class Undecided:
    """A value that can't be decided.

    origin: what it comes from; the same origin is the same value.
    value: why it can't be decided.
    """

    origin: Hashable
    value: Unknown | Hidden


@dataclass(frozen=True)
class Text:
    """A text of several parts, at least one of which is no string."""

    parts: tuple[str | Undecided | Key | Alias, ...]


NOT_TEXT = Undecided("not text", Hidden((), "a list or an object stands in it where a text must"))

_BEFORE_KEY_ID = re.compile(r"arn:[^:]*:kms:[^:]*:[^:]*:key/")
_BEFORE_ALIAS = re.compile(r"arn:[^:]*:kms:[^:]*:[^:]*:")


def whole(number: float) -> int | float:
    """`number` as an integer where it is one: the engine sends all numbers as floats, and
    CloudFormation compares and joins them as they are written.
    """
    return int(number) if number.is_integer() else number


def text_of(value: object) -> str | None:
    """A scalar as CloudFormation writes it into a text; None for what is no scalar."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (int, float)) else None


def joined(pieces: Iterable[object]) -> object:
    """The text of `pieces` in a row: a string, a Text, or the one piece that it consists of. An
    ARN around a key or an alias of the template is that key or alias.
    """
    parts: list[str | Undecided | Key | Alias] = []
    run: list[str] = []
    for piece in pieces:
        for part in piece.parts if isinstance(piece, Text) else (piece,):
            text = text_of(part)
            if text is not None:
                run.append(text)
            elif isinstance(part, (Undecided, Key, Alias)):
                parts += ("".join(run), part)
                run = []
            else:
                return NOT_TEXT
    parts.append("".join(run))
    parts = [it for it in parts if it != ""]
    if not parts:
        return ""
    last = parts[-1]
    if len(parts) == 1:
        return last
    before = "".join(it if isinstance(it, str) else "*" for it in parts[:-1])
    if (isinstance(last, Key) and _BEFORE_KEY_ID.fullmatch(before)) or (
        isinstance(last, Alias) and _BEFORE_ALIAS.fullmatch(before)
    ):
        return last
    return Text(tuple(parts))


def origin_of(value: object) -> Hashable:
    """What `value` comes from: equal for values that are certainly equal. None for what has none,
    such as a list.
    """
    if isinstance(value, Undecided):
        return ("from", value.origin)
    if isinstance(value, (Key, Alias)):
        return ("of", value.logical_id)
    if isinstance(value, Text):
        return tuple(origin_of(it) for it in value.parts)
    return text_of(value)


def blame(*values: object) -> Unknown | Hidden | None:
    """Why `values` can't be decided; None if they can. What the update will tell comes first."""
    found: Hidden | None = None
    pending = list(values)
    while pending:
        value = pending.pop()
        if isinstance(value, Undecided):
            if isinstance(value.value, Unknown):
                return value.value
            found = found or value.value
        elif isinstance(value, Text):
            pending += value.parts
        elif isinstance(value, list):
            pending += value
        elif isinstance(value, dict):
            pending += value.values()
        elif isinstance(value, (Key, Alias)):
            found = found or Hidden((), "AWS gives it its name when the stack is made")
    return found


def placed(value: object, at: tuple[str, ...]) -> object:
    """`value` as it is handed out.

    at: where it stands in the template.
    """
    if isinstance(value, dict):
        return {name: placed(it, (*at, name)) for name, it in value.items()}
    if isinstance(value, list):
        return [placed(it, (*at, str(index))) for index, it in enumerate(value)]
    if isinstance(value, Undecided):
        why = value.value
        return replace(why, path=at) if isinstance(why, Hidden) and not why.path else why
    if isinstance(value, Text):
        parts: tuple[Part, ...] = tuple(
            it.value if isinstance(it, Undecided) else it for it in value.parts
        )
        why = blame(value) or NOT_TEXT.value
        if isinstance(why, Unknown):
            return PartlyUnknown(why.path, why.marker, parts)
        return PartlyHidden(why.path or at, why.reason, parts)
    return value
