"""Find the Pulumi engine: the CLI on PATH, or one that Go built from Pulumi's published module.

A `pulumi` without a Python language host is incomplete. The engine that `build_engine` builds has
none, so the sandbox adds a stand-in host.

This package needs only Python's standard library, so that the engine is built while the
requirements are installed.
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
from tools.engine.versions import GO, NEWEST, OLDEST

EXEC_SCRIPT = "pulumi-language-python-exec"

VARIABLE = "SANDBOX_ENGINE"
"""The environment variable that names the built engine to use: "newest", "oldest", or a version."""


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


def find_engine(path: str | None = None, built: Path | None = None) -> Engine:
    """Find a Pulumi engine.

    Args:
        path: a search path to use instead of PATH.
        built: the folder of the built engines, instead of `.engine` in the checkout.

    Returns:
        The built engine that `VARIABLE` names, if it is set. Otherwise, the `pulumi` on PATH if it
        is recent enough and has its Python language host. Otherwise, the newest engine, if it was
        built.

    Raises:
        EngineMissing: there is none of them. The message says why, and what to do.
    """
    folder = built or CHECKOUT / ".engine"
    wanted = wanted_version()
    if wanted is not None:
        engine = built_engine(wanted, folder)
        if engine is None:
            raise EngineMissing(
                f"the Pulumi engine {wanted} is not built. Run `{VARIABLE}={wanted} make engine`."
            )
        return engine
    # In a sandbox, the built engine and the stand-in host are on PATH, too.
    search = os.environ.get("PATH", "") if path is None else path
    search = os.pathsep.join(
        each
        for each in search.split(os.pathsep)
        if folder.resolve() not in Path(each).resolve().parents
    )
    why = "there is no pulumi on PATH"
    if pulumi := shutil.which("pulumi", path=search):
        version = _version_of(Path(pulumi))
        host_path = os.pathsep.join([str(Path(pulumi).resolve().parent), search])
        if version is None:
            why = f"{pulumi} doesn't report its version"
        elif _numbers(version) < _numbers(OLDEST):
            why = f"{pulumi} is version {version}, and {OLDEST} or newer is needed"
        elif shutil.which("pulumi-language-python", path=host_path) is None:
            why = f"{pulumi} comes without pulumi-language-python"
        else:
            return Engine(Path(pulumi), version, own_language_host=True)
    engine = built_engine(NEWEST, folder)
    if engine is None:
        raise EngineMissing(
            f"no Pulumi engine to run: {why}, and none was built yet. Run `make engine` (it needs "
            f"Go {GO} or newer), or install the Pulumi CLI."
        )
    return engine


def wanted_version() -> str | None:
    """Return the version that the environment variable names; None if it is not set."""
    wanted = os.environ.get(VARIABLE, "")
    return {"newest": NEWEST, "oldest": OLDEST}.get(wanted, wanted) or None


def built_engine(version: str, folder: Path) -> Engine | None:
    """Return a built engine; None if this version is not built."""
    pulumi = folder / version / "bin" / "pulumi"
    is_complete = pulumi.exists() and (folder / version / EXEC_SCRIPT).exists()
    return Engine(pulumi, version, own_language_host=False) if is_complete else None


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
