"""Parts of a template that may declare tables and can't be read."""

from __future__ import annotations

from typing import Any

import pytest

from policies.encryption.values import Hidden, Unreadable
from policies.templates import Context, HiddenPart
from tests.policies.templates.reading import (
    HIDDEN,
    NOT_KNOWN,
    TABLE,
    hidden,
    hidden_ids,
    read,
    tables,
)

GOOD = {"Type": TABLE, "Properties": {"It": 1}}


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
def test_a_resource_with_its_own_template_is_hidden(resource: dict[str, Any]) -> None:
    assert hidden_ids({"Resources": {"It": resource, "Orders": GOOD}}) == ["It"]
    never = {"Never": {"Fn::Equals": ["a", "b"]}}
    left_out = {**resource, "Condition": "Never"}
    assert hidden_ids({"Conditions": never, "Resources": {"It": left_out}}) == []


@pytest.mark.parametrize(
    "resource",
    [
        GOOD,
        {},
        None,
        *(
            {"Type": kind}
            for kind in (
                "AWS::S3::Bucket",
                "AWS::Glue::Table",
                "AWS::DynamoDB::Whatever",
                "AWS::CloudFormation::CustomResource",
                "Custom::Thing",
                "Custom::Table",
                "Custom::DynamoDBTableItem",
                "Custom::DynamoDBTableSeeder",
                "Foo::DynamoDB::Item",
                "Foo::Bar::Table",
            )
        ),
    ],
)
def test_other_resources_are_not_hidden(resource: Any) -> None:
    assert hidden_ids({"Resources": {"It": resource}}) == []


@pytest.mark.parametrize(
    "kind",
    [
        "Custom::DynamoDBTable",
        "Custom::DynamoTables",
        "Custom::DynamoDBReplica",
        "Custom::my-dynamodb_table",
        "Custom::DynamoDB",
        "Foo::DynamoDB::Table",
        "Foo::Bar::DynamoTable",
        "AWS::DynamoDB::TableV2",
        "AWS::DynamoDB::TableReplica",
    ],
)
def test_a_type_that_names_a_table_and_is_not_read_is_hidden(kind: str) -> None:
    cause = Hidden(f"this policy pack does not read resources of type {kind}")
    assert hidden({"Resources": {"It": {"Type": kind}, "Orders": GOOD}}) == [
        HiddenPart("It", cause)
    ]


@pytest.mark.parametrize(
    "kind",
    ["A::B::C::MODULE", "Foo::DynamoDB::Table\x1b[31m", f"Custom::DynamoDBTable{'x' * 999}"],
)
def test_a_reason_shows_a_type_in_one_line(kind: str) -> None:
    (part,) = hidden({"Resources": {"It": {"Type": kind}}})
    assert isinstance(part.cause, Hidden)
    assert part.cause.reason.isprintable()
    assert len(part.cause.reason) < 300


@pytest.mark.parametrize(
    "body",
    [
        {"Transform": "Mine", "Resources": {"Orders": GOOD}},
        {"Transform": ["AWS::Serverless-2016-10-31", "Mine"], "Resources": {"Orders": GOOD}},
        {"Fn::Transform": {"Name": "Mine"}, "Resources": {"Orders": GOOD}},
        {"Resources": {"Fn::Transform": {"Name": "Mine"}, "Orders": GOOD}},
    ],
)
def test_a_macro_hides_the_whole_template_and_all_its_tables(body: dict[str, Any]) -> None:
    whole, table = read(body)
    assert isinstance(whole, HiddenPart)
    assert table == HiddenPart("Orders", whole.cause)
    assert whole.logical_id == ""


