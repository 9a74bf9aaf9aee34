"""Conditions, and the cases of a table that depends on them."""

from __future__ import annotations

from typing import Any

import pytest

from policies.encryption.values import Hidden
from policies.templates import Context, HiddenPart, TemplateResource
from tests.policies.templates.reading import (
    HIDDEN,
    NOT_KNOWN,
    TABLE,
    read,
    tables,
    template,
)

P_IS_A = {"Fn::Equals": [{"Ref": "P"}, "a"]}
YES, NO = {"Fn::Equals": ["a", "a"]}, {"Fn::Equals": ["a", "b"]}
PARAMETERS = {"P": {"Type": "String"}, "Q": {"Type": "String"}}


def tables_if(condition: Any, given: Any = NOT_KNOWN) -> list[TemplateResource]:
    """A table with `condition`, with parameters P and Q `given`; empty if it is left out."""
    body = {
        "Parameters": PARAMETERS,
        "Conditions": {"C": condition, "Yes": YES, "No": NO},
        "Resources": {"Orders": {"Type": TABLE, "Condition": "C", "Properties": {"It": 1}}},
    }
    return tables(body, Context({"P": given, "Q": given}))


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
def test_a_table_whose_condition_is_true(condition: Any) -> None:
    (table,) = tables_if(condition)
    assert not table.may_be_absent
    assert table.cases == ({"It": 1},)


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
def test_a_table_whose_condition_is_false_is_left_out(condition: Any) -> None:
    assert tables_if(condition) == []


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
def test_a_table_whose_condition_is_undecided_may_be_absent(condition: Any, given: Any) -> None:
    (table,) = tables_if(condition, given)
    assert table.may_be_absent
    assert table.cause is not None
    if condition == P_IS_A:
        assert isinstance(table.cause, type(given))


def test_conditions_that_depend_on_each_other_are_undecided() -> None:
    body = {
        "Conditions": {"A": {"Condition": "B"}, "B": {"Fn::Not": [{"Condition": "A"}]}},
        "Resources": {"Orders": {"Type": TABLE, "Condition": "A", "Properties": {}}},
    }
    (table,) = tables(body)
    assert table.may_be_absent


def test_a_condition_has_one_truth_in_each_case() -> None:
    choices = [{"Fn::If": ["C", n, -n]} for n in range(1, 9)]
    body = template(choices, Parameters=PARAMETERS, Conditions={"C": P_IS_A})
    (table,) = tables(body, Context({"P": NOT_KNOWN}))
    values = [properties["It"] for properties in table.cases]
    assert len(values) == 2
    assert list(range(1, 9)) in values
    assert [-n for n in range(1, 9)] in values


def test_a_table_with_too_many_cases_is_hidden() -> None:
    body = template(
        [{"Fn::If": [f"C{n}", 1, 2]} for n in range(12)],
        Parameters={f"P{n}": {"Type": "String"} for n in range(12)},
        Conditions={f"C{n}": {"Fn::Equals": [{"Ref": f"P{n}"}, "a"]} for n in range(12)},
    )
    (part,) = read(body, Context(others=NOT_KNOWN))
    assert isinstance(part, HiddenPart)


def truth_of(condition: Any) -> str:
    """The truth of `condition`, as seen from a table that depends on it."""
    for table in tables_if(condition):
        return "undecided" if table.may_be_absent else "true"
    return "false"


TRUTHS = {"true": YES, "false": NO, "undecided": P_IS_A}


@pytest.mark.parametrize("one", TRUTHS)
@pytest.mark.parametrize("other", TRUTHS)
def test_true_false_and_undecided_conditions_are_combined(one: str, other: str) -> None:
    both = [TRUTHS[one], {"Fn::Not": [{"Fn::Not": [TRUTHS[other]]}]}]
    for function, decisive in (("Fn::And", "false"), ("Fn::Or", "true")):
        seen = truth_of({function: both})
        if decisive in (one, other):
            expected = decisive
        else:
            expected = "undecided" if "undecided" in (one, other) else one
        assert seen == expected


