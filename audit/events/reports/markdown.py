r"""The results as GitHub Flavored Markdown, for a job summary or a comment on a pull request.

The first line is MARKER, a comment that GitHub doesn't show. A workflow can look for it, to update
its comment on a pull request. A workflow that comments about several stacks can add a line of its
own in front of it, which names the stack.

Violations come first, then warnings, each with its whole message, then exempt and remediated
resources. Results that are not applicable or passed are only counted. If a report is too long,
the last ones of each section are left out, and their number is in the report.

Messages and names come from policies and programs, so they must not become Markdown: a link, a
mention that notifies a person, or HTML. Code in backticks, code between fences, and lines that
start with four spaces stay code, so that a reader can copy a change as it is. URLs become code,
too.

Sources: GitHub Flavored Markdown Spec, sections 4.5 (fenced code blocks), 4.6 (HTML blocks), 6.1
(backslash escapes), 6.3 (code spans), and 6.12 (hard line breaks); GitHub Docs, "Organizing
information with collapsed sections".
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum, auto
from itertools import groupby
from operator import itemgetter
from textwrap import dedent
from typing import TextIO

from audit.events.results import Outcome, PolicyRun, Result
from audit.reports.markdown import Page, code_span, inline, longest_run
from audit.reports.words import on_one_line, printable

from . import words

MARKER = "<!-- pulumi-policies -->"
"""The first line of each report."""

_LONGEST_MESSAGE = 4_000
_LONGEST_CELL = 1_000
_LONGEST_NAME = 500
_EXPANDED = 10
"""The number of results of a section that are shown without a click."""

# How far each section can fill the report. What a section leaves free, the next ones can use.
_PROBLEMS_SHARE = 0.1
_NOTES_SHARE = 0.15
_PACKS_SHARE = 0.25
_SHARES = {
    Outcome.VIOLATION: 0.75,
    Outcome.WARNING: 0.9,
    Outcome.EXEMPT: 0.95,
    Outcome.REMEDIATED: 1.0,
}

_CODE = re.compile(r"(?<!`)`([^`]+)`(?!`)")
# The characters of RFC 3986, with parentheses only in pairs. A sentence can end after a URL.
_PAIR = r"\([\w.~:/?#@!$&'*+,;=%-]*\)"
_URL = re.compile(
    rf"""(\b(?:[a-z][a-z\d+.-]{{0,20}}://|www\.)
    (?:[\w.~:/?#@!$&'*+,;=%-]|{_PAIR})*(?:[\w~/#@$&+=%-]|{_PAIR}))""",
    re.I | re.A | re.X,
)
_NO_WIDTH = "&#8203;"
_FENCE = re.compile(r"\s*(```|~~~)\w*\s*$")
# What starts a list, a table, or underlines a heading.
_START = re.compile(r"^(\d*)([.)+=:-])")


class _Kind(Enum):
    """What a line of a message is. A break separates paragraphs and code blocks."""

    PROSE = auto()
    CODE = auto()
    BREAK = auto()


def write(run: PolicyRun, out: TextIO) -> None:
    """Write the counts, and the results that need attention with their messages."""
    page = _Page()
    page.add(MARKER)
    page.add(f"## Pulumi policies{_stacks(run)}")
    page.add(f"**{_text(words.headline(run))}**")
    page.list([f"- **Not read:** {_text(problem)}" for problem in run.problems], _PROBLEMS_SHARE)
    page.list([f"- {_text(note)}" for note in run.notes], _NOTES_SHARE)
    page.counts(run)
    for outcome, heading in (
        (Outcome.VIOLATION, "Violations"),
        (Outcome.WARNING, "Warnings"),
    ):
        page.messages(heading, words.of(run, outcome), _SHARES[outcome])
    for outcome, heading, columns in (
        (Outcome.EXEMPT, "Exempt", ("Policy exceptions", "Message")),
        (Outcome.REMEDIATED, "Remediated", ("Message",)),
    ):
        rows = [*map(_summary, words.of(run, outcome))]
        page.table(heading, columns, rows, _SHARES[outcome])
    out.write(page.text())


class _Page(Page):
    """The blocks of a report about policies."""

    def counts(self, run: PolicyRun) -> None:
        """Add a table with the number of results of each outcome, for each policy pack."""
        counts = Counter((result.pack, result.outcome) for result in run.results)
        packs = words.packs(run)
        rows = [
            _row(_code(words.pack(pack)), *(f"{counts[pack, outcome]:,}" for outcome in Outcome))
            for pack in packs
        ]
        if not rows:
            return
        kept = self.fitting(rows, _PACKS_SHARE)
        labels = (words.LABELS[outcome].capitalize() for outcome in Outcome)
        head = [_row("Policy pack", *labels), f"| --- |{' ---: |' * len(Outcome)}"]
        total = [_row("All", *(f"{run.summary[outcome]:,}" for outcome in Outcome))]
        self.add("\n".join([*head, *kept, *(total if len(packs) > 1 else [])]))
        self.left_out(len(rows) - len(kept))

    def messages(self, heading: str, results: Sequence[Result], share: float) -> None:
        """Add a section with the messages of as many results as fit."""
        if not results:
            return
        kept = self.fitting(map(_result, results), share)
        self.add(f"### {heading} ({len(results):,})")
        for block in kept[:_EXPANDED]:
            self.add(block)
        self._collapsed(f"{len(kept) - _EXPANDED:,} more", kept[_EXPANDED:])
        self.left_out(len(results) - len(kept))

    def table(
        self, heading: str, columns: Sequence[str], rows: Sequence[str], share: float
    ) -> None:
        """Add a collapsed table with as many rows as fit."""
        if not rows:
            return
        kept = self.fitting(rows, share)
        columns = ("Resource", "Policy", "Policy pack", *columns)
        head = [_row(*columns), f"|{' --- |' * len(columns)}"]
        summary = f"{heading} ({len(rows):,})"
        self._collapsed(summary, ["\n".join([*head, *kept])] if kept else [])
        if not kept:
            self.add(f"### {summary}")
        self.left_out(len(rows) - len(kept))

    def _collapsed(self, summary: str, blocks: Sequence[str]) -> None:
        """Add blocks that a reader can expand. Nothing in them can end the HTML."""
        if blocks:
            for block in (f"<details><summary>{summary}</summary>", *blocks, "</details>"):
                self.add(block)


def _stacks(run: PolicyRun) -> str:
    """Return the stack of a run after a colon; nothing if there is none or more than one."""
    stacks = words.stacks(run)
    return f": {_span(stacks[0])}" if len(stacks) == 1 else ""


def _result(result: Result) -> str:
    """Return a result with its whole message."""
    about = [f"Policy {_span(result.policy)} of {_span(words.pack(result.pack))}"]
    about += [_text(result.level)] if result.level.strip() else []
    about += [f"severity {_text(result.severity)}"] if result.severity.strip() else []
    about += [f"on {_span(result.urn)}"] if result.urn else []
    title = _span(result.name) if result.urn else "The stack"
    return "\n\n".join([f"#### {title}", f"{', '.join(about)}.", *_message(words.message(result))])


def _message(text: str) -> Iterator[str]:
    """Yield the paragraphs and code blocks of a message."""
    text = _cut(text.expandtabs(4).replace("\r\n", "\n"), _LONGEST_MESSAGE)
    for kind, group in groupby(_kinds(printable(text).split("\n")), itemgetter(0)):
        lines = [line for _, line in group]
        if kind is _Kind.CODE:
            yield _fenced(dedent("\n".join(lines)))
        elif kind is _Kind.PROSE:
            yield "  \n".join(map(_line, lines))


def _kinds(lines: Iterable[str]) -> Iterator[tuple[_Kind, str]]:
    """Yield each line of a message with its kind."""
    fence = ""
    for line in lines:
        mark = _FENCE.match(line)
        if mark and mark[1] == (fence or mark[1]):
            fence = "" if fence else mark[1]
            yield _Kind.BREAK, line
        elif fence or (line.startswith("    ") and line.strip()):
            yield _Kind.CODE, line
        else:
            yield _Kind.PROSE if line.strip() else _Kind.BREAK, line


def _line(text: str) -> str:
    """Return a line of a message, in which code in backticks stays code."""
    parts = _CODE.split(text.strip())
    pieces = [
        code_span(part)
        if index % 2 and part.strip()
        else _with_urls(f"`{part}`" if index % 2 else part)
        for index, part in enumerate(parts)
    ]
    return _START.sub(r"\1\\\2", _joined(pieces))


def _with_urls(text: str) -> str:
    """Return a text of one line without Markdown, in which URLs are code."""
    parts = enumerate(_URL.split(text))
    return _joined(code_span(part) if index % 2 else inline(part) for index, part in parts)


def _joined(pieces: Iterable[str]) -> str:
    """Join code spans and other texts. Backticks that touch would be one run."""
    shown = ""
    for piece in filter(None, pieces):
        shown += f"{_NO_WIDTH}{piece}" if shown[-1:] == piece[0] == "`" else piece
    return shown


def _fenced(code: str) -> str:
    """Return a code block. Its fence is longer than any run of backticks in it."""
    fence = "`" * max(3, longest_run(code) + 1)
    return f"{fence}\n{code}\n{fence}"


def _summary(result: Result) -> str:
    """Return a result as a row of a table."""
    names = (words.resource(result), result.policy, words.pack(result.pack))
    exceptions = [words.reasons(result)] if result.outcome is Outcome.EXEMPT else []
    return _row(*map(_code, names), *map(_text, (*exceptions, words.message(result))))


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _code(text: str) -> str:
    """Return a name as a code span in a table, which splits its cells before it looks for them."""
    return _span(text).replace("|", "\\|")


def _span(text: str) -> str:
    """Return a name as a code span."""
    return code_span(_cut(words.label(text), _LONGEST_NAME))


def _text(text: str) -> str:
    """Return a text as one paragraph, or the cell of a table, without Markdown."""
    shown = _cut(on_one_line(text).strip(), _LONGEST_CELL)
    return _START.sub(r"\1\\\2", _with_urls(shown))


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"
