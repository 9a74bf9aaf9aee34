"""Create many stacks quickly: one is deployed by the real `pulumi`, and the others are copies.

Source: Pulumi, pkg/backend/diy/store.go and state.go (the files of a self-managed backend), and
sdk/go/common/apitype/core.go (their shapes).
"""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path
from typing import Any

from tools.sandbox.cloud import Cloud
from tools.sandbox.run import Sandbox

State = dict[str, Any]

PROJECT, STACK = "shop", "dev"

PROGRAM = """\
import pulumi
import pulumi_aws as aws

def table(name, sse):
    attributes = [{"name": "id", "type": "S"}]
    aws.dynamodb.Table(
        name, attributes=attributes, hash_key="id", billing_mode="PAY_PER_REQUEST",
        server_side_encryption=sse,
    )

table("owned", None)
table("managed", {"enabled": True})
"""
"""Two tables: one with an AWS owned key, and one with the AWS managed key."""

PROGRAM_WITH_SECRET = f"""{PROGRAM}
table("secret", {{"enabled": pulumi.Output.secret(False)}})
"""
"""Another table whose setting is a secret."""


def deploy(sandbox: Sandbox, folder: Path, program: str, **variables: str) -> State:
    """Deploy a program as the stack `shop/dev`, and return the stack's state.

    Args:
        sandbox: where `pulumi` runs.
        folder: the folder for the project, which is created.
        program: the program.
        variables: variables of the environment.

    Raises:
        RuntimeError: `pulumi` failed.
    """
    folder.mkdir(parents=True)
    (folder / "Pulumi.yaml").write_text(f"name: {PROJECT}\nruntime: python\n", encoding="utf-8")
    (folder / "__main__.py").write_text(program, encoding="utf-8")
    for words in (("stack", "init", STACK), ("up", "--yes", "--skip-preview"), ("stack", "export")):
        result = sandbox.pulumi(*words, cwd=folder, env=variables)
        if result.exit_code:
            raise RuntimeError(result.output)
    state: State = json.loads(result.stdout)
    return state


def renamed(state: State, full: str) -> State:
    """Return a copy of the state of `shop/dev` for a stack of another name."""
    project, stack = full.split("/")[-2:]
    text = json.dumps(state).replace(
        f"urn:pulumi:{STACK}::{PROJECT}", f"urn:pulumi:{stack}::{project}"
    )
    copy: State = json.loads(
        text.replace(f"pulumi:Stack::{PROJECT}-{STACK}", f"pulumi:Stack::{project}-{stack}")
    )
    return copy


def file_of(stacks: Path, full: str) -> Path:
    """Return the file of a stack in a backend that is a folder.

    Args:
        stacks: the folder.
        full: the full name of the stack, such as "organization/shop/dev".
    """
    _, project, stack = full.split("/")
    return stacks / ".pulumi" / "stacks" / project / f"{stack}.json"


def add_to_folder(stacks: Path, full: str, state: State) -> Path:
    """Write a stack into a backend that is a folder, and return its file."""
    deployment = renamed(state, full)["deployment"]
    checkpoint = {"stack": full, "latest": deployment}
    file = file_of(stacks, full)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"version": 3, "checkpoint": checkpoint}), encoding="utf-8")
    meta = stacks / ".pulumi" / "meta.yaml"
    if not meta.exists():
        meta.write_text("version: 1\n", encoding="utf-8")
    return file


def add_to_cloud(cloud: Cloud, user: str, full: str, state: State | None) -> None:
    """Create a stack in the pretend Cloud, as a user.

    Args:
        cloud: the Cloud.
        user: the name of the user.
        full: the full name of the stack, such as "acme/shop/dev".
        state: the state to import; None for a stack that is never updated.
    """
    organization, project, stack = full.split("/")
    _post(cloud, user, f"{organization}/{project}", {"stackName": stack})
    if state is not None:
        _post(cloud, user, f"{full}/import", renamed(state, full))


def _post(cloud: Cloud, user: str, path: str, body: State) -> None:
    request = urllib.request.Request(  # noqa: S310 - a local URL
        f"{cloud.endpoint}/api/stacks/{path}",
        json.dumps(body).encode(),
        {"Authorization": f"token {cloud.token(user)}", "Content-Type": "application/json"},
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=30) as response:
        response.read()
