"""docs/configuration.md says what the schema says, and its examples are right."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from policies import POLICIES
from policies.settings.reading import read
from policies.settings.schema import EXEMPTIONS, SCHEMA
from tests.docs.test_docs import rows

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/configuration.md").read_text(encoding="utf-8")
EXAMPLES = [json.loads(it) for it in re.findall(r"```json\n(.*?)```", PAGE, re.S)]
LEVELS = ("advisory", "mandatory", "remediate", "disabled")

# What the page's table of wrong settings speaks of.
WRONG: dict[str, dict[str, Any]] = {
    "a number for a boolean, a string for a list": {"requireCustomerManagedKey": 1},
    "an exemption without a reason": {"exemptions": [{"table": "a"}]},
    "a mistyped property of an exemption": {
        "exemptions": [{"table": "a", "resaon": "b", "reason": "b"}]
    },
    "a day in another form": {
        "exemptions": [{"table": "a", "reason": "b", "expires": "31.01.2027"}]
    },
    "a setting that does not exist": {"requireCustomerManagedKeys": True},
    "an entry that is no KMS key": {"allowedKmsKeys": ["arn:aws:s3:::orders"]},
    "a day that does not exist": {
        "exemptions": [{"table": "a", "reason": "b", "expires": "2027-02-30"}]
    },
    "a remediation key that is none": {"remediationKmsKey": "alias/orders"},
}


def is_refused_by_the_schema(settings: dict[str, Any]) -> bool:
    validator = jsonschema.Draft7Validator({"type": "object", "properties": SCHEMA})
    return not validator.is_valid(settings)


def test_the_settings_are_those_of_the_schema() -> None:
    assert rows(PAGE, "setting") == [
        [f"`{name}`", it["type"], f"`{json.dumps(it['default'])}`", it["description"]]
        for name, it in SCHEMA.items()
    ]


def test_the_properties_of_an_exemption_are_those_of_the_schema() -> None:
    items = SCHEMA[EXEMPTIONS]["items"]
    assert rows(PAGE, "property") == [
        [f"`{name}`", "yes" if name in items["required"] else "no", it["description"]]
        for name, it in items["properties"].items()
    ]


def test_the_levels_are_the_policies() -> None:
    assert [it[0] for it in rows(PAGE, "level")] == [f"`{it}`" for it in LEVELS]
    found = {name.strip("`"): level for name, level in rows(PAGE, "policy")}
    assert found == {it.name: getattr(it.enforcement_level, "value", None) for it in POLICIES}


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_an_example_is_right(example: dict[str, Any]) -> None:
    assert set(example) <= {"all", *(it.name for it in POLICIES)}
    for name, settings in example.items():
        if isinstance(settings, str):
            assert settings in LEVELS, name
            continue
        level = settings.pop("enforcementLevel", "mandatory")
        assert level in LEVELS, name
        assert not is_refused_by_the_schema(settings)
        assert read(settings).faults == ()


def test_there_are_examples_of_every_setting() -> None:
    assert all(f'"{name}"' in "".join(map(json.dumps, EXAMPLES)) for name in SCHEMA)


def test_wrong_settings_are_answered_as_the_page_says() -> None:
    engine = (ROOT / "tests/engine/test_settings.py").read_text(encoding="utf-8")
    table = rows(PAGE, "what is wrong")
    assert [what for what, *_ in table] == list(WRONG)
    for what, who, how in table:
        # Whoever answers, the pack would refuse it, too.
        faults = read(WRONG[what]).faults
        assert len(faults) >= 1, what
        assert is_refused_by_the_schema(WRONG[what]) is (who == "the engine"), what
        said = how.strip("`")
        if who == "the engine":
            # What the engine says is seen on the engine.
            assert said in engine, what
        else:
            assert faults[0].startswith(said), what
