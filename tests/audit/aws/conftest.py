"""Fixtures for tests that read the pretend AWS account."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.retries.standard import ExponentialBackoff

from tests.audit.aws.cli import environment
from tools.sandbox.account import Account

_WAIT_SECONDS = 3


@pytest.fixture
def account(sandbox_account: Account) -> Account:
    """An empty account."""
    sandbox_account.reset()
    return sandbox_account


@pytest.fixture
def env(sandbox_account: Account, tmp_path: Path) -> dict[str, str]:
    """The environment of a user of the account."""
    return environment(sandbox_account, tmp_path)


@pytest.fixture
def in_process(env: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let this process use the account, with two attempts for each call and no pause."""
    for name in list(os.environ):
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    for name, value in {**env, "AWS_MAX_ATTEMPTS": "2"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(ExponentialBackoff, "delay_amount", lambda *_: 0)
    threads = threading.active_count()
    yield
    # Threads of an audit that ended early must not use the environment of this machine.
    end = time.monotonic() + _WAIT_SECONDS
    while threading.active_count() > threads and time.monotonic() < end:
        time.sleep(_WAIT_SECONDS / 100)
