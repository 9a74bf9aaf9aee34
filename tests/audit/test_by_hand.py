"""The commands in examples/audit/cli check tables by hand, with the output that the page shows."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.audit.cli import environment
from tools import CHECKOUT
from tools.sandbox.account import Account

FOLDER = CHECKOUT / "examples/audit/cli"
PAGE = (CHECKOUT / "docs/audit.md").read_text(encoding="utf-8")
AWS_CLI = CHECKOUT / "venv/aws-cli"
REGIONS = ("ap-south-1", "eu-west-1", "us-east-1")


def run(
    account: Account, script: str, folder: Path, refused: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run a script, and let AWS refuse one operation, such as "list-tables"."""
    assert AWS_CLI.is_dir(), "the AWS CLI is not installed in venv/aws-cli: run `make setup`"
    # The CLI starts slowly, and the pretend account has all Regions, so check only some.
    some = f"--region-names {' '.join(REGIONS)}"
    aws = folder / "aws"
    aws.write_text(
        f'#!/bin/sh\nif [ "$2" = "{refused}" ]; then exit 254; fi\n'
        f'if [ "$2" = describe-regions ]; then set -- "$@" {some}; fi\n'
        f'PYTHONPATH="{AWS_CLI}" exec "{sys.executable}" -m awscli "$@"\n',
        encoding="utf-8",
    )
    aws.chmod(0o755)
    own = environment(account)
    return subprocess.run(
        ["bash", str(FOLDER / script)],  # noqa: S607 the user's bash
        env={**own, "PATH": f"{folder}:{own['PATH']}", "AWS_DEFAULT_REGION": "us-east-1"},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


@pytest.fixture
def account(sandbox_account: Account) -> Account:
    sandbox_account.reset()
    for region, name, enabled in (
        ("us-east-1", "orders", True),
        ("us-east-1", "sessions", False),
        ("eu-west-1", "invoices", False),
    ):
        sandbox_account.client("dynamodb", region).create_table(
            TableName=name,
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
            SSESpecification={"Enabled": enabled},
        )
    return sandbox_account


def test_a_script_has_the_output_that_the_page_shows_for_one_region(
    account: Account, tmp_path: Path
) -> None:
    done = run(account, "one-region.sh", tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (FOLDER / "one-region.txt").read_text(encoding="utf-8")


def test_a_script_has_the_output_that_the_page_shows_for_all_regions(
    account: Account, tmp_path: Path
) -> None:
    done = run(account, "all-regions.sh", tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    shown = (FOLDER / "all-regions.txt").read_text(encoding="utf-8")
    assert sorted(done.stdout.splitlines()) == sorted(shown.splitlines())


@pytest.mark.parametrize(
    ("script", "refused"),
    [
        ("one-region.sh", "describe-table"),
        ("all-regions.sh", "describe-regions"),
        ("all-regions.sh", "list-tables"),
        ("all-regions.sh", "describe-table"),
    ],
)
def test_a_script_fails_if_aws_refuses_an_operation(
    account: Account, tmp_path: Path, script: str, refused: str
) -> None:
    """An incomplete check that exits with 0 would suggest that all tables comply."""
    assert run(account, script, tmp_path, refused).returncode != 0


@pytest.mark.parametrize("name", sorted(file.name for file in FOLDER.iterdir()))
def test_the_page_shows_the_file(name: str) -> None:
    shown = re.findall(
        rf"\(\.\./examples/audit/cli/{name}\)\):\n\n```\w+\n(.*?)^```", PAGE, re.M | re.S
    )
    assert shown == [(FOLDER / name).read_text(encoding="utf-8")]
