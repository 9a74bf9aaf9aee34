"""Write the reports that docs/audit.md shows, which are those of a real audit of a pretend account.

Only values that differ each time are replaced: IDs of keys, times, and the version of the pack. The
JSON is laid out for readers.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tools import CHECKOUT
from tools.docs.blocks import on_lines, replaced, without_spaces_at_ends
from tools.sandbox.account import SERVICE_CONTROL_POLICY, Account, Denied, Fault

PAGE = CHECKOUT / "docs/audit.md"
_ACCOUNT, _REGION, _DENIED_REGION = "111122223333", "eu-west-1", "us-east-1"
_KEY_ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
_TIME = "2026-11-26T03:17:05"
# What a reader needs of AWS's answers.
_SHOWN_ANSWERS = {
    "Table": ("TableName", "TableStatus", "SSEDescription"),
    "KeyMetadata": ("Arn", "KeyManager", "KeyState"),
}


def page(account: Account) -> str:
    """Return the page with the current reports.

    Args:
        account: a pretend account, which is reset.
    """
    _populate(account)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "audit.json"
        terminal = _stable(_audit(account, "--output", "table", "--output", f"json={file}"))
        report = json.loads(_stable(file.read_text(encoding="utf-8")))
    (finding,) = (found for found in report["findings"] if found["table"] == "invoices")
    answer = finding["evidence"]["answer"]
    finding["evidence"]["answer"] = {
        name: {key: answer[name][key] for key in shown} for name, shown in _SHOWN_ANSWERS.items()
    }
    coverage = {name: report[name] for name in ("summary", "coverage")}
    text = PAGE.read_text(encoding="utf-8")
    text = replaced(text, "terminal", terminal)
    text = replaced(text, "json", json.dumps(finding, indent=2) + "\n")
    return replaced(text, "coverage", on_lines(coverage))


def _populate(account: Account) -> None:
    account.reset()
    dynamodb = account.client("dynamodb", _REGION, _ACCOUNT)
    kms = account.client("kms", _REGION, _ACCOUNT)
    key, disabled = (kms.create_key()["KeyMetadata"]["Arn"] for _ in range(2))
    by_key: dict[str, dict[str, Any]] = {
        "carts": {"Enabled": True},
        "invoices": {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": disabled},
        "orders": {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key},
        "sessions": {"Enabled": False},
    }
    for name, specification in by_key.items():
        dynamodb.create_table(
            TableName=name,
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
            SSESpecification=specification,
        )
    kms.disable_key(KeyId=disabled)
    denied = Denied(SERVICE_CONTROL_POLICY)
    account.inject(Fault(denied, operation="ListTables", region=_DENIED_REGION))


def _audit(account: Account, *arguments: str) -> str:
    """Run the audit with credentials of a role, and return what it prints."""
    role = f"arn:aws:iam::{_ACCOUNT}:role/DynamoDBEncryptionAudit"
    trust = {
        "Effect": "Allow",
        "Principal": {"AWS": account.client("sts").get_caller_identity()["Arn"]},
        "Action": "sts:AssumeRole",
    }
    account.client("iam", account=_ACCOUNT).create_role(
        RoleName="DynamoDBEncryptionAudit",
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
    )
    regions = ("--region", _REGION, "--region", _DENIED_REGION)
    own = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    done = subprocess.run(
        [sys.executable, "-m", "audit", "aws", "--role-arn", role, *regions, *arguments],
        cwd=CHECKOUT,
        env={
            **own,
            **account.credentials().environment,
            "AWS_ENDPOINT_URL": account.endpoint,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        },
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode != 1:
        raise RuntimeError(f"The audit found no violation:\n{done.stdout}")
    return done.stdout


def _stable(text: str) -> str:
    """Replace what differs in each run."""
    text = re.sub(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", _KEY_ID, text)
    text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?", _TIME, text)
    return without_spaces_at_ends(text)


def write() -> None:
    """Write the page."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Account.start(Path(folder)) as account,
    ):
        PAGE.write_text(page(account), encoding="utf-8")
