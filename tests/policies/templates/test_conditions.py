"""Conditions, and what is left of a table under them."""

from __future__ import annotations

from typing import Any

import pytest

from policies.encryption import Hidden
from policies.templates import Context, declarations
from tests.policies.templates.reading import (
    HIDDEN,
    NOT_KNOWN,
    TABLE,
    read,
)

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


TRUTHS = {"true": YES, "false": NO, "open": P_IS_A}


@pytest.mark.parametrize("one", TRUTHS)
@pytest.mark.parametrize("other", TRUTHS)
def test_conditions_are_combined_with_three_values(one: str, other: str) -> None:
    both = [TRUTHS[one], {"Fn::Not": [{"Fn::Not": [TRUTHS[other]]}]}]
    for function, decisive in (("Fn::And", "false"), ("Fn::Or", "true")):
        found = tables({function: both})
        if decisive in (one, other):
            expected = decisive
        else:
            expected = "open" if "open" in (one, other) else one
        seen = "false" if not found else "open" if found[0].may_be_absent else "true"
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
        # Whether AWS writes numbers as the template does is not told anywhere.
        (1.5, "1.50", "open"),
        ("1.0", "1.00", "open"),
        ("1.0", "1.0", "true"),
        ("1.0", "1.0a", "false"),
        (["a", "b"], ["a", "b"], "true"),
        (["a", "b"], ["a"], "false"),
        (["a", {"Ref": "P"}], ["b", "a"], "false"),
        (["a", {"Ref": "P"}], ["a", "a"], "open"),
        (["a"], "a", "open"),
        ({"a": 1}, "a", "open"),
        ({"Ref": "AWS::NoValue"}, "", "open"),
        ({"Ref": "P"}, {"Ref": "P"}, "true"),
        ({"Ref": "P"}, {"Fn::Sub": "${P}"}, "true"),
        ({"Ref": "P"}, {"Ref": "Q"}, "open"),
        ({"Fn::Sub": "a-${P}"}, "a-b", "open"),
        ({"Fn::Sub": "a-${P}"}, "b-b", "false"),
        ({"Fn::Sub": "${P}-a"}, "b-b", "false"),
        ({"Fn::Sub": "a-${P}"}, {"Fn::Join": ["-", ["a", {"Ref": "P"}]]}, "true"),
        ({"Ref": "AWS::Region"}, "eu-west-1", "open"),
        ({"Fn::Select": [0, ["a"]]}, "a", "true"),
    ],
)
def test_values_are_compared_as_texts(one: Any, other: Any, seen: str) -> None:
    for pair in ([one, other], [other, one]):
        found = tables({"Fn::Equals": pair})
        assert seen == ("false" if not found else "open" if found[0].may_be_absent else "true")


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
def test_a_condition_that_is_none_is_undecided(condition: Any) -> None:
    (declaration,) = tables(condition)
    assert declaration.may_be_absent
    assert declaration.undecided is not None
    assert declaration.alternatives == ({"It": 1},)


@pytest.mark.parametrize("name", ["Nothing", {"Fn::Equals": ["a", "a"]}, ["Yes"], 1, NOT_KNOWN])
def test_a_resource_whose_condition_is_not_declared_may_be_absent(name: Any) -> None:
    table = {"Type": TABLE, "Condition": name, "Properties": {"It": 1}}
    (declaration,) = read({"Conditions": {"Yes": YES}, "Resources": {"Orders": table}})
    assert declaration.may_be_absent


@pytest.mark.parametrize("why", [NOT_KNOWN, HIDDEN])
def test_conditions_that_can_not_be_read_decide_nothing(why: Any) -> None:
    table = {"Type": TABLE, "Condition": "C", "Properties": {"It": CHOICE}}
    (declaration,) = read({"Conditions": why, "Resources": {"Orders": table}})
    assert declaration.may_be_absent
    assert declaration.undecided == why
    # Where the table is created, its condition holds.
    assert declaration.alternatives == ({"It": "yes"},)


CHOICE = {"Fn::If": ["C", "yes", "no"]}


def outcomes(it: Any, conditions: Any, **table: Any) -> tuple[list[Any], bool]:
    body = {
        "Parameters": PARAMETERS,
        "Conditions": conditions,
        "Resources": {"Orders": {"Type": TABLE, "Properties": {"It": it}, **table}},
    }
    (declaration,) = read(body, Context(others=NOT_KNOWN))
    assert declaration.opaque is None
    assert (declaration.undecided is None) == (
        len(declaration.alternatives) == 1 and not declaration.may_be_absent
    )
    return sorted((x["It"] for x in declaration.alternatives), key=str), declaration.may_be_absent


def p_is(literal: str) -> dict[str, Any]:
    return {"Fn::Equals": [{"Ref": "P"}, literal]}


