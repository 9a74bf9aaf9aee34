"""The results of policies as JSON, for programs. events.schema.json describes the format."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TextIO

from audit.events.results import PolicyRun, Result
from audit.reports.json_text import dumps, write_items
from audit.reports.words import PACK, utc

from . import words

SCHEMA_VERSION = "1.0"
"""The version of the format. The first number changes with changes that break readers."""


def write(run: PolicyRun, out: TextIO) -> None:
    """Write the results as JSON, one on each line."""
    out.write(f'{{\n"run": {dumps(_run(run), indent=2)},\n')
    counts = {outcome.value: count for outcome, count in run.summary.items()}
    out.write(f'"summary": {dumps(counts)},\n')
    out.write('"results": ')
    write_items(map(_result, run.results), out)
    out.write("\n}\n")


def _run(run: PolicyRun) -> Mapping[str, Any]:
    return {
        "schema_version": SCHEMA_VERSION,
        "command": list(run.command),
        "audit": {"name": PACK, "version": run.version},
        "source": run.source,
        "started": run.started and utc(run.started),
        "finished": run.finished and utc(run.finished),
        "failed": run.failed,
        "exit_code": run.exit_code,
        "complete": run.is_complete,
        "packs": [{"name": pack.name, "version": pack.version or None} for pack in run.packs],
        "problems": list(run.problems),
        "notes": list(run.notes),
    }


def _result(result: Result) -> Mapping[str, Any]:
    return {
        "pack": result.pack.name,
        "pack_version": result.pack.version or None,
        "policy": result.policy,
        "outcome": result.outcome.value,
        "level": result.level or None,
        "severity": result.severity or None,
        "stack": result.stack or None,
        "project": result.project or None,
        "type": result.type or None,
        "name": result.name or None,
        "urn": result.urn or None,
        "message": words.message(result),
        "exceptions": [{"id": each.id, "reason": each.reason} for each in result.exceptions],
    }
