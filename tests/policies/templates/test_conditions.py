"""Conditions, parameters, and what is left of a table under them."""

from __future__ import annotations

from typing import Any

import pytest

from policies.encryption import Hidden
from policies.templates import Context
from tests.policies.templates.reading import HIDDEN, NOT_KNOWN, TABLE, read, value

P_IS_A = {"Fn::Equals": [{"Ref": "P"}, "a"]}
YES, NO = {"Fn::Equals": ["a", "a"]}, {"Fn::Equals": ["a", "b"]}
PARAMETERS = {"P": {"Type": "String"}, "Q": {"Type": "String"}}


def tables(condition: Any, given: Any = NOT_KNOWN) -> list[Any]:
    """The declarations of a table under `condition`, with parameters P and Q `given`."""
    body = {
        "Parameters": PARAMETERS,
        "Conditions": {"C": condition, "Yes": YES, "No": NO},
        "Resources": {"Orders": {"Type": TABLE, "Condition": "C", "Properties": {"It": 1}}},
    }
    return read(body, Context({"P": given, "Q": given}))


@pytest.mark.parametrize(
    "condition",
    [
        YES,
        {"Fn::Not": [NO]},
        {"Fn::And": [YES, YES]},
        {"Fn::Or": [NO, YES]},
        {"Fn::Or": [P_IS_A, YES]},
        {"Condition": "Yes"},
        {"Fn::Equals": [True, "true"]},
        {"Fn::Equals": [1, "1"]},
        {"Fn::Equals": [{"Ref": "P"}, {"Ref": "P"}]},
        {"Fn::Or": [P_IS_A, {"Fn::Not": [P_IS_A]}]},
    ],
)
def test_a_table_under_a_condition_that_holds_is_there(condition: Any) -> None:
    (declaration,) = tables(condition)
    assert not declaration.may_be_absent
    assert declaration.alternatives == ({"It": 1},)


@pytest.mark.parametrize(
    "condition",
    [
        NO,
        {"Fn::Not": [YES]},
        {"Fn::And": [YES, NO]},
        {"Fn::And": [P_IS_A, NO]},
        {"Fn::Or": [NO, NO]},
        {"Condition": "No"},
        {"Fn::Equals": ["A", "a"]},
        {"Fn::And": [P_IS_A, {"Fn::Equals": [{"Ref": "P"}, "b"]}]},
    ],
)
def test_a_table_under_a_condition_that_does_not_hold_is_left_out(condition: Any) -> None:
    assert tables(condition) == []


@pytest.mark.parametrize("given", [NOT_KNOWN, HIDDEN])
@pytest.mark.parametrize(
    "condition",
    [
        P_IS_A,
        {"Fn::Not": [P_IS_A]},
        {"Fn::And": [P_IS_A, YES]},
        {"Fn::Or": [P_IS_A, NO]},
        {"Condition": "Nothing"},
        {"Fn::Equals": [{"Ref": "P"}, {"Ref": "Q"}]},
        {"Fn::Equals": ["a"]},
        "text",
        {"Fn::Whatever": []},
    ],
)
def test_a_table_under_a_condition_that_can_not_be_decided_may_be_absent(
    condition: Any, given: Any
) -> None:
    (declaration,) = tables(condition, given)
    assert declaration.may_be_absent
    assert declaration.undecided is not None
    if condition == P_IS_A:
        assert isinstance(declaration.undecided, type(given))


def test_conditions_that_refer_to_each_other_end() -> None:
    body = {
        "Conditions": {"A": {"Condition": "B"}, "B": {"Fn::Not": [{"Condition": "A"}]}},
        "Resources": {"Orders": {"Type": TABLE, "Condition": "A", "Properties": {}}},
    }
    (declaration,) = read(body)
    assert declaration.may_be_absent


def test_the_same_question_has_one_answer_in_each_case() -> None:
    choices = [{"Fn::If": ["C", n, -n]} for n in range(1, 9)]
    body = {
        "Parameters": PARAMETERS,
        "Conditions": {"C": P_IS_A},
        "Resources": {"Orders": {"Type": TABLE, "Properties": {"It": choices}}},
    }
    (declaration,) = read(body, Context({"P": NOT_KNOWN}))
    found = [it["It"] for it in declaration.alternatives]
    assert len(found) == 2
    assert list(range(1, 9)) in found
    assert [-n for n in range(1, 9)] in found


def test_too_many_cases_are_told_instead_of_counted() -> None:
    body = {
        "Parameters": {f"P{n}": {"Type": "String"} for n in range(12)},
        "Conditions": {f"C{n}": {"Fn::Equals": [{"Ref": f"P{n}"}, "a"]} for n in range(12)},
        "Resources": {
            "Orders": {
                "Type": TABLE,
                "Properties": {"It": [{"Fn::If": [f"C{n}", 1, 2]} for n in range(12)]},
            }
        },
    }
    (declaration,) = read(body, Context(others=NOT_KNOWN))
    assert declaration.opaque is not None


@pytest.mark.parametrize(
    ("declared", "context", "meant"),
    [
        ({"Type": "String", "Default": "d"}, Context(), "d"),
        ({"Type": "String", "Default": "d"}, Context({"P": "given"}), "given"),
        ({"Type": "String", "Default": True}, Context(), "true"),
        ({"Type": "Number"}, Context({"P": 3}), "3"),
        ({"Type": "String", "NoEcho": True}, Context({"P": "secret"}), "secret"),
        ({"Type": "CommaDelimitedList"}, Context({"P": "a, b"}), ["a", "b"]),
        ({"Type": "List<Number>"}, Context({"P": ["1", "2"]}), ["1", "2"]),
    ],
)
def test_a_parameter_has_the_stacks_value_or_its_default(
    declared: Any, context: Context, meant: Any
) -> None:
    assert value({"Ref": "P"}, context, Parameters={"P": declared}) == meant


@pytest.mark.parametrize(
    ("declared", "context"),
    [
        ({"Type": "String"}, Context()),
        ({"Type": "String", "Default": "d"}, Context(others=HIDDEN)),
        ({"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/name"}, Context()),
        ({"Type": "String"}, Context({"P": {"a": 1}})),
        ("wrong", Context()),
    ],
)
def test_a_parameter_whose_value_is_elsewhere_is_hidden(declared: Any, context: Context) -> None:
    found = value({"Ref": "P"}, context, Parameters={"P": declared})
    assert isinstance(found, Hidden)


def test_a_parameter_that_the_update_will_tell_is_unknown() -> None:
    context = Context(others=NOT_KNOWN)
    found = value({"Ref": "P"}, context, Parameters={"P": {"Type": "String", "Default": "d"}})
    assert found == NOT_KNOWN
