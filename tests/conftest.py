"""What all tests share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness import Analyzer

pytest_plugins = ["sandbox.pytest_plugin"]

PACK = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def pack() -> Path:
    """The folder of the policy pack: this checkout."""
    return PACK


@pytest.fixture(scope="session")
def running_pack(pack: Path) -> Iterator[Analyzer]:
    """The pack in its analyzer process, one for all tests. It must never print anything."""
    with Analyzer.start(pack) as analyzer:
        yield analyzer
    assert analyzer.printed == ""
    assert analyzer.errors == ""


@pytest.fixture
def analyzer(running_pack: Analyzer) -> Analyzer:
    """The running pack with its defaults."""
    running_pack.configure({})
    return running_pack
