"""Fixtures for the tests of the policies."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.harness import Analyzer


@pytest.fixture(scope="session")
def running_pack_in_preview(pack: Path) -> Iterator[Analyzer]:
    """The pack in its analyzer process, as the engine starts it for a preview."""
    with Analyzer.start(pack, preview=True) as analyzer:
        yield analyzer
    assert analyzer.printed == ""
    assert analyzer.errors == ""


@pytest.fixture
def pack_in_preview(running_pack_in_preview: Analyzer) -> Analyzer:
    """The running pack in a preview, with default settings."""
    running_pack_in_preview.configure({})
    return running_pack_in_preview
