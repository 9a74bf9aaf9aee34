"""Loops (Fn::ForEach), which the transform AWS::LanguageExtensions expands."""

from __future__ import annotations

from typing import Any

import pytest

from policies.encryption.values import Hidden, Unreadable
from policies.templates import Context, HiddenPart, Key
from tests.policies.templates.reading import (
    CONTEXT,
    HIDDEN,
    NOT_KNOWN,
    TABLE,
    hidden,
    read,
    tables,
    template,
    value,
    values,
)

PARAMETERS = {
    "P": {"Type": "String", "Default": "c"},
    "L": {"Type": "CommaDelimitedList", "Default": "Points, Score"},
}
MAPPINGS = {"M": {"live": {"names": ["a", "b"]}, "c": {"names": ["c"]}}}


def looped(collection: Any, it: Any = 1, name: str = "T${X}", **sections: Any) -> dict[str, Any]:
    """A template with a loop of tables over `collection`, which have `it` as their property It."""
    body = {name: {"Type": TABLE, "Properties": {"It": it}}}
    resources = {**sections.pop("Resources", {}), "Fn::ForEach::Tables": ["X", collection, body]}
    sections = {"Parameters": PARAMETERS, "Mappings": MAPPINGS, **sections}
    return {"Transform": "AWS::LanguageExtensions", **sections, "Resources": resources}


def names(body: Any, context: Context = CONTEXT) -> list[str]:
    """The logical IDs of all tables, all of which must be readable."""
    assert hidden(body, context) == []
    return [table.logical_id for table in tables(body, context)]


@pytest.mark.parametrize(
    ("collection", "expected"),
    [
        (["a", "b"], ["Ta", "Tb"]),
        ([], []),
        ([1, 2.5, True], ["T1", "T2.5", "Ttrue"]),
        ({"Ref": "L"}, ["TPoints", "TScore"]),
        ([{"Ref": "P"}, "d"], ["Tc", "Td"]),
        ({"Fn::FindInMap": ["M", "live", "names"]}, ["Ta", "Tb"]),
        ({"Fn::FindInMap": ["M", {"Ref": "P"}, "names"]}, ["Tc"]),
        ({"Fn::FindInMap": ["M", "no", "names", {"DefaultValue": ["x"]}]}, ["Tx"]),
        ({"Fn::Split": [",", "a,b"]}, ["Ta", "Tb"]),
        (["a", "a"], ["Ta"]),
    ],
)
def test_a_loop_makes_a_table_for_each_item(collection: Any, expected: list[str]) -> None:
    assert names(looped(collection)) == expected


def test_a_loop_over_a_parameter_of_the_stack() -> None:
    assert names(looped({"Ref": "L"}), Context({"L": "a,b"})) == ["Ta", "Tb"]
    assert names(looped({"Ref": "L"}), Context({"L": ["a", "b"]})) == ["Ta", "Tb"]


@pytest.mark.parametrize(
    ("collection", "context", "cause"),
    [
        ({"Ref": "L"}, Context({"L": NOT_KNOWN}), NOT_KNOWN),
        ({"Ref": "L"}, Context({"L": HIDDEN}), HIDDEN),
        ({"Ref": "L"}, Context({"L": ["a", NOT_KNOWN]}), NOT_KNOWN),
        ({"Fn::FindInMap": ["M", {"Ref": "P"}, "names"]}, Context({"P": HIDDEN}), HIDDEN),
        ({"Fn::If": ["C", ["a"], ["b"]]}, Context({"P": HIDDEN}), HIDDEN),
    ],
)
def test_a_loop_over_a_collection_that_is_not_known_is_hidden(
    collection: Any, context: Context, cause: Any
) -> None:
    conditions = {"C": {"Fn::Equals": [{"Ref": "P"}, "a"]}}
    body = looped(collection, Conditions=conditions)
    assert read(body, context) == [HiddenPart("Fn::ForEach::Tables", cause)]


def test_the_sample_of_aws_makes_tables_and_buckets() -> None:
    body = """
    Transform: AWS::LanguageExtensions
    Resources:
      Fn::ForEach::DynamoDBAndS3:
      - Identifier
      - [points, score]
      - DynamoDB${Identifier}:
          Type: AWS::DynamoDB::Table
          Properties:
            It: !Sub Table${Identifier}
        S3${Identifier}:
          Type: AWS::S3::Bucket
    Outputs:
      Fn::ForEach::Outputs:
      - Identifier
      - [points, score]
      - Out${Identifier}: {Value: !GetAtt "DynamoDB${Identifier}.Arn"}
    """
    points, score = tables(body)
    assert (points.logical_id, points.cases) == ("DynamoDBpoints", ({"It": "Tablepoints"},))
    assert (score.logical_id, score.cases) == ("DynamoDBscore", ({"It": "Tablescore"},))


