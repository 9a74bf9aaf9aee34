"""Demonstrate the pack in a Pulumi Cloud organization: `python -m tools.demo.organization`.

The commands are those of docs/organization.md: an administrator publishes the pack, enables it as a
warning, creates groups of stacks, exempts a table, and then makes the pack mandatory in production.
A developer, who has not installed the pack and passes no option, previews the examples.

The `pulumi` that runs is the real one. Pulumi Cloud and AWS are stand-ins on this machine. They
stay when the demonstration ends, so that the reader can go on. Each printed command can be repeated
as it is. The demonstration fails if a command ends differently than described.
"""

from __future__ import annotations

import datetime
import json
import shlex
import subprocess
import sys

from tools import CHECKOUT
from tools.demo.__main__ import Unexpected, show_outcome
from tools.release.check import version_of
from tools.sandbox import EngineMissing, Result, ServiceFailed, organization

PACK = "acme/dynamodb-kms-encryption"
VERSION = f"{PACK} {version_of(CHECKOUT)}"
EXEMPTION = {
    "urn": "urn:pulumi:production::insecure::aws:dynamodb/table:Table::sessions",
    "reason": "moved to the new account, JIRA-123",
}
EXEMPT_DAYS = 90


def run(command: str, rejected: bool | None = None) -> None:
    """Print and run a shell command in the checkout.

    Args:
        command: the command. It prints to the terminal.
        rejected: for a preview, whether it should fail. Any other command should succeed.
    """
    print(f"\n$ {command}\n", flush=True)
    # Without a terminal as its standard input, no command waits for an answer.
    exit_code = subprocess.run(
        ["/bin/sh", "-c", command], cwd=CHECKOUT, stdin=subprocess.DEVNULL, check=False
    ).returncode
    if rejected is not None:
        show_outcome(Result(exit_code, "", ""), rejected)
    elif exit_code:
        raise Unexpected("This command should have succeeded.")


def admin(words: str) -> None:
    """Run `pulumi` as an administrator of the organization."""
    run(f"tools/pulumi --as admin {words}")


def developer(words: str, rejected: bool | None = None) -> None:
    """Run `pulumi` as a developer. For `rejected`, see `run`."""
    run(f"tools/pulumi --as developer {words}", rejected)


def explain(text: str) -> None:
    """Print what happens next."""
    print(f"\n# {text}", flush=True)


def demonstrate() -> None:
    """Run all commands in a new organization, from publishing the pack to enforcing it."""
    organization.create()
    folder = organization.folder()
    within = folder.is_relative_to(CHECKOUT)
    files = shlex.quote(str(folder.relative_to(CHECKOUT) if within else folder))
    settings = folder / "settings.json"
    advisory, final = f"{files}/advisory.json", f"{files}/policy-config.json"
    write = f"tools/policy-config write {files}/settings.json"
    write_advisory = f"{write} --all advisory --output {advisory}"

    explain("An administrator of the organization publishes the pack from a clone.")
    admin("policy publish acme")
    admin("policy ls acme")

    explain("The administrator enables this version for all stacks, as a warning.")
    settings.write_text("{}\n", encoding="utf-8")
    run(write_advisory)
    admin(f"policy validate-config {VERSION} --config {advisory}")
    admin(f"policy enable {VERSION} --config {advisory}")

    explain("A developer has not installed the pack and passes no option. The CLI installs it.")
    insecure, secure = "--cwd examples/insecure", "--cwd examples/secure"
    developer(f"stack init acme/development {insecure}")
    developer(f"preview {insecure}", rejected=False)

    explain("Groups give stacks their level. Both groups start with warnings.")
    developer(f"stack init acme/production {insecure}")
    for group in ("development", "production"):
        kind = "--mode preventative --yes"
        admin(f"policy group new {group} --org acme {kind}")
        admin(f"policy group edit {group} --org acme --add-stack insecure/{group}")
    for group in ("development", "production"):
        admin(f"policy enable {VERSION} --policy-group {group} --config {advisory}")
    removed = "--remove-stack insecure/development --remove-stack insecure/production"
    admin(f"policy group edit default-policy-group --org acme {removed}")
    admin("policy group ls acme")

    explain("The settings exempt a table, so warnings about it end.")
    today = datetime.datetime.now(tz=datetime.timezone.utc).date()
    expires = (today + datetime.timedelta(days=EXEMPT_DAYS)).isoformat()
    exemptions = {"exemptions": [{**EXEMPTION, "expires": expires}]}
    settings.write_text(f"{json.dumps(exemptions, indent=2)}\n", encoding="utf-8")
    run(f"cat {files}/settings.json")
    run(write_advisory)
    admin(f"policy enable {VERSION} --policy-group production --config {advisory}")
    production = f"preview {insecure} --stack acme/production"
    developer(production, rejected=False)

    explain("The pack becomes mandatory in production, with the same settings.")
    run(f"{write} --output {final}")
    admin(f"policy enable {VERSION} --policy-group production --config {final}")
    explain("The table without an exemption is rejected in production.")
    developer(production, rejected=True)
    explain("In development it is a warning, and the secure example complies.")
    developer(f"preview {insecure} --stack acme/development", rejected=False)
    developer(f"stack init acme/production {secure}")
    developer(f"preview {secure}", rejected=False)


GO_ON = [
    "tools/pulumi --as admin policy group get production --org acme",
    "tools/pulumi --as developer up --yes --cwd examples/secure",
    f"tools/pulumi --as admin policy disable {PACK} --policy-group production",
    "tools/pulumi --as developer preview --cwd examples/insecure",
    "tools/pulumi stop",
]


def main() -> str | None:
    """Run the demonstration, and return an error message if a command ends unexpectedly."""
    try:
        demonstrate()
    except (EngineMissing, ServiceFailed, Unexpected) as error:
        return str(error)
    explain("The organization stays. Go on in it, for example:\n")
    print(*GO_ON, sep="\n")
    return None


if __name__ == "__main__":
    sys.exit(main())
