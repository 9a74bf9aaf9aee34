"""`python -m tools.sandbox`: pulumi's own words go through untouched; state comes and goes as a whole."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.sandbox import Account, Result, find_engine
from tools.sandbox.__main__ import read_words

CHECKOUT = Path(__file__).resolve().parents[3]
PROGRAM = """
import pulumi, pulumi_aws as aws
aws.sqs.Queue("queue")
pulumi.export("word", pulumi.Config().get("word"))
"""


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    """A folder for the sandbox's state, whose account is stopped in the end."""
    yield tmp_path / "state"
    call(tmp_path / "state", "stop")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "my project"
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text("name: tryout\nruntime: python\n")
    (folder / "__main__.py").write_text(PROGRAM)
    return folder


def call(place: Path, *words: str, **env: str) -> Result:
    done = subprocess.run(
        [sys.executable, "-m", "tools.sandbox", *words],
        cwd=CHECKOUT, env={**os.environ, "SANDBOX_DIR": str(place), **env},
        capture_output=True, text=True, check=False, timeout=60, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    return Result(done.returncode, done.stdout, done.stderr)


def test_without_words_it_helps(place: Path) -> None:
    result = call(place)
    assert (result.exit_code, result.stderr) == (0, "")
    assert "python -m tools.sandbox stop" in result.stdout


def test_a_newcomers_first_commands(place: Path, project: Path) -> None:
    user = {"PULUMI_ACCESS_TOKEN": "mine", "AWS_PROFILE": "mine", "PULUMI_HOME": "/nowhere"}
    first = call(place, "preview", "--cwd", str(project), "--color", "never", **user)
    assert first.exit_code == 0, first.output
    assert "Previewing update (dev)" in first.stdout
    assert "warning" not in first.output

    word = "--yes; $(touch x) 'ä'"
    assert call(place, "config", "set", "word", "-C", str(project), "--", word).exit_code == 0
    assert call(place, "up", "--yes", f"--cwd={project}").exit_code == 0
    told = call(place, "stack", "output", "word", "-C", str(project))
    assert told.stdout == f"{word}\n"

    # The account goes, say after an idle hour: stacks that nobody can refresh go with it.
    account = Account.find(place / "account")
    assert account is not None
    account.stop()
    again = call(place, "preview", "-C", str(project))
    assert again.exit_code == 0, again.output
    assert "account and stacks start afresh" in again.stderr
    assert "2 to create" in again.stdout

    exports = call(place, "aws-env").stdout
    assert "export AWS_ENDPOINT_URL=http://127.0.0.1:" in exports
    assert call(place, "stop").exit_code == 0
    assert not place.exists()


def test_exit_codes_and_unknown_words_are_pulumis_own(place: Path) -> None:
    result = call(place, "no-such-word", "--engine", "stop")
    bare = subprocess.run(
        [str(find_engine().pulumi), "no-such-word", "--engine", "stop"],
        capture_output=True, text=True, check=False,
        env={**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"},
    )  # fmt: skip
    assert result.exit_code == bare.returncode != 0
    assert result.stderr == bare.stderr
    assert call(place, "version").stdout.startswith("3.")


@pytest.mark.parametrize(
    ("words", "command", "folder", "named"),
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
def test_reading_words(
    words: list[str], command: str | None, folder: str | None, named: bool
) -> None:
    assert read_words(words) == (command, folder, named)
