"""The results that need attention as SARIF 2.1.0, for GitHub code scanning.

Each policy pack is a run, and each of its policies a rule. A violation is an error, a warning a
warning, and a remediated resource a note. An exempt resource is a suppressed result with the policy
exceptions, whose alert GitHub closes. Results that are not applicable or passed are only counts in
the properties of a run, because GitHub makes an alert of every result.

GitHub shows each result in a file, so each resource has a path: `pulumi/PROJECT/STACK/TYPE/NAME`.
The path needs no file in the repository. GitHub lists the alerts of a pull request in the
repository's code scanning alerts. It shows them in the pull request itself only for lines that the
pull request changes, so use the `markdown` report for a comment there.

A run without results closes the alerts of an earlier one. Its category is
`PACK/PROJECT/STACK/`, so that neither two policy packs nor two stacks replace each other's alerts.

Sources: OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0"; GitHub Docs,
"SARIF support for code scanning" (required properties, suppressions, categories, limits) and
"About code scanning alerts" (alerts in pull requests).
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, NamedTuple, TextIO

from audit.events.results import Outcome, Pack, PolicyRun, Result
from audit.reports.json_text import dumps, write_items
from audit.reports.sarif import RESULTS_A_RUN, RUNS_A_FILE, SCHEMA, plain_text, segment
from audit.reports.words import paragraphs, utc

from . import words

MOST_RUNS = 20
"""GitHub accepts 20 runs in a file."""
RESULTS_A_FILE = RESULTS_A_RUN * RUNS_A_FILE

LEVELS = {
    Outcome.VIOLATION: "error",
    Outcome.WARNING: "warning",
    Outcome.REMEDIATED: "note",
    Outcome.EXEMPT: "note",
}
"""The level of each outcome that is a result."""

_SECURITY_SEVERITIES = {"low": "2.0", "medium": "5.0", "high": "8.0", "critical": "9.5"}
"""GitHub's ranks: low below 4.0, medium below 7.0, high up to 9.0, and critical above."""

_INCOMPLETE = "incomplete-results"
_NOTE = "note"


class _Run(NamedTuple):
    """What one run of SARIF shows.

    Attributes:
        pack: the policy pack.
        category: the category of GitHub.
        shown: the results that need attention, each with its number among those of the same policy
            and resource.
        counts: the number of results of each outcome.
    """

    pack: Pack
    category: str
    shown: Sequence[tuple[Result, int]]
    counts: Mapping[Outcome, int]


@dataclass(frozen=True)
class _Part(PolicyRun):
    """Results for one file of several.

    Attributes:
        runs: the runs of SARIF in the file.
    """

    runs: Sequence[_Run] = ()


def parts(run: PolicyRun) -> Sequence[PolicyRun]:
    """Split the runs of SARIF into those that GitHub accepts in one file."""
    files: list[list[_Run]] = [[]]
    for each in _runs(run):
        results = sum(len(other.shown) for other in files[-1])
        if len(files[-1]) == MOST_RUNS or results + len(each.shown) > RESULTS_A_FILE:
            files.append([])
        files[-1].append(each)
    if len(files) == 1:
        return (run,)
    attributes = {field.name: getattr(run, field.name) for field in fields(run)}
    return [_Part(**attributes, runs=runs) for runs in files]


def write(run: PolicyRun, out: TextIO) -> None:
    """Write a run for each policy pack and stack, and for each 5,000 results of them."""
    runs = run.runs if isinstance(run, _Part) else _runs(run)
    out.write(f'{{\n"$schema": {dumps(SCHEMA)},\n"version": "2.1.0",\n"runs": ')
    write_items((_shown(run, each) for each in runs), out)
    out.write("\n}\n")


def _runs(run: PolicyRun) -> Iterator[_Run]:
    stacks = sorted({(result.project, result.stack) for result in run.results if result.urn})
    stacks = stacks or [("", "")]
    results = defaultdict(list)
    for result in run.results:
        stack = (result.project, result.stack) if result.urn else stacks[0]
        results[result.pack, stack].append(result)
    numbers: Counter[tuple[str, ...]] = Counter()
    # A file without a run shows no problem, and GitHub refuses it.
    for pack in words.packs(run) or [Pack("pulumi-policies")]:
        for stack in stacks:
            found = results[pack, stack]
            counts = Counter(result.outcome for result in found)
            shown = [*_numbered(result for result in found if result.outcome in LEVELS)]
            for start in range(0, len(shown) or 1, RESULTS_A_RUN):
                names = (pack.name, *stack)
                numbers[names] += 1
                # Runs of the same category replace each other.
                more = (str(numbers[names]),) if numbers[names] > 1 else ()
                chunk = shown[start : start + RESULTS_A_RUN]
                last = start + RESULTS_A_RUN >= len(shown)
                yield _Run(
                    pack,
                    "".join(f"{segment(name)}/" for name in (*names, *more)),
                    chunk,
                    _counts(chunk, counts if last else {}),
                )


def _counts(
    shown: Sequence[tuple[Result, int]], others: Mapping[Outcome, int]
) -> Mapping[Outcome, int]:
    """Count the results of a chunk, of which only the last one has those that are not shown."""
    counts = Counter(result.outcome for result, _ in shown)
    return {
        outcome: counts[outcome] if outcome in LEVELS else others.get(outcome, 0)
        for outcome in Outcome
    }


