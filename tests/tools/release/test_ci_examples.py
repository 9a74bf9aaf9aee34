"""The pipelines in examples/ci: schema, permissions, secrets, actions, and commands."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.project import DECLARED, POLICIES, UNDETERMINED
from tests.tools.release.actions import INPUTS
from tests.tools.release.cli import run
from tests.tools.release.pulumi_commands import commands, wrong_with

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT / "examples/ci"
GITHUB = ("github-preview.yml", "github-publish.yml")
GITLAB = ("gitlab-preview.yml", "gitlab-publish.yml")


def parsed(name: str) -> Any:
    return yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))


def jobs_of(name: str) -> dict[str, Any]:
    workflow = parsed(name)
    return dict(workflow["jobs"] if name in GITHUB else workflow)


def steps_of(name: str) -> list[dict[str, Any]]:
    return [step for job in jobs_of(name).values() for step in job["steps"]]


def scripts_of(name: str) -> list[str]:
    """Return the shell commands of a pipeline's jobs."""
    if name in GITHUB:
        return [step["run"] for step in steps_of(name) if "run" in step]
    return [line for job in jobs_of(name).values() for line in job["script"]]


def test_every_file_is_tested() -> None:
    assert {file.name for file in FOLDER.iterdir()} == {*GITHUB, *GITLAB}


