"""What a template may make without showing it."""

from __future__ import annotations

from typing import Any

import pytest

from policies.templates import BadTemplate, Context, hidden_parts, parse
from tests.policies.templates.reading import CONTEXT, TABLE, read

GOOD = {"Type": TABLE, "Properties": {"It": 1}}


def parts(body: dict[str, Any]) -> list[str]:
    """The logical ids of the hidden parts of `body`."""
    parsed = parse(body)
    assert not isinstance(parsed, BadTemplate)
    return [it.logical_id for it in hidden_parts(parsed, [TABLE], CONTEXT)]


@pytest.mark.parametrize(
    "resource",
    [
        {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "https://x"}},
        {"Type": "AWS::CloudFormation::StackSet"},
        {"Type": "AWS::Serverless::Application"},
        {"Type": "AWS::ServiceCatalog::CloudFormationProvisionedProduct"},
        {"Type": "My::Own::Table::MODULE"},
        {"Fn::Transform": {"Name": "M"}},
    ],
)
def test_a_resource_with_a_template_of_its_own_is_told(resource: dict[str, Any]) -> None:
    assert parts({"Resources": {"It": resource, "Orders": GOOD}}) == ["It"]
    never = {"Never": {"Fn::Equals": ["a", "b"]}}
    left_out = {**resource, "Condition": "Never"}
    assert parts({"Conditions": never, "Resources": {"It": left_out}}) == []


@pytest.mark.parametrize(
    "resource", [GOOD, {"Type": "AWS::S3::Bucket"}, {"Type": "Custom::Thing"}, {}, None]
)
def test_other_resources_hide_nothing(resource: Any) -> None:
    assert parts({"Resources": {"It": resource}}) == []


def test_a_macro_hides_the_whole_template_and_every_table_of_it() -> None:
    for body in (
        {"Transform": "Mine", "Resources": {"Orders": GOOD}},
        {"Transform": ["AWS::Serverless-2016-10-31", "Mine"], "Resources": {"Orders": GOOD}},
        {"Fn::Transform": {"Name": "Mine"}, "Resources": {"Orders": GOOD}},
        {"Resources": {"Fn::Transform": {"Name": "Mine"}, "Orders": GOOD}},
    ):
        assert parts(body) == [""]
        (declaration,) = read(body)
        assert declaration.opaque is not None


@pytest.mark.parametrize(
    "name",
    [
        "AWS::Serverless-2016-10-31",
        "AWS::LanguageExtensions",
        "AWS::SecretsManager-2020-07-23",
        "AWS::CodeDeployBlueGreen",
    ],
)
def test_aws_own_macros_leave_tables_as_they_are(name: str) -> None:
    body = {"Transform": name, "Resources": {"Orders": GOOD}}
    assert parts(body) == []
    assert read(body)[0].opaque is None


def test_a_loop_is_told_where_it_may_make_tables() -> None:
    def loop(kind: str) -> dict[str, Any]:
        body = {"Table${X}": {"Type": kind}}
        return {"Resources": {"Fn::ForEach::All": ["X", ["a"], body]}}

    assert parts(loop(TABLE)) == ["Fn::ForEach::All"]
    assert parts(loop("${X}")) == ["Fn::ForEach::All"]
    assert parts(loop("AWS::S3::Bucket")) == []


def test_a_table_that_a_macro_writes_is_opaque() -> None:
    for table in (
        {**GOOD, "Fn::Transform": {"Name": "M"}},
        {"Type": TABLE, "Properties": {"Fn::Transform": {"Name": "M"}}},
    ):
        (declaration,) = read({"Resources": {"Orders": table}})
        assert declaration.opaque is not None


def test_suppressions_of_other_tools_change_nothing() -> None:
    metadata = {"guard": {"SuppressedRules": ["X"]}, "cfn_nag": {}, "checkov": {"skip": []}}
    plain = read({"Resources": {"Orders": GOOD}})
    assert read({"Resources": {"Orders": {**GOOD, "Metadata": metadata}}}) == plain
    assert read({"Metadata": metadata, "Resources": {"Orders": GOOD}}, Context()) == plain
