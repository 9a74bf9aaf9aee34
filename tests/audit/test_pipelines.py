"""The pipelines in examples/audit: schema, permissions, and commands, which run as they are."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.audit.cli import environment
from tests.tools.release.actions import INPUTS
from tests.tools.release.cli import run
from tools import CHECKOUT
from tools.sandbox.account import Account
from tools.sandbox.account.population import EXTERNAL_ID, PopulatedOrganization

FOLDER = CHECKOUT / "examples/audit"
GITHUB, GITLAB = "github-audit.yml", "gitlab-audit.yml"
REPORTS = ("audit.html", "audit.json")


def parsed(name: str) -> Any:
    return yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))


JOB = parsed(GITHUB)["jobs"]["audit"]
STEPS = JOB["steps"]
SCRIPTS = {
    GITHUB: [step["run"] for step in STEPS if "run" in step],
    GITLAB: parsed(GITLAB)["audit"]["script"],
}
PIPELINES = pytest.mark.parametrize("name", [GITHUB, GITLAB])


@PIPELINES
def test_a_pipeline_follows_its_schema(name: str) -> None:
    schema = "vendor.github-workflows" if name == GITHUB else "vendor.gitlab-ci"
    checked = run(
        sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, FOLDER / name
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


@PIPELINES
def test_a_pipelines_scripts_are_valid_shell(name: str) -> None:
    for script in SCRIPTS[name]:
        checked = run("sh", "-n", "-c", script)
        assert checked.returncode == 0, checked.stderr
        # GitHub inserts expressions into a script as text, so their values could run as commands.
        assert "${{" not in script


@PIPELINES
def test_a_pipeline_installs_the_requirements_of_the_audit(name: str) -> None:
    (file,) = re.findall(r"pip install -r (\S+)", "\n".join(SCRIPTS[name]))
    assert file == "requirements-audit.txt"
    assert (CHECKOUT / file).exists()


def test_the_workflows_actions_and_inputs_exist() -> None:
    for step in STEPS:
        assert ("run" in step) is not ("uses" in step)
        if "uses" in step:
            assert set(step.get("with", {})) <= INPUTS[step["uses"]], step


def test_the_workflow_has_minimal_permissions() -> None:
    assert parsed(GITHUB)["permissions"] == {"contents": "read"}
    assert JOB["permissions"] == {
        "actions": "read",
        "contents": "read",
        "id-token": "write",
        "security-events": "write",
    }
    assert STEPS[0]["with"]["persist-credentials"] is False
    # It needs no access key and no other secret.
    assert "secrets." not in (FOLDER / GITHUB).read_text(encoding="utf-8")


@PIPELINES
def test_the_audit_ends_before_the_job_does(name: str) -> None:
    (seconds,) = re.findall(r"--timeout (\d+)", "\n".join(SCRIPTS[name]))
    limit = (
        JOB["timeout-minutes"] if name == GITHUB else parsed(name)["audit"]["timeout"].split()[0]
    )
    assert int(seconds) < int(limit) * 60 - 300


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout of the pack with settings, as a pipeline has it."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    for part in ("audit", "policies", "tools", "venv", "PulumiPolicy.yaml"):
        (folder / part).symlink_to(CHECKOUT / part)
    (folder / "settings.json").write_text("{}", encoding="utf-8")
    return folder


def run_lines(
    script: str, folder: Path, account: Account, env: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run a script as a CI service does, without the lines that install the requirements."""
    lines = [
        line for line in script.splitlines() if "-m venv " not in line and "-m pip " not in line
    ]
    return subprocess.run(
        ["bash", "-eo", "pipefail", "-c", "\n".join(lines)],  # noqa: S607 the runner's bash
        cwd=folder,
        env={**environment(account), **env},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def run_workflow(
    folder: Path, account: Account, external_id: str = EXTERNAL_ID
) -> dict[str, subprocess.CompletedProcess[str]]:
    """Run the scripts of the workflow up to the first that fails. Return each by its name."""
    summary, output = folder / "summary.md", folder / "output"
    done: dict[str, subprocess.CompletedProcess[str]] = {}
    for step in STEPS:
        if "run" not in step:
            continue
        lines = output.read_text().splitlines() if output.exists() else []
        outputs = dict(line.split("=", 1) for line in lines)
        values = {
            "${{ vars.AUDIT_EXTERNAL_ID }}": external_id,
            "${{ steps.audit.outputs.code }}": outputs.get("code", ""),
        }
        env = {name: values[value] for name, value in step.get("env", {}).items()}
        files = {"GITHUB_STEP_SUMMARY": str(summary), "GITHUB_OUTPUT": str(output)}
        done[step["name"]] = run_lines(step["run"], folder, account, {**env, **files})
        if done[step["name"]].returncode != 0:
            break
    return done


def test_the_workflow_uploads_the_reports_and_then_fails_on_a_violation(
    sandbox_account: Account, organization: PopulatedOrganization, checkout: Path
) -> None:
    *before, (last, result) = run_workflow(checkout, sandbox_account).items()
    assert [name for name, step in before if step.returncode != 0] == []
    assert last == STEPS[-1]["name"]
    assert result.returncode == 1
    assert organization.members[0] in (checkout / "summary.md").read_text(encoding="utf-8")
    (sarif,) = (checkout / "reports/sarif").iterdir()
    assert json.loads(sarif.read_text(encoding="utf-8"))["version"] == "2.1.0"
    uploads = {step["uses"].split("@")[0]: step["with"] for step in STEPS if "uses" in step}
    assert uploads["github/codeql-action/upload-sarif"]["sarif_file"] == "reports/sarif"
    kept = uploads["actions/upload-artifact"]["path"].split()
    assert kept == [f"reports/{name}" for name in REPORTS]
    assert all((checkout / path).stat().st_size for path in kept)


def test_the_workflow_fails_if_something_was_not_read(
    sandbox_account: Account, organization: PopulatedOrganization, checkout: Path
) -> None:
    # Without violations, the denied accounts decide.
    assert all("-" in table.name for table in organization.tables)
    exemptions = [{"table": "*-*", "reason": "a test"}]
    (checkout / "settings.json").write_text(
        json.dumps({"exemptions": exemptions}), encoding="utf-8"
    )
    results = list(run_workflow(checkout, sandbox_account, external_id="wrong").values())
    assert [step.returncode for step in results[:-1]] == [0] * (len(results) - 1)
    assert results[-1].returncode == 3


def test_the_workflow_fails_at_once_without_reports(
    sandbox_account: Account, organization: PopulatedOrganization, checkout: Path
) -> None:
    assert organization.members
    # The audit refuses the file that it would read.
    (checkout / "settings.json").write_text('{"exemptions": "all"}', encoding="utf-8")
    (name, failed), *_ = reversed(run_workflow(checkout, sandbox_account).items())
    assert name == "Write the configuration"
    assert failed.returncode == 2
    assert not (checkout / "summary.md").exists()


def test_the_gitlab_job_keeps_the_reports(
    sandbox_account: Account, organization: PopulatedOrganization, checkout: Path
) -> None:
    job = parsed(GITLAB)["audit"]
    token = checkout / "token"
    iam = sandbox_account.client("iam")
    iam.create_role(RoleName="dynamodb-audit", AssumeRolePolicyDocument="{}")
    variables = {
        **job["variables"],
        "AWS_ROLE_ARN": iam.get_role(RoleName="dynamodb-audit")["Role"]["Arn"],
        "AWS_WEB_IDENTITY_TOKEN_FILE": str(token),
        "AWS_ID_TOKEN": "header.payload.signature",
        "AUDIT_EXTERNAL_ID": organization.external_id,
        # The token replaces the access key.
        "AWS_ACCESS_KEY_ID": "",
        "AWS_SECRET_ACCESS_KEY": "",
    }
    done = run_lines("\n".join(job["script"]), checkout, sandbox_account, variables)
    assert done.returncode == 1, done.stdout + done.stderr
    assert all(member in done.stdout for member in organization.members)
    assert variables["AWS_ID_TOKEN"] not in done.stdout + done.stderr
    assert token.read_text(encoding="utf-8") == variables["AWS_ID_TOKEN"]
    artifacts = job["artifacts"]
    assert artifacts["when"] == "always"
    assert artifacts["paths"] == ["reports/"]
    reports = {file.name for file in (checkout / "reports").iterdir()}
    assert reports == {Path(artifacts["reports"]["junit"]).name, *REPORTS}
    assert os.fspath(checkout) not in (checkout / "reports/audit.json").read_text(encoding="utf-8")
