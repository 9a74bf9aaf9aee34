"""Projects for the tests on the real engine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.project import Project
from tools.sandbox import Sandbox


@pytest.fixture
def example(sandbox: Sandbox, pack: Path, tmp_path: Path) -> Callable[[str], Project]:
    """Creates the project of an example in examples/, by the example's name."""
    return lambda name: Project.of_example(name, sandbox, tmp_path / name, pack)
