"""Accept resources of any type of a package without a stand-in, such as a Terraform module.

The engine and the policies see a resource of any type that a program names. A preview has the
inputs as outputs, and some unknown outputs; the state has "echo" as the value of those. Left out:
checks, defaults, names and replacements.
"""

# Overrides keep the arguments of the methods that they override.
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
        outputs: the outputs that are known only after an update.
    """

    resource_type = "any"
    title = "resource"

    def __init__(self, outputs: Sequence[str]) -> None:
        self._outputs_of_aws = tuple(outputs)

    def check(self, name: str, old: Props, new: Props, seed: bytes) -> tuple[Props, list[Failure]]:
        """Return the inputs unchanged."""
        return new, []

    def plan(self, aws: Aws, old: Props, new: Props) -> Props:
        """Return the inputs and the unknown outputs."""
        return {**{prop: old.get(prop, UNKNOWN) for prop in self._outputs_of_aws}, **new}

    def filled_in(self, aws: Aws, resource_id: str, props: Props) -> Props:
        """Return "echo" for the outputs that aren't inputs."""
        return {prop: props.get(prop, "echo") for prop in self._outputs_of_aws}
