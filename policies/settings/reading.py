"""Read a policy's configuration, and report what is wrong with it.

The engine checks what the schema describes, and ignores a name that is not in the schema.
Everything is checked again here: a configuration that the engine has not checked must not weaken
the rule.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime, timezone
from difflib import get_close_matches
from typing import Any

from ..encryption.allowed_keys import AllowedKeys, entry_fault
from ..encryption.arns import Arn
from ..encryption.keys import KeyManager, KmsKey, NotAKmsKey, read_key
from ..encryption.settings import RemediationKey, RuleSettings
from ..encryption.values import json_type, one_line
from ..exemptions import (
    SOON,
    Exemption,
    Exemptions,
    UrnPattern,
    matches_every_arn,
    matches_every_table,
    urn_pattern_fault,
)
from ..patterns import ANY
from .schema import (
    ALLOWED_KMS_KEYS,
    ENFORCEMENT_LEVEL,
    EXEMPTIONS,
    EXPIRES,
    REASON,
    REMEDIATION_KMS_KEY,
    REQUIRE_CUSTOMER_MANAGED_KEY,
    SCHEMA,
    TABLE,
    URN,
)
from .settings import Settings

_Report = Callable[[str], None]
"""Takes what is wrong, as a sentence."""

PLACEHOLDER = "TODO: say why this table is exempt"
"""The reason of an exemption that the audit suggests. It is refused until someone replaces it."""

_LONGEST_NAME = 61
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ANY_REGION = "eu-west-1"
"""An example, for what holds in each Region."""


def today() -> date:
    """Return the current day in UTC."""
    return datetime.now(timezone.utc).date()


def read(config: Mapping[str, Any] | None, day: date | None = None) -> Settings:
    """Read a policy's configuration. Nothing raises.

    Args:
        config: what the engine passes: JSON with the defaults filled in and numbers as floats.
        day: the day that decides which exemptions have expired; today by default.

    Returns:
        The settings. What is wrong with the configuration is in their `faults`.
    """
    config = config or {}
    faults: list[str] = []
    for name in sorted(map(str, config)):
        if name not in SCHEMA:
            faults.append(unknown_name("setting", name, (*SCHEMA, ENFORCEMENT_LEVEL)))
    require = config.get(REQUIRE_CUSTOMER_MANAGED_KEY, False)
    if not isinstance(require, bool):
        faults.append(_wrong_type(REQUIRE_CUSTOMER_MANAGED_KEY, require, "true or false"))
    allowed = _allowed_keys(config.get(ALLOWED_KMS_KEYS, []), faults.append)
    rule = RuleSettings(
        require_customer_managed_key=require is not False,
        allowed_keys=AllowedKeys(allowed) if allowed else None,
        remediation_key=_remediation_key(config.get(REMEDIATION_KMS_KEY, ""), faults.append),
    )
    exemptions = _exemptions(config.get(EXEMPTIONS, []), day or today(), faults.append)
    if not faults:
        faults += _contradictions(rule)
    return Settings(rule, exemptions, tuple(faults))


def _allowed_keys(value: object, report: _Report) -> list[str]:
    if not isinstance(value, list):
        report(_wrong_type(ALLOWED_KMS_KEYS, value, "a list of ARNs and account IDs"))
        return []
    entries = []
    for index, entry in enumerate(value):
        place = f"{ALLOWED_KMS_KEYS}[{index}]"
        if not isinstance(entry, str):
            report(_wrong_type(place, entry, "a string"))
            continue
        fault = entry_fault(entry)
        if fault is None:
            entries.append(entry)
        else:
            report(f"{place} is {fault}.")
    return entries


def _exemptions(value: object, day: date, report: _Report) -> Exemptions:
    if not isinstance(value, list):
        report(_wrong_type(EXEMPTIONS, value, "a list of objects"))
        return Exemptions()
    read_items = (
        _exemption(item, f"{EXEMPTIONS}[{index}]", day, report) for index, item in enumerate(value)
    )
    return Exemptions(exemption for exemption in read_items if exemption is not None)


def _exemption(item: object, place: str, day: date, report: _Report) -> Exemption | None:
    if not isinstance(item, dict):
        report(_wrong_type(place, item, "an object"))
        return None
    faults: list[str] = []
    known = (TABLE, URN, REASON, EXPIRES)
    faults += [
        unknown_name(f"property of {place}", str(name), known) for name in item if name not in known
    ]
    table = _pattern(item, TABLE, place, faults.append)
    urn = _pattern(item, URN, place, faults.append)
    if _matches_every_table(item):
        faults.append(
            f"{place}.{TABLE if TABLE in item else URN} matches every table. To turn a policy off, "
            "set its enforcement level to disabled."
        )
    if TABLE not in item and URN not in item:
        faults.append(f"{place} has neither {TABLE} nor {URN}, so it does not name a table.")
    reason = item.get(REASON)
    if (fault := reason_fault(reason)) is not None:
        faults.append(f"{place}{fault}")
    expires = None
    if EXPIRES in item:
        expires = _date(item[EXPIRES], f"{place}.{EXPIRES}", faults.append)
    for fault in faults:
        report(fault)
    if faults:
        return None
    return Exemption(
        reason=str(reason).strip(),
        table=table,
        urn=UrnPattern(urn) if urn is not None else None,
        expires=expires,
        expired=expires is not None and day > expires,
        ends_soon=expires is not None and 0 <= (expires - day).days <= SOON,
    )


def reason_fault(reason: object) -> str | None:
    """Return what is wrong with the reason of an exemption, completing its subject.

    A part of the placeholder is refused, too, with any spelling: "todo", or its text after other
    words.
    """
    if not isinstance(reason, str) or not reason.strip():
        return f" has no {REASON}: say why the table is exempt."
    marker, _, instruction = PLACEHOLDER.partition(":")
    letters = _letters(reason)
    if letters in ("", _letters(marker)) or _letters(instruction) in letters:
        return f" still has the placeholder as its {REASON}: say why the table is exempt."
    return None


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _pattern(item: Mapping[str, object], name: str, exemption: str, report: _Report) -> str | None:
    """Return the pattern in a property of an exemption; None if it is missing or wrong."""
    if name not in item:
        return None
    value, place = item[name], f"{exemption}.{name}"
    if not isinstance(value, str):
        report(_wrong_type(place, value, "a name or pattern"))
        return None
    # A pattern of every table is reported together with the other pattern of the exemption.
    is_checked = name == URN and not matches_every_table(value)
    fault = urn_pattern_fault(value) if is_checked else None
    if fault is not None:
        report(f"{place} {fault}.")
        return None
    if not value and not _matches_every_table(item):
        report(f"{place} is empty.")
        return None
    return value


def _matches_every_table(item: Mapping[str, object]) -> bool:
    table, urn = item.get(TABLE, ANY), item.get(URN, ANY)
    return (
        bool({TABLE, URN} & item.keys())
        and isinstance(table, str)
        and (not table.strip(ANY) or matches_every_arn(table))
        and isinstance(urn, str)
        and matches_every_table(urn)
    )


def _date(value: object, place: str, report: _Report) -> date | None:
    # Newer versions of Python accept other forms in fromisoformat, too.
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    report(f"{place} is not a date such as 2027-01-31.")
    return None


def _remediation_key(value: object, report: _Report) -> RemediationKey | None:
    if value == "":
        return None
    if not isinstance(value, str):
        report(_wrong_type(REMEDIATION_KMS_KEY, value, "the ARN of a key"))
        return None
    arn = Arn.parse(value)
    if arn is not None and ANY in arn.account:
        report(f"{REMEDIATION_KMS_KEY} has * as the account. Write the account's ID.")
        return None
    to_set = RemediationKey(arn) if arn is not None else None
    example = str(_in_any_region(to_set)) if to_set else value
    key = read_key(example)
    if to_set is None or isinstance(key, NotAKmsKey):
        found = key.found if isinstance(key, NotAKmsKey) else "not the ARN of a KMS key"
        report(f"{REMEDIATION_KMS_KEY} is {found}. Set it to the ARN of a KMS key or alias.")
        return None
    if ANY in example:
        report(f"{REMEDIATION_KMS_KEY} has * in another part than the Region.")
        return None
    resource = str(key.resource)
    if to_set.in_every_region and resource.startswith("key/") and not _is_multi_region(resource):
        report(
            f"{REMEDIATION_KMS_KEY} has * as the Region but names a single-Region key. Only an "
            "alias or the ID of a multi-Region key (mrk-…) names a key in each Region."
        )
        return None
    if key.manager is KeyManager.AWS:
        report(
            f"{REMEDIATION_KMS_KEY} is the AWS managed key. Leave the setting out to use that key."
        )
        return None
    return to_set


def _in_any_region(key: RemediationKey) -> Arn:
    return key.arn._replace(region=_ANY_REGION) if key.in_every_region else key.arn


def _is_multi_region(resource: str) -> bool:
    return resource.startswith("key/mrk-")


def _contradictions(rule: RuleSettings) -> list[str]:
    if rule.allowed_keys is None:
        return []
    faults = []
    if rule.require_customer_managed_key and not rule.allowed_keys.usable(None):
        faults.append(
            f"No key complies: {REQUIRE_CUSTOMER_MANAGED_KEY} accepts customer managed keys only, "
            f"and {ALLOWED_KMS_KEYS} has none."
        )
    if rule.remediation_key is not None:
        key = read_key(str(_in_any_region(rule.remediation_key)))
        if not isinstance(key, KmsKey) or not rule.allowed_keys.match_in_some_region(key):
            faults.append(
                f"{REMEDIATION_KMS_KEY} is not in {ALLOWED_KMS_KEYS}. Add it there as it is "
                "written here."
            )
    return faults


def unknown_name(what: str, name: str, known: Collection[str]) -> str:
    """Return what is wrong with a name that is not known, with the nearest name that is.

    Args:
        what: what the name should name, e.g. "setting".
        name: the name.
        known: the names that are known.
    """
    shown = one_line(name, _LONGEST_NAME)
    nearest = next(iter(get_close_matches(name, list(known), 1)), None)
    meant = f" Did you mean '{nearest}'?" if nearest else ""
    return f"There is no {what} called '{shown}'.{meant}"


def _wrong_type(place: str, value: object, expected: str) -> str:
    return f"{place} is {json_type(value)} instead of {expected}."