@pytest.mark.parametrize(
    ("it", "expected"),
    [
        ("${X}", "a.b-1"),
        ("&{X}", "ab1"),
        ("x${X}&{X}", "xa.b-1ab1"),
        ({"Ref": "X"}, "a.b-1"),
        ({"Fn::Sub": "${X}-${P}"}, "a.b-1-c"),
        ({"Fn::Join": ["/", ["x", {"Ref": "X"}]]}, "x/a.b-1"),
        ({"k${X}": [{"Ref": "X"}, 1, None, True]}, {"ka.b-1": ["a.b-1", 1, None, True]}),
        ("${Y}${!X}$X{X}", "${Y}${!X}$X{X}"),
        ({"Ref": "P"}, "c"),
    ],
)
def test_the_identifier_is_replaced(it: Any, expected: Any) -> None:
    (table,) = tables(looped(["a.b-1"], it, name="T&{X}"))
    assert table.logical_id == "Tab1"
    assert table.cases == ({"It": expected},)


def test_nested_loops_make_all_combinations() -> None:
    inner = ["Y", [{"Ref": "P"}, "${X}2"], {"T${X}${Y}": {"Type": TABLE}, "Y${Y}": {"Type": "A"}}]
    loop = ["X", ["a", "b"], {"Fn::ForEach::Y${X}": inner, "T${X}": {"Type": TABLE}}]
    body = looped([], Resources={"Fn::ForEach::X": loop})
    assert names(body) == ["Tac", "Taa2", "Ta", "Tbc", "Tbb2", "Tb"]


def test_a_nested_loop_that_is_not_known_is_hidden_and_what_is_around_it_is_not() -> None:
    inner = ["Y", {"Ref": "L"}, {"T${X}${Y}": {"Type": TABLE}}]
    loop = ["X", ["a"], {"Fn::ForEach::Y": inner, "T${X}": {"Type": TABLE}}]
    body = looped([], Resources={"Fn::ForEach::X": loop})
    loop_part, table = read(body, Context({"L": HIDDEN}))
    assert loop_part == HiddenPart("Fn::ForEach::Y", HIDDEN)
    assert table.logical_id == "Ta"


def test_conditions_in_loops_and_loops_of_conditions() -> None:
    loop = ["X", ["a", "c"], {"Is${X}": {"Fn::Equals": [{"Ref": "P"}, "${X}"]}}]
    body = {
        "Parameters": PARAMETERS,
        "Conditions": {"Fn::ForEach::C": loop},
        "Resources": {
            "Fn::ForEach::T": [
                "X",
                ["a", "c"],
                {
                    "T${X}": {"Type": TABLE, "Condition": "Is${X}"},
                    "U${X}": {"Type": TABLE, "Properties": {"It": {"Fn::If": ["Is${X}", 1, 2]}}},
                },
            ]
        },
    }
    assert [(table.logical_id, table.cases) for table in tables(body)] == [
        ("Ua", ({"It": 2},)),
        ("Tc", ({},)),
        ("Uc", ({"It": 1},)),
    ]
    open_parts = tables(body, Context({"P": HIDDEN}))
    assert [table.may_be_absent for table in open_parts] == [True, False, True, False]


@pytest.mark.parametrize("cause", [NOT_KNOWN, HIDDEN])
def test_a_condition_that_a_loop_may_make_is_undecided(cause: Unreadable) -> None:
    conditions = ["X", {"Ref": "L"}, {"Is${X}": {"Fn::Equals": ["a", "b"]}}]
    body = {
        "Parameters": PARAMETERS,
        "Conditions": {"Fn::ForEach::C": conditions},
        "Resources": {"Orders": {"Type": TABLE, "Condition": "Isa"}},
    }
    (table,) = tables(body, Context({"L": cause}))
    assert (table.may_be_absent, table.cause) == (True, cause)


def test_a_key_that_a_loop_makes_is_recognized() -> None:
    keys = ["X", ["A", "B"], {"Key${X}": {"Type": "AWS::KMS::Key", "Properties": {}}}]
    body = looped(["A"], {"Fn::GetAtt": ["Key${X}", "Arn"]}, Resources={"Fn::ForEach::K": keys})
    (table,) = tables(body)
    assert table.cases == ({"It": Key("KeyA", "AWS::KMS::Key", {})},)


