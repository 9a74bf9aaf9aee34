"""The commands of a report, pasted into a shell, end with compliant tables."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.audit.cli import environment, run_audit
from tools import CHECKOUT
from tools.policy_config.configuration import text_of
from tools.sandbox import Account

AWS_CLI = CHECKOUT / "venv/aws-cli"
REGION = "eu-west-1"


def paste(commands: str, account: Account, folder: Path) -> None:
    """Run the commands of a report in a shell, with the real AWS CLI."""
    assert AWS_CLI.is_dir(), "the AWS CLI is not installed in venv/aws-cli: run `make setup`"
    aws = folder / "aws"
    aws.write_text(f'#!/bin/sh\nPYTHONPATH="{AWS_CLI}" exec "{sys.executable}" -m awscli "$@"\n')
    aws.chmod(0o755)
    bash = shutil.which("bash")
    assert bash is not None
    env = environment(account) | {"PATH": f"{folder}:{os.environ['PATH']}"}
    subprocess.run(
        [bash, "-e", "-c", commands], env=env, check=True, capture_output=True, timeout=240
    )


def create(account: Account, name: str, key: str | None) -> None:
    sse = {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key}
    account.create_tables(name, 1, REGION, sse=sse if key else None)


def test_pasted_fixes_end_compliant(sandbox_account: Account, tmp_path: Path) -> None:
    sandbox_account.reset()
    kms = sandbox_account.client("kms", REGION)
    disabled, deleting = (kms.create_key()["KeyMetadata"]["Arn"] for _ in range(2))
    create(sandbox_account, "owned", None)
    create(sandbox_account, "disabled", disabled)
    create(sandbox_account, "deleting", deleting)
    kms.disable_key(KeyId=disabled)
    kms.schedule_key_deletion(KeyId=deleting, PendingWindowInDays=7)
    fix_all(sandbox_account, tmp_path, {}, 3)


@pytest.mark.parametrize("strict", [True, False])
def test_pasted_fixes_end_compliant_under_settings(
    sandbox_account: Account, tmp_path: Path, strict: bool
) -> None:
    sandbox_account.reset()
    kms = sandbox_account.client("kms", REGION)
    allowed, other = (kms.create_key()["KeyMetadata"]["Arn"] for _ in range(2))
    create(sandbox_account, "owned", None)
    create(sandbox_account, "managed", "alias/aws/dynamodb")
    create(sandbox_account, "other", other)
    settings = {"allowedKmsKeys": [allowed], "requireCustomerManagedKey": strict}
    fix_all(sandbox_account, tmp_path, settings, 3)


def fix_all(account: Account, folder: Path, settings: dict[str, Any], violations: int) -> None:
    """Paste the fixes of all violations, and check that there is none afterwards."""
    config = folder / "policy-config.json"
    config.write_text(text_of(settings), encoding="utf-8")
    words = ("aws", "--region", REGION, "--config", config, "--output", "json")
    before = run_audit(*words, env=environment(account))
    fixes = [each["fix"] for each in before.report["findings"] if each["verdict"] == "violation"]
    assert len(fixes) == violations
    assert all(fixes)
    paste("\n".join(fixes), account, folder)
    after = run_audit(*words, env=environment(account))
    assert after.exit_code == 0
    assert after.report["summary"]["compliant"] == len(before.report["findings"])
