"""What is published: the tarball that the real CLI uploads, opened."""

from __future__ import annotations

import contextlib
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tools.sandbox import Account
from tools.sandbox.cloud import Cloud, User

NAME = "dynamodb-kms-encryption"
LARGEST = 300_000
AT_THE_TOP = {
    "CHANGELOG.md", "LICENSE", "PulumiPolicy.yaml", "README.md", "__main__.py", "requirements.txt",
}  # fmt: skip


def git(pack: Path, *words: str) -> list[str]:
    listed = subprocess.run(
        ["git", *words, "-z"],  # noqa: S607 wherever it is installed
        cwd=pack, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return [it for it in listed.stdout.split("\0") if it]


@pytest.fixture
def publish(tmp_path: Path, sandbox_account: Account) -> Callable[[Path], tarfile.TarFile]:
    """Publishes a folder with the CLI and opens what it uploaded."""

    def run(folder: Path) -> tarfile.TarFile:
        text = (folder / "PulumiPolicy.yaml").read_text(encoding="utf-8")
        version = re.search(r"(?m)^version: (.+)$", text)
        assert version
        with Cloud.start(tmp_path / "cloud") as cloud:
            cloud.invite("ana", "acme", role="admin")
            ana = User(tmp_path / "ana", cloud, "ana", account=sandbox_account)
            result = ana.pulumi("policy", "publish", "acme", cwd=folder)
            assert result.exit_code == 0, result.output
            tarball = cloud.tarball("acme", NAME, version[1])
        assert tarball.stat().st_size < LARGEST
        return tarfile.open(tarball)

    return run


def contents(archive: tarfile.TarFile) -> dict[str, bytes]:
    """Name below the top folder `package/` → what the file holds."""
    found = {}
    for member in archive.getmembers():
        assert member.isfile()
        file = archive.extractfile(member)
        assert file is not None
        found[member.name.removeprefix("package/")] = file.read()
    return found


def expected(pack: Path) -> set[str]:
    """What a pack needs: all of policies/ that is no cache, and a few files at the top."""
    policies = {
        path.relative_to(pack).as_posix()
        for path in (pack / "policies").rglob("*")
        if path.is_file() and path.suffix == ".py"
    }
    return AT_THE_TOP | policies


def test_a_fresh_checkout(
    pack: Path, tmp_path: Path, publish: Callable[[Path], tarfile.TarFile]
) -> None:
    # What git knows, and what it is about to know.
    files = git(pack, "ls-files", "--cached", "--others", "--exclude-standard")
    if not files:
        pytest.fail("this needs git, and a clone of the repository")
    checkout = tmp_path / "checkout"
    for name in files:
        if (pack / name).is_file():
            (checkout / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(pack / name, checkout / name)
    (checkout / "venv").symlink_to(sys.prefix)
    published = contents(publish(checkout))
    assert set(published) == expected(checkout)
    for name, content in published.items():
        assert content == (checkout / name).read_bytes()


def test_the_working_checkout_with_all_that_lies_there(
    pack: Path, tmp_path: Path, publish: Callable[[Path], tarfile.TarFile]
) -> None:
    # A copy with the caches of this moment: other tests are writing to them, and the CLI stops at
    # a folder that goes while it looks. What is large is linked, and the CLI follows links.
    checkout = tmp_path / "checkout"
    with contextlib.suppress(shutil.Error):
        shutil.copytree(pack, checkout, ignore=shutil.ignore_patterns("venv", ".engine"))
    (checkout / "venv").symlink_to(sys.prefix)
    if (pack / ".engine").is_dir():
        (checkout / ".engine").symlink_to(pack / ".engine")
    # What developers leave behind.
    for name in (
        ".env",
        ".sandbox/home/credentials.json",
        "credentials.json",
        "env/bin/python",
        "policies/.mypy_cache/marks.json",
        "policies/__pycache__/marks.cpython-311.pyc",
        "policies/routes/.DS_Store",
        "policy-config.json",
        "secrets/key.pem",
        "state.json",
        "tests/fixtures/token.txt",
    ):
        (checkout / name).parent.mkdir(parents=True, exist_ok=True)
        (checkout / name).write_text("nobody's business", encoding="utf-8")
    published = contents(publish(checkout))
    assert set(published) == expected(pack)
    assert b"nobody's business" not in b"".join(published.values())


def test_git_keeps_what_is_only_not_published(pack: Path) -> None:
    """The lines of .gitignore for the CLI alone hide no file from git."""
    files = git(pack, "ls-files", "--cached")
    hidden = subprocess.run(
        ["git", "check-ignore", "--no-index", "--stdin", "-z"],  # noqa: S607
        cwd=pack, input="\0".join(files), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert files
    assert hidden.stdout == ""


def test_requirements_name_what_the_policies_import_alone(pack: Path) -> None:
    named = {
        re.split(r"[<>=!~ \[]", line)[0]
        for line in (pack / "requirements.txt").read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    }
    assert named == {"pulumi", "pulumi-policy"}
