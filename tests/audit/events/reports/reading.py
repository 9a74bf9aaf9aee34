"""Readers of the reports about policies, each by a parser that other programs use, too."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import junitparser

from audit.events.reports import REPORTS
from audit.events.results import Outcome, PolicyRun

Counts = Mapping[Outcome, int]


def written(run: PolicyRun, format_name: str) -> str:
    """Return a report."""
    out = io.StringIO(newline="")
    REPORTS[format_name].write(run, out)
    return out.getvalue()


def _sarif(text: str) -> Counts:
    counts: Counter[Outcome] = Counter()
    for run in json.loads(text)["runs"]:
        summary = {Outcome(name): count for name, count in run["properties"]["summary"].items()}
        counts.update(summary)
        results = Counter(Outcome(result["properties"]["outcome"]) for result in run["results"])
        hidden = (Outcome.NOT_APPLICABLE, Outcome.PASSED)
        assert results == Counter(
            {outcome: count for outcome, count in summary.items() if outcome not in hidden}
        )
    return counts


def _junit(text: str) -> Counts:
    counts: Counter[Outcome] = Counter()
    _, *suites = junitparser.JUnitXml.fromstring(text.encode())
    for suite in suites:
        properties: Any = suite.properties()  # type: ignore[no-untyped-call]
        listed = Counter({Outcome(each.name): int(each.value) for each in properties})
        counts.update(listed)
        kinds = Counter(case.result[0].type for case in suite if case.result)
        expected = Counter(
            {
                outcome.value: count
                for outcome, count in listed.items()
                if outcome not in (Outcome.REMEDIATED, Outcome.PASSED)
            }
        )
        assert kinds == expected
        remediated = sum(case.system_out is not None for case in suite)
        assert remediated == listed[Outcome.REMEDIATED]
        assert len(list(suite)) == sum(listed.values())
    return counts


def _ocsf(text: str) -> Counts:
    return Counter(
        Outcome(event["unmapped"]["outcome"])
        for event in json.loads(text)
        if "outcome" in event["unmapped"]
    )


READERS: Mapping[str, Callable[[str], Counts]] = {
    "sarif": _sarif,
    "junit": _junit,
    "ocsf": _ocsf,
}
"""For each format, a function that returns the number of results of each outcome."""

NOT_SHOWN: Mapping[str, frozenset[Outcome]] = {"ocsf": frozenset({Outcome.NOT_APPLICABLE})}
"""For a format, the outcomes that it does not count."""
