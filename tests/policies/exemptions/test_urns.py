"""A pattern of URNs matches part by part, so a resource's name can't imitate another URN."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.exemptions import UrnPattern, matches_every_table, urn_pattern_fault

TABLE = "aws:dynamodb/table:Table"
URN = f"urn:pulumi:prod::shop::{TABLE}::sessions"
# The author of a program chooses the name, which can contain "::".
DISGUISED = f"urn:pulumi:prod::other::{TABLE}::a::shop::{TABLE}::sessions"


@pytest.mark.parametrize(
    ("pattern", "urn", "expected"),
    [
        (URN, URN, True),
        (URN, f"{URN}-2", False),
        (f"urn:pulumi:prod::shop::{TABLE}::*", URN, True),
        ("urn:pulumi:prod::shop::*::sessions", URN, True),
        ("urn:pulumi:prod::shop::*", URN, True),
        ("urn:pulumi:prod::*", URN, True),
        ("urn:pulumi:p*::*", URN, True),
        ("urn:pulumi:*::shop::*", URN, True),
        ("urn:pulumi:dev::*", URN, False),
        ("urn:pulumi:prod::shop-2::*", URN, False),
        (f"urn:pulumi:*::shop::{TABLE}::sessions", DISGUISED, False),
        ("urn:pulumi:*::*::*::sessions", DISGUISED, False),
        ("urn:pulumi:*::*::*::a::*", DISGUISED, True),
        ("urn:pulumi:*::shop::*", DISGUISED, False),
        ("urn:pulumi:*prod*::*", "urn:pulumi:dev::other::a:b:C::x-prod", False),
        ("urn:pulumi:dev::*shop*::*", "urn:pulumi:dev::other::a:b:C::my-shop", False),
        ("urn:pulumi:*sess*::*", URN, False),
        ("urn:pulumi:prod::sh*::*", URN, True),
        (URN, "", False),
        ("urn:pulumi:prod::*", "urn:pulumi:prod", False),
    ],
)
def test_each_part_is_matched_by_itself(pattern: str, urn: str, expected: bool) -> None:
    assert urn_pattern_fault(pattern) is None
    assert UrnPattern(pattern).matches(urn) is expected


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("urn:pulumi:prod::shop::*", True),
        ("urn:pulumi:prod::shop::*::sessions", True),
        (URN, True),
        ("urn:pulumi:*::*::*::sessions", False),
        ("urn:pulumi:prod::*", False),
        ("urn:pulumi:prod::s*::*", False),
        ("urn:pulumi:p*::shop::*", False),
        ("urn:pulumi:dev::shop::*", False),
        ("urn:pulumi:prod::other::*", False),
    ],
)
def test_a_pattern_that_names_one_stack_is_recognized(pattern: str, expected: bool) -> None:
    stack = "urn:pulumi:prod::shop::pulumi:pulumi:Stack::shop-prod"
    assert UrnPattern(pattern).names_stack_of(stack) is expected


TEXTS = st.text("ab:*", max_size=9)
NAMES = st.text("ab", min_size=1, max_size=3)


@given(TEXTS, NAMES, NAMES, TEXTS)
def test_a_pattern_that_names_a_stack_matches_only_in_it(
    rest: str, stack: str, project: str, name: str
) -> None:
    pattern = f"urn:pulumi:{stack}::{project}::{rest}::*"
    urn = f"urn:pulumi:{stack}::{project}::ab::{name}"
    if urn_pattern_fault(pattern) is None:
        assert UrnPattern(pattern).names_stack_of(urn)
        assert not UrnPattern(pattern).matches(f"urn:pulumi:{stack}c::{project}::ab::{name}")
        assert not UrnPattern(pattern).matches(f"urn:pulumi:{stack}::{project}c::ab::{name}")


FORM = "urn:pulumi:STACK::PROJECT::TYPE::NAME"
NOT_A_PATTERN = f"is not a URN pattern such as {FORM}, where each part may have *"
SHORTENED = "has a type as messages shorten it: write aws:dynamodb/table:Table, or * for any type"
TOO_SHORT = f"has too few parts: write {FORM}, or end it with ::* for all remaining parts"


@pytest.mark.parametrize(
    ("pattern", "fault"),
    [
        (URN, None),
        ("urn:pulumi:dev::shop::aws:dynamodb:Table::orders", SHORTENED),
        ("urn:pulumi:dev::shop::acme:Store$aws:dynamodb:Table::orders", SHORTENED),
        ("urn:pulumi:dev::shop::acme:dynamodb:Table::orders", None),
        ("urn:pulumi:prod::*", None),
        ("sessions", NOT_A_PATTERN),
        ("*::sessions", NOT_A_PATTERN),
        ("urn:pulumi", NOT_A_PATTERN),
        ("", NOT_A_PATTERN),
        ("urn:pulumi:prod::sessions", TOO_SHORT),
        ("urn:pulumi:prod::shop::legacy-*", TOO_SHORT),
        ("urn:pulumi:p*", TOO_SHORT),
    ],
)
def test_a_wrong_pattern_has_a_fault(pattern: str, fault: str | None) -> None:
    assert urn_pattern_fault(pattern) == fault


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*", True),
        ("**::*", True),
        ("", True),
        ("urn:pulumi:*", True),
        ("urn:pulumi:*::*::*::*", True),
        # A name with "::" in it.
        ("urn:pulumi:*::*::*::*::*", False),
        (f"urn:pulumi:*::*::{TABLE}::*", True),
        ("urn:pulumi:*::*::*dynamodb*::*", True),
        ("urn:pulumi:*::*::aws:*::*", True),
        ("urn:pulumi:**::*", True),
        (f"urn:pulumi:*::*::{TABLE}::a*", False),
        (f"urn:pulumi:*::shop::{TABLE}::*", False),
        (f"urn:pulumi:dev::*::{TABLE}::*", False),
        ("urn:pulumi:*::*::aws:cloudformation/stack:Stack::*", False),
        ("urn:pulumi:*::*::*::a", False),
        ("urn:pulumi:p*::*", False),
        ("sessions", False),
        (URN, False),
    ],
)
def test_a_pattern_that_matches_every_table_is_recognized(pattern: str, expected: bool) -> None:
    assert matches_every_table(pattern) is expected
