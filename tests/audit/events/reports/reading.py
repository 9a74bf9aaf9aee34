"""Readers of the reports about policies, each by a parser that other programs use, too."""

from __future__ import annotations

import io
import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from html.parser import HTMLParser
from typing import Any

import junitparser

from audit.events.reports import REPORTS
from audit.events.results import Outcome, PolicyRun
from tests.audit.reports.reading import quality, rendered, rows

Counts = Mapping[Outcome, int]


def written(run: PolicyRun, format_name: str) -> str:
    """Return a report."""
    out = io.StringIO(newline="")
    REPORTS[format_name].write(run, out)
    return out.getvalue()


def _table(text: str) -> Counts:
    number = r"([\d,]+)"
    counts = (
        f"{number} violations?, {number} warnings?, {number} remediated, {number} exempt, "
        rf"{number} not applicable, {number} passed\."
    )
    found = re.search(f"^{counts}$", text, re.MULTILINE)
    assert found
    numbers = (int(group.replace(",", "")) for group in found.groups())
    return dict(zip(Outcome, numbers, strict=True))


def _json(text: str) -> Counts:
    report = json.loads(text)
    counts = Counter(Outcome(result["outcome"]) for result in report["results"])
    assert {outcome.value: counts[outcome] for outcome in Outcome} == report["summary"]
    return counts


def _csv(text: str) -> Counts:
    return Counter(Outcome(row["outcome"]) for row in rows(text) if row["record"] == "result")


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


class Page(HTMLParser):
    """The cells of the tables of a page, its tags, its comments, and its texts.

    Attributes:
        tables: the cells of the rows of each table, without those of the head.
        tags: the names of all tags.
        comments: all comments.
        prose: the text outside of code.
        code: each text in code.
    """

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tables: list[list[list[str]]] = []
        self.tags: set[str] = set()
        self.comments: list[str] = []
        self.prose = ""
        self.code: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag. Only the alignment of cells is an attribute."""
        assert all(attribute == "style" and tag in ("td", "th") for attribute, _ in attrs)
        self.tags.add(tag)
        self._open.append(tag)
        if tag == "table":
            self.tables.append([])
        elif tag == "tr" and "tbody" in self._open:
            self.tables[-1].append([])
        elif tag == "td":
            self.tables[-1][-1].append("")
        elif tag == "code":
            self.code.append("")

    def handle_endtag(self, tag: str) -> None:
        """Note the end of the innermost element."""
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Collect a text."""
        if "td" in self._open:
            self.tables[-1][-1][-1] += data
        if "code" in self._open:
            self.code[-1] += data
        else:
            self.prose += data

    def handle_comment(self, data: str) -> None:
        """Collect a comment."""
        self.comments.append(data)


def _markdown(text: str) -> Counts:
    tables = Page(rendered(text)).tables
    # The first table has the counts, and its last row is their total.
    if not tables:
        return {}
    _, *counts = tables[0][-1]
    return {
        outcome: int(count.replace(",", "")) for outcome, count in zip(Outcome, counts, strict=True)
    }


class Rows(HTMLParser):
    """The rows of the table of results, and what a page contains.

    Attributes:
        outcomes: the outcome of each row.
        rows: the text of each row.
        tags: the names of all tags, in their order.
    """

    def __init__(self, html: str) -> None:
        super().__init__()
        self.outcomes: list[Outcome] = []
        self.rows: list[str] = []
        self.tags: list[str] = []
        self._in_results = False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag. No attribute loads or runs anything."""
        attributes = dict(attrs)
        assert not any(name.startswith("on") for name in attributes)
        assert not {"src", "srcset", "action", "data", "style"} & set(attributes)
        assert (attributes.get("href") or "#")[0] == "#" or attributes["href"] == "data:,"
        self.tags.append(tag)
        if tag == "tbody":
            self._in_results = attributes.get("id") == "rows"
        elif tag == "tr" and self._in_results:
            self.outcomes.append(Outcome(attributes["data-outcome"]))
            self.rows.append("")

    def handle_endtag(self, tag: str) -> None:
        """Note the end of the results."""
        if tag == "tbody":
            self._in_results = False

    def handle_data(self, data: str) -> None:
        """Collect the texts of a row."""
        if self._in_results and self.rows:
            self.rows[-1] += data

    def handle_comment(self, data: str) -> None:
        """Refuse a comment."""
        raise AssertionError(data)


def _html(text: str) -> Counts:
    return Counter(Rows(text).outcomes)


def _codequality(text: str) -> Counts:
    entries = [entry for entry in quality(text) if "/" in entry["check_name"]]
    warnings = sum(entry["severity"] == "info" for entry in entries)
    return {Outcome.VIOLATION: len(entries) - warnings, Outcome.WARNING: warnings}


READERS: Mapping[str, Callable[[str], Counts]] = {
    "table": _table,
    "json": _json,
    "csv": _csv,
    "sarif": _sarif,
    "junit": _junit,
    "codequality": _codequality,
    "markdown": _markdown,
    "html": _html,
    "ocsf": _ocsf,
}
"""For each format, a function that returns the number of results of each outcome."""

NOT_SHOWN: Mapping[str, frozenset[Outcome]] = {
    "codequality": frozenset(Outcome) - {Outcome.VIOLATION, Outcome.WARNING},
    "ocsf": frozenset({Outcome.NOT_APPLICABLE}),
}
"""For a format, the outcomes that it does not count."""
