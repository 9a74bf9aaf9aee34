"""`python -m audit events`: what the policies of a preview, an update, or an analysis report."""

from __future__ import annotations

import io
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from errno import ECANCELED
from functools import partial
from itertools import takewhile
from pathlib import Path
from select import select
from typing import Any, NoReturn

import click

from audit.events.reading import Event
from audit.events.reports import REPORTS
from audit.events.results import Outcome, PolicyRun
from audit.events.run import plain
from audit.events.runs import read_run
from audit.outputs import Output, OutputError, check_together
from audit.reports.words import printable

from .run import (
    INCOMPLETE,
    SIGNALED,
    VIOLATION,
    WRONG_USAGE,
    handle_each_signal,
    outputs_option,
    version,
    write_all,
)

# The first character keeps click from joining the lines.
_EXIT_CODES = """\b
Exit codes without a COMMAND:
  0  no violation of a mandatory policy
  1  a violation of a mandatory policy
  2  wrong usage, or a report that can't be written
  3  no violation of a mandatory policy, but something could not be read or did not run

\b
With a COMMAND: the exit code of the command; 2 if it succeeded and a report can't be written.
With a pipe and `set -o pipefail`, the pipe fails if the preview or the audit fails. If both fail,
the exit code is that of the audit.
"""
_STREAMING = {"PULUMI_ENABLE_STREAMING_JSON_PREVIEW": "true"}
_JSON = ("-j", "--json")
_ADD_JSON = "Add `--json` to the command."
_SEE_ERRORS = "The errors of the command say why."
_SHOWN = 3
"""The number of words that name a command, such as `pulumi policy analyze`."""
_WORD = re.compile(r"[\w.][\w.-]*")
_GRACE_SECONDS = 2.0
"""How long to read what the processes write that a command has started, after its end."""
_POLL_SECONDS = 0.2


