"""`audit stacks` on the real CLI: a folder with 50 stacks and a pretend Cloud with 20."""

from __future__ import annotations

import os
import shutil
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
from click.testing import CliRunner

from audit.commands.stacks import stacks as command
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
OTHER_PASSPHRASE = {"PULUMI_CONFIG_PASSPHRASE": "another one"}
WRONG_TOKEN = {"PULUMI_ACCESS_TOKEN": "pul-nobody"}
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
        PULUMI_BACKEND_URL=_new(folder, "b"), **OTHER_PASSPHRASE,
    )  # fmt: skip
    here = folder / "my backend"
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


def coverage(run: AuditRun) -> dict[str | None, dict[str, Any]]:
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
        "acme/shop/dev": "failed",
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
        (["--project", "ord*", "--stack", "c1"], {"acme/orders/c1"}),
        (
            ["--organization", "acme", "--project", "shop", "--stack", "*e*r"],
            {"acme/shop/never"},
        ),
    ],
)
def test_filters(stacks: Stacks, words: list[str], expected: set[str]) -> None:
    run = stacks.run(*stacks.in_cloud, *words, *JSON)
    assert coverage(run).keys() == expected
    assert run.exit_code == (0 if expected == {"acme/shop/never"} else 1)


def test_a_filter_that_matches_no_stack(stacks: Stacks) -> None:
    run = stacks.run(*stacks.in_cloud, "--stack", "never", "--stack", "shop/nevr", *JSON)
    assert run.exit_code == 3
    entries = coverage(run)
    assert entries["acme/shop/never"]["status"] == "read"
    assert entries[None]["status"] == "failed"
    assert entries[None]["backend"] == stacks.cloud.endpoint
    assert entries[None]["reason"] == (
        "No stack matches --stack 'shop/nevr'. Did you mean 'shop/never'?"
    )


def test_the_backend_of_the_login_and_options_of_the_environment(stacks: Stacks) -> None:
    run = stacks.run(
        "--stack", "s1*", *JSON, PULUMI_BACKEND_URL=stacks.folder.as_uri(),
        PULUMI_OPTION_VERBOSE="9", PULUMI_OPTION_LOGTOSTDERR="true",
        PULUMI_OPTION_SHOW_SECRETS="true", PULUMI_OPTION_OUTPUT="default",
        PULUMI_DEBUG_COMMANDS="true", PULUMI_SKIP_UPDATE_CHECK="",
    )  # fmt: skip
    assert run.exit_code == 1
    assert {entry["status"] for entry in run.report["coverage"]} == {"read"}
    assert {entry["backend"] for entry in run.report["coverage"]} == {stacks.folder.as_uri()}
    assert run.report["run"]["warnings"] == []


def test_the_folder_of_a_project_changes_no_name(
    stacks: Stacks, both: AuditRun, tmp_path: Path
) -> None:
    """The CLI shortens the names of the stacks of the project that it runs in."""
    project = tmp_path / "shop"
    project.mkdir()
    relative = f"file://./{os.path.relpath(stacks.folder, project)}"
    here = {**stacks.env, "PYTHONPATH": str(CHECKOUT)}
    known = coverage(both)
    for backend, organization in ((relative, "organization"), (stacks.cloud.endpoint, "acme")):
        # The backend is that of the project.
        text = f"name: shop\nruntime: python\nbackend: {{url: '{backend}'}}\n"
        (project / "Pulumi.yaml").write_text(text, encoding="utf-8")
        words = ("--stack", f"{organization}/shop/*", *JSON)
        run = run_audit("stacks", *words, env=here, seconds=120, cwd=project)
        assert {name: entry["status"] for name, entry in coverage(run).items()} == {
            name: entry["status"]
            for name, entry in known.items()
            if name and name.startswith(f"{organization}/shop/")
        }


def test_the_url_of_a_folder_with_a_broken_stack(stacks: Stacks) -> None:
    backend = f"{stacks.folder.as_uri()}/?no_tmp_dir=true"
    run = stacks.run("--backend", backend, "--stack", "broken/*", "--stack", "s1", *JSON)
    assert {name: entry["status"] for name, entry in coverage(run).items()} == {
        "organization/broken/truncated": "failed",
        "organization/broken/newer": "failed",
        "organization/shop/s1": "read",
    }


