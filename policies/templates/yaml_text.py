"""Parse CloudFormation YAML, including short-form tags.

The structure is built from the parser's events, without recursion: PyYAML's own composer overflows
the stack on deep nesting, and its constructor knows neither CloudFormation's tags nor what
CloudFormation doesn't support, such as aliases.

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
    DUPLICATE_NAME,
    NODE_LIMIT,
    NOT_A_TEMPLATE,
    TOO_DEEP,
    TOO_MANY_DIGITS,
    InvalidTemplateError,
)

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The C parser is much faster, but not every build of PyYAML has it."""

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
_SEXAGESIMAL = re.compile(r"[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]*[89][0-9]*")
"""Neither decimal nor octal in YAML 1.1. AWS reads 012345678901 as 1.2345678901E10."""

_NAME_NOT_TEXT = "an object has a member whose name is not a string"
_NOT_SUPPORTED = "the template contains a YAML {}, which CloudFormation doesn't support"

_Collection = dict[str, object] | list[object]


def read(text: str) -> object:
    """Parse `text` to dicts and lists, with long forms of functions only.

    Raises:
        InvalidTemplateError: `text` is not YAML, or not as CloudFormation supports it.
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
        self._outer: list[_Collection | None] = []
        self._into: _Collection | None = None
        self._key: str | None = None  # the mapping's key whose value comes next

    def build(self, text: str) -> object:
        for count, event in enumerate(yaml.parse(text, Loader=_Loader)):
            if count > NODE_LIMIT:
                raise InvalidTemplateError("the template contains too many values")
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
                raise InvalidTemplateError(_NOT_SUPPORTED.format("alias"))
            elif isinstance(event, DocumentStartEvent):
                self._documents += 1
                if self._documents > 1:
                    raise InvalidTemplateError("the template contains more than one YAML document")
        if not self._documents:
            raise InvalidTemplateError("the template is empty")
        return self._root

    def _begin(self, collection: _Collection, tag: str | None) -> None:
        if self._key is None and self._into.__class__ is dict:
            raise InvalidTemplateError(_NAME_NOT_TEXT)
        if len(self._outer) >= DEPTH_LIMIT:
            raise InvalidTemplateError(TOO_DEEP)
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
            raise InvalidTemplateError(_NAME_NOT_TEXT)
        if key == "<<" and event.implicit[0]:
            raise InvalidTemplateError(_NOT_SUPPORTED.format("merge key"))
        if self._into is not None and key in self._into:
            raise InvalidTemplateError(DUPLICATE_NAME)
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
        raise InvalidTemplateError(
            "the template contains a YAML tag that CloudFormation doesn't support"
        )
    return name


def _resolved(text: str) -> object:
    """Return the value of a scalar without quotes.

    CloudFormation doesn't keep how a number is written, not even that an account ID starts with 0.
    """
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _NUMBER_STARTS:
        return text
    if len(text) > DIGITS_LIMIT:
        if _INTEGER.fullmatch(text):
            raise InvalidTemplateError(TOO_MANY_DIGITS)
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
