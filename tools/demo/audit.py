"""Audit the accounts of a pretend organization: `python -m tools.demo.audit`.

The audit is the one that users run. AWS is the pretend account, with tables of each type and state
of key in three accounts. It ends with this command. The reports stay in the folder .sandbox/audit.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from tools import CHECKOUT
from tools.demo.__main__ import Unexpected
from tools.sandbox import ServiceFailed, home
from tools.sandbox.account import Account
from tools.sandbox.account.population import populate

_VIOLATION = 1


def main() -> str | None:
    """Run the audit, and return an error message if it ends unexpectedly."""
    reports = home.sandbox_folder() / "audit"
    reports.mkdir(parents=True, exist_ok=True)
    try:
        with (
            tempfile.TemporaryDirectory() as folder,
            Account.start(Path(folder) / "account") as account,
        ):
            organization = populate(account)
            arguments = [
                "aws", "--organization", "--role-name", organization.role,
                "--external-id", organization.external_id,
            ]  # fmt: skip
            for name, file in (("html", "report.html"), ("json", "report.json")):
                arguments += ["--output", f"{name}={_shown(reports / file)}"]
            arguments += ["--output", "table"]
            _run(arguments, account)
    except (ServiceFailed, Unexpected) as error:
        return str(error)
    print(f"\nOpen {_shown(reports / 'report.html')} in a browser to see the same as a page.")
    return None


def _run(arguments: list[str], account: Account) -> None:
    print(f"\n$ python -m audit {shlex.join(arguments)}\n", flush=True)
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment = {
        **inherited, **account.credentials().environment, "AWS_ENDPOINT_URL": account.endpoint,
        "AWS_REGION": "us-east-1", "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }  # fmt: skip
    command = [sys.executable, "-m", "audit", *arguments]
    exit_code = subprocess.run(command, cwd=CHECKOUT, env=environment, check=False).returncode
    print(f"=> Exit code {exit_code}: a table violates the rule." if exit_code == 1 else "")
    if exit_code != _VIOLATION:
        raise Unexpected(f"The audit should have ended with {_VIOLATION}, not {exit_code}.")


def _shown(path: Path) -> str:
    return str(path.relative_to(CHECKOUT)) if path.is_relative_to(CHECKOUT) else str(path)


if __name__ == "__main__":
    sys.exit(main())
