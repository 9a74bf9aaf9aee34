"""Projects for the tests on the real engine, and which tests it is recent enough for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.project import Project
from tools.engine import EngineMissing, find_engine
from tools.engine.versions import NEWEST
from tools.sandbox import Sandbox

_MARKER = "needs_engine"


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker of tests that only a recent engine can run."""
    config.addinivalue_line(
        "markers", f"{_MARKER}(version, reason): deselect the test on an older Pulumi CLI"
    )


def pytest_report_header() -> str:
    """Name the engine, which decides which tests are deselected."""
    return f"Pulumi CLI: {_version()} (tests with {_MARKER} of a newer one are deselected)"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the tests that need a newer engine, so that they don't count as passed."""
    too_new = [
        item
        for item in items
        for marker in item.iter_markers(_MARKER)
        if _numbers(marker.args[0]) > _numbers(_version())
    ]
    if too_new:
        config.hook.pytest_deselected(items=too_new)
        items[:] = [item for item in items if item not in too_new]


def _version() -> str:
    """Return the version of the engine; without an engine, the newest one, so that tests fail."""
    try:
        return find_engine().version
    except EngineMissing:
        return NEWEST


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in version.split("."))


@pytest.fixture
def example(sandbox: Sandbox, pack: Path, tmp_path: Path) -> Callable[[str], Project]:
    """Creates the project of an example in examples/, by the example's name."""
    return lambda name: Project.of_example(name, sandbox, tmp_path / name, pack)
