"""The Go sources of the newest Pulumi CLI, which Go keeps after `make` has built it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from tools.engine.versions import NEWEST


def find_sources() -> Path | None:
    """Return the folder of Pulumi's modules; None where Go has not built the newest CLI."""
    if (go := shutil.which("go")) is None:
        return None
    root = Path(Path.cwd().root)
    cache = subprocess.run(
        [go, "env", "GOMODCACHE"], cwd=root, capture_output=True, text=True, check=False
    )
    folder = Path(cache.stdout.strip()) / "github.com/pulumi/pulumi"
    is_complete = all((folder / f"{part}/v3@v{NEWEST}").is_dir() for part in ("pkg", "sdk"))
    return folder if is_complete and os.access(folder, os.R_OK) else None


SOURCES = find_sources()


def source(path: str) -> str:
    """Return a source file, such as "sdk/policy_proxy.go", of the newest CLI."""
    part, _, rest = path.partition("/")
    assert SOURCES is not None
    return (SOURCES / f"{part}/v3@v{NEWEST}" / rest).read_text(encoding="utf-8")


def function(path: str, name: str) -> str:
    """Return the text of a function, or of a method of PolicyProxy, after its name."""
    start = re.search(rf"^func (?:\(p \*PolicyProxy\) )?{name}\(", source(path), re.M)
    assert start is not None, f"{path} has no function {name}"
    return source(path)[start.end() :].partition("\n}\n")[0]
