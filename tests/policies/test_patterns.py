"""Patterns match a whole text, and never only a part of it."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.patterns import matches

TEXTS = st.text("ab:*", max_size=8)


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("orders", "orders", True),
        ("orders", "Orders", False),
        ("orders", "orders-2", False),
        ("orders", "my-orders", False),
        ("legacy-*", "legacy-", True),
        ("legacy-*", "legacy-orders", True),
        ("legacy-*", "not-legacy-orders", False),
        ("*-legacy", "orders-legacy", True),
        ("a*a", "a", False),
        ("a*b*c", "a-b-b-c", True),
        ("a*b*c", "acb", False),
        ("a.c", "abc", False),
        ("[ab]", "a", False),
        ("a?", "ab", False),
        ("*", "", True),
    ],
)
def test_a_star_matches_any_characters_and_the_rest_matches_itself(
    pattern: str, text: str, expected: bool
) -> None:
    assert matches(pattern, text) is expected


@given(TEXTS, TEXTS)
def test_a_pattern_equals_the_regular_expression_with_the_same_meaning(
    pattern: str, text: str
) -> None:
    expression = ".*".join(map(re.escape, pattern.split("*")))
    assert matches(pattern, text) is (re.fullmatch(expression, text, re.DOTALL) is not None)


def test_no_pattern_takes_long() -> None:
    start = time.process_time()
    assert not matches("a*" * 5_000 + "b", "a" * 100_000)
    # A regular expression would take exponential time.
    assert time.process_time() - start < 20