def _numbered(results: Iterator[Result]) -> Iterator[tuple[Result, int]]:
    numbers: Counter[tuple[str, str]] = Counter()
    for result in results:
        identity = (result.policy, result.urn)
        numbers[identity] += 1
        yield result, numbers[identity]


def _shown(run: PolicyRun, part: _Run) -> Mapping[str, Any]:
    severities: dict[str, str | None] = {}
    for result, _ in part.shown:
        policy = words.label(result.policy)
        severities[policy] = _highest(severities.get(policy), result)
    indexes = {policy: index for index, policy in enumerate(severities)}
    driver: dict[str, Any] = {
        "name": words.label(part.pack.name),
        "rules": [_rule(part.pack, *rule) for rule in severities.items()],
        "notifications": [
            {"id": _INCOMPLETE, "shortDescription": {"text": "Not all results were read."}},
            {"id": _NOTE, "shortDescription": {"text": "A note about all results."}},
        ],
    }
    if part.pack.version:
        driver["version"] = part.pack.version
    return {
        "tool": {"driver": driver},
        "automationDetails": {"id": part.category},
        "invocations": [_invocation(run)],
        "properties": {
            "summary": {outcome.value: count for outcome, count in part.counts.items()},
            "source": run.source,
            "failed": run.failed,
            "exitCode": run.exit_code,
        },
        "results": [
            _result(result, number, indexes[words.label(result.policy)])
            for result, number in part.shown
        ],
    }


def _highest(severity: str | None, result: Result) -> str | None:
    """Return the higher one of two security severities.

    GitHub ranks all results of a rule by it, and an advisory policy fails nothing, so only a
    violation has one.
    """
    own = _SECURITY_SEVERITIES.get(result.severity.lower())
    if result.outcome is not Outcome.VIOLATION or own is None:
        return severity
    return max(own, severity or own, key=float)


def _rule(pack: Pack, policy: str, severity: str | None) -> Mapping[str, Any]:
    properties: dict[str, Any] = {"tags": ["pulumi"]}
    if severity is not None:
        # GitHub reads the severity only of a rule with this tag.
        properties = {"tags": ["pulumi", "security"], "security-severity": severity}
    text = f"The policy {policy} of the policy pack {words.label(pack.name)}."
    return {
        "id": policy,
        "shortDescription": {"text": policy},
        "fullDescription": {"text": text},
        "help": {"text": f"{text} The message of each result says what to change."},
        "properties": properties,
    }


def _invocation(run: PolicyRun) -> Mapping[str, Any]:
    times = {"startTimeUtc": run.started, "endTimeUtc": run.finished}
    return {
        "arguments": list(run.command),
        **{name: utc(time) for name, time in times.items() if time is not None},
        "executionSuccessful": run.is_complete,
        "toolExecutionNotifications": [
            *(_notification("error", _INCOMPLETE, problem) for problem in run.problems),
            *(_notification("note", _NOTE, note) for note in run.notes),
        ],
    }


def _notification(level: str, identifier: str, text: str) -> Mapping[str, Any]:
    return {
        "level": level,
        "descriptor": {"id": identifier},
        "message": {"text": plain_text(text)},
    }


def path(result: Result) -> str:
    """Return the path of a resource, as a relative URI."""
    names = ("pulumi", result.project, result.stack, result.type, result.name)
    return "/".join(map(segment, names))


def _result(result: Result, number: int, index: int) -> Mapping[str, Any]:
    identity = json.dumps([result.pack.name, result.policy, result.urn])
    fingerprint = hashlib.sha256(identity.encode()).hexdigest()
    place = {"name": words.resource(result), "kind": "resource"}
    if result.urn:
        place["fullyQualifiedName"] = result.urn
    shown: dict[str, Any] = {
        "ruleId": words.label(result.policy),
        "ruleIndex": index,
        "level": LEVELS[result.outcome],
        "message": {"text": plain_text(_message(result))},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": path(result)},
                    "region": {"startLine": 1},
                },
                "logicalLocations": [place],
            }
        ],
        # The message can change while the violation stays, so it is no part of the fingerprint.
        "partialFingerprints": {
            "primaryLocationLineHash": f"{fingerprint[:16]}:{number}",
            "policyAndResource/v1": f"{fingerprint}:{number}",
        },
        "properties": {
            "outcome": result.outcome.value,
            "urn": result.urn,
            "enforcementLevel": result.level,
            "severity": result.severity,
        },
    }
    if result.outcome is Outcome.EXEMPT:
        reasons = (plain_text(words.reason(exception)) for exception in result.exceptions)
        accepted = {"kind": "external", "status": "accepted"}
        # The schema refuses two suppressions that are the same.
        shown["suppressions"] = [
            {**accepted, "justification": reason} for reason in dict.fromkeys(reasons)
        ] or [accepted]
    return shown


def _message(result: Result) -> str:
    if result.outcome is Outcome.EXEMPT and result.exceptions:
        return paragraphs((result.message, f"Exempt: {words.reasons(result)}"))
    return words.message(result)
