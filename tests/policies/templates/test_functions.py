"""The intrinsic functions, in CloudFormation's own words."""

from __future__ import annotations

from typing import Any

import pytest

from policies.encryption import Hidden, Unknown
from policies.templates import Alias, Context, Key, PartlyHidden, PartlyUnknown
from tests.policies.templates.reading import HIDDEN, NOT_KNOWN, value, values

MAPPINGS = {"M": {"eu": {"enabled": True, "key": "a"}, "us": {"enabled": True, "key": "b"}}}
KEY = {"Type": "AWS::KMS::Key", "Properties": {"KeySpec": "SYMMETRIC_DEFAULT"}}
RESOURCES = {
    "K": KEY,
    "A": {
        "Type": "AWS::KMS::Alias",
        "Properties": {"AliasName": "alias/orders", "TargetKeyId": {"Ref": "K"}},
    },
    "B": {"Type": "AWS::S3::Bucket"},
}
PARAMETERS = {"P": {"Type": "String", "Default": "p"}, "L": {"Type": "CommaDelimitedList"}}


@pytest.mark.parametrize(
    ("expression", "meant"),
    [
        ("text", "text"),
        (True, True),
        ({"a": [1, None]}, {"a": [1, None]}),
        ({"Ref": "P"}, "p"),
        ({"Ref": "L"}, ["x", "y"]),
        ({"Ref": "AWS::Region"}, "eu-west-1"),
        ({"Ref": "AWS::AccountId"}, "111122223333"),
        ({"Ref": "AWS::Partition"}, "aws"),
        ({"Ref": "AWS::StackName"}, "orders"),
        ({"Fn::Sub": "${P}-${AWS::Region}-${!P}"}, "p-eu-west-1-${P}"),
        ({"Fn::Sub": ["${P}-${Q}", {"Q": {"Ref": "P"}}]}, "p-p"),
        ({"Fn::Join": [":", ["a", {"Ref": "P"}, 1, True]]}, "a:p:1:true"),
        ({"Fn::Join": ["-", {"Ref": "L"}]}, "x-y"),
        ({"Fn::Select": [1, {"Ref": "L"}]}, "y"),
        ({"Fn::Select": ["0", {"Fn::Split": ["/", "a/b"]}]}, "a"),
        ({"Fn::FindInMap": ["M", "eu", "key"]}, "a"),
        ({"Fn::FindInMap": ["M", "none", "key", {"DefaultValue": "d"}]}, "d"),
        ({"Fn::FindInMap": ["M", {"Ref": "AWS::AccountId"}, "x", {"DefaultValue": 1}]}, 1),
        ({"Fn::Base64": "a"}, "YQ=="),
        ({"Fn::Length": {"Ref": "L"}}, 2),
        ([{"Ref": "AWS::NoValue"}, 1], [1]),
        ({"a": {"Ref": "AWS::NoValue"}, "b": 1}, {"b": 1}),
    ],
)
def test_what_can_be_decided_is(expression: Any, meant: Any) -> None:
    context = Context(
        {"L": "x, y"}, region="eu-west-1", account="111122223333", stack_name="orders"
    )
    found = value(
        expression, context, Parameters=PARAMETERS, Mappings=MAPPINGS, Resources=RESOURCES
    )
    assert found == meant
    assert type(found) is type(meant)


def test_a_property_that_has_no_value_is_left_out() -> None:
    assert value({"Ref": "AWS::NoValue"}) is None


@pytest.mark.parametrize(
    "expression",
    [
        {"Fn::ImportValue": "it"},
        "{{resolve:ssm:it}}",
        {"Fn::GetAtt": ["B", "Arn"]},
        {"Ref": "B"},
        {"Ref": "Nothing"},
        {"Fn::GetAZs": ""},
        {"Fn::Cidr": ["a", 1, 2]},
        {"Fn::Transform": {"Name": "M"}},
        {"Fn::ToJsonString": {"a": 1}},
        {"Fn::FindInMap": ["M", "none", "key"]},
        {"Fn::Select": [9, ["a"]]},
        {"Fn::Whatever": 1},
        {"Ref": ["a"]},
        {"Fn::Join": "a"},
        {"Ref": "AWS::StackId"},
    ],
)
def test_what_only_aws_can_tell_is_hidden_with_a_reason(expression: Any) -> None:
    found = value(expression, Mappings=MAPPINGS, Resources=RESOURCES)
    assert isinstance(found, Hidden)
    assert found.reason


