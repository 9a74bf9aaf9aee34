"""Templates in YAML, as CloudFormation reads them.

The structure is built from the parser's events, without recursion: PyYAML's own composer overflows
the stack on deep nesting, and its constructor knows neither CloudFormation's tags nor what
CloudFormation refuses, such as aliases.

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
    NEITHER,
    NO_TEXT_KEY,
    NODE_LIMIT,
    TOO_DEEP,
    TOO_MANY_DIGITS,
    TOO_WIDE,
    TWICE,
    RefusedError,
)

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""In C where PyYAML was built so, which is much faster."""

_FUNCTIONS = (
    "And Base64 Cidr Equals FindInMap GetAtt GetAZs If ImportValue Join Length Not Or Select Split "
    "Sub ToJsonString Transform"
)
_SHORT_FORMS = {
    "!Ref": "Ref",
    "!Condition": "Condition",
    **{f"!{name}": f"Fn::{name}" for name in _FUNCTIONS.split()},
}

_CORE = "tag:yaml.org,2002:"
_PLAIN = (None, "!", _CORE + "map", _CORE + "seq")
_TEXT = (None, "!", _CORE + "str")
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
_SIXTIES = re.compile(r"[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+")
_ZERO_FIRST = re.compile(r"[-+]?0[0-9]*[89][0-9]*")
"""Neither decimal nor octal in YAML 1.1. AWS reads 012345678901 as 1.2345678901E10."""

_Collection = dict[str, object] | list[object]


def read(text: str) -> object:
    """The structure of `text`, with the short forms of functions written out.

    Raises RefusedError where `text` is no YAML, or YAML that CloudFormation does not take.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        raise RefusedError("it holds half of a character (a lone surrogate)") from None
    try:
        return _Builder().build(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""
        raise RefusedError(NEITHER + where) from None
    except yaml.YAMLError:
        raise RefusedError(NEITHER + " (it holds a control character)") from None


class _Builder:
    """Puts one document together."""

    def __init__(self) -> None:
        self._documents = 0
        self._root: object = None
        self._outer: list[_Collection | None] = []
        self._into: _Collection | None = None
        self._key: str | None = None  # of a mapping, while it waits for its value

    def build(self, text: str) -> object:
        for count, event in enumerate(yaml.parse(text, Loader=_Loader)):
            if count > NODE_LIMIT:
                raise RefusedError(TOO_WIDE)
            if isinstance(event, ScalarEvent):
                if self._key is None and self._into.__class__ is dict:
                    self._key = self._new_key(event)
                else:
                    self._put(_scalar(event))
            elif isinstance(event, MappingStartEvent):
                self._begin({}, event.tag)
            elif isinstance(event, SequenceStartEvent):
                self._begin([], event.tag)
            elif isinstance(event, (MappingEndEvent, SequenceEndEvent)):
                self._into = self._outer.pop()
            elif isinstance(event, AliasEvent):
                raise RefusedError("it uses a YAML alias, which CloudFormation does not take")
            elif isinstance(event, DocumentStartEvent):
                self._documents += 1
                if self._documents > 1:
                    raise RefusedError("it holds more than one YAML document")
        if not self._documents:
            raise RefusedError("it is empty")
        return self._root

    def _begin(self, collection: _Collection, tag: str | None) -> None:
        if self._key is None and self._into.__class__ is dict:
            raise RefusedError(NO_TEXT_KEY)
        if len(self._outer) >= DEPTH_LIMIT:
            raise RefusedError(TOO_DEEP)
        self._put(collection if tag in _PLAIN else {_long_form(tag): collection})
        self._outer.append(self._into)
        self._into = collection

    def _put(self, value: object) -> None:
        into = self._into
        if isinstance(into, list):
            into.append(value)
        elif into is not None and self._key is not None:
            into[self._key] = value
            self._key = None
        else:
            self._root = value

    def _new_key(self, event: ScalarEvent) -> str:
        key: str = event.value
        if event.tag not in _TEXT:
            raise RefusedError(NO_TEXT_KEY)
        if key == "<<" and event.implicit[0]:
            raise RefusedError("it uses a YAML merge key, which CloudFormation does not take")
        if self._into is not None and key in self._into:
            raise RefusedError(TWICE)
        return key


def _scalar(event: ScalarEvent) -> object:
    text: str = event.value
    tag = event.tag
    if tag is None:
        return _resolved(text) if event.implicit[0] else text
    if tag in _TEXT:
        return text
    if tag in _RESOLVED:
        return _resolved(text)
    return {_long_form(tag): text}


def _long_form(tag: str | None) -> str:
    name = _SHORT_FORMS.get(tag or "")
    if name is None:
        raise RefusedError("it uses a YAML tag that CloudFormation does not have")
    return name


def _resolved(text: str) -> object:
    """What a scalar without quotes stands for. A number keeps what it is worth, not how it is
    written, as AWS does with account ids that begin with a zero.
    """
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _NUMBER_STARTS:
        return text
    if len(text) > DIGITS_LIMIT:
        if _INTEGER.fullmatch(text):
            raise RefusedError(TOO_MANY_DIGITS)
        return text
    digits = text.replace("_", "")
    if _INTEGER.fullmatch(text):
        return int(digits)
    if _FLOAT.fullmatch(text) or _ZERO_FIRST.fullmatch(text):
        number = float(digits)
        return number if math.isfinite(number) else text
    return _of_other_base(text, digits)


def _of_other_base(text: str, digits: str) -> object:
    based = _BASED.fullmatch(digits)
    if based is not None:
        name = based.lastgroup or "eight"
        number = int(based[name], {"two": 2, "eight": 8, "sixteen": 16}[name])
    elif _SIXTIES.fullmatch(text):
        number = 0
        for place in digits.lstrip("+-").split(":"):
            number = number * 60 + int(place)
    else:
        return text
    return -number if text.startswith("-") else number
