"""Readers of the reports, each by a parser that other programs use, too."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from html.parser import HTMLParser
from typing import Any

import junitparser
from markdown_it import MarkdownIt

from audit.reports import REPORTS
from audit.reports.json import read
from audit.results import Audit, Verdict

Counts = Mapping[Verdict, int]

WORDS = {"violation": Verdict.VIOLATION, "violations": Verdict.VIOLATION} | {
    verdict.value.replace("_", " "): verdict for verdict in Verdict if verdict.value != "violation"
}
_COUNT = re.compile(r"([\d,]+) (" + "|".join(WORDS) + r")\b")


def written(audit: Audit, format_name: str) -> str:
    """Return a report."""
    out = io.StringIO(newline="")
    REPORTS[format_name].write(audit, out)
    return out.getvalue()


def rows(text: str) -> list[dict[str, str]]:
    """Return the rows of a CSV report by the names of their columns."""
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def rendered(text: str) -> str:
    """Return Markdown as HTML."""
    html: str = MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(text)
    return html


def _sentence(text: str) -> Counts:
    """Return the counts of the first sentence, which has all verdicts."""
    counts = {
        WORDS[words]: int(number.replace(",", ""))
        for number, words in _COUNT.findall(text.split(".\n", maxsplit=1)[0])
    }
    assert len(counts) == len(Verdict)
    return counts


def _csv(text: str) -> Counts:
    return Counter(Verdict(row["verdict"]) for row in rows(text) if row["verdict"])


def _json(text: str) -> Counts:
    return read(text).summary


def _sarif(text: str) -> Counts:
    counts: Counter[Verdict] = Counter()
    for run in json.loads(text)["runs"]:
        summary = {Verdict(name): count for name, count in run["properties"]["summary"].items()}
        counts.update(summary)
        results = Counter(
            Verdict(result["properties"]["verdict"])
            for result in run["results"]
            if result["ruleId"] != "DynamoDB-004-drift"
        )
        assert results == Counter(
            {
                verdict: summary[verdict]
                for verdict in Verdict
                if verdict.value not in ("exempt", "compliant")
            }
        )
    return counts


def _junit(text: str) -> Counts:
    counts: Counter[Verdict] = Counter()
    for suite in junitparser.JUnitXml.fromstring(text.encode()):
        properties: Any = suite.properties()  # type: ignore[no-untyped-call]
        names = {verdict.value for verdict in Verdict}
        listed = {Verdict(p.name): int(p.value) for p in properties if p.name in names}
        counts.update(listed)
        tables = [case for case in suite if case.name != "(all tables are listed)"]
        kinds = Counter(case.result[0].type if case.result else "compliant" for case in tables)
        del kinds["drift"]
        assert kinds == Counter({verdict.value: count for verdict, count in listed.items()})
    return counts


def quality(text: str) -> list[dict[str, Any]]:
    """Return the results of a code quality report, which has what GitLab requires.

    Source: GitLab Docs, "Code Quality", "Code Quality report format".
    """
    entries: list[dict[str, Any]] = json.loads(text)
    for entry in entries:
        assert set(entry) == {"description", "check_name", "fingerprint", "severity", "location"}
        assert entry["description"].strip() == entry["description"] != ""
        assert "\n" not in entry["description"] + entry["check_name"]
        assert entry["severity"] in ("info", "minor", "major", "critical", "blocker")
        path = entry["location"]["path"]
        assert re.fullmatch(r"[\w.~%-]+(/[\w.~%-]+)*", path, re.ASCII), path
        assert not {".", ".."} & set(path.split("/"))
        assert entry["location"]["lines"] == {"begin": 1}
    fingerprints = [entry["fingerprint"] for entry in entries]
    assert len(set(fingerprints)) == len(fingerprints)
    return entries


def _codequality(text: str) -> Counts:
    checks = Counter(entry["check_name"] for entry in quality(text))
    return {
        Verdict.VIOLATION: checks["DynamoDB-004"],
        Verdict.UNDETERMINED: checks["DynamoDB-004-undetermined"],
        Verdict.NOT_READ: checks["DynamoDB-004-not-read"],
    }


def _markdown(text: str) -> Counts:
    return _sentence(re.sub(r"<[^>]+>", "", rendered(text).split("<p>")[1]) + "\n")


def _ocsf(text: str) -> Counts:
    events: list[dict[str, Any]] = json.loads(text)
    return Counter(
        Verdict(event["unmapped"]["verdict"])
        for event in events
        if event["metadata"]["event_code"] == "DynamoDB-004"
    )


class _Rows(HTMLParser):
    """Counts the rows of the table of findings by their verdict."""

    def __init__(self) -> None:
        super().__init__()
        self.counts: Counter[Verdict] = Counter()
        self._in_findings = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if tag == "tbody":
            self._in_findings = attributes.get("id") == "rows"
        elif tag == "tr" and self._in_findings:
            self.counts[Verdict(attributes["class"])] += 1

    def handle_endtag(self, tag: str) -> None:
        if tag == "tbody":
            self._in_findings = False


def _html(text: str) -> Counts:
    rows = _Rows()
    rows.feed(text)
    return rows.counts


READERS: Mapping[str, Callable[[str], Counts]] = {
    "table": _sentence,
    "json": _json,
    "csv": _csv,
    "sarif": _sarif,
    "junit": _junit,
    "codequality": _codequality,
    "markdown": _markdown,
    "html": _html,
    "ocsf": _ocsf,
}
"""For each format, a function that returns the number of tables of each verdict."""

NOT_SHOWN: Mapping[str, frozenset[Verdict]] = {
    "codequality": frozenset({Verdict.EXEMPT, Verdict.COMPLIANT})
}
"""For a format, the verdicts that it does not count."""
