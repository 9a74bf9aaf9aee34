"""The policies in examples/audit allow exactly the calls that the audit makes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from botocore.exceptions import ClientError

from tests.audit.command import ROOT, audit, environment
from tests.docs.markdown import rows
from tests.project import for_all_policies
from tools.sandbox.account import DEFAULT_ACCOUNT, Account
from tools.sandbox.account.population import PopulatedOrganization, populate

FOLDER = ROOT / "examples/audit"
PAGE = (ROOT / "docs/audit.md").read_text(encoding="utf-8")
ROLE = "DynamoDBEncryptionAudit"
MEMBER_POLICY, CENTRAL_POLICY = "policy.json", "central-policy.json"
# Any identity may call it, even if a policy denies it.
NO_PERMISSION_NEEDED = "sts:GetCallerIdentity"
OPTIONAL = "kms:ListAliases"
SECRET = "external-id-1"  # noqa: S105 an external ID is not a secret


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


@pytest.fixture(scope="module")
def organization(sandbox_account: Account) -> PopulatedOrganization:
    sandbox_account.reset()
    return populate(sandbox_account)


def calls_by_account(
    account: Account, *arguments: str | Path, exit_code: int = 1
) -> dict[str, set[str]]:
    """Run the audit of one Region, and return the actions that each account's identities used."""
    before = len(account.calls())
    done = audit(account, "aws", "--region", "us-east-1", *arguments)
    assert done.returncode == exit_code, done.stdout + done.stderr
    used: dict[str, set[str]] = {}
    for call in account.calls()[before:]:
        used.setdefault(call.account, set()).add(call.action)
    return {name: found - {NO_PERMISSION_NEEDED} for name, found in used.items()}


def test_the_current_credentials_need_the_policy(
    sandbox_account: Account, organization: PopulatedOrganization
) -> None:
    assert organization.management == DEFAULT_ACCOUNT
    assert calls_by_account(sandbox_account) == {DEFAULT_ACCOUNT: MEMBER - {OPTIONAL}}


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
    assert used.pop(DEFAULT_ACCOUNT) == CENTRAL
    assert used == dict.fromkeys(organization.members, MEMBER - {OPTIONAL})


def test_an_alias_in_allowed_kms_keys_needs_the_optional_action(
    sandbox_account: Account, organization: PopulatedOrganization, tmp_path: Path
) -> None:
    assert organization.management == DEFAULT_ACCOUNT
    config = tmp_path / "policy-config.json"
    alias = f"arn:aws:kms:*:{DEFAULT_ACCOUNT}:alias/orders"
    config.write_text(json.dumps(for_all_policies(allowedKmsKeys=[alias])), encoding="utf-8")
    assert calls_by_account(sandbox_account, "--config", config) == {DEFAULT_ACCOUNT: MEMBER}


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
    assert template()["Resources"]["Role"]["Properties"]["RoleName"] == ROLE


@pytest.mark.parametrize("name", [MEMBER_POLICY, CENTRAL_POLICY])
def test_the_page_shows_the_policy(name: str) -> None:
    shown = re.findall(
        rf"\(\.\./examples/audit/{name}\)(?:(?!```).)*?\n\n```json\n(.*?)^```", PAGE, re.M | re.S
    )
    assert shown == [read(name)]


def test_the_page_has_a_reason_for_each_action() -> None:
    table = rows(PAGE, "Permission")
    assert {re.findall("`(.*?)`", action)[0] for action, *_ in table} == {
        NO_PERMISSION_NEEDED, *MEMBER, *CENTRAL,
    }  # fmt: skip
    assert all(all(cells) for cells in table)


# The role.


class _Loader(yaml.SafeLoader):
    """Reads a template with the short forms of the functions that role.yaml uses."""


_Loader.add_constructor("!Ref", lambda _, node: {"Ref": node.value})
_Loader.add_constructor("!GetAtt", lambda _, node: {"Fn::GetAtt": node.value.split(".")})


def template() -> dict[str, Any]:
    return dict(yaml.load(read("role.yaml"), _Loader))  # noqa: S506 a subclass of SafeLoader


