"""Which accounts and Regions are read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from audit.aws import accounts
from audit.aws.accounts import Account, Organization, Skipped, members_of
from audit.aws.sessions import Credentials
from tests.audit.cli import environment, run_audit
from tools.sandbox.account import Account as PretendAccount
from tools.sandbox.account import Error, Fault
from tools.sandbox.account.population import populate

BASE = Credentials("the current credentials", lambda: None)  # type: ignore[arg-type, return-value]
OWN = Account("1" * 12, "arn:aws:sts::1:user/a", "aws", BASE)


class Organizations:
    """A client of AWS Organizations that lists accounts in any state. It leaves out all errors."""

    def __init__(self, *states: dict[str, str]) -> None:
        self._states = states

    def get_paginator(self, _: str) -> Organizations:
        """Return what lists the accounts."""
        return self

    def paginate(self) -> Iterator[dict[str, Any]]:
        """Yield a page for each account. The first one is the caller's."""
        for number, state in enumerate(({"State": "ACTIVE"}, *self._states), 1):
            yield {"Accounts": [{"Id": str(number) * 12, **state}]}

    def close(self) -> None:
        """Do nothing."""


@pytest.mark.parametrize(
    ("state", "is_read"),
    [
        ({"State": "ACTIVE"}, True),
        ({"Status": "ACTIVE"}, True),
        ({"State": "PENDING_CLOSURE"}, True),
        # A state that is new to the audit is no reason to skip an account.
        ({"State": "SOMETHING_NEW"}, True),
        ({}, True),
        ({"State": "SUSPENDED"}, False),
        ({"Status": "SUSPENDED"}, False),
        ({"State": "CLOSED"}, False),
    ],
)
def test_only_accounts_that_are_closed_are_skipped(
    monkeypatch: pytest.MonkeyPatch, state: dict[str, str], is_read: bool
) -> None:
    monkeypatch.setattr(accounts, "identify", lambda _: OWN)
    monkeypatch.setattr(accounts, "home_region", lambda _: "us-east-1")
    monkeypatch.setattr(accounts, "client", lambda *_: Organizations(state))
    own, member = members_of(Organization(BASE, "Audit"))
    assert own is BASE
    assert isinstance(member, Skipped) is not is_read
    assert (member.account if isinstance(member, Credentials) else member.name) == "2" * 12


def test_a_list_of_regions_that_fails_for_a_moment_is_read_again(
    sandbox_account: PretendAccount,
) -> None:
    sandbox_account.reset()
    sandbox_account.create_tables("orders", 3)
    sandbox_account.inject(Fault(Error("ThrottlingException"), "account", "ListRegions", times=2))
    env = environment(sandbox_account) | {"AWS_MAX_ATTEMPTS": "2"}
    run = run_audit("aws", "--output", "json", env=env)
    assert run.exit_code == 1
    assert run.report["run"]["complete"] is True
    assert run.report["summary"]["violation"] == 3
    assert run.report["run"]["warnings"] == []


def test_members_are_read_from_a_region_that_only_the_caller_has_enabled(
    sandbox_account: PretendAccount,
) -> None:
    sandbox_account.reset()
    organization = populate(sandbox_account)
    sandbox_account.set_regions({"ap-east-1": "ENABLED"})
    run = run_audit(
        "aws", "--organization", "--role-name", organization.role, "--external-id",
        organization.external_id, "--output", "json",
        env=environment(sandbox_account) | {"AWS_REGION": "ap-east-1"},
    )  # fmt: skip
    assert run.report["run"]["complete"] is True
    assert len(run.report["findings"]) == len(organization.tables)
    places = {(each["account"], each["region"]) for each in run.report["coverage"]}
    assert (organization.management, "ap-east-1") in places
