"""Patterns of URNs cover what they say, whatever name an author has chosen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.encryption import UrnPattern, fault_of_urn_pattern

TABLE = "aws:dynamodb/table:Table"
URN = f"urn:pulumi:prod::shop::{TABLE}::sessions"
# Whoever writes a program chooses the name.
DISGUISED = f"urn:pulumi:prod::other::{TABLE}::a::shop::{TABLE}::sessions"


@pytest.mark.parametrize(
    ("pattern", "urn", "meant"),
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
def test_each_part_is_matched_by_itself(pattern: str, urn: str, meant: bool) -> None:
    assert fault_of_urn_pattern(pattern) is None
    assert UrnPattern(pattern).covers(urn) is meant


@pytest.mark.parametrize(
    ("pattern", "meant"),
    [
        ("urn:pulumi:prod::shop::*", True),
        (URN, True),
        ("urn:pulumi:*::*::*::sessions", True),
        ("urn:pulumi:p*::*", True),
        ("urn:pulumi:prod::s*::*", True),
        ("urn:pulumi:dev::shop::*", False),
        ("urn:pulumi:prod::other::*", False),
        ("urn:pulumi:prod::other*::*", False),
        ("urn:pulumi:d*::*", False),
    ],
)
def test_one_for_another_stack_is_known(pattern: str, meant: bool) -> None:
    stack = "urn:pulumi:prod::shop::pulumi:pulumi:Stack::shop-prod"
    assert UrnPattern(pattern).may_be_in_stack_of(stack) is meant


TEXTS = st.text("ab:*", max_size=9)
NAMES = st.text("ab", min_size=1, max_size=3)


@given(TEXTS.map("urn:pulumi:{}".format), NAMES, NAMES, TEXTS)
def test_what_covers_a_urn_may_be_in_its_stack(
    pattern: str, stack: str, project: str, name: str
) -> None:
    urn = f"urn:pulumi:{stack}::{project}::ab::{name}"
    if fault_of_urn_pattern(pattern) is None and UrnPattern(pattern).covers(urn):
        assert UrnPattern(pattern).may_be_in_stack_of(urn)
