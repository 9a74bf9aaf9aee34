"""Building the engine: a Go tool like any other, pinned by go.mod and go.sum in this folder."""

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
_HERE = Path(__file__).resolve().parent
_SDK = "github.com/pulumi/pulumi/sdk/v3"


def build_engine(folder: Path | None = None) -> Engine:
    """Build the engine into ``.engine`` of the checkout, unless it lies there already.

    Go fetches what go.mod names and checks it against go.sum. The first build takes about 3
    minutes, a second of the same version nothing.

    Args:
        folder: where to, in place of ``.engine``.

    Raises:
        EngineMissing: Go is missing or too old, or the build failed; the message says which.
    """
    folder = folder or engine_folder()
    pulumi = folder / "bin" / "pulumi"
    done = Engine(pulumi, MINIMUM, own_language_host=False)
    if built_version(folder) == MINIMUM and pulumi.exists() and (folder / EXEC_SCRIPT).exists():
        return done
    go = _find_go()
    print("building the Pulumi engine, once, about 3 minutes", file=sys.stderr, flush=True)
    (folder / "bin").mkdir(parents=True, exist_ok=True)
    (folder / "version").unlink(missing_ok=True)
    # The version is stamped in by the linker; without it `pulumi version` says nothing.
    stamp = f"-s -w -X {_SDK}/go/common/version.Version={MINIMUM}"
    _run([go, "install", "-ldflags", stamp, "tool"], {"GOBIN": str(folder / "bin")})
    sdk = _run([go, "list", "-m", "-f", "{{.Dir}}", _SDK], {}).strip()
    script = Path(sdk) / "python" / "cmd" / EXEC_SCRIPT
    if not script.exists():
        raise EngineMissing(f"the engine was built, but {script} isn't there.")
    target = folder / EXEC_SCRIPT
    target.unlink(missing_ok=True)  # a copy from the module cache is read-only
    shutil.copyfile(script, target)
    (folder / "version").write_text(MINIMUM)
    print(f"built {pulumi}", file=sys.stderr, flush=True)
    return done


def _find_go() -> str:
    needed = ".".join(map(str, GO_MINIMUM))
    advice = f"Install Go {needed} or newer, or the Pulumi CLI."
    go = shutil.which("go")
    if go is None:
        raise EngineMissing(f"the Pulumi engine can't be built: there is no go on PATH. {advice}")
    # With GOTOOLCHAIN=auto an older Go fetches the one that go.mod asks for, so ask it from there.
    told = _run([go, "env", "GOVERSION", "GOTOOLCHAIN"], {}, anywhere=True).split()
    match = re.match(r"go(\d+)\.(\d+)(?:\.(\d+))?", told[0] if told else "")
    version = tuple(int(part or 0) for part in match.groups()) if match else (0, 0, 0)
    fetches = version >= (1, 21, 0) and len(told) > 1 and told[1] != "local"
    if version < GO_MINIMUM and not fetches:
        found = told[0] if told else "an unknown version"
        raise EngineMissing(f"the Pulumi engine can't be built: {go} is {found}. {advice}")
    return go


def _run(command: list[str], env: dict[str, str], anywhere: bool = False) -> str:
    """Run go; what it says on stderr goes to the user when it fails."""
    done = subprocess.run(
        command,
        cwd=_HERE.root if anywhere else _HERE,
        # A go.work in a folder above would hide our go.mod.
        env={**os.environ, "GOWORK": "off", **env},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        told = "\n".join(done.stderr.strip().splitlines()[-15:])
        raise EngineMissing(
            f"the Pulumi engine couldn't be built: `{' '.join(command[:2])}` said:\n{told}"
        )
    return done.stdout
