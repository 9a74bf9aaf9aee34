"""A project for small programs, which run in a sandbox."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.project import Project
from tools.sandbox import Sandbox


@pytest.fixture
def project(sandbox: Sandbox, pack: Path, tmp_path: Path) -> Project:
    """A project without a program."""
    return Project.create(sandbox, tmp_path / "project", pack)
