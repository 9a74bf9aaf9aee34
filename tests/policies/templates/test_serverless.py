"""Serverless tables, which inherit properties from the Globals section."""

from __future__ import annotations

from typing import Any

import pytest

from policies.templates import HiddenPart
from tests.policies.templates.reading import NOT_KNOWN, read, tables

SIMPLE = "AWS::Serverless::SimpleTable"


def template(inherited: Any, properties: Any) -> dict[str, Any]:
    """A template with one serverless table."""
    return {
        "Transform": "AWS::Serverless-2016-10-31",
        "Globals": inherited,
        "Resources": {"Orders": {"Type": SIMPLE, "Properties": properties}},
    }


@pytest.mark.parametrize(
    ("inherited", "own", "expected"),
    [
        ({"SSE": {"On": True}}, {}, {"SSE": {"On": True}}),
        ({"SSE": {"On": True}}, {"SSE": {"On": False}}, {"SSE": {"On": False}}),
        ({"SSE": {"On": True}}, {"SSE": {"Key": "k"}}, {"SSE": {"On": True, "Key": "k"}}),
        ({"SSE": {"Ref": "P"}}, {"SSE": {"On": True}}, {"SSE": {"On": True}}),
        ({"SSE": ["a"]}, {"SSE": ["b"]}, {"SSE": ["a", "b"]}),
        ({"SSE": {"On": True}}, {"SSE": {"Ref": "AWS::NoValue"}}, {}),
        ({"SSE": NOT_KNOWN}, {"SSE": {"On": True}}, {"SSE": NOT_KNOWN}),
        (
            {"SSE": {"a": 0, "c": 3}, "Other": [4]},
            {"SSE": {"a": 1, "b": 2}},
            {"SSE": {"a": 1, "b": 2, "c": 3}, "Other": [4]},
        ),
        (None, {"SSE": {"On": True}}, {"SSE": {"On": True}}),
    ],
)
def test_properties_are_merged_into_global_properties(
    inherited: Any, own: Any, expected: Any
) -> None:
    body = template({"SimpleTable": inherited}, own)
    (table,) = tables(body, types={SIMPLE: ["SSE", "Other"]})
    assert table.cases == (expected,)


@pytest.mark.parametrize("inherited", [NOT_KNOWN, {"SimpleTable": NOT_KNOWN}])
def test_a_table_with_unreadable_global_properties_is_hidden(inherited: Any) -> None:
    parts = read(template(inherited, {"SSE": 1}), types={SIMPLE: ["SSE"]})
    assert parts == [HiddenPart("Orders", NOT_KNOWN)]
