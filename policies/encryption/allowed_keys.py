"""The list of allowed keys, and whether a table's key is in it.

An entry is an account ID or an ARN, each of whose parts may have `*`. A table can name its key
without an account (by an alias name or a key ID), and an alias and its key are two names of one
key. Only AWS can match those with an entry, so the answer is "maybe" instead of a guess. A `*`
matches AWS managed keys only in an entry that itself says `alias/aws/`.

Sources: AWS General Reference, "Amazon Resource Names (ARNs)"; AWS KMS Developer Guide, "Key
identifiers (KeyId)" and "Aliases in AWS KMS" (an alias and its key share account and Region).
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterable
from enum import IntEnum

from ..patterns import ANY, matches
from .arns import COMMERCIAL_PARTITION, PARTITIONS, Arn, partition_of
from .keys import (
    AWS_ALIAS_PREFIX,
    AWS_MANAGED_ALIAS,
    KeyManager,
    KmsKey,
    NotAKmsKey,
    read_key,
)

MOST_USABLE = 2
"""The number of keys that a message names."""

MATCHES_EVERY_KEY = "an ARN that matches every key: to accept any key, leave the setting out"

_EVERY_RESOURCE = ""
"""The resource of an account ID's entry, which also matches AWS managed keys."""

_ACCOUNT = re.compile(r"[0-9]{12}")
_ACCOUNT_LENGTH = 12


class Match(IntEnum):
    """Whether a key is in the list. Of two entries, the greater answer counts."""

    NO = 0
    MAYBE = 1
    YES = 2


class AllowedKeys:
    """The keys that a user allows.

    Args:
        entries: the list's entries, for which `entry_fault` returns None.
    """

    def __init__(self, entries: Iterable[str]) -> None:
        self.entries = tuple(entries)
        self._patterns = [_pattern(entry) for entry in self.entries]
        self._matches: dict[KmsKey, Match] = {}

    def match(self, key: KmsKey) -> Match:
        """Return whether a key is in the list."""
        match = self._matches.get(key)
        if match is None:
            match = max((_match(pattern, key) for pattern in self._patterns), default=Match.NO)
            self._matches[key] = match
        return match

    def match_in_some_region(self, key: KmsKey) -> bool:
        """Return whether a key, whose Region may be open, is certainly allowed in some Region."""
        return any(
            _match(pattern._replace(region=ANY), key) is Match.YES for pattern in self._patterns
        )

    def usable(self, region: str | None, like: KmsKey | None = None) -> list[Arn]:
        """Return some customer managed keys that are allowed in a Region, the best ones first.

        Args:
            region: the Region of a table; None if not known.
            like: a key that the others should be similar to.

        Returns:
            The ARN of a key, or a pattern of such ARNs, from each of at most `MOST_USABLE` entries.
            An entry that is an account ID is a pattern with an empty resource.
        """
        wanted = like or KmsKey(KeyManager.CUSTOMER)

        def rank(pattern: Arn) -> tuple[int, int, bool, bool]:
            parts = ("partition", "region", "account", "resource")
            same = sum(getattr(pattern, part) == getattr(wanted, part) for part in parts)
            similar = _common_prefix(pattern.resource, wanted.resource or "")
            # The key behind an alias can be recorded in place of the alias.
            return same, similar, is_one_key(pattern), not pattern.resource.startswith("alias/")

        patterns = filter(None, (_in_region(pattern, region) for pattern in self._patterns))
        return heapq.nlargest(MOST_USABLE, patterns, rank)


def is_one_key(pattern: Arn) -> bool:
    """Return whether a pattern is the ARN of one key or alias."""
    return pattern.resource != _EVERY_RESOURCE and ANY not in str(pattern)


def entry_fault(entry: str) -> str | None:
    """Return what is wrong with an entry, completing "it is …"; None for a correct entry."""
    if _ACCOUNT.fullmatch(entry):
        return None
    arn = Arn.parse(entry)
    if arn is None:
        return (
            "not a key ARN, an alias ARN, or an account ID (an ARN has six parts between colons; "
            "a part may have * but can't be left out)"
        )
    if arn.service != "kms":
        named = read_key(entry.replace(ANY, "x"))
        return named.found if isinstance(named, NotAKmsKey) else "an ARN of another service"
    if not any(part.strip(f"{ANY}/-") for part in (arn.region, arn.account, arn.resource)):
        return MATCHES_EVERY_KEY
    if not _can_match_account(arn.account):
        return "an ARN of KMS whose fifth part is not an account ID"
    example = read_key(str(_example(arn)))
    return example.found if isinstance(example, NotAKmsKey) else None


