"""Fixtures for tests that run the real engine; name this module in ``pytest_plugins``.

``sandbox_account`` is one account for each pytest process, so for each xdist worker, too: its port
is a free one and its folder the worker's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.sandbox import Account, Sandbox


@pytest.fixture(scope="session")
def sandbox_account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """A pretend account that runs as long as the tests do."""
    account = Account.start(tmp_path_factory.mktemp("account"))
    yield account
    account.stop()


@pytest.fixture
def sandbox(sandbox_account: Account, tmp_path: Path) -> Iterator[Sandbox]:
    """A fresh sandbox: an empty account, no stacks, a folder of its own (``tmp_path/sandbox``)."""
    sandbox_account.reset()
    with Sandbox(tmp_path / "sandbox", account=sandbox_account) as made:
        yield made
