"""Print how long the published pack takes to install: `python -m tools.bench.organization`.

As before a user's first preview, the real CLI downloads the tarball into a clean Pulumi home,
creates a virtualenv, and installs the pack's requirements. For comparison, it also installs a pack
that requires only pulumi and pulumi-policy. Both packs come from the same pretend Pulumi Cloud, and
pip uses its cache for both.
"""

from __future__ import annotations

import itertools
import shutil
import sys
import tempfile
from functools import partial
from pathlib import Path

from tools import CHECKOUT
from tools.bench.__main__ import EMPTY
from tools.bench.measure import compare, header, seconds
from tools.release.check import version_of
from tools.sandbox import Account
from tools.sandbox.cloud import Cloud, User

ROUNDS = 5
BOUND = 1.2

# Organization → the name and version of its pack.
PACKS = {
    "own": ("dynamodb-kms-encryption", str(version_of(CHECKOUT))),
    "empty": ("empty", "0.0.1"),
}

PROJECT = f"""\
version: {PACKS["empty"][1]}
runtime:
  name: python
  options:
    toolchain: pip
    virtualenv: venv
"""


class Organizations:
    """Two organizations, each with a pack that its stack requires."""

    def __init__(self, folder: Path, cloud: Cloud, account: Account) -> None:
        self.folder, self.cloud, self.account = folder, cloud, account
        self.homes = itertools.count()

    def user(self) -> User:
        """Return a user with a clean Pulumi home."""
        return User(
            self.folder / f"home{next(self.homes)}", self.cloud, "ana", account=self.account
        )

    def publish(self, pack: Path, organization: str) -> None:
        """Publish a pack in an organization, and enable it for a stack."""
        self.cloud.invite("ana", organization, role="admin")
        project = self.folder / organization
        project.mkdir()
        (project / "Pulumi.yaml").write_text("name: bench\nruntime: python\n", encoding="utf-8")
        run(self.user(), pack, "policy", "publish", organization)
        name, _ = PACKS[organization]
        run(self.user(), project, "policy", "enable", f"{organization}/{name}", "latest")
        run(self.user(), project, "stack", "init", f"{organization}/bench")

    def install(self, organization: str) -> float:
        """Return the seconds that the installation of a pack takes in a clean Pulumi home."""
        user = self.user()
        command = ("policy", "install", "--stack", f"{organization}/bench")
        duration = seconds(partial(run, user, self.folder / organization, *command))
        # The last one is kept, so that its size can be measured.
        shutil.rmtree(self.installed(organization), ignore_errors=True)
        user.installed_packs.rename(self.installed(organization))
        shutil.rmtree(user.folder)
        return duration

    def installed(self, organization: str) -> Path:
        """Return the folder of the last installation of an organization's pack."""
        return self.folder / f"installed-{organization}"

    def tarball(self, organization: str) -> Path:
        """Return the uploaded file of an organization's pack."""
        return self.cloud.tarball(organization, *PACKS[organization])


def run(user: User, folder: Path, *args: str) -> None:
    """Run a command that must succeed."""
    result = user.pulumi(*args, cwd=folder)
    if result.exit_code:
        raise SystemExit(result.output)


def size(folder: Path) -> int:
    """Return the number of bytes of all files in a folder and below."""
    files = (file for file in folder.rglob("*") if file.is_file() and not file.is_symlink())
    return sum(file.stat().st_size for file in files)


def show(label: str, pair: list[float], unit: str) -> None:
    """Print a row of the table with sizes."""
    print(f"{label:<44} {pair[0]:10.1f} {unit} {pair[1]:10.1f} {unit} {pair[0] / pair[1]:7.2f}")


def empty_pack(folder: Path) -> Path:
    """Return a copy of the empty pack that can be published."""
    shutil.copytree(EMPTY, folder)
    (folder / "PulumiPolicy.yaml").write_text(PROJECT, encoding="utf-8")
    (folder / "requirements.txt").write_text("pulumi\npulumi-policy\n", encoding="utf-8")
    (folder / ".gitignore").write_text("venv\n__pycache__\n", encoding="utf-8")
    (folder / "venv").symlink_to(sys.prefix)
    return folder


def main() -> None:
    """Print the table."""
    header("this pack", "empty pack")
    with (
        tempfile.TemporaryDirectory() as name,
        Account.start(Path(name, "account")) as account,
        Cloud.start(Path(name, "cloud")) as cloud,
    ):
        folder = Path(name)
        organizations = Organizations(folder, cloud, account)
        organizations.publish(CHECKOUT, "own")
        organizations.publish(empty_pack(folder / "pack"), "empty")
        own, empty = (partial(organizations.install, organization) for organization in PACKS)
        compare("install on a clean Pulumi home", own, empty, ROUNDS, BOUND)
        sizes = [size(organizations.installed(organization)) / 1e6 for organization in PACKS]
        show("installed, with its virtualenv", sizes, "MB")
        uploads = [organizations.tarball(organization) for organization in PACKS]
        show("uploaded tarball", [file.stat().st_size / 1e3 for file in uploads], "kB")


if __name__ == "__main__":
    main()
