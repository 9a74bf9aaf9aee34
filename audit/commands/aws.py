"""`python -m audit aws`: the tables of AWS accounts."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import click
from botocore.exceptions import BotoCoreError

from audit import owners, stack_reports
from audit.aws.accounts import Organization
from audit.aws.reader import THREADS, Reader
from audit.aws.sessions import Credentials, available_profiles, current, of_role
from audit.collector import Collector
from audit.owners import Stacks
from audit.progress import shown
from audit.results import Audit
from audit.settings import read_settings
from audit.stacks.cli import NO_CLI, is_installed
from audit.stacks.reader import StackReader
from policies.encryption.arns import Arn
from policies.encryption.rule import is_region
from policies.settings.reading import unknown_name
from policies.settings.settings import Settings

from .run import EXIT_CODES, EXTERNAL_ID, audit, handle_signals, limits_time, shared, writes_state


class RegionName(click.ParamType[Any]):
    """The name of a Region."""

    name = "region"

    def convert(self, value: Any, param: Any, ctx: Any) -> str:
        """Return the name, or fail."""
        if not is_region(value):
            self.fail(f"{value!r} is not the name of a Region, such as eu-west-1.", param, ctx)
        return str(value)


class ProfileName(click.ParamType[Any]):
    """The name of a profile that exists."""

    name = "profile"

    def convert(self, value: Any, param: Any, ctx: Any) -> str:
        """Return the name, or fail."""
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


class _StacksReport(click.ParamType[Any]):
    name = "file"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[Path, Audit]:
        try:
            return Path(value), stack_reports.read_report(Path(value))
        except stack_reports.WrongReportError as error:
            self.fail(str(error), param, ctx)


@click.command(epilog=EXIT_CODES)
@click.option(
    "--profile", "profiles", type=ProfileName(), multiple=True, metavar="NAME",
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
    EXTERNAL_ID, metavar="ID", help="The external ID that the roles require."
)  # fmt: skip
@click.option(
    "--region", "regions", type=RegionName(), multiple=True, metavar="REGION",
    help="A Region to read. Default: all Regions that the account has enabled.",
)  # fmt: skip
@click.option(
    "--concurrency", type=click.IntRange(1, 256), default=THREADS, show_default=True, metavar="N",
    help="The number of calls to make at the same time.",
)  # fmt: skip
@click.option(
    "--stacks", "reads_stacks", is_flag=True,
    help="Also read all stacks of the backend that the Pulumi CLI is logged in to. Each table gets "
    "its owner: the stack or the CloudFormation stack that manages it.",
)  # fmt: skip
@click.option(
    "--stacks-report", "reports", type=_StacksReport(), multiple=True, metavar="FILE",
    help="The same with a JSON report of `audit stacks` or `audit state`. Repeat it for more.",
)  # fmt: skip
@shared
@limits_time
@writes_state
def aws(
    profiles: Sequence[str],
    roles: Sequence[str],
    organization: bool,
    role_name: str | None,
    external_id: str | None,
    regions: Sequence[str],
    concurrency: int,
    reads_stacks: bool,
    reports: Sequence[tuple[Path, Audit]],
    timeout: float,
    config: Path | None,
    **options: Any,
) -> None:
    """Read the tables from AWS, in one or more accounts.

    With --stacks or --stacks-report, a stack that could not be read makes the audit incomplete,
    since it can own tables.
    """
    accounts = _accounts(profiles, roles, organization, role_name, external_id)
    is_joined = reads_stacks or bool(reports)
    if reads_stacks and not is_installed():
        raise click.UsageError(NO_CLI)

    def read(settings: Settings, collector: Collector) -> None:
        started, end = datetime.now(timezone.utc), time.monotonic() + timeout
        reader = Reader(settings, collector, regions, concurrency, timeout, reads_tags=is_joined)
        with shown(collector.counts) as tick:
            reader.read(accounts, tick)
        if not is_joined:
            return
        sources = [stack_reports.stacks_of(report) for _, report in reports]
        values = read_settings(config)[1].values if reports else {}
        for file, report in reports:
            for warning in stack_reports.warnings_about(file, report, values, started):
                collector.add_warning(warning)
        if reads_stacks:
            sources.append(_read_stacks(settings, collector, max(0, end - time.monotonic())))
        _add_owners(collector, stack_reports.merged(sources), started, settings)

    audit(read, config=config, inputs=[file for file, _ in reports], **options)


def _read_stacks(settings: Settings, collector: Collector, seconds: float) -> Stacks:
    """Read all stacks. Warnings, identities, and an interruption are those of the collector."""
    started = datetime.now(timezone.utc)
    stacks = Collector()
    handle_signals(stacks)
    stacks.is_interrupted = collector.is_interrupted
    reader = StackReader(settings, stacks, seconds=seconds)
    with shown(stacks.counts) as tick:
        reader.read(tick)
    collector.identities |= stacks.identities
    for warning in stacks.warnings:
        collector.add_warning(warning)
    return Stacks(stacks.findings, stacks.coverage, (), started)


def _add_owners(collector: Collector, stacks: Stacks, asked: datetime, settings: Settings) -> None:
    """Join the results of AWS with those of stacks."""
    findings = owners.join(
        collector.findings, collector.tags, collector.coverage, stacks, asked,
        settings.exemptions,
    )  # fmt: skip
    collector.findings[:] = findings
    collector.coverage += stacks.coverage
    for warning in owners.warnings_about(findings):
        collector.add_warning(warning)


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
