"""Build a Pulumi engine with Go, from Pulumi's published module."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

from tools import CHECKOUT
from tools.engine import EXEC_SCRIPT, Engine, EngineMissing, built_engine
from tools.engine.versions import GO

_PACKAGE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
_SDK = "github.com/pulumi/pulumi/sdk/v3"
_ENDING = 15
"""How many lines of Go's errors are shown."""


def build_engine(version: str, folder: Path | None = None) -> Engine:
    """Build an engine into its folder, unless it is there already.

    Go verifies the modules by Go's checksum database. On two cores, the first build takes about 7
    minutes.

    Args:
        version: the version, such as "3.250.0".
        folder: the folder of the built engines, instead of `.engine` in the checkout.

    Raises:
        EngineMissing: Go is missing or too old, or the build failed. The message says which.
    """
    engines = folder or CHECKOUT / ".engine"
    engine = built_engine(version, engines)
    if engine is not None:
        return engine
    go = _find_go()
    start = time.monotonic()
    print(
        f"Building the Pulumi engine {version} (once, about 7 minutes on two cores)",
        file=sys.stderr,
        flush=True,
    )
    target = engines / version
    module = target / "module"
    module.mkdir(parents=True, exist_ok=True)
    (module / "go.mod").write_text("module engine\n", encoding="utf-8")
    (module / "go.sum").unlink(missing_ok=True)
    # `go install MODULE@VERSION` refuses this module, because its go.mod has replacements.
    _run([go, "get", "-tool", f"{_PACKAGE}@v{version}"], module)
    # Without this linker flag, `pulumi version` prints nothing.
    flags = f"-s -w -X {_SDK}/go/common/version.Version={version}"
    _run([go, "install", "-ldflags", flags, "tool"], module, GOBIN=str(target / "bin"))
    sdk = _run([go, "list", "-m", "-f", "{{.Dir}}", _SDK], module).strip()
    script = Path(sdk) / "python" / "cmd" / EXEC_SCRIPT
    if not script.exists():
        raise EngineMissing(f"the engine was built, but {script} doesn't exist.")
    (target / EXEC_SCRIPT).unlink(missing_ok=True)  # a copy from the module cache is read-only
    shutil.copyfile(script, target / EXEC_SCRIPT)
    minutes, seconds = divmod(round(time.monotonic() - start), 60)
    print(f"Built the Pulumi engine in {minutes}:{seconds:02} minutes", file=sys.stderr, flush=True)
    return Engine(target / "bin" / "pulumi", version, own_language_host=False)


def _find_go() -> str:
    advice = f"Install Go {GO} or newer, or the Pulumi CLI."
    go = shutil.which("go")
    if go is None:
        raise EngineMissing(f"the Pulumi engine can't be built: there is no go on PATH. {advice}")
    # With GOTOOLCHAIN=auto, an older Go downloads the version that go.mod requires. Run in the
    # module's folder, it would report that version instead of its own.
    output = _run([go, "env", "GOVERSION", "GOTOOLCHAIN"], Path(Path.cwd().root)).split()
    match = re.match(r"go(\d+)\.(\d+)(?:\.(\d+))?", output[0] if output else "")
    version = tuple(int(number or 0) for number in match.groups()) if match else (0, 0, 0)
    downloads = version >= (1, 21, 0) and len(output) > 1 and output[1] != "local"
    if version < tuple(map(int, GO.split("."))) and not downloads:
        actual = output[0] if output else "an unknown version"
        raise EngineMissing(f"the Pulumi engine can't be built: {go} is {actual}. {advice}")
    return go


def _run(command: list[str], cwd: Path, **env: str) -> str:
    """Run go and return its output. If it fails, its error output is in the exception."""
    completed = subprocess.run(
        command,
        cwd=cwd,
        # A go.work in a folder above would hide this go.mod.
        env={**os.environ, "GOWORK": "off", **env},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if completed.returncode != 0:
        errors = "\n".join(completed.stderr.strip().splitlines()[-_ENDING:])
        raise EngineMissing(
            f"the Pulumi engine couldn't be built: `{' '.join(command[:2])}` failed:\n{errors}"
        )
    return completed.stdout
