"""The command line: usage, reports, exit codes."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path

import pytest

from audit.commands import run as commands
from audit.commands.run import exit_code
from audit.outputs import Output
from audit.reports import REPORTS, Report
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
from tools.policy_config.configuration import text_of
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
        (("--organization", "--role-name", "arn:aws:iam::1:role/a"),
         "--role-name is an ARN. Write only the name of the role."),
        (("--organization", "--role-name", "a", "--external-id", ""), "--external-id is empty."),
        (("--timeout", "nan"), "'nan' is not a number of seconds."),
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


def test_a_full_disk_hides_no_other_report(sandbox_account: Account, tmp_path: Path) -> None:
    sandbox_account.reset()
    sandbox_account.create_tables("orders", 1)
    file = tmp_path / "report.csv"
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "audit", "aws", "--output", "json", "--output", f"csv={file}"],
            cwd=CHECKOUT, env=environment(sandbox_account), stdout=full, stderr=subprocess.PIPE,
            text=True, timeout=60, check=False,
        )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr == "Error: The report can't be printed: No space left on device.\n"
    assert "orders00000" in file.read_text(encoding="utf-8")


def test_parts_of_an_earlier_report_are_removed(tmp_path: Path) -> None:
    file, other = tmp_path / "a.sarif", tmp_path / "a-notes.sarif"
    for old in (tmp_path / "a-2.sarif", tmp_path / "a-3.sarif", other):
        old.write_text("{}", encoding="utf-8")
    Output("sarif", file).write(results(Verdict.VIOLATION), REPORTS)
    assert sorted(tmp_path.iterdir()) == [other, file]
    Output("json", tmp_path / "a.json").write(results(), REPORTS)
    (tmp_path / "a-2.json").write_text("{}", encoding="utf-8")
    Output("json", tmp_path / "a.json").write(results(), REPORTS)
    assert (tmp_path / "a-2.json").exists()


def test_a_bug_in_one_format_hides_no_other(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def broken(*_: object) -> None:
        raise KeyError("orders")

    monkeypatch.setitem(REPORTS, "csv", Report(broken))
    outputs = (Output("csv", tmp_path / "a.csv"), Output("json", tmp_path / "a.json"))
    assert commands._write(results(), outputs)
    assert (tmp_path / "a.json").exists()
    assert capsys.readouterr().err == (
        "Error: The audit failed with KeyError: 'orders'. This is a bug: report it.\n"
    )


def test_a_configuration_of_the_sdk_that_cannot_be_read_is_wrong_usage(tmp_path: Path) -> None:
    broken = tmp_path / "config"
    broken.write_text("[profile a\n", encoding="utf-8")
    run = run_audit(
        "aws", "--profile", "a", env=environment(None) | {"AWS_CONFIG_FILE": str(broken)}
    )
    assert run.exit_code == 2
    assert "Unable to parse config file" in run.stderr


def test_settings_are_read_once(sandbox_account: Account, tmp_path: Path) -> None:
    text = text_of({"requireCustomerManagedKey": True})
    script = f"exec '{sys.executable}' -m audit aws --output json --config <(cat '{tmp_path}/c')"
    (tmp_path / "c").write_text(text, encoding="utf-8")
    bash = shutil.which("bash")
    assert bash is not None
    sandbox_account.reset()
    done = subprocess.run(
        [bash, "-c", script], cwd=CHECKOUT, env=environment(sandbox_account), capture_output=True,
        text=True, timeout=60, check=True,
    )  # fmt: skip
    settings = json.loads(done.stdout)["run"]["settings"]
    assert settings["sha256"] == hashlib.sha256(text.encode()).hexdigest()


def test_credentials_that_hang_hide_no_other_account(
    sandbox_account: Account, tmp_path: Path
) -> None:
    sandbox_account.reset()
    sandbox_account.create_tables("orders", 2)
    config = tmp_path / "config"
    config.write_text(
        "[profile hang]\ncredential_process = sleep 30\n"
        "[profile good]\naws_access_key_id = testing\naws_secret_access_key = testing\n",
        encoding="utf-8",
    )
    env = environment(sandbox_account) | {"AWS_CONFIG_FILE": str(config)}
    del env["AWS_ACCESS_KEY_ID"], env["AWS_SECRET_ACCESS_KEY"]
    run = run_audit(
        "aws", "--profile", "hang", "--profile", "good", "--timeout", "8", "--output", "json",
        env=env,
    )  # fmt: skip
    assert run.exit_code == 1
    assert run.report["summary"]["violation"] == 2
    (failed,) = (each for each in run.report["coverage"] if each["status"] == "failed")
    assert failed["account"] == "profile hang"


def test_a_region_that_is_named_and_not_enabled_is_reported(sandbox_account: Account) -> None:
    sandbox_account.reset()
    run = run_audit(
        "aws", "--region", "af-south-1", "--output", "json", env=environment(sandbox_account)
    )
    assert run.exit_code == 3
    assert run.report["run"]["complete"] is False
    (warning,) = run.report["run"]["warnings"]
    assert warning.startswith("af-south-1 was not read in 123456789012. ")
