"""The key that a table should name: what to write into a line, and which key that is."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from ..encryption.allowed_keys import Match, is_one_key
from ..encryption.arns import Arn
from ..encryption.keys import AWS_MANAGED_KEY, KmsKey
from ..encryption.settings import RuleSettings
from ..encryption.spelling import Spelling
from ..settings.schema import ALLOWED_KMS_KEYS, REQUIRE_CUSTOMER_MANAGED_KEY
from .regions import shown_region

PLACEHOLDER = "KEY"
"""What a line has in place of a key that the reader chooses."""

DRIFT = (
    " The line names an alias: the provider records the key behind it, so each preview shows the "
    f"same change. To avoid that, ask the team that manages the settings to add the key's ARN to "
    f"{ALLOWED_KMS_KEYS}."
)


class KeyToWrite(NamedTuple):
    """The customer managed key that a line names.

    Attributes:
        text: its ARN, or `PLACEHOLDER`.
        meaning: the clause after the line that describes the key.
        more: sentences after that.
    """

    text: str
    meaning: str
    more: str = ""


def key_to_write(
    settings: RuleSettings,
    spelling: Spelling,
    region: str | None,
    owner: str = "table",
    like: KmsKey | None = None,
) -> KeyToWrite | None:
    """Return the customer managed key to write for a table or a replica.

    Args:
        settings: what the rule accepts.
        spelling: the property names of the table's type.
        region: the Region of the table or replica; None if not known.
        owner: whose Region it is: "table", "replica", or "replica" for each replica of a table.
        like: a key that the others should be similar to.

    Returns:
        The key; None if the settings allow no key in the Region.
    """
    shown = shown_region(region)
    place = shown or f"the {owner}'s Region"
    if settings.allowed_keys is None:
        if settings.require_customer_managed_key:
            kind, why = "a customer managed key", f", as {REQUIRE_CUSTOMER_MANAGED_KEY} requires"
        else:
            kind, why = "a symmetric encryption key", ""
        return KeyToWrite(
            PLACEHOLDER, f", where {PLACEHOLDER} is the ARN of {kind} in {place}{why}"
        )
    usable = settings.allowed_keys.usable(shown, like)
    if not usable:
        return None
    first, *others = usable
    also_accepted = "".join(f" It also accepts {_described(other)}." for other in others)
    if not is_one_key(first):
        meaning = (
            f", where {PLACEHOLDER} is the ARN of {_described(first)} in {place}, as "
            f"{ALLOWED_KMS_KEYS} requires"
        )
        return KeyToWrite(PLACEHOLDER, meaning, also_accepted)
    accepted = f" {ALLOWED_KMS_KEYS} accepts this key"
    accepted += "." if shown else f" for a {owner} in {first.region}."
    drift = DRIFT if spelling.keeps_key and first.resource.startswith("alias/") else ""
    return KeyToWrite(str(first), "", f"{accepted}{also_accepted}{drift}")


def no_key(region: str | None, owner: str = "table") -> str:
    """Return the sentences that say that the settings allow no key in a Region."""
    place = shown_region(region) or f"the {owner}'s Region"
    return (
        f"{ALLOWED_KMS_KEYS} allows no customer managed key in {place}. Ask the team that manages "
        "the settings to add one."
    )


def match_aws_managed_key(
    settings: RuleSettings, region: str | None, account: str | None = None
) -> Match:
    """Return whether a table in a Region and an account may use the AWS managed key."""
    if settings.require_customer_managed_key:
        return Match.NO
    allowed = settings.allowed_keys
    key = replace(AWS_MANAGED_KEY, region=region, account=account)
    return Match.YES if allowed is None else allowed.match(key)


def _described(pattern: Arn) -> str:
    if is_one_key(pattern):
        return str(pattern)
    if not pattern.resource:
        return f"any customer managed key of the account {pattern.account}"
    kind = "alias" if pattern.resource.startswith("alias/") else "key"
    return f"any {kind} that matches {pattern}"
