"""When two values are equal for Fn::Equals.

Source: AWS CloudFormation User Guide, "Condition functions" (values are compared as they are
written, with regard to case).
"""

from __future__ import annotations

import re
from collections.abc import Hashable
from typing import Protocol

from ..encryption.values import Hidden
from .assumptions import Atom, Open, World
from .sections import Sections
from .undecided import Text, Undecided, blame, origin_of, text_of

_NUMBER = re.compile(r"[-+]?[0-9]{1,40}(?:\.[0-9]{0,40})?(?:[eE][-+]?[0-9]{1,3})?")
_WHY_NUMBER = Hidden((), "it compares numbers that are written in different ways")
_WHY_TYPE = Hidden((), "it compares values that are not of one type")


class _Evaluation(Protocol):
    sections: Sections
    world: World


def same(evaluation: _Evaluation, one: object, other: object, node: object) -> bool | Open:
    """Whether `one` and `other` are equal, in the world of `evaluation`.

    node: what in the template compares them.
    """
    texts = text_of(one), text_of(other)
    if texts[0] is not None and texts[1] is not None:
        return _same_texts(evaluation.world, texts[0], texts[1])
    if isinstance(one, list) and isinstance(other, list):
        return _same_lists(evaluation, one, other, node)
    origins = origin_of(one), origin_of(other)
    if None in origins:
        why = blame(one, other) or _WHY_TYPE
        return evaluation.world.ask(Atom(("compared", id(node)), why))
    if origins[0] == origins[1]:
        return True
    why = blame(one, other) or _WHY_TYPE
    if texts[0] is None and texts[1] is None:
        return evaluation.world.ask(Atom(("equal", frozenset(origins)), why))
    subject, literal = (other, texts[0]) if texts[1] is None else (one, texts[1])
    if literal is None or _certainly_not(subject, literal):
        return False
    origin = origin_of(subject)
    return evaluation.world.ask(
        Atom(
            ("is", origin, literal),
            why,
            subject=origin,
            literal=literal,
            allowed=_allowed(evaluation.sections, subject, literal),
        )
    )


def _same_texts(world: World, one: str, other: str) -> bool | Open:
    if one == other:
        return True
    if _same_numbers(one, other):
        return world.ask(Atom(("numbers", frozenset((one, other))), _WHY_NUMBER))
    return False


def _same_numbers(one: str, other: str) -> bool:
    """Whether different texts are the same number. Whether AWS writes a number as the template does
    is not told anywhere.
    """
    return bool(_NUMBER.fullmatch(one) and _NUMBER.fullmatch(other) and float(one) == float(other))


def _same_lists(
    evaluation: _Evaluation, one: list[object], other: list[object], node: object
) -> bool | Open:
    if len(one) != len(other):
        return False
    results = [
        same(evaluation, a, b, node)
        for a, b in zip(one, other, strict=True)
        if not (isinstance(a, list) and a is b)
    ]
    if False in results:
        return False
    return next((it for it in results if isinstance(it, Open)), True)


def _certainly_not(subject: object, literal: str) -> bool:
    """Whether the text `subject` begins or ends differently from `literal`."""
    if not isinstance(subject, Text):
        return False
    first, last = subject.parts[0], subject.parts[-1]
    return (isinstance(first, str) and not literal.startswith(first)) or (
        isinstance(last, str) and not literal.endswith(last)
    )


def _allowed(sections: Sections, subject: object, literal: str) -> frozenset[str] | None:
    origin: Hashable = subject.origin if isinstance(subject, Undecided) else None
    if not (isinstance(origin, tuple) and len(origin) == 2 and origin[0] == "Ref"):
        return None
    allowed = sections.allowed(str(origin[1]))
    if allowed is None or any(it != literal and _same_numbers(it, literal) for it in allowed):
        return None
    return allowed
