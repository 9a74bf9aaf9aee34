"""From a policy's configuration to the rule's settings, or to what is wrong with it.

The engine has checked what the schema tells it to, and lets every name pass that the schema does
not have. All of it is checked here again: a configuration that nobody has checked must not make the
rule laxer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, timezone
from difflib import get_close_matches
from typing import Any

from ..encryption import (
    EVERY_TABLE,
    AllowedKeys,
    Exemption,
    KeyManager,
    KeyToSet,
    KmsKey,
    Settings,
    UrnPattern,
    fault_of_entry,
    fault_of_urn_pattern,
    json_type,
    one_line,
    read_key,
)
from .schema import (
    ALLOWED_KMS_KEYS,
    EXEMPTIONS,
    EXPIRES,
    REASON,
    REMEDIATION_KMS_KEY,
    REQUIRE_CUSTOMER_MANAGED_KEY,
    SCHEMA,
    TABLE,
    URN,
)

Tell = Callable[[str], None]
"""Takes what is wrong."""

_LONGEST_NAME = 61
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ANY_REGION = "eu-west-1"
"""Stands for any Region, where what is said of an ARN is true in each."""


def today() -> date:
    """The day in UTC."""
    return datetime.now(timezone.utc).date()


def read(config: Mapping[str, Any] | None, day: date | None = None) -> Settings:
    """Read a policy's configuration.

    config: as the engine hands it over: JSON, with defaults filled in, and numbers as floats.
    day: the day to read it for; today where none is given.

    Nothing raises: what is wrong is in the settings' `faults`.
    """
    config = config or {}
    faults: list[str] = []
    for name in sorted(map(str, config)):
        if name not in SCHEMA:
            faults.append(_unknown("setting", name, SCHEMA))
    strict = config.get(REQUIRE_CUSTOMER_MANAGED_KEY, False)
    if not isinstance(strict, bool):
        faults.append(_wrong(REQUIRE_CUSTOMER_MANAGED_KEY, strict, "true or false"))
    allowed = _allowed(config.get(ALLOWED_KMS_KEYS, []), faults.append)
    settings = Settings(
        require_customer_managed_key=strict is not False,
        allowed_keys=AllowedKeys(allowed) if allowed else None,
        exemptions=_exemptions(config.get(EXEMPTIONS, []), day or today(), faults.append),
        remediation_key=_remediation_key(config.get(REMEDIATION_KMS_KEY, ""), faults.append),
    )
    if not faults:
        faults += _contradictions(settings)
    return replace(settings, faults=tuple(faults))


def _allowed(value: object, tell: Tell) -> list[str]:
    if not isinstance(value, list):
        tell(_wrong(ALLOWED_KMS_KEYS, value, "a list of ARNs and account ids"))
        return []
    entries = []
    for index, entry in enumerate(value):
        place = f"{ALLOWED_KMS_KEYS}[{index}]"
        if not isinstance(entry, str):
            tell(_wrong(place, entry, "a string"))
            continue
        fault = fault_of_entry(entry)
        if fault is None:
            entries.append(entry)
        else:
            tell(f"{place} is {fault}")
    return entries


def _exemptions(value: object, day: date, tell: Tell) -> tuple[Exemption, ...]:
    if not isinstance(value, list):
        tell(_wrong(EXEMPTIONS, value, "a list of objects"))
        return ()
    read = (
        _exemption(item, f"{EXEMPTIONS}[{index}]", day, tell) for index, item in enumerate(value)
    )
    return tuple(it for it in read if it is not None)


def _exemption(item: object, place: str, day: date, tell: Tell) -> Exemption | None:
    faults: list[str] = []
    if not isinstance(item, dict):
        tell(_wrong(place, item, "an object"))
        return None
    known = (TABLE, URN, REASON, EXPIRES)
    faults += [_unknown(f"property of {place}", str(it), known) for it in item if it not in known]
    table = _pattern(item, TABLE, place, faults.append)
    urn = _pattern(item, URN, place, faults.append)
    if TABLE not in item and URN not in item:
        faults.append(f"{place} has neither {TABLE} nor {URN}, so it names no table")
    reason = item.get(REASON)
    if not isinstance(reason, str) or not reason.strip():
        faults.append(f"{place} has no {REASON}: say why the table is exempt")
    expires = None
    if EXPIRES in item:
        expires = _date(item[EXPIRES], f"{EXPIRES} of {place}", faults.append)
    for fault in faults:
        tell(fault)
    if faults:
        return None
    return Exemption(
        reason=str(reason).strip(),
        table=table,
        urn=UrnPattern(urn) if urn is not None else None,
        expires=expires,
        ended=expires is not None and day > expires,
    )


def _pattern(item: Mapping[str, object], name: str, of: str, tell: Tell) -> str | None:
    """The pattern in property `name` of an exemption; None where it has none, or a wrong one."""
    if name not in item:
        return None
    value, place = item[name], f"{name} of {of}"
    if not isinstance(value, str):
        tell(_wrong(place, value, "a name or pattern"))
        return None
    every = None if value.strip("*") else EVERY_TABLE
    fault = fault_of_urn_pattern(value) if name == URN else every
    if fault is None:
        return value
    off = ": to switch the policy off, set its enforcement level to disabled"
    tell(f"{place} {fault}{off if fault == EVERY_TABLE else ''}")
    return None


def _date(value: object, place: str, tell: Tell) -> date | None:
    # fromisoformat takes other forms, too, in newer versions of Python.
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass  # no such day
    tell(f"{place} is no date such as 2027-01-31")
    return None


def _remediation_key(value: object, tell: Tell) -> KeyToSet | None:
    if value == "":
        return None
    if not isinstance(value, str):
        tell(_wrong(REMEDIATION_KMS_KEY, value, "the ARN of a key"))
        return None
    to_set = KeyToSet(value)
    arn = to_set.in_region(_ANY_REGION) or ""
    key = read_key(arn)
    if not isinstance(key, KmsKey) or not value.startswith("arn:"):
        found = "no ARN of a KMS key" if isinstance(key, KmsKey) else key.found
        tell(f"{REMEDIATION_KMS_KEY} is {found}: give it the ARN of a key or alias of KMS")
        return None
    if "*" in arn:
        tell(f"{REMEDIATION_KMS_KEY} has * in another place than the Region's")
        return None
    of_one_region = str(key.resource).startswith("key/") and not _is_multi_region(key)
    if to_set.in_every_region and of_one_region:
        tell(
            f"{REMEDIATION_KMS_KEY} has * for the Region, but names a key of one Region: only the "
            "id of a multi-Region key (mrk-…) and an alias stand for a key in each"
        )
        return None
    if key.manager is KeyManager.AWS:
        tell(f"{REMEDIATION_KMS_KEY} is the AWS managed key: leave it out to use that one")
        return None
    return to_set


def _is_multi_region(key: KmsKey) -> bool:
    return str(key.resource).startswith("key/mrk-")


def _contradictions(settings: Settings) -> list[str]:
    if settings.remediation_key is None or settings.allowed_keys is None:
        return []
    key = read_key(settings.remediation_key.in_region(_ANY_REGION) or "")
    if isinstance(key, KmsKey) and settings.allowed_keys.has_in_some_region(key):
        return []
    return [f"{REMEDIATION_KMS_KEY} is none of {ALLOWED_KMS_KEYS}, as written there: add it"]


def _unknown(what: str, name: str, known: Any) -> str:
    shown = one_line(name, _LONGEST_NAME)
    nearest = next(iter(get_close_matches(name, list(known), 1)), None)
    meant = f" (did you mean '{nearest}'?)" if nearest else ""
    return f"there is no {what} called '{shown}'{meant}"


def _wrong(place: str, value: object, meant: str) -> str:
    return f"{place} is {json_type(value)} instead of {meant}"
