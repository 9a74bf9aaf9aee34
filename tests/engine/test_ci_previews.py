"""The previews in examples/ci, step by step, with the real CLI and the pretend Cloud."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import junitparser
import pytest
import yaml

from tests.project import START
from tools import CHECKOUT
from tools.sandbox import Account
from tools.sandbox.cloud import Cloud, User

FOLDER = CHECKOUT / "examples/ci"
STACK = "my-org/production"
PART = ("__main__.py", "PulumiPolicy.yaml", "audit", "policies", "tools", "venv")
USER_TOKEN = "pul-developer"  # noqa: S105 - of the pretend Cloud

REJECTED, ACCEPTED = 'table("orders")\n', 'table("orders", server_side_encryption=ENABLED)\n'

# The parts of `gh api` that the workflow uses, on a folder instead of GitHub's API.
# Source: GitHub CLI manual, "gh api"; GitHub REST API, "List issue comments".
GH = """
import json, os, sys
from pathlib import Path
import jq
store = Path(os.environ["GH_STORE"])
comments = json.loads(store.read_text()) if store.exists() else []
arguments = sys.argv[1:]
assert arguments.pop(0) == "api" and os.environ["GH_TOKEN"]
options, path = {}, None
while arguments:
    word = arguments.pop(0)
    if word in ("--method", "--jq", "--field"):
        options[word] = arguments.pop(0)
    elif not word.startswith("--"):
        path = word
method = options.get("--method", "GET")
if method == "GET":
    if os.environ.get("GH_FAILS"):
        sys.exit("gh: HTTP 502")
    assert path == "repos/my-org/shop/issues/7/comments"
    for value in jq.compile(options["--jq"]).input_value(comments).all():
        print(value)
    sys.exit()
name, _, file = options["--field"].partition("=@")
assert name == "body"
body = Path(file).read_text()
assert len(body) < 65536
if method == "POST":
    assert path == "repos/my-org/shop/issues/7/comments"
    comments.append({"id": len(comments) + 1, "user": {"type": "Bot"}, "body": body})
else:
    number = int(path.removeprefix("repos/my-org/shop/issues/comments/"))
    (comment,) = [each for each in comments if each["id"] == number]
    comment["body"] = body
store.write_text(json.dumps(comments))
"""


class Pipeline:
    """A checkout of a program and the pack, as a pipeline has it, and the user who runs it."""

    def __init__(self, user: User, folder: Path) -> None:
        self.user, self.folder = user, folder
        pack = folder / "policy-pack"
        pack.mkdir(parents=True)
        for part in PART:
            (pack / part).symlink_to(CHECKOUT / part)
        (pack / "settings.json").write_text("{}", encoding="utf-8")
        (folder / "Pulumi.yaml").write_text("name: shop\nruntime: python\n", encoding="utf-8")
        bin_ = folder / ".bin"
        bin_.mkdir()
        gh = bin_ / "gh"
        gh.write_text(f"#!{CHECKOUT / 'venv/bin/python'}\n{GH}", encoding="utf-8")
        gh.chmod(0o755)
        created = user.pulumi("stack", "init", STACK, cwd=folder)
        assert created.exit_code == 0, created.output

    def write(self, program: str) -> None:
        """Replace the program."""
        (self.folder / "__main__.py").write_text(START + program, encoding="utf-8")

    def run(self, script: str, env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        """Run a script as a CI service does, without the lines that install requirements."""
        lines = [
            line
            for line in script.splitlines()
            if not line.startswith(("pulumi install", "git clone ")) and " -m pip " not in line
        ]
        own = self.user.environment()
        path = os.pathsep.join([str(self.folder / ".bin"), own["PATH"]])
        return subprocess.run(
            ["bash", "-e", "-c", "\n".join(lines)],  # noqa: S607 the runner's bash
            cwd=self.folder, env={**own, "PATH": path, **env},
            capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip

    @property
    def comments(self) -> list[str]:
        """The comments on the pull request."""
        store = self.folder / "comments.json"
        comments = json.loads(store.read_text(encoding="utf-8")) if store.exists() else []
        return [comment["body"] for comment in comments]


@pytest.fixture
def pipeline(sandbox_account: Account, tmp_path: Path) -> Iterator[Pipeline]:
    sandbox_account.reset()
    with Cloud.start(tmp_path / "cloud") as cloud:
        cloud.invite("developer", "my-org")
        with User(tmp_path / "developer", cloud, "developer", account=sandbox_account) as user:
            yield Pipeline(user, tmp_path / "program")


def parsed(name: str) -> Any:
    return yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))


@dataclass
class Run:
    """A run of the workflow.

    Attributes:
        codes: the exit code of each script that ran, by the name of its step.
        errors: what they printed to standard error.
    """

    codes: dict[str, int] = field(default_factory=dict)
    errors: str = ""


def run_workflow(pipeline: Pipeline, **variables: str) -> Run:
    """Run the workflow's scripts for a pull request."""
    job = parsed("github-preview.yml")["jobs"]["preview"]
    output = pipeline.folder / "output"
    for file in ("output", "events.json", "policies.md", "policies.sarif", "policies.json"):
        (pipeline.folder / file).unlink(missing_ok=True)  # a runner starts with a fresh checkout
    run = Run()
    for step in job["steps"]:
        condition = step.get("if", "")
        if "run" not in step or (any(run.codes.values()) and not condition):
            continue
        if condition and not holds(condition, pipeline.folder):
            continue
        lines = output.read_text(encoding="utf-8").splitlines() if output.exists() else []
        outputs = dict(line.split("=", 1) for line in lines)
        values = {
            "${{ github.token }}": "token",
            "${{ github.event.pull_request.number }}": "7",
            "${{ github.event.pull_request.head.sha }}": "0a1b2c3d",
            "${{ steps.preview.outputs.code }}": outputs.get("code", ""),
        }
        env = {name: values.get(value, value) for name, value in step.get("env", {}).items()}
        done = pipeline.run(step["run"], {
            **env, "GITHUB_OUTPUT": str(output), "GITHUB_REPOSITORY": "my-org/shop",
            "GITHUB_STEP_SUMMARY": str(pipeline.folder / "summary.md"),
            "GH_STORE": str(pipeline.folder / "comments.json"), **variables,
        })  # fmt: skip
        assert USER_TOKEN not in done.stdout + done.stderr
        run.codes[step["name"]] = done.returncode
        run.errors += done.stderr
    return run


