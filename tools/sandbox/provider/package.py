"""The resource types and functions of a stand-in plugin."""

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
        name: the package's name, as in its type tokens.
        title: the package's name in messages.
        version: the version that the plugin reports.
        types: the resource types, by token.
        functions: the functions, by token.
        any_type: the type for all other tokens; None if those are an error.
        needs_region: whether a missing Region is an error of the provider's configuration.
    """

    name: str
    title: str
    version: str
    types: Mapping[str, Resource]
    functions: Mapping[str, Callable[[Aws, Props], Props]] = field(default_factory=dict)
    any_type: Resource | None = None
    needs_region: bool = False
