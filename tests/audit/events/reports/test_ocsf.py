"""The OCSF report about policies, by the schemas of OCSF."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator
from ocsf_json_schema import (  # type: ignore[import-untyped]
    OcsfJsonSchemaEmbedded,
    get_ocsf_schema,
)

from audit.events.results import Outcome, PolicyException, PolicyRun
from audit.reports.ocsf import VERSION
from tests.audit.events.reports.reading import written
from tests.audit.events.results import result, run, runs, urn


@lru_cache
def validator(version: str) -> Draft202012Validator:
    """Return the schema of a Detection Finding, which refuses unknown attributes."""
    schema = OcsfJsonSchemaEmbedded(get_ocsf_schema(version)).get_class_schema(
        "detection_finding", ["datetime"]
    )
    assert schema["additionalProperties"] is False
    return Draft202012Validator(schema)


def events(results: PolicyRun) -> list[Any]:
    read: list[Any] = json.loads(written(results, "ocsf"))
    return read


@given(results=runs())
def test_events_follow_the_schema(results: PolicyRun) -> None:
    for event in events(results):
        validator(VERSION).validate(event)


@pytest.mark.parametrize("version", ["1.6.0", "1.7.0", "1.8.0"])
def test_events_follow_later_schemas(version: str) -> None:
    results = run(
        *(result(outcome) for outcome in Outcome), result(urn=""), problems=("It ends early.",)
    )
    for event in events(results):
        validator(version).validate(event)


def test_the_words_of_an_event_match_its_numbers() -> None:
    schema = get_ocsf_schema(VERSION)
    attributes = schema["classes"]["detection_finding"]["attributes"]
    severities = ("", "low", "medium", "high", "critical", "unheard-of")
    results = [result(outcome) for outcome in Outcome]
    results += [result(severity=severity, urn=urn(f"t-{severity}")) for severity in severities]
    for event in events(run(*results, problems=("It ends early.",))):
        for number, words in (
            ("severity_id", "severity"),
            ("status_id", "status"),
            ("activity_id", "activity_name"),
            ("category_uid", "category_name"),
            ("type_uid", "type_name"),
        ):
            caption = attributes[number]["enum"][str(event[number])]["caption"]
            assert event[words] == caption


@pytest.mark.parametrize(
    ("outcome", "code", "status", "severity", "is_alert"),
    [
        (Outcome.VIOLATION, "FAIL", "New", "High", True),
        (Outcome.WARNING, "FAIL", "New", "High", False),
        (Outcome.REMEDIATED, "PASS", "Resolved", "Informational", False),
        (Outcome.EXEMPT, "MUTED", "Suppressed", "Informational", False),
        (Outcome.PASSED, "PASS", "Resolved", "Informational", False),
    ],
)
def test_outcomes(outcome: Outcome, code: str, status: str, severity: str, is_alert: bool) -> None:
    (event,) = events(run(result(outcome)))
    assert (event["status_code"], event["status"], event["severity"], event["is_alert"]) == (
        code,
        status,
        severity,
        is_alert,
    )


def test_results_that_are_not_applicable_are_no_events() -> None:
    assert events(run(result(Outcome.NOT_APPLICABLE))) == []


def test_an_event_names_the_resource_the_policy_and_its_exceptions() -> None:
    exceptions = (PolicyException("EXC-1", "A reason"),)
    (event,) = events(run(result(Outcome.EXEMPT, exceptions=exceptions)))
    (resource,) = event["resources"]
    assert resource["uid"] == urn()
    assert resource["name"] == "orders"
    assert event["finding_info"]["analytic"]["uid"] == "dynamodb-table-kms-encryption"
    assert event["unmapped"]["policy_pack"] == "acme-security"
    assert event["unmapped"]["policy_exceptions"] == [{"id": "EXC-1", "reason": "A reason"}]
    assert event["time"] == 1795599000000
    assert "cloud" not in event


def test_several_violations_of_a_resource_have_different_identifiers() -> None:
    found = events(run(result(message="One."), result(message="Two.")))
    assert len({event["finding_info"]["uid"] for event in found}) == 2


def test_what_could_not_be_read_is_an_event() -> None:
    (event,) = events(run(problems=("Line 3 is truncated.",)))
    assert event["metadata"]["event_code"] == "incomplete-results"
    assert event["message"] == "Line 3 is truncated."
    assert "outcome" not in event["unmapped"]
