"""docs/configuration.md matches the schema, and its examples are valid."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from policies import POLICIES
from policies.exemptions import SOON
from policies.settings.reading import PLACEHOLDER, read, today
from policies.settings.schema import EXEMPTIONS, SCHEMA
from tests.docs.markdown import rows
from tests.tools.policy_config.cli import run, saved
from tools.policy_config.configuration import faults_of, text_of, without_level
from tools.policy_config.exceptions import NAMES

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/configuration.md").read_text(encoding="utf-8")
EXAMPLES = [json.loads(example) for example in re.findall(r"```json\n(.*?)```", PAGE, re.S)]
LEVELS = ("advisory", "mandatory", "remediate", "disabled")

# An example of each row of the page's table of wrong settings.
WRONG: dict[str, dict[str, Any]] = {
    "a number for a boolean, a string for a list": {"requireCustomerManagedKey": 1},
    "an exemption without a reason": {"exemptions": [{"table": "a"}]},
    "a mistyped property of an exemption": {
        "exemptions": [{"table": "a", "resaon": "b", "reason": "b"}]
    },
    "an invalid date format": {
        "exemptions": [{"table": "a", "reason": "b", "expires": "31.01.2027"}]
    },
    "an unknown setting": {"requireCustomerManagedKeys": True},
    "a reason that is still a placeholder": {"exemptions": [{"table": "a", "reason": PLACEHOLDER}]},
    "an allowed key that isn't a KMS key": {"allowedKmsKeys": ["arn:aws:s3:::orders"]},
    "an invalid date": {"exemptions": [{"table": "a", "reason": "b", "expires": "2027-02-30"}]},
    "a remediation key that isn't a KMS key": {"remediationKmsKey": "alias/orders"},
}


def is_refused_by_the_schema(settings: dict[str, Any]) -> bool:
    validator = jsonschema.Draft7Validator({"type": "object", "properties": SCHEMA})
    return not validator.is_valid(settings)


def test_the_settings_match_the_schema() -> None:
    assert rows(PAGE, "Setting") == [
        [
            f"`{name}`",
            setting["type"],
            f"`{json.dumps(setting['default'])}`",
            setting["description"],
        ]
        for name, setting in SCHEMA.items()
    ]


def test_the_properties_of_an_exemption_match_the_schema() -> None:
    items = SCHEMA[EXEMPTIONS]["items"]
    assert rows(PAGE, "Property") == [
        [f"`{name}`", "yes" if name in items["required"] else "no", schema["description"]]
        for name, schema in items["properties"].items()
    ]


def test_the_levels_match_the_policies() -> None:
    assert [level for level, *_ in rows(PAGE, "Level")] == [f"`{level}`" for level in LEVELS]
    defaults = {name.strip("`"): level for name, level in rows(PAGE, "Policy")}
    assert defaults == {
        policy.name: getattr(policy.enforcement_level, "value", None) for policy in POLICIES
    }


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_an_example_is_valid(example: dict[str, Any]) -> None:
    assert faults_of(example) == []
    config = json.loads(text_of(example))
    for entry in config.get("policies", config).values():
        assert not is_refused_by_the_schema(without_level(entry))


def test_the_environment_has_the_settings_once() -> None:
    (source,) = re.findall(r"```yaml\n(values:.*?)```", PAGE, re.S)
    values = yaml.safe_load(source)["values"]
    config = values.pop("policyConfig")
    assert set(config) == set(NAMES)
    ((name, settings),) = values.items()
    assert set(config.values()) == {f"${{{name}}}"}
    assert faults_of(settings) == []


def test_the_check_prints_what_the_page_shows(tmp_path: Path) -> None:
    (lines,) = re.findall(r"```text\n(Note: .*?)```", PAGE, re.S)
    soon = str(today() + timedelta(days=SOON))
    exemption = {"table": "legacy-*", "reason": "moved", "expires": soon}
    settings = {"allowedKmsKeys": ["111122223333"], "exemptions": [exemption]}
    config = tmp_path / "policy-config.json"
    config.write_text(text_of(settings), encoding="utf-8")
    table = "aws:dynamodb/table:Table"
    urn = f"urn:pulumi:production::shop::{table}::legacy-orders"
    resources = [{"urn": urn, "type": table, "inputs": {"hashKey": "id"}}]
    state = saved(tmp_path / "state.json", {"deployment": {"resources": resources}})
    printed = run("check", config, "--state", state).stdout
    assert printed.replace(f"{tmp_path}/", "") == lines.replace("2027-01-31", soon)


def test_the_page_shows_the_placeholder() -> None:
    assert f"Each has a placeholder as its reason: `{PLACEHOLDER}`." in PAGE


def test_every_setting_has_an_example() -> None:
    assert all(f'"{name}"' in "".join(map(json.dumps, EXAMPLES)) for name in SCHEMA)


def test_wrong_settings_get_the_messages_that_the_page_shows() -> None:
    engine = (ROOT / "tests/engine/test_settings.py").read_text(encoding="utf-8")
    table = rows(PAGE, "Error")
    assert [error for error, *_ in table] == list(WRONG)
    for error, reporter, message in table:
        # The pack also refuses what the engine reports first.
        faults = read(WRONG[error]).faults
        assert len(faults) >= 1, error
        assert is_refused_by_the_schema(WRONG[error]) is (reporter == "the engine"), error
        if reporter == "the engine":
            # The tests of the CLI compare the engine's messages.
            assert message.strip("`") in engine, error
        else:
            assert faults[0].startswith(message.strip("`")), error
