"""Values that can't be determined, while a template is evaluated, and texts that contain them.

Unlike Unknown and Hidden, they have an origin, so that a parameter is equal to itself.

Source: AWS KMS Developer Guide, "Key identifiers (KeyId)" (key ARN and alias ARN).
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, replace
from enum import Enum

from ..encryption.values import Hidden, StackRegion, Unknown, Unreadable
from .values import Alias, Key, PartialText


class NoValue(Enum):
    """The type of NO_VALUE."""

    NO_VALUE = "AWS::NoValue, which removes the property or list item that it is the value of"


NO_VALUE = NoValue.NO_VALUE


@dataclass(frozen=True)
class Unresolved:
    """A value that can't be determined.

    Attributes:
        origin: Where the value comes from. Values of the same origin are equal.
        cause: Why it can't be determined.
        texts: The texts that it may be, where these are known; empty where they are not.
    """

    origin: Hashable
    cause: Unreadable
    texts: frozenset[str] = frozenset()


@dataclass(frozen=True)
class UnresolvedText:
    """A text of several parts, at least one of which is not a string."""

    parts: tuple[str | Unresolved | Key | Alias, ...]


NOT_TEXT = Unresolved(
    "not text", Hidden("the template uses a list or an object where a string is required")
)
_CREATED_KEY = Hidden(
    "the value depends on a KMS key or alias that CloudFormation creates with the stack"
)

_REGION = ("Ref", "AWS::Region")
"""The origin of the stack's Region."""

_BEFORE_KEY_ID = re.compile(r"arn:[^:]*:kms:[^:]*:[^:]*:key/")
_BEFORE_ALIAS = re.compile(r"arn:[^:]*:kms:[^:]*:[^:]*:")


def text_of(value: object) -> str | None:
    """Return a scalar as CloudFormation writes it into a text; None if `value` is not a scalar."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (int, float)) else None


def joined(pieces: Iterable[object]) -> str | UnresolvedText | Unresolved | Key | Alias:
    """Join `pieces` to a text. None of them may be an UnresolvedText.

    If only one piece is not empty, it is returned. An ARN that ends in a key or an alias of the
    template is that key or alias.
    """
    parts: list[str | Unresolved | Key | Alias] = []
    run: list[str] = []
    for piece in pieces:
        text = text_of(piece)
        if text is not None:
            run.append(text)
        elif isinstance(piece, (Unresolved, Key, Alias)):
            parts += ("".join(run), piece)
            run = []
        else:
            return NOT_TEXT
    parts.append("".join(run))
    parts = [part for part in parts if part != ""]
    if not parts:
        return ""
    last = parts[-1]
    if len(parts) == 1:
        return last
    before = "".join(part if isinstance(part, str) else "*" for part in parts[:-1])
    if (isinstance(last, Key) and _BEFORE_KEY_ID.fullmatch(before)) or (
        isinstance(last, Alias) and _BEFORE_ALIAS.fullmatch(before)
    ):
        return last
    return UnresolvedText(tuple(parts))


def origin_of(value: object) -> Hashable:
    """Return the origin of `value`, which is the same for values that are certainly equal.

    None if `value` doesn't have an origin: it is a list, an object, null or NO_VALUE.
    """
    if isinstance(value, Unresolved):
        return ("from", value.origin)
    if isinstance(value, (Key, Alias)):
        return ("of", value.logical_id)
    if isinstance(value, UnresolvedText):
        return tuple(origin_of(part) for part in value.parts)
    return text_of(value)


def cause_of(*values: object) -> Unreadable | None:
    """Return why one of `values` can't be determined, an Unknown if there is one; else None."""
    hidden: Unreadable | None = None
    pending = list(values)
    while pending:
        value = pending.pop()
        if isinstance(value, Unresolved):
            if isinstance(value.cause, Unknown):
                return value.cause
            hidden = hidden or value.cause
        elif isinstance(value, UnresolvedText):
            pending += value.parts
        elif isinstance(value, list):
            pending += value
        elif isinstance(value, dict):
            pending += value.values()
        elif isinstance(value, (Key, Alias)):
            hidden = hidden or _CREATED_KEY
    return hidden


def result_of(value: object, path: tuple[str, ...]) -> object:
    """Convert the evaluated `value` at `path` to the values that this package returns."""
    if isinstance(value, dict):
        return {name: result_of(member, (*path, name)) for name, member in value.items()}
    if isinstance(value, list):
        return [result_of(item, (*path, str(index))) for index, item in enumerate(value)]
    if isinstance(value, Unresolved):
        if value.origin == _REGION:
            return StackRegion("the Region of the stack is not known", path)
        cause = _with_path(value.cause, path)
        return PartialText((cause,), cause, value.texts) if value.texts else cause
    if isinstance(value, UnresolvedText):
        parts = tuple(part.cause if isinstance(part, Unresolved) else part for part in value.parts)
        return PartialText(parts, _with_path(cause_of(value) or NOT_TEXT.cause, path))
    return value


def _with_path(cause: Unreadable, path: tuple[str, ...]) -> Unreadable:
    return replace(cause, path=path) if isinstance(cause, Hidden) and not cause.path else cause
