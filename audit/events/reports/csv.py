r"""The results of policies as CSV, for a spreadsheet or a database.

The column `record` says what a row is: a `result`, a `problem` that can be the reason of missing
results, or a `note`. Only results have an outcome, so counts by outcome are right.

Open the file with `newline=""`.
"""

from __future__ import annotations

import csv
from typing import TextIO

from audit.events.results import PolicyRun, Result
from audit.reports.csv import cell

from . import words

COLUMNS = [
    "record",
    "pack",
    "pack_version",
    "policy",
    "outcome",
    "level",
    "severity",
    "stack",
    "project",
    "type",
    "name",
    "urn",
    "message",
    "exceptions",
]


def write(run: PolicyRun, out: TextIO) -> None:
    """Write the problems, the notes, and then a row for each result."""
    rows = csv.DictWriter(out, COLUMNS, restval="", lineterminator="\r\n")
    rows.writeheader()
    for problem in run.problems:
        rows.writerow({"record": "problem", "message": cell(problem)})
    for note in run.notes:
        rows.writerow({"record": "note", "message": cell(note)})
    for result in run.results:
        rows.writerow({column: cell(text) for column, text in _cells(result).items()})


def _cells(result: Result) -> dict[str, str]:
    return {
        "record": "result",
        "pack": result.pack.name,
        "pack_version": result.pack.version,
        "policy": result.policy,
        "outcome": result.outcome.value,
        "level": result.level,
        "severity": result.severity,
        "stack": result.stack,
        "project": result.project,
        "type": result.type,
        "name": result.name,
        "urn": result.urn,
        "message": words.message(result),
        "exceptions": words.reasons(result),
    }
