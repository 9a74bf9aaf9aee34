"""The Markdown report, as a parser of GitHub Flavored Markdown renders it."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from audit.reports.markdown import LIMIT
from audit.reports.words import name, on_one_line
from audit.results import Audit, Status, Verdict
from tests.audit.reports.reading import rendered, written
from tests.audit.results import (
    HOSTILE,
    audit,
    audits,
    coverage,
    finding,
    stack_finding,
    texts,
)

ALLOWED = {"h1", "h2", "p", "ul", "li", "strong", "table", "thead", "tbody", "tr", "th", "td"}
ALLOWED |= {"code", "pre"}
LINKED = re.compile(r"@\w|#\d|GH-\d|https?://|www\.", re.I)


class Cells(HTMLParser):
    """The cells of tables, all tags, and the text outside of code."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.cells: list[str] = []
        self.prose = ""
        self._code = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag. Only the language of code is an attribute."""
        assert all(attribute == "class" for attribute, _ in attrs)
        self.tags.add(tag)
        self._code = self._code or tag in ("code", "pre")
        if tag == "td":
            self.cells.append("")

    def handle_endtag(self, tag: str) -> None:
        """Note the end of code."""
        self._code = self._code and tag not in ("code", "pre")

    def handle_data(self, data: str) -> None:
        """Collect a text."""
        if self.cells:
            self.cells[-1] += data
        if not self._code:
            self.prose += data

    def handle_comment(self, data: str) -> None:
        """Refuse a comment."""
        raise AssertionError(data)


def cells(results: Audit) -> list[str]:
    """Return the cells of the table, without the characters of no width."""
    return [
        cell.replace("\u200b", "") for cell in Cells(rendered(written(results, "markdown"))).cells
    ]


def squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace("\u200b", "")).strip()


def linked(text: str) -> str:
    """Return Markdown as HTML, with the links that GitHub makes of texts."""
    parser = MarkdownIt("gfm-like", {"html": True})
    assert parser.linkify is not None
    # GitHub links a domain without a scheme only if it starts with www.
    parser.linkify.set({"fuzzy_link": False})
    html: str = parser.render(text)
    return html


@given(audits(names=texts()))
def test_texts_become_no_markup(results: Audit) -> None:
    page = Cells(rendered(written(results, "markdown")))
    assert page.tags <= ALLOWED
    assert not LINKED.search(page.prose)


@given(audits(names=texts()))
def test_texts_become_no_links(results: Audit) -> None:
    assert "<a " not in linked(written(results, "markdown"))


@given(st.sampled_from(HOSTILE) | texts(), st.sampled_from(HOSTILE) | texts())
def test_names_and_reasons_stay_text(table: str, reason: str) -> None:
    shown = cells(audit(finding(table=table, reason=reason, fix="")))
    assert len(shown) == 4
    assert shown[2].strip() == name(table).strip()
    assert squeezed(shown[3]) == squeezed(on_one_line(reason))


@given(texts())
def test_commands_can_not_leave_their_code_block(fix: str) -> None:
    text = written(audit(finding(fix=f"aws x\n{fix}\naws y")), "markdown")
    assert text.rstrip().endswith("```")
    page = Cells(rendered(text))
    assert "aws y" not in page.prose


def test_what_a_reader_needs_comes_first() -> None:
    text = written(
        audit(
            finding(),
            finding(Verdict.UNDETERMINED, table="users"),
            finding(Verdict.COMPLIANT, table="fine"),
            coverage(Status.DENIED, region="sa-east-1"),
        ),
        "markdown",
    )
    shown = [
        "3 tables in 1 account",
        "sa-east-1",
        "Violations (1)",
        "update-table",
        "Undetermined (1)",
    ]
    positions = [text.index(part) for part in shown]
    assert positions == sorted(positions)
    assert "fine" not in text


@pytest.mark.parametrize("reason", ["A short reason.", "A long reason. " * 200, "`|" * 3_000])
def test_a_report_fits_into_a_comment_and_counts_what_is_left_out(reason: str) -> None:
    findings = [
        finding(verdict, table=f"table-{verdict.value}-{number:04}", reason=reason)
        for verdict in (Verdict.VIOLATION, Verdict.UNDETERMINED, Verdict.NOT_READ)
        for number in range(1_500)
    ]
    regions = [coverage(Status.DENIED, region=f"region-{n}", reason=reason) for n in range(900)]
    text = written(audit(*findings, *regions, warnings=(reason,) * 50), "markdown")
    assert LIMIT / 2 < len(text) <= LIMIT
    assert "Violations (1,500)" in text
    for verdict in ("violation", "undetermined", "not_read"):
        assert f"table-{verdict}-0000" in text or len(reason) > 5_000
    rows = text.count("| `111122223333` |")
    left_out = [
        int(count.replace(",", "")) for count in re.findall(r"([\d,]+) more are left", text)
    ]
    fixes = text.count("\naws dynamodb update-table")
    warnings = text.count("**Warning:**")
    assert rows + fixes + warnings + sum(left_out) == 1_500 * 4 + 900 + 50
    assert "The `json` report has all of them." in text


@given(st.sampled_from(HOSTILE) | texts(), st.sampled_from(HOSTILE) | texts())
def test_stacks_and_resources_stay_text(stack: str, resource: str) -> None:
    found = stack_finding(stack=f"a{stack}", urn=f"urn:pulumi:dev::shop::{resource}", fix_note="")
    shown = cells(audit(found))
    assert len(shown) == 4
    assert shown[0].strip() == name(f"a{stack}").strip()
    assert shown[2].strip() == name(resource).strip()
