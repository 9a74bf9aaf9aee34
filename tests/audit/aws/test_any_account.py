"""For any accounts and faults, the counts of the results equal what the accounts hold."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.aws.accounts import Organization
from audit.aws.sessions import current, of_role
from audit.collector import Collector
from audit.results import Verdict
from tests.audit.aws.in_process import Source, read
from tests.audit.aws.population import (
    EXTERNAL_ID,
    REGIONS,
    ROLE,
    Kind,
    add_members,
    add_tables,
    limit_regions,
)
from tests.audit.contract import Table, check_results
from tools.sandbox.account import (
    DEFAULT_ACCOUNT,
    SERVICE_CONTROL_POLICY,
    Account,
    Deleted,
    Denied,
    Error,
    Fault,
    Reset,
    Slow,
    Text,
)
from tools.sandbox.account.faults import Effect

pytestmark = pytest.mark.usefixtures("in_process")

CALLS = (
    "sts:GetCallerIdentity", "sts:AssumeRole", "organizations:ListAccounts", "account:ListRegions",
    "dynamodb:ListTables", "dynamodb:DescribeTable", "kms:DescribeKey", "*:*",
)  # fmt: skip
EFFECTS: st.SearchStrategy[Effect] = st.sampled_from(
    (
        Error("ThrottlingException"), Error("InternalServerError"), Error("ExpiredTokenException"),
        Error("UnrecognizedClientException"), Error("OptInRequired"),
        Error("ResourceNotFoundException"), Denied(), Denied(SERVICE_CONTROL_POLICY), Reset(),
        Slow(0.02), Text(), Text("{}"), Text("<html>Bad gateway</html>", 502), Deleted(),
    )
)  # fmt: skip


@dataclass(frozen=True)
class Some:
    """Tables of one kind.

    Attributes:
        kind: the kind.
        count: their number.
        region: their Region.
        owner: the index of their account.
    """

    kind: Kind
    count: int
    region: str
    owner: int


SOME = st.builds(
    Some,
    st.sampled_from(Kind),
    st.one_of(st.integers(0, 5), st.sampled_from((99, 100, 101, 150))),
    st.sampled_from(REGIONS),
    st.integers(0, 2),
)


@st.composite
def faults(draw: st.DrawFn) -> Fault:
    """Return a fault of any calls."""
    effect = draw(EFFECTS)
    call = "dynamodb:DescribeTable" if isinstance(effect, Deleted) else draw(st.sampled_from(CALLS))
    service, operation = call.split(":")
    return Fault(
        effect,
        service,
        operation,
        account=draw(st.sampled_from(("*", "*", DEFAULT_ACCOUNT, "[!1]*"))),
        region=draw(st.sampled_from(("*", "*", *REGIONS))),
        target=draw(st.sampled_from(("*", "*", "*00000", "owned-*", "customer-*"))),
        page=draw(st.sampled_from((None, None, 1, 2))),
        after=draw(st.sampled_from((0, 0, 1, 7, 60))),
        times=draw(st.sampled_from((None, None, 1, 2, 3, 30))),
        probability=draw(st.sampled_from((1, 1, 0.5, 0.1))),
        seed=draw(st.integers(0, 9)),
    )


def filled(account: Account, members: int, some: list[Some]) -> tuple[list[str], list[Table]]:
    """Fill an account and members of its organization, and return these and all tables."""
    account.reset()
    owners = [DEFAULT_ACCOUNT, *(add_members(account, members) if members else ())]
    for owner in owners:
        limit_regions(account, REGIONS, owner)
    tables: list[Table] = []
    # The names of tables have their kind and a number.
    unique = {(each.kind, each.region, owners[each.owner % len(owners)]): each for each in some}
    for (kind, region, owner), each in unique.items():
        tables += add_tables(account, kind, each.count, region, owner)
    return owners, tables


@settings(
    max_examples=settings().max_examples * 3 // 10,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    members=st.integers(0, 2),
    by_organization=st.booleans(),
    some=st.lists(SOME, max_size=5),
    injected=st.lists(faults(), max_size=4),
    regions=st.sampled_from(((), (), REGIONS, REGIONS[:1])),
    threads=st.sampled_from((1, 8)),
)
def test_the_counts_equal_what_the_accounts_hold(
    sandbox_account: Account,
    members: int,
    by_organization: bool,
    some: list[Some],
    injected: list[Fault],
    regions: tuple[str, ...],
    threads: int,
) -> None:
    account = sandbox_account
    owners, tables = filled(account, members, some)
    sources: list[Source] = [current()]
    for owner in owners[1:]:
        sources.append(of_role(current(), f"arn:aws:iam::{owner}:role/{ROLE}", EXTERNAL_ID))
    if by_organization and members:
        sources = [Organization(current(), ROLE, EXTERNAL_ID)]
    if regions:
        tables = [table for table in tables if table.region in regions]
    account.inject(*injected)
    audit = read(*sources, regions=regions, threads=threads, seconds=60)
    check_results(audit, tables)
    assert all("AWS did not show the key" in warning for warning in audit.run.warnings)
    if not injected:
        assert not audit.incomplete
        assert len(audit.findings) == len(tables)
        compliant = sum(table.complies for table in tables)
        assert audit.summary[Verdict.COMPLIANT] == compliant
        assert audit.summary[Verdict.VIOLATION] == len(tables) - compliant


@settings(
    max_examples=settings().max_examples // 10,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    some=st.lists(SOME, min_size=1, max_size=5),
    injected=st.lists(faults(), max_size=2),
    seconds=st.floats(0.01, 1.5),
    interrupted=st.booleans(),
)
def test_an_audit_that_ends_early_loses_nothing(
    sandbox_account: Account,
    some: list[Some],
    injected: list[Fault],
    seconds: float,
    interrupted: bool,
) -> None:
    account = sandbox_account
    _, tables = filled(account, 1, some)
    account.inject(*injected, Fault(Slow(0.05)))

    def tick(collector: Collector) -> None:
        collector.is_interrupted = interrupted

    audit = read(Organization(current(), ROLE, EXTERNAL_ID), seconds=seconds, tick=tick)
    check_results(audit, tables)