def test_the_roles_template_has_no_lint_findings() -> None:
    checked = subprocess.run(
        [Path(sys.executable).with_name("cfn-lint"), FOLDER / "role.yaml"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_role_has_the_policy() -> None:
    (policy,) = template()["Resources"]["Role"]["Properties"]["Policies"]
    assert policy["PolicyDocument"] == json.loads(read(MEMBER_POLICY))


@pytest.mark.parametrize(
    ("pattern", "value", "accepted"),
    [
        ("TrustedPrincipalArn", "arn:aws:iam::111122223333:root", True),
        ("TrustedPrincipalArn", "arn:aws-us-gov:iam::111122223333:role/ci/dynamodb-audit", True),
        ("TrustedPrincipalArn", "*", False),
        ("TrustedPrincipalArn", "arn:aws:iam::*:root", False),
        ("ExternalId", "8f3b2c1d-audit", True),
        ("ExternalId", "a*", False),
    ],
)
def test_the_parameters_accept_no_pattern(pattern: str, value: str, accepted: bool) -> None:
    allowed = template()["Parameters"][pattern]["AllowedPattern"]
    assert (re.search(allowed, value) is not None) is accepted


def aws_commands(heading: str) -> str:
    """Return the commands of the AWS CLI in a section of the page."""
    section = PAGE.partition(f"\n### {heading}\n")[2].partition("\n##")[0]
    (script,) = re.findall(r"^```sh\n(aws .*?)^```$", section, re.M | re.S)
    return str(script)


def run_aws(account: Account, script: str, folder: Path, of: str = DEFAULT_ACCOUNT) -> str:
    """Run a script with the AWS CLI, and return its output."""
    cli = ROOT / "venv/aws-cli"
    assert cli.is_dir(), "the AWS CLI is not installed in venv/aws-cli: run `make setup`"
    programs = folder / "bin"
    programs.mkdir(exist_ok=True)
    aws = programs / "aws"
    aws.write_text(
        f'#!/bin/sh\nPYTHONPATH="{cli}" exec "{sys.executable}" -m awscli "$@"\n', encoding="utf-8"
    )
    aws.chmod(0o755)
    own = environment(account, of)
    done = subprocess.run(
        ["bash", "-eu", "-c", script],  # noqa: S607 the user's bash
        cwd=ROOT,
        env={**own, "PATH": f"{programs}:{own['PATH']}", "AWS_DEFAULT_REGION": "us-east-1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def filled_in(script: str, root: str = "r-abcd") -> str:
    """Return a script of the page with the values of the pretend account."""
    for placeholder, value in (
        ("arn:aws:iam::111122223333:role/dynamodb-audit", f"arn:aws:iam::{DEFAULT_ACCOUNT}:root"),
        ("EXTERNAL_ID", SECRET),
        ("r-abcd", root),
    ):
        script = script.replace(placeholder, value)
    return script


def test_the_stack_sets_role_is_assumed_with_its_external_id_only(
    sandbox_account: Account, tmp_path: Path
) -> None:
    sandbox_account.reset()
    organizations = sandbox_account.client("organizations")
    organizations.create_organization(FeatureSet="ALL")
    created = organizations.create_account(Email="member@example.com", AccountName="member")
    member = created["CreateAccountStatus"]["AccountId"]
    (root,) = organizations.list_roots()["Roots"]
    run_aws(
        sandbox_account,
        filled_in(aws_commands("Create the role in each account"), root["Id"]),
        tmp_path,
    )
    arn = f"arn:aws:iam::{member}:role/{ROLE}"
    sts = sandbox_account.client("sts")
    for wrong in ({}, {"ExternalId": "wrong"}):
        with pytest.raises(ClientError, match="not authorized to perform: sts:AssumeRole"):
            sts.assume_role(RoleArn=arn, RoleSessionName="test", **wrong)
    done = audit(
        sandbox_account,
        *("aws", "--region", "eu-west-1", "--role-arn", arn, "--external-id", SECRET),
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 account and 1 Region" in done.stdout


def test_a_stack_creates_the_role_in_the_management_account(
    sandbox_account: Account, tmp_path: Path
) -> None:
    sandbox_account.reset()
    run_aws(
        sandbox_account,
        filled_in(aws_commands("Create the role in the management account")),
        tmp_path,
    )
    role = sandbox_account.client("iam").get_role(RoleName=ROLE)["Role"]
    (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Condition"] == {"StringEquals": {"sts:ExternalId": SECRET}}
    assert role["MaxSessionDuration"] == 3_600
