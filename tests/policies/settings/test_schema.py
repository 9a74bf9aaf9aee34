"""The schema that the engine receives."""

from __future__ import annotations

import jsonschema

from policies.encryption import Settings
from policies.settings.reading import read
from policies.settings.schema import SCHEMA
from tools.harness import Analyzer


def test_every_policy_registers_the_schema(analyzer: Analyzer) -> None:
    for policy in analyzer.info().policies:
        assert dict(policy.config_schema) == SCHEMA
        assert policy.required == ()


def test_the_defaults_of_the_schema_are_the_rules() -> None:
    assert read({name: it["default"] for name, it in SCHEMA.items()}) == Settings()
    assert read({}) == Settings()
    assert read(None) == Settings()


def test_the_schema_is_one_and_takes_its_own_defaults() -> None:
    whole = {"type": "object", "properties": SCHEMA}
    jsonschema.Draft7Validator.check_schema(whole)
    jsonschema.validate({name: it["default"] for name, it in SCHEMA.items()}, whole)
    assert all(it["description"].endswith(".") for it in SCHEMA.values())
