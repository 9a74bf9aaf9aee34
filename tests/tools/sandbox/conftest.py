"""A project for small programs, which run in a sandbox."""

from __future__ import annotations

import json
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tools import harness
from tools.sandbox import Result, Sandbox

UNKNOWN = str(harness.UNKNOWN.value)
START = """\
import pulumi
import pulumi_aws as aws

def table(resource, **args):
    args.setdefault("billing_mode", "PAY_PER_REQUEST")
    attributes = [{"name": "id", "type": "S"}]
    return aws.dynamodb.Table(resource, hash_key="id", attributes=attributes, **args)
"""


@dataclass
class Project:
    """A project with one stack."""

    sandbox: Sandbox
    folder: Path

    def write(self, program: str) -> None:
        """Replace the program. `table(resource, **args)` declares a table with a partition key."""
        (self.folder / "__main__.py").write_text(START + textwrap.dedent(program))

    def run(self, *args: str) -> Result:
        """Run a command that must succeed."""
        result = self.sandbox.pulumi(*args, cwd=self.folder)
        assert result.exit_code == 0, result.output
        return result

    def up(self, program: str) -> dict[str, dict[str, Any]]:
        """Deploy a program, and return the state."""
        self.write(program)
        self.run("up", "--yes", "--skip-preview")
        return self.state()

    def state(self) -> dict[str, dict[str, Any]]:
        """Return the resources in the state, by name."""
        exported = json.loads(self.run("stack", "export", "--show-secrets").stdout)
        resources = exported["deployment"].get("resources", [])
        return {resource["urn"].rsplit("::", 1)[-1]: resource for resource in resources}

    def preview(self, program: str) -> dict[str, dict[str, Any]]:
        """Return the steps of a preview with their planned outputs, by the resource's name."""
        self.write(program)
        # Only the streamed events include outputs.
        env = {"PULUMI_ENABLE_STREAMING_JSON_PREVIEW": "true"}
        result = self.sandbox.pulumi("preview", "--json", "--show-sames", cwd=self.folder, env=env)
        assert result.exit_code == 0, result.output
        events = [json.loads(line) for line in result.stdout.splitlines()]
        steps = [e["resOutputsEvent"]["metadata"] for e in events if "resOutputsEvent" in e]
        return {step["urn"].rsplit("::", 1)[-1]: step for step in steps}


@pytest.fixture
def project(sandbox: Sandbox, tmp_path: Path) -> Project:
    """A project with the stack `dev`."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text("name: tryout\nruntime: python\n")
    project = Project(sandbox, folder)
    project.run("stack", "init", "dev")
    return project
