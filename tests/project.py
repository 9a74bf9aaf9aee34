"""Pulumi projects for tests: programs that run in a sandbox, with or without the pack."""

from __future__ import annotations

import json
import shutil
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools.sandbox import Result, Sandbox

if TYPE_CHECKING:
    from typing_extensions import Self

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
DECLARED = "dynamodb-table-kms-encryption"
DEPLOYED = "dynamodb-deployed-table-kms-encryption"
UNDETERMINED = "dynamodb-undetermined-table-kms-encryption"
POLICIES = (DECLARED, UNDETERMINED, DEPLOYED)

START = '''\
import json
import pulumi
import pulumi_aws as aws

ENABLED = {"enabled": True}
DISABLED = {"enabled": False}

def table(resource, /, hash_key="id", **arguments):
    """Declare a table with a partition key, in on-demand mode."""
    arguments.setdefault("billing_mode", "PAY_PER_REQUEST")
    attributes = [{"name": hash_key, "type": "S"}]
    return aws.dynamodb.Table(resource, attributes=attributes, hash_key=hash_key, **arguments)

'''


@dataclass
class Project:
    """A Pulumi project with one stack.

    Attributes:
        sandbox: where `pulumi` runs.
        folder: the folder of Pulumi.yaml.
        pack: the pack that `preview`, `up` and `analyze` run.
    """

    sandbox: Sandbox
    folder: Path
    pack: Path

    @classmethod
    def create(cls, sandbox: Sandbox, folder: Path, pack: Path, name: str = "project") -> Self:
        """Create a project without a program, and its stack `dev`."""
        folder.mkdir()
        (folder / "Pulumi.yaml").write_text(f"name: {name}\nruntime: python\n", encoding="utf-8")
        return cls(sandbox, folder, pack).initialized("dev")

    @classmethod
    def of_example(
        cls, name: str, sandbox: Sandbox, folder: Path, pack: Path, stack: str = "dev"
    ) -> Self:
        """Copy an example to a folder, and create its stack."""
        ignored = shutil.ignore_patterns("Pulumi.*.yaml")
        shutil.copytree(EXAMPLES / name, folder, ignore=ignored)
        return cls(sandbox, folder, pack).initialized(stack)

    def initialized(self, stack: str) -> Self:
        """Create a stack and select it."""
        self.check("stack", "init", stack)
        return self

    def write(self, program: str) -> None:
        """Replace the program. `START` comes first, so `program` can call `table(name, ...)`."""
        code = START + textwrap.dedent(program)
        (self.folder / "__main__.py").write_text(code, encoding="utf-8")

    def config(self, config: Mapping[str, Any]) -> tuple[str, str]:
        """Write a policy configuration file, and return the option that passes it to `pulumi`."""
        file = self.folder / "policy-config.json"
        file.write_text(json.dumps(config), encoding="utf-8")
        return ("--policy-pack-config", str(file))

    def run(self, *words: str, env: Mapping[str, str] | None = None) -> Result:
        """Run `pulumi` without the pack."""
        return self.sandbox.pulumi(*words, cwd=self.folder, env=env)

    def check(self, *words: str) -> Result:
        """Run a `pulumi` command that must succeed, without the pack."""
        result = self.run(*words)
        assert result.exit_code == 0, result.output
        return result

    def deployed(self, program: str) -> dict[str, dict[str, Any]]:
        """Deploy a program without the pack, and return the state."""
        self.deploy(program)
        return self.state()

    def state(self) -> dict[str, dict[str, Any]]:
        """Return the resources in the state, by name."""
        exported = json.loads(self.check("stack", "export", "--show-secrets").stdout)
        return _by_name(exported["deployment"].get("resources", []))

    def planned(self, program: str) -> dict[str, dict[str, Any]]:
        """Return the steps of a preview without the pack, with their outputs, by name."""
        self.write(program)
        # Only the streamed events include outputs.
        env = {"PULUMI_ENABLE_STREAMING_JSON_PREVIEW": "true"}
        result = self.run("preview", "--json", "--show-sames", env=env)
        assert result.exit_code == 0, result.output
        events = [json.loads(line) for line in result.stdout.splitlines()]
        return _by_name(e["resOutputsEvent"]["metadata"] for e in events if "resOutputsEvent" in e)

    def deploy(self, program: str | None = None) -> None:
        """Deploy the program without the pack. `program` replaces it first."""
        if program is not None:
            self.write(program)
        self.check("up", "--yes", "--skip-preview")

    def export(self) -> Path:
        """Export the stack's state to a file."""
        file = self.folder / "state.json"
        self.check("stack", "export", "--file", str(file))
        return file

    def preview(self, *words: str) -> Result:
        """Preview with the pack."""
        return self.run("preview", "--policy-pack", str(self.pack), *words)

    def up(self, *words: str) -> Result:
        """Deploy with the pack."""
        return self.run("up", "--yes", "--policy-pack", str(self.pack), *words)

    def analyze(self, *words: str, env: Mapping[str, str] | None = None) -> Result:
        """Run the pack on the stack's state, without the program."""
        command = ("policy", "analyze", "--policy-pack", str(self.pack))
        return self.run(*command, *words, env=env)

    def store_template(self, name: str, body: str) -> str:
        """Put a template into the account's S3, and return its URL."""
        s3 = self.sandbox.client("s3")
        s3.create_bucket(Bucket="templates")
        s3.put_object(Bucket="templates", Key=name, Body=body.encode())
        return f"https://templates.s3.us-east-1.amazonaws.com/{name}"

    def tables(self, region: str = "us-east-1") -> dict[str, Any]:
        """Return the SSEDescription (or None) of each table in the account.

        The keys are the names without Pulumi's random suffix.
        """
        client = self.sandbox.client("dynamodb", region)
        names = client.list_tables()["TableNames"]
        tables = [client.describe_table(TableName=name)["Table"] for name in names]
        return {t["TableName"].rpartition("-")[0]: t.get("SSEDescription") for t in tables}


def _by_name(resources: Iterable[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {resource["urn"].rsplit("::", 1)[-1]: resource for resource in resources}


def for_all_policies(**settings: Any) -> dict[str, Any]:
    """Return a policy configuration that gives each policy the same settings."""
    return dict.fromkeys(POLICIES, settings)


def reported(result: Result, policy: str = DECLARED, level: str | None = None) -> set[str]:
    """Return the names of the resources for which a policy reports a violation.

    Args:
        result: what `pulumi` printed.
        policy: the name of the policy.
        level: the enforcement level of the violations; by default the policy's own.
    """
    level = level or ("advisory" if policy == UNDETERMINED else "mandatory")
    start = f"[{level}] [severity: high]  {policy}  ("
    return {
        line.split(start)[1].rpartition(": ")[2].rstrip(")")
        for line in result.output.splitlines()
        if start in line
    }
