"""Which exemption covers a table, and which exemptions of a stack cover none."""

from __future__ import annotations

from datetime import date

import pytest

from policies.exemptions import Exemption, Exemptions, UrnPattern

URN = "urn:pulumi:prod::shop::a:b:C::orders"
IN_PROD = UrnPattern("urn:pulumi:prod::*")
IN_DEV = UrnPattern("urn:pulumi:dev::*")
VALID = Exemption("legacy", table="orders")


def expired(day: int) -> Exemption:
    return Exemption("legacy", table="orders", expires=date(2026, 11, day), expired=True)


@pytest.mark.parametrize(
    ("exemption", "expected"),
    [
        (Exemption("legacy", table="orders"), True),
        (Exemption("legacy", table="o*s"), True),
        (Exemption("legacy", table="order"), False),
        (Exemption("legacy", table="Orders"), False),
        (Exemption("legacy", urn=IN_PROD), True),
        (Exemption("legacy", urn=IN_DEV), False),
        (Exemption("legacy", table="orders", urn=IN_PROD), True),
        (Exemption("legacy", table="orders", urn=IN_DEV), False),
        (Exemption("legacy", table="orders-2", urn=IN_PROD), False),
        (expired(1), True),
    ],
)
def test_an_exemption_covers_a_table_if_both_patterns_match(
    exemption: Exemption, expected: bool
) -> None:
    assert exemption.covers("orders", URN) is expected


@pytest.mark.parametrize(
    ("exemptions", "expected"),
    [
        ([expired(1), VALID, expired(20)], VALID),
        ([VALID, Exemption("other", table="*")], VALID),
        ([expired(1), expired(20), expired(10)], expired(20)),
        ([Exemption("legacy", table="sessions"), Exemption("legacy", urn=IN_DEV)], None),
        ([], None),
    ],
)
def test_a_valid_exemption_counts_before_the_one_that_expired_last(
    exemptions: list[Exemption], expected: Exemption | None
) -> None:
    assert Exemptions(exemptions).covering("orders", URN) == expected


def test_an_exemption_is_unused_if_it_covers_no_table_of_its_stack() -> None:
    other_table = Exemption("legacy", table="sessions")
    other_urn = Exemption("legacy", urn=UrnPattern("urn:pulumi:prod::shop::a:b:C::sessions"))
    other_stack = Exemption("legacy", urn=IN_DEV)
    exemptions = Exemptions([VALID, expired(1), other_table, other_urn, other_stack])
    tables = [("orders", URN), ("customers", URN.replace("orders", "customers"))]
    assert exemptions.unused(iter(tables), URN) == [other_table, other_urn]
    assert exemptions.unused([], URN) == [VALID, expired(1), other_table, other_urn]
    assert Exemptions().unused(tables, URN) == []
