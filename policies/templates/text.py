"""From a template's text to its structure, whichever of the two languages it is in.

Source: AWS CloudFormation User Guide, "CloudFormation template format" (JSON as of ECMA-404, YAML
1.1 with exceptions; what is declared twice has no defined meaning) and "Understand CloudFormation
quotas" (1 MB for a template).
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import NoReturn

from ..encryption.values import json_type
from ..marks import holds_unknown
from .limits import (
    DEPTH_LIMIT,
    DIGITS_LIMIT,
    NEITHER,
    TEXT_LIMIT,
    TOO_DEEP,
    TOO_MANY_DIGITS,
    TWICE,
    RefusedError,
)
from .structured import materialize
from .values import BadTemplate


def parse(body: object) -> Mapping[str, object] | BadTemplate:
    """The structure of the template `body`, in dicts and lists, short forms written out.

    body: a text in JSON or YAML, or a structure: the SDK's proxies, dicts and lists. Unknown and
        secret members of a structure become Unknown and Hidden. Any other value is answered with
        a BadTemplate, too; nothing is raised.
    """
    if isinstance(body, str):
        parsed = _parse_text(body)
        if isinstance(parsed, BadTemplate) or not holds_unknown(body):
            return parsed
        return materialize(parsed)
    if isinstance(body, Mapping):
        return materialize(body)
    return BadTemplate(f"it is {json_type(body)} instead of a template")


def parse_json(text: str) -> Mapping[str, object] | BadTemplate:
    """The object in the JSON document `text`, such as the properties of one resource. Where it is
    none, the answer is a BadTemplate that says why; nothing is raised.
    """
    if len(text) > TEXT_LIMIT:
        return BadTemplate(f"it is longer than {TEXT_LIMIT // 1_000_000} MB")
    try:
        parsed = _read_json(text)
    except json.JSONDecodeError:
        return BadTemplate("it is no JSON document")
    except RefusedError as error:
        return BadTemplate(error.reason)
    if not isinstance(parsed, dict):
        return BadTemplate(f"it holds {json_type(parsed)} instead of an object")
    return materialize(parsed) if holds_unknown(text) else parsed


def _parse_text(text: str) -> Mapping[str, object] | BadTemplate:
    if len(text) > TEXT_LIMIT:
        return BadTemplate(f"it is longer than {TEXT_LIMIT // 1_000_000} MB")
    text = text.removeprefix("\ufeff")
    try:
        parsed = _read(text)
    except RefusedError as error:
        return BadTemplate(error.reason)
    if isinstance(parsed, dict):
        return parsed
    return BadTemplate(f"it holds {json_type(parsed)} instead of an object")


def _read(text: str) -> object:
    start = text.lstrip()[:1]
    if not start:
        raise RefusedError("it is empty")
    if start not in '{["':
        return _read_yaml(text)
    try:
        return _read_json(text)
    except json.JSONDecodeError as error:
        # YAML may begin so, too. If it is none either, a text that looks like JSON was meant so.
        where = f"(line {error.lineno}, column {error.colno})"
    try:
        return _read_yaml(text)
    except RefusedError as error:
        if not error.reason.startswith(NEITHER):
            raise
    raise RefusedError(f"{NEITHER} {where}")


def _read_json(text: str) -> object:
    """Raises JSONDecodeError where it is no JSON."""
    _refuse_depth(text)
    try:
        return json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_number,
            parse_constant=_no_number,
        )
    except RecursionError:
        raise RefusedError(TOO_DEEP) from None


def _refuse_depth(text: str) -> None:
    """Refuse at once what has so many brackets in a row that it must be nested too deeply. Deep
    nesting of another form still runs into RecursionError.
    """
    if "[" * (DEPTH_LIMIT + 1) in text:
        raise RefusedError(TOO_DEEP)


def _read_yaml(text: str) -> object:
    # Imported here, since most stacks have no template and most templates are JSON.
    from .yaml_text import read  # noqa: PLC0415 - see above

    return read(text)


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        # Readers disagree on which one counts, so either could be the one that AWS deploys.
        raise RefusedError(TWICE)
    return found


def _integer(digits: str) -> int:
    if len(digits) > DIGITS_LIMIT:
        raise RefusedError(TOO_MANY_DIGITS)
    return int(digits)


def _number(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise RefusedError("it holds a number that is too large")
    return number


def _no_number(_name: str) -> NoReturn:
    raise RefusedError("it holds a number that JSON does not have")
