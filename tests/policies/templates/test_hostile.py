"""Templates that are made to do harm: each is answered, and soon."""

from __future__ import annotations

import time
from typing import Any

import pytest

from policies.templates import BadTemplate, Context, declarations, hidden_parts, parse
from tests.policies.templates.reading import TABLE

SECONDS = 5
"""Far more than any takes here, and far less than what an unbounded reader would take."""


def nested(depth: int, make: Any, inner: Any) -> Any:
    for _ in range(depth):
        inner = make(inner)
    return inner


def table(it: Any, **sections: Any) -> dict[str, Any]:
    return {**sections, "Resources": {"Orders": {"Type": TABLE, "Properties": {"It": it}}}}


def cyclic() -> dict[str, Any]:
    inner: dict[str, Any] = {}
    inner["Resources"] = inner
    return inner


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
    "many items": "a: [" + "1," * 1_000_000 + "]",
    "huge integer": "a: " + "9" * 100_000,
    "huge integer in JSON": '{"a": ' + "9" * 100_000 + "}",
    "no number": '{"a": NaN}',
    "infinite number": '{"a": 1e999999}',
    "lone surrogate": '{"a": "\\ud800"}',
    "lone surrogate in YAML": "a: \ud800",
    "structure in itself": cyclic(),
    "deep structure": nested(5_000, lambda it: {"a": it}, 1),
    "deep functions": table(nested(90, lambda it: {"Fn::Join": ["", [it, it]]}, "a")),
    "wide text": table({"Fn::Join": ["x" * 1000, ["y"] * 50_000]}),
    "text in text": table(nested(60, lambda it: {"Fn::Sub": ["${A}${A}", {"A": it}]}, "x" * 100)),
    "map in map": table(nested(60, lambda it: {"Fn::FindInMap": ["M", it, it]}, "a")),
    "many conditions": table(
        [{"Fn::If": [f"C{n}", 1, 2]} for n in range(5_000)],
        Conditions={
            f"C{n}": {"Fn::Or": [{"Condition": f"C{n + 1}"}, {"Condition": f"C{n + 2}"}]}
            for n in range(5_000)
        },
    ),
    "choices in choices": table(nested(50, lambda it: {"Fn::If": ["C", it, it]}, 1)),
    "parameter that is a list in a list": table(
        {"Fn::Join": [",", [{"Ref": "P"}] * 1000]},
        Parameters={"P": {"Type": "CommaDelimitedList", "Default": "x," * 100_000}},
    ),
    "names that can't be printed": {"Resources": {"\x1b[31m\n": {"Type": TABLE}}},
    "sections of other types": {"Resources": {"Orders": 7}, "Conditions": [], "Mappings": "x"},
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_it_is_answered_soon(body: object) -> None:
    start = time.monotonic()
    parsed = parse(body)
    if not isinstance(parsed, BadTemplate):
        for types in ({TABLE: ("It",)}, [TABLE]):
            declarations(parsed, types, Context())
            hidden_parts(parsed, types, Context())
    assert time.monotonic() - start < SECONDS


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("aliases", "it uses a YAML alias"),
        ("open brackets", "it is nested too deeply"),
        ("megabytes", "it is longer than 4 MB"),
        ("many items", "it holds too many values"),
        ("huge integer", "it holds a number of too many digits"),
        ("huge integer in JSON", "it holds a number of too many digits"),
        ("infinite number", "it holds a number that is too large"),
        ("structure in itself", "it is nested too deeply"),
        ("deep structure", "it is nested too deeply"),
    ],
)
def test_it_is_refused_with_a_reason(name: str, why: str) -> None:
    parsed = parse(BODIES[name])
    assert isinstance(parsed, BadTemplate)
    assert parsed.reason.startswith(why)
