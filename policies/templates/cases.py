"""Evaluate something in every case that undecided conditions allow.

A condition is *undecided* if its truth depends on a *question* that can't be answered, such as
whether a parameter that can't be read is "a". An *assumption* is an answer to a question, and a
*case* is a set of assumptions that are consistent. An evaluation that needs an answer assumes one
and is then repeated with the opposite assumption.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from ..encryption.values import Hidden, Unknown, Unreadable
from .limits import TOO_MANY_CASES, LimitExceededError

CASES_LIMIT = 128
"""In how many cases one resource is evaluated."""


@dataclass(frozen=True)
class Question:
    """A question that can't be answered.

    Attributes:
        key: Equal for equal questions.
        cause: Why the question can't be answered.
        subject: The origin of a value, where the question is whether that value is a certain text.
        literal: That text.
        allowed: All texts that the subject can be; None if any text is possible.
    """

    key: Hashable
    cause: Unreadable
    subject: Hashable = None
    literal: str = ""
    allowed: frozenset[str] | None = None


@dataclass(frozen=True)
class Undecided:
    """The truth of an undecided condition."""

    question: Question


Assumption = tuple[Question, bool]


def combined(truths: Sequence[bool | Undecided], *, decisive: bool) -> bool | Undecided:
    """Return `decisive` if one of `truths` is, as Or does for true and And for false."""
    if decisive in truths:
        return decisive
    return next((truth for truth in truths if isinstance(truth, Undecided)), not decisive)


class Case:
    """Assumptions that are consistent. An evaluation adds to them.

    Args:
        given: The answers to the first questions for which the evaluation needs an assumption.
    """

    def __init__(self, given: tuple[Assumption, ...] = ()) -> None:
        self.assumptions: list[Assumption] = []
        self._given = given
        self._answers: dict[Hashable, bool] = {}
        self._equal: dict[Hashable, str] = {}
        self._unequal: dict[Hashable, set[str]] = {}

    def answer(self, question: Question) -> bool | Undecided:
        """Return the answer if it follows from the assumptions."""
        answer = self._answers.get(question.key)
        if answer is None and question.subject is not None:
            answer = self._inferred(question)
        return Undecided(question) if answer is None else answer

    def assume(self, question: Question) -> None:
        """Assume the given answer to `question`, or yes if none is given."""
        index = len(self.assumptions)
        answer = self._given[index][1] if index < len(self._given) else True
        self.assumptions.append((question, answer))
        self._answers[question.key] = answer
        if question.subject is not None:
            if answer:
                self._equal[question.subject] = question.literal
            else:
                self._unequal.setdefault(question.subject, set()).add(question.literal)

    def _inferred(self, question: Question) -> bool | None:
        if question.subject in self._equal:
            return self._equal[question.subject] == question.literal
        if question.allowed is None:
            return None
        if question.literal not in question.allowed:
            return False
        possible = question.allowed - self._unequal.get(question.subject, set())
        return True if possible == {question.literal} else None


_Outcome = TypeVar("_Outcome")


def in_every_case(evaluate: Callable[[Case], _Outcome]) -> tuple[list[_Outcome], Unreadable | None]:
    """Evaluate something in every case.

    Args:
        evaluate: Returns the same for the same assumptions.

    Returns:
        The outcomes, and why there are several cases; None if there is one case.

    Raises:
        LimitExceededError: There are more cases than the limit.
    """
    outcomes: list[_Outcome] = []
    cause: Unreadable | None = None
    pending: list[tuple[Assumption, ...]] = [()]
    while pending:
        given = pending.pop()
        case = Case(given)
        outcomes.append(evaluate(case))
        if len(outcomes) + len(pending) > CASES_LIMIT:
            raise LimitExceededError(TOO_MANY_CASES)
        for index in range(len(given), len(case.assumptions)):
            question, answer = case.assumptions[index]
            pending.append((*case.assumptions[:index], (question, not answer)))
            # The update shows an unknown value, so it comes before a hidden one.
            if cause is None or (isinstance(question.cause, Unknown) and isinstance(cause, Hidden)):
                cause = question.cause
    return outcomes, cause
