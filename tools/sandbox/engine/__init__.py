"""The Pulumi engine: found on PATH, or built once with Go from its published module.

Only a ``pulumi`` with a Python language host beside it is complete. Where there is none, the engine
that ``build_engine`` makes does the same work, and the sandbox supplies a stand-in host.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

MINIMUM = "3.250.0"
"""The oldest engine that the sandbox works with, and the one that it builds (see go.mod)."""

CHECKOUT = Path(__file__).resolve().parents[3]
EXEC_SCRIPT = "pulumi-language-python-exec"


class EngineMissing(RuntimeError):  # noqa: N818 reads as what is the matter
    """There is no usable engine; the message says what to do about it."""


@dataclass(frozen=True)
class Engine:
    """A usable engine.

    Attributes:
        pulumi: the program.
        version: its version, such as "3.250.0".
        own_language_host: true when a real ``pulumi-language-python`` goes with it.
    """

    pulumi: Path
    version: str
    own_language_host: bool


def engine_folder() -> Path:
    """Return where a built engine lies: ``.engine`` of the checkout."""
    return CHECKOUT / ".engine"


def find_engine(path: str | None = None, built: Path | None = None) -> Engine:
    """Find a Pulumi engine.

    Args:
        path: a search path to use in place of PATH.
        built: the folder of a built engine, in place of ``.engine`` of the checkout.

    Returns:
        The ``pulumi`` on PATH if it is recent enough and has its Python language host; else the
        one that was built.

    Raises:
        EngineMissing: there is neither. The message says why, and what to do.
    """
    search = os.environ.get("PATH", "") if path is None else path
    why = "there is no pulumi on PATH"
    folder = built or engine_folder()
    # Inside a sandbox the built engine is on PATH, too, and our stand-in host beside it.
    ours = (folder / "bin").resolve()
    search = os.pathsep.join(p for p in search.split(os.pathsep) if Path(p).resolve() != ours)
    if found := shutil.which("pulumi", path=search):
        version = _version_of(Path(found))
        beside = os.pathsep.join([str(Path(found).resolve().parent), search])
        if version is None:
            why = f"{found} doesn't tell its version"
        elif _parts(version) < _parts(MINIMUM):
            why = f"{found} is version {version}, and {MINIMUM} or newer is needed"
        elif shutil.which("pulumi-language-python", path=beside) is None:
            why = f"{found} comes without pulumi-language-python"
        else:
            return Engine(Path(found), version, own_language_host=True)
    pulumi = folder / "bin" / "pulumi"
    if pulumi.exists() and (folder / EXEC_SCRIPT).exists():
        return Engine(pulumi, built_version(folder) or MINIMUM, own_language_host=False)
    raise EngineMissing(
        f"no Pulumi engine to run: {why}, and none was built yet. "
        "Run `make engine` (it needs Go 1.25.11 or newer), or install the Pulumi CLI."
    )


def built_version(folder: Path) -> str | None:
    """Return the version that a built engine's stamp names, None without one."""
    stamp = folder / "version"
    return stamp.read_text().strip() if stamp.exists() else None


def _version_of(pulumi: Path) -> str | None:
    """Ask a program for its version, in a moment and without a look at the network."""
    try:
        # Even this would write a log into the user's own home.
        with tempfile.TemporaryDirectory(prefix="pulumi-home-") as home:
            env = {**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true", "PULUMI_HOME": home}
            done = subprocess.run(
                [str(pulumi), "version"],
                capture_output=True, text=True, timeout=20, check=False, env=env,
                stdin=subprocess.DEVNULL,
            )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.search(r"v?(\d+\.\d+\.\d+)", done.stdout)
    return match.group(1) if done.returncode == 0 and match else None


def _parts(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:3])
