"""Parameters of the stack: which value one has, and in which form."""

from __future__ import annotations

from typing import Any

import pytest

from policies.encryption import Hidden, Unknown
from policies.templates import Context
from tests.policies.as_the_sdk_does import proxied
from tests.policies.templates.reading import HIDDEN, NOT_KNOWN, template, value, values

P = {"Ref": "P"}
ELSEWHERE = "its value stands in Systems Manager's Parameter Store"


def parameter(kind: str, **rest: Any) -> dict[str, Any]:
    return {"Type": kind, **rest}


@pytest.mark.parametrize(
    ("declared", "context", "meant"),
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
        (parameter("String", NoEcho=True), Context({"P": "secret"}), "secret"),
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
def test_a_parameter_has_the_stacks_value_or_its_default(
    declared: Any, context: Context, meant: Any
) -> None:
    assert value(P, context, Parameters={"P": declared}) == meant


@pytest.mark.parametrize(
    ("declared", "context", "why"),
    [
        (parameter("String"), Context(), "its parameter has no value"),
        (parameter("String", Default="d"), Context(others=HIDDEN), HIDDEN.reason),
        (parameter("String", Default="d"), Context({"P": HIDDEN}), HIDDEN.reason),
        (parameter("CommaDelimitedList"), Context({"P": HIDDEN}), HIDDEN.reason),
        (parameter("AWS::SSM::Parameter::Value<String>", Default="/a"), Context(), ELSEWHERE),
        (parameter("AWS::SSM::Parameter::Value<String>"), Context({"P": "/a"}), ELSEWHERE),
        (parameter("AWS::SSM::Parameter::Value<String>"), Context({"P": NOT_KNOWN}), ELSEWHERE),
        (parameter("AWS::SSM::Parameter::Value<String>"), Context(others=NOT_KNOWN), ELSEWHERE),
        (parameter("AWS::SSM::Parameter::Value<List<String>>", Default="/a"), Context(), ELSEWHERE),
        (parameter("String"), Context({"P": {"a": 1}}), "its parameter has a value of the wrong"),
        (parameter("String"), Context({"P": None}), "its parameter has a value of the wrong type"),
        ("wrong", Context(), "its parameter is declared wrongly"),
        (parameter("String", Default="{{resolve:ssm:/a}}"), Context(), "it is a dynamic reference"),
        (parameter("String"), Context({"P": "{{resolve:ssm:/a}}"}), "it is a dynamic reference"),
        (HIDDEN, Context(), HIDDEN.reason),
        ({"Type": HIDDEN}, Context({"P": "a"}), HIDDEN.reason),
    ],
)
def test_a_parameter_whose_value_is_elsewhere_is_hidden(
    declared: Any, context: Context, why: str
) -> None:
    found = value(P, context, Parameters={"P": declared})
    assert isinstance(found, Hidden)
    assert found.reason.startswith(why)


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
def test_a_parameter_that_the_update_will_tell_is_unknown(declared: Any, context: Context) -> None:
    assert value(P, context, Parameters={"P": declared}) == NOT_KNOWN


def test_a_list_with_an_item_that_is_not_known_keeps_the_others() -> None:
    context = Context({"P": ["a", NOT_KNOWN]})
    parameters = {"P": parameter("CommaDelimitedList")}
    assert value(P, context, Parameters=parameters) == ["a", NOT_KNOWN]
    assert value({"Fn::Select": [0, P]}, context, Parameters=parameters) == "a"
    assert value({"Fn::Length": P}, context, Parameters=parameters) == 2


@pytest.mark.parametrize("why", [NOT_KNOWN, HIDDEN])
def test_parameters_that_can_not_be_read_hide_all_that_is_not_declared_elsewhere(
    why: Unknown | Hidden,
) -> None:
    assert value(P, Parameters=why) == why
    assert value({"Ref": "AWS::Region"}, Parameters=why) == "eu-west-1"


def test_a_structure_of_the_sdk_has_parameters_like_any_other() -> None:
    body = template(P, Parameters={"P": parameter("Number", Default=4)})
    assert values(proxied({"body": body})["body"]) == ["4"]


def test_a_value_for_a_parameter_that_is_not_declared_counts_for_nothing() -> None:
    assert isinstance(value(P, Context({"P": "a"})), Hidden)


CHOICE = {"Fn::If": ["C", "yes", "no"]}


@pytest.mark.parametrize(
    ("declared", "literal", "found"),
    [
        (parameter("String"), "a", ["no", "yes"]),
        (parameter("String", AllowedValues=["a", "b"]), "a", ["no", "yes"]),
        (parameter("String", AllowedValues=["a", "b"]), "c", ["no"]),
        (parameter("String", AllowedValues=["a"]), "a", ["yes"]),
        (parameter("String", AllowedValues=[True, False]), "true", ["no", "yes"]),
        (parameter("String", AllowedValues=[True, False]), "True", ["no"]),
        (parameter("String", AllowedValues="a"), "a", ["no", "yes"]),
        (parameter("String", AllowedValues=[{"Ref": "Q"}]), "a", ["no", "yes"]),
        # Those of a stored value are the names under which it may be stored.
        (parameter("AWS::SSM::Parameter::Value<String>", AllowedValues=["/a"]), "a", ["no", "yes"]),
        # How AWS writes such a number is not told anywhere.
        (parameter("Number", AllowedValues=[1.5, 2.5]), "1.50", ["no", "yes"]),
        (parameter("Number", AllowedValues=[1.5, 2.5]), "3", ["no"]),
    ],
)
def test_a_value_that_is_not_known_is_one_of_the_allowed(
    declared: Any, literal: str, found: list[str]
) -> None:
    conditions = {"C": {"Fn::Equals": [P, literal]}}
    body = template(CHOICE, Parameters={"P": declared}, Conditions=conditions)
    assert sorted(values(body, Context({"P": NOT_KNOWN}))) == found


def test_the_last_allowed_value_is_what_is_left() -> None:
    conditions = {name: {"Fn::Equals": [P, name]} for name in ("a", "b")}
    nested = {"Fn::If": ["a", "is a", {"Fn::If": ["b", "is b", "neither"]}]}
    parameters = {"P": parameter("String", AllowedValues=["a", "b"])}
    body = template(nested, Parameters=parameters, Conditions=conditions)
    assert sorted(values(body, Context(others=NOT_KNOWN))) == ["is a", "is b"]
