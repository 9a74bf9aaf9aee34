"""Settings as the engine hands them over, right and wrong."""

from __future__ import annotations

import pytest

from policies import POLICIES
from policies.settings import SCHEMA, Settings
from tests.harness import Analyzer, Resource

NAMES = [policy.name for policy in POLICIES]
SECURE = Resource("aws:dynamodb/table:Table", {"serverSideEncryption": {"enabled": True}}, "orders")


def test_every_policy_registers_the_schema(analyzer: Analyzer) -> None:
    for policy in analyzer.info().policies:
        assert dict(policy.config_schema) == SCHEMA
        assert policy.required == ()


def test_the_defaults_of_the_schema_are_the_rules() -> None:
    assert Settings.of({name: it["default"] for name, it in SCHEMA.items()}) == Settings()
    assert Settings.of({}) == Settings()


@pytest.mark.parametrize("value", [True, 1.0, "false", None, []])
def test_whatever_is_not_false_is_the_stricter_choice(value: object) -> None:
    assert Settings.of({"requireCustomerManagedKey": value}).require_customer_managed_key


@pytest.mark.parametrize("name", NAMES)
def test_no_table_is_accepted_under_a_setting_that_does_not_exist(
    analyzer: Analyzer, name: str
) -> None:
    analyzer.configure({name: {"requireCustomerManagedKeys": False}})
    found = [*analyzer.analyze(SECURE).violations, *analyzer.analyze_stack([SECURE]).violations]
    (violation,) = found
    assert violation.policy == name
    assert violation.message.split("\n")[1:] == [
        "This policy has no setting 'requireCustomerManagedKeys', and accepts no DynamoDB table "
        "under wrong settings. Did you mean 'requireCustomerManagedKey'?",
        "Correct its configuration, in the file that --policy-pack-config names or in the policy "
        "group.",
    ]


def test_a_name_that_is_like_none_is_told_without_a_guess(analyzer: Analyzer) -> None:
    analyzer.configure({NAMES[0]: {"x\n\x1b[31m": 1}})
    (message,) = analyzer.analyze(SECURE).messages
    assert "Did you mean" not in message
    assert "\x1b" not in message
    assert message.count("\n") == 2
