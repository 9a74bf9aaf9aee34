"""Evaluate the intrinsic functions that return values.

Each function takes its argument as it is in the template, not evaluated.

Sources: AWS CloudFormation User Guide, "Intrinsic function reference" (one page for each function)
and "AWS::LanguageExtensions transform" (Fn::Length, Fn::ToJsonString, DefaultValue).
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from ..encryption.values import Hidden, Unknown, Unreadable
from .comparison import is_text
from .limits import LimitExceededError
from .loops import cause_of_functions
from .parameters import DYNAMIC
from .unresolved import (
    NO_VALUE,
    Unresolved,
    UnresolvedText,
    cause_of,
    joined,
    origin_of,
    text_of,
)
from .unsupported import MACRO
from .values import Key

if TYPE_CHECKING:
    from .evaluation import Evaluation

MISUSED = "the template uses an intrinsic function in a way that CloudFormation doesn't support"

TEXT_LIMIT = 100_000
"""How many characters a text may have. Functions in functions could double it repeatedly."""
_TEXT_TOO_LONG = "an intrinsic function returns a text that is too long"

_VARIABLE = re.compile(r"\$\{([^{}]*)\}")


def _unresolved(evaluation: Evaluation, argument: object, *values: object) -> Unresolved:
    """Return the value of a function that is misused, unless `values` can't be determined."""
    return evaluation.unresolved(argument, cause_of(*values) or MISUSED)


def _ref(evaluation: Evaluation, argument: object) -> object:
    name = evaluation.value(argument)
    if isinstance(name, str):
        return evaluation.reference(name)
    return _unresolved(evaluation, argument, name)


def _get_att(evaluation: Evaluation, argument: object) -> object:
    names = argument.split(".", 1) if isinstance(argument, str) else evaluation.value(argument)
    if isinstance(names, list) and len(names) > 1:
        logical_id, *attribute = names
        if isinstance(logical_id, str) and all(isinstance(name, str) for name in attribute):
            return evaluation.resource(logical_id, ".".join(attribute))
    return _unresolved(evaluation, argument, names)


def _if(evaluation: Evaluation, argument: object) -> object:
    if not isinstance(argument, list) or len(argument) != 3:
        return _unresolved(evaluation, argument)
    condition, then, otherwise = argument
    truth = evaluation.truth if isinstance(condition, dict) else evaluation.condition
    return evaluation.value(then if evaluation.decide(lambda: truth(condition)) else otherwise)


def _join(evaluation: Evaluation, argument: object) -> object:
    value = evaluation.value(argument)
    if not isinstance(value, list) or len(value) != 2:
        return _unresolved(evaluation, argument, value)
    separator, items = value
    if not isinstance(separator, str) or not isinstance(items, list):
        return _unresolved(evaluation, argument, separator, items)
    pieces: list[object] = []
    for item in items:
        pieces += (separator, item)
    return _text(evaluation, pieces[1:])


def _sub(evaluation: Evaluation, argument: object) -> object:
    template, variables = argument, {}
    if isinstance(argument, list) and len(argument) == 2:
        template, variables = argument
    if not isinstance(template, str) or not isinstance(variables, dict):
        return _unresolved(evaluation, argument, evaluation.value(argument))
    values = {name: evaluation.value(variable) for name, variable in variables.items()}
    pieces: list[object] = []
    for index, piece in enumerate(_VARIABLE.split(template)):
        if index % 2 == 0:
            pieces.append(piece)
        elif piece.startswith("!"):
            pieces.append("${" + piece[1:] + "}")
        else:
            name = piece.strip()
            pieces.append(values[name] if name in values else _variable(evaluation, name))
    return _text(evaluation, pieces)


def variables_in(template: str) -> list[str]:
    """Return the names of the variables in the text of an Fn::Sub."""
    names = _VARIABLE.findall(template)
    return [name.strip() for name in names if not name.startswith("!")]


