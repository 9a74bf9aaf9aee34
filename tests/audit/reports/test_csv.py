"""The CSV report."""

from __future__ import annotations

import re

import pytest
from hypothesis import given

from audit.reports.csv import COLUMNS
from audit.results import Audit, OwnerKind, Status
from tests.audit.reports.reading import rows, written
from tests.audit.results import (
    CLOUD,
    HOSTILE,
    STACK,
    URN,
    audit,
    audits,
    coverage,
    finding,
    owned_by,
    stack_coverage,
    stack_finding,
)


@given(audits())
def test_each_finding_is_a_row_and_no_cell_is_a_formula(results: Audit) -> None:
    report = rows(written(results, "csv"))
    assert [row["table"] for row in report if row["record"] == "finding"] == [
        f"'{found.table}" if found.table[0] in "-" else found.table for found in results.findings
    ]
    assert len([row for row in report if row["record"] == "coverage"]) == len(results.coverage)
    for row in report:
        assert list(row) == COLUMNS
        for cell in row.values():
            assert not re.match(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]", cell)


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "\n=1", "  =1", "\uff1d1"]
)
def test_formulas_become_text(text: str) -> None:
    (_, row) = rows(written(audit(finding(reason=text)), "csv"))
    assert row["reason"].startswith("'")


def test_lines_end_as_in_rfc_4180() -> None:
    text = written(audit(finding(reason='Two\nlines, "quoted"')), "csv")
    assert text.startswith(",".join(COLUMNS) + "\r\n")
    assert text.endswith("\r\n")
    assert '"Two\nlines, ""quoted"""' in text


def test_a_region_that_was_not_read_has_no_verdict() -> None:
    first, read, second = rows(
        written(audit(coverage(Status.DENIED, region=None), finding()), "csv")
    )
    assert (read["record"], read["coverage_status"]) == ("coverage", "read")
    assert (first["record"], first["coverage_status"], first["verdict"]) == (
        "coverage",
        "denied",
        "",
    )
    assert (second["record"], second["verdict"]) == ("finding", "violation")


def test_stacks_and_owners_have_columns() -> None:
    owner = owned_by(OwnerKind.CLOUDFORMATION, note="A note.")
    found = [finding(owner=owner, drift="It differs."), stack_finding()]
    report = rows(written(audit(*found, stack_coverage()), "csv"))
    columns = COLUMNS[COLUMNS.index("stack") :]
    assert [[row[column] for column in columns] for row in report] == [
        [""] * 11,
        [STACK, "", CLOUD, *[""] * 7, "2026-11-25T09:30:00Z"],
        ["", "", "", "", "cloudformation", owner.stack, "", "Orders", "A note.", "It differs.", ""],
        [STACK, URN, CLOUD, "true", *[""] * 7],
    ]
    (row,) = (row for row in report if row["urn"])
    assert (row["account"], row["region"], row["arn"]) == ("", "", "")


def test_hostile_texts_stay_in_their_cells() -> None:
    findings = [
        finding(table=f"table-{number}", reason=text) for number, text in enumerate(HOSTILE)
    ]
    report = rows(written(audit(*findings), "csv"))
    assert len([row for row in report if row["verdict"]]) == len(HOSTILE)
    assert all(None not in row for row in report)
