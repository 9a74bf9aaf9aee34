"""The JUnit report about policies, as junitparser reads it."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as ET

import junitparser
from hypothesis import given

from audit.events.results import Outcome, PolicyRun
from tests.audit.events.reports.reading import written
from tests.audit.events.results import result, run, runs, urn
from tests.audit.reports.test_junit import ATTRIBUTES

ALLOWED = {**ATTRIBUTES, "system-out": set[str]()}


def read(results: PolicyRun) -> Any:
    return junitparser.JUnitXml.fromstring(written(results, "junit").encode())


@given(runs())
def test_a_report_is_valid_and_its_failures_are_the_violations(results: PolicyRun) -> None:
    text = written(results, "junit")
    report: Any = junitparser.JUnitXml.fromstring(text.encode())
    assert report.failures == results.summary[Outcome.VIOLATION]
    assert report.errors == bool(results.problems)
    assert report.tests == len(results.results) + 1
    for suite in report:
        before = (suite.tests, suite.failures, suite.errors, suite.skipped)
        suite.update_statistics()
        assert (suite.tests, suite.failures, suite.errors, suite.skipped) == before
    names = [(case.classname, case.name) for suite in report for case in suite]
    assert len(names) == len(set(names)) == report.tests
    # The attributes that the schema of Jenkins allows.
    for element in ET.fromstring(text).iter():  # noqa: S314 - the report is no foreign text
        assert set(element.keys()) <= ALLOWED[element.tag]


def test_outcomes() -> None:
    results = [result(outcome, urn=urn(outcome.value)) for outcome in Outcome]
    coverage, suite = read(run(*results))
    assert [case.result for case in coverage] == [[]]
    assert suite.name == "shop/dev: acme-security 1.2.0"
    kinds = {
        case.name.split(" ")[0]: type(case.result[0]).__name__ for case in suite if case.result
    }
    assert kinds == {
        "violation": "Failure",
        "warning": "Skipped",
        "exempt": "Skipped",
        "not_applicable": "Skipped",
    }
    texts = {case.name.split(" ")[0]: case for case in suite}
    assert "Policy exceptions: EXC-42: Public data" in texts["exempt"].result[0].text
    assert "The policy did not run." in texts["not_applicable"].result[0].text
    assert "is a remediated" in texts["remediated"].system_out


def test_a_failure_has_the_message_and_the_urn() -> None:
    _, suite = read(run(result(message="First.\nSecond.")))
    (case,) = suite
    assert case.classname == "shop.dev.acme-security.dynamodb-table-kms-encryption"
    assert case.name == "orders (aws:dynamodb/table:Table)"
    (failure,) = case.result
    assert failure.message == "First."
    assert failure.text.startswith("First.\nSecond.\n\n")
    assert failure.text.endswith(f"URN: {urn()}")


def test_stacks_have_no_test_in_common() -> None:
    dev, production = (result(urn=urn(stack=stack)) for stack in ("dev", "production"))
    tests = [
        {(case.classname, case.name) for suite in read(run(each)) for case in suite}
        for each in (dev, production)
    ]
    assert tests[0].isdisjoint(tests[1])
    names = [suite.name for suite in read(run(dev, production))]
    assert names == [
        "events", "shop/dev: acme-security 1.2.0", "shop/production: acme-security 1.2.0"
    ]  # fmt: skip


def test_a_result_without_a_resource_is_in_the_suite_of_the_only_stack() -> None:
    coverage, suite = read(run(result(), result(urn="")))
    assert coverage.name == "shop/dev: events"
    assert [case.classname.split(".")[:2] for case in suite] == [["shop", "dev"]] * 2
    _, *suites = read(run(result(), result(urn=urn(stack="b")), result(urn="")))
    assert [len(list(each)) for each in suites] == [1, 1, 1]


def test_a_dot_in_a_name_separates_no_parts() -> None:
    _, suite = read(run(result(policy="a.b%", urn=urn(stack="eu.1", project="shop"))))
    assert [case.classname for case in suite] == ["shop.eu%2E1.acme-security.a%2Eb%25"]


def test_several_violations_of_a_resource_are_several_tests() -> None:
    _, suite = read(run(result(message="One."), result(message="Two.")))
    assert [case.name for case in suite] == [
        "orders (aws:dynamodb/table:Table)",
        "orders (aws:dynamodb/table:Table) (2)",
    ]


def test_what_could_not_be_read_is_an_error() -> None:
    (suite,) = read(run(problems=("Line 3 is truncated.", "The events end too early.")))
    (case,) = suite
    (error,) = case.result
    assert isinstance(error, junitparser.Error)
    assert "Line 3 is truncated.\nThe events end too early." in error.text
