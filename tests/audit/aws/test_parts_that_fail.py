"""A fault of one account, Region, page, table, or key ends only what it is about."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator

import pytest
from botocore.credentials import CachedCredentialFetcher, RefreshableCredentials

from audit.aws.accounts import Organization
from audit.aws.sessions import current, of_role
from audit.collector import Collector
from audit.results import Audit, Coverage, Status, Verdict
from policies.encryption.allowed_keys import AllowedKeys
from policies.encryption.settings import RuleSettings
from policies.settings.settings import Settings
from tests.audit.aws.in_process import read
from tests.audit.aws.population import (
    EXTERNAL_ID,
    ROLE,
    Kind,
    add_members,
    add_roles,
    add_tables,
    limit_regions,
)
from tests.audit.contract import check_results
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

pytestmark = pytest.mark.usefixtures("in_process")

REGION = "us-east-1"
OTHER = "111122223333"
THROTTLED = Error("ThrottlingException")
EXPIRED = Error("ExpiredTokenException")


@pytest.fixture
def small(account: Account) -> Iterator[Account]:
    """An empty account with three Regions."""
    limit_regions(account)
    yield account
    account.remove_faults()


def entry(audit: Audit, region: str | None, account: str = DEFAULT_ACCOUNT) -> Coverage:
    (found,) = (e for e in audit.coverage if (e.account, e.region) == (account, region))
    return found


def of(audit: Audit, verdict: Verdict) -> list[str]:
    return [finding.table for finding in audit.findings if finding.verdict is verdict]


def allowing(*keys: str) -> Settings:
    return Settings(RuleSettings(allowed_keys=AllowedKeys(keys)))


# Regions


def test_one_region_is_denied(small: Account) -> None:
    tables = add_tables(small, Kind.MANAGED) + add_tables(small, Kind.OWNED, 2, "eu-west-1")
    small.inject(Fault(Denied(SERVICE_CONTROL_POLICY), "dynamodb", region="eu-west-1"))
    audit = read()
    check_results(audit, tables)
    denied = entry(audit, "eu-west-1")
    assert denied.status is Status.DENIED
    assert "explicit deny in a service control policy" in denied.reason
    assert of(audit, Verdict.COMPLIANT) == ["managed-00000"]


def test_a_region_that_is_not_enabled_or_does_not_exist(small: Account) -> None:
    tables = add_tables(small, Kind.MANAGED)
    audit = read(regions=(REGION, "af-south-1", "eu-nowhere-1"))
    check_results(audit, tables)
    assert [(e.region, e.status) for e in audit.coverage] == [
        ("af-south-1", Status.DISABLED),
        ("eu-nowhere-1", Status.FAILED),
        (REGION, Status.READ),
    ]


def test_regions_that_aws_does_not_list(small: Account) -> None:
    tables = add_tables(small, Kind.MANAGED)
    small.inject(Fault(Denied(), "account"))
    audit = read()
    check_results(audit, tables)
    assert entry(audit, None).status is Status.DENIED
    assert entry(audit, None).reason.endswith("use --region.")
    audit = read(regions=(REGION, "af-south-1"))
    check_results(audit, tables)
    assert entry(audit, REGION).status is Status.READ
    unusable = entry(audit, "af-south-1")
    assert unusable.status is Status.FAILED
    assert "the account has not enabled the Region" in unusable.reason


def test_the_second_page_of_regions_fails(small: Account) -> None:
    limit_regions(small, ["eu-central-1", REGION, "us-west-2"])
    tables = add_tables(small, Kind.OWNED, 2, "eu-central-1")
    tables += add_tables(small, Kind.OWNED, 2, "us-west-2")
    small.inject(Fault(Denied(), "account", page=2))
    audit = read()
    check_results(audit, tables)
    assert entry(audit, None).status is Status.DENIED
    assert entry(audit, "eu-central-1").listed == 2
    assert "us-west-2" not in {each.region for each in audit.coverage}


@pytest.mark.parametrize(
    ("status", "expected"),
    [("ENABLING", Status.DISABLED), ("DISABLING", Status.FAILED), ("FROZEN", Status.READ)],
)
def test_a_status_that_is_new_is_no_reason_to_skip_a_region(
    small: Account, status: str, expected: Status
) -> None:
    region = "eu-west-1"
    tables = add_tables(small, Kind.MANAGED, 1, region)
    if status == "FROZEN":
        regions = f'{{"Regions": [{{"RegionName": "{region}", "RegionOptStatus": "FROZEN"}}]}}'
        small.inject(Fault(Text(regions), "account"))
    else:
        small.set_regions({region: status})
    audit = read()
    check_results(audit, tables)
    assert entry(audit, region).status is expected


def test_no_regions(small: Account) -> None:
    small.inject(Fault(Text('{"Regions": []}'), "account"))
    audit = read()
    check_results(audit, ())
    assert entry(audit, None).status is Status.FAILED


# Pages of tables


@pytest.mark.parametrize("page", [1, 2, 3])
@pytest.mark.parametrize("effect", [Denied(), Error("InternalServerError"), Reset(), Text()])
def test_a_page_of_tables_fails(
    small: Account, page: int, effect: Denied | Error | Reset | Text
) -> None:
    tables = add_tables(small, Kind.MANAGED, 250)
    small.inject(Fault(effect, "dynamodb", "ListTables", region=REGION, page=page))
    audit = read(regions=[REGION])
    check_results(audit, tables)
    (covered,) = audit.coverage
    assert covered.status in (Status.DENIED, Status.FAILED)
    assert covered.listed == covered.judged == (page - 1) * 100


def test_a_page_that_is_not_enabled_does_not_hide_the_other_tables(small: Account) -> None:
    tables = add_tables(small, Kind.MANAGED, 130)
    small.inject(Fault(Error("OptInRequired"), "dynamodb", "ListTables", page=2))
    audit = read(regions=[REGION])
    check_results(audit, tables)
    assert entry(audit, REGION).status is Status.FAILED


def test_names_that_are_listed_twice(small: Account) -> None:
    tables = add_tables(small, Kind.MANAGED, 3)
    names = '"managed-00000", "managed-00001"'
    pages = (
        f'{{"TableNames": [{names}, {names}], "LastEvaluatedTableName": "managed-00001"}}',
        '{"TableNames": ["managed-00001", "managed-00002"]}',
    )
    for page, text in enumerate(pages, 1):
        small.inject(Fault(Text(text), "dynamodb", "ListTables", page=page))
    audit = read(regions=[REGION])
    check_results(audit, tables)
    assert entry(audit, REGION).listed == 3
    assert small.call_counts()["dynamodb:DescribeTable"] == 3


def test_pages_that_repeat(small: Account) -> None:
    tables = add_tables(small, Kind.MANAGED, 2)
    first, second = (
        f'{{"TableNames": ["managed-0000{n}"], "LastEvaluatedTableName": "managed-0000{n}"}}'
        for n in range(2)
    )
    for text in (first, second):
        small.inject(Fault(Text(text), "dynamodb", "ListTables", times=1))
    small.inject(Fault(Text(first), "dynamodb", "ListTables"))
    audit = read(regions=[REGION], seconds=20)
    check_results(audit, tables)
    assert entry(audit, REGION).status is Status.FAILED
    assert "repeats a page" in entry(audit, REGION).reason
    assert len(of(audit, Verdict.COMPLIANT)) == 2


# Tables


def test_one_table_is_denied_and_one_is_deleted(small: Account) -> None:
    tables = add_tables(small, Kind.MANAGED, 5)
    small.inject(
        Fault(Denied(), "dynamodb", "DescribeTable", target="managed-00001"),
        Fault(Deleted(), "dynamodb", "DescribeTable", target="managed-00003"),
    )
    audit = read()
    check_results(audit, tables)
    assert of(audit, Verdict.NOT_READ) == ["managed-00001", "managed-00003"]
    reasons = [f.reason for f in audit.findings if f.verdict is Verdict.NOT_READ]
    assert reasons[0].startswith("AccessDeniedException: User: ")
    assert reasons[1].startswith("The table was deleted after it was listed.")
    assert len(of(audit, Verdict.COMPLIANT)) == 3


def test_an_answer_about_another_table(small: Account) -> None:
    tables = add_tables(small, Kind.OWNED)
    description = '{"Status": "ENABLED", "SSEType": "KMS"}'
    encrypted = f'{{"Table": {{"TableName": "other", "SSEDescription": {description}}}}}'
    small.inject(Fault(Text(encrypted), "dynamodb", "DescribeTable"))
    audit = read()
    check_results(audit, tables)
    assert of(audit, Verdict.NOT_READ) == ["owned-00000"]


@pytest.mark.parametrize(
    ("description", "verdict"),
    [
        ("null", Verdict.VIOLATION),
        ("{}", Verdict.VIOLATION),
        ('{"Status": "ENABLED"}', Verdict.UNDETERMINED),
        ('{"Status": "MELTING", "SSEType": "KMS"}', Verdict.UNDETERMINED),
        ('{"SSEType": "KMS"}', Verdict.UNDETERMINED),
        ('{"Status": "ENABLED", "SSEType": "ROT13"}', Verdict.VIOLATION),
        ('{"Status": 7}', Verdict.UNDETERMINED),
        ('"ENABLED"', Verdict.NOT_READ),
        ("[]", Verdict.NOT_READ),
    ],
)
def test_descriptions_that_aws_does_not_document(
    small: Account, description: str, verdict: Verdict
) -> None:
    add_tables(small, Kind.OWNED)
    answer = f'{{"Table": {{"TableName": "owned-00000", "SSEDescription": {description}}}}}'
    small.inject(Fault(Text(answer), "dynamodb", "DescribeTable"))
    audit = read(regions=[REGION])
    (finding,) = audit.findings
    assert finding.verdict is verdict, finding


# Keys


def test_only_kms_is_denied(small: Account) -> None:
    tables = [table for kind in Kind for table in add_tables(small, kind)]
    small.inject(Fault(Denied(), "kms"))
    audit = read()
    check_results(audit, tables)
    assert of(audit, Verdict.UNDETERMINED) == [
        f"{name}-00000" for name in ("customer", "deleted", "disabled", "managed", "updating")
    ]
    assert "kms:DescribeKey failed with AccessDeniedException" in audit.findings[0].reason
    assert not audit.incomplete


@pytest.mark.parametrize(
    "metadata", ['{"KeyState": "Melting"}', "{}", '{"KeyManager": "AWS", "KeyState": null}']
)
def test_a_key_whose_state_is_unknown(small: Account, metadata: str) -> None:
    add_tables(small, Kind.CUSTOMER)
    small.inject(Fault(Text(f'{{"KeyMetadata": {metadata}}}'), "kms", "DescribeKey"))
    audit = read()
    assert of(audit, Verdict.UNDETERMINED) == ["customer-00000"]


def test_tables_wait_for_a_slow_key_and_not_for_a_thread(small: Account) -> None:
    tables = add_tables(small, Kind.CUSTOMER, 100) + add_tables(small, Kind.OWNED, 50)
    small.inject(Fault(Slow(5), "kms", "DescribeKey"))
    done: list[int] = []
    audit = read(
        regions=[REGION], threads=2, tick=lambda collector: done.append(len(collector.findings))
    )
    check_results(audit, tables)
    assert len(of(audit, Verdict.COMPLIANT)) == 100
    assert 50 in done
    assert small.call_counts()["kms:DescribeKey"] == 1


def test_aliases_are_denied(small: Account) -> None:
    tables = add_tables(small, Kind.CUSTOMER, 2)
    (key,) = small.client("kms").list_keys()["Keys"]
    small.client("kms").create_alias(AliasName="alias/orders", TargetKeyId=key["KeyId"])
    settings = allowing(f"arn:aws:kms:{REGION}:{DEFAULT_ACCOUNT}:alias/orders")
    audit = read(settings=settings)
    assert len(of(audit, Verdict.COMPLIANT)) == 2
    for effect in (Denied(), Text("{}"), Text('{"Aliases": [{}]}'), THROTTLED, Reset()):
        small.remove_faults()
        small.inject(Fault(effect, "kms", "ListAliases"))
        audit = read(settings=settings)
        check_results(audit, tables)
        verdict = Verdict.UNDETERMINED if effect == Denied() else Verdict.NOT_READ
        assert len(of(audit, verdict)) == 2
        assert "kms:ListAliases failed with" in audit.findings[0].evidence.answer


# Temporary faults


@pytest.mark.parametrize("effect", [THROTTLED, Error("InternalServerError"), Reset(), Text()])
@pytest.mark.parametrize("operation", ["ListTables", "DescribeTable", "DescribeKey"])
def test_a_temporary_fault_is_tried_again_later(
    small: Account, operation: str, effect: Error | Reset | Text
) -> None:
    tables = add_tables(small, Kind.CUSTOMER, 5)
    # A call has two attempts, and a page of a proxy is not tried again by botocore.
    small.inject(Fault(effect, operation=operation, times=2 if effect != Text() else 1))
    audit = read(regions=[REGION], threads=1)
    check_results(audit, tables)
    assert len(of(audit, Verdict.COMPLIANT)) == 5


def test_a_storm_that_exhausts_the_retries_loses_no_table(
    small: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "6")
    tables = add_tables(small, Kind.MANAGED, 300)
    # 100 retries exhaust the quota of botocore's client. Later errors are not tried again by it.
    small.inject(Fault(THROTTLED, "dynamodb", "DescribeTable", times=290))
    audit = read(regions=[REGION])
    check_results(audit, tables)
    assert len(of(audit, Verdict.COMPLIANT)) == 300


def test_a_lasting_fault_ends(small: Account) -> None:
    tables = add_tables(small, Kind.MANAGED, 40)
    small.inject(Fault(THROTTLED, "dynamodb", "DescribeTable"))
    audit = read(regions=[REGION])
    check_results(audit, tables)
    assert len(of(audit, Verdict.NOT_READ)) == 40
    # Two attempts of the audit with two attempts of botocore.
    assert small.call_counts()["dynamodb:DescribeTable"] <= 40 * 4


# Accounts


def test_the_accounts_can_not_be_listed(small: Account) -> None:
    add_members(small, 1)
    tables = add_tables(small, Kind.MANAGED)
    small.inject(Fault(Denied(), "organizations"))
    audit = read(Organization(current(), ROLE, EXTERNAL_ID))
    check_results(audit, tables)
    assert entry(audit, REGION).status is Status.READ
    assert entry(audit, None, "the organization of the current credentials").status is Status.DENIED


def test_the_second_page_of_accounts_fails(small: Account) -> None:
    member, lost = add_members(small, 2)
    limit_regions(small, owner=member)
    tables = add_tables(small, Kind.OWNED, 2, owner=member) + add_tables(
        small, Kind.OWNED, owner=lost
    )
    listed = f'{{"Accounts": [{{"Id": "{member}", "State": "ACTIVE"}}], "NextToken": "2"}}'
    small.inject(
        Fault(Text(listed), "organizations", page=1), Fault(Denied(), "organizations", page=2)
    )
    audit = read(Organization(current(), ROLE, EXTERNAL_ID))
    check_results(audit, tables)
    assert entry(audit, REGION, member).judged == 2
    (other,) = audit.incomplete
    assert (other.account, other.region) == ("the organization of the current credentials", None)
    assert other.status is Status.DENIED


def test_accounts_that_are_listed_twice(small: Account) -> None:
    (member,) = add_members(small, 1)
    tables = add_tables(small, Kind.OWNED, 2, owner=member)
    account = f'{{"Id": "{member}", "Status": "ACTIVE"}}'
    small.inject(Fault(Text(f'{{"Accounts": [{account}, {account}]}}'), "organizations"))
    audit = read(Organization(current(), ROLE, EXTERNAL_ID), regions=[REGION])
    check_results(audit, tables)
    assert entry(audit, REGION, member).judged == 2
    assert small.call_counts()["sts:AssumeRole"] == 1


def test_an_account_that_is_named_twice(small: Account) -> None:
    (member,) = add_members(small, 1)
    tables = add_tables(small, Kind.OWNED, 2, owner=member) + add_tables(small, Kind.MANAGED)
    arn = f"arn:aws:iam::{member}:role/{ROLE}"
    role = of_role(current(), arn, EXTERNAL_ID)
    organization = Organization(current(), ROLE, EXTERNAL_ID)
    audit = read(role, current(), organization, role, regions=[REGION])
    check_results(audit, tables)
    assert len(audit.coverage) == 2
    assert len(audit.run.warnings) == 3


@pytest.mark.parametrize(
    ("effect", "status"),
    [
        (Denied(SERVICE_CONTROL_POLICY), Status.DENIED),
        (Error("OptInRequired"), Status.FAILED),
        (Error("RegionDisabledException"), Status.FAILED),
        (EXPIRED, Status.FAILED),
        (Text(), Status.FAILED),
        (Reset(), Status.FAILED),
    ],
)
def test_a_role_that_fails(
    small: Account, effect: Denied | Error | Text | Reset, status: Status
) -> None:
    one, two = add_members(small, 2)
    tables = add_tables(small, Kind.OWNED, owner=one) + add_tables(small, Kind.OWNED, owner=two)
    small.inject(Fault(effect, "sts", "AssumeRole", target=f"*{one}*"))
    audit = read(Organization(current(), ROLE, EXTERNAL_ID), regions=[REGION])
    check_results(audit, tables)
    assert entry(audit, None, one).status is status
    assert entry(audit, REGION, two).judged == 1


def test_the_time_ends_while_accounts_are_opened(small: Account) -> None:
    (member,) = add_members(small, 1)
    tables = add_tables(small, Kind.MANAGED) + add_tables(small, Kind.OWNED, owner=member)
    small.inject(
        Fault(Slow(30), "organizations"), Fault(Slow(30), "account", account=DEFAULT_ACCOUNT)
    )
    audit = read(Organization(current(), ROLE, EXTERNAL_ID), seconds=2)
    check_results(audit, tables)
    names = {(each.account, each.region) for each in audit.incomplete}
    assert names == {
        (DEFAULT_ACCOUNT, None), ("the organization of the current credentials", None),
    }  # fmt: skip
    assert audit.run.warnings


# Credentials


def test_credentials_that_expire(small: Account) -> None:
    tables = add_tables(small, Kind.MANAGED, 250) + add_tables(small, Kind.OWNED, 3, "eu-west-1")
    small.inject(Fault(EXPIRED, "dynamodb", after=40))
    started = time.monotonic()
    audit = read()
    assert time.monotonic() - started < 15
    check_results(audit, tables)
    assert of(audit, Verdict.NOT_READ)
    # The threads notice it with their next call.
    assert small.call_counts()["dynamodb:DescribeTable"] < 40 + 10
    assert "ExpiredTokenException" in entry(audit, REGION).reason


def test_a_role_is_renewed(small: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    (arn,) = add_roles(small, [OTHER])
    tables = add_tables(small, Kind.MANAGED, 60, owner=OTHER)
    calls = iter(range(1_000_000))

    def seconds_left(_: RefreshableCredentials) -> float:
        return 3_600 if next(calls) < 100 else 60

    monkeypatch.setattr(RefreshableCredentials, "_seconds_remaining", seconds_left)
    monkeypatch.setattr(CachedCredentialFetcher, "_is_expired", lambda *_: True)
    audit = read(of_role(current(), arn, EXTERNAL_ID), regions=[REGION])
    check_results(audit, tables)
    assert len(of(audit, Verdict.COMPLIANT)) == 60
    assert small.call_counts()["sts:AssumeRole"] > 1


def test_a_role_that_can_not_be_renewed(small: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    (arn,) = add_roles(small, [OTHER])
    tables = add_tables(small, Kind.MANAGED, 60, owner=OTHER)
    calls = iter(range(1_000_000))

    def seconds_left(_: RefreshableCredentials) -> float:
        return 3_600 if next(calls) < 100 else 60

    monkeypatch.setattr(RefreshableCredentials, "_seconds_remaining", seconds_left)
    monkeypatch.setattr(CachedCredentialFetcher, "_is_expired", lambda *_: True)
    small.inject(Fault(Error("ExpiredToken"), "sts", "AssumeRole", after=1))
    audit = read(of_role(current(), arn, EXTERNAL_ID), regions=[REGION])
    check_results(audit, tables)
    assert of(audit, Verdict.COMPLIANT)
    assert of(audit, Verdict.NOT_READ)
    # The threads that waited for the renewal try it, too.
    assert small.call_counts()["sts:AssumeRole"] <= 2 + 8


# Resources of this machine


def test_regions_that_have_ended_keep_no_connection(small: Account) -> None:
    members = add_members(small, 12)
    tables = [t for member in members for t in add_tables(small, Kind.CUSTOMER, 2, owner=member)]
    most = 0

    def count(_: Collector) -> None:
        nonlocal most
        most = max(most, len(os.listdir("/proc/self/fd")))  # noqa: PTH208

    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    audit = read(
        Organization(current(), ROLE, EXTERNAL_ID),
        regions=[REGION, "eu-west-1", "eu-central-1"], threads=4, tick=count,
    )  # fmt: skip
    check_results(audit, tables)
    assert most - before < 40
    assert threading.active_count() < 40