def holds(condition: str, folder: Path) -> bool:
    """Return whether a condition of the workflow holds in a pull request that is not canceled."""
    match = re.fullmatch(r"\$\{\{ !cancelled\(\) && (.*) \}\}", condition)
    assert match is not None, condition
    file = re.fullmatch(r"hashFiles\('([\w.]+)'\)", match[1])
    if file is None:
        assert match[1] == "github.event.pull_request"
        return True
    return (folder / file[1]).exists()


def test_a_pull_request_gets_one_comment_that_each_preview_updates(pipeline: Pipeline) -> None:
    pipeline.write(REJECTED)
    *before, last = run_workflow(pipeline).codes.values()
    assert set(before) == {0}
    assert last not in (0, 2)
    (comment,) = pipeline.comments
    assert comment.startswith("<!--")
    assert "orders" in comment
    assert "serverSideEncryption" in comment
    assert "0a1b2c3d" in comment
    summary = (pipeline.folder / "summary.md").read_text(encoding="utf-8")
    assert summary in comment
    sarif = json.loads((pipeline.folder / "policies.sarif").read_text(encoding="utf-8"))
    assert [len(run["results"]) for run in sarif["runs"]] == [1]

    # A list of comments that can't be read must not lead to another comment.
    failed = run_workflow(pipeline, GH_FAILS="yes")
    assert failed.codes["Comment on the pull request"] != 0
    assert len(pipeline.comments) == 1

    pipeline.write(ACCEPTED)
    assert set(run_workflow(pipeline).codes.values()) == {0}
    (comment,) = pipeline.comments
    assert "serverSideEncryption" not in comment


def test_a_preview_that_fails_early_fails_the_job(pipeline: Pipeline) -> None:
    pipeline.write("raise ValueError('no such thing')\n")
    codes = run_workflow(pipeline).codes
    assert codes["Fail as the preview does"] not in (0, 2)
    assert len(pipeline.comments) == 1
    (pipeline.folder / "Pulumi.yaml").write_text("name: [", encoding="utf-8")
    codes = run_workflow(pipeline).codes
    assert codes["Fail as the preview does"] != 0
    # The comment of the preview before must not stay as if it were about this one.
    (comment,) = pipeline.comments
    assert "The preview failed without results of policies." in comment


@pytest.mark.parametrize(("program", "violations"), [(REJECTED, 1), (ACCEPTED, 0)])
def test_a_merge_request_gets_tests_and_code_quality(
    pipeline: Pipeline, program: str, violations: int
) -> None:
    pipeline.write(program)
    job = parsed("gitlab-preview.yml")["preview"]
    done = pipeline.run("\n".join(job["script"]), job["variables"])
    assert (done.returncode != 0) == bool(violations), done.stdout + done.stderr
    assert done.returncode != 2
    artifacts = job["artifacts"]
    assert artifacts["when"] == "always"
    printed, page = ((pipeline.folder / p).read_text(encoding="utf-8") for p in artifacts["paths"])
    assert printed in done.stdout
    assert "orders" in page
    reports = artifacts["reports"]
    junit = junitparser.JUnitXml.fromfile(str(pipeline.folder / reports["junit"]))
    assert junit.failures == violations
    quality = json.loads((pipeline.folder / reports["codequality"]).read_text(encoding="utf-8"))
    assert len(quality) == violations


PREVIEWS: list[Callable[[], list[str]]] = [
    lambda: [
        step.get("run", "") for step in parsed("github-preview.yml")["jobs"]["preview"]["steps"]
    ],
    lambda: parsed("gitlab-preview.yml")["preview"]["script"],
]


@pytest.mark.parametrize("scripts", PREVIEWS, ids=["github", "gitlab"])
def test_a_preview_installs_what_the_audit_needs(scripts: Callable[[], list[str]]) -> None:
    text = "\n".join(scripts())
    assert (
        "policy-pack/venv/bin/python -m pip install -r policy-pack/requirements-audit.txt" in text
    )
    assert (CHECKOUT / "requirements-audit.txt").exists()
