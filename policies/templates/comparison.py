"""Compare values as Fn::Equals does.

Source: AWS CloudFormation User Guide, "Condition functions" (values are compared as they are
written, and upper and lower case differ).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..encryption.values import Hidden
from .cases import Case, Question, Undecided, combined
from .parameters import allowed_values, can_be
from .unresolved import Unresolved, UnresolvedText, cause_of, origin_of, text_of

if TYPE_CHECKING:
    from .evaluation import Evaluation
    from .template import Template

_NUMBER = re.compile(r"[-+]?[0-9]{1,40}(?:\.[0-9]{0,40})?(?:[eE][-+]?[0-9]{1,3})?")
_NUMBERS = Hidden("a condition compares numbers that are written in different ways")
_TYPES = Hidden("a condition compares values of different types")


def same(evaluation: Evaluation, one: object, other: object, node: object) -> bool | Undecided:
    """Return whether `one` and `other`, the evaluated arguments in `node`, are equal."""
    one_text, other_text = text_of(one), text_of(other)
    if one_text is not None and other_text is not None:
        return _same_texts(evaluation.case, one_text, other_text)
    if isinstance(one, list) and isinstance(other, list):
        return _same_lists(evaluation, one, other, node)
    cause = cause_of(one, other) or _TYPES
    one_origin, other_origin = origin_of(one), origin_of(other)
    if one_origin is None or other_origin is None:
        return evaluation.case.answer(Question(("compared", id(node)), cause))
    if one_origin == other_origin:
        return True
    if one_text is not None:
        return is_text(evaluation, other, one_text)
    if other_text is not None:
        return is_text(evaluation, one, other_text)
    return evaluation.case.answer(Question(("equal", frozenset((one_origin, other_origin))), cause))


def is_text(evaluation: Evaluation, subject: object, literal: str) -> bool | Undecided:
    """Return whether `subject`, which can't be determined, is the text `literal`."""
    if isinstance(subject, UnresolvedText):
        first, last = subject.parts[0], subject.parts[-1]
        start = first if isinstance(first, str) else ""
        end = last if isinstance(last, str) else ""
        if len(literal) < len(start + end) or not (
            literal.startswith(start) and literal.endswith(end)
        ):
            return False
        unresolved = [part for part in subject.parts if not isinstance(part, str)]
        if len(unresolved) == 1:
            return is_text(evaluation, unresolved[0], literal[len(start) : len(literal) - len(end)])
    if isinstance(subject, Unresolved) and not can_be(subject.origin, literal):
        return False
    origin = origin_of(subject)
    return evaluation.case.answer(
        Question(
            ("is", origin, literal),
            cause_of(subject) or _TYPES,
            subject=origin,
            literal=literal,
            allowed=_allowed(evaluation.template, subject, literal),
        )
    )


def _same_texts(case: Case, one: str, other: str) -> bool | Undecided:
    if one == other:
        return True
    if _same_numbers(one, other):
        # AWS doesn't document whether CloudFormation writes a number as the template does.
        return case.answer(Question(("numbers", frozenset((one, other))), _NUMBERS))
    return False


def _same_numbers(one: str, other: str) -> bool:
    return bool(_NUMBER.fullmatch(one) and _NUMBER.fullmatch(other) and float(one) == float(other))


def _same_lists(
    evaluation: Evaluation, one: list[object], other: list[object], node: object
) -> bool | Undecided:
    if len(one) != len(other):
        return False
    truths = [
        same(evaluation, a, b, node)
        for a, b in zip(one, other, strict=True)
        if not (isinstance(a, list) and a is b)
    ]
    return combined(truths, decisive=False)


def _allowed(template: Template, subject: object, literal: str) -> frozenset[str] | None:
    """Return the texts that `subject` can be, if it is a parameter; None if any."""
    origin = subject.origin if isinstance(subject, Unresolved) else None
    if not (isinstance(origin, tuple) and len(origin) == 2 and origin[0] == "Ref"):
        return None
    allowed = allowed_values(template, str(origin[1]))
    if allowed is None or any(
        value != literal and _same_numbers(value, literal) for value in allowed
    ):
        return None
    return allowed
