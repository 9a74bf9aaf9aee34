"""`python -m audit stacks`: the tables that the states of Pulumi stacks record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from audit.collector import Collector
from audit.progress import shown
from audit.stacks.cli import NO_CLI, is_installed, shown_url
from audit.stacks.filters import Filters
from audit.stacks.reader import THREADS, StackReader
from policies.encryption.values import quoted
from policies.settings.settings import Settings

from .run import BACKEND, EXIT_CODES, WRONG_USAGE, audit, limits_time, shared, suggests_exemptions


class _BackendUrl(click.ParamType[Any]):
    name = "url"

    def convert(self, value: Any, param: Any, ctx: Any) -> str:
        scheme, separator, place = value.partition("://")
        if not (scheme and separator and place):
            self.fail(
                f"{quoted(shown_url(value))} is not the URL of a backend, such as s3://BUCKET, "
                "file://FOLDER, or https://api.pulumi.com.", param, ctx,
            )  # fmt: skip
        return str(value)


class _Text(click.ParamType[Any]):
    name = "text"

    def convert(self, value: Any, param: Any, ctx: Any) -> str:
        if not value.strip():
            self.fail("It is empty. Check that its variable is set.", param, ctx)
        return str(value)


class _NoCli(click.ClickException):
    exit_code = WRONG_USAGE


@click.command(epilog=EXIT_CODES)
@click.option(
    BACKEND, "backends", type=_BackendUrl(), multiple=True, metavar="URL",
    help="The URL of a backend to read, as `pulumi login` takes it. Repeat it for more backends. "
    "Default: the backend that the CLI is logged in to.",
)  # fmt: skip
@click.option(
    "--organization", type=_Text(), metavar="NAME",
    help="The organization whose stacks to read. Default: all that you are a member of. In a "
    "self-managed backend, it is `organization`.",
)  # fmt: skip
@click.option(
    "--project", "projects", type=_Text(), multiple=True, metavar="PATTERN",
    help="The name of a project whose stacks to read; `*` matches any characters. Repeat it for "
    "more projects.",
)  # fmt: skip
@click.option(
    "--stack", "stacks", type=_Text(), multiple=True, metavar="PATTERN",
    help="A stack to read, as STACK, PROJECT/STACK, or ORGANIZATION/PROJECT/STACK; `*` matches any "
    "characters. Repeat it for more stacks.",
)  # fmt: skip
@click.option(
    "--concurrency", type=click.IntRange(1, 256), default=THREADS, show_default=True, metavar="N",
    help="The number of commands of the CLI to run at the same time.",
)  # fmt: skip
@shared
@limits_time
@suggests_exemptions
def stacks(
    backends: Sequence[str],
    organization: str | None,
    projects: Sequence[str],
    stacks: Sequence[str],
    concurrency: int,
    timeout: float,
    **options: Any,
) -> None:
    """Read the tables that the states of Pulumi stacks record.

    The audit runs `pulumi stack ls` and `pulumi stack export`, with your login. It decrypts the
    secrets of a stack only if one of them hides how a table is encrypted, or belongs to a KMS key.
    """
    filters = Filters(organization, tuple(dict.fromkeys(projects)), tuple(dict.fromkeys(stacks)))
    if not is_installed():
        raise _NoCli(NO_CLI)

    def read(settings: Settings, collector: Collector) -> None:
        reader = StackReader(settings, collector, backends, filters, concurrency, timeout)
        with shown(collector.counts) as tick:
            reader.read(tick)

    audit(read, **options)
