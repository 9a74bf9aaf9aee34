"""The organization `acme` in a pretend Pulumi Cloud, which stays in the sandbox's folder.

`make organization` creates it, and `tools/pulumi --as USER` runs commands in it. It has its own
pretend account, and each user has their own Pulumi home.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from tools.sandbox import home
from tools.sandbox.account import Account
from tools.sandbox.cloud import Cloud, User
from tools.sandbox.service import Service


class UserMissing(Exception):  # noqa: N818 reads as what happened
    """There is no such user, or no organization. The message says what to do."""


def folder() -> Path:
    """Return the folder of the organization, which exists once it has been created."""
    return home.sandbox_folder() / "organization"


def create() -> None:
    """Create the organization with the users `admin` and `developer`, in place of an earlier one.

    Raises:
        ServiceFailed: the pretend Cloud or the pretend account didn't start.
    """
    delete()
    cloud = Cloud.start(folder() / "cloud")
    cloud.invite("admin", "acme", role="admin")
    cloud.invite("developer", "acme")
    Account.start(folder() / "account")


def delete() -> None:
    """End the processes of the organization, and delete its folder, if it exists."""
    services: dict[str, type[Service]] = {"account": Account, "cloud": Cloud}
    for name, service in services.items():
        if running := service.find(folder() / name):
            running.stop()
    # The sandbox can be in any folder, so a folder that only has the same name stays.
    if (folder() / "cloud").is_dir():
        shutil.rmtree(folder(), ignore_errors=True)


def user(name: str) -> User:
    """Return a user of the organization. Its processes keep running when this one ends.

    Raises:
        UserMissing: there is no such user, or no organization.
        ServiceFailed: the pretend Cloud or the pretend account didn't start.
    """
    if not (folder() / "cloud").is_dir():
        raise UserMissing("there is no organization. To create it, run `make organization`.")
    cloud = Cloud.start(folder() / "cloud")
    if name not in cloud.users():
        raise UserMissing(f"--as needs one of these users: {', '.join(cloud.users())}.")
    account = Account.start(folder() / "account")
    if account.fresh:
        print(
            "sandbox: the organization's pretend account was no longer running, so it is empty. "
            f"To remove its resources from a stack, run `tools/pulumi --as {name} refresh`.",
            file=sys.stderr,
        )
    return User(folder() / name, cloud, name, account=account)
