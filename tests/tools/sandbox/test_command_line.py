"""`tools/pulumi`: pulumi's own arguments pass through, and the state is deleted as a whole."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tools import CHECKOUT
from tools.sandbox import Account, Result, find_engine, organization
from tools.sandbox.__main__ import from_here, read_arguments, without_code
from tools.sandbox.cloud import Cloud
from tools.sandbox.service import Service

PROGRAM = """
import pulumi, pulumi_aws as aws
aws.sqs.Queue("queue")
pulumi.export("word", pulumi.Config().get("word"))
"""
TABLE = """
import pulumi_aws as aws
id = {"name": "id", "type": "S"}
aws.dynamodb.Table("table", attributes=[id], hash_key="id", billing_mode="PAY_PER_REQUEST")
"""


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    """A folder for the sandbox's state, whose account is stopped after the test."""
    yield tmp_path / "state"
    call(tmp_path / "state", "stop")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "my project"
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text("name: tryout\nruntime: python\n")
    (folder / "__main__.py").write_text(PROGRAM)
    return folder


def call(
    state: Path,
    *args: str,
    cwd: Path = CHECKOUT,
    command: Path = CHECKOUT / "tools/pulumi",
    env: Mapping[str, str] | None = None,
) -> Result:
    completed = subprocess.run(
        [command, *args],
        cwd=cwd, env={**os.environ, "SANDBOX_DIR": str(state), **(env or {})},
        capture_output=True, text=True, check=False, timeout=60, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    return Result(completed.returncode, completed.stdout, completed.stderr)


def test_without_arguments_it_prints_help(state: Path) -> None:
    result = call(state)
    assert (result.exit_code, result.stderr) == (0, "")
    assert "tools/pulumi stop" in result.stdout
    module = subprocess.run(
        [sys.executable, "-m", "tools.sandbox"],
        cwd=CHECKOUT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (module.returncode, module.stdout) == (0, result.stdout)


def test_a_newcomers_first_commands(state: Path, project: Path) -> None:
    user = {"PULUMI_ACCESS_TOKEN": "mine", "AWS_PROFILE": "mine", "PULUMI_HOME": "/nowhere"}
    first = call(state, "preview", "--cwd", str(project), "--color", "never", env=user)
    assert first.exit_code == 0, first.output
    assert "Previewing update (dev)" in first.stdout
    assert "warning" not in first.output

    word = "--yes; $(touch x) 'ä'"
    assert call(state, "config", "set", "word", "-C", str(project), "--", word).exit_code == 0
    assert call(state, "up", "--yes", f"--cwd={project}").exit_code == 0
    output = call(state, "stack", "output", "word", "-C", str(project))
    assert output.stdout == f"{word}\n"

    # An account ends after an idle hour, for example. Its stacks can't be refreshed any more.
    account = Account.find(state / "account")
    assert account is not None
    account.stop()
    again = call(state, "preview", "-C", str(project))
    assert again.exit_code == 0, again.output
    assert "no longer running, so its stacks were deleted" in again.stderr
    assert "2 to create" in again.stdout

    exports = call(state, "aws-env").stdout
    assert "export AWS_ENDPOINT_URL=http://127.0.0.1:" in exports
    assert call(state, "stop").exit_code == 0
    assert not state.exists()


def test_users_of_an_organization(
    state: Path, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = call(state, "--as", "developer", "whoami")
    assert (missing.exit_code, missing.stdout) == (1, "")
    assert missing.stderr == (
        "sandbox: there is no organization. To create it, run `make organization`.\n"
    )
    monkeypatch.setenv("SANDBOX_DIR", str(state))
    organization.create()
    for words in (["--as"], ["--as", "eve"]):
        refused = call(state, *words)
        assert refused.exit_code == 1
        assert "--as needs one of these users: admin, developer." in refused.stderr
    for name in ("admin", "developer"):
        assert call(state, "--as", name, "whoami").stdout.strip() == name

    (project / "__main__.py").write_text(TABLE)
    # The settings file of the sandbox's own stack `dev` also serves the organization's.
    folder = ("-C", str(project))
    assert call(state, "up", "--yes", *folder).exit_code == 0
    deployed = call(state, "--as", "developer", "up", "--yes", *folder)
    assert deployed.exit_code == 0, deployed.output
    assert "2 created" in deployed.stdout
    own, shared = (call(state, *words, "aws-env").stdout for words in ([], ["--as", "admin"]))
    assert "AWS_ENDPOINT_URL=http://127.0.0.1:" in shared
    assert own != shared

    # Both processes can end. The Cloud keeps its data, the account does not.
    services: dict[str, type[Service]] = {"cloud": Cloud, "account": Account}
    running = [kind.find(state / "organization" / name) for name, kind in services.items()]
    for service in filter(None, running):
        service.stop()
    refreshed = call(state, "--as", "developer", "refresh", "--yes", *folder)
    assert "run `tools/pulumi --as developer refresh`" in refreshed.stderr
    assert "1 deleted" in refreshed.stdout

    assert call(state, "stop").exit_code == 0
    assert not state.exists()
    assert [kind.find(state / "organization" / name) for name, kind in services.items()] == [
        None, None,
    ]  # fmt: skip


def test_an_import_succeeds_without_code(state: Path, project: Path) -> None:
    folder = ("-C", str(project))
    assert call(state, "preview", *folder).exit_code == 0
    account = Account.find(state / "account")
    assert account is not None
    key = account.client("kms").create_key()["KeyMetadata"]["KeyId"]
    imported = call(state, "import", "aws:kms/key:Key", "old", key, "--yes", *folder)
    assert imported.exit_code == 0, imported.output
    assert imported.stderr == "sandbox: `pulumi import` prints no code here.\n"
    assert "1 imported" in imported.stdout
    assert "::old" in call(state, "stack", "--show-urns", *folder).stdout


def test_relative_paths_start_at_the_callers_folder(state: Path, tmp_path: Path) -> None:
    shutil.copytree(CHECKOUT / "examples/insecure", tmp_path / "programs/insecure")
    (tmp_path / "pack").symlink_to(CHECKOUT)
    # A module of the caller is not imported in place of the sandbox's.
    (tmp_path / "tools.py").write_text("raise SystemExit('imported')")
    result = call(
        state, "preview", "--cwd", "programs/insecure", "--policy-pack", "pack", cwd=tmp_path
    )
    assert "dynamodb-table-kms-encryption" in result.output
    assert "[mandatory]" in result.output
    assert result.exit_code != 0


def test_without_a_virtualenv_it_says_what_to_run(state: Path, tmp_path: Path) -> None:
    fresh = tmp_path / "fresh clone" / "tools"
    fresh.mkdir(parents=True)
    shutil.copy(CHECKOUT / "tools/pulumi", fresh)
    result = call(state, "preview", command=fresh / "pulumi")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        f"tools/pulumi: the sandbox is not set up. In {fresh.parent}, run `make sandbox`.\n"
    )


def test_exit_codes_and_unknown_arguments_are_pulumis(state: Path) -> None:
    result = call(state, "no-such-word", "--engine", "stop")
    bare = subprocess.run(
        [str(find_engine().pulumi), "no-such-word", "--engine", "stop"],
        capture_output=True, text=True, check=False,
        env={**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"},
    )  # fmt: skip
    assert result.exit_code == bare.returncode != 0
    assert result.stderr == bare.stderr
    assert call(state, "version").stdout.startswith("3.")


@pytest.mark.parametrize(
    ("args", "command", "folder", "names_stack"),
    [
        (["preview", "--cwd", "a"], "preview", "a", False),
        (["-C", "up", "preview"], "preview", "up", False),
        (["--cwd=a", "-v", "9", "up", "--stack=x"], "up", "a", True),
        (["-Ca", "up", "-s", "x"], "up", "a", True),
        (["up", "--", "--stack", "x"], "up", None, False),
        (["--help"], None, None, True),
        (["preview", "-C"], "preview", "", False),
        (["stack", "ls", "--nonsense", ""], "stack", None, False),
    ],
)
def test_reading_arguments(
    args: list[str], command: str | None, folder: str | None, names_stack: bool
) -> None:
    assert read_arguments(args) == (command, folder, names_stack)


@pytest.mark.parametrize(
    ("args", "changed"),
    [
        (["import", "a", "-C", "b"], ["import", "--generate-code=false", "a", "-C", "b"]),
        (["-s", "x", "import"], ["-s", "x", "import", "--generate-code=false"]),
        (["stack", "import"], ["stack", "import"]),
        (["up"], ["up"]),
    ],
)
def test_only_an_import_prints_no_code(args: list[str], changed: list[str]) -> None:
    assert without_code(args) == changed


@pytest.mark.parametrize(
    ("args", "absolute"),
    [
        (["up", "--policy-pack", "."], ["up", "--policy-pack", "{}"]),
        (["up", "--policy-pack=a,/b"], ["up", "--policy-pack={}/a,/b"]),
        (["up", "--policy-pack-config", "c.json"], ["up", "--policy-pack-config", "{}/c.json"]),
        (["up", "--policy-pack", "", "-C", "a"], ["up", "--policy-pack", "", "-C", "a"]),
        (["up", "--", "--policy-pack", "a"], ["up", "--", "--policy-pack", "a"]),
        (["up", "--policy-pack"], ["up", "--policy-pack"]),
    ],
)
def test_paths_of_packs_are_made_absolute(args: list[str], absolute: list[str]) -> None:
    assert from_here(args) == [argument.format(Path.cwd()) for argument in absolute]