def test_a_parameter_is_not_two_values_at_once() -> None:
    both = [{"Fn::If": ["A", "a", "-"]}, {"Fn::If": ["B", "b", "-"]}]
    found, _ = outcomes(both, {"A": p_is("a"), "B": p_is("b")})
    assert found == [["-", "-"], ["-", "b"], ["a", "-"]]


def test_a_condition_holds_throughout_the_table_that_has_it() -> None:
    conditions = {"C": p_is("a"), "D": {"Fn::Not": [{"Condition": "C"}]}}
    assert outcomes(CHOICE, conditions, Condition="C") == (["yes"], True)
    assert outcomes(CHOICE, conditions, Condition="D") == (["no"], True)


def test_two_parameters_are_independent() -> None:
    both = [{"Fn::If": ["A", "a", "-"]}, {"Fn::If": ["B", "b", "-"]}]
    conditions = {"A": p_is("a"), "B": {"Fn::Equals": [{"Ref": "Q"}, "a"]}}
    found, _ = outcomes(both, conditions)
    assert found == [["-", "-"], ["-", "b"], ["a", "-"], ["a", "b"]]


def test_outcomes_that_are_the_same_are_one() -> None:
    assert outcomes({"Fn::If": ["C", 1, 1]}, {"C": p_is("a")}) == ([1], False)
    # True is no number in a template.
    found, _ = outcomes({"Fn::If": ["C", 1, True]}, {"C": p_is("a")})
    assert sorted(map(repr, found)) == ["1", "True"]


def test_a_choice_may_stand_in_a_condition() -> None:
    inner = {"Fn::Equals": [{"Fn::If": ["C", "x", "y"]}, "y"]}
    found, _ = outcomes({"Fn::If": ["D", "not a", "a"]}, {"C": p_is("a"), "D": inner})
    assert found == ["a", "not a"]
    both = [CHOICE, {"Fn::If": ["D", "not a", "a"]}]
    found, _ = outcomes(both, {"C": p_is("a"), "D": inner})
    assert found == [["no", "not a"], ["yes", "a"]]


def test_a_choice_among_cases_that_matter_does_not_count_the_others() -> None:
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
    (declaration,) = read(body, Context(others=NOT_KNOWN))
    assert [it["It"] for it in declaration.alternatives] == [1, 2]


@pytest.mark.parametrize("length", [1, 2, 3, 30])
def test_a_circle_of_conditions_is_undecided(length: int) -> None:
    circle = {
        f"C{n}": {"Fn::And": [YES, {"Condition": f"C{(n + 1) % length}"}]} for n in range(length)
    }
    table = {"Type": TABLE, "Condition": "C0", "Properties": {"It": 1}}
    (declaration,) = read({"Conditions": circle, "Resources": {"Orders": table}})
    assert declaration.may_be_absent
    assert isinstance(declaration.undecided, Hidden)


def test_what_the_update_will_tell_is_blamed_first() -> None:
    conditions = {"A": p_is("a"), "B": {"Fn::Equals": [{"Ref": "Q"}, "a"]}}
    both = [{"Fn::If": ["A", 1, 2]}, {"Fn::If": ["B", 1, 2]}]
    body = {
        "Parameters": PARAMETERS,
        "Conditions": conditions,
        "Resources": {"Orders": {"Type": TABLE, "Properties": {"It": both}}},
    }
    (declaration,) = read(body, Context({"P": HIDDEN, "Q": NOT_KNOWN}))
    assert declaration.undecided == NOT_KNOWN
    assert len(declaration.alternatives) == 4


def test_tables_that_are_declared_alike_each_say_where_what_they_hide_stands() -> None:
    alike = {"Type": TABLE, "Properties": {"It": [{"Fn::ImportValue": "it"}, "a"]}}
    found = read({"Resources": {"One": alike, "Other": alike}})
    paths = [it.alternatives[0]["It"][0].path for it in found]  # type: ignore[index]
    assert paths == [
        ("Resources", "One", "Properties", "It", "0"),
        ("Resources", "Other", "Properties", "It", "0"),
    ]


def test_tables_that_are_declared_almost_alike_are_told_apart() -> None:
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
    found = read({"Conditions": conditions, "Resources": resources})
    values = {it.logical_id: it.alternatives[0]["It"] for it in found}
    assert [repr(it) for it in values.values()] == ["True", "1", "'1'", "True"]
    assert list(values) == ["True", "One", "Text", "Again"]


def test_types_that_are_declared_alike_are_read_each_with_its_own_properties() -> None:
    properties = {"Fn::If": ["C", {"It": 1, "Other": 2}, {}]}
    body = {
        "Conditions": {"C": YES},
        "Resources": {
            "One": {"Type": TABLE, "Properties": properties},
            "Other": {"Type": "AWS::DynamoDB::GlobalTable", "Properties": properties},
        },
    }
    wanted = {TABLE: ("It",), "AWS::DynamoDB::GlobalTable": ("Other",)}
    found = declarations(body, wanted, Context())
    assert [it.alternatives for it in found] == [({"It": 1},), ({"Other": 2},)]  # type: ignore[union-attr]