def test_a_folder_with_the_older_layout(stacks: Stacks, tmp_path: Path) -> None:
    old = tmp_path / ".pulumi" / "stacks"
    old.mkdir(parents=True)
    legacy = {"PULUMI_DIY_BACKEND_IGNORE_DEPRECATION_ERROR": "true"}
    text = file_of(stacks.folder, "organization/shop/s1").read_text(encoding="utf-8")
    for name in ("one", "two"):
        (old / f"{name}.json").write_text(text, encoding="utf-8")
        (old / f"{name}.json.bak").write_text(text, encoding="utf-8")
    listed = stacks.run("--backend", tmp_path.as_uri(), *JSON, **legacy)
    assert {name: entry["status"] for name, entry in coverage(listed).items()} == {
        "one": "read", "two": "read",
    }  # fmt: skip
    _truncate(old / "two.json")
    broken = stacks.run("--backend", tmp_path.as_uri(), *JSON, **legacy)
    assert {name: entry["status"] for name, entry in coverage(broken).items()} == {
        "one": "read", "two": "failed",
    }  # fmt: skip
    assert verdicts(broken, "one") == verdicts(listed, "one") == {"violation": 1, "compliant": 1}


def test_a_bucket_with_a_broken_stack(stacks: Stacks, sandbox_account: Account) -> None:
    s3 = sandbox_account.client("s3")
    s3.create_bucket(Bucket="states")
    for file in (stacks.folder / ".pulumi").rglob("*"):
        if file.name in ("s1.json", "s2.json", "truncated.json", "meta.yaml"):
            key = file.relative_to(stacks.folder).as_posix()
            s3.put_object(Bucket="states", Key=key, Body=file.read_bytes())
    bucket = ("--backend", "s3://states?region=us-east-1&s3ForcePathStyle=true", *JSON)
    refused = stacks.run(*bucket)
    assert refused.exit_code == 3
    (entry,) = refused.report["coverage"]
    assert (entry["stack"], entry["backend"]) == (None, "s3://states?region=us-east-1")
    assert entry["reason"].startswith("place ")
    assert "--project" in entry["reason"]
    by_project = stacks.run(*bucket, "--project", "shop", "--project", "broken")
    assert {entry["stack"]: entry["status"] for entry in by_project.report["coverage"]} == {
        "organization/shop/s1": "read", "organization/shop/s2": "read", None: "failed",
    }  # fmt: skip
    names = ("organization/shop/s1", "organization/broken/truncated")
    by_name = stacks.run(*bucket, *(word for name in names for word in ("--stack", name)))
    assert {name: entry["status"] for name, entry in coverage(by_name).items()} == {
        "organization/shop/s1": "read", "organization/broken/truncated": "failed",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("words", "env", "reason"),
    [
        (
            ["--backend", "postgres://user:hush-hush@127.0.0.1:9/db"], {},
            'unable to open state database "postgres://127.0.0.1:9/db"',
        ),
        ([], {"PULUMI_ACCESS_TOKEN": ""}, "Log in with `pulumi login`"),
    ],
)  # fmt: skip
def test_a_backend_that_cannot_be_opened(
    stacks: Stacks, words: list[str], env: dict[str, str], reason: str
) -> None:
    run = stacks.run(*words, *JSON, **env)
    assert run.exit_code == 3
    (entry,) = run.report["coverage"]
    assert (entry["stack"], entry["status"]) == (None, "failed")
    assert reason in entry["reason"]
    assert "hush-hush" not in run.stdout + run.stderr


def test_a_token_that_the_cloud_refuses(stacks: Stacks) -> None:
    run = stacks.run(
        *stacks.in_cloud,
        *stacks.in_folder,
        "--stack",
        "s1",
        *JSON,
        **WRONG_TOKEN,
    )
    statuses = {entry["backend"]: entry["status"] for entry in run.report["coverage"]}
    assert statuses == {stacks.cloud.endpoint: "denied", stacks.folder.as_uri(): "read"}
    assert "pul-nobody" not in run.stdout + run.stderr


def test_a_backend_without_stacks(stacks: Stacks, tmp_path: Path) -> None:
    empty = ("--backend", tmp_path.as_uri(), *JSON)
    assert stacks.run(*empty).exit_code == 3
    run = stacks.run(*empty, "--backend", f"{stacks.folder.as_uri()}/", "--stack", "s1")
    assert coverage(run).keys() == {"organization/shop/s1"}
    (warning,) = run.report["run"]["warnings"]
    assert warning.startswith(f"{tmp_path.as_uri()} has no stack that ")


@pytest.mark.parametrize("value", ["", "shop", "://", "file://"])
def test_a_backend_that_is_no_url(value: str) -> None:
    result = CliRunner().invoke(command, ["--backend", value])
    assert result.exit_code == 2
    assert "is not the URL of a backend" in result.output


@pytest.mark.parametrize("option", ["--organization", "--project", "--stack"])
def test_an_empty_filter(option: str) -> None:
    result = CliRunner().invoke(command, [option, ""])
    assert result.exit_code == 2
    assert "Check that its variable is set." in result.output


