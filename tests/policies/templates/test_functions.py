"""Intrinsic functions that return values."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from policies.encryption.values import Hidden, Unknown, Unreadable
from policies.templates import (
    Alias,
    Context,
    HiddenPart,
    Key,
    PartialText,
)
from tests.policies.templates.reading import (
    HIDDEN,
    NOT_KNOWN,
    TABLE,
    read,
    tables,
    template,
    value,
    values,
)

MAPPINGS = {
    "M": {
        "eu": {"enabled": True, "key": "a", "list": ["x", "y"]},
        "us": {"enabled": True, "key": "b"},
    }
}
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
    ("expression", "expected"),
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
        ({"Fn::Sub": "${ P }"}, "p"),
        ({"Fn::Sub": "${!P.x}${!}$P{P}$"}, "${P.x}${}$P{P}$"),
        ({"Fn::Sub": ["${P}${Q}${Q}", {"P": "own", "Q": 1}]}, "own11"),
        ({"Fn::Sub": ["${A.b}", {"A.b": True}]}, "true"),
        ({"Fn::Sub": "plain"}, "plain"),
        ({"Fn::Join": ["", []]}, ""),
        ({"Fn::Join": ["-", ["a", {"Ref": "AWS::NoValue"}, "b"]]}, "a-b"),
        ({"Fn::Join": ["-", {"Fn::Split": [",", "a,,b"]}]}, "a--b"),
        ({"Fn::Split": ["::", "a::b"]}, ["a", "b"]),
        ({"Fn::Split": [",", "a"]}, ["a"]),
        ({"Fn::Select": [0, ["a", {"Ref": "B"}]]}, "a"),
        (
            {"Fn::FindInMap": ["M", {"Fn::Select": [0, ["us"]]}, {"Fn::Join": ["", ["k", "ey"]]}]},
            "b",
        ),
        ({"Fn::FindInMap": ["M", "eu", "key", {"DefaultValue": "d"}]}, "a"),
        ({"Fn::FindInMap": ["M", "eu", "list"]}, ["x", "y"]),
        ({"Fn::FindInMap": ["None", "eu", "key", {"DefaultValue": {"Ref": "P"}}]}, "p"),
        ({"Fn::Base64": {"Fn::Sub": "${P}"}}, "cA=="),
        ({"Fn::Length": []}, 0),
        ({"Fn::Equals": ["a", "a"]}, True),
        ({"Ref": "AWS::URLSuffix"}, "amazonaws.com"),
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
def test_functions_of_values_that_can_be_read(expression: Any, expected: Any) -> None:
    context = Context(
        {"L": "x, y"}, region="eu-west-1", account="111122223333", stack_name="orders"
    )
    result = value(
        expression, context, Parameters=PARAMETERS, Mappings=MAPPINGS, Resources=RESOURCES
    )
    assert result == expected
    assert type(result) is type(expected)


def test_unreadable_values_of_the_structure_are_results() -> None:
    structure = {"a": [NOT_KNOWN, HIDDEN, 1], "b": NOT_KNOWN}
    assert value(structure) == structure


def test_a_property_without_a_value_is_left_out() -> None:
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
        {"Ref": "AWS::NotificationARNs"},
        {"Ref": {"Ref": "AWS::Region"}},
        {"Fn::Sub": ["${A}", "x"]},
        {"Fn::Sub": []},
        {"Fn::Select": ["-1", ["a"]]},
        {"Fn::Select": ["x", ["a"]]},
        {"Fn::Select": [0, "a"]},
        {"Fn::Split": ["", "a"]},
        {"Fn::Split": [",", ["a"]]},
        {"Fn::Join": [",", "a"]},
        {"Fn::Join": [",", [["a"]]]},
        {"Fn::FindInMap": ["M", "eu"]},
        {"Fn::FindInMap": ["None", "eu", "key"]},
        {"Fn::If": ["C", 1]},
        {"Fn::Length": "a"},
        {"Fn::Base64": ["a"]},
        {"Fn::GetAtt": "B"},
        {"Fn::GetAtt": ["B"]},
        {"Fn::GetAtt": ["K", "Other"]},
        {"Fn::GetAtt": "Nothing.Arn"},
        {"a": 1, "Fn::Transform": {"Name": "M"}},
        {"Fn::ForEach::X": ["A", "a", {}]},
        {"Fn::Sub": "${B.Arn}"},
        "a-{{resolve:secretsmanager:it}}",
        {"Fn::Join": ["", ["{{res", "olve:ssm:it}}"]]},
        {"Fn::Sub": "{{resolve:ssm:${AWS::Region}}}"},
        {"Fn::Sub": "{{resolve:ssm:${AWS::StackId}}}"},
    ],
)
def test_values_that_only_cloudformation_knows_are_hidden(expression: Any) -> None:
    result = value(expression, Mappings=MAPPINGS, Resources=RESOURCES)
    cause = result.cause if isinstance(result, PartialText) else result
    assert isinstance(cause, Hidden)
    assert cause.reason


@pytest.mark.parametrize(
    "expression",
    [
        {"Ref": "P"},
        {"Fn::Sub": "${P}"},
        {"Fn::Join": ["", [{"Ref": "P"}]]},
        {"Fn::Select": [{"Ref": "P"}, ["a", "b"]]},
        {"Fn::FindInMap": ["None", {"Ref": "P"}, "key", {"DefaultValue": {"Ref": "P"}}]},
    ],
)
@pytest.mark.parametrize("given", [NOT_KNOWN, HIDDEN])
def test_functions_of_an_unreadable_parameter_are_unreadable(
    expression: Any, given: Unreadable
) -> None:
    result = value(expression, Context({"P": given}), Parameters=PARAMETERS, Mappings=MAPPINGS)
    assert isinstance(result, type(given))


@pytest.mark.parametrize("inside", [(), ("M",), ("M", "eu")])
def test_mappings_that_a_macro_changes_are_hidden(inside: tuple[str, ...]) -> None:
    mappings: dict[str, Any] = {"M": {"eu": {"key": "a"}}}
    level = mappings
    for name in inside:
        level = level[name]
    level["Fn::Transform"] = {"Name": "AWS::Include", "Parameters": {"Location": "s3://it"}}
    for default in ([], [{"DefaultValue": "d"}]):
        result = value({"Fn::FindInMap": ["M", "eu", "key", *default]}, Mappings=mappings)
        assert isinstance(result, Hidden)
        assert "macro" in result.reason


def test_a_map_whose_entries_are_equal_does_not_need_its_key() -> None:
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
def test_a_key_of_the_template_is_recognized(expression: Any) -> None:
    result = value(expression, Resources=RESOURCES)
    assert result == Key("K", "AWS::KMS::Key", {"KeySpec": "SYMMETRIC_DEFAULT"})


def test_an_alias_of_the_template_is_recognized_with_its_key() -> None:
    result = value({"Ref": "A"}, Resources=RESOURCES)
    assert isinstance(result, Alias)
    assert result.name == "alias/orders"
    assert isinstance(result.target, Key)


def test_the_known_parts_of_a_text_are_kept() -> None:
    expression = {"Fn::Sub": "arn:aws:kms:${AWS::Region}:${P}:alias/aws/dynamodb"}
    for given, kind in ((NOT_KNOWN, Unknown), (HIDDEN, Hidden)):
        result = value(expression, Context({"P": given}), Parameters=PARAMETERS)
        assert isinstance(result, PartialText)
        assert isinstance(result.cause, kind)
        assert result.text("*") == "arn:aws:kms:*:*:alias/aws/dynamodb"


def test_a_key_whose_condition_is_false_is_hidden() -> None:
    resources = {"K": {**KEY, "Condition": "Never"}}
    conditions = {"Never": {"Fn::Equals": ["a", "b"]}}
    result = value({"Ref": "K"}, Resources=resources, Conditions=conditions)
    assert isinstance(result, Hidden)


def test_if_with_a_condition_that_can_be_evaluated() -> None:
    choice = {"Fn::If": ["C", "yes", "no"]}
    for literal, result in (("p", "yes"), ("q", "no")):
        conditions = {"C": {"Fn::Equals": [{"Ref": "P"}, literal]}}
        assert value(choice, Parameters=PARAMETERS, Conditions=conditions) == result


def test_if_with_an_undecided_condition_has_both_results() -> None:
    conditions = {"C": {"Fn::Equals": [{"Ref": "P"}, "p"]}}
    both = [{"Fn::If": ["C", 1, 2]}, {"Fn::If": ["C", 3, 4]}]
    body = template(both, Parameters=PARAMETERS, Conditions=conditions)
    assert sorted(values(body, Context({"P": NOT_KNOWN}))) == [[1, 3], [2, 4]]


@pytest.mark.parametrize(
    ("region", "partition"),
    [
        ("us-east-1", "aws"),
        ("eu-west-1", "aws"),
        ("ap-southeast-4", "aws"),
        ("cn-north-1", "aws-cn"),
        ("us-gov-west-1", "aws-us-gov"),
        ("us-iso-east-1", "aws-iso"),
        ("us-isob-east-1", "aws-iso-b"),
        ("eusc-de-east-1", "aws-eusc"),
    ],
)
def test_the_partition_follows_from_the_region(region: str, partition: str) -> None:
    assert value({"Ref": "AWS::Partition"}, Context(region=region)) == partition


@pytest.mark.parametrize("name", ["Region", "AccountId", "Partition", "URLSuffix", "StackName"])
def test_a_pseudo_parameter_that_is_not_known_is_hidden(name: str) -> None:
    result = value({"Ref": f"AWS::{name}"}, Context())
    assert isinstance(result, Hidden)
    assert result.reason.endswith("not known")


def test_others_are_no_pseudo_parameters() -> None:
    context = Context(others=NOT_KNOWN, region="eu-west-1")
    assert value({"Ref": "AWS::Region"}, context) == "eu-west-1"
    assert isinstance(value({"Ref": "AWS::Region"}, Context(others=NOT_KNOWN)), Hidden)


@pytest.mark.parametrize("given", [NOT_KNOWN, HIDDEN])
@pytest.mark.parametrize(
    "key",
    [{"Ref": "P"}, {"Fn::Sub": "${P}"}, {"Fn::Select": [0, {"Fn::Split": [",", {"Ref": "P"}]}]}],
)
@pytest.mark.parametrize(
    ("default", "expected"),
    [
        ({}, ["a", "b"]),
        ({"DefaultValue": "d"}, ["a", "b", "d"]),
        ({"DefaultValue": False}, ["a", "b", False]),
        ({"DefaultValue": {"Ref": "AWS::NoValue"}}, ["a", "b", None]),
        ({"DefaultValue": {"Ref": "AWS::Region"}}, ["a", "b", "eu-west-1"]),
    ],
)
def test_a_lookup_by_an_unresolved_key_has_a_case_for_each_name_and_the_default(
    key: Any, given: Unreadable, default: Any, expected: list[Any]
) -> None:
    body = template(
        {"Fn::FindInMap": ["M", key, "key", *([default] if default else [])]},
        Parameters=PARAMETERS,
        Mappings=MAPPINGS,
    )
    assert sorted(values(body, Context({"P": given}, region="eu-west-1")), key=str) == sorted(
        expected, key=str
    )


def test_a_lookup_tries_only_names_that_the_parameter_allows() -> None:
    parameters = {"P": {"Type": "String", "AllowedValues": ["us", "other"]}}
    body = template(
        {"Fn::FindInMap": ["M", {"Ref": "P"}, "key"]}, Parameters=parameters, Mappings=MAPPINGS
    )
    assert values(body, Context({"P": HIDDEN})) == ["b"]


def test_a_default_without_a_value_removes_the_property() -> None:
    default = {"DefaultValue": {"Ref": "AWS::NoValue"}}
    assert value({"Fn::FindInMap": ["M", "none", "key", default]}, Mappings=MAPPINGS) is None
    assert value([{"Fn::FindInMap": ["N", "none", "key", default]}], Mappings=MAPPINGS) == []


def test_lookups_and_conditions_by_the_same_key_have_the_same_cases() -> None:
    is_eu = {"C": {"Fn::Equals": [{"Ref": "P"}, "eu"]}}
    key = {"Fn::FindInMap": ["M", {"Ref": "P"}, "key"]}
    body = template(
        [key, key, {"Fn::If": ["C", "eu", "other"]}],
        Parameters=PARAMETERS,
        Mappings=MAPPINGS,
        Conditions=is_eu,
    )
    results = values(body, Context({"P": HIDDEN}))
    assert ["a", "a", "eu"] in results
    assert ["b", "b", "other"] in results
    assert all(case[0] == case[1] for case in results)


def test_a_lookup_by_the_account_leaves_out_names_that_are_not_accounts() -> None:
    mappings = {"M": {"111122223333": {"key": "a"}, "444455556666": {"key": "b"}, "x": {"key": 1}}}
    expression = {"Fn::FindInMap": ["M", {"Ref": "AWS::AccountId"}, "key"]}
    assert sorted(values(template(expression, Mappings=mappings), Context())) == ["a", "b"]
    assert value(expression, Mappings=mappings) == "a"
    others = {"M": {"x": {"key": 1}, "y": {"key": 2}}}
    assert isinstance(value(expression, Context(), Mappings=others), Hidden)


def test_a_lookup_by_two_unresolved_keys_has_a_case_for_each_entry() -> None:
    expression = {"Fn::FindInMap": ["M", {"Ref": "P"}, {"Ref": "AWS::Region"}]}
    mappings = {
        "M": {
            "a": {"eu-west-1": 1, "us-east-1": 2},
            "b": {"eu-west-1": 3, "us-east-1": {"Fn::Sub": "${AWS::StackName}"}},
        }
    }
    body = template(expression, Parameters=PARAMETERS, Mappings=mappings)
    results = values(body, Context({"P": HIDDEN}, stack_name="orders"))
    assert sorted(results, key=str) == [1, 2, 3, "orders"]


@pytest.mark.parametrize("names", [61, 100])
def test_a_lookup_in_a_large_map_is_unreadable(names: int) -> None:
    mappings = {"M": {f"n{n}": {"key": n} for n in range(names)}}
    expression = {"Fn::FindInMap": ["M", {"Ref": "P"}, "key"]}
    context = Context({"P": HIDDEN})
    result = value(expression, context, Parameters=PARAMETERS, Mappings=mappings)
    assert isinstance(result, PartialText)
    assert result.cause == HIDDEN
    assert result.texts == {str(n) for n in range(names)}


@pytest.mark.parametrize("names", [9, 20, 60])
def test_lookups_that_make_too_many_cases_are_unreadable(names: int) -> None:
    mappings = {"M": {f"n{n}": {"key": n} for n in range(names)}}
    parameters = {name: {"Type": "String"} for name in "PQ"}
    lookups = [{"Fn::FindInMap": ["M", {"Ref": name}, "key"]} for name in "PQ"]
    context = Context({"P": HIDDEN, "Q": HIDDEN})
    results = value(lookups, context, Parameters=parameters, Mappings=mappings)
    assert [result.cause for result in results] == [HIDDEN, HIDDEN]
    assert [len(result.texts) for result in results] == [names, names]


@pytest.mark.parametrize("given", [NOT_KNOWN, HIDDEN])
def test_a_dynamic_reference_has_no_parts(given: Unreadable) -> None:
    expression = {"Fn::Sub": "{{resolve:ssm:/${P}/key}}"}
    result = value(expression, Context({"P": given}), Parameters=PARAMETERS)
    assert isinstance(result, type(given))


@pytest.mark.parametrize("argument", ["a", ["a"], {"a": 1}, {"Ref": "P"}])
@pytest.mark.parametrize("function", ["Cidr", "GetAZs", "Transform", "ToJsonString"])
def test_functions_of_cloudformation_alone_are_hidden_with_any_argument(
    function: str, argument: Any
) -> None:
    assert isinstance(value({f"Fn::{function}": argument}, Parameters=PARAMETERS), Hidden)


def test_a_text_keeps_its_parts_in_order() -> None:
    expression = {"Fn::Join": ["/", ["a", {"Ref": "P"}, "b", {"Ref": "K"}, {"Ref": "B"}, 1]]}
    result = value(
        expression, Context({"P": NOT_KNOWN}), Parameters=PARAMETERS, Resources=RESOURCES
    )
    assert isinstance(result, PartialText)
    assert result.cause == NOT_KNOWN
    a, p, b, k, slash, bucket, one = result.parts
    assert (a, p, b, slash, one) == ("a/", NOT_KNOWN, "/b/", "/", "/1")
    assert isinstance(k, Key)
    assert isinstance(bucket, Hidden)
    assert result.text() == "a/*/b/*/*/1"
    assert result.text("") == "a//b///1"


def test_the_cause_of_a_partial_text_has_the_path_of_the_text() -> None:
    result = value({"Fn::Sub": "x-${B}"}, Resources=RESOURCES)
    assert isinstance(result, PartialText)
    assert result.text() == "x-*"
    assert isinstance(result.cause, Hidden)
    assert result.cause.path == ("Resources", "Orders", "Properties", "It")


@pytest.mark.parametrize(
    "expression",
    [
        {"Fn::Select": [1, {"Fn::Split": ["/", {"Fn::GetAtt": ["K", "Arn"]}]}]},
        {"Fn::Sub": ["${It}", {"It": {"Ref": "K"}}]},
        {"Fn::If": ["Always", {"Ref": "K"}, "x"]},
        {"Fn::Select": [0, [{"Ref": "K"}]]},
        {"Fn::FindInMap": ["None", "a", "b", {"DefaultValue": {"Ref": "K"}}]},
    ],
)
def test_a_key_is_recognized_through_other_functions(expression: Any) -> None:
    always = {"Always": {"Fn::Equals": ["a", "a"]}}
    assert isinstance(value(expression, Resources=RESOURCES, Conditions=always), Key)


def test_a_key_has_the_properties_that_matter() -> None:
    properties = {
        "KeySpec": {"Ref": "P"},
        "KeyUsage": {"Ref": "AWS::NoValue"},
        "Enabled": {"Fn::If": ["Never", 1, False]},
        "Origin": {"Ref": "AWS::StackId"},
        "Description": "not read",
    }
    result = value(
        {"Ref": "K"},
        Context({"P": NOT_KNOWN}),
        Resources={"K": {"Type": "AWS::KMS::ReplicaKey", "Properties": properties}},
        Parameters=PARAMETERS,
        Conditions={"Never": {"Fn::Equals": ["a", "b"]}},
    )
    assert isinstance(result, Key)
    assert result.type == "AWS::KMS::ReplicaKey"
    assert list(result.properties) == ["KeySpec", "Enabled", "Origin"]
    assert result.properties["KeySpec"] == NOT_KNOWN
    assert result.properties["Enabled"] is False
    origin = result.properties["Origin"]
    assert isinstance(origin, Hidden)
    assert origin.path == ("Resources", "K", "Properties", "Origin")


@pytest.mark.parametrize(
    "resource",
    [
        {"Type": "AWS::KMS::Key", "Properties": NOT_KNOWN},
        {"Type": "AWS::KMS::Key", "Properties": 1},
        {"Type": "AWS::KMS::Key", "Properties": {"Fn::Transform": {"Name": "M"}}},
        {"Type": "AWS::KMS::Key", "Fn::Transform": {"Name": "M"}},
        {"Type": {"Ref": "P"}},
        "AWS::KMS::Key",
        NOT_KNOWN,
    ],
)
def test_a_key_that_can_not_be_read_is_unreadable(resource: Any) -> None:
    result = value({"Ref": "K"}, Parameters=PARAMETERS, Resources={"K": resource})
    assert isinstance(result, Unreadable)


def test_keys_and_aliases_that_refer_to_themselves() -> None:
    resources = {
        "K": {"Type": "AWS::KMS::Key", "Properties": {"KeySpec": {"Ref": "K"}}},
        "A": {"Type": "AWS::KMS::Alias", "Properties": {"TargetKeyId": {"Ref": "A"}}},
    }
    key = value({"Ref": "K"}, Resources=resources)
    assert isinstance(key, Key)
    assert isinstance(key.properties["KeySpec"], Hidden)
    alias = value({"Ref": "A"}, Resources=resources)
    assert isinstance(alias, Alias)
    assert alias.name is None
    assert isinstance(alias.target, Hidden)


def test_an_alias_is_recognized_in_its_arn() -> None:
    expression = {"Fn::Sub": "arn:aws:kms:${AWS::Region}:${AWS::AccountId}:${A}"}
    result = value(expression, Resources=RESOURCES)
    assert isinstance(result, Alias)
    assert result.logical_id == "A"


def test_a_key_in_another_text_is_a_part_of_the_text() -> None:
    result = value({"Fn::Sub": "arn:aws:s3:::${K}"}, Resources=RESOURCES)
    assert isinstance(result, PartialText)
    assert isinstance(result.cause, Hidden)
    assert result.text() == "arn:aws:s3:::*"


@pytest.mark.parametrize(
    ("properties", "context", "expected"),
    [
        ({"Ref": "AWS::NoValue"}, Context(), {}),
        ({"Fn::If": ["C", {"It": 1}, {"It": 2}]}, Context({"P": "p"}), {"It": 1}),
        ({"Fn::If": ["C", {"It": 1}, {"Other": 2}]}, Context({"P": "q"}), {}),
        ({"It": {"Fn::If": ["C", 1, {"Ref": "AWS::NoValue"}]}}, Context({"P": "q"}), {}),
    ],
)
def test_all_properties_may_depend_on_a_condition(
    properties: Any, context: Context, expected: Any
) -> None:
    body = {
        "Parameters": PARAMETERS,
        "Conditions": {"C": {"Fn::Equals": [{"Ref": "P"}, "p"]}},
        "Resources": {"Orders": {"Type": TABLE, "Properties": properties}},
    }
    (table,) = tables(body, context)
    assert table.cases == (expected,)


@pytest.mark.parametrize("properties", [1, [], None, "x", {"Ref": "P"}, NOT_KNOWN, HIDDEN])
def test_a_table_whose_properties_are_not_an_object_is_hidden(properties: Any) -> None:
    body = {
        "Parameters": PARAMETERS,
        "Resources": {"Orders": {"Type": TABLE, "Properties": properties}},
    }
    (part,) = read(body)
    assert isinstance(part, HiddenPart)


@pytest.mark.parametrize("resources", [1, [], "x"])
def test_resources_that_are_not_an_object_are_hidden(resources: Any) -> None:
    reason = "the Resources section of the template is not an object"
    assert read({"Resources": resources}) == [HiddenPart("", Hidden(reason))]


@pytest.mark.parametrize("body", [{}, {"Resources": None}, {"Resources": {}}])
def test_a_template_without_resources_has_no_tables(body: Any) -> None:
    assert read(body) == []


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Fn::Whatever", "the function Fn::Whatever"),
        ("Fn::Contains", "the function Fn::Contains"),
        ("Fn::hunter 2", "a function"),
        ("Fn::", "a function"),
        ("Fn::" + "x" * 100, "a function"),
    ],
)
def test_a_function_that_is_not_known_is_hidden_in_its_place(name: str, shown: str) -> None:
    hidden_value = Hidden(f"the template uses {shown}, which this policy pack does not know")
    result = value({"a": {name: ["x"]}, "b": 1, "c": {"d": 2, name: "x"}})
    assert {name: replace(it, path=()) for name, it in result.items() if name != "b"} == {
        "a": hidden_value,
        "c": hidden_value,
    }
    assert result["b"] == 1


@pytest.mark.parametrize("argument", ["it", {"StackName": "a", "OutputName": "b"}, {"Ref": "P"}])
def test_an_output_of_another_stack_is_hidden(argument: Any) -> None:
    result = value({"Fn::GetStackOutput": argument}, Parameters=PARAMETERS)
    assert isinstance(result, Hidden)
    assert result.reason == "the value is imported from another stack"
    unknown = value(
        {"Fn::GetStackOutput": {"StackName": {"Ref": "P"}, "OutputName": "b"}},
        Context({"P": NOT_KNOWN}),
        Parameters=PARAMETERS,
    )
    assert unknown == NOT_KNOWN


@pytest.mark.parametrize(
    ("other", "is_equal"),
    [
        ({"StackName": "a", "OutputName": "b"}, True),
        ({"StackName": "a", "OutputName": "c"}, False),
    ],
)
def test_an_output_of_another_stack_is_equal_to_itself(other: Any, is_equal: bool) -> None:
    one = {"Fn::GetStackOutput": {"StackName": "a", "OutputName": "b"}}
    equals = {"Fn::Equals": [one, {"Fn::GetStackOutput": other}]}
    body = template({"Fn::If": ["C", "yes", "no"]}, Conditions={"C": equals})
    assert sorted(values(body)) == (["yes"] if is_equal else ["no", "yes"])


@pytest.mark.parametrize("where", ["resource", "properties", "section", "template"])
@pytest.mark.parametrize("name", ["Fn::Whatever", "Fn::<<", "Fn::?"])
def test_a_function_next_to_other_members_hides_what_it_may_change(where: str, name: str) -> None:
    function = {name: "x"}
    properties = {"It": 1, **(function if where == "properties" else {})}
    orders = {
        "Type": TABLE,
        "Properties": properties,
        **(function if where == "resource" else {}),
    }
    resources = {"Orders": orders, **(function if where == "section" else {})}
    parts = read({"Resources": resources, **(function if where == "template" else {})})
    hidden_names = [part.logical_id for part in parts if isinstance(part, HiddenPart)]
    assert (
        hidden_names
        == {
            "resource": ["Orders"],
            "properties": ["Orders"],
            "section": [""],
            "template": ["", "Orders"],
        }[where]
    )
    assert len(parts) == (1 if where in ("resource", "properties") else 2)
