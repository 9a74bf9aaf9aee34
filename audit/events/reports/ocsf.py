"""The results as OCSF Detection Findings, for a SIEM or a security lake.

Each violation, warning, exempt resource, remediated resource, and passed resource is an event.
Results that are not applicable are left out. `status_code` has Prowler's words: FAIL, MUTED, or
PASS; `unmapped.outcome` is the outcome. A violation is an alert, and a warning is none. What could
not be read is an event, too: its `metadata.event_code` is `incomplete-results`.

No event names a cloud account, because the events of Pulumi name none.

Sources: OCSF 1.5.0, class "Detection Finding" (2004), profile "datetime"; Prowler, "Reporting" (its
use of status_code).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime, timezone
from typing import Any, NamedTuple, TextIO

from audit.events.results import Outcome, PolicyRun, Result
from audit.reports.json_text import write_items
from audit.reports.ocsf import frame

from . import words

INCOMPLETE = "incomplete-results"
"""The event code of what could not be read."""

_NEW = (1, "New")
_SUPPRESSED = (3, "Suppressed")
_RESOLVED = (4, "Resolved")
_INFORMATIONAL = (1, "Informational")
_SEVERITIES = {
    "": (0, "Unknown"),
    "low": (2, "Low"),
    "medium": (3, "Medium"),
    "high": (4, "High"),
    "critical": (5, "Critical"),
}
_OTHER = (99, "Other")


class _Status(NamedTuple):
    code: str
    status: tuple[int, str]


_STATUSES = {
    Outcome.VIOLATION: _Status("FAIL", _NEW),
    Outcome.WARNING: _Status("FAIL", _NEW),
    Outcome.REMEDIATED: _Status("PASS", _RESOLVED),
    Outcome.EXEMPT: _Status("MUTED", _SUPPRESSED),
    Outcome.PASSED: _Status("PASS", _RESOLVED),
}
_PASSED = "The policy reports no violation."


def write(run: PolicyRun, out: TextIO) -> None:
    """Write a JSON array, one event on each line."""
    write_items(_events(run), out)
    out.write("\n")


def _events(run: PolicyRun) -> Iterator[Mapping[str, Any]]:
    for problem in run.problems:
        yield _problem(run, problem)
    numbers: Counter[str] = Counter()
    for result in run.results:
        if result.outcome in _STATUSES:
            uid = f"{result.pack.name}/{result.policy}/{result.urn}"
            numbers[uid] += 1
            # A policy can report several violations of a resource.
            yield _result(run, result, uid if numbers[uid] == 1 else f"{uid}#{numbers[uid]}")


def _result(run: PolicyRun, result: Result, uid: str) -> Mapping[str, Any]:
    is_open = result.outcome in (Outcome.VIOLATION, Outcome.WARNING)
    severity = _SEVERITIES.get(result.severity.lower(), _OTHER) if is_open else _INFORMATIONAL
    return {
        **_event(
            run,
            code=result.policy,
            uid=uid,
            title=words.label(result.policy),
            reason=_PASSED if result.outcome is Outcome.PASSED else words.message(result),
            status=_STATUSES[result.outcome],
            severity=severity,
        ),
        "is_alert": result.outcome is Outcome.VIOLATION,
        "resources": [
            {
                "uid": result.urn,
                "name": result.name,
                "type": result.type,
                "group": {"name": f"{result.project}/{result.stack}"},
            }
            if result.urn
            else {"name": words.resource(result), "type": "pulumi:pulumi:Stack"}
        ],
        "unmapped": {
            "outcome": result.outcome.value,
            "policy_pack": result.pack.name,
            "policy_pack_version": result.pack.version,
            "policy": result.policy,
            "enforcement_level": result.level,
            "severity": result.severity,
            "policy_exceptions": [
                {"id": exception.id, "reason": exception.reason} for exception in result.exceptions
            ],
            **_notes(run),
        },
    }


def _problem(run: PolicyRun, problem: str) -> Mapping[str, Any]:
    return {
        **_event(
            run,
            code=INCOMPLETE,
            uid=f"{INCOMPLETE}/{problem}",
            title="Not all results of policies were read",
            reason=problem,
            status=_Status("MANUAL", _NEW),
            severity=_SEVERITIES["medium"],
        ),
        "is_alert": False,
        "resources": [{"name": run.source, "type": "events"}],
        "unmapped": _notes(run),
    }


def _event(
    run: PolicyRun,
    *,
    code: str,
    uid: str,
    title: str,
    reason: str,
    status: _Status,
    severity: tuple[int, str],
) -> dict[str, Any]:
    # Without any event, there is no time but that of the report.
    time = run.finished or run.started or datetime.now(timezone.utc)
    return frame(
        code=code,
        uid=uid,
        title=title,
        reason=reason,
        time=time,
        status=(status.code, *status.status),
        severity=severity,
        version=run.version,
        profiles=("datetime",),
        analytic=(code, title),
    )


def _notes(run: PolicyRun) -> Mapping[str, Any]:
    """Return what a reader of a single event needs to know about the run."""
    return {"notes": list(run.notes)} if run.notes else {}
