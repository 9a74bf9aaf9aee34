"""Policy exceptions, Pulumi's own exemptions: write them from settings, and check those of a file.

An exception names policies and URNs exactly, so an exception for a table needs the names of all
policies that report the table.

Source: Pulumi, pkg/resource/analyzer/exceptions.go (the format, and what is refused) and
pkg/resource/deploy/step_generator.go (remediation comes before exceptions).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from audit.stacks.states import is_urn
from policies import POLICIES, dynamodb_table_kms_encryption
from policies.encryption.values import json_type, quoted
from policies.settings.reading import unknown_name

EXCEPTIONS = "exceptions"
NAMES = tuple(policy.name for policy in POLICIES)
_REMEDIATING = dynamodb_table_kms_encryption.POLICY.name
_ID = re.compile(r"[A-Za-z0-9_.-]+")


def with_policy_names(exceptions: Mapping[str, Any]) -> dict[str, Any]:
    """Return exceptions as the CLI reads them, with the names of all policies.

    Args:
        exceptions: ID → {"reason": ..., "targets": [URN, ...]}.
    """
    return {
        exception_id: {
            "reason": exception["reason"],
            "match": [{"policies": list(NAMES), "targets": exception["targets"]}],
        }
        for exception_id, exception in exceptions.items()
    }


def faults_of_settings(exceptions: object) -> list[str]:
    """Return what is wrong with exceptions that `with_policy_names` completes."""
    return [*_faults(exceptions, ("reason", "targets"), _target_faults)]


def faults_of_file(exceptions: object) -> list[str]:
    """Return what is wrong with the exceptions of a configuration file of version 2."""
    return [*_faults(exceptions, ("reason", "match"), _match_faults)]


def notes_of_file(exceptions: object, levels: Mapping[str, object]) -> Iterator[str]:
    """Yield what correct exceptions don't do.

    Args:
        exceptions: the exceptions of a configuration file.
        levels: policy → enforcement level, of the policies that are not disabled.
    """
    names: dict[str, set[str]] = {}
    for exception in exceptions.values() if isinstance(exceptions, dict) else ():
        for entry in exception["match"]:
            for target in entry["targets"]:
                names.setdefault(target, set()).update(entry["policies"])
    for target, named in names.items():
        if missing := [name for name in levels if name not in named]:
            yield (
                f"No exception for '{target}' names {' or '.join(missing)}, which can still "
                "report the table. Name each policy."
            )
    if names and levels.get(_REMEDIATING) == "remediate":
        yield (
            f"{_REMEDIATING} has the level remediate, which also changes a table that has an "
            "exception. To leave the table as it is, write an exemption."
        )
    if names:
        yield (
            "`pulumi policy enable` ignores the exceptions of a file. For a pack that is enabled "
            "in Pulumi Cloud, create them there."
        )


_Faults = Callable[[Mapping[str, Any]], Iterator[str]]
"""Yields what is wrong with an exception's match or targets, without the subject."""


def _faults(exceptions: object, known: Collection[str], match_faults: _Faults) -> Iterator[str]:
    if not isinstance(exceptions, dict):
        yield f"{EXCEPTIONS} is {json_type(exceptions)} instead of an object of exceptions by ID."
        return
    for exception_id, value in exceptions.items():
        subject = f"The exception {quoted(exception_id)}"
        exception = value if isinstance(value, dict) else {}
        reason = exception.get("reason")
        if not _ID.fullmatch(exception_id):
            yield f"{subject} has an ID with other characters than letters, digits, '-', '.', '_'."
        if not isinstance(reason, str) or not reason.strip():
            yield f"{subject} has no reason: say why the table is exempt."
        for fault in (*match_faults(exception), *_unknown_properties(exception, known)):
            yield f"{subject}{fault}"


def _match_faults(exception: Mapping[str, Any]) -> Iterator[str]:
    match = exception.get("match")
    entries = match if isinstance(match, list) else []
    if not entries or not all(isinstance(entry, dict) for entry in entries):
        yield " has no list of objects with policies and targets as its match."
        return
    for entry in entries:
        names = entry.get("policies")
        if not names or not is_list_of_strings(names):
            yield " has no list of policies in its match."
        else:
            unknown = (name for name in names if name not in NAMES)
            yield from (f": {unknown_name('policy', name, NAMES)}" for name in unknown)
        yield from _target_faults(entry, " of its match")
        yield from _unknown_properties(entry, ("policies", "targets"))


def _target_faults(entry: Mapping[str, Any], place: str = "") -> Iterator[str]:
    targets = entry.get("targets")
    if not targets or not is_list_of_strings(targets) or not all(map(is_urn, targets)):
        yield f" has no list of URNs as the targets{place}."


def _unknown_properties(entry: Mapping[str, Any], known: Collection[str]) -> Iterator[str]:
    """Yield the properties that the CLI ignores, such as a date on which an exception ends."""
    for name in entry:
        if name not in known:
            yield f": {unknown_name('property', name, known)} The CLI ignores it."


def is_list_of_strings(value: object) -> bool:
    """Return whether a JSON value is a list of strings."""
    return isinstance(value, list) and all(isinstance(item, str) for item in value)
