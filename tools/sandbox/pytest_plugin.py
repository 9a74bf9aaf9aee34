"""Fixtures for tests that run the real engine. Name this module in `pytest_plugins`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.sandbox import Account, Sandbox


@pytest.fixture(scope="session")
def sandbox_account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """A pretend account that runs as long as the tests; each xdist worker has its own."""
    with Account.start(tmp_path_factory.mktemp("account")) as account:
        yield account


@pytest.fixture
def sandbox(sandbox_account: Account, tmp_path: Path) -> Iterator[Sandbox]:
    """A fresh sandbox in `tmp_path/sandbox`, with an empty account and no stacks."""
    sandbox_account.reset()
    with Sandbox(tmp_path / "sandbox", account=sandbox_account) as fresh:
        yield fresh
