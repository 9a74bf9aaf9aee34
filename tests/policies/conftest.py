"""Fixtures for the tests of the policies."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import started_again
from tools.harness import Analyzer


@pytest.fixture(scope="session")
def running_pack_in_preview(pack: Path) -> Iterator[Analyzer]:
    """The pack in its analyzer process, as the engine starts it for a preview."""
    with Analyzer.start(pack, operation="preview") as analyzer:
        yield analyzer
    assert analyzer.printed == ""
    assert analyzer.errors == ""


@pytest.fixture
def pack_in_preview(running_pack_in_preview: Analyzer) -> Analyzer:
    """The running pack in a preview, with default settings."""
    return started_again(running_pack_in_preview)
