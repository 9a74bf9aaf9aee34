"""Templates that are written to keep the pack busy or to break it."""

from __future__ import annotations

import time
from typing import Any

import pytest

from policies.encryption.values import Hidden
from policies.templates import (
    Context,
    HiddenPart,
    InvalidTemplate,
    TemplateResource,
    parse,
)
from tests.policies.templates.reading import TABLE, read, reason, template

SECONDS = 5
"""Far more than any body takes, and far less than without limits."""


def nested(depth: int, make: Any, inner: Any) -> Any:
    for _ in range(depth):
        inner = make(inner)
    return inner


def cyclic() -> dict[str, Any]:
    inner: dict[str, Any] = {}
    inner["Resources"] = inner
    return inner


def cyclic_loop() -> list[Any]:
    body: dict[str, Any] = {}
    loop: list[Any] = ["X", ["a", "b"], body]
    body["Fn::ForEach::X${X}"] = loop
    return loop


BOMB = "a: &a [x, x]\n" + "".join(
    f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdefghij", "bcdefghijk", strict=True)
)
BODIES = {
    "aliases": BOMB,
    "cyclic alias": "a: &a [*a]",
    "open brackets": "[" * 100_000,
    "open braces": '{"a":' * 100_000,
    "closed brackets": "a: " + "[" * 50_000 + "]" * 50_000,
    "sequences in YAML": "- " * 100_000,
    "mappings in YAML": "? " * 100_000,
    "megabytes": "a: " + "x" * 5_000_000,
    "many items deep inside": "a: " + "[" * 90 + "1," * 1_000_000,
    "many items": "a: [" + "1," * 1_000_000 + "]",
    "huge integer": "a: " + "9" * 100_000,
    "huge integer in JSON": '{"a": ' + "9" * 100_000 + "}",
    "no number": '{"a": NaN}',
    "infinite number": '{"a": 1e999999}',
    "lone surrogate": '{"a": "\\ud800"}',
    "lone surrogate in YAML": "a: \ud800",
    "structure in itself": cyclic(),
    "deep structure": nested(5_000, lambda it: {"a": it}, 1),
    "deep functions": template(nested(90, lambda it: {"Fn::Join": ["", [it, it]]}, "a")),
    "wide text": template({"Fn::Join": ["x" * 1000, ["y"] * 50_000]}),
    "text in text": template(
        nested(60, lambda it: {"Fn::Sub": ["${A}${A}", {"A": it}]}, "x" * 100)
    ),
    "map in map": template(nested(60, lambda it: {"Fn::FindInMap": ["M", it, it]}, "a")),
    "many conditions": template(
        [{"Fn::If": [f"C{n}", 1, 2]} for n in range(5_000)],
        Conditions={
            f"C{n}": {"Fn::Or": [{"Condition": f"C{n + 1}"}, {"Condition": f"C{n + 2}"}]}
            for n in range(5_000)
        },
    ),
    "many conditional stacks": {
        "Conditions": {
            f"C{n}": {
                "Fn::And": [
                    *[{"Condition": f"C{n + 1}"}] * 3,
                    *[{"Fn::Equals": [{"Ref": "AWS::StackId"}, "x"]}] * 300,
                ]
            }
            for n in range(20)
        },
        "Resources": {
            f"It{n}": {"Type": "AWS::CloudFormation::Stack", "Condition": "C0"}
            for n in range(2_000)
        },
    },
    "choices in choices": template(nested(50, lambda it: {"Fn::If": ["C", it, it]}, 1)),
    "parameter that is a list in a list": template(
        {"Fn::Join": [",", [{"Ref": "P"}] * 1000]},
        Parameters={"P": {"Type": "CommaDelimitedList", "Default": "x," * 100_000}},
    ),
    "merge keys": "a: &a {x: 1}\n" + "".join(f"b{n}: {{<<: *a}}\n" for n in range(10_000)),
    "aliases in JSON": '{"a": &a ["x"], "b": [*a, *a]}',
    "huge number in base 60": "a: 1" + ":59" * 50_000,
    "huge hexadecimal": "a: 0x" + "f" * 100_000,
    "huge floating point": "a: " + "1" * 100_000 + ".5e" + "9" * 1_000,
    "numbers that JSON does not have": '{"a": [Infinity, -Infinity, NaN]}',
    "no number in a structure": template({"Fn::Equals": [float("nan"), float("inf")]}),
    "list in itself": {"Resources": nested(1, lambda it: (it.append(it), it)[1], [])},
    "deep lists": {"Resources": nested(5_000, lambda it: [it], 1)},
    "many lists in lists": {"Resources": nested(30, lambda it: [it, it], 1)},
    "deep JSON": '{"a":' * 900 + "1" + "}" * 900,
    "deep properties": template(nested(95, lambda it: {"a": it}, 1)),
    "very wide text": template({"Fn::Join": ["", ["x"] * 200_000]}),
    "wide texts": template([{"Fn::Join": ["", ["x" * 90_000] * 2]}] * 2_000),
    "long texts": template([{"Fn::Sub": "${AWS::StackId}" * 2_000}] * 20),
    "texts of parts in texts": template(
        nested(40, lambda it: {"Fn::Join": ["-", [it, it, {"Ref": "AWS::StackId"}]]}, "a")
    ),
    "Base64 in Base64": template(nested(55, lambda it: {"Fn::Base64": it}, "x" * 50_000)),
    "lists in lists of lists": template(
        nested(40, lambda it: {"Fn::Split": ["x", {"Fn::Join": ["xx", [it, it]]}]}, "x" * 1_000)
    ),
    "open variables": template({"Fn::Sub": "${" * 200_000}),
    "names in names": template(nested(50, lambda it: {"Ref": it}, "AWS::Region")),
    "map that refers to itself": template(
        {"Fn::FindInMap": ["M", "a", "a"]},
        Mappings={"M": {"a": {"a": {"Fn::FindInMap": ["M", "a", "a"]}}}},
    ),
    "map that refers to itself twice": template(
        {"Fn::FindInMap": ["M", "a", "a"]},
        Mappings={"M": {"a": {"a": [{"Fn::FindInMap": ["M", "a", "a"]}] * 2}}},
    ),
    "wide map": template(
        [{"Fn::FindInMap": ["M", {"Ref": "AWS::StackId"}, {"Ref": "AWS::StackId"}]}] * 500,
        Mappings={"M": {str(n): {str(it): it for it in range(100)} for n in range(500)}},
    ),
    "condition that refers to itself twice": template(
        {"Fn::If": ["C", 1, 2]}, Conditions={"C": {"Fn::And": [{"Condition": "C"}] * 10}}
    ),
    "choices of conditions": template(
        {"Fn::If": ["C0", 1, 2]},
        Conditions={
            f"C{n}": {"Fn::Equals": [{"Fn::If": [f"C{n + 1}", "a", {"Ref": "AWS::StackId"}]}, "b"]}
            for n in range(200)
        },
    ),
    "deep conditions": template(
        {"Fn::If": ["C", 1, 2]},
        Conditions={"C": nested(90, lambda it: {"Fn::Not": [it]}, {"Fn::Equals": [1, 1]})},
    ),
    "wide comparison": template(
        {"Fn::If": ["C", 1, 2]},
        Conditions={"C": {"Fn::Equals": [[{"Ref": "AWS::StackId"}] * 20_000, ["a"] * 20_000]}},
    ),
    "many tables": {
        "Conditions": {f"C{n}": {"Fn::Equals": [{"Ref": f"P{n}"}, "a"]} for n in range(20)},
        "Parameters": {f"P{n}": {"Type": "String"} for n in range(20)},
        "Resources": {
            f"T{n}": {
                "Type": TABLE,
                "Properties": {"It": [{"Fn::If": [f"C{it}", 1, 2]} for it in range(20)]},
            }
            for n in range(1_000)
        },
    },
    "keys of keys": {
        "Resources": {
            **{
                f"K{n}": {"Type": "AWS::KMS::Key", "Properties": {"KeySpec": {"Ref": f"K{n + 1}"}}}
                for n in range(1_000)
            },
            "Orders": {"Type": TABLE, "Properties": {"It": {"Ref": "K0"}}},
        }
    },
    "loops in loops": {
        "Resources": {
            "Fn::ForEach::A": nested(90, lambda it: ["X", ["a"], {"Fn::ForEach::B": it}], 1)
        }
    },
    "loops that double": {
        "Resources": {
            "Fn::ForEach::A": nested(
                7,
                lambda it: ["X", ["a", "b"] * 10, {"Fn::ForEach::B": it}],
                ["Y", ["c"], {"T${Y}": {"Type": TABLE}}],
            )
        }
    },
    "loop of many items": {
        "Parameters": {"P": {"Type": "CommaDelimitedList", "Default": "x," * 100_000}},
        "Resources": {
            f"Fn::ForEach::A{n}": ["X", {"Ref": "P"}, {"T${X}": {"Type": TABLE}}]
            for n in range(100)
        },
    },
    "loop with a large body": {
        "Resources": {
            "Fn::ForEach::A": [
                "X",
                [str(n) for n in range(900)],
                {"T${X}": {"Type": TABLE, "Properties": {"It": ["${X}"] * 10_000}}},
            ]
        }
    },
    "loop that makes long texts": {
        "Resources": {
            "Fn::ForEach::A": [
                "X",
                ["x" * 90_000],
                {"T${X}": {"Type": TABLE, "It": "${X}" * 9_000}},
            ]
        }
    },
    "loop with deep values": {
        "Resources": {
            "Fn::ForEach::A": ["X", ["a"], {"T": nested(5_000, lambda it: {"a": it}, "${X}")}]
        }
    },
    "loops in properties that double": template(
        {"Fn::ForEach::A": nested(6, lambda it: ["X", ["a", "b"] * 9, {"Fn::ForEach::B": it}], [])}
    ),
    "loops in properties in all cases": template(
        [
            *[{"Fn::If": [f"C{n}", 1, 2]} for n in range(10)],
            *[{"Fn::ForEach::A": ["X", [str(n) for n in range(100)], {"${X}": "${X}"}]}] * 20,
        ],
        Conditions={f"C{n}": {"Fn::Equals": [{"Ref": f"P{n}"}, "a"]} for n in range(10)},
    ),
    "loop in itself": {"Resources": {"Fn::ForEach::A": cyclic_loop()}},
    "maps in all cases": template(
        [{"Fn::FindInMap": ["M", {"Ref": f"P{n}"}, {"Ref": f"Q{n}"}]} for n in range(30)],
        Mappings={"M": {f"n{n}": {f"m{m}": n + m for m in range(30)} for n in range(30)}},
    ),
    "globals in globals": {
        "Globals": {"SimpleTable": nested(90, lambda it: {"a": it}, 1)},
        "Resources": {
            "Orders": {
                "Type": "AWS::Serverless::SimpleTable",
                "Properties": nested(90, lambda it: {"a": it}, 2),
            }
        },
    },
    "wide condition of many tables": {
        "Conditions": {
            "C": {
                "Fn::Equals": [
                    {"Fn::If": ["D", "a", [{"Fn::Sub": "${P}" * 1_000}] * 1_000]},
                    "a",
                ]
            },
            "D": {"Fn::Equals": ["a", "a"]},
        },
        "Resources": {
            f"T{n}": {"Type": TABLE, "Properties": {"It": [n, {"Fn::If": ["C", 1, 2]}]}}
            for n in range(1_000)
        },
    },
    "names that can't be printed": {"Resources": {"\x1b[31m\n": {"Type": TABLE}}},
    "sections of other types": {"Resources": {"Orders": 7}, "Conditions": [], "Mappings": "x"},
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_any_body_is_read_soon(body: Any) -> None:
    start = time.monotonic()
    structure = parse(body) if isinstance(body, str) else body
    if not isinstance(structure, InvalidTemplate):
        read(structure, Context())
    assert time.monotonic() - start < SECONDS


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("open brackets", "values are nested too deeply"),
        ("megabytes", "the template is longer than 4 MB"),
        ("many items", "the template contains too many values"),
    ],
)
def test_an_invalid_text_has_a_reason(name: str, expected: str) -> None:
    body = BODIES[name]
    assert isinstance(body, str)
    assert reason(body).startswith(expected)


@pytest.mark.parametrize("name", ["deep functions", "wide text", "text in text"])
def test_a_table_that_takes_too_many_steps_is_hidden_and_others_are_not(name: str) -> None:
    body = BODIES[name]
    assert isinstance(body, dict)
    good = {"Type": TABLE, "Properties": {"It": 1}}
    orders, other = read({**body, "Resources": {**body["Resources"], "Good": good}})
    assert isinstance(orders, HiddenPart)
    assert isinstance(orders.cause, Hidden)
    assert isinstance(other, TemplateResource)
    assert other.cases == ({"It": 1},)
