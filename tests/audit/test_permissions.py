"""The policies in examples/audit allow exactly the calls that the audit makes."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.audit.cli import environment, run_audit
from tests.audit.results import stack_coverage, stacks_report
from tests.docs.markdown import rows
from tests.project import for_all_policies
from tools import CHECKOUT
from tools.sandbox.account import DEFAULT_ACCOUNT, Account
from tools.sandbox.account.population import PopulatedOrganization

FOLDER = CHECKOUT / "examples/audit"
PAGE = (CHECKOUT / "docs/audit.md").read_text(encoding="utf-8")
ROLE = "DynamoDBEncryptionAudit"
MEMBER_POLICY, CENTRAL_POLICY = "policy.json", "central-policy.json"
CONFIG_POLICY, OWNERS_POLICY = "config-policy.json", "owners-policy.json"
# Any identity may call it, even if a policy denies it.
NO_PERMISSION_NEEDED = "sts:GetCallerIdentity"
OPTIONAL = "kms:ListAliases"


def read(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def actions(policy: Mapping[str, Any]) -> set[str]:
    """Return the actions of a policy."""
    allowed: set[str] = set()
    for statement in policy["Statement"]:
        assert statement["Effect"] == "Allow"
        action = statement["Action"]
        allowed.update([action] if isinstance(action, str) else action)
    return allowed


MEMBER = actions(json.loads(read(MEMBER_POLICY)))
CENTRAL = actions(json.loads(read(CENTRAL_POLICY)))
OWNERS = actions(json.loads(read(OWNERS_POLICY)))


def calls_by_account(
    account: Account, *arguments: str | Path, command: tuple[str, ...] = ("aws",)
) -> dict[str, set[str]]:
    """Run the audit of one Region, and return the actions that each account's identities used."""
    before = len(account.calls())
    done = run_audit(*command, "--region", "us-east-1", *arguments, env=environment(account))
    assert done.exit_code == 1, done.stdout + done.stderr
    used: dict[str, set[str]] = {}
    for call in account.calls()[before:]:
        used.setdefault(call.account, set()).add(call.action)
    return {name: found - {NO_PERMISSION_NEEDED} for name, found in used.items()}


def test_the_current_credentials_need_the_policy(
    sandbox_account: Account, organization: PopulatedOrganization
) -> None:
    assert organization.management == DEFAULT_ACCOUNT
    assert calls_by_account(sandbox_account) == {DEFAULT_ACCOUNT: MEMBER - {OPTIONAL}}


def test_owners_need_one_more_policy(
    sandbox_account: Account, organization: PopulatedOrganization, tmp_path: Path
) -> None:
    assert organization.management == DEFAULT_ACCOUNT
    report = stacks_report(tmp_path / "stacks.json", stack_coverage())
    used = calls_by_account(sandbox_account, "--stacks-report", report)
    assert used == {DEFAULT_ACCOUNT: (MEMBER | OWNERS) - {OPTIONAL}}
    assert not OWNERS & MEMBER


def test_a_role_needs_the_policy(
    sandbox_account: Account, organization: PopulatedOrganization
) -> None:
    member = organization.members[0]
    role = f"arn:aws:iam::{member}:role/{organization.role}"
    used = calls_by_account(
        sandbox_account, "--role-arn", role, "--external-id", organization.external_id
    )
    assert used == {DEFAULT_ACCOUNT: {"sts:AssumeRole"}, member: MEMBER - {OPTIONAL}}


def test_an_organization_needs_both_policies(
    sandbox_account: Account, organization: PopulatedOrganization
) -> None:
    used = calls_by_account(
        sandbox_account,
        "--organization",
        *("--role-name", organization.role, "--external-id", organization.external_id),
    )
    # The central identity also reads its own account.
    assert used.pop(DEFAULT_ACCOUNT) == CENTRAL | MEMBER - {OPTIONAL}
    assert used == dict.fromkeys(organization.members, MEMBER - {OPTIONAL})


def test_an_alias_in_allowed_kms_keys_needs_the_optional_action(
    sandbox_account: Account, organization: PopulatedOrganization, tmp_path: Path
) -> None:
    assert organization.management == DEFAULT_ACCOUNT
    config = tmp_path / "policy-config.json"
    alias = f"arn:aws:kms:*:{DEFAULT_ACCOUNT}:alias/orders"
    config.write_text(json.dumps(for_all_policies(allowedKmsKeys=[alias])), encoding="utf-8")
    assert calls_by_account(sandbox_account, "--config", config) == {DEFAULT_ACCOUNT: MEMBER}


def test_an_aggregator_needs_its_policy(
    sandbox_account: Account, organization: PopulatedOrganization
) -> None:
    config = sandbox_account.client("config")
    config.put_configuration_aggregator(
        ConfigurationAggregatorName="all",
        AccountAggregationSources=[
            {"AccountIds": list(organization.accounts), "AllAwsRegions": True}
        ],
    )
    used = calls_by_account(sandbox_account, command=("config", "all"))
    assert used == {DEFAULT_ACCOUNT: actions(json.loads(read(CONFIG_POLICY)))}


def test_the_role_of_the_pretend_organization_has_the_same_actions(
    sandbox_account: Account, organization: PopulatedOrganization
) -> None:
    iam = sandbox_account.client("iam", account=organization.members[0])
    policy = iam.get_role_policy(RoleName=organization.role, PolicyName="Read")["PolicyDocument"]
    assert actions(policy) == MEMBER


def test_the_central_identity_may_assume_only_the_role() -> None:
    (statement,) = (
        statement
        for statement in json.loads(read(CENTRAL_POLICY))["Statement"]
        if statement["Action"] == "sts:AssumeRole"
    )
    assert statement["Resource"] == f"arn:aws:iam::*:role/{ROLE}"


@pytest.mark.parametrize("name", [MEMBER_POLICY, CENTRAL_POLICY, CONFIG_POLICY, OWNERS_POLICY])
def test_the_page_shows_the_policy(name: str) -> None:
    shown = re.findall(
        rf"\(\.\./examples/audit/{name}\)(?:(?!```).)*?\n\n```json\n(.*?)^```", PAGE, re.M | re.S
    )
    assert shown == [read(name)]


def test_the_page_has_a_reason_for_each_action() -> None:
    table = rows(PAGE, "Permission")
    assert {re.findall("`(.*?)`", action)[0] for action, *_ in table} == {
        NO_PERMISSION_NEEDED, *MEMBER, *CENTRAL, *OWNERS,
    }  # fmt: skip
    assert all(all(cells) for cells in table)
