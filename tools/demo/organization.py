"""Demonstrate the pack in a Pulumi Cloud organization: `python -m tools.demo.organization`.

An administrator publishes the pack and enables it with settings. A developer, who has not installed
the pack and passes no option, previews the insecure example, which is rejected, and the secure
example, which is accepted. Then the administrator disables the pack.

The output is the real CLI's. Pulumi Cloud and AWS are stand-ins on this machine, and everything is
deleted afterwards. The demonstration fails if a command ends differently than described.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from tools import CHECKOUT
from tools.demo.__main__ import COLOR, Unexpected, copy_example, show_outcome
from tools.release.check import version_of
from tools.sandbox import Account, EngineMissing, ServiceFailed
from tools.sandbox.cloud import Cloud, User

NAME = "acme/dynamodb-kms-encryption"
# By default, this policy only warns.
SETTINGS = {"dynamodb-undetermined-table-kms-encryption": {"enforcementLevel": "mandatory"}}


def run(user: User, folder: Path, *args: str, rejected: bool = False, shown: str = "") -> None:
    """Run `pulumi` as a user, and print the command, its output, and a preview's outcome.

    Args:
        user: the user who runs the command.
        folder: the folder to run it in.
        args: the arguments of `pulumi`.
        rejected: whether the command should fail.
        shown: the command to print, if it differs from the one that runs.
    """
    print(f"\n{user.name}$ {shown or ' '.join(('pulumi', *args))}\n", flush=True)
    result = user.pulumi(*args, "--color", COLOR, cwd=folder)
    print(result.stdout, result.stderr, sep="", flush=True)
    if args[0] == "preview":
        show_outcome(result, rejected)
    elif result.exit_code:
        raise Unexpected("This command should have succeeded.")


def explain(text: str) -> None:
    """Print what happens next."""
    print(f"\n# {text}", flush=True)


def demonstrate(folder: Path, account: Account, cloud: Cloud) -> None:
    """Run all commands, from publishing the pack to disabling it."""
    cloud.invite("admin", "acme", role="admin")
    cloud.invite("developer", "acme")
    admin = User(folder / "admin", cloud, "admin", account=account)
    developer = User(folder / "developer", cloud, "developer", account=account)

    explain("An administrator of the organization publishes the pack from a clone.")
    run(admin, CHECKOUT, "policy", "publish", "acme")
    explain("The administrator validates the settings and enables the pack for all stacks.")
    (folder / "settings.json").write_text(json.dumps(SETTINGS), encoding="utf-8")
    print(json.dumps(SETTINGS, indent=2))
    config = ("--config", "settings.json")
    run(admin, folder, "policy", "validate-config", NAME, str(version_of(CHECKOUT)), *config)
    run(admin, folder, "policy", "enable", NAME, "latest", *config)
    run(admin, folder, "policy", "group", "ls", "acme")

    explain("A developer has not installed the pack and passes no option. The CLI installs it.")
    insecure = copy_example(developer, "insecure", "acme/dev")
    shown = "pulumi preview --cwd examples/insecure"
    run(developer, insecure, "preview", rejected=True, shown=shown)
    explain("The pack is installed now, and the secure example complies.")
    secure = copy_example(developer, "secure", "acme/dev")
    run(developer, secure, "preview", shown="pulumi preview --cwd examples/secure")

    explain("The administrator disables the pack. It doesn't run on any stack from now on.")
    run(admin, folder, "policy", "disable", NAME)
    run(developer, insecure, "preview", shown=shown)


def main() -> str | None:
    """Run the demonstration, and return an error message if a command ends unexpectedly."""
    try:
        with (
            tempfile.TemporaryDirectory() as name,
            Account.start(Path(name, "account")) as account,
            Cloud.start(Path(name, "cloud")) as cloud,
        ):
            demonstrate(Path(name), account, cloud)
    except (EngineMissing, ServiceFailed, Unexpected) as error:
        return str(error)
    return None


if __name__ == "__main__":
    sys.exit(main())
