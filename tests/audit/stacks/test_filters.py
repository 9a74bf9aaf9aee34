"""Which stacks the filters accept."""

from __future__ import annotations

import pytest

from audit.stacks.filters import Filters

NAMES = ["acme/shop/dev", "acme/shop/production", "acme/orders/dev", "other/shop/dev", "old"]


@pytest.mark.parametrize(
    ("filters", "accepted"),
    [
        (Filters(), NAMES),
        (Filters("acme"), NAMES[:3]),
        (Filters(projects=("orders",)), ["acme/orders/dev"]),
        (Filters(projects=("sh*", "orders")), NAMES[:4]),
        (Filters(stacks=("dev",)), ["acme/shop/dev", "acme/orders/dev", "other/shop/dev"]),
        (Filters(stacks=("*",)), NAMES),
        (Filters(stacks=("shop/*",)), ["acme/shop/dev", "acme/shop/production", "other/shop/dev"]),
        (Filters(stacks=("acme/*",)), []),
        (Filters(stacks=("acme/*/dev",)), ["acme/shop/dev", "acme/orders/dev"]),
        (Filters(stacks=("acme/shop/dev", "old")), ["acme/shop/dev", "old"]),
        (Filters(stacks=("a/acme/shop/dev",)), []),
        (Filters("acme", ("shop",), ("dev",)), ["acme/shop/dev"]),
        (Filters("organization"), []),
    ],
)
def test_accepted_stacks(filters: Filters, accepted: list[str]) -> None:
    assert [name for name in NAMES if filters.accepts(name)] == accepted


@pytest.mark.parametrize(
    ("filters", "faults"),
    [
        (Filters(), []),
        (Filters("acme", ("shop", "ord*"), ("dev", "shop/dev", "*/*/dev", "old")), []),
        (Filters("acne"), ["No stack matches --organization 'acne'. Did you mean 'acme'?"]),
        (Filters(projects=("shop", "order")),
         ["No stack matches --project 'order'. Did you mean 'orders'?"]),
        (Filters(stacks=("shop/devv", "acme/shop/dve", "x*\x1b")),
         ["No stack matches --stack 'shop/devv'. Did you mean 'shop/dev'?",
          "No stack matches --stack 'acme/shop/dve'. Did you mean 'acme/shop/dev'?",
          "No stack matches --stack 'x*\ufffd'."]),
    ],
)  # fmt: skip
def test_filters_that_match_nothing(filters: Filters, faults: list[str]) -> None:
    assert list(filters.unmatched(NAMES)) == faults


def test_filters_without_stacks() -> None:
    assert list(Filters("a", ("b",), ("c",)).unmatched([])) == [
        "No stack matches --organization 'a' and the other options.",
        "No stack matches --project 'b' and the other options.",
        "No stack matches --stack 'c' and the other options.",
    ]


def test_exact_filters() -> None:
    assert Filters(projects=("a", "b")).exact_projects == ("a", "b")
    assert Filters(projects=("a", "b*")).exact_projects == ()
    assert Filters(stacks=("a/b/c", "b/c", "a/b/*")).exact_stacks == ("a/b/c",)
