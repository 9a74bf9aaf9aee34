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


ARN = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"


@pytest.mark.parametrize(
    ("exemption", "expected"),
    [
        (Exemption("legacy", table="orders"), True),
        (Exemption("legacy", table="*ders"), True),
        (Exemption("legacy", table=ARN), True),
        (Exemption("legacy", table="arn:aws:dynamodb:*:111122223333:table/*"), True),
        (Exemption("legacy", table="arn:aws:dynamodb:*:444455556666:table/*"), False),
        (Exemption("legacy", table="*:table/orders"), False),
        # No URN is known of a table in AWS.
        (Exemption("legacy", urn=IN_PROD), False),
        (Exemption("legacy", table="orders", urn=IN_PROD), False),
    ],
)
def test_an_exemption_covers_a_table_in_aws_by_its_name_or_arn(
    exemption: Exemption, expected: bool
) -> None:
    assert exemption.covers("orders", "", ARN) is expected


def test_an_exemption_by_arn_covers_no_table_of_a_program() -> None:
    assert not Exemption("legacy", table="arn:*").covers("orders", URN)


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


def in_stack(pattern: str, table: str | None = None) -> Exemption:
    return Exemption("legacy", table, UrnPattern(f"urn:pulumi:{pattern}"))


def test_an_exemption_is_unused_if_it_names_the_stack_and_covers_no_table_of_it() -> None:
    used = in_stack("prod::shop::a:b:C::orders")
    unused = [
        in_stack("prod::shop::a:b:C::sessions"),
        in_stack("prod::shop::*", table="sessions"),
        in_stack("prod::shop::*::legacy-*"),
    ]
    # What may cover a table of another stack is never reported.
    elsewhere = [
        VALID,
        expired(1),
        Exemption("legacy", table="sessions"),
        Exemption("legacy", urn=IN_PROD),
        Exemption("legacy", urn=IN_DEV),
        in_stack("prod::*::a:b:C::sessions"),
        in_stack("p*::shop::a:b:C::sessions"),
        in_stack("prod::other::a:b:C::sessions"),
    ]
    exemptions = Exemptions([used, *elsewhere, *unused])
    tables = [("orders", URN), ("customers", URN.replace("orders", "customers"))]
    assert exemptions.unused(iter(tables), URN) == unused
    assert exemptions.unused([], URN) == [used, *unused]
    assert Exemptions().unused(tables, URN) == []
