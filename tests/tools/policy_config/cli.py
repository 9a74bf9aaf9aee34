"""Run `tools/policy-config` in this process, on files of a test."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

from tools.policy_config.__main__ import main
from tools.sandbox import Result


def run(*arguments: str | Path) -> Result:
    """Run the command. What it prints must be lines of printable characters."""
    streams = [io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2)]
    with redirect_stdout(streams[0]), redirect_stderr(streams[1]):
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as usage:
            code = usage.code if isinstance(usage.code, int) else 1
    for stream in streams:
        stream.seek(0)
    out, err = (stream.read() for stream in streams)
    assert all(line.isprintable() for line in (out + err).split("\n"))
    return Result(code, out, err)


def saved(path: Path, value: Any) -> Path:
    """Save a value as a JSON file, or a text as it is."""
    path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
    return path


def state(*resources: Mapping[str, Any]) -> dict[str, Any]:
    """Return a state as `pulumi stack export` writes it."""
    return {"version": 3, "deployment": {"manifest": {}, "resources": list(resources)}}
