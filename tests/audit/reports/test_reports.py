"""What holds for the reports of all formats."""

from __future__ import annotations

import re

import pytest
from hypothesis import given

from audit.reports import REPORTS
from audit.results import Audit, Status, Verdict
from tests.audit.reports.reading import READERS, written
from tests.audit.results import audit, audits, coverage, finding

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\ud800-\udfff]")


def test_each_format_has_a_reader() -> None:
    assert set(READERS) == set(REPORTS)


@pytest.mark.parametrize("format_name", REPORTS)
@given(results=audits())
def test_counts_are_those_of_the_audit(format_name: str, results: Audit) -> None:
    counts = READERS[format_name](written(results, format_name))
    assert {verdict: counts.get(verdict, 0) for verdict in Verdict} == results.summary


@pytest.mark.parametrize("format_name", REPORTS)
@given(results=audits())
def test_reports_can_be_encoded_and_have_no_control_characters(
    format_name: str, results: Audit
) -> None:
    text = written(results, format_name)
    assert text.encode("utf-8")
    assert not CONTROL.search(text.replace("\r\n", "\n"))
    assert text == written(results, format_name)


@pytest.mark.parametrize("format_name", REPORTS)
def test_what_was_not_read_is_in_each_report(format_name: str) -> None:
    results = audit(
        finding(),
        coverage(
            Status.DENIED, account="444455556666", region="sa-east-1", reason="A policy denies."
        ),
    )
    text = written(results, format_name)
    for part in ("444455556666", "sa-east-1", "A policy denies"):
        assert part in text


@pytest.mark.parametrize("format_name", REPORTS)
def test_an_audit_without_tables_has_a_report(format_name: str) -> None:
    counts = READERS[format_name](written(audit(coverage()), format_name))
    assert not any(counts.values())


@pytest.mark.parametrize("format_name", REPORTS)
def test_reasons_fixes_and_warnings_are_in_each_report(format_name: str) -> None:
    found = finding(reason="It has no key", fix="aws dynamodb update", fix_note="A placeholder")
    text = written(audit(found, warnings=("It was interrupted",)), format_name)
    for part in ("It has no key", "aws dynamodb update", "A placeholder"):
        assert part in text
    assert "It was interrupted" in text