@pytest.mark.parametrize(
    ("one", "other", "seen"),
    [
        ("a", "a", "true"),
        ("a", "A", "false"),
        ("", "", "true"),
        ("true", True, "true"),
        ("True", True, "false"),
        (1, "1", "true"),
        (1, 2, "false"),
        # AWS doesn't document whether CloudFormation writes numbers as the template does.
        (1.5, "1.50", "undecided"),
        ("1.0", "1.00", "undecided"),
        ("1.0", "1.0", "true"),
        ("1.0", "1.0a", "false"),
        (["a", "b"], ["a", "b"], "true"),
        (["a", "b"], ["a"], "false"),
        (["a", {"Ref": "P"}], ["b", "a"], "false"),
        (["a", {"Ref": "P"}], ["a", "a"], "undecided"),
        (["a"], "a", "undecided"),
        ({"a": 1}, "a", "undecided"),
        ({"Ref": "AWS::NoValue"}, "", "undecided"),
        ({"Ref": "P"}, {"Ref": "P"}, "true"),
        ({"Ref": "P"}, {"Fn::Sub": "${P}"}, "true"),
        ({"Ref": "P"}, {"Ref": "Q"}, "undecided"),
        ({"Fn::Sub": "a-${P}"}, "a-b", "undecided"),
        ({"Fn::Sub": "a-${P}"}, "b-b", "false"),
        ({"Fn::Sub": "${P}-a"}, "b-b", "false"),
        ({"Fn::Sub": "a-${P}"}, {"Fn::Join": ["-", ["a", {"Ref": "P"}]]}, "true"),
        ({"Ref": "AWS::Region"}, "eu-west-1", "undecided"),
        ({"Fn::Select": [0, ["a"]]}, "a", "true"),
    ],
)
def test_values_are_compared_as_texts(one: Any, other: Any, seen: str) -> None:
    for pair in ([one, other], [other, one]):
        assert truth_of({"Fn::Equals": pair}) == seen


@pytest.mark.parametrize(
    "condition",
    [
        {"Fn::Equals": []},
        {"Fn::Equals": ["a", "a", "a"]},
        {"Fn::Not": [YES, YES]},
        {"Fn::Not": YES},
        {"Fn::And": []},
        {"Fn::Or": "x"},
        {"Fn::Equals": ["a", "a"], "Fn::Not": [YES]},
        {"Condition": ["Yes"]},
        {"Condition": None},
        {"Ref": "P"},
        True,
        None,
        [],
        NOT_KNOWN,
        HIDDEN,
        {"Fn::Not": [NOT_KNOWN]},
        {"Fn::Transform": {"Name": "M"}},
        {"Condition": "C"},
        {"Fn::Or": [{"Condition": "C"}, NO]},
    ],
)
def test_an_invalid_condition_is_undecided(condition: Any) -> None:
    (table,) = tables_if(condition)
    assert table.may_be_absent
    assert table.cause is not None
    assert table.cases == ({"It": 1},)


@pytest.mark.parametrize("name", ["Nothing", {"Fn::Equals": ["a", "a"]}, ["Yes"], 1, NOT_KNOWN])
def test_a_resource_whose_condition_is_not_declared_may_be_absent(name: Any) -> None:
    declared = {"Type": TABLE, "Condition": name, "Properties": {"It": 1}}
    (table,) = tables({"Conditions": {"Yes": YES}, "Resources": {"Orders": declared}})
    assert table.may_be_absent


@pytest.mark.parametrize("cause", [NOT_KNOWN, HIDDEN])
def test_conditions_that_can_not_be_read_are_undecided(cause: Any) -> None:
    declared = {"Type": TABLE, "Condition": "C", "Properties": {"It": CHOICE}}
    (table,) = tables({"Conditions": cause, "Resources": {"Orders": declared}})
    assert table.may_be_absent
    assert table.cause == cause
    # If the table is created, its condition is true.
    assert table.cases == ({"It": "yes"},)


CHOICE = {"Fn::If": ["C", "yes", "no"]}


def outcomes(it: Any, conditions: Any, **attributes: Any) -> tuple[list[Any], bool]:
    """The values of It in all cases, and whether the table may be absent."""
    body = {
        "Parameters": PARAMETERS,
        "Conditions": conditions,
        "Resources": {"Orders": {"Type": TABLE, "Properties": {"It": it}, **attributes}},
    }
    (table,) = tables(body, Context(others=NOT_KNOWN))
    assert (table.cause is None) == (len(table.cases) == 1 and not table.may_be_absent)
    values = (properties["It"] for properties in table.cases)
    return sorted(values, key=str), table.may_be_absent


def p_is(literal: str) -> dict[str, Any]:
    return {"Fn::Equals": [{"Ref": "P"}, literal]}


def test_a_parameter_is_not_two_values_at_once() -> None:
    both = [{"Fn::If": ["A", "a", "-"]}, {"Fn::If": ["B", "b", "-"]}]
    cases, _ = outcomes(both, {"A": p_is("a"), "B": p_is("b")})
    assert cases == [["-", "-"], ["-", "b"], ["a", "-"]]


def test_the_condition_of_a_table_is_true_in_its_properties() -> None:
    conditions = {"C": p_is("a"), "D": {"Fn::Not": [{"Condition": "C"}]}}
    assert outcomes(CHOICE, conditions, Condition="C") == (["yes"], True)
    assert outcomes(CHOICE, conditions, Condition="D") == (["no"], True)


def test_two_parameters_are_independent() -> None:
    both = [{"Fn::If": ["A", "a", "-"]}, {"Fn::If": ["B", "b", "-"]}]
    conditions = {"A": p_is("a"), "B": {"Fn::Equals": [{"Ref": "Q"}, "a"]}}
    cases, _ = outcomes(both, conditions)
    assert cases == [["-", "-"], ["-", "b"], ["a", "-"], ["a", "b"]]


