"""The JSON report and its schema."""

from __future__ import annotations

import json
import tracemalloc
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, TextIO, cast

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator

from audit.reports.json import NotAReportError, read, write
from audit.results import Audit, Key, KeyType, OwnerKind, Status
from tests.audit.reports.reading import written
from tests.audit.results import (
    NOW,
    audit,
    audits,
    coverage,
    finding,
    owned_by,
    stack_coverage,
    stack_finding,
)

SCHEMA = json.loads(
    (Path(__file__).parents[3] / "audit/reports/audit.schema.json").read_text(encoding="utf-8")
)
VALIDATOR = Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER)


def scrubbed(value: Any) -> Any:
    """Replace lone surrogates in all texts of a value, as the report does."""
    return json.loads(
        json.dumps(value, ensure_ascii=False)
        .encode("utf-16", "surrogatepass")
        .decode("utf-16", "replace")
    )


def test_the_schema_is_valid() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_every_object_of_the_schema_is_strict_and_every_property_described() -> None:
    def check(schema: Any, path: str) -> None:
        if not isinstance(schema, dict):
            return
        if "properties" in schema:
            assert schema["additionalProperties"] is False, path
            assert set(schema["required"]) == set(schema["properties"]), path
            for name, inner in schema["properties"].items():
                assert "description" in inner or "$ref" in inner, f"{path}.{name}"
        for name, inner in schema.items():
            for key, value in inner.items() if isinstance(inner, dict) else ():
                check(value, f"{path}.{name}.{key}")

    check(SCHEMA, "")
    for name, definition in SCHEMA["$defs"].items():
        assert "description" in definition or name == "count"


@given(audits())
def test_reports_follow_the_schema(results: Audit) -> None:
    VALIDATOR.validate(json.loads(written(results, "json")))


@given(audits())
def test_reports_are_read_back(results: Audit) -> None:
    text = written(results, "json")
    again = read(text)
    assert written(again, "json") == text
    assert again.summary == results.summary
    assert again.incomplete == [
        replace(
            entry,
            account=scrubbed(entry.account),
            reason=scrubbed(entry.reason),
            stack=scrubbed(entry.stack),
        )
        for entry in results.incomplete
    ]
    for one, other in zip(again.findings, results.findings, strict=True):
        assert one.evidence.parsed() == scrubbed(other.evidence.parsed())
        assert one.evidence.time == other.evidence.time
        assert one.reason == scrubbed(other.reason)
        assert (one.table, one.arn, one.verdict) == (other.table, other.arn, other.verdict)
        assert one.key.type == other.key.type
        assert (one.stack, one.urn) == (scrubbed(other.stack), scrubbed(other.urn))
        assert (one.backend, one.rejected) == (other.backend, other.rejected)
        assert one.drift == scrubbed(other.drift)
        assert (one.owner and asdict(one.owner)) == scrubbed(other.owner and asdict(other.owner))


def test_read_returns_the_same_audit() -> None:
    results = audit(
        finding(),
        coverage(Status.FAILED, region=None),
        finding(table="users", key=Key("arn:aws:kms:x", KeyType.CUSTOMER_MANAGED, "Enabled")),
        *(
            finding(table=kind.value, owner=owned_by(kind), drift="It differs.")
            for kind in OwnerKind
        ),
        stack_finding(),
        stack_coverage(Status.FAILED, stack="", updated=None),
        warnings=("It was interrupted.",),
    )
    again = read(written(results, "json"))
    assert again == Audit(results.run, tuple(results.coverage), tuple(results.findings))


def test_times_are_in_utc() -> None:
    report = json.loads(written(audit(finding()), "json"))
    assert report["run"]["finished"] == "2026-11-25T09:30:00Z"
    assert report["findings"][0]["evidence"]["time"] == "2026-11-25T09:30:00Z"
    assert read(written(audit(finding()), "json")).run.finished == NOW


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: text[:-20], "cut off"),
        (lambda text: f"[{text}]", "not a JSON report"),
        (lambda text: text.replace('"1.1"', '"2.0"'), "version 2.0"),
        (lambda text: text.replace('"violation": 1', '"violation": 0'), "summary"),
        (lambda text: text.replace('"verdict": "violation"', '"verdict": "?"'), "does not follow"),
    ],
)
def test_other_texts_are_refused(change: Any, message: str) -> None:
    with pytest.raises(NotAReportError, match=message):
        read(change(written(audit(finding()), "json")))


def test_findings_are_written_one_by_one() -> None:
    class Sink:
        def write(self, text: str) -> int:
            assert len(text) < 5_000
            return len(text)

    found = finding()
    results = audit()
    many = Audit(results.run, (), [found] * 20_000)
    tracemalloc.start()
    write(many, cast(TextIO, Sink()))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2_000_000
