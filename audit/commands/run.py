"""What all commands share: options, reading and judging, reports, and exit codes."""

from __future__ import annotations

import math
import os
import signal
import stat
import sys
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timezone
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import click
import yaml

from audit import exemptions, state
from audit.collector import Collector
from audit.exemptions import Suggestions
from audit.outputs import Output, OutputError, check_file, check_together
from audit.reasons import of_bug
from audit.reports import REPORTS
from audit.results import Audit, Run, SettingsUsed, Verdict
from audit.settings import WrongSettingsError, read_settings, warnings_about
from audit.stacks.cli import shown_url
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

_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")
SIGNALED = 128
"""Shells report a program that a signal ended with this and the signal's number."""

_PROJECT = Path(__file__).resolve().parents[2] / "PulumiPolicy.yaml"
_SHOWN = 200
EXTERNAL_ID = "--external-id"
BACKEND = "--backend"
_HIDING: dict[str, Callable[[str], str]] = {EXTERNAL_ID: lambda _: "***", BACKEND: shown_url}
"""The options whose values a report does not show as they are."""
_DEFAULT_SECONDS = 3_600

Command = Callable[..., None]


def _now() -> datetime:
    return datetime.now(timezone.utc)


class _WrongSettings(click.ClickException):
    exit_code = WRONG_USAGE


class _OtherFile(NamedTuple):
    """A file that is no report; None if it is not written."""

    file: Path | None
    write: Callable[[Audit, Path], None]


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


class _NewFile(_File):
    """A file that a person completes, so it must not be replaced."""

    def convert(self, value: Any, param: Any, ctx: Any) -> Path:
        file = super().convert(value, param, ctx)
        if file.is_file():
            self.fail(f"{file} exists, and can contain reasons. Name a new file.", param, ctx)
        return file


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
            "--strict", is_flag=True,
            help="Exit with 3 if the encryption of a table can't be determined, too.",
        ),
    )  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


def limits_time(command: Command) -> Command:
    """Add the option of the commands that wait for others."""
    return click.option(
        "--timeout", type=_Seconds(), default=_DEFAULT_SECONDS, show_default=True,
        metavar="SECONDS", help="Stop after this time, and report the rest as not read.",
    )(command)  # fmt: skip


def writes_state(command: Command) -> Command:
    """Add the option of the commands that read AWS."""
    return click.option(
        "--state", "state_file", type=_File(), metavar="FILE",
        help="Also write the tables as the state of a stack, for `pulumi policy analyze`.",
    )(command)  # fmt: skip


def suggests_exemptions(command: Command) -> Command:
    """Add the options of the commands that read stacks."""
    options = (
        click.option(
            "--suggest-exemptions", "exemptions_file", type=_NewFile(), metavar="FILE",
            help="Also write the settings to a new file, with an exemption for each table for "
            "which the pack would reject its stack if it were mandatory. Replace the reasons.",
        ),
        click.option(
            "--suggest-exceptions", "exceptions_file", type=_NewFile(), metavar="FILE",
            help="The same, with policy exceptions of Pulumi instead of exemptions.",
        ),
    )  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


def audit(
    read: Callable[[Settings, Collector], None],
    *,
    config: Path | None,
    outputs: Sequence[Output],
    strict: bool,
    inputs: Sequence[Path] = (),
    state_file: Path | None = None,
    exemptions_file: Path | None = None,
    exceptions_file: Path | None = None,
) -> NoReturn:
    """Read, judge, report, and exit.

    Args:
        read: reads and judges, and gives the results to the collector.
        config: the file of --config; None for none.
        outputs: the reports to write.
        strict: the value of --strict.
        inputs: the other files that are read, which no report may replace.
        state_file: the file of --state; None for none.
        exemptions_file: the file of --suggest-exemptions; None for none.
        exceptions_file: the file of --suggest-exceptions; None for none.
    """
    others = (
        _OtherFile(state_file, state.write),
        _OtherFile(exemptions_file, partial(_suggest, exemptions.exemptions)),
        _OtherFile(exceptions_file, partial(_suggest, exemptions.exceptions)),
    )
    try:
        settings, used = read_settings(config)
        check_together(outputs, [other.file for other in others if other.file], config, inputs)
    except WrongSettingsError as error:
        raise _WrongSettings(str(error)) from error
    except OutputError as error:
        raise click.UsageError(str(error)) from error
    started = _now()
    collector = Collector()
    handle_signals(collector)
    read(settings, collector)
    audit = _results(collector, settings, used, started)
    failed = _write(audit, outputs or (Output("table", None),), others)
    # Threads that still wait for AWS must not delay the end.
    sys.stdout.flush()
    os._exit(WRONG_USAGE if failed else exit_code(audit, strict=strict))