@pytest.mark.parametrize(
    "transform",
    [
        {"Name": "AWS::Include", "Parameters": {"Location": "s3://x"}},
        [{"Name": "Mine"}],
        ["AWS::LanguageExtensions", {"Name": "AWS::Include"}],
        {"Ref": "P"},
        {"Name": 1},
        7,
        NOT_KNOWN,
        {"Name": NOT_KNOWN},
        "AWS::Include",
    ],
)
def test_any_other_transform_changes_the_template(transform: Any) -> None:
    whole, table = read({"Transform": transform, "Resources": {"Orders": GOOD}})
    assert isinstance(whole, HiddenPart)
    assert table == HiddenPart("Orders", whole.cause)
    assert whole.logical_id == ""


@pytest.mark.parametrize(
    "transform",
    [
        "AWS::Serverless-2016-10-31",
        "AWS::LanguageExtensions",
        "AWS::SecretsManager-2020-07-23",
        "AWS::CodeDeployBlueGreen",
        ["AWS::LanguageExtensions"] * 2,
        [],
        None,
    ],
)
def test_macros_of_aws_do_not_change_tables(transform: Any) -> None:
    body = {"Transform": transform, "Resources": {"Orders": GOOD}}
    assert hidden_ids(body) == []
    assert len(tables(body)) == 1


def test_a_table_that_a_macro_changes_is_hidden() -> None:
    for table in (
        {**GOOD, "Fn::Transform": {"Name": "M"}},
        {"Type": TABLE, "Properties": {"Fn::Transform": {"Name": "M"}}},
    ):
        (part,) = read({"Resources": {"Orders": table}})
        assert isinstance(part, HiddenPart)


def test_suppressions_of_other_tools_are_ignored() -> None:
    metadata = {"guard": {"SuppressedRules": ["X"]}, "cfn_nag": {}, "checkov": {"skip": []}}
    plain = read({"Resources": {"Orders": GOOD}})
    assert read({"Resources": {"Orders": {**GOOD, "Metadata": metadata}}}) == plain
    assert read({"Metadata": metadata, "Resources": {"Orders": GOOD}}, Context()) == plain


def test_a_stack_whose_condition_is_false_in_one_case_only_is_hidden() -> None:
    one_case = {"Fn::Equals": [{"Fn::If": ["Open", "a", "b"]}, "b"]}
    conditions = {"Open": {"Fn::Equals": [{"Ref": "X"}, "x"]}, "C": one_case}
    nested = {"Type": "AWS::CloudFormation::Stack", "Condition": "C"}
    assert hidden_ids({"Conditions": conditions, "Resources": {"It": nested}}) == ["It"]


def hidden_if(condition: Any) -> list[str]:
    """The hidden parts of a template whose nested stack has `condition`, with P unknown."""
    body = {
        "Parameters": {"P": {"Type": "String"}},
        "Conditions": {"C": condition},
        "Resources": {"Nested": {"Type": "AWS::CloudFormation::Stack", "Condition": "C"}},
    }
    return hidden_ids(body, Context({"P": NOT_KNOWN}))


P_IS_A = {"Fn::Equals": [{"Ref": "P"}, "a"]}


@pytest.mark.parametrize(
    "condition",
    [
        P_IS_A,
        {"Fn::Not": [P_IS_A]},
        {"Fn::Equals": [{"Fn::If": ["D", "a", "b"]}, "a"]},
        {"Fn::Equals": [{"Fn::If": [P_IS_A, "a", "b"]}, "b"]},
        {"Condition": "C"},
        {"Condition": "Nothing"},
        {"Fn::Not": [{"Fn::Equals": [{"Fn::If": [P_IS_A, "a", "b"]}, "a"]}]},
        NOT_KNOWN,
        None,
    ],
)
def test_a_stack_that_may_be_created_is_hidden(condition: Any) -> None:
    assert hidden_if(condition) == ["Nested"]


@pytest.mark.parametrize(
    "condition",
    [
        {"Fn::Equals": ["a", "b"]},
        {"Fn::And": [P_IS_A, {"Fn::Equals": ["a", "b"]}]},
        {"Fn::Not": [{"Fn::Equals": [{"Ref": "P"}, {"Fn::Sub": "${P}"}]}]},
    ],
)
def test_a_stack_that_is_never_created_is_left_out(condition: Any) -> None:
    assert hidden_if(condition) == []


