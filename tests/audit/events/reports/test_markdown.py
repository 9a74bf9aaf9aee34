"""The Markdown report about policies, as a parser of GitHub Flavored Markdown renders it."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from audit.events.reports.markdown import MARKER
from audit.events.results import Outcome, Pack, PolicyException, PolicyRun
from audit.reports.markdown import LIMIT
from audit.reports.words import printable
from tests.audit.events.reports.reading import Page, written
from tests.audit.events.results import result, run, runs, urn
from tests.audit.reports.reading import rendered
from tests.audit.reports.test_markdown import LINKED, linked
from tests.audit.results import HOSTILE, texts

ALLOWED = {"h2", "h3", "h4", "p", "ul", "li", "strong", "code", "pre", "br", "details", "summary"}
ALLOWED |= {"table", "thead", "tbody", "tr", "th", "td"}


def page(results: PolicyRun) -> Page:
    return Page(rendered(written(results, "markdown")))


def squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace("\u200b", "")).strip()


@given(runs())
def test_texts_become_no_markup_and_no_links(results: PolicyRun) -> None:
    text = written(results, "markdown")
    shown = Page(rendered(text))
    assert shown.tags <= ALLOWED
    assert shown.comments == [" pulumi-policies "]
    assert not LINKED.search(shown.prose)
    assert "<a " not in linked(text)


@example("text\n:-:\ntext")
@example("    \n```\n    code")
@example("a `b` ``c`` `d` `")
@example("```\n<b>\n~~~\n```\n</details>")
@given(st.sampled_from(HOSTILE) | texts() | st.lists(texts(), max_size=4).map("\n".join))
def test_the_whole_message_is_shown(message: str) -> None:
    html = rendered(written(run(result(message=message)), "markdown"))
    text = "".join(piece for piece in re.split(r"<[^>]+>", html.partition("</h4>")[2]))
    shown = squeezed(_unescaped(text).partition("Table::orders.")[2])
    # Backticks of code spans and fences become elements.
    assert re.sub(r"[`~\s]", "", shown) == re.sub(
        r"(?m)^\s*(```|~~~)\w*\s*$|[`~\s]", "", _printed(message)
    )


def _printed(message: str) -> str:
    return printable(message.expandtabs(4).replace("\r\n", "\n"))


def _unescaped(html: str) -> str:
    for entity, letter in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&")):
        html = html.replace(entity, letter)
    return html


def test_code_in_a_message_stays_code() -> None:
    message = (
        "Table 'orders' has no key. Set `sse: { enabled: true | false }`.\n"
        "- Or run `aws x`\n"
        "\n"
        "    server_side_encryption {\n"
        "      enabled = `true`\n"
        "    }\n"
        "```yaml\n"
        "sse: <on>\n"
        "\n"
        "```\n"
        "Then *deploy*."
    )
    shown = page(run(result(message=message)))
    assert shown.code[-4:] == [
        "sse: { enabled: true | false }",
        "aws x",
        "server_side_encryption {\n  enabled = `true`\n}\n",
        "sse: <on>\n\n",
    ]
    assert "- Or run" in shown.prose
    assert "Then *deploy*." in shown.prose


@pytest.mark.parametrize(
    ("message", "url", "prose"),
    [
        ("See https://www.pulumi.com/docs/#a?b=c&d=%20.", None, "See ."),
        ("(https://a.b/c_(d))", "https://a.b/c_(d)", "()"),
        ("[text](https://a.b)", "https://a.b", "[text]()"),
        ("<HTTPS://a.b>, now", "HTTPS://a.b", "<>, now"),
        ("*www.a.b*", "www.a.b", "**"),
        ("'s3://bucket/key'", "s3://bucket/key", "''"),
        ("https://a.b|c", "https://a.b", "|c"),
        ("`https://a.b", "https://a.b", "`"),
        ("``https://a.b``", "https://a.b", "````"),
        ("https://a.b`", "https://a.b", "`"),
        ("$https://a.b$", "https://a.b$", "$"),
        ("https://a.b/@user/#1</details>", "https://a.b/@user/#1", "</details>"),
    ],
)
def test_a_url_can_be_copied(message: str, url: str | None, prose: str) -> None:
    url = url or "https://www.pulumi.com/docs/#a?b=c&d=%20"
    exempt = result(Outcome.EXEMPT, message=message, exceptions=())
    for results in (run(result(message=message)), run(exempt), run(problems=(message,))):
        text = written(results, "markdown")
        shown = page(results)
        assert url in shown.code
        assert "<a " not in linked(text)
        cells = "".join(row[-1] for table in shown.tables for row in table)
        both = (shown.prose + cells).replace("\u200b", "")
        assert prose in both or prose in both.replace(url, "")


def test_a_url_next_to_code_is_its_own_code() -> None:
    for message in ("`a`https://a.b`c`", "`a` https://a.b `c`"):
        assert page(run(result(message=message))).code[-3:] == ["a", "https://a.b", "c"]


def test_a_workflow_finds_the_report_by_its_first_line() -> None:
    for results in (run(), run(result()), run(problems=("Nothing was read.",))):
        assert written(results, "markdown").split("\n")[0] == MARKER


def test_what_a_reader_needs_comes_first() -> None:
    results = run(
        *(result(outcome, urn=urn(outcome.value)) for outcome in Outcome),
        problems=("Line 3 is truncated.",),
    )
    text = written(results, "markdown")
    parts = [
        "Pulumi policies: `shop/dev`",
        "**1 violation and 1 warning in 1 policy pack. Not all results were read, so there can be",
        "Line 3 is truncated.",
        "| `acme-security 1.2.0` | 1 | 1 | 1 | 1 | 1 | 1 |",
        "### Violations (1)",
        "#### `violation`",
        "DynamoDB table 'orders' is a violation.",
        "### Warnings (1)",
        "DynamoDB table 'orders' is a warning.",
        "Exempt (1)",
        "EXC-42: Public data",
        "Remediated (1)",
    ]
    positions = [text.index(part) for part in parts]
    assert positions == sorted(positions)


def test_each_pack_has_its_counts() -> None:
    other = Pack("acme-costs")
    results = run(result(), result(pack=other), result(Outcome.PASSED, pack=other))
    (counts,) = page(results).tables
    assert counts == [
        ["acme-costs", "1", "0", "0", "0", "0", "1"],
        ["acme-security 1.2.0", "1", "0", "0", "0", "0", "0"],
        ["All", "2", "0", "0", "0", "0", "1"],
    ]


@given(st.sampled_from(HOSTILE) | texts(), st.sampled_from(HOSTILE) | texts())
def test_cells_stay_in_their_rows(name: str, reason: str) -> None:
    found = result(
        Outcome.EXEMPT, policy=name, urn=urn(name), exceptions=(PolicyException(name, reason),)
    )
    _, exempt = page(run(found, found)).tables
    assert [len(row) for row in exempt] == [5, 5]


@pytest.mark.parametrize(
    "message", ["A message.", "A long message. " * 200, "@#" * 9_000, "\n" * 9_000]
)
def test_a_report_fits_into_a_comment_and_counts_what_is_left_out(message: str) -> None:
    results = [
        result(
            outcome,
            urn=urn(f"{outcome.value}-{number:04}"),
            message=message,
            exceptions=(PolicyException("EXC-1", message),),
        )
        for outcome in Outcome
        for number in range(300)
    ]
    packs = [Pack(f"pack-{number:03}") for number in range(300)]
    text = written(
        run(*results, packs=packs, problems=(message,) * 50, notes=(message,) * 50), "markdown"
    )
    assert LIMIT / 2 < len(text) <= LIMIT
    shown = Page(rendered(text))
    counts, *tables = shown.tables
    assert counts[-1][1:] == ["300"] * 6
    left_out = [
        int(count.replace(",", "")) for count in re.findall(r"([\d,]+) more are left out", text)
    ]
    messages = len(re.findall(r"(?m)^#### ", text))
    rows = sum(map(len, tables))
    items = len(re.findall(r"(?m)^- ", text))
    assert messages >= 1
    assert items + (len(counts) - 1) + messages + rows + sum(left_out) == 100 + 301 + 1_200
    assert text.count("<details>") == text.count("</details>")


def test_a_long_list_is_collapsed() -> None:
    text = written(run(*(result(urn=urn(f"t-{number:02}")) for number in range(12))), "markdown")
    assert "<details><summary>2 more</summary>" in text
    assert text.index("t-09") < text.index("<details>") < text.index("t-10")
