"""Run the real command of the audit against the pretend account."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools import CHECKOUT
from tools.sandbox import Account
from tools.sandbox.account import Credentials


@dataclass(frozen=True)
class AuditRun:
    """What a run of the audit printed, and how it ended."""

    exit_code: int
    stdout: str
    stderr: str

    @property
    def report(self) -> dict[str, Any]:
        """The report in JSON that was printed."""
        report: dict[str, Any] = json.loads(self.stdout)
        return report


def environment(account: Account | None, credentials: Credentials | None = None) -> dict[str, str]:
    """Return the environment of an audit, which reads no file of the user.

    Args:
        account: the pretend account; None for an environment without credentials.
        credentials: the credentials; those of the default account by default.
    """
    own = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    own |= {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    if account is None:
        return own
    keys = (credentials or account.credentials()).environment
    return {**own, **keys, "AWS_ENDPOINT_URL": account.endpoint, "AWS_REGION": "us-east-1"}


def run_audit(
    *words: str | Path, env: Mapping[str, str], seconds: float = 60, cwd: Path = CHECKOUT
) -> AuditRun:
    """Run `python -m audit`."""
    result = subprocess.run(
        [sys.executable, "-m", "audit", *map(str, words)],
        cwd=cwd, env=dict(env), capture_output=True, text=True, timeout=seconds, check=False,
    )  # fmt: skip
    assert "Traceback" not in result.stderr
    return AuditRun(result.returncode, result.stdout, result.stderr)
