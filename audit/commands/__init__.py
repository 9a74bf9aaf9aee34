"""The commands of `python -m audit`. To add one, write a module, and name its command here."""

from __future__ import annotations

import sys

import click

from .aws import aws
from .config import aws_config
from .events import events
from .run import EXIT_CODES
from .stacks import stacks
from .state import state


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=EXIT_CODES,
)
def main() -> None:
    """Check how the DynamoDB tables of AWS accounts and of Pulumi stacks are encrypted at rest.

    A table complies if an AWS KMS key encrypts it: the AWS managed key aws/dynamodb or a customer
    managed key. The rule, the settings, and the exemptions are those of the policy pack. The audits
    only read.

    `events` reports the results of all policy packs in a preview, an update, or an analysis. It has
    other exit codes: see `events --help`.
    """
    for stream in (sys.stdout, sys.stderr):
        # A name can contain characters that the terminal's encoding does not have.
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]


for command in (aws, aws_config, stacks, state, events):
    main.add_command(command)
