"""The role in examples/audit/role.yaml, deployed with the commands that docs/audit.md shows."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from botocore.exceptions import ClientError

from tests.audit.cli import environment, run_audit
from tools import CHECKOUT
from tools.sandbox.account import DEFAULT_ACCOUNT, Account

FOLDER = CHECKOUT / "examples/audit"
PAGE = (CHECKOUT / "docs/audit.md").read_text(encoding="utf-8")
ROLE = "DynamoDBEncryptionAudit"
EXTERNAL_ID = "external-id-1"


def read(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


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
    role = template()["Resources"]["Role"]["Properties"]
    assert role["RoleName"] == ROLE
    (policy,) = role["Policies"]
    assert policy["PolicyDocument"] == json.loads(read("policy.json"))


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


def run_aws(account: Account, script: str, folder: Path) -> None:
    """Run a script with the AWS CLI."""
    cli = CHECKOUT / "venv/aws-cli"
    assert cli.is_dir(), "the AWS CLI is not installed in venv/aws-cli: run `make setup`"
    programs = folder / "bin"
    programs.mkdir(exist_ok=True)
    aws = programs / "aws"
    aws.write_text(
        f'#!/bin/sh\nPYTHONPATH="{cli}" exec "{sys.executable}" -m awscli "$@"\n', encoding="utf-8"
    )
    aws.chmod(0o755)
    own = environment(account)
    done = subprocess.run(
        ["bash", "-eu", "-c", script],  # noqa: S607 the user's bash
        cwd=CHECKOUT,
        env={**own, "PATH": f"{programs}:{own['PATH']}", "AWS_DEFAULT_REGION": "us-east-1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def filled_in(script: str, root: str = "r-abcd") -> str:
    """Return a script of the page with the values of the pretend account."""
    for placeholder, value in (
        ("arn:aws:iam::111122223333:role/dynamodb-audit", f"arn:aws:iam::{DEFAULT_ACCOUNT}:root"),
        ("EXTERNAL_ID", EXTERNAL_ID),
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
    done = run_audit(
        *("aws", "--region", "eu-west-1", "--role-arn", arn, "--external-id", EXTERNAL_ID),
        env=environment(sandbox_account),
    )
    assert done.exit_code == 0, done.stdout + done.stderr
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
    assert statement["Condition"] == {"StringEquals": {"sts:ExternalId": EXTERNAL_ID}}
    assert role["MaxSessionDuration"] == 3_600
