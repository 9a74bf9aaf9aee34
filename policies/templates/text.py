"""Parse the text of a template, in JSON or YAML.

If an object has several members of the same name, the last one counts, as in CloudFormation.

Source: AWS CloudFormation User Guide, "CloudFormation template format" (JSON as of ECMA-404, YAML
1.1 with exceptions) and "Understand CloudFormation quotas" (1 MB for a template).
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable

from ..encryption.values import json_type
from .limits import (
    DEPTH_LIMIT,
    DIGITS_LIMIT,
    NOT_A_TEMPLATE,
    TEXT_LIMIT,
    TOO_DEEP,
    InvalidTemplateError,
)
from .values import InvalidTemplate


def parse(text: str) -> dict[str, object] | InvalidTemplate:
    """Parse a template in JSON or YAML to dicts and lists, with long forms of functions only."""
    return _object("template", text, _read_template)


def parse_json(text: str) -> dict[str, object] | InvalidTemplate:
    """Parse a JSON document, such as the properties of one resource."""
    return _object("document", text, _read_document)


def _object(
    what: str, text: str, read: Callable[[str], object]
) -> dict[str, object] | InvalidTemplate:
    if len(text) > TEXT_LIMIT:
        return InvalidTemplate(f"the {what} is longer than {TEXT_LIMIT // 1_000_000} MB")
    try:
        parsed = read(text)
    except InvalidTemplateError as error:
        return InvalidTemplate(str(error))
    if isinstance(parsed, dict):
        return parsed
    return InvalidTemplate(f"the {what} is {json_type(parsed)} instead of an object")


def _read_document(text: str) -> object:
    try:
        return _read_json(text)
    except json.JSONDecodeError:
        raise InvalidTemplateError("the document is not valid JSON") from None


def _read_template(text: str) -> object:
    text = text.removeprefix("\ufeff")
    start = text.lstrip()[:1]
    if not start:
        raise InvalidTemplateError("the template is empty")
    if start not in '{["':
        return _read_yaml(text)
    try:
        return _read_json(text)
    except json.JSONDecodeError as error:
        # YAML may start like JSON. If it isn't YAML either, the position in JSON is more useful.
        position = f"(line {error.lineno}, column {error.colno})"
    try:
        return _read_yaml(text)
    except InvalidTemplateError as error:
        if not str(error).startswith(NOT_A_TEMPLATE):
            raise
    raise InvalidTemplateError(f"{NOT_A_TEMPLATE} {position}")


def _read_yaml(text: str) -> object:
    # Imported late, since most stacks have no template and most templates are JSON.
    from .yaml_text import read

    return read(text)


def _read_json(text: str) -> object:
    # Deep nesting of other kinds raises RecursionError, but only after a while.
    if "[" * (DEPTH_LIMIT + 1) in text:
        raise InvalidTemplateError(TOO_DEEP)
    try:
        return json.loads(
            text,
            parse_int=_integer,
            parse_float=_number,
            parse_constant=str,  # NaN and Infinity are texts in YAML.
        )
    except RecursionError:
        raise InvalidTemplateError(TOO_DEEP) from None


def _integer(digits: str) -> int | str:
    return int(digits) if len(digits) <= DIGITS_LIMIT else digits


def _number(digits: str) -> float | str:
    number = float(digits)
    return number if math.isfinite(number) else digits
