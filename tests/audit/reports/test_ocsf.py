"""The OCSF report, by the schemas of OCSF."""

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

from audit.reports.ocsf import VERSION
from audit.results import Audit, OwnerKind, Status, Verdict
from tests.audit.reports.reading import written
from tests.audit.results import (
    BUCKET,
    CLOUD,
    STACK,
    URN,
    audit,
    audits,
    coverage,
    finding,
    owned_by,
    stack_coverage,
    stack_finding,
    texts,
)


@lru_cache
def validator(version: str) -> Draft202012Validator:
    """Return the schema of a Detection Finding, which refuses unknown attributes."""
    schema = OcsfJsonSchemaEmbedded(get_ocsf_schema(version)).get_class_schema(
        "detection_finding", ["cloud", "datetime"]
    )
    assert schema["additionalProperties"] is False
    return Draft202012Validator(schema)


def events(results: Audit) -> list[Any]:
    read: list[Any] = json.loads(written(results, "ocsf"))
    return read


@given(results=audits(names=texts()))
def test_events_follow_the_schema(results: Audit) -> None:
    for event in events(results):
        validator(VERSION).validate(event)


@pytest.mark.parametrize("version", ["1.6.0", "1.7.0", "1.8.0"])
def test_events_follow_later_schemas(version: str) -> None:
    findings = [finding(verdict, table=verdict.value) for verdict in Verdict]
    findings += [stack_finding(), finding(owner=owned_by(OwnerKind.NONE), drift="It differs.")]
    entries = [coverage(Status.DENIED, region=None), stack_coverage(Status.FAILED, stack="other")]
    for event in events(audit(*findings, *entries)):
        validator(version).validate(event)


def test_the_words_of_an_event_match_its_numbers() -> None:
    schema = get_ocsf_schema(VERSION)
    attributes = schema["classes"]["detection_finding"]["attributes"]
    for event in events(audit(*(finding(verdict, table=verdict.value) for verdict in Verdict))):
        assert event["type_uid"] == event["class_uid"] * 100 + event["activity_id"]
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
    ("verdict", "code", "status", "severity"),
    [
        (Verdict.VIOLATION, "FAIL", "New", "High"),
        (Verdict.UNDETERMINED, "MANUAL", "New", "Medium"),
        (Verdict.NOT_READ, "MANUAL", "New", "Medium"),
        (Verdict.EXEMPT, "MUTED", "Suppressed", "Informational"),
        (Verdict.COMPLIANT, "PASS", "Resolved", "Informational"),
    ],
)
def test_verdicts(verdict: Verdict, code: str, status: str, severity: str) -> None:
    (event,) = events(audit(finding(verdict)))
    assert (event["status_code"], event["status"], event["severity"]) == (code, status, severity)


def test_an_event_names_the_table_and_its_evidence() -> None:
    (event,) = events(audit(finding(region="cn-north-1", arn="arn:aws-cn:dynamodb:x")))
    (resource,) = event["resources"]
    assert resource["uid"] == "arn:aws-cn:dynamodb:x"
    assert resource["cloud_partition"] == "aws-cn"
    assert event["cloud"]["account"]["uid"] == "111122223333"
    assert event["cloud"]["region"] == "cn-north-1"
    assert event["time"] == 1795599000000
    assert event["evidences"][0]["data"] == {"Table": {}}
    assert event["remediation"]["desc"].startswith("aws dynamodb update-table")


def test_a_region_that_was_not_read_is_an_event() -> None:
    (event,) = events(audit(coverage(Status.DENIED)))
    assert event["metadata"]["event_code"] == "DynamoDB-004-coverage"
    assert event["unmapped"]["coverage"]["status"] == "denied"
    assert "verdict" not in event["unmapped"]


def test_a_table_of_a_stack_has_only_what_the_stack_records() -> None:
    (event,) = events(audit(stack_finding()))
    (resource,) = event["resources"]
    assert resource["uid"] == URN
    assert not {"region", "cloud_partition"} & set(resource)
    assert event["cloud"] == {"provider": "AWS"}
    unmapped = event["unmapped"]
    assert (unmapped["stack"], unmapped["urn"], unmapped["rejected"]) == (STACK, URN, True)
    arn = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"
    found = stack_finding(account="111122223333", region="eu-west-1", arn=arn)
    known, in_aws = events(audit(found, finding()))[::-1]
    assert known["resources"][0]["uid"] == in_aws["resources"][0]["uid"] == arn
    assert known["cloud"] == in_aws["cloud"]
    assert known["finding_info"]["uid"] != in_aws["finding_info"]["uid"]


def test_owner_and_drift_are_in_an_event() -> None:
    found = finding(owner=owned_by(OwnerKind.PULUMI), drift="It differs.")
    (event,) = events(audit(found))
    assert event["unmapped"]["drift"] == "It differs."
    assert event["unmapped"]["owner"] == {
        "kind": "pulumi",
        "stack": STACK,
        "urn": URN,
        "backend": CLOUD,
    }


def test_a_stack_that_was_not_read_is_an_event() -> None:
    stack, backend = events(
        audit(
            stack_coverage(Status.FAILED), stack_coverage(Status.FAILED, stack="", backend=BUCKET)
        )
    )
    assert stack["resources"] == [{"uid": STACK, "type": "Pulumi stack"}]
    assert backend["resources"] == [{"uid": BUCKET, "type": "Pulumi stack"}]
    assert stack["status_detail"] == f"stack {STACK}: failed. incorrect passphrase"
    assert backend["status_detail"] == f"backend {BUCKET}: failed. incorrect passphrase"
