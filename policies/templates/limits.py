"""Limits for templates, and the errors that this package raises and catches.

Anyone may have written a template. Without limits, a short one can take hours to evaluate.
"""

from __future__ import annotations

DEPTH_LIMIT = 100
"""How deeply a text may be nested. The deepest properties of AWS need a fifth of it, and a YAML
parser takes longer for a value the deeper it is nested."""

NODE_LIMIT = 300_000
"""How many values a YAML text may contain. CloudFormation accepts 1 MB, which has fewer."""

TEXT_LIMIT = 4_000_000
"""How many characters a text may have: four times what CloudFormation accepts."""

DIGITS_LIMIT = 300
"""How many digits a number may have; a longer one is read as a text. A double doesn't have more,
and the time that Python takes to read a number is quadratic."""

STEPS_LIMIT = 30_000
"""How many values are evaluated for one resource."""

ALL_STEPS_LIMIT = 400_000
"""How many values are evaluated for one template."""

LOOP_STEPS_LIMIT = 200_000
"""How many steps the loops (Fn::ForEach) of a section take to expand."""

LOOP_MEMBERS_LIMIT = 1_000
"""How many members the loops of an object make: twice the resources that CloudFormation accepts."""

LOOP_DEPTH_LIMIT = 8
"""How deeply loops may be nested."""

LOOP_TEXT_LIMIT = 100_000
"""How many characters a text that a loop makes may have."""

LOOKUP_LIMIT = 60
"""How many names a map may have for a lookup by an unresolved key to try each of them."""

NOT_A_TEMPLATE = "the template is neither JSON nor YAML"
TOO_MANY_CASES = "the resource depends on too many conditions that can't be evaluated"
TOO_DEEP = "values are nested too deeply"


class InvalidTemplateError(Exception):
    """A text is not a template. The message is the reason of an InvalidTemplate."""


class LimitExceededError(Exception):
    """A resource takes too many steps to evaluate. The message is the reason of a Hidden."""


class Budget:
    """Counts the steps of evaluations and limits them."""

    def __init__(self) -> None:
        self._used = 0
        self._limit = 0

    def allow(self, steps: int = STEPS_LIMIT) -> None:
        """Allow that many steps from now on, such as those of one more resource."""
        self._limit = min(self._used + steps, ALL_STEPS_LIMIT)

    def spend(self, steps: int) -> None:
        """Count `steps`.

        Raises:
            LimitExceededError: There were too many.
        """
        self._used += steps
        if self._used > self._limit:
            self._used = self._limit
            raise LimitExceededError("the resource takes too many steps to evaluate")


class Budgets:
    """The budgets of one template, also where it is read once for each group of a stack set."""

    def __init__(self) -> None:
        self.with_lookups = Budget()
        self.without_lookups = Budget()
        self.switches = Budget()
