"""Build the Pulumi engine with Go, at the version that go.mod and go.sum in this folder pin."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tools.sandbox.engine import (
    EXEC_SCRIPT,
    MINIMUM,
    Engine,
    EngineMissing,
    built_version,
    engine_folder,
)

GO_MINIMUM = (1, 25, 11)
_GO_MODULE = Path(__file__).resolve().parent
_SDK = "github.com/pulumi/pulumi/sdk/v3"


def build_engine(folder: Path | None = None) -> Engine:
    """Build the engine into `.engine` in the checkout, unless this version is there already.

    Go downloads the modules that go.mod names and verifies them against go.sum. The first build
    takes about 3 minutes.

    Args:
        folder: the folder to build into, instead of `.engine`.

    Raises:
        EngineMissing: Go is missing or too old, or the build failed. The message says which.
    """
    folder = folder or engine_folder()
    pulumi = folder / "bin" / "pulumi"
    engine = Engine(pulumi, MINIMUM, own_language_host=False)
    if built_version(folder) == MINIMUM and pulumi.exists() and (folder / EXEC_SCRIPT).exists():
        return engine
    go = _find_go()
    print("Building the Pulumi engine, once, about 3 minutes.", file=sys.stderr, flush=True)
    (folder / "bin").mkdir(parents=True, exist_ok=True)
    (folder / "version").unlink(missing_ok=True)
    # Without this linker flag, `pulumi version` prints nothing.
    version_flag = f"-s -w -X {_SDK}/go/common/version.Version={MINIMUM}"
    _run([go, "install", "-ldflags", version_flag, "tool"], {"GOBIN": str(folder / "bin")})
    sdk = _run([go, "list", "-m", "-f", "{{.Dir}}", _SDK], {}).strip()
    script = Path(sdk) / "python" / "cmd" / EXEC_SCRIPT
    if not script.exists():
        raise EngineMissing(f"the engine was built, but {script} doesn't exist.")
    target = folder / EXEC_SCRIPT
    target.unlink(missing_ok=True)  # a copy from the module cache is read-only
    shutil.copyfile(script, target)
    (folder / "version").write_text(MINIMUM)
    print(f"Built {pulumi}.", file=sys.stderr, flush=True)
    return engine


def _find_go() -> str:
    minimum = ".".join(map(str, GO_MINIMUM))
    advice = f"Install Go {minimum} or newer, or the Pulumi CLI."
    go = shutil.which("go")
    if go is None:
        raise EngineMissing(f"the Pulumi engine can't be built: there is no go on PATH. {advice}")
    # With GOTOOLCHAIN=auto, an older Go downloads the version that go.mod requires. Run in the
    # module's folder, it would report that version instead of its own.
    output = _run([go, "env", "GOVERSION", "GOTOOLCHAIN"], {}, cwd=Path(_GO_MODULE.root)).split()
    match = re.match(r"go(\d+)\.(\d+)(?:\.(\d+))?", output[0] if output else "")
    version = tuple(int(number or 0) for number in match.groups()) if match else (0, 0, 0)
    downloads = version >= (1, 21, 0) and len(output) > 1 and output[1] != "local"
    if version < GO_MINIMUM and not downloads:
        actual = output[0] if output else "an unknown version"
        raise EngineMissing(f"the Pulumi engine can't be built: {go} is {actual}. {advice}")
    return go


def _run(command: list[str], env: dict[str, str], cwd: Path = _GO_MODULE) -> str:
    """Run go and return its output. If it fails, its error output is in the exception."""
    completed = subprocess.run(
        command,
        cwd=cwd,
        # A go.work in a folder above would hide this go.mod.
        env={**os.environ, "GOWORK": "off", **env},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if completed.returncode != 0:
        errors = "\n".join(completed.stderr.strip().splitlines()[-15:])
        raise EngineMissing(
            f"the Pulumi engine couldn't be built: `{' '.join(command[:2])}` failed:\n{errors}"
        )
    return completed.stdout
