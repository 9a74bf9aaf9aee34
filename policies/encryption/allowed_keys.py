"""Which keys a user allows, and whether a table's key is one of them.

An entry is an account id or an ARN, each of whose parts may have `*`. What a table names may leave
out the account (an alias name, a key id), and an alias and the key behind it are two names for one
key. Neither can be matched without AWS: the answer is "maybe" then, not a guess.

Sources: AWS General Reference, "Amazon Resource Names (ARNs)" (six parts); AWS KMS Developer Guide,
"Key identifiers (KeyId)", "Aliases in AWS KMS" (an alias and its key are in the same account and
Region).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from difflib import get_close_matches
from enum import IntEnum

from .globs import ANY, matches
from .key import KeyManager, KmsKey, NotAKmsKey, read_key
from .partitions import COMMERCIAL, PARTITIONS, partition_of

NEAREST = 2
"""How many entries a message names."""

_ACCOUNT = re.compile(r"[0-9]{12}")
_DIGITS = 12
_PARTS = 6


class Match(IntEnum):
    """Whether a key is in the list; the greater answer of two entries counts."""

    NO = 0
    MAYBE = 1
    YES = 2


@dataclass(frozen=True)
class _Entry:
    """The patterns of an entry's parts."""

    partition: str
    region: str
    account: str
    resource: str


class AllowedKeys:
    """The keys that a user allows."""

    def __init__(self, entries: Iterable[str]) -> None:
        """Take the list's entries, of which `fault_of_entry` finds nothing wrong."""
        self.entries = tuple(entries)
        self._read = [_entry(it) for it in self.entries]

    def match(self, key: KmsKey) -> Match:
        """Whether `key` is in the list."""
        return max((_match(entry, key) for entry in self._read), default=Match.NO)

    def has_in_some_region(self, key: KmsKey) -> bool:
        """Whether `key`, whose Region may be open, is certainly in the list in some Region."""
        return any(_match(replace(entry, region=ANY), key) is Match.YES for entry in self._read)

    def nearest(self, key: KmsKey) -> tuple[str, ...]:
        """The entries that are most like `key`, best first."""
        known = (key.partition, "kms", key.region, key.account, key.resource)
        text = ":".join(("arn", *(part or ANY for part in known)))
        return tuple(get_close_matches(text, self.entries, NEAREST, cutoff=0))


def fault_of_entry(entry: str) -> str | None:
    """What is wrong with an entry, completing "it is …"; None where nothing is."""
    if _ACCOUNT.fullmatch(entry):
        return None
    parts = entry.split(":", _PARTS - 1)
    if len(parts) < _PARTS or parts[0] != "arn":
        return (
            "no key ARN, alias ARN or account id (an ARN has six parts between colons; each may "
            "have *, none may be left out)"
        )
    if parts[2] != "kms":
        named = read_key(entry.replace(ANY, "x"))
        return named.found if isinstance(named, NotAKmsKey) else "an ARN of another service"
    if not _may_be_account(parts[4]):
        return "an ARN of KMS whose fifth part is no account id"
    sample = read_key(_sample(parts))
    return sample.found if isinstance(sample, NotAKmsKey) else None


def _sample(parts: list[str]) -> str:
    """An ARN that the patterns `parts` match, if they match that of a key or an alias at all."""
    partition = next((it for it in PARTITIONS if matches(parts[1], it)), parts[1])
    resource = parts[5].replace(ANY, "x")
    if ANY in parts[5] and not parts[5].startswith(("key/", "alias/")):
        kinds = [it for it in ("key", "alias") if _may_be(parts[5], it)]
        resource = f"{kinds[0]}/x" if kinds else resource
    rest = [it.replace(ANY, "x") for it in parts[2:5]]
    return ":".join([parts[0], partition, *rest, resource])


def _may_be_account(pattern: str) -> bool:
    digits = pattern.replace(ANY, "")
    missing = _DIGITS - len(digits)
    filled = digits + "0" * missing if ANY in pattern else digits
    return _ACCOUNT.fullmatch(filled) is not None


def _entry(text: str) -> _Entry:
    if ":" not in text:
        return _Entry(ANY, ANY, text, ANY)
    _, partition, _, region, account, resource = text.split(":", _PARTS - 1)
    return _Entry(partition, region, account, resource)


def _match(entry: _Entry, key: KmsKey) -> Match:
    return min(
        _match_part(entry.partition, key.partition or _partition(key)),
        _match_part(entry.region, key.region),
        _match_part(entry.account, key.account),
        _match_resource(entry.resource, key),
    )


def _partition(key: KmsKey) -> str:
    """The partition of a key that is named without one: that of its Region. Where that is not
    known either, it is the one that nearly all accounts are in: an alias has the same name in each.
    """
    return COMMERCIAL if key.region is None else partition_of(key.region)


def _match_part(pattern: str, part: str | None) -> Match:
    if pattern == ANY:
        return Match.YES
    if part is None:
        return Match.MAYBE
    return Match.YES if matches(pattern, part) else Match.NO


def _match_resource(pattern: str, key: KmsKey) -> Match:
    found = _match_part(pattern, key.resource)
    if found is not Match.NO or key.resource is None:
        return found
    if key.manager is KeyManager.AWS:
        # Whoever allows some keys by their ids does not mean the one that AWS makes by itself.
        return Match.NO
    is_alias = key.resource.startswith("alias/")
    if is_alias and pattern == "key/*":
        return Match.YES  # whichever it is
    return Match.MAYBE if _may_be(pattern, "key" if is_alias else "alias") else Match.NO


def _may_be(pattern: str, kind: str) -> bool:
    """Whether `pattern` may match a resource of KMS of `kind`."""
    literal, star, _ = pattern.partition(ANY)
    return literal.startswith(f"{kind}/") or bool(star and f"{kind}/".startswith(literal))