def _variable(evaluation: Evaluation, name: str) -> object:
    if "." in name:
        logical_id, attribute = name.split(".", 1)
        return evaluation.resource(logical_id, attribute)
    return evaluation.reference(name)


def _text(evaluation: Evaluation, pieces: list[object]) -> object:
    parts: list[object] = []
    for piece in pieces:
        if isinstance(piece, UnresolvedText):
            parts += piece.parts
        else:
            parts.append("" if piece is NO_VALUE else piece)
    length = sum(len(part) for part in parts if isinstance(part, str))
    if length > TEXT_LIMIT:
        raise LimitExceededError(_TEXT_TOO_LONG)
    evaluation.spend(len(parts) + length // 20)
    text = joined(parts)
    if isinstance(text, str):
        return evaluation.text(text)
    if isinstance(text, UnresolvedText) and any(
        "{{resolve:" in part for part in text.parts if isinstance(part, str)
    ):
        # The parts are those of a reference, not of the value that CloudFormation resolves it to.
        cause = cause_of(text)
        return Unresolved(
            ("dynamic", origin_of(text)), cause if isinstance(cause, Unknown) else DYNAMIC
        )
    return text


def _select(evaluation: Evaluation, argument: object) -> object:
    value = evaluation.value(argument)
    if not isinstance(value, list) or len(value) != 2:
        return _unresolved(evaluation, argument, value)
    index, items = text_of(value[0]), value[1]
    if index is None or not isinstance(items, list):
        return _unresolved(evaluation, argument, value[0], items)
    if index.isascii() and index.isdigit() and len(index) < 9 and int(index) < len(items):
        item: object = items[int(index)]
        return item
    return evaluation.unresolved(argument, "Fn::Select selects an item that the list doesn't have")


def _split(evaluation: Evaluation, argument: object) -> object:
    value = evaluation.value(argument)
    if not isinstance(value, list) or len(value) != 2:
        return _unresolved(evaluation, argument, value)
    separator, text = value
    if separator == "/" and isinstance(text, Key):
        # The ARN's part after the slash is the key ID.
        return [evaluation.unresolved(argument, "the value is a part of a KMS key's ARN"), text]
    if not isinstance(separator, str) or not separator or not isinstance(text, str):
        return _unresolved(evaluation, argument, separator, text)
    evaluation.spend(text.count(separator) + len(text) // 20)
    return list(text.split(separator))


def _find_in_map(evaluation: Evaluation, argument: object) -> object:
    value = evaluation.value(argument)
    if not isinstance(value, list) or len(value) not in (3, 4):
        return _unresolved(evaluation, argument, value)
    keys, default = value[:3], _default(argument, value)
    level: object = evaluation.template.section("Mappings")
    for index, key in enumerate(keys):
        entries = _entries(evaluation, level, keys[index:])
        if isinstance(entries, Unreadable):
            return evaluation.unresolved(argument, entries)
        if default is not None and cause_of(*keys[index:]) is not None:
            entries.append(default)  # The map may not have the key.
        texts = {text_of(entry) for entry in entries}
        if len(texts) == 1 and None not in texts:
            return evaluation.value(entries[0])
        if not isinstance(level, dict):
            level = None
            break
        name = text_of(key)
        if name is None:
            tried = _name_of(evaluation, key, list(level), has_default=default is not None)
            if isinstance(tried, Unreadable):
                value = evaluation.unresolved(argument, tried)
                return replace(value, texts=_known_texts(texts))
            name = tried
        level = None if name is None else level.get(name)
    if level is not None:
        return evaluation.value(level)
    if default is not None:
        return default
    return evaluation.unresolved(
        argument, "Fn::FindInMap looks up a value that the Mappings section doesn't have"
    )


def _known_texts(texts: set[str | None]) -> frozenset[str]:
    """Return the texts that a value may be; none if one of them is not known."""
    return frozenset(text for text in texts if text is not None and None not in texts)


def _default(argument: object, value: list[object]) -> object:
    """Return the evaluated DefaultValue, which may be NO_VALUE; None if there is none."""
    options = value[3] if len(value) == 4 else None
    if not isinstance(options, dict):
        return None
    given = argument[3] if isinstance(argument, list) and len(argument) == 4 else None
    is_removed = isinstance(given, dict) and "DefaultValue" in given
    return options.get("DefaultValue", NO_VALUE if is_removed else None)


def _entries(
    evaluation: Evaluation, level: object, keys: list[object]
) -> list[object] | Unreadable:
    """Return the entries that `keys` may look up; all of a level for a key that is unresolved."""
    entries = [level]
    for key in keys:
        cause = next((cause for cause in map(_hidden_members, entries) if cause), None)
        if cause is not None:
            return cause
        evaluation.spend(sum(len(entry) for entry in entries if isinstance(entry, dict)) + 1)
        name = text_of(key)
        entries = [
            member
            for entry in entries
            if isinstance(entry, dict)
            for member in (entry.values() if name is None else [entry.get(name)])
        ]
    return entries


def _name_of(
    evaluation: Evaluation, key: object, names: list[str], *, has_default: bool
) -> str | Unreadable | None:
    """Return which of `names` an unresolved key is in this case; None if none of them."""
    if origin_of(key) is None or not evaluation.tries_lookup(len(names)):
        return cause_of(key) or Hidden(MISUSED)
    evaluation.spend(len(names))
    names = [name for name in names if is_text(evaluation, key, name) is not False]
    for index, name in enumerate(names):
        # Without a default, CloudFormation doesn't accept a key that the map doesn't have.
        is_last = index == len(names) - 1 and not has_default
        if is_last or evaluation.decide(partial(is_text, evaluation, key, name)):
            return name
    return None


def _hidden_members(level: object) -> Unreadable | None:
    """Return why a level of the Mappings section may have members that can't be read."""
    if isinstance(level, Unreadable):
        return level
    return cause_of_functions(level)


def _base64(evaluation: Evaluation, argument: object) -> object:
    text = evaluation.value(argument)
    if not isinstance(text, str):
        return _unresolved(evaluation, argument, text)
    if len(text) > TEXT_LIMIT:
        raise LimitExceededError(_TEXT_TOO_LONG)
    evaluation.spend(len(text) // 20)
    return base64.b64encode(text.encode(errors="replace")).decode()


def _length(evaluation: Evaluation, argument: object) -> object:
    items = evaluation.value(argument)
    return len(items) if isinstance(items, list) else _unresolved(evaluation, argument, items)


def _import_value(evaluation: Evaluation, argument: object) -> object:
    name = evaluation.value(argument)
    cause = cause_of(name)
    if isinstance(cause, Unknown):
        return evaluation.unresolved(argument, cause)
    origin = id(argument) if cause else repr(name)
    return Unresolved(("imported", origin), Hidden("the value is imported from another stack"))


def _hidden(reason: str) -> Callable[[Evaluation, object], object]:
    def function(evaluation: Evaluation, argument: object) -> object:
        return evaluation.unresolved(argument, reason)

    return function


FUNCTIONS: dict[str, Callable[[Evaluation, object], object]] = {
    "Ref": _ref,
    "Fn::Base64": _base64,
    "Fn::Cidr": _hidden("CloudFormation calculates the value when it creates the stack"),
    "Fn::FindInMap": _find_in_map,
    "Fn::GetAtt": _get_att,
    "Fn::GetAZs": _hidden("the value depends on the account's Availability Zones"),
    "Fn::GetStackOutput": _import_value,
    "Fn::If": _if,
    "Fn::ImportValue": _import_value,
    "Fn::Join": _join,
    "Fn::Length": _length,
    "Fn::Select": _select,
    "Fn::Split": _split,
    "Fn::Sub": _sub,
    # AWS doesn't document the white space that CloudFormation writes.
    "Fn::ToJsonString": _hidden("CloudFormation writes the value when it creates the stack"),
    "Fn::Transform": _hidden(MACRO),
}
