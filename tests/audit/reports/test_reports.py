"""What holds for the reports of all formats."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given

from audit.reports import REPORTS
from audit.results import Audit, Finding, OwnerKind, Status, Verdict
from tests.audit.reports.reading import NOT_SHOWN, READERS, written
from tests.audit.results import (
    audit,
    audits,
    coverage,
    finding,
    owned_by,
    stack_coverage,
    stack_finding,
)

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\ud800-\udfff]")


def test_each_format_has_a_reader() -> None:
    assert set(READERS) == set(REPORTS)


@pytest.mark.parametrize("format_name", REPORTS)
@given(results=audits())
def test_counts_are_those_of_the_audit(format_name: str, results: Audit) -> None:
    counts = READERS[format_name](written(results, format_name))
    expected = {
        verdict: 0 if verdict in NOT_SHOWN.get(format_name, ()) else count
        for verdict, count in results.summary.items()
    }
    assert {verdict: counts.get(verdict, 0) for verdict in Verdict} == expected


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


@pytest.mark.parametrize("format_name", REPORTS)
def test_stacks_and_backends_that_were_not_read_are_in_each_report(format_name: str) -> None:
    results = audit(
        stack_finding(),
        stack_coverage(Status.FAILED, stack="acme/shop/locked", reason="A wrong passphrase."),
        stack_coverage(Status.DENIED, stack="", backend="s3://states", reason="No permission."),
    )
    text = written(results, format_name)
    if format_name == "junit":
        text = text.replace("s3:%2F%2F", "s3://")
    for part in ("acme/shop/locked", "A wrong passphrase", "s3://states", "No permission"):
        assert part in text


@pytest.mark.parametrize("format_name", REPORTS)
def test_a_table_of_a_stack_has_its_stack_resource_and_fix(format_name: str) -> None:
    text = written(audit(stack_finding(fix_note="Set enabled to true.")), format_name)
    for part in ("acme/shop/dev", "aws:dynamodb/table:Table::orders", "Set enabled to true."):
        assert part in text
    assert "To fix, run" not in text


@pytest.mark.parametrize("format_name", ["table", "markdown", "html"])
def test_people_see_how_many_stacks_the_pack_would_reject(format_name: str) -> None:
    found = [
        stack_finding(),
        stack_finding(table="users"),
        stack_finding(stack="acme/shop/prod"),
        stack_finding(Verdict.COMPLIANT, stack="acme/web/dev"),
    ]
    failed = stack_coverage(Status.FAILED, stack="acme/web/prod")
    sentence = "the pack would reject 2 of 4 stacks: acme/shop/dev, acme/shop/prod."
    assert sentence in written(audit(*found, failed), format_name)
    # Tables of stacks that AWS shows, too, have no finding of the stack.
    assert "would reject" not in written(audit(*found, finding()), format_name)


@pytest.mark.parametrize("format_name", REPORTS)
@pytest.mark.parametrize("kind", OwnerKind)
def test_each_report_says_who_owns_a_table(format_name: str, kind: OwnerKind) -> None:
    owner = owned_by(kind, note="A note about it.")
    text = written(audit(finding(owner=owner)), format_name)
    for part in (owner.urn, owner.logical_id, owner.note):
        assert part in text
    if kind is OwnerKind.NONE and format_name not in ("json", "csv", "ocsf"):
        assert "Not managed by any stack that was read." in text


@pytest.mark.parametrize("format_name", REPORTS)
@pytest.mark.parametrize("found", [finding(Verdict.COMPLIANT), stack_finding(Verdict.COMPLIANT)])
def test_drift_of_a_compliant_table_is_in_each_report(format_name: str, found: Finding) -> None:
    text = written(audit(replace(found, drift="The stack records no key.")), format_name)
    assert "The stack records no key." in text
    assert "orders" in text


@pytest.mark.parametrize("format_name", REPORTS)
@pytest.mark.parametrize("hostile", ["x" * 100_000, "|`<script>alert(1)</script>\x1b[2J\n../.."])
def test_a_hostile_stack_hides_no_other_table(format_name: str, hostile: str) -> None:
    results = audit(
        stack_finding(stack=f"a{hostile}", urn=f"urn:pulumi:dev::shop::{hostile}::{hostile}"),
        finding(owner=owned_by(OwnerKind.PULUMI, stack=hostile, urn=hostile), drift=hostile),
        stack_finding(table="last", stack="zeta/shop/dev"),
        stack_coverage(Status.FAILED, stack=f"b{hostile}", backend=f"https://{hostile}"),
    )
    text = written(results, format_name)
    assert READERS[format_name](text)[Verdict.VIOLATION] == 3
    assert "zeta/shop/dev" in text
    assert not CONTROL.search(text.replace("\r\n", "\n"))
