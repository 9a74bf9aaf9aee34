"""What all commands share: options, reading and judging, reports, and exit codes."""

from __future__ import annotations

import math
import os
import signal
import sys
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime, timezone
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import click
import yaml

from audit import state
from audit.collector import Collector
from audit.outputs import Output, OutputError, check_file, check_together
from audit.reports import REPORTS
from audit.results import Audit, Run, SettingsUsed, Verdict
from audit.settings import WrongSettingsError, read_settings, warnings_about
from policies.encryption.values import one_line
from policies.settings.settings import Settings

WRONG_USAGE, VIOLATION, INCOMPLETE = 2, 1, 3
"""Exit codes."""

# The first character keeps click from joining the lines.
EXIT_CODES = """\b
Exit codes:
  0  no violation
  1  a violation
  2  wrong usage or wrong settings, or a report that can't be written
  3  no violation, but something could not be read
"""

SIGNALED = 128
"""Shells report a program that a signal ended with this and the signal's number."""

_PROJECT = Path(__file__).resolve().parents[2] / "PulumiPolicy.yaml"
_SHOWN = 200
EXTERNAL_ID = "--external-id"
_DEFAULT_SECONDS = 3_600

Command = Callable[..., None]


def _now() -> datetime:
    return datetime.now(timezone.utc)


class _WrongSettings(click.ClickException):
    exit_code = WRONG_USAGE


class _Outputs(click.ParamType[Any]):
    """A report to write, in one of the formats with these names."""

    name = "format[=file]"

    def __init__(self, formats: Collection[str]) -> None:
        self._formats = formats

    def convert(self, value: Any, param: Any, ctx: Any) -> Output:
        try:
            return value if isinstance(value, Output) else Output.parse(value, self._formats)
        except OutputError as error:
            self.fail(str(error), param, ctx)


class _File(click.ParamType[Any]):
    name = "file"

    def convert(self, value: Any, param: Any, ctx: Any) -> Path:
        try:
            check_file(Path(value))
        except OutputError as error:
            self.fail(str(error), param, ctx)
        return Path(value)


class _Seconds(click.ParamType[Any]):
    name = "seconds"

    def convert(self, value: Any, param: Any, ctx: Any) -> float:
        try:
            seconds = float(value)
        except ValueError:
            seconds = 0
        if not 0 < seconds < math.inf:
            self.fail(f"{value!r} is not a number of seconds.", param, ctx)
        return seconds


def outputs_option(formats: Collection[str]) -> Callable[[Command], Command]:
    """Return the option for the reports to write."""
    *names, last = formats
    return click.option(
        "--output", "outputs", type=_Outputs(formats), multiple=True, metavar="FORMAT[=FILE]",
        help=f"A report to write: {', '.join(names)}, or {last}. "
        "Without FILE, it is printed. Repeat it for more reports. Default: table.",
    )  # fmt: skip


def shared(command: Command) -> Command:
    """Add the options that all commands share."""
    options = (
        click.option(
            "--config", type=click.Path(path_type=Path), metavar="FILE",
            help="The configuration file of the policies, which --policy-pack-config takes.",
        ),
        outputs_option(REPORTS),
        click.option(
            "--timeout", type=_Seconds(), default=_DEFAULT_SECONDS,
            show_default=True, metavar="SECONDS", help="Stop after this time, and report the rest "
            "as not read.",
        ),
        click.option(
            "--strict", is_flag=True,
            help="Exit with 3 if the encryption of a table can't be determined, too.",
        ),
    )  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


def writes_state(command: Command) -> Command:
    """Add the option of the commands that read AWS."""
    return click.option(
        "--state", "state_file", type=_File(), metavar="FILE",
        help="Also write the tables as the state of a stack, for `pulumi policy analyze`.",
    )(command)  # fmt: skip


def audit(
    read: Callable[[Settings, Collector], None],
    *,
    config: Path | None,
    outputs: Sequence[Output],
    strict: bool,
    state_file: Path | None = None,
) -> NoReturn:
    """Read, judge, report, and exit."""
    try:
        settings, used = read_settings(config)
        check_together(outputs, [state_file] if state_file else [])
    except WrongSettingsError as error:
        raise _WrongSettings(str(error)) from error
    except OutputError as error:
        raise click.UsageError(str(error)) from error
    started = _now()
    collector = Collector()
    _handle_signals(collector)
    read(settings, collector)
    audit = _results(collector, settings, used, started)
    failed = _write(audit, outputs or (Output("table", None),), state_file)
    # Threads that still wait for AWS must not delay the end.
    sys.stdout.flush()
    os._exit(WRONG_USAGE if failed else exit_code(audit, strict=strict))


def _handle_signals(collector: Collector) -> None:
    """Report what was read after Ctrl-C or SIGTERM, and end at once after a second signal.

    A CI job that is canceled gets SIGTERM. An exception in a handler, such as KeyboardInterrupt,
    could leave a lock locked, or end the program before the reports are written.
    """

    def interrupt(number: int, _: Any) -> None:
        if collector.is_interrupted:
            os._exit(SIGNALED + number)
        collector.is_interrupted = True

    for each in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(each) is not signal.SIG_IGN:
            signal.signal(each, interrupt)


def _results(
    collector: Collector, settings: Settings, used: SettingsUsed, started: datetime
) -> Audit:
    identities = tuple(sorted(collector.identities))
    warnings = (*warnings_about(settings, collector.findings), *collector.warnings)
    command = _command(sys.argv[1:])
    run = Run(command, version(), started, _now(), identities, used, warnings)
    return Audit(run, tuple(collector.coverage), tuple(collector.findings))


def _write(audit: Audit, outputs: Sequence[Output], state_file: Path | None) -> bool:
    """Write the reports and the state, and return whether one of them can't be written."""
    writers = [partial(output.write, audit, REPORTS) for output in outputs]
    if state_file is not None:
        writers.append(partial(state.write, audit, state_file))
    return write_all(writers)


def write_all(writers: Iterable[Callable[[], None]]) -> bool:
    """Write all reports that can be written, and return whether one can't be."""
    failed = False
    for write in writers:
        try:
            write()
        except OutputError as error:
            click.echo(f"Error: {error}", err=True)
            failed = True
        except Exception as error:  # noqa: BLE001 - an error must not hide the other reports
            click.echo(f"Error: {failure_of(error)}", err=True)
            failed = True
    return failed


def failure_of(error: Exception) -> str:
    """Return the sentence about an error that the audit does not expect."""
    shown = one_line(str(error), _SHOWN)
    return f"The audit failed with {type(error).__name__}: {shown}. This is a bug: report it."


def exit_code(audit: Audit, *, strict: bool = False) -> int:
    """Return the exit code for some results.

    Args:
        audit: the results.
        strict: whether a table whose encryption can't be determined counts as not read.
    """
    if audit.summary[Verdict.VIOLATION]:
        return VIOLATION
    is_open = strict and audit.summary[Verdict.UNDETERMINED]
    return INCOMPLETE if is_open or not audit.is_complete else 0


def _command(arguments: Sequence[str]) -> tuple[str, ...]:
    """Return the arguments without the value of --external-id, which a report should not show."""
    shown = []
    previous = ""
    for argument in arguments:
        option, equals, _ = argument.partition("=")
        if previous == EXTERNAL_ID:
            shown.append("***")
        else:
            shown.append(f"{option}=***" if option == EXTERNAL_ID and equals else argument)
        previous = argument
    return tuple(shown)


def version() -> str:
    """Return the version of the pack and of its audit."""
    return str(yaml.safe_load(_PROJECT.read_text(encoding="utf-8"))["version"])
