"""Run `python -m audit` as a user does, against the pretend AWS account."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from audit.reports import json as json_report
from audit.results import Audit, Coverage, Verdict
from tests.audit.contract import Table, check_results, exit_code
from tools import CHECKOUT
from tools.sandbox.account import DEFAULT_ACCOUNT, Account

REGION = "us-east-1"


@dataclass(frozen=True)
class Result:
    """What a run of the audit left.

    Attributes:
        code: the exit code.
        out: what it printed to stdout.
        err: what it printed to stderr.
    """

    code: int
    out: str
    err: str

    @cached_property
    def audit(self) -> Audit:
        """The results in the JSON report on stdout."""
        return json_report.read(self.out)

    def entry(self, region: str | None, account: str = DEFAULT_ACCOUNT) -> Coverage:
        """Return the coverage of a Region, or of an account whose Regions were not read."""
        (entry,) = (e for e in self.audit.coverage if (e.account, e.region) == (account, region))
        return entry

    def verdicts(self, region: str = REGION, account: str = DEFAULT_ACCOUNT) -> dict[str, Verdict]:
        """Return the verdict of each table of a Region."""
        return {
            finding.table: finding.verdict
            for finding in self.audit.findings
            if (finding.account, finding.region) == (account, region)
        }

    def check(self, tables: Iterable[Table], *, strict: bool = False) -> None:
        """Check what each audit that ran must fulfil. See `check_results`.

        Args:
            tables: all tables of the accounts.
            strict: whether the audit ran with --strict.
        """
        assert "Traceback" not in self.err
        assert self.out, self.err
        check_results(self.audit, tables)
        assert self.code == exit_code(self.audit, strict=strict)


def environment(
    account: Account, folder: Path, owner: str = DEFAULT_ACCOUNT, **variables: str
) -> dict[str, str]:
    """Return the environment of a user of a pretend account, without this machine's AWS settings.

    Args:
        account: the pretend account.
        folder: a folder for the two files that configure the AWS SDK. They are empty unless they
            exist.
        owner: the account of the credentials.
        variables: more variables.
    """
    config, credentials = folder / "aws-config", folder / "aws-credentials"
    for file in (config, credentials):
        file.touch()
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
        **account.credentials(owner).environment,
        "AWS_ENDPOINT_URL": account.endpoint,
        "AWS_REGION": REGION,
        "AWS_CONFIG_FILE": str(config),
        "AWS_SHARED_CREDENTIALS_FILE": str(credentials),
        "NO_PROXY": "127.0.0.1",
        **variables,
    }


def start(env: Mapping[str, str], *arguments: str) -> subprocess.Popen[str]:
    """Start the audit of AWS accounts, which prints a JSON report."""
    command = [sys.executable, "-m", "audit", "aws", "--output", "json", *arguments]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=CHECKOUT, env=env, stdout=pipe, stderr=pipe, text=True)


def end(process: subprocess.Popen[str], seconds: float = 60) -> Result:
    """Wait for the end of an audit, and return its result.

    Raises:
        subprocess.TimeoutExpired: it did not end in time, and is killed.
    """
    try:
        out, err = process.communicate(timeout=seconds)
    finally:
        process.kill()
    return Result(process.returncode, out, err)


def run(env: Mapping[str, str], *arguments: str) -> Result:
    """Audit AWS accounts, and return the result."""
    return end(start(env, *arguments))