def _example(pattern: Arn) -> Arn:
    """Return an ARN that the pattern matches, if it matches that of a key or an alias at all."""
    partition = next(
        (known for known in PARTITIONS if matches(pattern.partition, known)), pattern.partition
    )
    resource = pattern.resource.replace(ANY, "x")
    if ANY in pattern.resource and not pattern.resource.startswith(("key/", "alias/")):
        kinds = [kind for kind in ("key", "alias") if _can_match_kind(pattern.resource, kind)]
        resource = f"{kinds[0]}/x" if kinds else resource
    elif matches(pattern.resource, AWS_MANAGED_ALIAS):
        resource = AWS_MANAGED_ALIAS
    region, account = (part.replace(ANY, "x") for part in (pattern.region, pattern.account))
    return Arn(partition, pattern.service, region, account, resource)


def _can_match_account(pattern: str) -> bool:
    digits = pattern.replace(ANY, "")
    if ANY in pattern:
        digits += "0" * (_ACCOUNT_LENGTH - len(digits))
    return _ACCOUNT.fullmatch(digits) is not None


def _pattern(entry: str) -> Arn:
    return Arn.parse(entry) or Arn(ANY, "kms", ANY, entry, _EVERY_RESOURCE)


def _in_region(pattern: Arn, region: str | None) -> Arn | None:
    """Return the part of a pattern that matches customer managed keys of a Region."""
    if pattern.resource.startswith(AWS_ALIAS_PREFIX):
        return None
    if region is None:
        return pattern
    partition = partition_of(region)
    if not (matches(pattern.region, region) and matches(pattern.partition, partition)):
        return None
    return pattern._replace(partition=partition, region=region)


def _match(pattern: Arn, key: KmsKey) -> Match:
    account = _match_part(pattern.account, key.account)
    region = _match_part(pattern.region, key.region)
    # Long lists are compared with the key of each table, so what differs first ends it.
    if Match.NO in (account, region):
        return Match.NO
    return min(
        account,
        region,
        _match_partition(pattern.partition, key),
        _match_resource(pattern.resource, key),
    )


def _match_partition(pattern: str, key: KmsKey) -> Match:
    """Match the partition of a key. A key that is named without one is in its Region's."""
    if key.partition is None and key.region is None:
        # Nearly all accounts are in this partition.
        return Match.YES if matches(pattern, COMMERCIAL_PARTITION) else Match.MAYBE
    return _match_part(pattern, key.partition or partition_of(key.region or ""))


def _match_part(pattern: str, part: str | None) -> Match:
    if pattern in (ANY, part):
        return Match.YES
    if part is None:
        return Match.MAYBE
    return Match.YES if ANY in pattern and matches(pattern, part) else Match.NO


def _match_resource(pattern: str, key: KmsKey) -> Match:
    if pattern == _EVERY_RESOURCE:
        return Match.YES
    if key.manager is KeyManager.AWS:
        says_aws = pattern.startswith(AWS_ALIAS_PREFIX)
        match = _match_part(pattern, AWS_MANAGED_ALIAS) if says_aws else Match.NO
        # The key's own ARN names it, too.
        return Match.YES if pattern == key.resource else match
    match = _match_part(pattern, key.resource)
    if key.aliases is not None:
        return max(match, *(_match_part(pattern, alias) for alias in key.aliases), Match.NO)
    if match is not Match.NO or key.resource is None:
        return match
    is_alias = key.resource.startswith("alias/")
    if is_alias and pattern == "key/*":
        return Match.YES
    return Match.MAYBE if _can_match_kind(pattern, "key" if is_alias else "alias") else Match.NO


def _common_prefix(one: str, other: str) -> int:
    for position, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return position
    return min(len(one), len(other))


def _can_match_kind(pattern: str, kind: str) -> bool:
    """Return whether a pattern can match a KMS resource of a kind, "key" or "alias"."""
    literal, star, _ = pattern.partition(ANY)
    return literal.startswith(f"{kind}/") or bool(star and f"{kind}/".startswith(literal))
