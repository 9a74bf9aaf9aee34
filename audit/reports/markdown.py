r"""The results as GitHub Flavored Markdown, for a job summary or a comment on a pull request.

Names and messages come from AWS accounts and from stacks, so they must not become Markdown: a link,
a mention that notifies a person, or HTML. Names are in code spans, where GitHub looks for no
mention. In other text, each character with a meaning is escaped.

Sources: GitHub Flavored Markdown Spec, sections 4.5 (fenced code blocks), 4.10 (tables), 6.1
(backslash escapes), 6.3 (code spans), and 6.9 (autolinks); GitHub Docs, "Autolinked references and
URLs" and "Workflow commands" (a job summary has at most 1 MiB); GitHub refuses a comment of more
than 65,536 characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TextIO

from audit.results import Audit, Verdict

from . import words

LIMIT = 65_000
"""The most characters of a report. A workflow can add some of its own to a comment."""

_RESERVE = 2_000
"""The characters that stay free for headings, and for what is left out."""

_LONGEST_REASON = 2_000
_LONGEST_NAME = 500
"""The most characters of a name, which no name of AWS has. The URN of a resource can be longer."""

# How far each section can fill the report. What a section leaves free, the next ones can use.
_WARNINGS_SHARE = 0.1
_COVERAGE_SHARE = 0.3
_FIXES_SHARE = 0.8
_SHARES = {Verdict.VIOLATION: 0.6, Verdict.UNDETERMINED: 0.85, Verdict.NOT_READ: 0.95, None: 1.0}

_MARKS = re.compile(r"[\\`*_\[\]#|~&<>$]")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "$": "&#36;"}
# A character of no width ends what GitHub would link: @user, #1, GH-1, https://…, www.…
_LINKED = re.compile(r"@|#|(?<=[:])(?=//)|(?i:(?<=www)(?=\.)|(?<=gh)(?=-\d))")
_NO_WIDTH = "&#8203;"
# What starts a list or underlines a heading.
_START = re.compile(r"^(\d*)([.)+=-])")


def write(audit: Audit, out: TextIO) -> None:
    """Write the summary, what was not read, and the tables that need attention with their fixes."""
    page = _Page()
    page.add("# DynamoDB encryption at rest")
    page.add(_text(words.summary(audit)))
    page.add(_text(words.conclusion(audit)))
    page.add(_text(words.rejections(audit)))
    page.list(
        [f"- **Warning:** {_text(warning)}" for warning in audit.run.warnings], _WARNINGS_SHARE
    )
    for section in words.gaps(audit):
        page.table(section, share=_COVERAGE_SHARE)
    for section in words.sections(audit):
        page.table(section, share=_SHARES[section.verdict])
        if section.verdict is Verdict.VIOLATION:
            page.fixes(section, share=_FIXES_SHARE)
    out.write(page.text())


class Page:
    """The blocks of a report, which together are not longer than the limit."""

    def __init__(self) -> None:
        self._blocks: list[str] = []
        self._size = 0

    def add(self, block: str) -> None:
        """Add a block, if it is not empty."""
        if block:
            self._blocks.append(block)
            self._size += len(block) + 2

    def list(self, items: Sequence[str], share: float) -> None:
        """Add as many list items as fit, and how many are left out.

        Args:
            items: the items, each on one line.
            share: how far the section can fill the report.
        """
        kept = self.fitting(items, share)
        self.add("\n".join(kept))
        self.left_out(len(items) - len(kept))

    def fitting(self, blocks: Iterable[str], share: float) -> Sequence[str]:
        """Return as many blocks as fit.

        Args:
            blocks: the blocks.
            share: how far the section can fill the report.
        """
        left = (LIMIT - _RESERVE) * share - self._size
        kept = []
        for block in blocks:
            left -= len(block) + 2
            if left < 0:
                break
            kept.append(block)
        return kept

    def left_out(self, count: int) -> None:
        """Add how many blocks are left out, if any are."""
        if count:
            self.add(f"{count:,} more are left out. {words.COMPLETE_REPORT}")

    def text(self) -> str:
        """Return the report."""
        return "\n\n".join(self._blocks) + "\n"


class _Page(Page):
    """The blocks of a report about tables."""

    def table(self, section: words.Section, *, share: float) -> None:
        """Add a heading, as many rows as fit, and how many of them are left out."""
        columns, count = section.columns, len(section.rows)
        kept = self.fitting(map(_row, section.rows), share)
        head = [f"| {' | '.join(columns)} |", f"|{' --- |' * len(columns)}"] if kept else []
        self.add(f"## {section.heading} ({count:,})")
        self.add("\n".join([*head, *kept]))
        self.left_out(count - len(kept))

    def fixes(self, section: words.Section, *, share: float) -> None:
        """Add the fixes of as many tables as fit, and how many are left out."""
        fixes = ["\n".join(lines) for lines in words.fixes(section.findings)]
        if not fixes:
            return
        kept = self.fitting(fixes, share)
        if kept:
            heading, language = (
                ("To fix, run:", "sh") if section.is_script else (section.in_programs, "text")
            )
            self.add(f"{heading}\n\n{_fenced(kept, language)}")
        self.left_out(len(fixes) - len(kept))


def _row(cells: Sequence[str]) -> str:
    *names, reason = cells
    return f"| {' | '.join([*map(_code, names), _text(reason)])} |"


def _code(name: str) -> str:
    """Return a name as a code span in a table."""
    shown = _cut(words.name(name), _LONGEST_NAME)
    if not shown.strip():
        return ""
    # A table splits its cells before it looks for code spans.
    return code_span(shown).replace("|", "\\|")


def code_span(code: str) -> str:
    """Return a text of one line, which is not blank, as a code span outside of a table."""
    ticks = "`" * (longest_run(code) + 1)
    if code[0] in "` " or code[-1] in "` ":
        code = f" {code} "
    return f"{ticks}{code}{ticks}"


def _text(text: str) -> str:
    """Return a text as one paragraph, or the cell of a table, without Markdown."""
    shown = _cut(words.on_one_line(text).strip(), _LONGEST_REASON)
    return _START.sub(r"\1\\\2", inline(shown))


def inline(text: str) -> str:
    """Return a text of one line without Markdown, except what only starts a line."""
    pieces = []
    end = 0
    for linked in _LINKED.finditer(text):
        pieces.append(_escaped(text[end : linked.end()]))
        end = linked.end()
    pieces.append(_escaped(text[end:]))
    return _NO_WIDTH.join(pieces)


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _escaped(text: str) -> str:
    return _MARKS.sub(lambda mark: _ENTITIES.get(mark[0], f"\\{mark[0]}"), text)


def _fenced(blocks: Sequence[str], language: str) -> str:
    """Return blocks as code. Its fence is longer than any run of backticks in them."""
    code = "\n\n".join(blocks)
    fence = "`" * max(3, longest_run(code) + 1)
    return f"{fence}{language}\n{code}\n{fence}"


def longest_run(text: str) -> int:
    """Return the length of the longest run of backticks."""
    return max(map(len, re.findall("`+", text)), default=0)
