"""Parameters: their values, and the types of these."""

from __future__ import annotations

from typing import Any

import pytest

from policies.encryption.values import Hidden, Unreadable
from policies.templates import Context, PartialText
from tests.policies.templates.reading import HIDDEN, NOT_KNOWN, template, value, values

P = {"Ref": "P"}
WRONG_TYPE = "a parameter of the template has a value of a wrong type"
STORED = "the value is stored in Systems Manager Parameter Store"
NO_ECHO = "the parameter is NoEcho, so its value is not recorded"
DYNAMIC = "the value is a dynamic reference"


def parameter(kind: str, **rest: Any) -> dict[str, Any]:
    return {"Type": kind, **rest}


@pytest.mark.parametrize(
    ("declared", "context", "expected"),
    [
        (parameter("String", Default="d"), Context(), "d"),
        (parameter("String", Default="d"), Context({"Q": "other"}), "d"),
        (parameter("String", Default="d"), Context({"P": "given"}), "given"),
        (parameter("String", Default="d"), Context({"P": "given"}, others=HIDDEN), "given"),
        (parameter("String", Default="d"), Context({"P": ""}), ""),
        (parameter("String", Default=True), Context(), "true"),
        (parameter("String"), Context({"P": False}), "false"),
        (parameter("Number"), Context({"P": 3}), "3"),
        (parameter("Number"), Context({"P": 3.0}), "3"),
        (parameter("Number"), Context({"P": 2.5}), "2.5"),
        (parameter("Number", Default=4.0), Context(), "4"),
        (parameter("String", NoEcho=True), Context({"P": "secret"}), "secret"),
        (parameter("String", NoEcho=False), Context({"P": "****"}), "****"),
        (parameter("String", NoEcho="false"), Context({"P": "****"}), "****"),
        (parameter("String"), Context({"P": "****"}), "****"),
        (parameter("String", NoEcho=True, Default="****"), Context(), "****"),
        (parameter("AWS::EC2::VPC::Id"), Context({"P": "vpc-1"}), "vpc-1"),
        (parameter("AWS::SSM::Parameter::Name", Default="/a"), Context(), "/a"),
        (parameter("CommaDelimitedList"), Context({"P": "a, b"}), ["a", "b"]),
        (parameter("CommaDelimitedList"), Context({"P": "a"}), ["a"]),
        (parameter("CommaDelimitedList"), Context({"P": ["a", 2.0, True]}), ["a", "2", "true"]),
        (parameter("CommaDelimitedList", Default="a,b"), Context(), ["a", "b"]),
        (parameter("List<Number>"), Context({"P": ["1", "2"]}), ["1", "2"]),
        (parameter("List<AWS::EC2::Subnet::Id>"), Context({"P": "a,b"}), ["a", "b"]),
        (parameter("String"), Context({"P": ["a", "b"]}), "a,b"),
        ({"Default": "d"}, Context(), "d"),
    ],
)
def test_a_parameter_has_the_value_that_the_stack_sets_or_its_default(
    declared: Any, context: Context, expected: Any
) -> None:
    assert value(P, context, Parameters={"P": declared}) == expected


