"""Compare the audit of many stacks with the bare `pulumi stack export` calls.

Both are processes of their own that read the same two backends with the same number of commands at
the same time: a folder with 50 stacks, and a pretend Pulumi Cloud with 20. The bare calls know the
names of the stacks, and nothing reads what they print.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tools import CHECKOUT
from tools.bench.measure import compare, header, seconds
from tools.sandbox.account import Account
from tools.sandbox.cloud import Cloud, User
from tools.sandbox.many_stacks import PROGRAM, add_to_cloud, add_to_folder, deploy

IN_FOLDER, IN_CLOUD = 50, 20
BOUND, ROUNDS = 2.0, 3
COMMANDS = 4


def bare(stacks: Sequence[tuple[str, str]], environment: dict[str, str]) -> None:
    """Export stacks, and drop what is printed.

    Args:
        stacks: the URL of the backend and the full name of each stack.
        environment: the environment of `pulumi`.
    """

    def export(stack: tuple[str, str]) -> None:
        backend, name = stack
        subprocess.run(
            ["pulumi", "stack", "export", "--stack", name],  # noqa: S607 - as a user runs it
            env={**environment, "PULUMI_BACKEND_URL": backend},
            stdout=subprocess.DEVNULL, check=True,
        )  # fmt: skip

    with ThreadPoolExecutor(COMMANDS) as pool:
        list(pool.map(export, stacks))


def main() -> None:
    """Print the comparison."""
    with (
        tempfile.TemporaryDirectory() as name,
        Account.start(Path(name) / "account") as account,
        Cloud.start(Path(name) / "cloud") as cloud,
    ):
        folder = Path(name)
        cloud.invite("ana", "acme", role="admin")
        user = User(folder / "ana", cloud, "ana", account=account)
        state = deploy(user, folder / "program", PROGRAM)
        here = folder / "backend"
        (here / ".pulumi").mkdir(parents=True)
        stacks = [(here.as_uri(), f"organization/shop/s{n}") for n in range(IN_FOLDER)]
        for _, stack in stacks:
            add_to_folder(here, stack, state)
        in_cloud = [(cloud.endpoint, f"acme/shop/c{n}") for n in range(IN_CLOUD - 1)]
        for _, stack in in_cloud:
            add_to_cloud(cloud, "ana", stack, state)
        stacks += [*in_cloud, (cloud.endpoint, "acme/shop/dev")]
        environment = user.environment()
        report = folder / "report.json"
        backends = ("--backend", here.as_uri(), "--backend", cloud.endpoint)
        words = ("--concurrency", str(COMMANDS), "--output", f"json={report}")
        command = [sys.executable, "-m", "audit", "stacks", *backends, *words]

        def audit() -> None:
            result = subprocess.run(command, cwd=CHECKOUT, env=environment, check=False)
            assert result.returncode == 1  # noqa: S101 - ends the benchmark

        print(f"\nAudit of {IN_FOLDER} stacks in a folder and {IN_CLOUD} in a pretend Pulumi Cloud")
        header("audit", "bare calls")
        compare(
            "process", lambda: seconds(audit), lambda: seconds(lambda: bare(stacks, environment)),
            ROUNDS, BOUND,
        )  # fmt: skip
        coverage = json.loads(report.read_text(encoding="utf-8"))["coverage"]
        print(f"stacks reported: {len(coverage)}")


if __name__ == "__main__":
    main()
