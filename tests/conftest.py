"""Fixtures for all tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.project import Project
from tools.harness import Analyzer, Resource
from tools.sandbox import Sandbox

# Tests run in parallel, so the time that one example takes means nothing.
settings.register_profile("loaded", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("deep", settings.get_profile("loaded"), max_examples=2_000)
settings.load_profile("loaded")

pytest_plugins = ["tools.sandbox.pytest_plugin", "tests.browser"]

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


def started_again(pack: Analyzer) -> Analyzer:
    """Return a running pack with default settings, as if the engine had started it now."""
    pack.configure({})
    # The pack remembers a run until its last policy has checked the stack's tables.
    encrypted = {"serverSideEncryption": {"enabled": True}}
    pack.analyze_stack([Resource("aws:dynamodb/table:Table", encrypted)])
    return pack


@pytest.fixture
def analyzer(running_pack: Analyzer) -> Analyzer:
    """The running pack with default settings, at the start of an update."""
    return started_again(running_pack)


@pytest.fixture
def project(sandbox: Sandbox, pack: Path, tmp_path: Path) -> Project:
    """A project without a program, which runs in a sandbox."""
    return Project.create(sandbox, tmp_path / "project", pack)
