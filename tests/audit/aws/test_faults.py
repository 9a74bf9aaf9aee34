"""Each fault at each call: nothing is lost, nothing wrongly passes, and the counts add up."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from audit.aws.accounts import Organization
from audit.aws.sessions import current
from audit.results import Audit, Verdict
from tests.audit.aws.in_process import read, read_tags
from tests.audit.aws.population import (
    EXTERNAL_ID,
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
    "dynamodb:ListTables", "dynamodb:DescribeTable", "kms:DescribeKey",
)  # fmt: skip
EFFECTS: dict[str, Effect] = {
    "throttled": Error("ThrottlingException"),
    "an internal error": Error("InternalServerError"),
    "denied": Denied(),
    "denied by an SCP": Denied(SERVICE_CONTROL_POLICY),
    "not enabled": Error("OptInRequired", "You are not subscribed to this service", 403),
    "a token that is not valid": Error("UnrecognizedClientException"),
    "an expired token": Error("ExpiredTokenException"),
    "a reset": Reset(),
    "a slow answer": Slow(0.05),
    "a page of a proxy": Text(),
    "an error of a proxy": Text("<html>Bad gateway</html>", 502),
    "a rejection by a proxy": Text("<!doctype html>Forbidden", 403),
    "no body": Text(""),
    "an empty object": Text("{}"),
    "a list": Text("[]"),
    "null": Text("null"),
    "values of wrong types": Text(
        '{"TableNames": 1, "Table": "x", "KeyMetadata": [], "Aliases": {"a": 1}, "Regions": 7, '
        '"Accounts": [null]}'
    ),
    "values that are null": Text(
        '{"TableNames": null, "Table": null, "KeyMetadata": null, "Aliases": null, '
        '"Regions": null, "Accounts": null}'
    ),
    "lists with null": Text('{"TableNames": [null], "Regions": [{}], "Accounts": [{}]}'),
    "no name and no encryption": Text('{"Table": {}, "KeyMetadata": {}}'),
    "numbers that JSON lacks": Text('{"Table": {"TableName": "managed-00000", "ItemCount": NaN}}'),
}
MEMBER_REGIONS = ("eu-west-1", "us-east-1")


@pytest.fixture(scope="module")
def filled(sandbox_account: Account) -> tuple[Account, list[Table]]:
    """An organization with two accounts, which no test changes."""
    account = sandbox_account
    account.reset()
    (member,) = add_members(account, 1)
    for owner in (DEFAULT_ACCOUNT, member):
        limit_regions(account, MEMBER_REGIONS, owner)
    tables = [table for kind in Kind for table in add_tables(account, kind)]
    tables += add_tables(account, Kind.MANAGED, 2, "eu-west-1")
    tables += add_tables(account, Kind.OWNED, 1, "eu-west-1", member)
    tables += add_tables(account, Kind.CUSTOMER, 1, "us-east-1", member)
    return account, tables


@pytest.fixture
def faulty(filled: tuple[Account, list[Table]]) -> Iterator[tuple[Account, list[Table]]]:
    """The organization of `filled`, whose faults end with the test."""
    yield filled
    filled[0].remove_faults()


def organization() -> Organization:
    return Organization(current(), ROLE, EXTERNAL_ID)


def not_read(audit: Audit) -> int:
    return audit.summary[Verdict.NOT_READ]


@pytest.mark.parametrize("effect", EFFECTS.values(), ids=EFFECTS)
@pytest.mark.parametrize("call", CALLS)
def test_any_fault_at_any_call(
    faulty: tuple[Account, list[Table]], call: str, effect: Effect
) -> None:
    account, tables = faulty
    service, operation = call.split(":")
    account.inject(Fault(effect, service, operation))
    audit = read(organization(), seconds=30)
    check_results(audit, tables)
    assert account.call_counts()[call]
    if isinstance(effect, Slow):
        assert not audit.incomplete
        assert not not_read(audit)
    elif call == "dynamodb:DescribeTable":
        assert not_read(audit) == len(audit.findings) == len(tables)
    elif call == "kms:DescribeKey":
        if effect == EFFECTS["an expired token"]:
            return
        # Only the tables with an AWS owned key need no key.
        owned = sum(table.name.startswith("owned") for table in tables)
        undetermined = audit.summary[Verdict.UNDETERMINED]
        assert undetermined + audit.summary[Verdict.NOT_READ] == len(tables) - owned
        assert not isinstance(effect, Denied) or audit.is_complete
    else:
        assert audit.incomplete


EFFECTS_ON_TAGS: dict[str, Effect] = {
    **EFFECTS,
    "no tags": Text('{"Tags": null}'),
    "no list of tags": Text('{"Tags": {"Key": "aws:cloudformation:stack-id"}}'),
    "a tag without a value": Text('{"Tags": [{"Key": "aws:cloudformation:stack-id"}]}'),
    "a tag that is no object": Text('{"Tags": [null]}'),
}


@pytest.mark.parametrize("effect", EFFECTS_ON_TAGS.values(), ids=EFFECTS_ON_TAGS)
def test_any_fault_of_the_tags_keeps_the_verdicts(
    faulty: tuple[Account, list[Table]], effect: Effect
) -> None:
    account, tables = faulty
    account.inject(Fault(effect, "dynamodb", "ListTagsOfResource"))
    audit, tags = read_tags("eu-west-1")
    here = [each for each in tables if each.place == (DEFAULT_ACCOUNT, "eu-west-1")]
    check_results(audit, here)
    assert audit.is_complete
    assert set(tags) == {each.arn for each in audit.findings}
    if isinstance(effect, Slow):
        assert list(tags.values()) == [{"Tags": {}}] * len(here)
    else:
        assert all(
            list(each) == ["Error"] and each["Error"].endswith(".") for each in tags.values()
        )


def test_tags_are_read_again_after_a_temporary_error(
    faulty: tuple[Account, list[Table]],
) -> None:
    account, _ = faulty
    # Both calls of botocore fail.
    account.inject(Fault(EFFECTS["a reset"], "dynamodb", "ListTagsOfResource", times=2))
    audit, tags = read_tags("eu-west-1")
    assert len(audit.findings) > 1
    assert list(tags.values()) == [{"Tags": {}}] * len(audit.findings)


def test_tags_that_take_too_long_do_not_delay_a_verdict(
    faulty: tuple[Account, list[Table]],
) -> None:
    account, tables = faulty
    account.inject(Fault(Slow(60), "dynamodb", "ListTagsOfResource"))
    audit, tags = read_tags("us-east-1", seconds=3)
    here = [each for each in tables if each.place == (DEFAULT_ACCOUNT, "us-east-1")]
    check_results(audit, here)
    assert audit.is_complete
    assert tags == {}
    (warning,) = audit.run.warnings
    assert warning.startswith("The time limit was reached")