@pytest.mark.parametrize(
    ("declared", "context", "reason"),
    [
        (parameter("String"), Context(), "a parameter of the template doesn't have a value"),
        (parameter("String", Default="d"), Context(others=HIDDEN), HIDDEN.reason),
        (parameter("String", Default="d"), Context({"P": HIDDEN}), HIDDEN.reason),
        (parameter("CommaDelimitedList"), Context({"P": HIDDEN}), HIDDEN.reason),
        (parameter("AWS::SSM::Parameter::Value<String>", Default="/a"), Context(), STORED),
        (parameter("AWS::SSM::Parameter::Value<String>"), Context({"P": "/a"}), STORED),
        (parameter("AWS::SSM::Parameter::Value<String>"), Context({"P": NOT_KNOWN}), STORED),
        (parameter("AWS::SSM::Parameter::Value<String>"), Context(others=NOT_KNOWN), STORED),
        (parameter("AWS::SSM::Parameter::Value<List<String>>", Default="/a"), Context(), STORED),
        (parameter("String"), Context({"P": {"a": 1}}), WRONG_TYPE),
        (parameter("String"), Context({"P": None}), WRONG_TYPE),
        ("wrong", Context(), "a parameter of the template is not declared correctly"),
        (parameter("String", Default="{{resolve:ssm:/a}}"), Context(), DYNAMIC),
        (parameter("String"), Context({"P": "{{resolve:ssm:/a}}"}), DYNAMIC),
        (parameter("String", NoEcho=True), Context({"P": "****"}), NO_ECHO),
        (parameter("String", NoEcho="true", Default="d"), Context({"P": "****"}), NO_ECHO),
        (parameter("CommaDelimitedList", NoEcho=True), Context({"P": "****"}), NO_ECHO),
        (HIDDEN, Context(), HIDDEN.reason),
        ({"Type": HIDDEN}, Context({"P": "a"}), HIDDEN.reason),
    ],
)
def test_a_parameter_whose_value_can_not_be_read_is_hidden(
    declared: Any, context: Context, reason: str
) -> None:
    result = value(P, context, Parameters={"P": declared})
    assert isinstance(result, Hidden)
    assert result.reason.startswith(reason)


@pytest.mark.parametrize(
    "expression", [{"Fn::Sub": "a-${P}"}, {"Fn::Join": ["-", ["a", P]]}, {"Fn::Sub": "${P}"}]
)
def test_a_text_with_a_parameter_that_is_not_recorded_is_unreadable(expression: Any) -> None:
    parameters = {"P": parameter("String", NoEcho=True)}
    result = value(expression, Context({"P": "****"}), Parameters=parameters)
    cause = result.cause if isinstance(result, PartialText) else result
    assert isinstance(cause, Hidden)
    assert cause.reason == NO_ECHO


@pytest.mark.parametrize(
    ("name", "literal", "is_possible"),
    [
        ("StackId", "x", False),
        ("StackId", "arn:aws:cloudformation:eu-west-1:111122223333:stack/orders/1", True),
        ("StackId", "arn:aws:sns:eu-west-1:111122223333:orders", False),
        ("Region", "eu-west-1", True),
        ("Region", "us-gov-east-1", True),
        ("Region", "live", False),
        ("Region", "", False),
        ("AccountId", "111122223333", True),
        ("AccountId", 111122223333, True),
        ("AccountId", 12345678901.0, True),
        ("AccountId", "live", False),
        ("AccountId", "1111222233", False),
        ("Partition", "aws-cn", True),
        ("Partition", "x", False),
        ("URLSuffix", "amazonaws.com", True),
        ("URLSuffix", "x", False),
        ("StackName", "orders-1", True),
        ("StackName", "a b", False),
        ("StackName", "", False),
        ("NotificationARNs", "x", False),
        ("NotificationARNs", "", False),
        ("NotificationARNs", "arn:aws:sns:eu-west-1:111122223333:orders", True),
    ],
)
@pytest.mark.parametrize("swap", [False, True])
def test_a_pseudo_parameter_that_is_not_known_has_a_form(
    name: str, literal: Any, is_possible: bool, swap: bool
) -> None:
    arguments = [{"Ref": f"AWS::{name}"}, literal]
    equals = {"Fn::Equals": arguments[::-1] if swap else arguments}
    body = template(CHOICE, Conditions={"C": equals})
    assert sorted(values(body, Context())) == (["no", "yes"] if is_possible else ["no"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${AWS::AccountId}-orders", {"111122223333-orders": True, "live-orders": False}),
        ("arn:${AWS::Partition}:iam", {"arn:aws-cn:iam": True, "arn:x:iam": False, "arn:": False}),
        ("a${AWS::Region}a", {"a": False, "aa": False, "aeu-west-1a": True}),
        ("${P}!", {"a!": True, "b!": True, "c!": False, "a": False}),
        ("${P}${P}", {"aa": True, "xy": True}),
    ],
)
def test_a_text_has_the_form_of_its_parts(text: str, expected: dict[str, bool]) -> None:
    parameters = {"P": parameter("String", AllowedValues=["a", "b"])}
    for literal, is_possible in expected.items():
        conditions = {"C": {"Fn::Equals": [{"Fn::Sub": text}, literal]}}
        body = template(CHOICE, Parameters=parameters, Conditions=conditions)
        results = sorted(values(body, Context({"P": NOT_KNOWN})))
        assert results == (["no", "yes"] if is_possible else ["no"]), literal


