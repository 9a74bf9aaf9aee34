"""Run the `pulumi` CLI, which knows each backend, its login, and its secrets.

Sources: Pulumi, pkg/cmd/pulumi/stack/stack_list.go and stack_export.go, pkg/cmd/pulumi/whoami (what
the commands print), and sdk/go/common/apitype/errors.go (the words of Pulumi Cloud's refusals).
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode

from audit.results import Status
from policies.encryption.values import one_line

NO_CLI = (
    "There is no `pulumi` on PATH. Install the Pulumi CLI: https://www.pulumi.com/docs/install/."
)
_LONGEST = 600
_CALL_SECONDS = 600.0
_DENIED = re.compile(
    r"\[40[13]\]|StatusCode: 40[13]|\b(Unauthorized|Forbidden|AccessDenied)\b|permission denied"
)
_TOO_OLD = ("unknown flag", "unknown shorthand flag", "unknown command")
_HINTS = {
    "failed to load checkpoint": "The file of the state is damaged. Restore it, for example from "
    "the folder `.pulumi/backups` of the backend.",
    "no stack named": "It does not exist, or you may not read it.",
    "must be set for login": "Log in with `pulumi login`, or name a backend with --backend.",
    **dict.fromkeys(_TOO_OLD, "The `pulumi` on PATH is too old. Install a newer one."),
}
_URL = re.compile(r"\b[A-Za-z][\w+.-]*://\S*[^\s\"'`,;:.)\]>]")
_QUOTED_PART = re.compile(r"""(invalid (?:port|URL escape)) "[^"]*\"""")
"""Go's errors about a URL quote a part of it, which can be a part of the password."""
_TOKEN = re.compile(r"\bpul-[\w-]+")
_RULER = re.compile("={3,}")
_SHOWN_PARAMETERS = ("endpoint", "profile", "region", "storage_account", "table")
_FOLDER = "file"
_BUCKETS = ("s3", "gs", "azblob")


class CliError(Exception):
    """A command of the CLI failed. The message is a sentence without secrets.

    Attributes:
        status: what it means for the stack or the backend.
    """

    def __init__(self, reason: str, status: Status = Status.FAILED) -> None:
        super().__init__(reason)
        self.status = status


class Output(NamedTuple):
    """What a command printed.

    Attributes:
        text: its standard output.
        warnings: the warnings on its standard error, as sentences without secrets.
    """

    text: str
    warnings: tuple[str, ...]

    def parsed(self, what: str) -> Any:
        """Return its JSON value.

        Args:
            what: the command.

        Raises:
            CliError: it is not JSON.
        """
        try:
            return json.loads(self.text)
        except (ValueError, RecursionError) as error:
            raise CliError(f"{unreadable(what)} {without_secrets(str(error))}.") from error


def is_installed() -> bool:
    """Return whether there is a `pulumi` on PATH."""
    return shutil.which("pulumi") is not None


def unreadable(what: str) -> str:
    """Return the sentence about a command whose output is not as expected."""
    return f"The output of `pulumi {what}` can't be read. Check the version of `pulumi` on PATH."


def shown_url(url: str) -> str:
    """Return the URL of a backend without secrets.

    Args:
        url: the URL, such as `s3://bucket?region=eu-west-1` or `postgres://user:word@host/db`.

    Returns:
        The URL without user and password, and with only those query parameters that tell two
        backends apart.
    """
    scheme, separator, place = url.partition("://")
    if not separator:
        scheme, place = "", url
    head = re.split(r"[?#]", place, maxsplit=1)[0]
    is_bucket = scheme in _BUCKETS and not set(":@") & set(head)
    if scheme != _FOLDER and not is_bucket:
        # A password can contain any of the characters that end the other parts.
        place = place.rpartition("@")[2]
    place, _, query = place.partition("#")[0].partition("?")
    kept = [
        (key, _without_user(value)) for key, value in parse_qsl(query) if key in _SHOWN_PARAMETERS
    ]
    place = place.rstrip("/") or place[:1]
    shown = "?".join(part for part in (place, urlencode(kept, safe=":/")) if part)
    return one_line(f"{scheme}{separator}{shown}", _LONGEST)


def _without_user(endpoint: str) -> str:
    """Return an endpoint, with or without a scheme, and without user, password, and query."""
    scheme, separator, place = endpoint.partition("://")
    if not separator:
        scheme, place = "", endpoint
    return f"{scheme}{separator}{re.split('[?#]', place.rpartition('@')[2], maxsplit=1)[0]}"


