"""Programs that are run as a user would, in a place without the user's Pulumi login."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path


def run(
    *words: str | Path, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end; a failure is in the result, not an exception.

    words: the program and its arguments.
    cwd: the folder to run it in.
    env: its environment, in place of this process's without variables of Pulumi.
    """
    clean = {name: it for name, it in os.environ.items() if not name.startswith("PULUMI_")}
    # Even `--help` writes a log into Pulumi's home, so it is never the user's own.
    with tempfile.TemporaryDirectory(prefix="pulumi-home-") as home:
        own = {**clean, "PULUMI_SKIP_UPDATE_CHECK": "true", "PULUMI_HOME": home}
        return subprocess.run(
            [str(it) for it in words],
            cwd=cwd,
            env=own if env is None else env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