@pytest.mark.parametrize(
    "expression",
    [
        {"Ref": "P"},
        {"Fn::Sub": "${P}"},
        {"Fn::Join": ["", [{"Ref": "P"}]]},
        {"Fn::Select": [{"Ref": "P"}, ["a", "b"]]},
        {"Fn::FindInMap": ["M", {"Ref": "P"}, "key"]},
    ],
)
@pytest.mark.parametrize("given", [NOT_KNOWN, HIDDEN])
def test_what_comes_of_an_undecided_parameter_is_undecided_alike(
    expression: Any, given: Unknown | Hidden
) -> None:
    found = value(expression, Context({"P": given}), Parameters=PARAMETERS, Mappings=MAPPINGS)
    assert isinstance(found, type(given))


def test_a_map_whose_entries_agree_is_decided_without_its_key() -> None:
    expression = {"Fn::FindInMap": ["M", {"Ref": "P"}, "enabled"]}
    context = Context({"P": NOT_KNOWN})
    assert value(expression, context, Parameters=PARAMETERS, Mappings=MAPPINGS) is True


@pytest.mark.parametrize(
    "expression",
    [
        {"Ref": "K"},
        {"Fn::GetAtt": ["K", "Arn"]},
        {"Fn::GetAtt": "K.Arn"},
        {"Fn::GetAtt": "K.KeyId"},
        {"Fn::Sub": "${K.Arn}"},
        {"Fn::Sub": "arn:${AWS::Partition}:kms:${AWS::Region}:${AWS::AccountId}:key/${K}"},
        {"Fn::Join": ["", ["arn:aws:kms:eu-west-1:111122223333:key/", {"Ref": "K"}]]},
    ],
)
def test_a_key_of_the_template_is_recognised(expression: Any) -> None:
    found = value(expression, Resources=RESOURCES)
    assert found == Key("K", "AWS::KMS::Key", {"KeySpec": "SYMMETRIC_DEFAULT"})


def test_an_alias_of_the_template_is_recognised_with_its_key() -> None:
    found = value({"Ref": "A"}, Resources=RESOURCES)
    assert isinstance(found, Alias)
    assert found.name == "alias/orders"
    assert isinstance(found.target, Key)


def test_the_known_parts_of_a_text_are_kept() -> None:
    expression = {"Fn::Sub": "arn:aws:kms:${AWS::Region}:${P}:alias/aws/dynamodb"}
    for given, kind in ((NOT_KNOWN, PartlyUnknown), (HIDDEN, PartlyHidden)):
        found = value(expression, Context({"P": given}), Parameters=PARAMETERS)
        assert isinstance(found, kind)
        assert found.text("*") == "arn:aws:kms:*:*:alias/aws/dynamodb"


def test_a_key_that_a_condition_leaves_out_is_no_key() -> None:
    resources = {"K": {**KEY, "Condition": "Never"}}
    conditions = {"Never": {"Fn::Equals": ["a", "b"]}}
    found = value({"Ref": "K"}, Resources=resources, Conditions=conditions)
    assert isinstance(found, Hidden)


def test_a_choice_is_made_where_it_can_be() -> None:
    choice = {"Fn::If": ["C", "yes", "no"]}
    for ours, result in (("p", "yes"), ("q", "no")):
        conditions = {"C": {"Fn::Equals": [{"Ref": "P"}, ours]}}
        assert value(choice, Parameters=PARAMETERS, Conditions=conditions) == result


def test_a_choice_that_can_not_be_made_has_both_results() -> None:
    conditions = {"C": {"Fn::Equals": [{"Ref": "P"}, "p"]}}
    body = {
        "Parameters": PARAMETERS,
        "Conditions": conditions,
        "Resources": {
            "Orders": {
                "Type": "AWS::DynamoDB::Table",
                "Properties": {"It": [{"Fn::If": ["C", 1, 2]}, {"Fn::If": ["C", 3, 4]}]},
            }
        },
    }
    assert sorted(values(body, Context({"P": NOT_KNOWN}))) == [[1, 3], [2, 4]]
