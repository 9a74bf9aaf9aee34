"""Violations and warnings in GitLab's format of code quality, see the audit's report of that name.

It has the violations of all policy packs and stacks. GitLab's widget has no room for what is
exempt, not applicable, remediated, or passed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, TextIO

from audit.events.results import Outcome, PolicyRun, Result
from audit.reports.codequality import WARNING, entry
from audit.reports.json_text import write_items

from . import sarif, words

_INCOMPLETE = "incomplete-results"
_SEVERITIES = {"low": "minor", "medium": "major", "high": "critical", "critical": "blocker"}


def write(run: PolicyRun, out: TextIO) -> None:
    """Write a JSON array, one result on each line, what could not be read included."""
    write_items(_entries(run), out)
    out.write("\n")


def _entries(run: PolicyRun) -> Iterator[Mapping[str, Any]]:
    for problem in dict.fromkeys(run.problems):
        yield entry(_INCOMPLETE, "major", problem, "pulumi", problem)
    for note in dict.fromkeys(run.notes):
        yield entry(WARNING, "info", note, "pulumi", note)
    numbers: Counter[tuple[str, str]] = Counter()
    for result in run.results:
        if result.outcome not in (Outcome.VIOLATION, Outcome.WARNING):
            continue
        check = f"{words.label(result.pack.name)}/{words.label(result.policy)}"
        numbers[check, result.urn] += 1
        text = f"{words.resource(result)}: {words.message(result)}"
        number = str(numbers[check, result.urn])
        yield entry(check, _severity(result), text, sarif.path(result), result.urn, number)


def _severity(result: Result) -> str:
    if result.outcome is Outcome.WARNING:
        return "info"
    return _SEVERITIES.get(result.severity.lower(), "major")
