"""Events that the real CLI writes about two policy packs: this one, and one with all outcomes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.project import Project
from tools.sandbox import Account, Sandbox

STREAMING = {"PULUMI_ENABLE_STREAMING_JSON_PREVIEW": "true"}
EXEMPT = "urn:pulumi:dev::insecure::aws:dynamodb/table:Table::sessions"

_PACK = """
from pulumi_policy import *

TABLE = "aws:dynamodb/table:Table"

def ttl(args, report):
    if args.resource_type != TABLE:
        args.not_applicable("It is no table.")
    if "ttl" not in args.props:
        report("It has no TTL.\\nSet \\x1b[31mttl\\x1b[0m.")

def named(args, report):
    if args.resource_type == TABLE:
        report("The name is too short.")
    if args.name == "orders":
        report("The name is too common.")

def tagged(args):
    if args.name == "sessions":
        return {**args.props, "tags": {"owner": "hunter2"}}

def complete(args, report):
    if args.resource_type == TABLE:
        report("It is still wrong.")

def few(args, report):
    if sum(each.resource_type == TABLE for each in args.resources) > 1:
        report("The stack has too many tables.")

def never(args, report):
    args.not_applicable("It never is.")

def nothing(args, report):
    pass

PolicyPack("acme", policies=[
    ResourceValidationPolicy("ttl", "Tables have a TTL.", ttl, EnforcementLevel.ADVISORY),
    ResourceValidationPolicy("named", "Names.", named, EnforcementLevel.MANDATORY),
    ResourceValidationPolicy("never", "Never.", never, EnforcementLevel.MANDATORY),
    ResourceValidationPolicy("disabled", "Off.", named, EnforcementLevel.DISABLED),
    ResourceValidationPolicy(
        "tagged", "Tags.", None, EnforcementLevel.REMEDIATE, remediate=tagged),
    ResourceValidationPolicy(
        "complete", "Both.", complete, EnforcementLevel.REMEDIATE, remediate=lambda args: None),
    StackValidationPolicy("few", "Few tables.", few, EnforcementLevel.MANDATORY),
    StackValidationPolicy("nothing", "Nothing.", nothing, EnforcementLevel.MANDATORY),
    StackValidationPolicy("never-for-stacks", "Never.", never, EnforcementLevel.MANDATORY),
])
"""


@dataclass(frozen=True)
class Recorded:
    """A project with two tables, what `pulumi` wrote about it, and the packs.

    Attributes:
        project: the project. Its stack was deployed after the preview.
        options: the options for both packs.
        preview: the events of a preview.
        shown_preview: the same preview for people.
        log: the event log of this preview.
        digest: the same preview as JSON without streaming.
        analysis: the events of an analysis of the deployed stack.
        shown_analysis: the same analysis for people.
        update: the events of the deployment's preview and update, in which all policies are
            advisory.
    """

    project: Project
    options: tuple[str, ...]
    preview: str
    shown_preview: str
    log: str
    digest: str
    analysis: str
    shown_analysis: str
    update: str


@pytest.fixture(scope="session")
def recorded(
    sandbox_account: Account, pack: Path, tmp_path_factory: pytest.TempPathFactory
) -> Recorded:
    """What the CLI writes. The tests share it."""
    folder = tmp_path_factory.mktemp("events")
    acme = folder / "acme"
    acme.mkdir()
    (acme / "PulumiPolicy.yaml").write_text("runtime: python\nversion: 1.2.3\n", encoding="utf-8")
    (acme / "__main__.py").write_text(_PACK, encoding="utf-8")
    match = [{"policies": ["named"], "targets": [EXEMPT]}]
    exceptions = {"EXC-1": {"reason": "Renamed in May", "match": match}}
    _write(folder / "acme.json", {"version": 2, "policies": {}, "exceptions": exceptions})
    _write(folder / "advisory.json", {"all": "advisory"})
    _write(folder / "default.json", {})

    def options(ours: str, theirs: str) -> tuple[str, ...]:
        return (
            "--policy-pack", str(pack), "--policy-pack-config", str(folder / ours),
            "--policy-pack", str(acme), "--policy-pack-config", str(folder / theirs),
        )  # fmt: skip

    usual, advisory = (
        options("default.json", "acme.json"),
        options("advisory.json", "advisory.json"),
    )
    with Sandbox(folder / "sandbox", account=sandbox_account) as sandbox:
        project = Project.of_example("insecure", sandbox, folder / "insecure", pack)
        log = folder / "preview.log"
        shown = project.run(
            "preview", "--event-log", str(log), *usual, env={"PULUMI_DEBUG_COMMANDS": "true"}
        )
        preview = project.run("preview", "--json", *usual, env=STREAMING)
        digest = project.run("preview", "--json", *usual)
        assert shown.exit_code == preview.exit_code == digest.exit_code == 1, preview.output
        update = project.run("up", "--yes", "--json", *advisory, env=STREAMING)
        assert update.exit_code == 0, update.output
        analysis = project.run("policy", "analyze", "--json", *usual)
        shown_analysis = project.run("policy", "analyze", *usual)
    return Recorded(
        project, usual, preview.stdout, shown.output, log.read_text("utf-8"), digest.stdout,
        analysis.stdout, shown_analysis.output, update.stdout,
    )  # fmt: skip


def _write(file: Path, content: object) -> None:
    file.write_text(json.dumps(content), encoding="utf-8")
