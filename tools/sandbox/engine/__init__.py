"""Find the Pulumi engine: the CLI on PATH, or one that Go built from Pulumi's published module.

A `pulumi` without a Python language host is incomplete. The engine that `build_engine` builds has
none, so the sandbox adds a stand-in host.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tools import CHECKOUT

MINIMUM = "3.250.0"
"""The oldest engine that the sandbox supports, and the one that it builds (see go.mod)."""

EXEC_SCRIPT = "pulumi-language-python-exec"


class EngineMissing(RuntimeError):  # noqa: N818 reads as what is wrong
    """There is no usable engine. The message says what to do."""


@dataclass(frozen=True)
class Engine:
    """A usable engine.

    Attributes:
        pulumi: the program.
        version: its version, such as "3.250.0".
        own_language_host: whether it comes with a real `pulumi-language-python`.
    """

    pulumi: Path
    version: str
    own_language_host: bool


def engine_folder() -> Path:
    """Return the folder for a built engine: `.engine` in the checkout."""
    return CHECKOUT / ".engine"


def find_engine(path: str | None = None, built: Path | None = None) -> Engine:
    """Find a Pulumi engine.

    Args:
        path: a search path to use instead of PATH.
        built: the folder of a built engine, instead of `.engine` in the checkout.

    Returns:
        The `pulumi` on PATH if it is recent enough and has its Python language host. Otherwise,
        the engine that was built.

    Raises:
        EngineMissing: there is neither. The message says why, and what to do.
    """
    folder = built or engine_folder()
    # In a sandbox, the built engine and the stand-in host are on PATH, too.
    own = (folder / "bin").resolve()
    search = os.environ.get("PATH", "") if path is None else path
    search = os.pathsep.join(p for p in search.split(os.pathsep) if Path(p).resolve() != own)
    why = "there is no pulumi on PATH"
    if pulumi := shutil.which("pulumi", path=search):
        version = _version_of(Path(pulumi))
        host_path = os.pathsep.join([str(Path(pulumi).resolve().parent), search])
        if version is None:
            why = f"{pulumi} doesn't report its version"
        elif _numbers(version) < _numbers(MINIMUM):
            why = f"{pulumi} is version {version}, and {MINIMUM} or newer is needed"
        elif shutil.which("pulumi-language-python", path=host_path) is None:
            why = f"{pulumi} comes without pulumi-language-python"
        else:
            return Engine(Path(pulumi), version, own_language_host=True)
    built_pulumi = folder / "bin" / "pulumi"
    if built_pulumi.exists() and (folder / EXEC_SCRIPT).exists():
        return Engine(built_pulumi, built_version(folder) or MINIMUM, own_language_host=False)
    raise EngineMissing(
        f"no Pulumi engine to run: {why}, and none was built yet. "
        "Run `make engine` (it needs Go 1.25.11 or newer), or install the Pulumi CLI."
    )


def built_version(folder: Path) -> str | None:
    """Return the version in a built engine's file `version`, None without that file."""
    stamp = folder / "version"
    return stamp.read_text().strip() if stamp.exists() else None


def _version_of(pulumi: Path) -> str | None:
    """Run `pulumi version`, without the check for updates that uses the network."""
    try:
        # Even this command writes a log into the Pulumi home, so it doesn't use the user's.
        with tempfile.TemporaryDirectory(prefix="pulumi-home-") as home:
            env = {**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true", "PULUMI_HOME": home}
            completed = subprocess.run(
                [str(pulumi), "version"],
                capture_output=True, text=True, timeout=20, check=False, env=env,
                stdin=subprocess.DEVNULL,
            )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.search(r"v?(\d+\.\d+\.\d+)", completed.stdout)
    return match.group(1) if completed.returncode == 0 and match else None


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in version.split(".")[:3])
