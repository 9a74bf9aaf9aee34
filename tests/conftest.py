"""Fixtures for all tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tools.harness import Analyzer

# Tests run in parallel, so the time that one example takes means nothing.
settings.register_profile("loaded", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("deep", settings.get_profile("loaded"), max_examples=2_000)
settings.load_profile("loaded")

pytest_plugins = ["tools.sandbox.pytest_plugin"]

PACK = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def pack() -> Path:
    """The folder of the pack, which is this checkout."""
    return PACK


@pytest.fixture(scope="session")
def running_pack(pack: Path) -> Iterator[Analyzer]:
    """The pack in its analyzer process, which all tests share. It must not print anything."""
    with Analyzer.start(pack) as analyzer:
        yield analyzer
    assert analyzer.printed == ""
    assert analyzer.errors == ""


@pytest.fixture
def analyzer(running_pack: Analyzer) -> Analyzer:
    """The running pack with default settings."""
    running_pack.configure({})
    return running_pack
