"""Parse CloudFormation YAML, including short-form tags.

The structure is built from the parser's events, without recursion: PyYAML's own composer overflows
the stack on deep nesting, and its constructor doesn't know CloudFormation's tags. A part that
CloudFormation doesn't support becomes a function that can't be evaluated (see `unsupported`), so
that the rest of the template is still read.

Sources: AWS CloudFormation User Guide, "CloudFormation template format" (YAML 1.1 without aliases,
hash merges and the tags binary, omap, pairs, set and timestamp) and "Intrinsic function reference"
(short forms); YAML 1.1's language-independent types bool, int, float and null.
"""

from __future__ import annotations

import math
import re

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from .limits import (
    DEPTH_LIMIT,
    DIGITS_LIMIT,
    NODE_LIMIT,
    NOT_A_TEMPLATE,
    TOO_DEEP,
    InvalidTemplateError,
)
from .unsupported import ALIAS, DOCUMENTS, MERGE_KEY, NAME_NOT_TEXT, TAG

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The C parser is much faster, but not every build of PyYAML has it."""

_CORE = "tag:yaml.org,2002:"
_PLAIN = (None, "!", _CORE + "map", _CORE + "seq")
_TEXT = (None, "!", _CORE + "str")
_WITHOUT_PREFIX = ("!Ref", "!Condition")
_RESOLVED = tuple(_CORE + name for name in ("bool", "int", "float", "null"))

_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **{
        form: word in ("true", "yes", "on")
        for word in ("true", "yes", "on", "false", "no", "off")
        for form in (word, word.capitalize(), word.upper())
    },
}
_NUMBER_STARTS = frozenset("0123456789+-.")
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9_]*)")
_FLOAT = re.compile(
    r"[-+]?(?:[0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?"
)
_BASED = re.compile(r"[-+]?0(?:b(?P<two>[01]+)|x(?P<sixteen>[0-9a-fA-F]+)|(?P<eight>[0-7]+))")
_SEXAGESIMAL = re.compile(r"[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]*[89][0-9]*")
"""Neither decimal nor octal in YAML 1.1. AWS reads 012345678901 as 1.2345678901E10."""

_Collection = dict[str, object] | list[object]


def read(text: str) -> object:
    """Parse `text` to dicts and lists, with long forms of functions only.

    Raises:
        InvalidTemplateError: `text` is not YAML, or it exceeds a limit.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InvalidTemplateError(
            "the template contains an invalid character (a lone surrogate)"
        ) from None
    try:
        return _Builder().build(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        position = f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""
        raise InvalidTemplateError(NOT_A_TEMPLATE + position) from None
    except yaml.YAMLError:
        raise InvalidTemplateError(NOT_A_TEMPLATE + " (it contains a control character)") from None


class _Builder:
    """Builds the structure of one document."""

    def __init__(self) -> None:
        self._documents = 0
        self._root: object = None
        # Each outer collection, and the key whose value comes next in it.
        self._outer: list[tuple[_Collection | None, str | None]] = []
        self._into: _Collection | None = None
        self._key: str | None = None

    def build(self, text: str) -> object:
        for count, event in enumerate(yaml.parse(text, Loader=_Loader)):
            if count > NODE_LIMIT:
                raise InvalidTemplateError("the template contains too many values")
            if isinstance(event, ScalarEvent):
                if self._is_at_key():
                    self._key = _name(event)
                else:
                    self._put(_scalar(event))
            elif isinstance(event, MappingStartEvent):
                self._begin({}, event.tag)
            elif isinstance(event, SequenceStartEvent):
                self._begin([], event.tag)
            elif isinstance(event, (MappingEndEvent, SequenceEndEvent)):
                self._into, self._key = self._outer.pop()
            elif isinstance(event, AliasEvent):
                if self._is_at_key():
                    self._key = NAME_NOT_TEXT
                else:
                    self._put({ALIAS: None})
            elif isinstance(event, DocumentStartEvent):
                self._documents += 1
                if self._documents > 1:
                    return {DOCUMENTS: None}
        if not self._documents:
            raise InvalidTemplateError("the template is empty")
        return self._root

    def _is_at_key(self) -> bool:
        return self._key is None and self._into.__class__ is dict

    def _begin(self, collection: _Collection, tag: str | None) -> None:
        if len(self._outer) >= DEPTH_LIMIT:
            raise InvalidTemplateError(TOO_DEEP)
        if self._is_at_key():
            # The collection is a key, and it is dropped.
            self._outer.append((self._into, NAME_NOT_TEXT))
        else:
            self._put(collection if tag in _PLAIN else _tagged(tag, collection))
            self._outer.append((self._into, None))
        self._into, self._key = collection, None

    def _put(self, value: object) -> None:
        into = self._into
        if isinstance(into, list):
            into.append(value)
        elif into is not None and self._key is not None:
            into[self._key] = value
            self._key = None
        else:
            self._root = value


def _name(event: ScalarEvent) -> str:
    name: str = event.value
    if event.tag not in _TEXT and event.tag not in _RESOLVED:
        return NAME_NOT_TEXT
    return MERGE_KEY if name == "<<" and event.implicit[0] else name


def _scalar(event: ScalarEvent) -> object:
    text: str = event.value
    tag = event.tag
    if tag is None:
        return _resolved(text) if event.implicit[0] else text
    if tag in _TEXT:
        return text
    if tag in _RESOLVED:
        return _resolved(text)
    return _tagged(tag, text)


def _tagged(tag: str | None, value: object) -> dict[str, object]:
    """Return the long form of a function, which need not be known."""
    if tag is None or not tag.startswith("!"):
        return {TAG: value}
    return {tag[1:] if tag in _WITHOUT_PREFIX else f"Fn::{tag[1:]}": value}


def _resolved(text: str) -> object:
    """Return the value of a scalar without quotes.

    CloudFormation doesn't keep how a number is written, not even that an account ID starts with 0.
    """
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _NUMBER_STARTS:
        return text
    if len(text) > DIGITS_LIMIT:
        return text
    digits = text.replace("_", "")
    if _INTEGER.fullmatch(text):
        return int(digits)
    if _FLOAT.fullmatch(text) or _LEADING_ZERO.fullmatch(text):
        number = float(digits)
        return number if math.isfinite(number) else text
    return _in_another_base(text, digits)


def _in_another_base(text: str, digits: str) -> object:
    based = _BASED.fullmatch(digits)
    if based is not None:
        base = based.lastgroup or "eight"
        number = int(based[base], {"two": 2, "eight": 8, "sixteen": 16}[base])
    elif _SEXAGESIMAL.fullmatch(text):
        number = 0
        for place in digits.lstrip("+-").split(":"):
            number = number * 60 + int(place)
    else:
        return text
    return -number if text.startswith("-") else number
