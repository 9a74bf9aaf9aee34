"""The audit of an organization reports each table of it, with the verdict that its key deserves."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from audit.results import KeyType
from tests.audit.cli import AuditRun, environment, run_audit
from tools.policy_config.configuration import text_of
from tools.sandbox import Account
from tools.sandbox.account.population import PopulatedOrganization, TableThatExists

UNUSABLE = ("Disabled", "PendingDeletion", "PendingImport", "PendingReplicaDeletion", "Unavailable")


def audit(account: Account, organization: PopulatedOrganization, *words: str | Path) -> AuditRun:
    return run_audit(
        "aws", "--organization", "--role-name", organization.role,
        "--external-id", organization.external_id, "--output", "json", *words,
        env=environment(account),
    )  # fmt: skip


def expected(table: TableThatExists, *, strict: bool = False) -> str:
    """Return the verdict about a table."""
    if table.key_type is KeyType.AWS_OWNED or table.sse_status == "DISABLING":
        return "violation"
    if table.sse_status in ("ENABLING", "UPDATING"):
        return "undetermined"
    if table.table_status in ("INACCESSIBLE_ENCRYPTION_CREDENTIALS", "ARCHIVED"):
        return "violation"
    if table.key_state in UNUSABLE or table.key_error == "NotFoundException":
        return "violation"
    if table.key_error is not None or table.key_state == "Creating":
        return "undetermined"
    if strict and table.key_type is KeyType.AWS_MANAGED:
        return "violation"
    return "compliant"


def verdicts(report: dict[str, Any]) -> dict[tuple[str, str, str], str]:
    found = {
        (each["account"], each["region"], each["table"]): each["verdict"]
        for each in report["findings"]
    }
    assert len(found) == len(report["findings"])
    return found


@pytest.mark.parametrize("strict", [False, True])
def test_each_table_has_its_verdict(
    sandbox_account: Account, organization: PopulatedOrganization, strict: bool, tmp_path: Path
) -> None:
    file = tmp_path / "policy-config.json"
    file.write_text(text_of({"requireCustomerManagedKey": strict}), encoding="utf-8")
    run = audit(sandbox_account, organization, "--config", file)
    report = run.report
    assert verdicts(report) == {
        (table.account, table.region, table.name): expected(table, strict=strict)
        for table in organization.tables
    }
    counts = Counter(verdicts(report).values())
    assert report["summary"] == {
        verdict: counts[verdict]
        for verdict in ("violation", "undetermined", "not_read", "exempt", "compliant")
    }
    assert run.exit_code == 1
    assert run.stderr == ""


def test_the_coverage_adds_up(
    sandbox_account: Account, organization: PopulatedOrganization
) -> None:
    report = audit(sandbox_account, organization).report
    tables = Counter((table.account, table.region) for table in organization.tables)
    assert {
        (each["account"], each["region"]): (each["listed"], each["judged"], each["not_read"])
        for each in report["coverage"]
        if each["listed"]
    } == {place: (count, count, 0) for place, count in tables.items()}
    read = [each for each in report["coverage"] if each["status"] == "read"]
    assert {each["account"] for each in read} == set(organization.accounts)
    others = [each for each in report["coverage"] if each["status"] != "read"]
    assert {each["status"] for each in others} == {"disabled"}
    assert all(each["reason"] for each in others)
    (suspended,) = [each for each in others if each["region"] is None]
    assert suspended["account"] == organization.suspended


def test_each_finding_shows_the_key_and_the_evidence(
    sandbox_account: Account, organization: PopulatedOrganization
) -> None:
    report = audit(sandbox_account, organization).report
    found = {(each["account"], each["region"], each["table"]): each for each in report["findings"]}
    managers = {KeyType.AWS_MANAGED: "AWS", KeyType.CUSTOMER_MANAGED: "CUSTOMER"}
    for table in organization.tables:
        finding = found[table.account, table.region, table.name]
        shown = managers.get(table.key_type) if table.key_error is None else None
        assert finding["key"]["arn"] == table.key_arn
        assert finding["key"]["manager"] == shown
        assert finding["key"]["state"] == table.key_state
        evidence = finding["evidence"]
        assert evidence["answer"]["Table"]["TableStatus"] == table.table_status
        assert table.account in evidence["identity"]
        assert evidence["time"].endswith("Z")
        assert bool(finding["fix"] or finding["fix_note"]) == (finding["verdict"] != "compliant")


def test_the_external_id_is_not_in_the_report(
    sandbox_account: Account, organization: PopulatedOrganization
) -> None:
    run = audit(sandbox_account, organization)
    assert organization.external_id not in run.stdout
    assert "***" in run.report["run"]["command"]


def test_a_global_table_is_one_finding_in_each_region(
    sandbox_account: Account, organization: PopulatedOrganization
) -> None:
    report = audit(sandbox_account, organization).report
    regions = [each["region"] for each in report["findings"] if each["table"] == "customers-global"]
    assert sorted(regions) == ["ap-southeast-2", "eu-central-1", "eu-west-1"]


def test_exemptions_cover_tables_by_name_and_by_arn(
    sandbox_account: Account, organization: PopulatedOrganization, tmp_path: Path
) -> None:
    management, (production, staging) = organization.management, organization.members
    file = tmp_path / "policy-config.json"
    file.write_text(
        text_of(
            {
                "exemptions": [
                    {"table": "orders-*", "reason": "JIRA-1", "expires": "2099-12-31"},
                    {"table": f"arn:aws:dynamodb:*:{staging}:table/*", "reason": "no real data"},
                    {"urn": "urn:pulumi:prod::shop::*", "reason": "of a stack"},
                ]
            }
        ),
        encoding="utf-8",
    )
    run = audit(sandbox_account, organization, "--config", file)
    report = run.report
    for each in report["findings"]:
        is_exempt = each["table"].startswith("orders-") or each["account"] == staging
        assert (each["verdict"] == "exempt") is is_exempt
    assert {management, production} <= {each["account"] for each in report["findings"]}
    (warning,) = report["run"]["warnings"]
    assert warning.startswith("Exemptions that match a URN: 1.")
    assert report["run"]["settings"]["file"] == str(file)
    assert json.loads(file.read_text("utf-8"))


def test_roles_and_regions_can_be_named(
    sandbox_account: Account, organization: PopulatedOrganization
) -> None:
    production, staging = organization.members
    roles = [
        word
        for member in (production, staging)
        for word in ("--role-arn", f"arn:aws:iam::{member}:role/{organization.role}")
    ]
    run = run_audit(
        "aws", *roles, "--external-id", organization.external_id, "--region", "eu-west-1",
        "--output", "json", env=environment(sandbox_account),
    )  # fmt: skip
    assert set(verdicts(run.report)) == {
        (table.account, table.region, table.name)
        for table in organization.tables
        if table.account in (production, staging) and table.region == "eu-west-1"
    }
    assert [each["region"] for each in run.report["coverage"]] == ["eu-west-1", "eu-west-1"]


def test_two_credentials_for_one_account_report_it_once(
    sandbox_account: Account, organization: PopulatedOrganization, tmp_path: Path
) -> None:
    config = tmp_path / "credentials"
    keys = "aws_access_key_id = testing\naws_secret_access_key = testing\n"
    config.write_text(f"[one]\n{keys}[two]\n{keys}", encoding="utf-8")
    env = environment(sandbox_account) | {"AWS_SHARED_CREDENTIALS_FILE": str(config)}
    del env["AWS_ACCESS_KEY_ID"], env["AWS_SECRET_ACCESS_KEY"]
    run = run_audit("aws", "--profile", "one", "--profile", "two", "--output", "json", env=env)
    assert {account for account, _, _ in verdicts(run.report)} == {organization.management}
    (warning,) = run.report["run"]["warnings"]
    assert f"is for the account {organization.management}, too" in warning