@pytest.mark.parametrize("cause", [NOT_KNOWN, HIDDEN])
def test_unreadable_resources_and_types_are_hidden(cause: Unreadable) -> None:
    for resources, name in ((cause, ""), ({"X": cause}, "X"), ({"X": {"Type": cause}}, "X")):
        assert read({"Resources": resources}) == [HiddenPart(name, cause)]


BUCKET = {"Type": "AWS::S3::Bucket"}


UNDECLARED = {"Ref": "Nothing"}


@pytest.mark.parametrize(
    ("loop", "is_hidden"),
    [
        (["X", UNDECLARED, {"T${X}": {"Type": TABLE}}], True),
        (["X", UNDECLARED, {"T${X}": {"Type": "${X}"}}], True),
        (["X", UNDECLARED, {"B${X}": BUCKET}], False),
        (["X", UNDECLARED, {}], False),
        (["X", UNDECLARED, {"B${X}": {"Type": "My::Own::Thing::MODULE"}}], True),
        (["X", UNDECLARED, {"B${X}": {"Type": "Custom::DynamoDBTable"}}], True),
        (["X", UNDECLARED, {"B${X}": {"Type": "AWS::CloudFormation::Stack"}}], True),
        (["X", UNDECLARED, {"B${X}": {"Fn::Transform": {"Name": "M"}}}], True),
        (["X", UNDECLARED, {"Fn::ForEach::Y": ["Y", ["b"], {"T": {"Type": TABLE}}]}], True),
        (["X", UNDECLARED, {"Fn::ForEach::Y": ["Y", ["b"], {"T": BUCKET}]}], False),
        (["X", UNDECLARED, {"T": NOT_KNOWN}], True),
        (["X", NOT_KNOWN, {"T${X}": {"Type": TABLE}}], True),
        (["X", NOT_KNOWN, {"T${X}": BUCKET}], False),
        (["X", [["a"]], {"T${X}": {"Type": TABLE}}], True),
        (["X", [{"a": 1}], {"T${X}": {"Type": TABLE}}], True),
        (["X", "a", {"T${X}": {"Type": TABLE}}], True),
        (["", ["a"], {"T${X}": {"Type": TABLE}}], True),
        ([{"Ref": "X"}, ["a"], {"T${X}": {"Type": TABLE}}], True),
        (["X", ["a"], {"T": {"Type": TABLE}}, 1], True),
        (["X", ["a"], NOT_KNOWN], True),
        (["X", ["a"], "wrong"], True),
        ("wrong", True),
        ({"Type": TABLE}, True),
        ([], True),
        (NOT_KNOWN, True),
    ],
)
def test_a_loop_that_can_not_be_expanded_and_may_create_tables_is_hidden(
    loop: Any, is_hidden: bool
) -> None:
    body = {"Resources": {"Fn::ForEach::All": loop, "Orders": GOOD}}
    assert hidden_ids(body) == (["Fn::ForEach::All"] if is_hidden else [])
    assert [table.cases for table in tables(body)] == [({"It": 1},)]


def test_parts_are_in_the_order_of_the_template() -> None:
    body = {
        "Transform": "Mine",
        "Resources": {
            "Z": {"Type": "AWS::CloudFormation::Stack"},
            "Orders": GOOD,
            "A": {"Type": "AWS::Serverless::Application"},
        },
    }
    assert hidden_ids(body) == ["", "Z", "Orders", "A"]
    for part in hidden(body):
        assert isinstance(part.cause, Hidden)
        assert part.cause.reason


def test_a_name_that_can_not_be_printed_is_not_shown() -> None:
    (table,) = tables({"Resources": {"\x1b[31m": GOOD}})
    (name,) = hidden_ids({"Resources": {"\x1b[31m": {"Type": "AWS::CloudFormation::Stack"}}})
    assert table.logical_id == name == "(a name that can't be printed)"
