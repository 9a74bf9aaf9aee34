"""`audit stacks` on the real CLI: a folder with 50 stacks and a pretend Cloud with 20."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.audit.cli import AuditRun, run_audit
from tools import CHECKOUT
from tools.sandbox import Account, Sandbox
from tools.sandbox.cloud import Cloud, User
from tools.sandbox.many_stacks import (
    PROGRAM,
    PROGRAM_WITH_SECRET,
    add_to_cloud,
    add_to_folder,
    deploy,
    file_of,
)

IN_FOLDER, IN_CLOUD = 50, 20
ODD = "organization/Odd.name_-.1/A.b_c-D.json"
LONG = f"organization/shop/{'x' * 100}"
JSON = ("--output", "json")


@dataclass(frozen=True)
class Stacks:
    """Two backends with stacks.

    Attributes:
        folder: the folder of the self-managed backend.
        cloud: the pretend Cloud.
        env: the environment of the user `dev` of the Cloud, without a backend.
    """

    folder: Path
    cloud: Cloud
    env: dict[str, str]

    @property
    def in_folder(self) -> tuple[str, str]:
        """The option that reads the self-managed backend."""
        return ("--backend", self.folder.as_uri())

    @property
    def in_cloud(self) -> tuple[str, str]:
        """The option that reads the Cloud."""
        return ("--backend", self.cloud.endpoint)

    def run(self, *words: str, **env: str) -> AuditRun:
        """Run `audit stacks`."""
        return run_audit("stacks", *words, env={**self.env, **env}, seconds=120)


@pytest.fixture(scope="module")
def stacks(sandbox_account: Account, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stacks]:
    """The stacks, which the tests of this module share and don't change."""
    folder = tmp_path_factory.mktemp("stacks")
    sandbox = Sandbox(folder / "sandbox", account=sandbox_account)
    plain = deploy(sandbox, folder / "plain", PROGRAM)
    secret = deploy(
        sandbox, folder / "secret", PROGRAM_WITH_SECRET, PULUMI_BACKEND_URL=_new(folder, "a")
    )
    locked = deploy(
        sandbox, folder / "locked", PROGRAM_WITH_SECRET,
        PULUMI_BACKEND_URL=_new(folder, "b"), PULUMI_CONFIG_PASSPHRASE="another one",
    )  # fmt: skip
    here = folder / "backend"
    (here / ".pulumi").mkdir(parents=True)
    never: dict[str, Any] = {"deployment": {**plain["deployment"], "resources": []}}
    special = {
        "organization/shop/secret": secret,
        "organization/shop/locked": locked,
        "organization/shop/never": {"deployment": None},
        "organization/shop/empty": never,
        ODD: plain,
        LONG: plain,
    }
    for name, state in special.items():
        add_to_folder(here, name, state)
    for number in range(IN_FOLDER - len(special) - 2):
        add_to_folder(here, f"organization/shop/s{number}", plain)
    for name in ("truncated", "newer"):
        add_to_folder(here, f"organization/broken/{name}", plain)
    _truncate(file_of(here, "organization/broken/truncated"))
    _replace(file_of(here, "organization/broken/newer"), '"version": 3', '"version": 99')
    with Cloud.start(folder / "cloud") as cloud:
        for organization in ("acme", "other"):
            cloud.invite("ana", organization, role="admin")
            cloud.invite("dev", organization)
        ana = User(folder / "ana", cloud, "ana", account=sandbox_account)
        deploy(ana, folder / "in-cloud", PROGRAM_WITH_SECRET)
        cloud.restrict("acme/shop/dev", "dev", "read")
        add_to_cloud(cloud, "ana", "acme/shop/never", None)
        add_to_cloud(cloud, "ana", "acme/shop/denied", plain)
        cloud.restrict("acme/shop/denied", "dev", "list")
        add_to_cloud(cloud, "ana", "acme/shop/hidden", plain)
        cloud.restrict("acme/shop/hidden", "dev", "none")
        add_to_cloud(cloud, "ana", "other/app/production", plain)
        for number in range(IN_CLOUD - 4):
            add_to_cloud(cloud, "ana", f"acme/orders/c{number}", plain)
        dev = User(folder / "dev", cloud, "dev", account=sandbox_account)
        env = dev.environment()
        del env["PULUMI_BACKEND_URL"]
        yield Stacks(here, cloud, env)
        assert cloud.unknown() == []


def _new(folder: Path, name: str) -> str:
    (folder / name).mkdir()
    return (folder / name).as_uri()


def _truncate(file: Path) -> None:
    file.write_text(file.read_text(encoding="utf-8")[:200], encoding="utf-8")