def fake(folder: Path, script: str, env: Mapping[str, str]) -> dict[str, str]:
    """Return an environment with a `pulumi` that can fail in any way.

    Args:
        folder: the folder for it.
        script: a shell script. `$REAL "$@"` runs the real `pulumi`, and `$*` contains the command.
        env: the environment of the real one.
    """
    folder.mkdir(exist_ok=True)
    real = shutil.which("pulumi", path=env["PATH"])
    program = folder / "pulumi"
    program.write_text(f"#!/bin/sh\nREAL={real}\n{script}\n", encoding="utf-8")
    program.chmod(0o755)
    return {**env, "PATH": f"{folder}{os.pathsep}{env['PATH']}"}


HANGING = """
case "$*" in
*"stack export"*"/s1"[0-9]) echo $$ >>"$PIDS"; sleep 300 & echo $! >>"$PIDS"; wait;;
*) exec "$REAL" "$@";;
esac
"""
HANGING_LIST = """
case "$*" in
*"stack ls"*) echo $$ >>"$PIDS"; sleep 300 & echo $! >>"$PIDS"; wait;;
*) exec "$REAL" "$@";;
esac
"""


def is_running(pid: str) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").split()[2] != "Z"
    except FileNotFoundError:
        return False


def ended(processes: list[str]) -> bool:
    """Return whether processes end at once."""
    deadline = time.monotonic() + 10
    while any(map(is_running, processes)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not any(map(is_running, processes))


def start(stacks: Stacks, folder: Path, script: str, *words: str) -> subprocess.Popen[str]:
    env = fake(folder, script, {**stacks.env, "PIDS": str(folder / "pids")})
    return subprocess.Popen(
        [sys.executable, "-m", "audit", "stacks", *stacks.in_folder, *words, *JSON],
        cwd=CHECKOUT, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def pids(folder: Path, number: int) -> list[str]:
    """Return the processes that hang, as soon as there are so many."""
    file, deadline = folder / "pids", time.monotonic() + 30
    while time.monotonic() < deadline:
        if file.exists() and len(found := file.read_text(encoding="utf-8").split()) >= number:
            return found
        time.sleep(0.05)
    raise AssertionError("No command of the CLI was started.")


@pytest.mark.parametrize(
    ("stop", "reason"),
    [
        (signal.SIGTERM, "The audit was interrupted before the stack was read."),
        (signal.SIGHUP, "The audit was interrupted before the stack was read."),
        (None, "The time limit was reached before the stack was read."),
    ],
)
def test_commands_that_hang(
    stacks: Stacks, tmp_path: Path, stop: signal.Signals | None, reason: str
) -> None:
    hanging = {f"organization/shop/s{number}" for number in range(10, 14)}
    words = ["--stack", "s1", "--concurrency", "5"]
    words += [word for name in hanging for word in ("--stack", name)]
    words += [] if stop else ["--timeout", "4"]
    with start(stacks, tmp_path, HANGING, *words) as audit:
        running = pids(tmp_path, 2 * len(hanging))
        if stop is not None:
            time.sleep(1)
            audit.send_signal(stop)
        stdout, stderr = audit.communicate(timeout=30)
    run = AuditRun(audit.returncode, stdout, stderr)
    assert run.exit_code == 1
    assert ended(running)
    entries = coverage(run)
    assert entries.keys() == hanging | {"organization/shop/s1"}
    assert entries["organization/shop/s1"]["status"] == "read"
    assert {entries[name]["status"] for name in hanging} == {"failed"}
    assert {entries[name]["reason"] for name in hanging} == {reason}
    assert run.report["run"]["warnings"] == [f"{reason} What was not read is reported as not read."]


def test_two_signals_leave_no_command(stacks: Stacks, tmp_path: Path) -> None:
    words = ["--stack", "organization/shop/s10", "--project", "shop"]
    with start(stacks, tmp_path, HANGING, *words) as audit:
        running = pids(tmp_path, 2)
        audit.send_signal(signal.SIGINT)
        audit.send_signal(signal.SIGTERM)
        audit.communicate(timeout=30)
    # The first signal can have ended the audit.
    assert audit.returncode in (3, 128 + signal.SIGINT, 128 + signal.SIGTERM)
    assert ended(running)


SIGNALED_TWICE = """
import os, signal
from audit.collector import Collector
from audit.commands.run import handle_signals

collector = Collector()
collector.stop = lambda: print("stopped", flush=True)
handle_signals(collector)
os.kill(os.getpid(), signal.{first})
assert collector.is_interrupted
print("interrupted", flush=True)
os.kill(os.getpid(), signal.{second})
print("not ended", flush=True)
"""


@pytest.mark.parametrize(("first", "second"), [("SIGINT", "SIGINT"), ("SIGHUP", "SIGTERM")])
def test_the_second_signal_ends_the_commands(first: str, second: str) -> None:
    script = SIGNALED_TWICE.format(first=first, second=second)
    run = subprocess.run(
        [sys.executable, "-c", script],
        cwd=CHECKOUT, capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    assert (run.returncode, run.stdout, run.stderr) == (
        128 + signal.Signals[second], "interrupted\nstopped\n", "",
    )  # fmt: skip


def test_a_terminal_that_is_closed(stacks: Stacks, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    words = ("--stack", "organization/shop/s10", "--stack", "s1", "--output", f"json={report}")
    env = fake(tmp_path, HANGING, {**stacks.env, "PIDS": str(tmp_path / "pids")})
    terminal, side = os.openpty()
    command = [sys.executable, "-m", "audit", "stacks", *stacks.in_folder, *words]
    with subprocess.Popen(command, cwd=CHECKOUT, env=env, stdout=side, stderr=side) as audit:
        os.close(side)
        running = pids(tmp_path, 2)
        audit.send_signal(signal.SIGSTOP)
        os.close(terminal)
        audit.send_signal(signal.SIGHUP)
        audit.send_signal(signal.SIGCONT)
        audit.wait(30)
    assert ended(running)
    assert "organization/shop/s10" in report.read_text(encoding="utf-8")


def test_urls_of_the_same_folder_are_one_backend(stacks: Stacks, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(stacks.folder)
    uri = stacks.folder.as_uri()
    urls = [
        f"{uri}/?no_tmp_dir=true", uri, f"file://./{os.path.relpath(stacks.folder, CHECKOUT)}/",
        f"file://{tmp_path}/./link", f"file://~/{os.path.relpath(stacks.folder, Path.home())}",
    ]  # fmt: skip
    backends = [word for url in urls for word in ("--backend", url)]
    run = stacks.run(*backends, "--stack", "s1", *JSON, HOME=str(Path.home()))
    assert coverage(run).keys() == {"organization/shop/s1"}


def test_a_list_that_hangs(stacks: Stacks, tmp_path: Path) -> None:
    with start(stacks, tmp_path, HANGING_LIST, "--timeout", "2") as audit:
        running = pids(tmp_path, 2)
        stdout, stderr = audit.communicate(timeout=30)
    run = AuditRun(audit.returncode, stdout, stderr)
    assert run.exit_code == 3
    assert ended(running)
    (entry,) = run.report["coverage"]
    assert (entry["stack"], entry["backend"]) == (None, stacks.folder.as_uri())
    assert entry["reason"] == "The time limit was reached before the stacks were listed."


@pytest.mark.parametrize(
    ("command", "answer", "exit_code", "reason"),
    [
        ("whoami", "echo 'error: unknown flag: --json' >&2; exit 1", 1, ""),
        ("stack ls", "echo '[{}]'", 3, "The output of `pulumi stack ls` can't be read."),
        ("stack export", "kill -SEGV $$", 3, "`pulumi` was ended by the signal 11."),
        ("stack export", "echo '{'", 3, ""),
        ("stack export", "echo 'error: [403] Forbidden: no' >&2; exit 1", 3, "[403] Forbidden"),
    ],
)
def test_a_command_that_fails(
    stacks: Stacks, tmp_path: Path, command: str, answer: str, exit_code: int, reason: str
) -> None:
    script = f'case "$*" in *"{command}"*) {answer};; *) exec "$REAL" "$@";; esac'
    env = fake(tmp_path, script, stacks.env)
    run = run_audit("stacks", *stacks.in_cloud, "--stack", "orders/c1", *JSON, env=env)
    assert run.exit_code == exit_code
    (entry,) = run.report["coverage"]
    denied = "denied" if "403" in answer else "failed"
    assert entry["status"] == ("read" if exit_code == 1 else denied)
    assert reason in entry["reason"]
    assert bool(entry["reason"]) == (exit_code != 1)


def test_secrets_that_cannot_be_exported(stacks: Stacks, tmp_path: Path) -> None:
    script = 'case "$*" in *--show-secrets*) echo "{";; *) exec "$REAL" "$@";; esac'
    env = fake(tmp_path, script, stacks.env)
    run = run_audit("stacks", *stacks.in_folder, "--stack", "secret", *JSON, env=env)
    entry = coverage(run)["organization/shop/secret"]
    assert entry["status"] == "failed"
    assert entry["reason"].startswith("The secrets can't be decrypted: ")
    assert verdicts(run, "organization/shop/secret") == {
        "violation": 1, "compliant": 1, "undetermined": 1,
    }  # fmt: skip


def test_without_the_cli(stacks: Stacks, tmp_path: Path) -> None:
    run = stacks.run(PATH=str(tmp_path))
    assert run.exit_code == 2
    assert run.stderr.startswith("Error: There is no `pulumi` on PATH.")
