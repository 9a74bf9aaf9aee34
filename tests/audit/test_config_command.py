"""`python -m audit config` reads the tables of pretend accounts from AWS Config's aggregator."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pytest

from audit.aws.errors import RefusedError
from audit.aws_config.aggregator import Aggregator
from audit.reports import REPORTS
from tests.audit.cli import AuditRun, environment, run_audit
from tests.audit.config_records import REMOVED, key, table
from tools import CHECKOUT
from tools.sandbox.account import Account, Denied, Error, Fault, Slow, TableState
from tools.sandbox.account.population import REGIONS, populate

CENTRAL, MEMBER, OTHER = "123456789012", "111111111111", "222222222222"
TABLE, KEY, VPC = "AWS::DynamoDB::Table", "AWS::KMS::Key", "AWS::EC2::VPC"
NAME = "central"
SELECT = "SelectAggregateResourceConfig"


@dataclass(frozen=True)
class Result:
    """A run of the audit with a JSON report."""

    run: AuditRun

    @property
    def exit_code(self) -> int:
        """The exit code."""
        return self.run.exit_code

    @cached_property
    def output(self) -> dict[str, Any]:
        """The report."""
        return self.run.report

    @property
    def verdicts(self) -> dict[tuple[str, str, str], str]:
        """The verdict of each account, Region, and table."""
        return {
            (each["account"], each["region"], each["table"]): each["verdict"]
            for each in self.output["findings"]
        }

    @property
    def coverage(self) -> dict[tuple[str, str | None], tuple[str, int, int, str]]:
        """The status, the number of judged tables and of others, and the reason of each Region."""
        return {
            (each["account"], each["region"]): (
                each["status"], each["judged"], each["not_read"], each["reason"],
            )
            for each in self.output["coverage"]
        }  # fmt: skip

    @property
    def warnings(self) -> list[str]:
        """The warnings about the run."""
        return list(self.output["run"]["warnings"])

    def reason(self, name: str) -> str:
        """Return the reason of the finding about a table."""
        (reason,) = [each["reason"] for each in self.output["findings"] if each["table"] == name]
        return str(reason)


@pytest.fixture
def account(sandbox_account: Account) -> Account:
    sandbox_account.reset()
    return sandbox_account


def aggregate(
    account: Account, accounts: Sequence[str] = (MEMBER,), regions: Sequence[str] = ("us-east-1",)
) -> None:
    account.client("config").put_configuration_aggregator(
        ConfigurationAggregatorName=NAME,
        AccountAggregationSources=[{"AccountIds": [*accounts], "AwsRegions": [*regions]}],
    )


def audit(account: Account, *arguments: str, **variables: str) -> Result:
    words = (*(arguments or ("config", NAME)), "--output", "json")
    return Result(run_audit(*words, env=variables_of(account) | variables))


def variables_of(account: Account) -> dict[str, str]:
    return {**environment(account), "AWS_MAX_ATTEMPTS": "2"}


def test_the_verdicts_are_those_of_audit_aws(account: Account) -> None:
    organization = populate(account)
    account.client("config").put_configuration_aggregator(
        ConfigurationAggregatorName=NAME,
        OrganizationAggregationSource={
            "RoleArn": f"arn:aws:iam::{CENTRAL}:role/config", "AwsRegions": [*REGIONS],
        },
    )  # fmt: skip
    live = audit(
        account, "aws", "--organization", "--role-name", organization.role, "--external-id",
        organization.external_id, *(word for region in REGIONS for word in ("--region", region)),
    )  # fmt: skip
    recorded = audit(account)
    reached = {place[0] for place in live.verdicts}
    both = {each for each in recorded.verdicts if each[0] in reached}
    assert len(both) > 20
    assert live.verdicts.keys() == both
    # Through an aggregator, a key that AWS KMS does not show or has deleted is not known.
    different = {
        each: (live.verdicts[each], recorded.verdicts[each])
        for each in both
        if live.verdicts[each] != recorded.verdicts[each]
    }
    errors = {
        (each.account, each.region, each.name): each.key_error for each in organization.tables
    }
    assert {errors[each] for each in different} <= {"NotFoundException", "AccessDeniedException"}
    assert len(different) < 8
    assert account.call_counts()["kms:DescribeKey"] > 0


def test_tables_of_all_accounts_and_pages_are_judged(account: Account) -> None:
    places = [(owner, region) for owner in (MEMBER, OTHER) for region in ("us-east-1", "eu-west-1")]
    for owner, region in places:
        account.create_tables("managed-", 80, region, owner, {"Enabled": True})
        account.create_tables("owned-", 2, region, owner)
    aggregate(account, (MEMBER, OTHER), ("us-east-1", "eu-west-1"))
    result = audit(account)
    assert result.exit_code == 1
    assert len(result.verdicts) == 4 * 82
    assert {name[2][:5] for name, each in result.verdicts.items() if each == "violation"} == {
        "owned"
    }
    assert result.coverage == dict.fromkeys(places, ("read", 82, 0, ""))
    assert result.warnings == []
    counts = account.call_counts()
    # Four pages of tables, one of keys, and one of counts.
    assert counts[f"config:{SELECT}"] == 6
    assert counts["dynamodb:DescribeTable"] == counts["kms:DescribeKey"] == 0


def test_the_evidence_is_as_old_as_the_record(account: Account) -> None:
    aggregate(account)
    account.add_config_records(table())
    account.add_config_records(key(), resource_type=KEY)
    result = audit(account)
    (finding,) = result.output["findings"]
    evidence = finding["evidence"]
    assert (result.exit_code, finding["verdict"]) == (0, "compliant")
    assert (evidence["source"], evidence["time"][:19]) == ("AWS Config", "2019-03-01T10:00:00")
    assert evidence["identity"] == result.output["run"]["identities"][0]
    answer = evidence["answer"]
    assert answer["Table"]["SSEDescription"]["Status"] == "ENABLED"
    assert answer["KeyMetadata"]["KeyState"] == "Enabled"
    assert answer["ConfigurationItem"] == json.loads(table())
    assert answer["KeyConfigurationItem"] == json.loads(key())


def test_a_record_that_cannot_be_used_is_not_read(account: Account) -> None:
    aggregate(account)
    account.create_tables("managed-", 1, account=MEMBER, sse={"Enabled": True})
    account.add_config_records(table(configuration=REMOVED), table(accountId=REMOVED), "{")
    result = audit(account)
    assert result.exit_code == 3
    assert set(result.verdicts.values()) == {"compliant", "not_read"}
    reason = "AWS Config's record of the table can't be used: it has no configuration."
    assert result.reason("orders") == reason
    assert result.coverage == {
        (MEMBER, "us-east-1"): ("read", 1, 1, reason),
        (f"aggregator {NAME}", "us-east-1"): (
            "failed", 0, 0,
            "2 records of a table can't be read: it names no table with its account and Region.",
        ),
    }  # fmt: skip


def test_deleted_tables_and_older_records_do_not_count(account: Account) -> None:
    aggregate(account)
    newer = table(configurationItemCaptureTime="2020-01-01T00:00:00.000Z")
    gone = table(
        resourceName="gone", configurationItemStatus="ResourceDeleted", configuration=REMOVED
    )
    account.add_config_records(table({"ssedescription": REMOVED}), newer, gone)
    account.add_config_records(key(), resource_type=KEY)
    result = audit(account)
    assert result.verdicts == {(MEMBER, "us-east-1", "orders"): "compliant"}
    assert (result.exit_code, result.coverage[MEMBER, "us-east-1"][:3]) == (0, ("read", 1, 0))


def test_a_replica_that_is_recorded_has_its_own_finding(account: Account) -> None:
    aggregate(account)
    replica = {"regionName": "eu-west-1", "replicaStatus": "INACCESSIBLE_ENCRYPTION_CREDENTIALS"}
    account.add_config_records(table({"replicas": [replica]}))
    account.add_config_records(key(), resource_type=KEY)
    assert set(audit(account).verdicts.values()) == {"violation"}
    arn = f"arn:aws:dynamodb:eu-west-1:{MEMBER}:table/orders"
    key_arn = f"arn:aws:kms:eu-west-1:{MEMBER}:key/1234"
    encryption = {"status": "ENABLED", "ssetype": "KMS", "kmsmasterKeyArn": key_arn}
    account.add_config_records(
        table({"tableArn": arn, "ssedescription": encryption}, arn=arn, awsRegion="eu-west-1")
    )
    account.add_config_records(key({"arn": key_arn}, arn=key_arn), resource_type=KEY)
    assert set(audit(account).verdicts.values()) == {"compliant"}


def test_a_key_that_is_not_recorded_is_unchecked(account: Account) -> None:
    account.create_tables("managed-", 2, account=MEMBER, sse={"Enabled": True})
    aggregate(account)
    account.set_recorded_types([TABLE], account=MEMBER)
    result = audit(account)
    assert result.exit_code == 0
    assert set(result.verdicts.values()) == {"undetermined"}
    assert "which can't be checked: AWS Config has no record of the key." in result.reason(
        "managed-00000"
    )
    (warning,) = result.warnings
    assert warning.startswith("AWS Config has no record of the key of 2 tables (1 key), so")
    strict = audit(account, "config", NAME, "--strict")
    assert strict.exit_code == 3


def test_a_key_of_another_account_is_found_by_its_arn(account: Account) -> None:
    foreign = key(accountId=OTHER)
    aggregate(account, (MEMBER, OTHER))
    account.add_config_records(table())
    account.add_config_records(foreign, resource_type=KEY)
    assert set(audit(account).verdicts.values()) == {"compliant"}


def test_an_inaccessible_table_is_a_violation(account: Account) -> None:
    (name,) = account.create_tables("managed-", 1, account=MEMBER, sse={"Enabled": True})
    account.set_table_state(name, TableState.INACCESSIBLE, account=MEMBER)
    aggregate(account)
    result = audit(account)
    assert set(result.verdicts.values()) == {"violation"}
    assert "the table has been inaccessible since" in result.reason(name)


def test_accounts_without_a_record_of_a_table_are_named(account: Account) -> None:
    account.create_tables("managed-", 1, account=MEMBER, sse={"Enabled": True})
    aggregate(account, (MEMBER, OTHER), ("us-east-1", "eu-west-1", "eu-west-2"))
    account.set_recorded_types([KEY, VPC], "eu-west-1", OTHER)
    account.set_recorded_types([], "eu-west-2", OTHER)
    result = audit(account)
    assert result.exit_code == 0
    assert result.warnings == [
        "AWS Config has no record of a DynamoDB table in 4 Regions of 2 accounts: "
        f"{MEMBER} (eu-west-1, eu-west-2), {OTHER} (eu-west-1, us-east-1). Either they have none, "
        f"or they don't record {TABLE}.",
        "AWS Config has no record of any resource in 1 Region of 1 account: "
        f"{OTHER} (eu-west-2). Either they have none, or they record nothing, so their tables are "
        "not checked.",
    ]


def test_an_aggregator_without_a_table_proves_nothing(account: Account) -> None:
    aggregate(account)
    result = audit(account)
    assert (result.exit_code, result.verdicts) == (3, {})
    status, _, _, reason = result.coverage[f"aggregator {NAME}", "us-east-1"]
    assert (status, reason[:55]) == (
        "failed",
        "AWS Config has no record of a table in any account. Eit",
    )


def test_a_source_that_fails_is_reported_with_its_reason(account: Account) -> None:
    for owner in (MEMBER, OTHER):
        account.create_tables("managed-", 1, account=owner, sse={"Enabled": True})
    aggregate(account, (MEMBER, OTHER))
    account.set_source_status(OTHER, "us-east-1", "FAILED", "ACCESS_DENIED", "Not authorized.")
    account.set_source_status(MEMBER, "us-east-1", "OUTDATED")
    result = audit(account)
    assert result.exit_code == 3
    assert result.coverage == {
        (MEMBER, "us-east-1"): ("read", 1, 0, ""),
        (OTHER, "us-east-1"): (
            "failed", 0, 0,
            "The aggregator could not collect from here: ACCESS_DENIED: Not authorized.",
        ),
    }  # fmt: skip
    assert result.warnings == [
        f"The aggregator's records of 1 Region of 1 account: {MEMBER} (us-east-1) are outdated, so "
        "the tables can have changed."
    ]


def test_a_filter_without_tables_is_reported(account: Account) -> None:
    account.create_tables("managed-", 1, account=MEMBER, sse={"Enabled": True})
    account.client("config").put_configuration_aggregator(
        ConfigurationAggregatorName=NAME,
        AccountAggregationSources=[{"AccountIds": [MEMBER], "AwsRegions": ["us-east-1"]}],
        AggregatorFilters={
            "ResourceType": {"Type": "INCLUDE", "Value": [KEY]},
            "ServicePrincipal": {"Type": "INCLUDE", "Value": ["securityhub.amazonaws.com"]},
        },
    )
    result = audit(account)
    assert (result.exit_code, result.verdicts) == (3, {})
    assert result.coverage[f"aggregator {NAME}", "us-east-1"] == (
        "failed", 0, 0,
        f"The aggregator's filter collects no {TABLE}, so no table can be read.",
    )  # fmt: skip
    assert ["AWS services record" in warning for warning in result.warnings] == [True]


def test_a_page_that_comes_again_ends_the_reading() -> None:
    class SamePage:
        def select_aggregate_resource_config(self, **_: Any) -> dict[str, Any]:
            return {"Results": ["{}"], "NextToken": "1"}

    with pytest.raises(RefusedError, match="the same NextToken twice"):
        list(Aggregator(SamePage(), NAME).records(TABLE))


def test_a_denied_query_is_reported(account: Account) -> None:
    account.create_tables("managed-", 1, account=MEMBER, sse={"Enabled": True})
    aggregate(account)
    account.inject(Fault(Denied(), "config", SELECT))
    result = audit(account)
    assert (result.exit_code, result.verdicts) == (3, {})
    status, judged, unread, reason = result.coverage[f"aggregator {NAME}", "us-east-1"]
    assert (status, judged, unread) == ("denied", 0, 0)
    assert f"is not authorized to perform: config:{SELECT}" in reason


def test_a_query_that_fails_later_keeps_what_was_read(account: Account) -> None:
    account.create_tables("owned-", 150, account=MEMBER)
    aggregate(account)
    account.inject(Fault(Error("ThrottlingException"), "config", SELECT, page=2))
    result = audit(account)
    assert (result.exit_code, len(result.verdicts)) == (1, 100)
    assert result.coverage[MEMBER, "us-east-1"] == ("read", 100, 0, "")
    assert result.coverage[f"aggregator {NAME}", "us-east-1"] == (
        "failed", 0, 0, "ThrottlingException: Rate exceeded."
    )  # fmt: skip


def test_throttling_is_retried(account: Account) -> None:
    account.create_tables("managed-", 150, account=MEMBER, sse={"Enabled": True})
    aggregate(account)
    account.inject(Fault(Error("ThrottlingException"), "config", after=2, times=1))
    result = audit(account)
    assert (result.exit_code, len(result.verdicts), result.warnings) == (0, 150, [])


def test_tables_are_judged_when_their_keys_are_denied(account: Account) -> None:
    account.create_tables("managed-", 1, account=MEMBER, sse={"Enabled": True})
    account.create_tables("owned-", 1, account=MEMBER)
    aggregate(account)
    account.inject(Fault(Denied(), "config", SELECT, after=1, times=1))
    result = audit(account)
    assert result.exit_code == 1
    assert sorted(result.verdicts.values()) == ["undetermined", "violation"]
    assert "the query for keys failed with AccessDeniedException" in result.reason("managed-00000")
    assert result.warnings[0].startswith("The records of the keys can't be read")


@pytest.mark.parametrize(
    ("operation", "start"),
    [
        ("DescribeConfigurationAggregators", "The aggregator can't be described"),
        ("DescribeConfigurationAggregatorSourcesStatus", "The state of the aggregator's sources"),
    ],
)
def test_the_tables_are_judged_without_a_description(
    account: Account, operation: str, start: str
) -> None:
    account.create_tables("managed-", 1, account=MEMBER, sse={"Enabled": True})
    aggregate(account)
    account.inject(Fault(Denied(), "config", operation))
    result = audit(account)
    assert (result.exit_code, set(result.verdicts.values())) == (0, {"compliant"})
    assert [warning.startswith(start) for warning in result.warnings] == [True]


@pytest.mark.parametrize("described", [True, False])
def test_an_aggregator_that_does_not_exist_is_wrong_usage(
    account: Account, described: bool
) -> None:
    aggregate(account)
    if not described:
        account.inject(Fault(Denied(), "config", "DescribeConfigurationAggregators"))
    result = audit(account, "config", "other")
    assert (result.exit_code, result.run.stdout) == (2, "")
    assert "there is no aggregator 'other' in us-east-1." in result.run.stderr
    assert (f"There are: {NAME}." in result.run.stderr) is described
    elsewhere = audit(account, "config", NAME, "--region", "eu-west-1")
    assert elsewhere.exit_code == 2
    assert f"there is no aggregator '{NAME}' in eu-west-1." in elsewhere.run.stderr


@pytest.mark.parametrize(
    "arguments",
    [("arn:aws:config:us-east-1:123456789012:config-aggregator/x",), (), (NAME, "--region", "x")],
)
def test_wrong_usage_makes_no_call(account: Account, arguments: tuple[str, ...]) -> None:
    assert audit(account, "config", *arguments).exit_code == 2
    assert account.calls() == []


def test_an_aggregator_in_another_region_is_found(account: Account) -> None:
    account.create_tables("managed-", 1, account=MEMBER, sse={"Enabled": True})
    account.client("config", "eu-west-1").put_configuration_aggregator(
        ConfigurationAggregatorName=NAME,
        AccountAggregationSources=[{"AccountIds": [MEMBER], "AllAwsRegions": True}],
    )
    result = audit(account, "config", NAME, "--region", "eu-west-1")
    assert (result.exit_code, len(result.verdicts)) == (0, 1)
    (warning,) = result.warnings
    assert f": {MEMBER} (ap-northeast-1, ap-northeast-2, ap-northeast-3, and " in warning


def test_the_time_limit_ends_the_reading(account: Account) -> None:
    account.create_tables("owned-", 150, account=MEMBER)
    aggregate(account)
    account.inject(Fault(Slow(30), "config", SELECT, page=2))
    started = time.monotonic()
    result = audit(account, "config", NAME, "--timeout", "4")
    assert time.monotonic() - started < 20
    assert (result.exit_code, len(result.verdicts)) == (1, 100)
    reason = "The time limit was reached before AWS answered."
    assert result.coverage[f"aggregator {NAME}", "us-east-1"] == ("failed", 0, 0, reason)
    assert result.warnings == [f"{reason} The report has the tables that were read."]


def test_an_interrupted_audit_reports_what_was_read(account: Account) -> None:
    account.create_tables("managed-", 1, account=MEMBER, sse={"Enabled": True})
    aggregate(account)
    account.inject(Fault(Slow(30), "config", SELECT, after=1))
    process = subprocess.Popen(
        [sys.executable, "-m", "audit", "config", NAME, "--output", "json"], cwd=CHECKOUT,
        env=variables_of(account), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    deadline = time.monotonic() + 30
    while account.call_counts()[f"config:{SELECT}"] < 2 and time.monotonic() < deadline:
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=60)
    result = Result(AuditRun(process.returncode, stdout, stderr))
    assert result.exit_code == 3
    assert "interrupted" in result.warnings[0]
    assert set(result.verdicts.values()) == {"undetermined"}


def test_credentials_that_expire_end_the_reading(account: Account) -> None:
    account.create_tables("managed-", 1, account=MEMBER, sse={"Enabled": True})
    aggregate(account)
    account.inject(Fault(Error("ExpiredTokenException"), "config", SELECT, after=1))
    result = audit(account)
    assert (result.exit_code, set(result.verdicts.values())) == (3, {"undetermined"})
    status, _, _, reason = result.coverage[f"aggregator {NAME}", "us-east-1"]
    assert (status, reason[:21]) == ("failed", "ExpiredTokenException")
    assert account.call_counts()[f"config:{SELECT}"] == 2


def test_no_credentials_are_reported(account: Account) -> None:
    result = audit(account, AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="")
    assert result.exit_code == 3
    status, _, _, reason = result.coverage[f"aggregator {NAME}", None]
    assert (status, reason[:31]) == ("failed", "There are no AWS credentials. S")
    assert result.warnings == []


@pytest.mark.parametrize("report", sorted({*REPORTS} - {"json"}))
def test_each_report_shows_the_tables(account: Account, report: str) -> None:
    account.add_config_records(table(), table(configuration=REMOVED, resourceName="broken"))
    aggregate(account)
    result = run_audit("config", NAME, "--output", report, env=variables_of(account))
    assert result.exit_code == 3
    assert "orders" in result.stdout