def _replace(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.fixture(scope="module")
def both(stacks: Stacks) -> AuditRun:
    """One run that reads both backends."""
    return stacks.run(*stacks.in_folder, *stacks.in_cloud, *JSON)


def coverage(run: AuditRun) -> dict[str, dict[str, Any]]:
    entries = {entry["stack"]: entry for entry in run.report["coverage"]}
    assert len(entries) == len(run.report["coverage"])
    return entries


def verdicts(run: AuditRun, stack: str) -> Counter[str]:
    return Counter(
        finding["verdict"] for finding in run.report["findings"] if finding["stack"] == stack
    )


def test_each_stack_of_both_backends_is_reported_once(stacks: Stacks, both: AuditRun) -> None:
    assert both.exit_code == 1
    assert both.stderr == ""
    report, entries = both.report, coverage(both)
    backends = Counter(entry["backend"] for entry in report["coverage"])
    assert backends == {stacks.folder.as_uri(): IN_FOLDER, stacks.cloud.endpoint: IN_CLOUD}
    not_read = {
        name: entry["status"] for name, entry in entries.items() if entry["status"] != "read"
    }
    assert not_read == {
        "organization/broken/truncated": "failed",
        "organization/broken/newer": "failed",
        "organization/shop/locked": "failed",
        "acme/shop/dev": "denied",
        "acme/shop/denied": "denied",
    }
    assert report["run"]["complete"] is False
    of_stacks = Counter(finding["stack"] for finding in report["findings"])
    assert {
        name: entry["listed"] for name, entry in entries.items() if entry["listed"]
    } == of_stacks
    assert sum(report["summary"].values()) == len(report["findings"]) == of_stacks.total()
    assert all(entry["listed"] == entry["judged"] + entry["not_read"] for entry in entries.values())
    plain = IN_FOLDER - 6 + IN_CLOUD - 3
    assert of_stacks.total() == 2 * plain + 3 * 3
    assert "acme/shop/hidden" not in entries


def test_what_a_stack_records_is_judged(both: AuditRun) -> None:
    for stack in ("organization/shop/s0", ODD, LONG, "acme/orders/c0", "other/app/production"):
        assert verdicts(both, stack) == {"violation": 1, "compliant": 1}
    for stack in ("organization/shop/never", "organization/shop/empty", "acme/shop/never"):
        assert verdicts(both, stack) == {}
    entries = coverage(both)
    assert entries["organization/shop/s0"]["updated"] is not None
    assert entries["acme/shop/never"]["updated"] is None


def test_secrets_are_decrypted_if_a_table_depends_on_them(both: AuditRun) -> None:
    assert verdicts(both, "organization/shop/secret") == {"violation": 2, "compliant": 1}


@pytest.mark.parametrize(
    ("stack", "reason"),
    [
        ("organization/shop/locked", "incorrect passphrase"),
        ("acme/shop/dev", "You don't have permission"),
    ],
)
def test_secrets_that_cannot_be_decrypted_leave_open_what_they_hide(
    both: AuditRun, stack: str, reason: str
) -> None:
    assert verdicts(both, stack) == {"violation": 1, "compliant": 1, "undetermined": 1}
    shown = coverage(both)[stack]["reason"]
    assert shown.startswith("The secrets can't be decrypted: ")
    assert reason in shown


@pytest.mark.parametrize(
    ("stack", "reason"),
    [
        ("organization/broken/truncated", "failed to load checkpoint: "),
        ("organization/broken/newer", "unsupported checkpoint version 99"),
        ("acme/shop/denied", "You don't have permission for the stack 'acme/shop/denied'"),
    ],
)
def test_a_stack_that_cannot_be_read_has_the_reason(
    both: AuditRun, stack: str, reason: str
) -> None:
    assert reason in coverage(both)[stack]["reason"]
    assert verdicts(both, stack) == {}


def test_the_users_are_named(stacks: Stacks, both: AuditRun) -> None:
    folder, cloud = both.report["run"]["identities"][::-1]
    assert folder.endswith(f" at {stacks.folder.as_uri()}")
    assert cloud == f"dev at {stacks.cloud.endpoint}"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--project", "orders", "--stack", "c1"], {"acme/orders/c1"}),
        (
            ["--project", "ord*", "--stack", "c1*"],
            {"acme/orders/c1"} | {f"acme/orders/c1{n}" for n in range(6)},
        ),
        (["--organization", "other"], {"other/app/production"}),
        (["--stack", "app/*"], {"other/app/production"}),
        (
            ["--stack", "acme/shop/never", "--stack", "production"],
            {"acme/shop/never", "other/app/production"},
        ),
        (["--project", "app", "--project", "shop", "--stack", "*er*"], {"acme/shop/never"}),
    ],
)
def test_filters(stacks: Stacks, words: list[str], expected: set[str]) -> None:
    run = stacks.run(*stacks.in_cloud, *words, *JSON)
    assert coverage(run).keys() == expected
    assert run.exit_code == (0 if expected == {"acme/shop/never"} else 1)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--project", "ordres"], "No stack matches --project 'ordres'."),
        (["--stack", "nevr"], "No stack matches --stack 'nevr'. Did you mean 'never'?"),
        (
            ["--stack", "shop/nevr"],
            "No stack matches --stack 'shop/nevr'. Did you mean 'shop/never'?",
        ),
        (["--organization", "acm"], "No stack matches --organization 'acm'."),
        (["--stack", "never", "--stack", "nope"], "No stack matches --stack 'nope'."),
    ],
)
def test_a_filter_that_matches_no_stack(stacks: Stacks, words: list[str], reason: str) -> None:
    run = stacks.run(*stacks.in_cloud, *words, *JSON)
    assert run.exit_code == 3
    (entry,) = (entry for entry in run.report["coverage"] if entry["stack"] is None)
    assert entry["status"] == "failed"
    assert entry["backend"] == stacks.cloud.endpoint
    assert entry["reason"] == reason
