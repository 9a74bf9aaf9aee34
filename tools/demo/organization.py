"""`python -m tools.demo.organization` plays how an organization is held to the pack by Pulumi Cloud.

An admin publishes the pack and enables it with settings. A developer, who has nothing installed and
passes no flag, previews the insecure example, which is rejected, and the secure one, which is
accepted. Then the admin disables the pack.

What is shown is the output of the real CLI. Pulumi Cloud and AWS are pretended, on this machine
only, and all of it is gone afterwards. It fails when a command ends otherwise than is said here.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path

from tools.sandbox import Account, AccountFailed, EngineMissing
from tools.sandbox.cloud import Cloud, CloudFailed, User

PACK = Path(__file__).resolve().parents[2]
EXAMPLES = PACK / "examples"
NAME = "acme/dynamodb-kms-encryption"
# What nobody can tell is rejected, too: by itself that policy only tells of it.
SETTINGS = {"dynamodb-undetermined-table-kms-encryption": {"enforcementLevel": "mandatory"}}


class Unexpected(Exception):  # noqa: N818 reads as what happened
    """A command ended otherwise than it should; the message is for the reader."""


def play(user: User, folder: Path, *words: str, rejected: bool = False, shown: str = "") -> None:
    """Run a command, show it with its output, and say how it ended.

    shown: how to write the command where it is not how it is run.
    """
    print(f"\n{user.name}$ {shown or ' '.join(('pulumi', *words))}\n", flush=True)
    color = "always" if sys.stdout.isatty() else "never"
    result = user.pulumi(*words, "--color", color, cwd=folder)
    print(result.stdout, result.stderr, sep="", flush=True)
    if (result.exit_code != 0) != rejected:
        raise Unexpected(f"That should have {'failed' if rejected else 'gone well'}: see above.")
    if words[0] == "preview":
        print(f"=> {'Rejected' if rejected else 'Accepted'}: exit code {result.exit_code}.")


def say(text: str) -> None:
    """Print what happens next."""
    print(f"\n# {text}", flush=True)


def tell(folder: Path, account: Account, cloud: Cloud) -> None:
    """Play it from publishing to disabling."""
    cloud.invite("admin", "acme", role="admin")
    cloud.invite("developer", "acme")
    admin = User(folder / "admin", cloud, "admin", account=account)
    developer = User(folder / "developer", cloud, "developer", account=account)

    say("An admin of the organization publishes the pack, from a clone of its repository.")
    play(admin, PACK, "policy", "publish", "acme")
    say("The settings are checked, and the pack is enabled for all stacks.")
    (folder / "settings.json").write_text(json.dumps(SETTINGS), encoding="utf-8")
    print(json.dumps(SETTINGS, indent=2))
    with_settings = ("--config", "settings.json")
    version = version_of(PACK)
    play(admin, folder, "policy", "validate-config", NAME, version, *with_settings)
    play(admin, folder, "policy", "enable", NAME, "latest", *with_settings)
    play(admin, folder, "policy", "group", "ls", "acme")

    for name, rejected in (("insecure", True), ("secure", False)):
        if rejected:
            say("A developer has nothing installed and passes no flag: the CLI sees to the pack.")
        else:
            say("The pack is installed by now, and the secure example complies.")
        project = folder / name
        ignored = shutil.ignore_patterns("Pulumi.*.yaml")
        shutil.copytree(EXAMPLES / name, project, ignore=ignored)
        made = developer.pulumi("stack", "init", "acme/dev", cwd=project)
        if made.exit_code:
            raise Unexpected(made.output)
        play(developer, project, "preview", rejected=rejected,
             shown=f"pulumi preview --cwd examples/{name}")  # fmt: skip

    say("The admin disables the pack: no stack is held to it any more.")
    play(admin, folder, "policy", "disable", NAME)
    play(developer, folder / "insecure", "preview", shown="pulumi preview --cwd examples/insecure")


def version_of(pack: Path) -> str:
    """The version that PulumiPolicy.yaml names."""
    lines = (pack / "PulumiPolicy.yaml").read_text(encoding="utf-8").splitlines()
    return next(it.partition(":")[2].strip() for it in lines if it.startswith("version:"))


def main() -> str | None:
    """Play it in a folder that goes afterwards; returns what went wrong, if anything."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            account = Account.start(folder / "account")
            try:
                with Cloud.start(folder / "cloud") as cloud:
                    tell(folder, account, cloud)
            finally:
                account.stop()
        except (EngineMissing, AccountFailed, CloudFailed, Unexpected) as error:
            return str(error)
    return None


if __name__ == "__main__":
    sys.exit(main())