def test_equal_outcomes_are_one_case() -> None:
    assert outcomes({"Fn::If": ["C", 1, 1]}, {"C": p_is("a")}) == ([1], False)
    # In a template, true doesn't equal 1.
    cases, _ = outcomes({"Fn::If": ["C", 1, True]}, {"C": p_is("a")})
    assert sorted(map(repr, cases)) == ["1", "True"]


def test_if_in_a_condition() -> None:
    inner = {"Fn::Equals": [{"Fn::If": ["C", "x", "y"]}, "y"]}
    cases, _ = outcomes({"Fn::If": ["D", "not a", "a"]}, {"C": p_is("a"), "D": inner})
    assert cases == ["a", "not a"]
    both = [CHOICE, {"Fn::If": ["D", "not a", "a"]}]
    cases, _ = outcomes(both, {"C": p_is("a"), "D": inner})
    assert cases == [["no", "not a"], ["yes", "a"]]


def test_conditions_of_properties_that_are_not_read_make_no_cases() -> None:
    conditions = {f"C{n}": {"Fn::Equals": [{"Ref": "P"}, str(n)]} for n in range(40)}
    body = {
        "Parameters": PARAMETERS,
        "Conditions": conditions,
        "Resources": {
            "Orders": {
                "Type": TABLE,
                "Properties": {
                    "It": {"Fn::If": ["C0", 1, 2]},
                    "Other": [{"Fn::If": [f"C{n}", 1, 2]} for n in range(40)],
                },
            }
        },
    }
    (table,) = tables(body, Context(others=NOT_KNOWN))
    assert [it["It"] for it in table.cases] == [1, 2]


@pytest.mark.parametrize("length", [1, 2, 3, 30])
def test_a_circle_of_conditions_is_undecided(length: int) -> None:
    circle = {
        f"C{n}": {"Fn::And": [YES, {"Condition": f"C{(n + 1) % length}"}]} for n in range(length)
    }
    declared = {"Type": TABLE, "Condition": "C0", "Properties": {"It": 1}}
    (table,) = tables({"Conditions": circle, "Resources": {"Orders": declared}})
    assert table.may_be_absent
    assert isinstance(table.cause, Hidden)


def test_an_unknown_cause_comes_before_a_hidden_one() -> None:
    conditions = {"A": p_is("a"), "B": {"Fn::Equals": [{"Ref": "Q"}, "a"]}}
    both = [{"Fn::If": ["A", 1, 2]}, {"Fn::If": ["B", 1, 2]}]
    body = template(both, Parameters=PARAMETERS, Conditions=conditions)
    (table,) = tables(body, Context({"P": HIDDEN, "Q": NOT_KNOWN}))
    assert table.cause == NOT_KNOWN
    assert len(table.cases) == 4


def test_hidden_values_of_equal_tables_have_their_own_paths() -> None:
    alike = {"Type": TABLE, "Properties": {"It": [{"Fn::ImportValue": "it"}, "a"]}}
    equal = tables({"Resources": {"One": alike, "Other": alike}})
    paths = [table.cases[0]["It"][0].path for table in equal]  # type: ignore[index]
    assert paths == [
        ("Resources", "One", "Properties", "It", "0"),
        ("Resources", "Other", "Properties", "It", "0"),
    ]


def test_tables_that_are_almost_equal_are_read_separately() -> None:
    def with_it(it: object, **more: object) -> dict[str, object]:
        return {"Type": TABLE, "Properties": {"It": it}, **more}

    resources = {
        "True": with_it(True),
        "One": with_it(1),
        "Text": with_it("1"),
        "Again": with_it(True),
        "Never": with_it(True, Condition="Never"),
    }
    conditions = {"Never": {"Fn::Equals": ["a", "b"]}}
    read = tables({"Conditions": conditions, "Resources": resources})
    values = {table.logical_id: table.cases[0]["It"] for table in read}
    assert [repr(value) for value in values.values()] == ["True", "1", "'1'", "True"]
    assert list(values) == ["True", "One", "Text", "Again"]


def test_equal_resources_are_read_with_the_properties_of_their_types() -> None:
    properties = {"Fn::If": ["C", {"It": 1, "Other": 2}, {}]}
    body = {
        "Conditions": {"C": YES},
        "Resources": {
            "One": {"Type": TABLE, "Properties": properties},
            "Other": {"Type": "AWS::DynamoDB::GlobalTable", "Properties": properties},
        },
    }
    types = {TABLE: ("It",), "AWS::DynamoDB::GlobalTable": ("Other",)}
    assert [table.cases for table in tables(body, types=types)] == [({"It": 1},), ({"Other": 2},)]
