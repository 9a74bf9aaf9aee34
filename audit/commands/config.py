"""`python -m audit config`: the tables that an aggregator of AWS Config has collected."""

from __future__ import annotations

import re
from typing import Any

import click

from audit.aws.sessions import current
from audit.aws_config.reader import AggregatorReader, NoSuchAggregatorError
from audit.collector import Collector
from audit.progress import shown
from policies.settings.settings import Settings

from .aws import ProfileName, RegionName
from .run import EXIT_CODES, audit, limits_time, shared, writes_state


class _AggregatorName(click.ParamType[Any]):
    name = "aggregator"

    def convert(self, value: Any, param: Any, ctx: Any) -> str:
        # Source: AWS Config API Reference, "SelectAggregateResourceConfig".
        if re.fullmatch(r"[A-Za-z0-9_-]{1,256}", value) is None:
            self.fail(
                f"{value!r} is not the name of an aggregator. An ARN is not a name.", param, ctx
            )
        return str(value)


@click.command("config", epilog=EXIT_CODES)
@click.argument("aggregator", type=_AggregatorName(), metavar="AGGREGATOR")
@click.option(
    "--profile", type=ProfileName(), metavar="NAME",
    help="A profile of the AWS CLI for the account of the aggregator. Default: the current "
    "credentials.",
)  # fmt: skip
@click.option(
    "--region", type=RegionName(), metavar="REGION",
    help="The Region of the aggregator. Default: the Region of the profile.",
)  # fmt: skip
@shared
@limits_time
@writes_state
def aws_config(
    aggregator: str, profile: str | None, region: str | None, timeout: float, **options: Any
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

    audit(read, **options)