def handle_signals(collector: Collector) -> None:
    """Report what was read after Ctrl-C or SIGTERM, and end at once after a second signal.

    A CI job that is canceled gets SIGTERM, and a program whose terminal is closed gets SIGHUP. An
    exception in a handler, such as KeyboardInterrupt, could leave a lock locked, or end the program
    before the reports are written.
    """

    def interrupt(number: int, _: Any) -> None:
        if collector.is_interrupted:
            try:
                collector.stop()
            finally:
                os._exit(SIGNALED + number)
        collector.is_interrupted = True
        _leave_closed_terminal()

    handle_each_signal(interrupt)


def end_at_signals() -> None:
    """End at once after a signal, such as while the audit waits for stdin."""
    handle_each_signal(lambda number, _: os._exit(SIGNALED + number))


def _leave_closed_terminal() -> None:
    """Write nothing more to a terminal that was closed, since that would fail."""
    for descriptor in (1, 2):
        with suppress(OSError):
            if stat.S_ISCHR(os.fstat(descriptor).st_mode) and not os.isatty(descriptor):
                os.dup2(os.open(os.devnull, os.O_WRONLY), descriptor)


def handle_each_signal(handle: Callable[[int, Any], None]) -> None:
    """Set the handler of the signals that end a program, except those that are ignored."""
    for name in _SIGNALS:
        # Windows has no SIGHUP.
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, handle)


def _results(
    collector: Collector, settings: Settings, used: SettingsUsed, started: datetime
) -> Audit:
    identities = tuple(sorted(collector.identities))
    # With stacks, the owner of a table in AWS has a URN.
    reads_aws = not any(each.is_of_stack for each in collector.coverage)
    about = warnings_about(settings, collector.findings, reads_aws=reads_aws)
    warnings = (*about, *collector.warnings)
    command = _command(sys.argv[1:])
    run = Run(command, version(), started, _now(), identities, used, warnings)
    findings = exemptions.with_exceptions(collector.findings, used.written)
    return Audit(run, tuple(collector.coverage), tuple(findings))


def _suggest(suggest: Callable[[Audit], Suggestions], audit: Audit, file: Path) -> None:
    click.echo(exemptions.write(audit, suggest, file), err=True)


def _write(audit: Audit, outputs: Sequence[Output], others: Sequence[_OtherFile] = ()) -> bool:
    """Write the reports and the other files, and return whether one of them can't be written."""
    writers = [partial(output.write, audit, REPORTS) for output in outputs]
    writers += [partial(other.write, audit, other.file) for other in others if other.file]
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
    return of_bug(error, _SHOWN)


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
    """Return the arguments without what a report should not show.

    That is the value of --external-id, and the secrets in the URL of a --backend.
    """
    shown = []
    previous = ""
    for argument in arguments:
        option, equals, value = argument.partition("=")
        if previous in _HIDING:
            shown.append(_HIDING[previous](argument))
        elif option in _HIDING and equals:
            shown.append(f"{option}={_HIDING[option](value)}")
        else:
            shown.append(argument)
        previous = argument
    return tuple(shown)


def version() -> str:
    """Return the version of the pack and of its audit."""
    return str(yaml.safe_load(_PROJECT.read_text(encoding="utf-8"))["version"])