def loop(collection: Any, **body: Any) -> dict[str, Any]:
    return {"Fn::ForEach::Loop": ["X", collection, body]}


def test_a_loop_in_a_value_makes_members() -> None:
    it = {"a": 1, **loop(["b", "c"], **{"${X}": {"Ref": "X"}})}
    assert value(it) == {"a": 1, "b": "b", "c": "c"}
    nested = loop(["b"], **{"Fn::ForEach::In": ["Y", ["c", "d"], {"${X}${Y}": "${Y}"}]})
    assert value({"x": nested}) == {"x": {"bc": "c", "bd": "d"}}


def test_a_loop_in_the_properties_of_a_table() -> None:
    for names_of_loop, expected in ((["It"], "It!"), (["Other"], None)):
        properties = {"KeySchema": [], **loop(names_of_loop, **{"${X}": "${X}!"})}
        (table,) = tables({"Resources": {"Orders": {"Type": TABLE, "Properties": properties}}})
        assert table.cases[0].get("It") == expected
    properties = {"It": 1, **loop({"Ref": "P"}, **{"${X}": 1})}
    orders = {"Type": TABLE, "Properties": properties}
    body = {"Parameters": {"P": PARAMETERS["L"]}, "Resources": {"Orders": orders}}
    (part,) = read(body, Context({"P": NOT_KNOWN}))
    assert part == HiddenPart("Orders", NOT_KNOWN)


@pytest.mark.parametrize("wrong", [1, [], ["X", ["a"], 1], {"a": 1}, None])
def test_a_loop_that_is_not_one_is_hidden_in_its_place(wrong: Any) -> None:
    result = value({"a": {"Fn::ForEach::X": wrong, "b": 1}, "c": 2})
    assert isinstance(result["a"], Hidden)
    assert result["c"] == 2


def test_values_in_loops_are_compared_by_their_origin() -> None:
    """Repeated evaluations assume the same for the same value."""
    unknown = {"Fn::ImportValue": {"Fn::Sub": "${P}-${X}"}}
    equals = {"Fn::If": [{"Fn::Equals": [unknown, "a"]}, {"v${X}": "yes"}, {"v${X}": "no"}]}
    it = loop(["m", "n"], **{"k${X}": equals})
    results = values(template(it, Parameters=PARAMETERS))
    pairs = {(case["km"]["vm"], case["kn"]["vn"]) for case in results}
    assert pairs == {(one, other) for one in ("yes", "no") for other in ("yes", "no")}
    assert len(results) == 4


def test_a_loop_that_makes_too_much_is_hidden() -> None:
    body = looped([str(n) for n in range(1_001)], Resources={"Orders": {"Type": TABLE}})
    orders, part = read(body)
    assert orders.logical_id == "Orders"
    assert isinstance(part, HiddenPart)
    assert isinstance(part.cause, Hidden)
    assert part.cause.reason == "a loop (Fn::ForEach) takes too many steps to expand"
    assert len(names(looped([str(n) for n in range(1_000)]))) == 1_000


def test_a_loop_that_makes_too_much_of_other_types_is_ignored() -> None:
    bucket = {"B${X}": {"Type": "AWS::S3::Bucket"}}
    loop_of_buckets = ["X", [str(n) for n in range(2_000)], bucket]
    assert read({"Resources": {"Fn::ForEach::B": loop_of_buckets}}) == []


def test_loops_that_are_nested_too_deeply_are_hidden() -> None:
    body: Any = {"T": {"Type": TABLE}}
    for _ in range(9):
        body = {"Fn::ForEach::A": ["X", ["a"], body]}
    (part,) = read({"Resources": body})
    assert isinstance(part, HiddenPart)


def test_an_unknown_collection_leaves_the_next_one_readable() -> None:
    buckets = {"Bucket${Y}": {"Type": "AWS::S3::Bucket"}}
    loops = {
        "Fn::ForEach::First": ["Y", {"Fn::If": ["IsOn", ["a"], ["b"]]}, buckets],
        "Fn::ForEach::Second": ["Z", ["K"], {"Table${Z}": {"Type": TABLE}}],
    }
    body = {
        "Parameters": {"On": {"Type": "String"}},
        "Conditions": {"IsOn": {"Fn::Equals": [{"Ref": "On"}, "yes"]}},
        "Resources": {"Fn::ForEach::Outer": ["X", ["A"], loops]},
    }
    assert names(body) == ["TableK"]
