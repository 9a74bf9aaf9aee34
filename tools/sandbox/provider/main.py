"""Run a stand-in plugin until the engine ends.

Each function imports what its plugin needs, which keeps the start of the others fast.
"""

# ruff: noqa: PLC0415

from __future__ import annotations

import importlib.metadata
from collections.abc import Sequence

from tools.sandbox.provider.package import Package
from tools.sandbox.provider.server import serve


def aws() -> None:
    """Serve `aws`. See `tools.sandbox.provider`."""
    from tools.sandbox.provider import invokes, types

    version = importlib.metadata.version("pulumi_aws")
    serve(Package("aws", "AWS", version, types.TYPES, invokes.FUNCTIONS))


def aws_native() -> None:
    """Serve `aws-native`. See `tools.sandbox.native`."""
    from tools.sandbox.native.types import TYPES

    version = importlib.metadata.version("pulumi_aws_native")
    serve(Package("aws-native", "AWS Cloud Control", version, TYPES, needs_region=True))


def echo(name: str, version: str, computed: Sequence[str]) -> None:
    """Serve a package of any name and types. See `tools.sandbox.provider.anything`."""
    from tools.sandbox.provider.anything import Anything

    serve(Package(name, name, version, {}, any_type=Anything(computed)))
