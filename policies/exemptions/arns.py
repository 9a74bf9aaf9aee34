"""Patterns of the ARNs of tables in settings, for tables that an audit of AWS accounts finds.

An ARN is `arn:PARTITION:dynamodb:REGION:ACCOUNT:table/NAME`. None of its parts can contain a colon.

Source: AWS Service Authorization Reference, "Actions, resources, and condition keys for Amazon
DynamoDB" (the format of a table's ARN).
"""

from __future__ import annotations

from ..patterns import ANY, matches

_UNLIKELY_TABLE = "arn:\0:dynamodb:\0:\0:table/\0"
"""Matches no pattern that says anything about the Region, the account, or the name."""


def is_arn_pattern(text: str) -> bool:
    """Return whether a pattern of tables matches ARNs. No name of a table has a colon."""
    return text.startswith("arn:")


def matches_every_arn(text: str) -> bool:
    """Return whether a pattern of ARNs matches every table of every account."""
    # A partition alone says nothing about tables.
    _, _, rest = text.removeprefix("arn:").partition(":")
    return is_arn_pattern(text) and matches(f"arn:{ANY}:{rest}" if rest else ANY, _UNLIKELY_TABLE)
