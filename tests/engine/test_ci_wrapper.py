"""examples/ci/pulumi-with-policy.sh: no preview and no update without the pack."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.engine.conftest import Project
from tests.tools.release.cli import run
from tests.tools.release.pulumi_commands import help_of
from tools.release.check import version_of
from tools.sandbox.engine import find_engine

ROOT = Path(__file__).resolve().parents[2]
WRAPPER = ROOT / "examples/ci/pulumi-with-policy.sh"
ADVISORY = ROOT / "examples/ci/advisory.json"

Done = subprocess.CompletedProcess[str]
Wrapped = Callable[..., Done]


# With the real CLI.


@dataclass(frozen=True)
class Wrapper:
    """The wrapper around the sandbox's `pulumi`, in a project."""

    project: Project

    def __call__(self, *words: str, **variables: str) -> Done:
        """Run it with `words`, held to this pack unless `variables` say otherwise."""
        env = {**self.project.sandbox.environment(), "POLICY_PACK": str(self.project.pack)}
        return run("sh", WRAPPER, *words, cwd=self.project.folder, env={**env, **variables})


def test_a_rejected_program_is_neither_previewed_nor_deployed(
    example: Callable[[str], Project],
) -> None:
    project = example("insecure")
    wrapped = Wrapper(project)
    direct = project.preview()
    for words in (["preview"], ["up", "--yes"], ["update", "--yes", "--non-interactive"]):
        done = wrapped(*words)
        assert done.returncode == direct.exit_code != 0
        assert "[mandatory] [severity: high]  dynamodb-table-kms-encryption" in done.stdout
    assert project.tables() == {}


def test_an_accepted_program_is_deployed_and_destroyed(example: Callable[[str], Project]) -> None:
    project = example("secure")
    wrapped = Wrapper(project)
    up = wrapped("up", "--yes", "--message", "with policy-pack")
    assert up.returncode == 0, up.stdout + up.stderr
    assert f"dynamodb-kms-encryption@v{version_of(ROOT)} (local: {project.pack})" in up.stdout
    assert project.tables()
    # Commands that take no pack pass through as they are.
    assert wrapped("stack", "output").returncode == 0
    assert wrapped("refresh", "--yes").returncode == 0
    destroyed = wrapped("destroy", "--yes")
    assert destroyed.returncode == 0, destroyed.stdout + destroyed.stderr
    assert project.tables() == {}


def test_the_packs_settings_are_the_files(example: Callable[[str], Project]) -> None:
    project = example("insecure")
    # Relative to where the wrapper runs, also when pulumi goes elsewhere.
    shutil.copy(ADVISORY, project.folder / "advisory.json")
    done = Wrapper(project)(
        "--cwd", "..", "preview", "--cwd", str(project.folder), POLICY_PACK_CONFIG="advisory.json"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "[advisory]" in done.stdout
    assert "[mandatory]" not in done.stdout


def test_nobody_softens_the_packs_settings(example: Callable[[str], Project]) -> None:
    project = example("insecure")
    wrapped = Wrapper(project)
    # Otherwise each of these would turn the rejection into a warning.
    soft = project.preview("--policy-pack-config", str(ADVISORY))
    assert soft.exit_code == 0, soft.output
    for done in (
        wrapped("preview", "--policy-pack-config", str(ADVISORY)),
        wrapped("preview", f"--policy-pack-config={ADVISORY}"),
        wrapped(f"--policy-pack-config={ADVISORY}", "preview"),
        wrapped("preview", PULUMI_OPTION_POLICY_PACK_CONFIG=str(ADVISORY)),
    ):
        assert done.returncode == 1
        assert done.stdout == ""
        assert done.stderr.startswith("pulumi-with-policy: ")
    # A pack of one's own comes on top, and replaces nothing.
    done = wrapped("preview", PULUMI_OPTION_POLICY_PACK=str(ROOT / "tools/bench/empty_pack"))
    assert "[mandatory] [severity: high]  dynamodb-table-kms-encryption" in done.stdout


# What it refuses, and what it hands on, with a `pulumi` that shows its arguments.


@pytest.fixture
def pack_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "a pack"
    folder.mkdir()
    (folder / "PulumiPolicy.yaml").touch()
    return folder


@pytest.fixture
def wrapped(tmp_path: Path, pack_folder: Path) -> Wrapped:
    """The wrapper around a `pulumi` that prints each argument on a line."""
    tool = tmp_path / "bin/pulumi"
    tool.parent.mkdir()
    tool.write_text('#!/bin/sh\nfor it in "$@"; do printf "%s\\n" "<$it>"; done\nexit 42\n')
    tool.chmod(0o755)

    def call(*words: str, **variables: str) -> Done:
        env = {"PATH": f"{tool.parent}:{os.environ['PATH']}", "POLICY_PACK": str(pack_folder)}
        return run(WRAPPER, *words, cwd=tmp_path, env={**env, **variables})

    return call


def handed_on(done: Done) -> list[str]:
    assert done.returncode == 42, done.stderr
    return [it[1:-1] for it in done.stdout.splitlines()]


@pytest.mark.parametrize(
    ("variables", "reason"),
    [
        ({"POLICY_PACK": ""}, "POLICY_PACK is not set: set it to the folder of the policy pack."),
        (
            {"POLICY_PACK": "nowhere"},
            "there is no policy pack in nowhere: check the pack out, and set POLICY_PACK to its "
            "folder.",
        ),
        (
            {"POLICY_PACK_CONFIG": "nowhere.json"},
            "there is no file nowhere.json: set POLICY_PACK_CONFIG to the pack's settings, or "
            "unset it.",
        ),
        (
            {"POLICY_PACK_CONFIG": "a,b.json"},
            "a comma in a path would end it: move the pack and its settings to folders without "
            "one.",
        ),
        (
            {"PULUMI_OPTION_POLICY_PACK_CONFIG": ""},
            "PULUMI_OPTION_POLICY_PACK_CONFIG would replace the pack's settings: unset it.",
        ),
    ],
)
@pytest.mark.parametrize("command", ["preview", "destroy"])
def test_without_the_pack_nothing_is_run(
    wrapped: Wrapped, tmp_path: Path, variables: dict[str, str], reason: str, command: str
) -> None:
    (tmp_path / "a,b.json").touch()
    done = wrapped(command, **variables)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"pulumi-with-policy: {reason}\n"


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["stack", "ls"],
        ["preview", "-m", 'it\'s "quoted" $HOME * \\'],
        ["up", "", "  ", "-y"],
        ["up", "--", "preview"],
        ["config", "set", "a", "up"],
    ],
)
def test_arguments_are_handed_on_as_they_are(
    wrapped: Wrapped, pack_folder: Path, words: list[str]
) -> None:
    found = handed_on(wrapped(*words))
    expected = list(words)
    if words[:1] in (["preview"], ["up"]):
        expected[1:1] = ["--policy-pack", str(pack_folder)]
    assert found == expected


