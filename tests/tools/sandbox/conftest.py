"""A project to write small programs into, and the sandbox to run them."""

from __future__ import annotations

import json
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tools.sandbox import Result, Sandbox

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
START = """\
import pulumi
import pulumi_aws as aws

def table(resource, **args):
    args.setdefault("billing_mode", "PAY_PER_REQUEST")
    opts = args.pop("opts", None)
    attributes = [{"name": "id", "type": "S"}]
    return aws.dynamodb.Table(resource, hash_key="id", attributes=attributes, **args, opts=opts)
"""


@dataclass
class Project:
    """A project with one stack."""

    sandbox: Sandbox
    folder: Path

    def write(self, program: str) -> None:
        """Replace the program; `table(resource, **args)` makes a table with a key."""
        (self.folder / "__main__.py").write_text(START + textwrap.dedent(program))

    def run(self, *words: str) -> Result:
        """Run a command that must go well."""
        result = self.sandbox.pulumi(*words, cwd=self.folder)
        assert result.exit_code == 0, result.output
        return result

    def up(self, program: str) -> dict[str, dict[str, Any]]:
        """Deploy a program; return the state."""
        self.write(program)
        self.run("up", "--yes", "--skip-preview")
        return self.state()

    def state(self) -> dict[str, dict[str, Any]]:
        """Return the resources in the state, by name."""
        exported = json.loads(self.run("stack", "export", "--show-secrets").stdout)
        resources = exported["deployment"].get("resources", [])
        return {resource["urn"].rsplit("::", 1)[-1]: resource for resource in resources}

    def preview(self, program: str) -> dict[str, dict[str, Any]]:
        """Return what a preview would do, by the name of the resource, with planned outputs."""
        self.write(program)
        # Only the streamed events tell of outputs.
        streaming = {"PULUMI_ENABLE_STREAMING_JSON_PREVIEW": "true"}
        words = ("preview", "--json", "--show-sames")
        result = self.sandbox.pulumi(*words, cwd=self.folder, env=streaming)
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
    made = Project(sandbox, folder)
    made.run("stack", "init", "dev")
    return made
