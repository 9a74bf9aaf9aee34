"""What a stand-in plugin provides: the types and functions of one Pulumi package."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tools.sandbox.provider.aws import Aws
from tools.sandbox.provider.properties import Props
from tools.sandbox.provider.resource import Resource


@dataclass(frozen=True)
class Package:
    """One Pulumi package.

    Attributes:
        name: its name, as in the tokens of its types.
        title: its name in sentences.
        version: the version that the plugin claims to be.
        types: its resource types, by token.
        functions: its functions, by token.
        any_type: what takes a resource of any other type; None where such a type is an error.
        needs_region: whether the provider refuses to start without a Region.
    """

    name: str
    title: str
    version: str
    types: Mapping[str, Resource]
    functions: Mapping[str, Callable[[Aws, Props], Props]] = field(default_factory=dict)
    any_type: Resource | None = None
    needs_region: bool = False
