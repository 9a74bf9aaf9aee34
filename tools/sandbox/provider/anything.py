"""Resources of any type of a package that has no stand-in of its own, such as a Terraform module.

It shows the engine, and a policy, resources of whatever type a program names: previewed with the
inputs as outputs and a few unknown ones, and kept in the state with the string "echo" in their
place. What it leaves out is everything else: it checks nothing, knows no defaults and no names, and
replaces nothing.
"""

# Not every type needs all that a method is given.
# ruff: noqa: ARG002

from __future__ import annotations

from collections.abc import Sequence

from tools.sandbox.provider.aws import Aws
from tools.sandbox.provider.echo import Echo
from tools.sandbox.provider.properties import UNKNOWN, Props
from tools.sandbox.provider.resource import Failure


class Anything(Echo):
    """A resource of any type.

    Args:
        outputs: the properties that only an update knows.
    """

    kind = "any"
    what = "resource"

    def __init__(self, outputs: Sequence[str]) -> None:
        self._filled_in = tuple(outputs)

    def check(self, name: str, old: Props, new: Props, seed: bytes) -> tuple[Props, list[Failure]]:
        """Take the inputs as they are."""
        return new, []

    def plan(self, aws: Aws, old: Props, new: Props) -> Props:
        """Return the inputs, and what only an update knows."""
        return {**{prop: old.get(prop, UNKNOWN) for prop in self._filled_in}, **new}

    def made(self, aws: Aws, resource_id: str, props: Props) -> Props:
        """Fill in something that stands out."""
        return {prop: props.get(prop, "echo") for prop in self._filled_in}
