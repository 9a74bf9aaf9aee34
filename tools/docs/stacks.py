"""Write the reports that docs/stacks.md shows, which are those of real audits of pretend stacks.

The stacks are in the pretend Pulumi Cloud, whose URL is replaced by that of Pulumi Cloud. Other
values that differ each time are replaced, too. The JSON is laid out for readers.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from tools import CHECKOUT
from tools.docs.blocks import on_lines, replaced, without_spaces_at_ends
from tools.sandbox.account import Account
from tools.sandbox.cloud import Cloud, User
from tools.sandbox.many_stacks import add_to_cloud, deploy

PAGE = CHECKOUT / "docs/stacks.md"
_ORGANIZATION = "my-org"
_STACK = f"{_ORGANIZATION}/shop/dev"
_DENIED = f"{_ORGANIZATION}/payments/production"
_REGION = "us-east-1"
_TIME = "2026-11-26T03:17:05"
_CLOUD = "https://app.pulumi.com"
_PROGRAM = """\
import pulumi_aws as aws

def table(name, sse):
    attributes = [{"name": "id", "type": "S"}]
    aws.dynamodb.Table(
        name, name=name, attributes=attributes, hash_key="id", billing_mode="PAY_PER_REQUEST",
        server_side_encryption=sse,
    )

table("carts", {"enabled": True})
table("orders", {"enabled": True})
table("sessions", None)
"""


def page(account: Account) -> str:
    """Return the page with the current reports.

    Args:
        account: a pretend account, which is reset.
    """
    account.reset()
    with tempfile.TemporaryDirectory() as name, Cloud.start(Path(name) / "cloud") as cloud:
        folder = Path(name)
        for user in ("ana", "auditor"):
            cloud.invite(user, _ORGANIZATION)
        ana, auditor = (
            User(folder / user, cloud, user, account=account) for user in ("ana", "auditor")
        )
        deploy(ana, folder / "program", _PROGRAM)
        add_to_cloud(cloud, "ana", f"{_ORGANIZATION}/shop/staging", None)
        add_to_cloud(cloud, "ana", _DENIED, None)
        cloud.restrict(_STACK, "auditor", "read")
        cloud.restrict(_DENIED, "auditor", "list")
        report = folder / "stacks.json"
        terminal = _audit(auditor, "stacks", "--output", "table", "--output", f"json={report}")
        stacks = json.loads(_stable(report.read_text(encoding="utf-8")))
        _change_outside_pulumi(account)
        owners = _audit(ana, "aws", "--region", _REGION, "--stacks")
    (finding,) = (each for each in stacks["findings"] if each["table"] == "sessions")
    text = PAGE.read_text(encoding="utf-8")
    text = replaced(text, "terminal", terminal)
    text = replaced(text, "json", json.dumps(finding, indent=2) + "\n")
    text = replaced(text, "coverage", on_lines({"coverage": stacks["coverage"]}))
    return replaced(text, "owners", _without_fixes(owners))


def _change_outside_pulumi(account: Account) -> None:
    dynamodb = account.client("dynamodb", _REGION)
    dynamodb.update_table(TableName="orders", SSESpecification={"Enabled": False})
    dynamodb.create_table(
        TableName="invoices",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )


def _audit(user: User, *arguments: str) -> str:
    """Run the audit as a user, and return what it prints."""
    files = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    done = subprocess.run(
        [sys.executable, "-m", "audit", *arguments],
        cwd=CHECKOUT,
        env={**user.environment(), **files},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode != 1:
        raise RuntimeError(f"The audit found no violation:\n{done.stdout}")
    return _stable(done.stdout)


def _without_fixes(text: str) -> str:
    """Return what a terminal shows without the commands, which are up to the next section."""
    return re.sub(r"^To fix, .*?\n\n(?=\w)", "", text, flags=re.M | re.S)


def _stable(text: str) -> str:
    """Replace what differs in each run."""
    # A report names a backend only if it is not Pulumi Cloud.
    text = re.sub(r" in http://127\.0\.0\.1:\d+", "", text)
    text = re.sub(r"http://127\.0\.0\.1:\d+", _CLOUD, text)
    text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?", _TIME, text)
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d(?= \(UTC\))", _TIME[:16].replace("T", " "), text)
    return without_spaces_at_ends(text).rstrip("\n") + "\n"


def write() -> None:
    """Write the page."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Account.start(Path(folder)) as account,
    ):
        PAGE.write_text(page(account), encoding="utf-8")
