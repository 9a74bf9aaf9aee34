"""Run programs as a user does, without the user's Pulumi login."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path


def run(
    *command: str | Path,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    variables: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a program until it ends. A failure is in the result, not an exception.

    Args:
        command: the program and its arguments.
        cwd: the folder to run it in.
        env: its environment. The default is this process's, without Pulumi's variables.
        variables: variables to add to the default environment.
    """
    clean = {k: v for k, v in os.environ.items() if not k.startswith("PULUMI_")}
    # Even `--help` writes a log into the Pulumi home, so it doesn't use the user's.
    with tempfile.TemporaryDirectory(prefix="pulumi-home-") as home:
        default = {
            **clean,
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_HOME": home,
            **(variables or {}),
        }
        return subprocess.run(
            list(map(str, command)),
            cwd=cwd,
            env=default if env is None else env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
