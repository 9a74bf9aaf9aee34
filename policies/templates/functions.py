"""The intrinsic functions that make values.

Each takes the evaluation that it is part of and its argument as the template has it.

Sources: AWS CloudFormation User Guide, "Intrinsic function reference" (one page for each function)
and "AWS::LanguageExtensions transform" (Fn::Length, Fn::ToJsonString, DefaultValue).
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from typing import Protocol

from ..encryption.values import Hidden, Unknown
from .assumptions import Open
from .limits import ExhaustedError
from .sections import DYNAMIC, Sections
from .undecided import NO_VALUE, Text, Undecided, blame, joined, origin_of, text_of
from .values import Key

WRONG = "a function in it is used in a way that CloudFormation does not take"

TEXT_LIMIT = 100_000
"""How long a text may become. Functions within functions could double it again and again."""

_VARIABLE = re.compile(r"\$\{([^{}]*)\}")


class Evaluation(Protocol):
    """What functions need of the evaluation that they are part of."""

    sections: Sections

    def spend(self, steps: int, /) -> None: ...  # noqa: D102 - see evaluation.py
    def value(self, node: object) -> object: ...  # noqa: D102
    def text(self, text: str) -> object: ...  # noqa: D102
    def undecided(self, node: object, reason: str | Unknown | Hidden) -> Undecided: ...  # noqa: D102
    def reference(self, name: str) -> object: ...  # noqa: D102
    def resource(self, logical_id: str, attribute: str = "Ref") -> object: ...  # noqa: D102
    def condition(self, name: object) -> bool | Open: ...  # noqa: D102
    def truth(self, node: object) -> bool | Open: ...  # noqa: D102
    def decide(self, question: Callable[[], bool | Open]) -> bool: ...  # noqa: D102


def _ref(evaluation: Evaluation, argument: object) -> object:
    name = evaluation.value(argument)
    if isinstance(name, str):
        return evaluation.reference(name)
    return evaluation.undecided(argument, blame(name) or WRONG)


def _get_att(evaluation: Evaluation, argument: object) -> object:
    names = argument.split(".", 1) if isinstance(argument, str) else evaluation.value(argument)
    if isinstance(names, list) and len(names) > 1:
        name, *rest = names
        if isinstance(name, str) and all(isinstance(it, str) for it in rest):
            return evaluation.resource(name, ".".join(rest))
    return evaluation.undecided(argument, blame(names) or WRONG)


def _if(evaluation: Evaluation, argument: object) -> object:
    if not isinstance(argument, list) or len(argument) != 3:
        return evaluation.undecided(argument, WRONG)
    condition, then, otherwise = argument
    question = evaluation.truth if isinstance(condition, dict) else evaluation.condition
    return evaluation.value(then if evaluation.decide(lambda: question(condition)) else otherwise)


def _join(evaluation: Evaluation, argument: object) -> object:
    value = evaluation.value(argument)
    if not isinstance(value, list) or len(value) != 2:
        return evaluation.undecided(argument, blame(value) or WRONG)
    separator, items = value
    if not isinstance(separator, str) or not isinstance(items, list):
        return evaluation.undecided(argument, blame(separator, items) or WRONG)
    pieces: list[object] = []
    for item in items:
        pieces += (separator, item)
    return _text(evaluation, pieces[1:])


def _sub(evaluation: Evaluation, argument: object) -> object:
    template, given = argument, {}
    if isinstance(argument, list) and len(argument) == 2:
        template, given = argument
    if not isinstance(template, str) or not isinstance(given, dict):
        return evaluation.undecided(argument, blame(evaluation.value(argument)) or WRONG)
    values = {name: evaluation.value(it) for name, it in given.items()}
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


def _variable(evaluation: Evaluation, name: str) -> object:
    if "." in name:
        logical_id, attribute = name.split(".", 1)
        return evaluation.resource(logical_id, attribute)
    return evaluation.reference(name)


def _text(evaluation: Evaluation, pieces: list[object]) -> object:
    texts = [it for it in pieces if isinstance(it, str)]
    length = sum(map(len, texts))
    if len(texts) == len(pieces) and length <= TEXT_LIMIT:
        evaluation.spend(len(pieces) + length // 20)
        return evaluation.text("".join(texts))
    pieces = ["" if it is NO_VALUE else it for it in pieces]
    length = sum(len(it) for it in pieces if isinstance(it, str))
    length += sum(
        len(part)
        for it in pieces
        if isinstance(it, Text)
        for part in it.parts
        if isinstance(part, str)
    )
    if length > TEXT_LIMIT:
        raise ExhaustedError("it makes a text that is too long")
    evaluation.spend(
        sum(len(it.parts) if isinstance(it, Text) else 1 for it in pieces) + length // 20
    )
    found = joined(pieces)
    if isinstance(found, Text) and any(
        "{{resolve:" in part for part in found.parts if isinstance(part, str)
    ):
        # Which reference it is, is undecided, too: its parts say nothing about its value.
        why = blame(found)
        return Undecided(
            ("dynamic", origin_of(found)), why if isinstance(why, Unknown) else DYNAMIC
        )
    return evaluation.text(found) if isinstance(found, str) else found


def _select(evaluation: Evaluation, argument: object) -> object:
    value = evaluation.value(argument)
    if not isinstance(value, list) or len(value) != 2:
        return evaluation.undecided(argument, blame(value) or WRONG)
    index, items = text_of(value[0]), value[1]
    if index is None or not isinstance(items, list):
        return evaluation.undecided(argument, blame(value[0], items) or WRONG)
    if index.isascii() and index.isdigit() and len(index) < 9 and int(index) < len(items):
        found: object = items[int(index)]
        return found
    return evaluation.undecided(argument, "it selects an item that the list does not have")


def _split(evaluation: Evaluation, argument: object) -> object:
    value = evaluation.value(argument)
    if not isinstance(value, list) or len(value) != 2:
        return evaluation.undecided(argument, blame(value) or WRONG)
    separator, text = value
    if separator == "/" and isinstance(text, Key):
        # Its ARN, of which the part behind the slash is the key's id.
        return [evaluation.undecided(argument, "it is a part of the ARN of a key"), text]
    if not isinstance(separator, str) or not separator or not isinstance(text, str):
        return evaluation.undecided(argument, blame(separator, text) or WRONG)
    evaluation.spend(text.count(separator) + len(text) // 20)
    return list(text.split(separator))


def _find_in_map(evaluation: Evaluation, argument: object) -> object:
    value = evaluation.value(argument)
    if not isinstance(value, list) or len(value) not in (3, 4):
        return evaluation.undecided(argument, blame(value) or WRONG)
    mappings = evaluation.sections.mappings
    if _unreadable_map(mappings) or not isinstance(mappings, dict):
        return evaluation.undecided(argument, _unreadable_map(mappings) or WRONG)
    name, *keys = (text_of(it) for it in value[:3])
    found: list[object] = [mappings.get(name)] if name is not None else []
    for key in keys:
        unreadable = next((why for why in map(_unreadable_map, found) if why), None)
        if unreadable is not None:
            return evaluation.undecided(argument, unreadable)
        # Where a key can't be decided, all are looked at: they may well have the same value.
        evaluation.spend(sum(len(it) for it in found if isinstance(it, dict)) + 1)
        found = [
            member
            for it in found
            if isinstance(it, dict)
            for member in ([it.get(key)] if key is not None else it.values())
        ]
    undecided = blame(*value[:3])
    options = value[3] if len(value) == 4 else None
    default = options.get("DefaultValue") if isinstance(options, dict) else None
    if undecided is not None and found and default is not None:
        found.append(default)  # for a key that the map turns out not to have
    texts = {text_of(it) for it in found}
    if (len(texts) == 1 and None not in texts) or (len(found) == 1 and found[0] is not None):
        return evaluation.value(found[0])
    if undecided is not None:
        return evaluation.undecided(argument, undecided)
    if default is not None:
        return default
    return evaluation.undecided(argument, "it looks for what the template's Mappings do not have")


def _unreadable_map(map_or_level: object) -> Unknown | Hidden | None:
    if isinstance(map_or_level, (Unknown, Hidden)):
        return map_or_level
    included = isinstance(map_or_level, dict) and "Fn::Transform" in map_or_level
    return _INCLUDED if included else None


_INCLUDED = Hidden((), "a macro adds to the template's Mappings before AWS makes the stack")


def _base64(evaluation: Evaluation, argument: object) -> object:
    text = evaluation.value(argument)
    if not isinstance(text, str):
        return evaluation.undecided(argument, blame(text) or WRONG)
    if len(text) > TEXT_LIMIT:
        raise ExhaustedError("it makes a text that is too long")
    evaluation.spend(len(text) // 20)
    return base64.b64encode(text.encode(errors="replace")).decode()


def _length(evaluation: Evaluation, argument: object) -> object:
    items = evaluation.value(argument)
    if isinstance(items, list):
        return len(items)
    return evaluation.undecided(argument, blame(items) or WRONG)


def _import_value(evaluation: Evaluation, argument: object) -> object:
    name = evaluation.value(argument)
    if isinstance(blame(name), Unknown):
        return evaluation.undecided(argument, blame(name) or WRONG)
    origin = name if isinstance(name, str) else id(argument)
    return Undecided(("imported", origin), Hidden((), "it is imported from another stack"))


def _left_to_aws(reason: str) -> Callable[[Evaluation, object], object]:
    def function(evaluation: Evaluation, argument: object) -> object:
        return evaluation.undecided(argument, reason)

    return function


FUNCTIONS: dict[str, Callable[[Evaluation, object], object]] = {
    "Ref": _ref,
    "Fn::Base64": _base64,
    "Fn::Cidr": _left_to_aws("AWS calculates it when the stack is made"),
    "Fn::FindInMap": _find_in_map,
    "Fn::GetAtt": _get_att,
    "Fn::GetAZs": _left_to_aws("it depends on the account's Availability Zones"),
    "Fn::If": _if,
    "Fn::ImportValue": _import_value,
    "Fn::Join": _join,
    "Fn::Length": _length,
    "Fn::Select": _select,
    "Fn::Split": _split,
    "Fn::Sub": _sub,
    # The white space that AWS writes is told nowhere.
    "Fn::ToJsonString": _left_to_aws("it is a text that AWS writes when the stack is made"),
    "Fn::Transform": _left_to_aws("a macro writes it before AWS makes the stack"),
}
