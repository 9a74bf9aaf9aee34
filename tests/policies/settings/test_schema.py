"""The schema that the engine receives."""

from __future__ import annotations

import jsonschema

from policies.settings.reading import read
from policies.settings.schema import SCHEMA
from policies.settings.settings import Settings
from tools.harness import Analyzer

DEFAULTS = {name: schema["default"] for name, schema in SCHEMA.items()}


def test_every_policy_registers_the_schema(analyzer: Analyzer) -> None:
    for policy in analyzer.info().policies:
        assert dict(policy.config_schema) == SCHEMA
        assert policy.required == ()


def test_the_defaults_of_the_schema_are_the_defaults_of_the_settings() -> None:
    for config in (DEFAULTS, {}, None):
        assert read(config) == Settings()


def test_the_schema_is_valid_and_accepts_its_defaults() -> None:
    schema = {"type": "object", "properties": SCHEMA}
    jsonschema.Draft7Validator.check_schema(schema)
    jsonschema.validate(DEFAULTS, schema)


def test_each_setting_has_a_description() -> None:
    exemption = SCHEMA["exemptions"]["items"]["properties"]
    for schema in (*SCHEMA.values(), *exemption.values()):
        description = schema["description"]
        assert description[0].isupper()
        assert description.endswith(".")
