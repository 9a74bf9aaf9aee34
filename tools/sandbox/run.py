"""Run the real `pulumi` with a pretend AWS account, in tests and from the command line."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.engine import find_engine
from tools.sandbox import home
from tools.sandbox.account import Account
from tools.stoppable import Stoppable

_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")


@dataclass(frozen=True)
class Result:
    """The result of a `pulumi` command.

    Attributes:
        exit_code: 0 if the command succeeded, -9 if it exceeded its time limit.
        stdout: what it printed to standard output.
        stderr: what it printed to standard error.
    """

    exit_code: int
    stdout: str
    stderr: str

    @property
    def output(self) -> str:
        """Standard output, then standard error, without colors."""
        return _ANSI.sub("", f"{self.stdout}\n{self.stderr}".strip())


class Sandbox(Stoppable):
    """A place to run `pulumi`, with its own home, stacks, and plugins and a pretend account.

    Args:
        folder: the sandbox's folder, which is created if it doesn't exist.
        account: an account to share. By default, the sandbox starts its own in `folder`.

    Raises:
        EngineMissing: there is no engine. The message says what to do.
        ServiceFailed: the account's process didn't start.
    """

    time_limit = 120.0
    """Seconds that a command may take."""

    def __init__(self, folder: Path, *, account: Account | None = None) -> None:
        self.engine = find_engine()
        self.folder = folder.resolve()
        home.prepare(self.folder, self.engine)
        self._owns_account = account is None
        self.account = account or Account.start(self.folder / "account")

    def stop(self) -> None:
        """Stop the account, unless it is shared. The folder stays."""
        if self._owns_account:
            self.account.stop()

    def environment(self) -> dict[str, str]:
        """Return the environment of `pulumi` in this sandbox."""
        return home.environment(self.folder, self.engine, self.account, os.environ)

    def client(self, service: str, region: str = "us-east-1") -> Any:
        """Return a boto3 client of the account.

        Args:
            service: the service as boto3 names it, such as "dynamodb".
            region: the Region.
        """
        return self.account.client(service, region)

    def add_echo_provider(
        self, package: str, version: str = "0.0.1", computed: Sequence[str] = ("arn",)
    ) -> None:
        """Install a stand-in provider that accepts resources of any type of a package.

        Programs register the resources with `pulumi.CustomResource`. If the package already has a
        stand-in (aws), they must select this one with `ResourceOptions(version=...)`. For what the
        provider leaves out, see `tools.sandbox.provider.anything`.

        Args:
            package: the package's name, which is the part of the types before the first colon.
            version: the version of the plugin.
            computed: the outputs that are unknown in a preview of a new resource.

        Raises:
            ValueError: `package` can't be the name of a package.
        """
        if not re.fullmatch(r"[A-Za-z][\w.-]*", package):
            raise ValueError(f"{package!r} can't be the name of a package.")
        call = f"echo({package!r}, {version!r}, {list(computed)!r})"
        home.install_plugin(self.folder, package, version, call)

    def pulumi(
        self,
        *args: str,
        cwd: Path,
        env: Mapping[str, str] | None = None,
        input: str | None = None,  # noqa: A002 the name that subprocess uses
        timeout: float | None = None,
    ) -> Result:
        """Run `pulumi` until it ends. A failure is in the result, not an exception.

        Args:
            args: the arguments. `--color never` is added unless they contain `--color`, and
                `--non-interactive` unless there is an `input`.
            cwd: the folder to run it in.
            env: variables to add to the sandbox's environment.
            input: its standard input.
            timeout: the seconds after which it and its children are ended. The default is
                `time_limit`.
        """
        timeout = self.time_limit if timeout is None else timeout
        # Options are added at the front: after a "--" they would be arguments.
        command = [str(self.engine.pulumi)]
        if not any(arg == "--color" or arg.startswith("--color=") for arg in args):
            command += ["--color", "never"]
        if input is None and "--non-interactive" not in args:
            command.append("--non-interactive")
        process = subprocess.Popen(
            [*command, *args],
            cwd=cwd,
            env={**self.environment(), **(env or {})},
            stdin=subprocess.DEVNULL if input is None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        )
        try:
            stdout, stderr = process.communicate(input, timeout=timeout)
            return Result(process.returncode, stdout, stderr)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            stdout, stderr = process.communicate()
            return Result(-9, stdout, f"{stderr}\nended after {timeout:.0f} s")
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
