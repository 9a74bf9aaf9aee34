"""The tables that need attention in GitLab's format of code quality, for merge requests.

GitLab compares the fingerprints with those of the target branch, and shows what is new and what is
fixed. It shows a description on one line and a path for each result, so the path is that of the
SARIF report, and so is what is a result.

Source: GitLab Docs, "Code Quality", "Code Quality report format".
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, TextIO

from audit.results import Audit

from . import sarif, words
from .json_text import write_items

WARNING = "warning"
_INCOMPLETE = "incomplete-coverage"
_SEVERITIES = {"error": "critical", "warning": "minor"}


def write(audit: Audit, out: TextIO) -> None:
    """Write a JSON array, one result on each line, what could not be read included."""
    write_items(_entries(audit), out)
    out.write("\n")


def entry(check: str, severity: str, text: str, path: str, *identity: str) -> Mapping[str, Any]:
    """Return a result.

    Args:
        check: the name of the check.
        severity: "info", "minor", "major", "critical", or "blocker".
        text: the description, which becomes one line.
        path: the path, as a relative URI.
        identity: what stays the same if the text changes.
    """
    return {
        "description": words.on_one_line(text).strip() or check,
        "check_name": check,
        "fingerprint": hashlib.sha256(json.dumps([check, *identity]).encode()).hexdigest(),
        "severity": severity,
        "location": {"path": path, "lines": {"begin": 1}},
    }


def _entries(audit: Audit) -> Iterator[Mapping[str, Any]]:
    for warning in dict.fromkeys(audit.run.warnings):
        yield entry(WARNING, "info", warning, "coverage", warning)
    places: Counter[tuple[str, ...]] = Counter()
    for place in audit.incomplete:
        # The states of several files can be of stacks with the same name.
        places[place.order] += 1
        text = f"{words.where(place)}: {words.status(place)}. {place.reason}"
        number = str(places[place.order])
        yield entry(_INCOMPLETE, "major", text, "coverage", *place.order, number)
    for finding in audit.findings:
        for rule in sarif.rules_of(finding):
            severity = _SEVERITIES[rule.level]
            text = f"{words.place(finding)}: {sarif.message_of(finding, rule)}"
            names = (finding.backend, finding.stack, finding.account, finding.region)
            path = sarif.path(finding)
            yield entry(rule.id, severity, text, path, *names, finding.table, finding.urn)
