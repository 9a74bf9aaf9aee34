"""A project for small programs, which run in a sandbox without a pack."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests import project as shared
from tools import harness
from tools.sandbox import Sandbox

UNKNOWN = str(harness.UNKNOWN.value)


class Project(shared.Project):
    """A project with the state and the steps of its stack."""

    def state(self) -> dict[str, dict[str, Any]]:
        """Return the resources in the state, by name."""
        exported = json.loads(self.check("stack", "export", "--show-secrets").stdout)
        resources = exported["deployment"].get("resources", [])
        return {resource["urn"].rsplit("::", 1)[-1]: resource for resource in resources}

    def deployed(self, program: str) -> dict[str, dict[str, Any]]:
        """Deploy a program, and return the state."""
        self.deploy(program)
        return self.state()

    def planned(self, program: str) -> dict[str, dict[str, Any]]:
        """Return the steps of a preview with their planned outputs, by the resource's name."""
        self.write(program)
        # Only the streamed events include outputs.
        env = {"PULUMI_ENABLE_STREAMING_JSON_PREVIEW": "true"}
        result = self.run("preview", "--json", "--show-sames", env=env)
        assert result.exit_code == 0, result.output
        events = [json.loads(line) for line in result.stdout.splitlines()]
        steps = [e["resOutputsEvent"]["metadata"] for e in events if "resOutputsEvent" in e]
        return {step["urn"].rsplit("::", 1)[-1]: step for step in steps}


@pytest.fixture
def project(sandbox: Sandbox, pack: Path, tmp_path: Path) -> Project:
    """A project with the stack `dev`."""
    return Project.create(sandbox, tmp_path / "project", pack, name="tryout")
