"""Programs that are deployed by the real engine into the pretend account."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tools.sandbox import Result, Sandbox

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@dataclass
class Project:
    """A Pulumi project with a stack `dev`, and the pack to hold it to.

    folder: where its Pulumi.yaml is.
    pack: the pack that `preview`, `up` and `analyze` are run with.
    """

    sandbox: Sandbox
    folder: Path
    pack: Path

    def write(self, program: str) -> None:
        """Make `program` the project's program; pulumi and pulumi_aws are imported."""
        code = f"import pulumi\nimport pulumi_aws as aws\n\n{program}"
        (self.folder / "__main__.py").write_text(code, encoding="utf-8")

    def run(self, *words: str) -> Result:
        """Run `pulumi` with `words`, without any policy pack."""
        return self.sandbox.pulumi(*words, cwd=self.folder)

    def deploy(self) -> None:
        """Deploy the program without the pack, as before the pack existed."""
        result = self.run("up", "--yes")
        assert result.exit_code == 0, result.output

    def preview(self, *words: str) -> Result:
        """Preview with the pack."""
        return self.run("preview", "--policy-pack", str(self.pack), *words)

    def up(self, *words: str) -> Result:
        """Deploy with the pack."""
        return self.run("up", "--yes", "--policy-pack", str(self.pack), *words)

    def analyze(self, *words: str) -> Result:
        """Run the pack on what is deployed, without the program."""
        return self.run("policy", "analyze", "--policy-pack", str(self.pack), *words)

    def tables(self, region: str = "us-east-1") -> dict[str, Any]:
        """The account's tables: name up to the random suffix → SSEDescription, None where there
        is none.
        """
        client = self.sandbox.client("dynamodb", region)
        names = client.list_tables()["TableNames"]
        described = [client.describe_table(TableName=name)["Table"] for name in names]
        return {it["TableName"].rpartition("-")[0]: it.get("SSEDescription") for it in described}


@pytest.fixture
def example(sandbox: Sandbox, pack: Path, tmp_path: Path) -> Callable[[str], Project]:
    """Makes the project of an example in examples/, by its name."""

    def make(name: str) -> Project:
        folder = tmp_path / name
        shutil.copytree(EXAMPLES / name, folder, ignore=shutil.ignore_patterns("Pulumi.*.yaml"))
        created = sandbox.pulumi("stack", "init", "dev", cwd=folder)
        assert created.exit_code == 0, created.output
        return Project(sandbox, folder, pack)

    return make


@pytest.fixture
def project(sandbox: Sandbox, pack: Path, tmp_path: Path) -> Project:
    """A project without a program yet: see `Project.write`."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text("name: project\nruntime: python\n", encoding="utf-8")
    created = sandbox.pulumi("stack", "init", "dev", cwd=folder)
    assert created.exit_code == 0, created.output
    return Project(sandbox, folder, pack)
