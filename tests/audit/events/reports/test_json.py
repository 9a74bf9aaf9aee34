"""The JSON report about policies and its schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import given
from jsonschema import Draft202012Validator

from audit.events.reports.json import SCHEMA_VERSION
from audit.events.results import PolicyRun
from tests.audit.events.conftest import Recorded
from tests.audit.events.reports.reading import written
from tests.audit.events.results import result, run, runs
from tests.audit.events.test_runs import read

SCHEMA = json.loads(
    (Path(__file__).parents[4] / "audit/events/reports/events.schema.json").read_text("utf-8")
)
VALIDATOR = Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER)


def test_every_object_of_the_schema_is_strict_and_every_property_described() -> None:
    def check(schema: Any, path: str) -> None:
        if isinstance(schema, list):
            for number, inner in enumerate(schema):
                check(inner, f"{path}[{number}]")
        if not isinstance(schema, dict):
            return
        if isinstance(schema.get("properties"), dict):
            assert schema["additionalProperties"] is False, path
            assert set(schema["required"]) == set(schema["properties"]), path
            for name, inner in schema["properties"].items():
                assert "description" in inner or "$ref" in inner, f"{path}.{name}"
        for name, inner in schema.items():
            check(inner, f"{path}.{name}")

    Draft202012Validator.check_schema(SCHEMA)
    check(SCHEMA, "")
    assert SCHEMA["$defs"]["run"]["properties"]["schema_version"]["const"] == SCHEMA_VERSION
    assert f"version {SCHEMA_VERSION} " in SCHEMA["description"]


@given(runs())
def test_any_results_follow_the_schema(results: PolicyRun) -> None:
    VALIDATOR.validate(json.loads(written(results, "json")))


def test_the_results_of_the_cli_follow_the_schema(recorded: Recorded) -> None:
    for text in (recorded.preview, recorded.analysis, recorded.update, recorded.digest, ""):
        VALIDATOR.validate(json.loads(written(read(text), "json")))


def test_what_is_not_known_is_null() -> None:
    unknown = result(urn="", level="", severity="")
    report = json.loads(written(run(unknown, started=None, failed=None), "json"))
    assert report["run"]["started"] is report["run"]["failed"] is report["run"]["exit_code"] is None
    (only,) = report["results"]
    for name in ("stack", "project", "type", "name", "urn", "level", "severity"):
        assert only[name] is None
