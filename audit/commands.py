"""The commands of `python -m audit`."""

from __future__ import annotations

import math
import os
import re
import signal
import sys
from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import click
import yaml
from botocore.exceptions import BotoCoreError

from audit import state
from audit.aws.accounts import Organization
from audit.aws.reader import THREADS, Reader
from audit.aws.sessions import Credentials, available_profiles, current, of_role
from audit.aws_config.reader import AggregatorReader, NoSuchAggregatorError
from audit.collector import Collector
from audit.outputs import Output, OutputError, check_file, check_together
from audit.progress import shown
from audit.results import Audit, Run, SettingsUsed, Verdict
from audit.settings import WrongSettingsError, read_settings, warnings_about
from policies.encryption.arns import Arn
from policies.encryption.rule import is_region
from policies.encryption.values import one_line
from policies.settings.reading import unknown_name
from policies.settings.settings import Settings

WRONG_USAGE, VIOLATION, INCOMPLETE = 2, 1, 3
"""Exit codes."""

# The first character keeps click from joining the lines.
_EXIT_CODES = """\b
Exit codes:
  0  no violation
  1  a violation
  2  wrong usage or wrong settings, or a report that can't be written
  3  no violation, but something could not be read
"""

_SIGNALED = 128
"""Shells report a program that a signal ended with this and the signal's number."""

_PROJECT = Path(__file__).resolve().parent.parent / "PulumiPolicy.yaml"
_SHOWN = 200
_EXTERNAL_ID = "--external-id"
_DEFAULT_SECONDS = 3_600

Command = Callable[..., None]


def _now() -> datetime:
    return datetime.now(timezone.utc)


class _WrongSettings(click.ClickException):
    exit_code = WRONG_USAGE


class _Outputs(click.ParamType[Any]):
    name = "format[=file]"

    def convert(self, value: Any, param: Any, ctx: Any) -> Output:
        try:
            return value if isinstance(value, Output) else Output.parse(value)
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


class _Region(click.ParamType[Any]):
    name = "region"

    def convert(self, value: Any, param: Any, ctx: Any) -> str:
        if not is_region(value):
            self.fail(f"{value!r} is not the name of a Region, such as eu-west-1.", param, ctx)
        return str(value)


class _AggregatorName(click.ParamType[Any]):
    name = "aggregator"

    def convert(self, value: Any, param: Any, ctx: Any) -> str:
        # Source: AWS Config API Reference, "SelectAggregateResourceConfig".
        if re.fullmatch(r"[A-Za-z0-9_-]{1,256}", value) is None:
            self.fail(
                f"{value!r} is not the name of an aggregator. An ARN is not a name.", param, ctx
            )
        return str(value)


class _Profile(click.ParamType[Any]):
    name = "profile"

    def convert(self, value: Any, param: Any, ctx: Any) -> str:
        try:
            known = available_profiles()
        except BotoCoreError as error:
            self.fail(str(error), param, ctx)
        if value not in known:
            self.fail(unknown_name("profile", value, known), param, ctx)
        return str(value)


class _RoleArn(click.ParamType[Any]):
    name = "arn"

    def convert(self, value: Any, param: Any, ctx: Any) -> str:
        arn = Arn.parse(value)
        if arn is None or arn.service != "iam" or not arn.resource.startswith("role/"):
            self.fail(f"{value!r} is not the ARN of an IAM role.", param, ctx)
        return str(value)


def _shared(command: Command) -> Command:
    """Add the options that all commands share."""
    options = (
        click.option(
            "--config", type=click.Path(path_type=Path), metavar="FILE",
            help="The configuration file of the policies, which --policy-pack-config takes.",
        ),
        click.option(
            "--output", "outputs", type=_Outputs(), multiple=True, metavar="FORMAT[=FILE]",
            help="A report to write: table, json, csv, sarif, junit, markdown, html, or ocsf. "
            "Without FILE, it is printed. Repeat it for more reports. Default: table.",
        ),
        click.option(
            "--state", "state_file", type=_File(), metavar="FILE",
            help="Also write the tables as the state of a stack, for `pulumi policy analyze`.",
        ),
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


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=_EXIT_CODES,
)
def main() -> None:
    """Check how the DynamoDB tables of AWS accounts are encrypted at rest.

    A table complies if an AWS KMS key encrypts it: the AWS managed key aws/dynamodb or a customer
    managed key. The rule, the settings, and the exemptions are those of the policy pack. The audit
    only reads.
    """
    for stream in (sys.stdout, sys.stderr):
        # A name can contain characters that the terminal's encoding does not have.
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]