def test_settings_go_with_the_pack(wrapped: Wrapped, tmp_path: Path, pack_folder: Path) -> None:
    (tmp_path / "settings.json").touch()
    for name in ("settings.json", str(tmp_path / "settings.json")):
        assert handed_on(wrapped("up", POLICY_PACK_CONFIG=name, POLICY_PACK="a pack")) == [
            "up",
            "--policy-pack",
            str(pack_folder),
            "--policy-pack-config",
            str(tmp_path / "settings.json"),
        ]


def commands_of_the_cli() -> Sequence[str]:
    """Every command of `pulumi` and every alias of one."""
    return sorted({
        name
        for command in help_of().subcommands
        for name in (command, *help_of(command).aliases)
    })  # fmt: skip


def test_every_command_that_takes_a_pack_gets_it(wrapped: Wrapped) -> None:
    found = {it for it in commands_of_the_cli() if "--policy-pack" in handed_on(wrapped(it))}
    takes = {it for it in commands_of_the_cli() if "--policy-pack" in help_of(it).flags}
    assert found == takes
    assert takes >= {"preview", "up", "update"}


@pytest.mark.parametrize(
    "words",
    [
        ["--non-interactive"],
        ["--emoji", "-e", "-Q", "--fully-qualify-stack-names"],
        ["--logflow", "--logtostderr", "--disable-integrity-checking"],
        ["--cwd", "up"],
        ["--cwd=up"],
        ["-C", "up"],
        ["-C.", "-v=3"],
        ["-v", "3", "--color", "never"],
        ["--stack", "destroy", "-s", "destroy"],
        ["--tracing", "x", "--profiling", "x", "--memprofilerate", "1", "--otel-traces", "x"],
        ["--"],
        ["--yes"],
        ["-y"],
    ],
)
def test_the_command_is_found_where_pulumi_finds_it(wrapped: Wrapped, words: list[str]) -> None:
    # The real CLI says which command it takes `preview` for, behind these words.
    asked = run(find_engine().pulumi, *words, "preview", "--help", cwd=ROOT.parent)
    found = "--policy-pack" in handed_on(wrapped(*words, "preview"))
    assert found is ("pulumi preview [flags]" in asked.stdout)


def test_every_flag_of_pulumi_may_stand_before_the_command(wrapped: Wrapped) -> None:
    for flag, valued in help_of().flags.items():
        words = [flag, "1"] if valued else [flag]
        assert "--policy-pack" in handed_on(wrapped(*words, "preview")), flag