class _WithCommand(click.Command):
    """A command that has another one after `--`, in `ctx.obj`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if "--" in args:
            place = args.index("--")
            ctx.obj = args[place + 1 :]
            args = args[:place]
        else:
            ctx.obj = None
        return super().parse_args(ctx, args)

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        return [*super().collect_usage_pieces(ctx), "[-- COMMAND...]"]


@click.command(cls=_WithCommand, epilog=_EXIT_CODES)
@click.argument("file", required=False, type=click.Path(path_type=Path), metavar="[FILE]")
@outputs_option(REPORTS)
@click.pass_obj
def events(command: list[str] | None, file: Path | None, outputs: Sequence[Output]) -> NoReturn:
    """Report the policy results of a preview, an update, or an analysis.

    Reads the events from FILE, from stdin, or from COMMAND, which is run with
    PULUMI_ENABLE_STREAMING_JSON_PREVIEW=true in its environment:

    \b
      python -m audit events --output sarif=policies.sarif -- pulumi preview --json --stack dev
      pulumi policy analyze --json --policy-pack . --stack dev | python -m audit events

    The events that COMMAND prints are not shown. Its errors, and text that is not an event, are
    printed to stderr.

    Without COMMAND, set this variable for `pulumi preview --json` yourself. An event log has the
    events of a preview or an update. To write one, run `pulumi preview --event-log FILE` with
    PULUMI_DEBUG_COMMANDS=true in its environment.
    """  # noqa: D301 - the \b is for click
    try:
        check_together(outputs, inputs=[file] if file else [])
    except OutputError as error:
        raise click.UsageError(str(error)) from error
    if command is None:
        run = _read(file)
    elif file is not None:
        raise click.UsageError("Name a file or a command, not both.")
    elif not command:
        raise click.UsageError("There is no command after `--`.")
    else:
        run = _run(command)
    failed = write_all(
        partial(output.write, run, REPORTS) for output in outputs or (Output("table", None),)
    )
    sys.exit(exit_code(run, failed=failed))


def exit_code(run: PolicyRun, *, failed: bool = False) -> int:
    """Return the exit code for some results.

    Args:
        run: the results.
        failed: whether a report can't be written.
    """
    if run.exit_code:
        return run.exit_code
    if failed:
        return WRONG_USAGE
    if run.exit_code is not None:
        return run.exit_code
    if run.summary[Outcome.VIOLATION]:
        return VIOLATION
    return 0 if run.is_complete else INCOMPLETE


def _read(file: Path | None) -> PolicyRun:
    """Read events from a file or from stdin."""
    if file is None or str(file) == "-":
        if sys.stdin is None or sys.stdin.isatty():
            raise click.UsageError("Name a file, pipe the events, or write a command after `--`.")
        return _read_stream(os.fdopen(sys.stdin.fileno(), "rb", closefd=False), "stdin")
    try:
        return _read_stream(file.open("rb"), str(file))
    except OSError as error:
        message = f"{file} can't be read: {error.strerror}."
        raise click.BadParameter(message, param_hint="FILE") from error


def _read_stream(stream: io.BufferedReader[Any], source: str) -> PolicyRun:
    """Read events, and report what was read after Ctrl-C or SIGTERM.

    In a pipe, Ctrl-C also ends the program that writes the events.
    """
    signals = 0
    is_reading = True

    def interrupt(number: int, _: Any) -> None:
        nonlocal signals
        signals += 1
        if signals > 1:
            os._exit(SIGNALED + number)
        if is_reading:
            # Nothing that is read has a lock, so an exception can end the wait for input. Python
            # reads on after an InterruptedError.
            raise OSError(ECANCELED, "the audit was interrupted")

    handle_each_signal(interrupt)
    with stream:
        run = read_run(stream, source, sys.argv[1:], version())
    is_reading = False
    return run


def _run(command: Sequence[str]) -> PolicyRun:
    """Run a command, and read the events that it prints."""
    shown = shown_command(command)
    arguments = (*sys.argv[1 : -len(command)], *shown)
    source, target = os.pipe()
    try:
        process = subprocess.Popen(  # noqa: S603 - the user's own command
            command, stdout=target, env={**os.environ, **_STREAMING}
        )
    except OSError as error:
        raise click.UsageError(f"{command[0]} can't be run: {error.strerror}.") from error
    finally:
        os.close(target)
    _forward_signals(process)
    with io.BufferedReader(_Output(source, process)) as stream:
        run = read_run(
            stream, shlex.join(shown), arguments, version(), _print_diagnostic, _print,
            how_to=_SEE_ERRORS if has_json(command) else _ADD_JSON,
        )  # fmt: skip
    code = process.wait()
    return replace(run, exit_code=SIGNALED - code if code < 0 else code)


class _Output(io.RawIOBase):
    """What a command prints, until it ends and nothing more comes.

    A process that the command has started, such as a server, can keep its output open.

    Args:
        descriptor: the file descriptor to read from, which is closed with this stream.
        process: the command.
    """

    def __init__(self, descriptor: int, process: subprocess.Popen[bytes]) -> None:
        self._descriptor, self._process = descriptor, process
        self._end: float | None = None

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read what there is. Return 0 at the end."""
        while not select([self._descriptor], [], [], _POLL_SECONDS)[0]:
            if self._process.poll() is None:
                continue
            self._end = self._end or time.monotonic() + _GRACE_SECONDS
            if time.monotonic() > self._end:
                return 0
        data = os.read(self._descriptor, len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Close the descriptor."""
        if not self.closed:
            os.close(self._descriptor)
        super().close()


def has_json(command: Sequence[str]) -> bool:
    """Whether a command, such as `sh -c "pulumi preview --json"`, has the option for JSON."""
    return any(option in word.split() for word in command for option in _JSON)


def shown_command(command: Sequence[str]) -> tuple[str, ...]:
    """Return the start of a command, such as `pulumi preview`. The rest can have secrets."""
    words = [Path(command[0]).name, *command[1:_SHOWN]]
    return (*takewhile(_WORD.fullmatch, words), "...")


def _forward_signals(process: subprocess.Popen[bytes]) -> None:
    """Pass Ctrl-C and SIGTERM to a command, whose end ends the audit.

    A terminal sends Ctrl-C to all programs that run in it. A second one makes `pulumi` end at once.
    """

    def forward(number: int, _: Any) -> None:
        if number == signal.SIGTERM or sys.stdin is None or not sys.stdin.isatty():
            process.send_signal(number)

    handle_each_signal(forward)


def _print_diagnostic(event: Event) -> None:
    """Print the messages that `pulumi` writes to its output as events, such as errors."""
    diagnostic = event.get("diagnosticEvent")
    if not isinstance(diagnostic, dict) or diagnostic.get("severity") == "debug":
        return
    if not diagnostic.get("ephemeral"):
        text = f"{diagnostic.get('prefix', '')}{diagnostic.get('message', '')}"
        _print(text)


def _print(text: str) -> None:
    """Print a text of the command to stderr."""
    click.echo(printable(plain(text).expandtabs()).rstrip("\n"), err=True)
