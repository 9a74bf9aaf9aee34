"""The command line: usage, reports, exit codes."""

from __future__ import annotations

import json
import re
from datetime import datetime, timezone
from pathlib import Path

import pytest

from audit.commands import exit_code
from audit.reports import REPORTS
from audit.results import (
    Audit,
    Coverage,
    Evidence,
    Finding,
    Key,
    Run,
    SettingsUsed,
    Status,
    Verdict,
)
from tests.audit.cli import environment, run_audit
from tools import CHECKOUT
from tools.sandbox import Account

NOW = datetime(2026, 11, 26, tzinfo=timezone.utc)
RUN = Run((), "0.1.0", NOW, NOW, (), SettingsUsed(None, None, {}))


def results(*verdicts: Verdict, status: Status = Status.READ) -> Audit:
    evidence = Evidence("DescribeTable", NOW, "", "{}")
    findings = [
        Finding("1", "eu-west-1", f"t{n}", "", verdict, "", "", "", Key(), evidence)
        for n, verdict in enumerate(verdicts)
    ]
    return Audit(RUN, [Coverage("1", "eu-west-1", status, len(verdicts), 0, 0, "")], findings)


@pytest.mark.parametrize(
    ("audit", "strict", "expected"),
    [
        (results(), False, 0),
        (results(Verdict.COMPLIANT, Verdict.EXEMPT), True, 0),
        (results(Verdict.UNDETERMINED), False, 0),
        (results(Verdict.UNDETERMINED), True, 3),
        (results(Verdict.NOT_READ), False, 3),
        (results(status=Status.DENIED), False, 3),
        (results(status=Status.FAILED), False, 3),
        # Nothing was read.
        (results(status=Status.DISABLED), False, 3),
        (results(Verdict.VIOLATION, Verdict.NOT_READ, status=Status.DENIED), True, 1),
    ],
)
def test_the_exit_code(audit: Audit, strict: bool, expected: int) -> None:
    assert exit_code(audit, strict=strict) == expected


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--output", "jsn"), "There is no format called 'jsn'. Did you mean 'json'?"),
        (("--output", "json="), "--output json= names no file."),
        (("--output", "json=missing/a.json"), "can't be written: No such file or directory."),
        (("--output", "json=."), "is a folder. Name a file."),
        (("--output", "json", "--output", "csv"), "Only one report can be written to"),
        (("--output", "json=a", "--output", "csv=a"), "Two reports have the same file, a."),
        (("--output", "json=a", "--state", "a"), "Two reports have the same file, a."),
        (("--state", "missing/a"), "can't be written: No such file or directory."),
        (("--region", "nowhere"), "'nowhere' is not the name of a Region, such as eu-west-1."),
        (("--role-arn", "auditor"), "'auditor' is not the ARN of an IAM role."),
        (("--organization",), "--organization and --role-name need each other."),
        (("--role-name", "a"), "--organization and --role-name need each other."),
        (("--external-id", "a"), "--external-id needs --role-arn or --organization."),
        (("--timeout", "0"), "Invalid value for '--timeout'"),
        (("--concurrency", "0"), "Invalid value for '--concurrency'"),
        (("--config", "missing.json"), "missing.json can't be read: No such file or directory."),
        (("--profile", "a", "--profile", "b", "--organization", "--role-name", "c"),
         "name at most one --profile"),
        (("--profile", "prodution"), "no profile called 'prodution'. Did you mean 'production'?"),
        (("--no-such-option",), "No such option"),
    ],
)  # fmt: skip
def test_wrong_usage_ends_before_any_call(
    words: tuple[str, ...], message: str, tmp_path: Path
) -> None:
    # Without credentials and an account, a call would be a different error.
    profiles = tmp_path / "config"
    profiles.write_text("[profile production]\n[profile a]\n[profile b]\n", encoding="utf-8")
    env = environment(None) | {"PYTHONPATH": str(CHECKOUT), "AWS_CONFIG_FILE": str(profiles)}
    run = run_audit("aws", *words, env=env, cwd=tmp_path)
    assert run.exit_code == 2
    assert message in " ".join(run.stderr.split())
    assert run.stdout == ""
    assert list(tmp_path.iterdir()) == [profiles]


def test_help_names_each_format_and_exit_code() -> None:
    overview = run_audit("--help", env=environment(None))
    assert overview.exit_code == 0
    for code in "0123":
        assert re.search(rf"^ +{code}  ", overview.stdout, re.M)
    options = run_audit("aws", "--help", env=environment(None)).stdout
    for name in REPORTS:
        assert name in options


def test_all_reports_of_one_run_are_written(sandbox_account: Account, tmp_path: Path) -> None:
    sandbox_account.reset()
    sandbox_account.create_tables("orders", 3, "eu-west-1")
    outputs = [
        word for name in REPORTS for word in ("--output", f"{name}={tmp_path / f'report.{name}'}")
    ]
    state = tmp_path / "state.json"
    run = run_audit("aws", *outputs, "--state", state, env=environment(sandbox_account))
    assert (run.exit_code, run.stdout, run.stderr) == (1, "", "")
    names = {file.name for file in tmp_path.iterdir()}
    assert names == {*(f"report.{name}" for name in REPORTS), "state.json"}
    for name in REPORTS:
        assert "orders00002" in (tmp_path / f"report.{name}").read_text(encoding="utf-8")
    report = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert report["summary"]["violation"] == 3


def test_the_default_is_a_table_on_stdout(sandbox_account: Account) -> None:
    sandbox_account.reset()
    run = run_audit("aws", env=environment(sandbox_account))
    assert run.exit_code == 0
    assert run.stdout.startswith("0 tables in 1 account")
    # A progress bar is for terminals.
    assert run.stderr == ""


def test_a_report_that_cannot_be_written_hides_no_other(sandbox_account: Account) -> None:
    sandbox_account.reset()
    sandbox_account.create_tables("orders", 1)
    run = run_audit(
        "aws", "--output", "json=/dev/full", "--output", "csv", env=environment(sandbox_account)
    )
    assert run.exit_code == 2
    assert "Error: /dev/full can't be written" in run.stderr
    assert "orders00000" in run.stdout
