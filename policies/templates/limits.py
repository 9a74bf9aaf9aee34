"""How large a template may be, and how it is told within this package that one is too large.

A template may come from anybody. Without limits, a short one can take hours to evaluate.
"""

from __future__ import annotations

DEPTH_LIMIT = 100
"""How deeply a template may be nested. AWS's own deepest properties need a fifth of it, and a
parser of YAML takes the longer for a value the deeper it lies."""

NODE_LIMIT = 300_000
"""How many values a template may hold. AWS takes 1 MB at most, which has room for fewer."""

TEXT_LIMIT = 4_000_000
"""How long a template may be, in characters: four times what AWS takes."""

DIGITS_LIMIT = 300
"""How many digits a number may have: a double has no more. Reading many takes quadratic time."""

NEITHER = "it is neither JSON nor YAML"
TOO_DEEP = "it is nested too deeply"
TOO_WIDE = "it holds too many values"
TOO_MANY_DIGITS = "it holds a number of too many digits"
NO_TEXT_KEY = "one of its keys is not a string"
TWICE = "a key stands twice in the same object"


class RefusedError(Exception):
    """A body is of a form that no template has. `reason` is that of a BadTemplate."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ExhaustedError(Exception):
    """Something takes too much time or room to evaluate: no template that AWS takes does."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TooManyCasesError(ExhaustedError):
    """Too many conditions can't be decided, as may well be in an honest template. `reason` is that
    of a Hidden.
    """

    def __init__(self) -> None:
        super().__init__("it depends on too many conditions that can't be decided")
