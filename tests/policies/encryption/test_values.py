"""How values of the wrong type, and texts of users, are named in messages."""

from __future__ import annotations

import pytest

from policies.encryption.values import json_type, one_line


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (None, "null"),
        (True, "a boolean"),
        (1, "a number"),
        (1.5, "a number"),
        ("", "a string"),
        ({}, "an object"),
        ([], "a list"),
        ((), "a list"),
        (object(), "another value"),
    ],
)
def test_a_json_type_is_named_with_its_article(value: object, name: str) -> None:
    assert json_type(value) == name


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("orders", "orders"),
        ("a b-ö", "a b-ö"),
        ("a\nb\t\x1b[31m", "a\ufffdb\ufffd\ufffd[31m"),
        ("x" * 10, "x" * 10),
        ("x" * 11, "x" * 9 + "…"),
        ("\n" * 11, "\ufffd" * 9 + "…"),
        ("", ""),
    ],
)
def test_a_text_is_limited_to_one_printable_line(text: str, shown: str) -> None:
    assert one_line(text, 10) == shown