@pytest.mark.parametrize("name", [*GITHUB, *GITLAB])
def test_a_pipeline_follows_its_schema(name: str) -> None:
    schema = "vendor.github-workflows" if name in GITHUB else "vendor.gitlab-ci"
    # The package includes the schemas.
    checked = run(
        sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, FOLDER / name
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize("name", [*GITHUB, *GITLAB])
def test_a_pipelines_pulumi_commands_exist(name: str) -> None:
    words = [command for script in scripts_of(name) for command in commands(script)]
    assert words
    debug = 'PULUMI_DEBUG_COMMANDS: "true"' in (FOLDER / name).read_text(encoding="utf-8")
    assert [fault for command in words if (fault := wrong_with(command, debug=debug))] == []


@pytest.mark.parametrize("name", [*GITHUB, *GITLAB])
def test_a_pipelines_scripts_are_valid_shell(name: str) -> None:
    for script in scripts_of(name):
        checked = run("sh", "-n", "-c", script)
        assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize("name", GITHUB)
def test_a_workflows_actions_and_inputs_exist(name: str) -> None:
    for step in steps_of(name):
        # A step runs either a script or an action.
        assert ("run" in step) is not ("uses" in step)
        if "uses" in step:
            assert set(step.get("with", {})) <= INPUTS[step["uses"]], step


@pytest.mark.parametrize("name", GITHUB)
def test_a_workflow_has_minimal_permissions(name: str) -> None:
    assert parsed(name)["permissions"] == {"contents": "read"}
    for job in jobs_of(name).values():
        assert job["timeout-minutes"] <= 30
        granted = dict(job.get("permissions", {}))
        if name == "github-preview.yml":
            # For code scanning, the comment, and the AWS role. A job's permissions replace the
            # workflow's.
            assert granted == {
                "actions": "read", "contents": "read", "id-token": "write",
                "pull-requests": "write", "security-events": "write",
            }  # fmt: skip
            uses = [step.get("uses", "") for step in job["steps"]]
            assert any(use.startswith("aws-actions/configure-aws-credentials@") for use in uses)
        else:
            assert granted == {}
    for step in steps_of(name):
        if step.get("uses", "").startswith("actions/checkout@"):
            # Otherwise the program could read the token in its folder.
            assert step["with"]["persist-credentials"] is False


@pytest.mark.parametrize("name", [*GITHUB, *GITLAB])
def test_a_pipeline_prints_no_secret(name: str) -> None:
    text = (FOLDER / name).read_text(encoding="utf-8")
    # GitHub inserts expressions into a script as text, so their values could run as commands.
    assert not any("${{" in script for script in scripts_of(name))
    for script in scripts_of(name):
        assert not re.search(r"\bset -[a-z]*x|\bprintenv\b|(^|[;&|]\s*)env\b", script)
        for secret in re.findall(r"\$\{?(\w*(?:TOKEN|SECRET|PASSWORD|KEY)\w*)", script):
            # GitLab masks this token, which expires with the job.
            assert (name, secret) == ("gitlab-preview.yml", "CI_JOB_TOKEN")
            assert script.startswith("git clone ")
    # A secret is only used in `env:`, under its name.
    for line in text.splitlines():
        if "secrets." in line:
            match = re.fullmatch(r" +(\w+): \$\{\{ secrets\.(\w+) \}\}", line)
            assert match is not None, line
            assert match[1] == match[2]


def environments(value: Any) -> list[dict[str, str]]:
    """Return every `env:` in a workflow."""
    if isinstance(value, list):
        return [env for item in value for env in environments(item)]
    if not isinstance(value, dict):
        return []
    direct = [value["env"]] if "env" in value else []
    return direct + [env for item in value.values() for env in environments(item)]


@pytest.mark.parametrize("name", GITHUB)
def test_a_secret_of_a_workflow_is_in_an_env(name: str) -> None:
    text = (FOLDER / name).read_text(encoding="utf-8")
    values = [value for env in environments(parsed(name)) for value in env.values()]
    assert text.count("secrets.") == sum("secrets." in value for value in values) > 0


# YAML 1.1 parses the key `on` as true.
ON: Any = True


def test_a_tag_publishes_after_the_release_check() -> None:
    assert parsed("github-publish.yml")[ON] == {"push": {"tags": ["v*"]}}
    (job,) = jobs_of("gitlab-publish.yml").values()
    assert job["rules"] == [{"if": "$CI_COMMIT_TAG =~ /^v/"}]
    for name in ("github-publish.yml", "gitlab-publish.yml"):
        # A step that fails ends the job, so the check comes before publishing.
        assert scripts_of(name) == [
            "pulumi install",
            "venv/bin/python -m tools.release",
            "pulumi policy publish my-org",
        ]
        (job,) = jobs_of(name).values()
        # The environment restricts the token to tags and can require an approval.
        assert job["environment"] == "policy-pack"
    steps = steps_of("github-publish.yml")
    assert [step for step in steps if "env" in step] == [steps[-1]]


def test_a_pull_request_of_a_fork_is_not_previewed() -> None:
    on = parsed("github-preview.yml")[ON]
    assert on == {"pull_request": None, "push": {"branches": ["main"]}}
    (job,) = jobs_of("github-preview.yml").values()
    # Forks get no secrets.
    same = "github.event.pull_request.head.repo.full_name == github.repository"
    assert job["if"] == f"${{{{ !github.event.pull_request || {same} }}}}"


@pytest.mark.parametrize("name", ["github-preview.yml", "gitlab-preview.yml"])
def test_each_preview_applies_the_teams_settings(name: str, tmp_path: Path) -> None:
    pack = tmp_path / "policy-pack"
    pack.mkdir()
    for part in ("tools", "policies", "audit", "venv"):
        (pack / part).symlink_to(ROOT / part)
    settings = {
        "requireCustomerManagedKey": True,
        "enforcementLevel": {DECLARED: "remediate", UNDETERMINED: "mandatory"},
    }
    (pack / "settings.json").write_text(json.dumps(settings), encoding="utf-8")
    for script in scripts_of(name):
        if "policy-config write" in script:
            written = run("sh", "-e", "-c", script, cwd=tmp_path)
            assert written.returncode == 0, written.stderr

    def policies(file: str) -> dict[str, Any]:
        return dict(json.loads((pack / file).read_text(encoding="utf-8")))

    final = policies("policy-config.json")
    assert all(settings["requireCustomerManagedKey"] is True for settings in final.values())
    assert final[DECLARED]["enforcementLevel"] == "remediate"
    assert final[UNDETERMINED]["enforcementLevel"] == "mandatory"
    assert final.keys() == set(POLICIES)
