"""The command `python -m audit events`: inputs, reports, and exit codes."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from audit.commands import main
from audit.commands.events import exit_code, shown_command
from audit.events.reports import REPORTS
from tests.audit.cli import AuditRun, environment, run_audit
from tests.audit.events.conftest import Recorded
from tests.audit.events.test_runs import END, VIOLATION, counted, read, shown, stream
from tools import CHECKOUT

ENVIRONMENT = environment(None)


def in_shell(script: str, env: Mapping[str, str] = ENVIRONMENT, cwd: Path = CHECKOUT) -> AuditRun:
    """Run a script in bash, in which `$audit` is the command."""
    bash = shutil.which("bash")
    assert bash is not None
    result = subprocess.run(
        [bash, "-c", script], cwd=cwd, capture_output=True, text=True, timeout=60,
        env={**env, "audit": f"{sys.executable} -m audit events"}, check=False,
    )  # fmt: skip
    return AuditRun(result.returncode, result.stdout, result.stderr)


def test_a_command_of_the_cli_is_run_and_its_exit_code_kept(
    recorded: Recorded, tmp_path: Path
) -> None:
    project = recorded.project
    env = {**project.sandbox.environment(), "PYTHONPATH": str(CHECKOUT)}
    report = tmp_path / "report.json"
    preview = ("pulumi", "preview", "--json", "--stack", "dev")
    run = run_audit(
        "events", "--output", f"json={report}", "--output", "table",
        "--", *preview, *recorded.options, env=env, cwd=project.folder,
    )  # fmt: skip
    assert run.exit_code == 1
    assert run.stderr == "error: preview failed\n"
    written = json.loads(report.read_text("utf-8"))
    assert written["run"]["exit_code"] == 1
    assert written["run"]["failed"] is True
    assert written["run"]["complete"] is True
    assert written["run"]["source"] == "pulumi preview ..."
    assert "EXC-1: Renamed in May" in run.stdout

    # Without the packs, the preview succeeds.
    run = run_audit("events", "--", *preview, env=env, cwd=project.folder)
    assert (run.exit_code, run.stderr) == (0, "")
    assert "Problem: No policy pack ran. Pass a pack with --policy-pack" in run.stdout

    # Without `--json`, the preview prints no events.
    run = run_audit(
        "events", "--", "pulumi", "preview", "--stack", "dev", env=env, cwd=project.folder
    )
    assert run.exit_code == 0
    assert "Problem: There are no events. Add `--json` to the command.\n" in run.stdout
    assert re.search(r"\n {4}pulumi:pulumi:Stack +insecure-dev", run.stderr)
    assert "\nResources:\n" in run.stderr
    shown_lines = [line for line in run.stderr.splitlines() if line.strip()]
    assert f"{len(shown_lines)} lines that are not events were ignored." in run.stdout

    (project.folder / "__main__.py").write_text("raise ValueError('broken')\n", encoding="utf-8")
    script = f"$audit -- {shlex.join((*preview, *recorded.options))}"
    run = in_shell(script, env, project.folder)
    assert run.exit_code not in (0, 3)
    assert "ValueError: broken" in run.stderr
    assert "Problem: The policies for the whole stack of 'acme', 'dynamodb-kms" in run.stdout


def test_all_reports_are_written(recorded: Recorded, tmp_path: Path) -> None:
    file = tmp_path / "events.json"
    file.write_text(recorded.preview, encoding="utf-8")
    outputs = [word for name in REPORTS for word in ("--output", f"{name}={tmp_path / name}")]
    run = run_audit("events", file, *outputs, env=ENVIRONMENT)
    assert (run.exit_code, run.stdout, run.stderr) == (1, "", "")
    for name in REPORTS:
        text = (tmp_path / name).read_text("utf-8")
        assert "too many tables" in text
        assert "hunter2" not in text
    counts = json.loads((tmp_path / "json").read_text("utf-8"))["summary"]
    expected = shown(recorded.shown_preview)
    assert {(each, expected[each]) for each in expected} == set(
        counted(read(recorded.preview)).items()
    )
    assert counts["violation"] == sum(
        number for (_, outcome), number in expected.items() if outcome.value == "violation"
    )


PASSED = stream({"summaryEvent": {"result": "succeeded", "PolicyPacks": {"acme": "1.2.3"}}})
FAILED = stream({"policyEvent": VIOLATION}, END)


ADVISORY = stream({"policyEvent": {**VIOLATION, "enforcementLevel": "advisory"}}) + PASSED


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (PASSED, 0),
        (ADVISORY, 0),
        (stream({"summaryEvent": {"result": "succeeded"}}), 3),
        (FAILED, 1),
        (FAILED + "{", 1),
        (PASSED + "{", 3),
        ("", 3),
    ],
)
def test_the_exit_code_of_events(text: str, code: int) -> None:
    run = read(text)
    assert exit_code(run) == code
    assert exit_code(run, failed=True) == 2
    for own in (0, 7):
        assert exit_code(replace(run, exit_code=own)) == own
        assert exit_code(replace(run, exit_code=own), failed=True) == (own or 2)


def test_events_from_a_pipe(tmp_path: Path) -> None:
    file = tmp_path / "events.json"
    file.write_text(PASSED, encoding="utf-8")
    failing = f"(cat {file}; exit 255) | $audit"
    run = in_shell(f"set -o pipefail; $audit {file} && cat {file} | $audit - && {failing}")
    assert run.exit_code == 255
    assert run.stdout == run.stdout[: len(run.stdout) // 3] * 3
    assert run.stdout.startswith("No violations in 1 policy pack.")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("-- sh -c 'exit 7'", 7),
        ("-- sh -c 'kill -TERM $$'", 128 + signal.SIGTERM),
        ("--output json=/dev/full -- sh -c 'exit 0'", 2),
    ],
)
def test_the_exit_code_of_a_command(words: str, code: int) -> None:
    assert in_shell(f"$audit {words}").exit_code == code


def test_a_command_gets_the_variable_and_its_errors_are_printed() -> None:
    run = in_shell("$audit -- sh -c 'echo $PULUMI_ENABLE_STREAMING_JSON_PREVIEW >&2; exit 3'")
    assert (run.exit_code, run.stderr) == (3, "true\n")
    message = {"prefix": "error: ", "message": "<{%fg 1%}>a\x1b]0;b\x07\n", "severity": "error"}
    debug = {"message": "debugging", "severity": "debug"}
    events = stream({"diagnosticEvent": message}, {"diagnosticEvent": debug}).replace("\\", "\\\\")
    run = in_shell(f"$audit -- printf '{events.replace('%', '%%')}'")
    assert run.stderr == "error: a\n"


def test_what_a_command_prints_is_not_lost() -> None:
    text = 'Warning: \x1b]0;b\x07a\x07\n  {"level": 5}\n{"sequence": 3, "pol\n  - c'
    printed = shlex.quote(text + "\n" + PASSED)
    run = in_shell(f"$audit -- printf %s {printed}")
    assert run.exit_code == 0
    assert run.stderr == 'Warning: a\\x07\n{"level": 5}\n{"sequence": 3, "pol\n  - c\n'
    assert "Problem: 1 line looks like an event that is cut off" in run.stdout
    assert "Note: 3 lines that are not events were ignored." in run.stdout


@pytest.mark.parametrize(
    ("words", "advice"),
    [
        ("echo hello", "Add `--json` to the command."),
        ("sh -c 'exit 1' preview", "Add `--json` to the command."),
        ("sh -c ': pulumi preview --json'", "The errors of the command say why."),
        ("sh -c 'exit 1' preview -j", "The errors of the command say why."),
    ],
)
def test_a_command_without_events(words: str, advice: str) -> None:
    run = in_shell(f"$audit -- {words}")
    assert f"Problem: There are no events. {advice}\n" in run.stdout


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_reach_the_command(number: signal.Signals, tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    script = f"trap 'exit 5' INT TERM; touch {ready}; while :; do sleep 0.1; done"
    with subprocess.Popen(
        [sys.executable, "-m", "audit", "events", "--", "sh", "-c", script],
        cwd=CHECKOUT, env=ENVIRONMENT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        start_new_session=True,
    ) as process:  # fmt: skip
        try:
            for _ in range(300):
                if ready.exists():
                    break
                time.sleep(0.1)
            process.send_signal(number)
            output, _ = process.communicate(timeout=30)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode == 5
    assert b"There are no events." in output


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_what_was_read_before_a_signal_is_reported(number: int) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "audit", "events", "--output", "json"],
        cwd=CHECKOUT, env=ENVIRONMENT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdin is not None
        # More than a pipe holds, so the audit reads it.
        process.stdin.write(FAILED.encode() + b"text\n" * 50_000)
        process.stdin.flush()
        time.sleep(0.5)
        # The pipe stays open: no more events come.
        process.send_signal(number)
        assert process.stdout is not None
        output = process.stdout.read()
        assert process.wait(timeout=30) == 1
    report = json.loads(output)
    assert report["summary"]["violation"] == 1
    problem = "The rest of the events can't be read: the audit was interrupted."
    assert problem in report["run"]["problems"]


def test_a_process_that_goes_on_does_not_delay_the_end() -> None:
    start = time.monotonic()
    run = subprocess.run(
        [sys.executable, "-m", "audit", "events", "--", "sh", "-c", "sleep 60 & exit 3"],
        cwd=CHECKOUT, env=ENVIRONMENT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, check=False, timeout=50,
    )  # fmt: skip
    assert run.returncode == 3
    assert time.monotonic() - start < 40


def test_input_that_is_closed_is_wrong_usage() -> None:
    run = subprocess.run(
        ["sh", "-c", f"{sys.executable} -m audit events <&-"],  # noqa: S607
        cwd=CHECKOUT, env=ENVIRONMENT, capture_output=True, text=True, check=False, timeout=50,
    )  # fmt: skip
    assert run.returncode == 2
    assert "Name a file, pipe the events, or write a command" in run.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("missing",), "missing can't be read: No such file or directory."),
        (("/",), "/ can't be read: Is a directory."),
        (("--",), "There is no command after `--`."),
        (("a", "--", "true"), "Name a file or a command, not both."),
        (("--", "no-such-command"), "no-such-command can't be run: No such file or directory."),
        (("--output", "jsn"), "There is no format called 'jsn'. Did you mean 'json'?"),
        (("--output", "json", "--output", "csv"), "Only one report can be written to"),
        (("--config", "a"), "No such option"),
    ],
)
def test_wrong_usage(words: tuple[str, ...], message: str) -> None:
    run = CliRunner().invoke(main, ["events", *words])
    assert (run.exit_code, run.stdout) == (2, "")
    assert message in " ".join(run.stderr.split())


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        ("pulumi preview --json -ca:b=hunter2", "pulumi preview ..."),
        ("/opt/bin/pulumi policy analyze --config a=hunter2", "pulumi policy analyze ..."),
        ("env PASSPHRASE=hunter2 pulumi preview", "env ..."),
        ("sh -c 'PASSPHRASE=hunter2 pulumi preview'", "sh ..."),
        ("pulumi config set key hunter2", "pulumi config set ..."),
        ("pulumi --cloud-url https://u:hunter2@h preview", "pulumi ..."),
    ],
)
def test_only_the_start_of_a_command_is_shown(command: str, shown: str) -> None:
    assert shown_command(shlex.split(command)) == tuple(shown.split())


def test_help_names_each_exit_code() -> None:
    text = CliRunner().invoke(main, ["events", "--help"]).stdout
    for code in range(4):
        assert f"\n    {code}  " in text
    assert "set -o pipefail" in text
    assert "[-- COMMAND...]" in text
    assert "events that COMMAND prints are not shown." in text
