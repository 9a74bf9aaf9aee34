"""Run the audit as a user does, in the pretend AWS account."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tools.sandbox.account import DEFAULT_ACCOUNT, Account

ROOT = Path(__file__).resolve().parents[2]


def environment(account: Account, of: str = DEFAULT_ACCOUNT) -> dict[str, str]:
    """Return the environment of a user with the credentials of a pretend account."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return {
        **own,
        **account.credentials(of).environment,
        "AWS_ENDPOINT_URL": account.endpoint,
        # A file of the user's must not change the result.
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


def audit(
    account: Account, *arguments: str | Path, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run `python -m audit`."""
    return subprocess.run(
        [sys.executable, "-m", "audit", *map(str, arguments)],
        cwd=ROOT,
        env={**environment(account), **(env or {})},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
