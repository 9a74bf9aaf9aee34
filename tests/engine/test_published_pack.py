"""The files of the published pack, in the archive that `pulumi policy publish` uploads."""

from __future__ import annotations

import ast
import contextlib
import importlib.metadata
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tools.harness import Analyzer
from tools.release.check import version_of
from tools.sandbox import Account
from tools.sandbox.cloud import Cloud, User

NAME = "dynamodb-kms-encryption"
MAX_BYTES = 300_000
CONTENT = "This file must not be published."
TOP_LEVEL_FILES = {
    "CHANGELOG.md", "LICENSE", "PulumiPolicy.yaml", "README.md", "__main__.py", "requirements.txt",
}  # fmt: skip


def git(pack: Path, *words: str, stdin: str = "") -> list[str]:
    """Run a git command that lists files, and return the files."""
    process = subprocess.run(
        ["git", *words, "-z"],  # noqa: S607 wherever it is installed
        cwd=pack, input=stdin, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return [name for name in process.stdout.split("\0") if name]


@pytest.fixture
def publish(tmp_path: Path, sandbox_account: Account) -> Callable[[Path], tarfile.TarFile]:
    """Publishes a folder with the CLI, and opens the archive that it uploads."""

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
        assert tarball.stat().st_size < MAX_BYTES
        return tarfile.open(tarball)

    return run


def contents(archive: tarfile.TarFile) -> dict[str, bytes]:
    """Return the content of each file, by its path below the top folder `package/`."""
    files = {}
    for member in archive.getmembers():
        assert member.isfile()
        file = archive.extractfile(member)
        assert file is not None
        files[member.name.removeprefix("package/")] = file.read()
    return files


def expected(pack: Path) -> set[str]:
    """Return the paths of the files that the pack needs."""
    modules = (pack / "policies").rglob("*.py")
    return TOP_LEVEL_FILES | {path.relative_to(pack).as_posix() for path in modules}


def test_publishes_the_needed_files_of_a_fresh_clone(
    pack: Path, tmp_path: Path, publish: Callable[[Path], tarfile.TarFile]
) -> None:
    # Files that are new and not committed yet are included.
    files = git(pack, "ls-files", "--cached", "--others", "--exclude-standard")
    if not files:
        pytest.fail("This test needs git and a clone of the repository.")
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


def test_pulumi_cloud_receives_what_it_shows_of_the_pack(
    pack: Path, running_pack: Analyzer, tmp_path: Path, sandbox_account: Account
) -> None:
    with Cloud.start(tmp_path / "cloud") as cloud:
        cloud.invite("ana", "acme", role="admin")
        ana = User(tmp_path / "ana", cloud, "ana", account=sandbox_account)
        ana.pulumi("policy", "publish", "acme", cwd=pack)
        shown = cloud.published("acme", NAME, str(version_of(pack)))
    info = running_pack.info()
    assert "## Settings\n" in info.readme
    assert info.repository.startswith("https://")
    for field in ("name", "description", "readme", "repository", "provider"):
        assert shown[field] == getattr(info, field)
    assert shown["displayName"] == info.display_name
    assert shown["tags"] == list(info.tags)
    assert len(shown["policies"]) == len(info.policies)
    for sent in shown["policies"]:
        policy = info.policy(sent["name"])
        assert sent["displayName"] == policy.display_name
        assert sent["description"] == policy.description
        assert sent["enforcementLevel"] == policy.level
        assert sent["severity"] == policy.severity
        assert sent["framework"] == dict(policy.framework)
        assert set(sent["framework"]) == {"name", "version", "reference", "specification"}
        assert sent["tags"] == list(policy.tags)
        assert sent["remediationSteps"] == policy.remediation_steps
        assert sent["url"] == policy.url


def test_publishes_no_caches_secrets_or_local_files(
    pack: Path, tmp_path: Path, publish: Callable[[Path], tarfile.TarFile]
) -> None:
    # A copy, because other tests write to the caches, and the CLI fails if a folder disappears.
    # Large folders are links, which the CLI follows.
    checkout = tmp_path / "checkout"
    with contextlib.suppress(shutil.Error):
        shutil.copytree(pack, checkout, ignore=shutil.ignore_patterns("venv", ".engine"))
    (checkout / "venv").symlink_to(sys.prefix)
    if (pack / ".engine").is_dir():
        (checkout / ".engine").symlink_to(pack / ".engine")
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
        (checkout / name).write_text(CONTENT, encoding="utf-8")
    published = contents(publish(checkout))
    assert set(published) == expected(pack)
    assert CONTENT.encode() not in b"".join(published.values())


def test_git_tracks_files_that_are_not_published(pack: Path) -> None:
    """The lines of .gitignore that only the CLI understands hide no file from git."""
    files = git(pack, "ls-files", "--cached")
    assert files
    assert git(pack, "check-ignore", "--no-index", "--stdin", stdin="\0".join(files)) == []


def test_requirements_are_the_packages_that_the_policies_import(pack: Path) -> None:
    modules = {"pulumi"}  # The engine runs `python -m pulumi.policy`.
    for file in (pack / "__main__.py", *(pack / "policies").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                modules |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                modules.add(str(node.module).partition(".")[0])
    modules -= {*sys.stdlib_module_names, "policies"}
    distributions = importlib.metadata.packages_distributions()
    text = (pack / "requirements.txt").read_text(encoding="utf-8")
    required = {re.split(r"[<>=!~ \[]", line)[0].lower() for line in text.splitlines()}
    assert {name for name in required if name and not name.startswith("#")} == {
        distributions[module][0].lower().replace("_", "-") for module in modules
    }
