"""Deciding what can't be decided, in every way that fits together.

Whatever needs the truth of an undecided comparison assumes it. It is then run again with the
opposite assumption, so that each run sees one consistent world and all runs together see each.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import TypeVar

from ..encryption.values import Hidden, Unknown
from .limits import TooManyCasesError

RUNS_LIMIT = 128
"""How many worlds are looked at for one resource."""


@dataclass(frozen=True)
class Atom:
    """A question whose answer can't be decided.

    key: tells the same question again.
    value: why it can't be decided.
    subject, literal: where the question is whether something undecided is a certain text.
    allowed: the texts that the subject may be, where that is known.
    """

    key: Hashable
    value: Unknown | Hidden
    subject: Hashable = None
    literal: str = ""
    allowed: frozenset[str] | None = None


@dataclass(frozen=True)
class Open:
    """The truth of a condition that depends on an atom."""

    atom: Atom


Assumption = tuple[Atom, bool]


class World:
    """A set of assumptions, which grows while something is evaluated in it."""

    def __init__(self, given: tuple[Assumption, ...]) -> None:
        self._given = given
        self.made: list[Assumption] = []
        self._known: dict[Hashable, bool] = {}
        self._is: dict[Hashable, str] = {}
        self._is_not: dict[Hashable, set[str]] = {}

    def ask(self, atom: Atom) -> bool | Open:
        """The answer, as far as it follows from what was assumed so far."""
        known = self._known.get(atom.key)
        if known is None and atom.subject is not None:
            known = self._inferred(atom)
        return Open(atom) if known is None else known

    def assume(self, atom: Atom) -> None:
        """Take the answer to `atom` that this world was given, else that it is yes."""
        place = len(self.made)
        answer = self._given[place][1] if place < len(self._given) else True
        self.made.append((atom, answer))
        self._known[atom.key] = answer
        if atom.subject is not None:
            if answer:
                self._is[atom.subject] = atom.literal
            else:
                self._is_not.setdefault(atom.subject, set()).add(atom.literal)

    def _inferred(self, atom: Atom) -> bool | None:
        if atom.subject in self._is:
            return self._is[atom.subject] == atom.literal
        if atom.allowed is None:
            return None
        if atom.literal not in atom.allowed:
            return False
        left = atom.allowed - self._is_not.get(atom.subject, set())
        return True if left == {atom.literal} else None


_Outcome = TypeVar("_Outcome")


def in_all_worlds(
    produce: Callable[[World], _Outcome],
) -> tuple[list[_Outcome], Unknown | Hidden | None]:
    """What `produce` makes in each world, and why there is more than one; None if there isn't.

    produce: makes the same of the same answers.

    Raises TooManyCasesError where there are too many worlds.
    """
    outcomes: list[_Outcome] = []
    why: Unknown | Hidden | None = None
    pending: list[tuple[Assumption, ...]] = [()]
    while pending:
        given = pending.pop()
        world = World(given)
        outcomes.append(produce(world))
        if len(outcomes) + len(pending) > RUNS_LIMIT:
            raise TooManyCasesError
        for place in range(len(given), len(world.made)):
            atom, answer = world.made[place]
            pending.append((*world.made[:place], (atom, not answer)))
            if why is None or (isinstance(atom.value, Unknown) and isinstance(why, Hidden)):
                why = atom.value
    return outcomes, why