@pytest.mark.parametrize(
    ("declared", "context"),
    [
        (parameter("String", Default="d"), Context(others=NOT_KNOWN)),
        (parameter("String", Default="d"), Context({"P": NOT_KNOWN})),
        (parameter("CommaDelimitedList"), Context({"P": NOT_KNOWN})),
        (parameter("String"), Context({"P": ["a", NOT_KNOWN]})),
        (NOT_KNOWN, Context({"P": "a"})),
    ],
)
def test_a_parameter_that_is_known_during_the_update_is_unknown(
    declared: Any, context: Context
) -> None:
    assert value(P, context, Parameters={"P": declared}) == NOT_KNOWN


def test_a_list_with_an_unknown_item_has_its_other_items() -> None:
    context = Context({"P": ["a", NOT_KNOWN]})
    parameters = {"P": parameter("CommaDelimitedList")}
    assert value(P, context, Parameters=parameters) == ["a", NOT_KNOWN]
    assert value({"Fn::Select": [0, P]}, context, Parameters=parameters) == "a"
    assert value({"Fn::Length": P}, context, Parameters=parameters) == 2


@pytest.mark.parametrize("cause", [NOT_KNOWN, HIDDEN])
def test_any_name_may_be_a_parameter_if_the_parameters_can_not_be_read(cause: Unreadable) -> None:
    assert value(P, Parameters=cause) == cause
    assert value({"Ref": "AWS::Region"}, Parameters=cause) == "eu-west-1"


def test_a_value_for_a_parameter_that_is_not_declared_is_ignored() -> None:
    assert isinstance(value(P, Context({"P": "a"})), Hidden)


CHOICE = {"Fn::If": ["C", "yes", "no"]}


@pytest.mark.parametrize(
    ("declared", "literal", "expected"),
    [
        (parameter("String"), "a", ["no", "yes"]),
        (parameter("String", AllowedValues=["a", "b"]), "a", ["no", "yes"]),
        (parameter("String", AllowedValues=["a", "b"]), "c", ["no"]),
        (parameter("String", AllowedValues=["a"]), "a", ["yes"]),
        (parameter("String", AllowedValues=[True, False]), "true", ["no", "yes"]),
        (parameter("String", AllowedValues=[True, False]), "True", ["no"]),
        (parameter("String", AllowedValues="a"), "a", ["no", "yes"]),
        (parameter("String", AllowedValues=[{"Ref": "Q"}]), "a", ["no", "yes"]),
        # Allowed values of a stored value are the names under which it may be stored.
        (parameter("AWS::SSM::Parameter::Value<String>", AllowedValues=["/a"]), "a", ["no", "yes"]),
        # AWS doesn't document how CloudFormation writes such a number.
        (parameter("Number", AllowedValues=[1.5, 2.5]), "1.50", ["no", "yes"]),
        (parameter("Number", AllowedValues=[1.5, 2.5]), "3", ["no"]),
    ],
)
def test_an_unknown_parameter_has_one_of_the_allowed_values(
    declared: Any, literal: str, expected: list[str]
) -> None:
    conditions = {"C": {"Fn::Equals": [P, literal]}}
    body = template(CHOICE, Parameters={"P": declared}, Conditions=conditions)
    assert sorted(values(body, Context({"P": NOT_KNOWN}))) == expected


def test_an_unknown_parameter_has_the_last_allowed_value_if_it_has_no_other() -> None:
    conditions = {name: {"Fn::Equals": [P, name]} for name in ("a", "b")}
    nested = {"Fn::If": ["a", "is a", {"Fn::If": ["b", "is b", "neither"]}]}
    parameters = {"P": parameter("String", AllowedValues=["a", "b"])}
    body = template(nested, Parameters=parameters, Conditions=conditions)
    assert sorted(values(body, Context(others=NOT_KNOWN))) == ["is a", "is b"]
