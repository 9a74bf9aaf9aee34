"""The CSV report about policies."""

from __future__ import annotations

import csv
import io

from audit.events.reports.csv import COLUMNS
from audit.events.results import Outcome
from tests.audit.events.reports.reading import written
from tests.audit.events.results import result, run, urn


def test_rows_have_all_fields_and_no_formula() -> None:
    results = run(
        result(Outcome.EXEMPT, message="=1+1\nb", urn=urn("=cmd")),
        problems=("The events end too early.",),
        notes=("No time.",),
    )
    text = written(results, "csv")
    assert text.splitlines()[0].split(",") == COLUMNS
    problem, note, row = csv.DictReader(io.StringIO(text, newline=""))
    assert (problem["record"], problem["message"]) == ("problem", "The events end too early.")
    assert (note["record"], note["message"]) == ("note", "No time.")
    assert row == {
        "record": "result",
        "pack": "acme-security",
        "pack_version": "1.2.0",
        "policy": "dynamodb-table-kms-encryption",
        "outcome": "exempt",
        "level": "",
        "severity": "high",
        "stack": "dev",
        "project": "shop",
        "type": "aws:dynamodb/table:Table",
        "name": "'=cmd",
        "urn": urn("=cmd"),
        "message": "'=1+1\nb",
        "exceptions": "EXC-42: Public data",
    }
