"""``Sandbox``: the real ``pulumi`` with a pretend AWS account, for tests and for the CLI."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from tools.sandbox import home
from tools.sandbox.account import Account
from tools.sandbox.engine import find_engine

_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")


@dataclass(frozen=True)
class Result:
    """What a ``pulumi`` command left.

    Attributes:
        exit_code: 0 when it went well; -9 when it ran into the time limit.
        stdout: what it printed there.
        stderr: what it printed there.
    """

    exit_code: int
    stdout: str
    stderr: str

    @property
    def output(self) -> str:
        """Both streams, stdout first, without colours."""
        return _ANSI.sub("", f"{self.stdout}\n{self.stderr}".strip())


class Sandbox:
    """A place to run ``pulumi`` in: its own home, stacks and plugins, and a pretend account.

    Use it as a context manager: leaving it stops the account, if it is the sandbox's own.

    Args:
        folder: where everything lies; made when it isn't there.
        account: an account to share; without one the sandbox starts its own in ``folder``.

    Raises:
        EngineMissing: there is no engine; the message says what to do.
        AccountFailed: the account's process didn't start.
    """

    def __init__(self, folder: Path, *, account: Account | None = None) -> None:
        self.engine = find_engine()
        self.folder = folder.resolve()
        home.prepare(self.folder, self.engine)
        self._own = account is None
        self.account = account or Account.start(self.folder / "account")

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop the account, unless it is shared. The folder stays."""
        if self._own:
            self.account.stop()

    def environment(self) -> dict[str, str]:
        """Return the environment that ``pulumi`` runs in here."""
        return home.environment(self.folder, self.engine, self.account, os.environ)

    def client(self, service: str, region: str = "us-east-1") -> Any:
        """Return a boto3 client that talks to the account.

        Args:
            service: as boto3 names it, such as "dynamodb".
            region: the Region.
        """
        return self.account.client(service, region)

    def add_echo_provider(
        self, package: str, version: str = "0.0.1", computed: Sequence[str] = ("arn",)
    ) -> None:
        """Install a stand-in provider for a package, which takes resources of any type of it.

        A program registers them with ``pulumi.CustomResource``. For a package that has a stand-in
        already (aws), it must ask for this one by ``ResourceOptions(version=...)``. What the
        provider leaves out: see ``tools.sandbox.provider.anything``.

        Args:
            package: the package's name: what stands before the first colon of the types.
            version: the version of the plugin.
            computed: the outputs that are unknown in a preview of a new resource.
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
        timeout: float = 120,
    ) -> Result:
        """Run ``pulumi`` to its end; a failure is in the result, not an exception.

        Args:
            args: the words after ``pulumi``. ``--non-interactive`` and ``--color never`` are
                added unless the words say otherwise (``--color``; for a question, ``input``).
            cwd: the folder to run it in.
            env: variables to add to the sandbox's environment.
            input: what it reads from standard input.
            timeout: after so many seconds it and its children are ended.
        """
        # In front: behind a "--" they would be no options any more.
        words = [str(self.engine.pulumi)]
        if not any(word == "--color" or word.startswith("--color=") for word in args):
            words += ["--color", "never"]
        if input is None and "--non-interactive" not in args:
            words.append("--non-interactive")
        words += args
        process = subprocess.Popen(
            words,
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
