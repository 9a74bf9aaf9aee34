"""`python -m audit state`: files, stdin, coverage, and exit codes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from audit.collector import Collector
from audit.commands.state import read_files
from audit.results import Status
from policies.settings.settings import Settings
from tests.audit.cli import environment, run_audit
from tests.audit.stacks.samples import STACK, encrypted, resource, state, table
from tools import CHECKOUT
from tools.policy_config.configuration import text_of


def saved(file: Path, content: Any) -> Path:
    file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return file


def audited(*files: Path, **variables: str) -> dict[str, Any]:
    env: Mapping[str, str] = {**environment(None), **variables}
    report: dict[str, Any] = run_audit("state", *files, "--output", "json", env=env).report
    return report


def test_each_file_has_coverage(tmp_path: Path) -> None:
    files = [
        saved(tmp_path / "a.json", state(table("orders"), table("plain", enabled=False))),
        saved(tmp_path / "b.json", state(table("orders"), table("broken", delete=1), 5)),
        saved(tmp_path / "empty.json", {"version": 3, "deployment": None}),
        saved(tmp_path / "text.json", "{"),
        tmp_path / "missing.json",
        tmp_path,
    ]
    collector = Collector()
    read_files([*map(str, files), str(files[0])], Settings(), collector)
    a, b, empty, text, missing, folder = collector.coverage
    assert (a.stack, b.stack) == (f"shop/dev ({files[0]})", f"shop/dev ({files[1]})")
    assert (a.status, a.listed, a.judged, a.not_read, a.reason) == (Status.READ, 2, 2, 0, "")
    assert a.updated is not None
    assert (b.status, b.listed, b.judged, b.not_read) == (Status.FAILED, 2, 1, 1)
    assert b.reason == (
        "The state of 'broken' is damaged: delete is a number instead of a boolean. "
        "Resource 3 of the state has no valid URN or type, so it is not checked."
    )
    assert (empty.stack, empty.status, empty.listed) == (str(files[2]), Status.READ, 0)
    assert (text.stack, text.status) == (str(files[3]), Status.FAILED)
    assert text.reason.startswith("The state is not JSON: ")
    assert missing.reason == f"{files[4]} can't be read: No such file or directory."
    assert folder.reason == f"{files[5]} can't be read: Is a directory."
    assert {each.stack for each in collector.findings} == {a.stack, b.stack}


def test_exit_codes_and_stdin(tmp_path: Path) -> None:
    secure = saved(tmp_path / "secure.json", state(table("orders")))
    insecure = saved(tmp_path / "insecure.json", state(table("orders", enabled=False)))
    env = environment(None)
    assert run_audit("state", secure, env=env).exit_code == 0
    assert run_audit("state", secure, insecure, env=env).exit_code == 1
    assert run_audit("state", secure, tmp_path / "missing.json", env=env).exit_code == 3
    assert run_audit("state", env=env).exit_code == 2
    empty = run_audit("state", "-", "--output", "json", env=env)
    assert empty.exit_code == 3
    assert empty.report["coverage"][0]["stack"] == "stdin"


@pytest.mark.parametrize("option", ["--output=json=", "--suggest-exemptions="])
def test_a_report_never_replaces_a_state(tmp_path: Path, option: str) -> None:
    file = saved(tmp_path / "state.json", state(table("orders")))
    (tmp_path / "link.json").symlink_to(file)
    text = file.read_text(encoding="utf-8")
    run = run_audit("state", file, f"{option}{tmp_path}/link.json", env=environment(None))
    assert run.exit_code == 2
    assert "Name " in run.stderr
    assert file.read_text(encoding="utf-8") == text


def test_a_report_never_replaces_a_report_of_stacks(tmp_path: Path) -> None:
    file = saved(tmp_path / "state.json", state(table("orders")))
    report = tmp_path / "report.json"
    run_audit("state", file, "--output", f"json={report}", env=environment(None))
    text = report.read_text(encoding="utf-8")
    words = ("--stacks-report", report, "--output", f"json={report}")
    run = run_audit("aws", *words, env=environment(None))
    assert run.exit_code == 2
    assert f"{report} is a file that the audit reads. Name another file." in run.stderr
    assert report.read_text(encoding="utf-8") == text


def test_stdin_that_is_closed() -> None:
    command = ["sh", "-c", f"{sys.executable} -m audit state - --output json <&-"]
    run = subprocess.run(
        command, cwd=CHECKOUT, capture_output=True, text=True, check=False, env=environment(None)
    )
    assert run.returncode == 3
    (entry,) = json.loads(run.stdout)["coverage"]
    assert entry["reason"] == "stdin is closed. Pass a state to it, or name a file."


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_while_stdin_has_no_end(tmp_path: Path, number: signal.Signals) -> None:
    file = tmp_path / "pipe"
    os.mkfifo(file)
    command = [sys.executable, "-m", "audit", "state", str(file), "-"]
    with subprocess.Popen(
        command, cwd=CHECKOUT, env=environment(None), stdin=subprocess.PIPE
    ) as audit:
        # It opens as soon as the audit reads.
        with file.open("w", encoding="utf-8"):
            pass
        time.sleep(0.2)
        audit.send_signal(number)
        assert audit.wait(20) == 128 + number


def test_a_secret_that_hides_the_encryption(tmp_path: Path) -> None:
    hidden = table("hidden", outputs={"serverSideEncryption": encrypted()})
    file = saved(tmp_path / "state.json", state(hidden, resource("other", outputs={})))
    notes = {each["table"]: each["fix_note"] for each in audited(file)["findings"]}
    export = "Export the state with `--show-secrets` to read it.\n"
    assert notes["hidden"].startswith(f"{export}Check it in AWS: ")
    assert "--show-secrets" not in notes["other"]


def test_the_environment_of_a_ci_job_changes_nothing(tmp_path: Path) -> None:
    """A policy would take each of these tables for a new one in a preview."""
    without_arn = {"name": "orders", "hashKey": "id"}
    file = saved(tmp_path / "state.json", state(resource("orders", outputs=without_arn)))
    expected = audited(file)["findings"]
    assert [each["verdict"] for each in expected] == ["violation"]
    assert "is deployed without KMS encryption" in expected[0]["reason"]
    job = {"PULUMI_PROJECT": "shop", "PULUMI_STACK": "dev", "PULUMI_DRY_RUN": "true"}
    assert audited(file, **job)["findings"] == expected
    job["PULUMI_DRY_RUN"] = "false"
    assert audited(file, **job)["findings"] == expected


def test_exemptions_by_urn_exempt_tables_of_stacks(tmp_path: Path) -> None:
    file = saved(tmp_path / "state.json", state(table("orders", enabled=False)))
    exemption = {"urn": f"{STACK}::*::orders", "reason": "moved"}
    config = saved(tmp_path / "config.json", text_of({"exemptions": [exemption]}))
    run = run_audit("state", file, "--config", config, "--output", "json", env=environment(None))
    assert run.exit_code == 0
    assert [each["verdict"] for each in run.report["findings"]] == ["exempt"]
    assert "Exemptions that match a URN" not in run.stdout
