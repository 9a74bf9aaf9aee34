"""`python -m tools.bench.organization`: what a user waits for when the published pack is installed.

The real CLI installs it on a clean Pulumi home, as it does before a first preview: it downloads the
tarball, makes a virtualenv and installs the pack's requirements into it. The same is done, turn
about, with a pack whose requirements are pulumi and pulumi-policy alone. Both come from the same
pretend Pulumi Cloud, and pip takes for both what it has in its cache.
"""

from __future__ import annotations

import itertools
import shutil
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

from tools.bench.__main__ import EMPTY, PACK, compare
from tools.demo.organization import version_of
from tools.sandbox import Account
from tools.sandbox.cloud import Cloud, User

ROUNDS = 5
BOUND = 1.2

PROJECT = """\
version: 0.0.1
runtime:
  name: python
  options:
    toolchain: pip
    virtualenv: venv
"""


class Bench:
    """Two organizations, each with a pack that its stack requires."""

    def __init__(self, folder: Path, cloud: Cloud, account: Account) -> None:
        self.folder, self.cloud, self.account = folder, cloud, account
        self.homes = itertools.count()

    def user(self) -> User:
        """A user with a clean Pulumi home."""
        return User(
            self.folder / f"home{next(self.homes)}", self.cloud, "ana", account=self.account
        )

    def publish(self, pack: Path, organization: str) -> None:
        """Publish a pack and enable it for a stack."""
        self.cloud.invite("ana", organization, role="admin")
        name = {"ours": "dynamodb-kms-encryption", "empty": "empty"}[organization]
        project = self.folder / organization
        project.mkdir()
        (project / "Pulumi.yaml").write_text("name: bench\nruntime: python\n", encoding="utf-8")
        for words, cwd in (
            (("policy", "publish", organization), pack),
            (("policy", "enable", f"{organization}/{name}", "latest"), project),
            (("stack", "init", f"{organization}/bench"), project),
        ):
            self.run(self.user(), *words, cwd=cwd)

    def run(self, user: User, *words: str, cwd: Path) -> None:
        """Run a command that must go well."""
        result = user.pulumi(*words, cwd=cwd)
        if result.exit_code:
            raise SystemExit(result.output)

    def install(self, organization: str) -> float:
        """Seconds that the install of an organization's pack takes on a clean home."""
        user = self.user()
        project = self.folder / organization
        start = time.perf_counter()
        self.run(user, "policy", "install", "--stack", f"{organization}/bench", cwd=project)
        taken = time.perf_counter() - start
        # One is kept for its size.
        shutil.rmtree(self.installed(organization), ignore_errors=True)
        user.installed_packs.rename(self.installed(organization))
        shutil.rmtree(user.folder)
        return taken

    def installed(self, organization: str) -> Path:
        """Where the last install of an organization's pack lies."""
        return self.folder / f"installed-{organization}"

    def tarball(self, organization: str) -> Path:
        """The file that was uploaded."""
        pack, version = (
            ("dynamodb-kms-encryption", version_of(PACK))
            if organization == "ours"
            else ("empty", "0.0.1")
        )
        return self.cloud.tarball(organization, pack, version)


def size(folder: Path) -> int:
    """Bytes of all files below a folder."""
    return sum(
        it.stat().st_size for it in folder.rglob("*") if it.is_file() and not it.is_symlink()
    )


def main() -> None:
    """Print the table."""
    print(f"{'':<44} {'this pack':>13} {'empty pack':>13} {'ratio':>7}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        empty = folder / "pack"
        shutil.copytree(EMPTY, empty)
        (empty / "PulumiPolicy.yaml").write_text(PROJECT, encoding="utf-8")
        (empty / "requirements.txt").write_text("pulumi\npulumi-policy\n", encoding="utf-8")
        (empty / ".gitignore").write_text("venv\n__pycache__\n", encoding="utf-8")
        (empty / "venv").symlink_to(sys.prefix)
        account = Account.start(folder / "account")
        try:
            with Cloud.start(folder / "cloud") as cloud:
                bench = Bench(folder, cloud, account)
                bench.publish(PACK, "ours")
                bench.publish(empty, "empty")
                compare(
                    "install on a clean Pulumi home",
                    BOUND,
                    ROUNDS,
                    partial(bench.install, "ours"),
                    partial(bench.install, "empty"),
                )
                sizes = [size(bench.installed(it)) / 1e6 for it in ("ours", "empty")]
                show("installed, with its virtualenv", sizes, "MB")
                uploaded = [bench.tarball(it).stat().st_size / 1e3 for it in ("ours", "empty")]
                show("tarball that is uploaded", uploaded, "kB")
        finally:
            account.stop()


def show(what: str, pair: list[float], unit: str) -> None:
    """Print a line of the table with sizes."""
    print(f"{what:<44} {pair[0]:10.1f} {unit} {pair[1]:10.1f} {unit} {pair[0] / pair[1]:7.2f}")


if __name__ == "__main__":
    main()