@main.command(epilog=_EXIT_CODES)
@click.option(
    "--profile", "profiles", type=_Profile(), multiple=True, metavar="NAME",
    help="A profile of the AWS CLI, one for each account. Default: the current credentials.",
)  # fmt: skip
@click.option(
    "--role-arn", "roles", type=_RoleArn(), multiple=True, metavar="ARN",
    help="A role to assume, one for each account.",
)  # fmt: skip
@click.option("--organization", is_flag=True, help="Read all accounts of the organization.")
@click.option(
    "--role-name", metavar="NAME",
    help="With --organization: the role to assume in each account.",
)  # fmt: skip
@click.option(
    _EXTERNAL_ID, metavar="ID", help="The external ID that the roles require."
)  # fmt: skip
@click.option(
    "--region", "regions", type=_Region(), multiple=True, metavar="REGION",
    help="A Region to read. Default: all Regions that the account has enabled.",
)  # fmt: skip
@click.option(
    "--concurrency", type=click.IntRange(1, 256), default=THREADS, show_default=True, metavar="N",
    help="The number of calls to make at the same time.",
)  # fmt: skip
@_shared
def aws(
    profiles: Sequence[str],
    roles: Sequence[str],
    organization: bool,
    role_name: str | None,
    external_id: str | None,
    regions: Sequence[str],
    concurrency: int,
    timeout: float,
    **shared: Any,
) -> None:
    """Read the tables from AWS, in one or more accounts."""
    accounts = _accounts(profiles, roles, organization, role_name, external_id)

    def read(settings: Settings, collector: Collector) -> None:
        reader = Reader(settings, collector, regions, concurrency, timeout)
        with shown(collector.counts) as tick:
            reader.read(accounts, tick)

    _audit(read, **shared)


@main.command("config", epilog=_EXIT_CODES)
@click.argument("aggregator", type=_AggregatorName(), metavar="AGGREGATOR")
@click.option(
    "--profile", type=_Profile(), metavar="NAME",
    help="A profile of the AWS CLI for the account of the aggregator. Default: the current "
    "credentials.",
)  # fmt: skip
@click.option(
    "--region", type=_Region(), metavar="REGION",
    help="The Region of the aggregator. Default: the Region of the profile.",
)  # fmt: skip
@_shared
def aws_config(
    aggregator: str, profile: str | None, region: str | None, timeout: float, **shared: Any
) -> None:
    """Read the tables from AGGREGATOR, an aggregator of AWS Config.

    AWS Config shows each table as it was when the table last changed, and only the tables of
    accounts and Regions that record AWS::DynamoDB::Table.
    """

    def read(settings: Settings, collector: Collector) -> None:
        reader = AggregatorReader(
            settings, collector, aggregator, current(profile), region, timeout
        )
        try:
            with shown(collector.counts) as tick:
                reader.read(tick)
        except NoSuchAggregatorError as error:
            raise click.BadParameter(str(error), param_hint="AGGREGATOR") from error

    _audit(read, **shared)


def _accounts(
    profiles: Sequence[str],
    roles: Sequence[str],
    organization: bool,
    role_name: str | None,
    external_id: str | None,
) -> list[Credentials | Organization]:
    """Return the accounts that the options name."""
    if (role_name is not None) != organization or role_name == "":
        raise click.UsageError("--organization and --role-name need each other.")
    if role_name and role_name.startswith("arn:"):
        raise click.UsageError("--role-name is an ARN. Write only the name of the role.")
    if external_id is not None and not external_id.strip():
        raise click.UsageError("--external-id is empty. Check that its variable is set.")
    if external_id and not (roles or organization):
        raise click.UsageError("--external-id needs --role-arn or --organization.")
    if (roles or organization) and len(profiles) > 1:
        raise click.UsageError(
            "With --role-arn or --organization, name at most one --profile: the one that may "
            "assume the roles."
        )
    base = current(profiles[0] if profiles else None)
    accounts: list[Credentials | Organization] = [
        of_role(base, arn, external_id) for arn in dict.fromkeys(roles)
    ]
    if organization and role_name:
        accounts.append(Organization(base, role_name, external_id))
    return accounts or [*map(current, dict.fromkeys(profiles))] or [base]


def _audit(
    read: Callable[[Settings, Collector], None],
    *,
    config: Path | None,
    outputs: Sequence[Output],
    state_file: Path | None,
    strict: bool,
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
            os._exit(_SIGNALED + number)
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
    run = Run(command, _version(), started, _now(), identities, used, warnings)
    return Audit(run, tuple(collector.coverage), tuple(collector.findings))


def _write(audit: Audit, outputs: Sequence[Output], state_file: Path | None) -> bool:
    """Write all reports that can be written, and return whether one can't be."""
    failed = False
    writers = [partial(output.write, audit) for output in outputs]
    if state_file is not None:
        writers.append(partial(state.write, audit, state_file))
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
        if previous == _EXTERNAL_ID:
            shown.append("***")
        else:
            shown.append(f"{option}=***" if option == _EXTERNAL_ID and equals else argument)
        previous = argument
    return tuple(shown)


def _version() -> str:
    return str(yaml.safe_load(_PROJECT.read_text(encoding="utf-8"))["version"])