def without_secrets(text: str, backend: str | None = None) -> str:
    """Return a text of the CLI on one line, without secrets of URLs and without access tokens.

    Args:
        text: the text.
        backend: the URL of the backend that it is about; None for that of the login.
    """
    url = backend or os.environ.get("PULUMI_BACKEND_URL", "")
    if url:
        # It can contain spaces.
        text = text.replace(url, shown_url(url))
    token = os.environ.get("PULUMI_ACCESS_TOKEN", "").strip()
    if token:
        text = text.replace(token, "***")
    text = _QUOTED_PART.sub(r"\1", _URL.sub(lambda match: shown_url(match[0]), text))
    text = _RULER.sub("", _TOKEN.sub("***", text))
    return one_line(" ".join(text.split()), _LONGEST)


class Cli:
    """Runs the `pulumi` on PATH, in several threads at the same time.

    Args:
        seconds: how long one command may take.
    """

    def __init__(self, seconds: float = _CALL_SECONDS) -> None:
        self._seconds = seconds
        self._program = shutil.which("pulumi")
        self._running: set[subprocess.Popen[bytes]] = set()
        # A signal handler that calls `stop` can interrupt it.
        self._lock = threading.RLock()
        self._stopped = False

    def run(self, *words: str, backend: str | None) -> Output:
        """Run a command, and return what it printed.

        Args:
            words: the command and its arguments.
            backend: the URL of the backend; None for the one that the CLI is logged in to.

        Raises:
            CliError: the command failed.
        """
        if self._program is None:
            raise CliError(NO_CLI)
        with self._lock:
            process = self._start(words, backend)
            self._running.add(process)
            if self._stopped:
                _end(process)
        try:
            stdout, stderr = process.communicate(timeout=self._seconds)
        except subprocess.TimeoutExpired:
            _end(process)
            process.communicate()
            raise CliError(f"`pulumi` did not answer within {self._seconds:g} seconds.") from None
        finally:
            with self._lock:
                self._running.discard(process)
        errors = stderr.decode("utf-8", "replace")
        if process.returncode:
            raise _error_of(errors, process.returncode, backend)
        try:
            return Output(stdout.decode("utf-8"), tuple(_warnings(errors, backend)))
        except UnicodeDecodeError as error:
            raise CliError(f"{unreadable(' '.join(words))} It is not UTF-8.") from error

    def _start(self, words: Sequence[str], backend: str | None) -> subprocess.Popen[bytes]:
        # In the folder of a project, the CLI shortens the names of its stacks.
        options = ("--color", "never", "--non-interactive", "--fully-qualify-stack-names")
        try:
            return subprocess.Popen(  # noqa: S603 - no shell reads the arguments
                [str(self._program), *options, *words],
                env=_environment(backend),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as error:
            raise CliError(f"`pulumi` can't be started: {error.strerror}.") from error

    def stop(self) -> None:
        """End the commands that run, and those that are started later."""
        with self._lock:
            self._stopped = True
            running = list(self._running)
        for process in running:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a command and the processes that it started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _environment(backend: str | None) -> dict[str, str]:
    # PULUMI_OPTION_VERBOSE and others set options of all commands, and so change their output.
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith("PULUMI_OPTION_")
    }
    kept["PULUMI_SKIP_UPDATE_CHECK"] = "true"
    return kept if backend is None else {**kept, "PULUMI_BACKEND_URL": backend}


def _error_of(errors: str, exit_code: int, backend: str | None) -> CliError:
    """Return what the standard error of a command means."""
    start = re.search(r"^(error|panic|fatal error): ", errors, re.MULTILINE)
    text = without_secrets(errors[start.start() :] if start else errors, backend)
    text = text.removeprefix("error: ")
    if exit_code < 0:
        text = f"`pulumi` was ended by the signal {-exit_code}. {text}".strip()
    elif not text:
        text = f"`pulumi` ended with exit code {exit_code} and no message."
    text += "" if text.endswith((".", "…")) else "."
    hints = {hint for words, hint in _HINTS.items() if words in text}
    status = Status.DENIED if _DENIED.search(text) else Status.FAILED
    return CliError(" ".join((text, *hints)), status)


def _warnings(errors: str, backend: str | None) -> list[str]:
    warnings = re.findall(r"^warning: ((?:.|\n(?!\w+: ))*)", errors, re.MULTILINE)
    return [without_secrets(warning, backend) for warning in warnings]
