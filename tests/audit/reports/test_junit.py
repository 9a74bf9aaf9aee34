"""The JUnit report, as junitparser reads it."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as ET

import junitparser
from hypothesis import given

from audit.results import Audit, OwnerKind, Status, Verdict
from tests.audit.reports.reading import written
from tests.audit.results import (
    BUCKET,
    audit,
    audits,
    coverage,
    finding,
    owned_by,
    run,
    stack_coverage,
    stack_finding,
    texts,
)

ATTRIBUTES = {
    "testsuites": {"name", "tests", "failures", "errors", "time"},
    "testsuite": {"name", "tests", "failures", "errors", "skipped", "time", "timestamp"},
    "testcase": {"name", "classname", "time"},
    "failure": {"type", "message"},
    "error": {"type", "message"},
    "skipped": {"type", "message"},
    "property": {"name", "value"},
    "properties": set(),
    "system-err": set(),
}
"""The attributes that the report uses. junit-10.xsd of Jenkins's xUnit plugin allows them."""


def read(results: Audit) -> Any:
    return junitparser.JUnitXml.fromstring(written(results, "junit").encode())


@given(audits(names=texts()))
def test_counts_are_those_of_the_elements(results: Audit) -> None:
    report = read(results)
    expected = [report.tests, report.failures, report.errors]
    suites = list(report)
    assert expected == [
        sum(suite.tests for suite in suites),
        sum(suite.failures for suite in suites),
        sum(suite.errors for suite in suites),
    ]
    for suite in suites:
        before = (suite.tests, suite.failures, suite.errors, suite.skipped)
        suite.update_statistics()
        assert (suite.tests, suite.failures, suite.errors, suite.skipped) == before


@given(audits(names=texts()))
def test_elements_have_the_attributes_of_the_schema_of_jenkins(results: Audit) -> None:
    root = ET.fromstring(written(results, "junit"))  # noqa: S314 - the report is no foreign text
    for element in root.iter():
        assert set(element.keys()) == ATTRIBUTES[element.tag]


def test_stacks_of_the_same_name_have_their_own_suites() -> None:
    found = stack_finding(backend="")
    entries = [stack_coverage(backend="", reason=reason) for reason in ("one", "another")]
    report = read(Audit(run(), entries, [found]))
    tests = [(case.classname, case.name) for suite in report for case in suite]
    assert len(tests) == len(set(tests)) == 3


@given(audits())
def test_no_two_tests_have_the_same_name(results: Audit) -> None:
    names = [(case.classname, case.name) for suite in read(results) for case in suite]
    drift = sum(bool(found.drift) for found in results.findings)
    assert len(names) == len(set(names)) == len(results.findings) + len(results.coverage) + drift


def test_verdicts_are_outcomes() -> None:
    (suite,) = read(audit(*(finding(verdict, table=verdict.value) for verdict in Verdict)))
    outcomes = {case.name: type(case.result[0]).__name__ for case in suite if case.result}
    assert outcomes == {
        "violation": "Failure",
        "undetermined": "Skipped",
        "not_read": "Error",
        "exempt": "Skipped",
    }


def test_an_incomplete_region_is_an_error_and_a_disabled_one_is_skipped() -> None:
    results = [
        coverage(Status.DENIED, region="eu-west-1"),
        coverage(Status.DISABLED, region="me-south-1"),
        coverage(Status.READ, region="us-east-1"),
        coverage(Status.FAILED, region=None, account="profile x"),
    ]
    report = read(audit(*results))
    assert (report.tests, report.failures, report.errors) == (4, 0, 2)
    outcomes = [case.result[0].type if case.result else None for suite in report for case in suite]
    assert outcomes == ["denied", "disabled", None, "failed"]


def test_a_failure_has_the_reason_and_the_fix() -> None:
    (suite,) = read(audit(finding(reason="First.\nSecond.", fix="aws x", fix_note="Note.")))
    _, case = suite
    (failure,) = case.result
    assert failure.message == "First."
    assert failure.text.startswith("First.\nSecond.\n\nNote.\n\nTo fix, run:\naws x\n\n")


def test_each_stack_is_a_suite() -> None:
    first, second = read(
        audit(
            stack_finding(stack="acme/shop/v1.2"),
            stack_coverage(Status.FAILED, stack="organization/shop/dev", backend=BUCKET),
        )
    )
    assert [first.name, second.name] == [
        "stack acme/shop/v1.2",
        f"stack organization/shop/dev in {BUCKET}",
    ]
    assert [(case.classname, case.name) for case in first] == [
        ("pulumi.acme.shop.v1%2E2", "(all tables are listed)"),
        ("pulumi.acme.shop.v1%2E2", "orders, aws:dynamodb/table:Table::orders"),
    ]
    (case,) = second
    assert case.classname == f"pulumi.{BUCKET}.organization.shop.dev"
    assert case.result[0].text == (
        "Failed. incorrect passphrase\nThere can be more tables than this report shows."
    )


def test_the_fix_of_a_stack_is_no_command() -> None:
    (suite,) = read(audit(stack_finding()))
    text = list(suite)[1].result[0].text
    assert "Set `serverSideEncryption: { enabled: true }`." in text
    assert "run" not in text
    assert "URN: urn:pulumi:dev::shop::aws:dynamodb/table:Table::orders" in text


def test_drift_of_a_compliant_table_is_skipped_with_its_owner() -> None:
    owner = owned_by(OwnerKind.PULUMI)
    (suite,) = read(audit(finding(Verdict.COMPLIANT, drift="It has no key.", owner=owner)))
    _, table, drift = suite
    assert not table.result
    assert drift.name == "orders (drift)"
    (skipped,) = drift.result
    assert skipped.message == "Drift: It has no key."
    assert owner.urn in skipped.text
