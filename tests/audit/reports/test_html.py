"""The HTML report as text: its structure, and that it loads and executes nothing."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from html.parser import HTMLParser
from pathlib import Path

import pytest

from audit.reports import REPORTS, html
from audit.reports.words import RULE
from audit.reports.words import owner as owner_of
from audit.results import Audit, Coverage, Evidence, Finding, Status, Verdict
from policies.reporting.metadata import TAGS
from tests.audit.reports import html_data

_VOID = {"meta", "link", "input", "br", "img", "wbr"}
_LOADING = {"src", "srcset", "action", "formaction", "poster", "data", "background", "style"}


@dataclass
class Element:
    """An element of a page, with its elements and texts in their order."""

    name: str
    attributes: dict[str, str | None] = field(default_factory=dict)
    children: list[Element | str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All texts in it."""
        return "".join(c if isinstance(c, str) else c.text for c in self.children)

    def all(self, name: str, class_: str = "") -> list[Element]:
        """Return the elements in it with a name and a class."""
        return [e for e in self._elements() if e.name == name and class_ in [*e.classes, ""]]

    def one(self, identifier: str) -> Element:
        """Return the element in it with an ID."""
        [found] = [e for e in self._elements() if e.attributes.get("id") == identifier]
        return found

    @property
    def classes(self) -> list[str]:
        """Its classes."""
        return (self.attributes.get("class") or "").split()

    def _elements(self) -> Iterator[Element]:
        for child in self.children:
            if isinstance(child, Element):
                yield child
                yield from child._elements()


class _Parser(HTMLParser):
    """Builds elements, and fails for an end tag that does not end the innermost element."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Element("")
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, dict(attrs))
        assert len(element.attributes) == len(attrs)
        self._open[-1].children.append(element)
        if tag not in _VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open[-1].children.append(Element(tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop().name == tag

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)

    def close(self) -> None:
        super().close()
        assert [element.name for element in self._open] == [""]


def written(audit: Audit) -> str:
    out = io.StringIO()
    REPORTS["html"].write(audit, out)
    return out.getvalue()


def parsed(audit: Audit) -> Element:
    parser = _Parser()
    parser.feed(written(audit))
    parser.close()
    return parser.root


def rows(page: Element) -> list[list[str]]:
    """Return the texts of the findings' cells, except the last."""
    return [
        [cell.text for cell in row.children[:-1] if isinstance(cell, Element)]
        for row in page.one("rows").all("tr")
    ]


def test_shows_the_counts_of_the_summary() -> None:
    audit = html_data.audit(200)
    summary = parsed(audit).one("summary")
    counts = [span.text for span in summary.all("span", "count")]
    assert counts == [str(audit.summary[verdict]) for verdict in html.VERDICTS]
    assert min(audit.summary.values()) > 0
    [title] = summary.all("title")
    for verdict, words in html.VERDICTS.items():
        assert f"{words.label.lower()} {audit.summary[verdict]}" in title.text


def test_names_the_rule_the_run_and_the_identities() -> None:
    audit = html_data.audit()
    [header] = parsed(audit).all("header")
    assert RULE in TAGS
    for text in (
        "Rule DynamoDB-004 (risk: high)",
        "Accounts 111122223333, 444455556666, 777788889999, up to 4 Regions in each",
        "11 of 12 Regions in 3 accounts were read.",
        "2026-11-25 10:00:00 UTC to 2026-11-25 10:03:12 UTC",
        "Version 0.1.0",
        *audit.run.identities,
    ):
        assert text in header.text


def test_shows_each_finding_once_with_violations_first() -> None:
    audit = html_data.audit(200)
    shown = rows(parsed(audit))
    expected = [
        [
            html.VERDICTS[finding.verdict].label,
            finding.table,
            finding.account,
            finding.region,
            finding.key.type.value if finding.key.type else "not known",
            finding.key.state or "",
            finding.key.arn or "",
        ]
        for finding in audit.findings
    ]
    assert sorted(shown) == sorted(expected)
    labels = [words.label for words in html.VERDICTS.values()]
    assert [row[0] for row in shown] == sorted((row[0] for row in shown), key=labels.index)


def test_shows_what_a_finding_relies_on() -> None:
    audit = html_data.audit()
    page = parsed(audit)
    by_table = {row.all("th")[0].text: row for row in page.one("rows").all("tr")}
    for finding in audit.findings:
        row = by_table[finding.table]
        assert row.all("summary")[0].text == finding.reason.replace("`", "")
        [answer] = row.all("details", "answer")[0].all("pre")
        assert json.loads(answer.text) == finding.evidence.parsed()
        assert answer.text == json.dumps(finding.evidence.parsed(), indent=2)
        fixes = [pre.text for fix in row.all("div", "fix") for pre in fix.all("pre")]
        assert fixes == ([finding.fix] if finding.fix else [])
        for text in (finding.fix_note, finding.arn, finding.evidence.identity):
            assert text in row.text


def test_shows_the_coverage_with_what_was_not_read_first() -> None:
    audit = html_data.audit()
    table = parsed(audit).one("coverage").all("tbody")[0]
    shown = [
        [cell.text for cell in row.children if isinstance(cell, Element)] for row in table.all("tr")
    ]
    assert shown[0][:3] == ["444455556666", "us-east-1", "Denied"]
    assert "explicit deny" in shown[0][6]
    assert len(shown) == len(audit.coverage)
    for entry in audit.coverage:
        expected = [entry.account, entry.region, html.STATUSES[entry.status].label]
        expected += [str(number) for number in (entry.listed, entry.judged, entry.not_read)]
        assert [*expected, entry.reason] in shown


def test_shows_settings_and_warnings() -> None:
    audit = html_data.audit()
    page = parsed(audit)
    settings = page.one("settings").text
    assert "python -m audit aws --settings policy-config.json --region eu-west-1" in settings
    assert audit.run.settings.sha256 is not None
    assert audit.run.settings.sha256 in settings
    for name, value in audit.run.settings.values.items():
        assert name in settings
        assert json.dumps(value, indent=2) in settings
    assert audit.run.warnings[0] in page.one("warnings").text


def test_describes_each_verdict_and_status() -> None:
    assert list(html.VERDICTS) == list(Verdict)
    assert set(html.STATUSES) == set(Status)
    legend = parsed(html_data.audit()).one("verdicts").text
    for words in (*html.VERDICTS.values(), *html.STATUSES.values()):
        assert words.meaning in legend


def test_shows_the_stack_and_resource_of_findings_that_have_them() -> None:
    audit = html_data.audit_with_stacks()
    page = parsed(audit)
    resource = "shop:index:Store$aws:dynamodb/table:Table::orders"
    places = {tuple(row[7:]) for row in rows(page)}
    assert places == {
        ("acme/shop/prod", resource),
        ("acme/shop/prod", resource.replace("orders", "carts")),
        ("acme/shop/prod", resource.replace("orders", "users")),
        ("CloudFormation: shop-legacy", "OrdersTable"),
        ("no stack", ""),
        ("stack not known", ""),
    }
    options = [option.text for option in page.one("stack").all("option")]
    assert options == [
        "All stacks", "CloudFormation: shop-legacy", "acme/shop/prod", "no stack", "stack not known"
    ]  # fmt: skip
    assert "" not in [option.text for option in page.one("account").all("option")]
    by_table = {row.all("th")[0].text: row for row in page.one("rows").all("tr")}
    for finding in audit.findings:
        row = by_table[finding.table]
        drift = [shown.text for shown in row.all("p", "drift")]
        assert drift == ([f"Drift: {finding.drift}"] if finding.drift else [])
        owner = [shown.text for shown in row.all("dd", "owner")]
        assert owner == ([owner_of(finding)] if finding.owner else [])
        assert finding.urn in row.text
        assert finding.backend in row.text
        assert not (finding.is_of_stack and row.all("div", "fix")[0].all("pre"))


def test_shows_which_stacks_were_read() -> None:
    page = parsed(html_data.audit_with_stacks())
    _, table = page.one("coverage").all("tbody")
    shown = [
        [cell.text for cell in row.children if isinstance(cell, Element)] for row in table.all("tr")
    ]
    backend = "https://api.pulumi.com"
    updated = "Last update: 2026-11-25 10:00:00 UTC"
    assert shown == [
        ["acme/shop/staging", backend, "Failed", "3", "3", "0", f"No passphrase {updated}"],
        ["acme/shop/prod", backend, "Read", "3", "3", "0", updated],
    ]
    assert "1 of 2 stacks were read." in page.all("div", "banner")[0].text


def test_a_page_about_stacks_alone_has_no_word_about_aws_accounts() -> None:
    page = parsed(html_data.audit_of_stacks())
    facts = page.all("dl", "facts")[0].text
    assert "Stacks acme/shop/dev, acme/shop/prod" in facts
    assert "2 of 2 stacks were read." in facts
    assert "alice" in facts
    summary = page.one("summary").text
    assert "If its policies were mandatory, the pack would reject 1 of 2 stacks" in summary
    assert "1 table with drift" in summary
    [banner] = page.all("div", "complete")
    assert "every table that the stacks record was read" in banner.text
    assert len(page.one("coverage").all("table")) == 1
    assert "AWS listed" not in page.one("verdicts").text


def test_a_page_without_stacks_has_no_column_for_them() -> None:
    page = parsed(html_data.audit())
    assert {len(row) for row in rows(page)} == {7}
    assert [select.attributes["id"] for select in page.all("select")] == [
        "account", "region", "key"
    ]  # fmt: skip


def _covered(account: str, region: str | None, status: Status = Status.READ) -> Coverage:
    return Coverage(account, region, status, 0, 0, 0, "")


@pytest.mark.parametrize(
    ("coverage", "scope", "sentences"),
    [
        ((), "No account", ["No account was audited."]),
        (
            (_covered("1", "eu-west-1"),),
            "Account 1, Region eu-west-1",
            ["1 of 1 Region in 1 account was read."],
        ),
        (
            (
                _covered("1", "eu-west-1", Status.DENIED),
                _covered("1", "me-south-1", Status.DISABLED),
                _covered("1", "us-east-1"),
            ),
            "Account 1, Regions eu-west-1, us-east-1",
            [
                "1 of 2 Regions in 1 account were read.",
                "1 Region in 1 account is not enabled, so its tables can't be listed.",
            ],
        ),
        (
            (
                _covered("1", "eu-west-1", Status.FAILED),
                _covered("1", None, Status.DENIED),
                _covered("2", None, Status.DISABLED),
                _covered("profile prod", None, Status.DENIED),
            ),
            "Accounts 1, 2, profile prod, Region eu-west-1",
            [
                "0 of 1 Region in 1 account was read.",
                "1 of 3 accounts could not be read.",
                "Not all Regions of 1 account could be listed.",
                "1 of 3 accounts is not active, so its tables can't be listed.",
            ],
        ),
        (
            tuple(_covered(str(number), None, Status.DISABLED) for number in range(4)),
            "4 accounts, all Regions",
            ["4 of 4 accounts are not active, so their tables can't be listed."],
        ),
        (
            (_covered("1", "me-south-1", Status.DISABLED),),
            "Account 1, Region me-south-1",
            ["1 Region in 1 account is not enabled, so its tables can't be listed."],
        ),
        (
            tuple(_covered(f"role {number}", None, Status.DENIED) for number in range(4)),
            "4 accounts without a known ID, all Regions",
            ["4 of 4 accounts could not be read."],
        ),
        (
            (
                _covered("1", "eu-west-1"),
                _covered("aggregator all", "eu-west-1", Status.FAILED),
                _covered("the organization of profile prod", None, Status.DENIED),
            ),
            "Account 1, aggregator all, the organization of profile prod, Region eu-west-1",
            [
                "The aggregator all could not be read completely.",
                "The organization of profile prod could not be read completely.",
                "1 of 1 Region in 1 account was read.",
            ],
        ),
    ],
)
def test_shows_the_same_sentences_about_the_coverage_everywhere(
    coverage: tuple[Coverage, ...], scope: str, sentences: list[str]
) -> None:
    audit = Audit(html_data.run(), coverage)
    assert html.scope(coverage) == scope
    assert html.reach(coverage) == sentences
    page = parsed(audit)
    facts = page.all("dl", "facts")[0]
    assert scope in facts.text
    [banner] = page.all("div", "banner")
    assert [item.text for item in banner.all("li")] == sentences
    for sentence in sentences:
        assert sentence in facts.text
    is_read = any(entry.status is Status.READ for entry in coverage)
    assert ("complete" in banner.classes) == (audit.is_complete and is_read)


def test_says_that_listed_tables_were_not_read() -> None:
    audit = html_data.audit()
    unread = audit.summary[Verdict.NOT_READ]
    assert html.gaps(audit) == [
        "11 of 12 Regions in 3 accounts were read.",
        "3 Regions in 3 accounts are not enabled, so their tables can't be listed.",
        f"{unread} tables were listed and could not be read.",
    ]
    assert html.consequence(audit) == "there may be more tables and violations"
    read = [entry for entry in audit.coverage if entry.status is Status.READ]
    assert html.consequence(replace(audit, coverage=read)) == "there may be more violations"


@pytest.mark.parametrize(
    ("statuses", "text"),
    [
        ((), "Nothing was read, so this report shows nothing about your tables."),
        (
            (Status.DENIED, Status.FAILED, Status.DISABLED),
            "Nothing was read, so this report shows nothing about your tables.",
        ),
        ((Status.READ, Status.DENIED), "The audit found no tables in the Regions that were read."),
        ((Status.READ, Status.DISABLED), "The audit found no tables."),
    ],
)
def test_claims_nothing_about_what_was_not_read(statuses: tuple[Status, ...], text: str) -> None:
    coverage = [_covered("1", f"r-{index}", status) for index, status in enumerate(statuses)]
    page = parsed(Audit(html_data.run(), coverage))
    assert page.one("summary").all("p", "headline")[0].text == text
    assert page.one("empty").text == text
    assert rows(page) == []


def test_does_not_count_violations_if_no_table_was_read() -> None:
    audit = html_data.audit()
    unread = [finding for finding in audit.findings if finding.verdict is Verdict.NOT_READ]
    strong, rest = html.headline(replace(audit, findings=unread[:1]))
    assert strong == "1 table was listed, and none was read"
    assert "does not show whether" in rest


def test_names_the_regions_of_an_account_that_could_not_be_listed() -> None:
    coverage = [
        _covered("1", "eu-west-1"),
        _covered("1", None, Status.DENIED),
        _covered("2", None, Status.DENIED),
    ]
    table = parsed(Audit(html_data.run(), coverage)).one("coverage").all("tbody")[0]
    places = {(row.all("th")[0].text, row.all("td")[0].text) for row in table.all("tr")}
    assert places == {("1", "eu-west-1"), ("1", "other Regions"), ("2", "all Regions")}


def test_names_the_identity_that_started_the_audit_before_a_role_of_each_account() -> None:
    roles = [html_data.IDENTITY.format(account=f"{number:012}") for number in range(40)]
    user = "arn:aws:iam::000000000005:user/alice"
    audit = Audit(html_data.run(identities=sorted([*roles, user])))
    assert html.rarest_first(audit.run.identities) == [user, *roles]
    facts = parsed(audit).all("dl", "facts")[0]
    assert facts.all("span", "line")[1].text == user
    assert facts.all("summary")[0].text == "38 more"


def _with(finding: Finding, **changes: object) -> Element:
    audit = html_data.audit(1)
    return parsed(replace(audit, findings=[replace(finding, **changes)])).one("rows")  # type: ignore[arg-type]


def test_shows_code_in_backticks_as_an_element() -> None:
    finding = html_data.audit(1).findings[0]
    row = _with(finding, reason="Run `a <b>` & `c`, not ``, or `.", fix_note="See `d`.")
    assert [code.text for code in row.all("summary")[0].all("code")] == ["a <b>", "c"]
    assert row.all("summary")[0].text == "Run a <b> & c, not ``, or `."
    assert [code.text for code in row.all("p", "note")[0].all("code")] == ["d"]
    assert row.all("b") == []


def test_breaks_a_key_state_only_between_words() -> None:
    finding = html_data.audit(1).findings[0]
    row = _with(finding, key=replace(finding.key, state="PendingReplicaDeletion"))
    [state] = [cell for cell in row.all("td") if cell.all("wbr")]
    assert [part for part in state.children if isinstance(part, str)] == [
        "Pending",
        "Replica",
        "Deletion",
    ]


@pytest.mark.parametrize(
    ("answer", "parts"),
    [
        ({"Table": {"TableStatus": "ACTIVE"}}, [("SSEDescription", "none")]),
        (
            {
                "Table": {
                    "TableStatus": "ARCHIVED",
                    "SSEDescription": {"Status": "ENABLED"},
                    "Replicas": [{"RegionName": "eu-west-1", "KMSMasterKeyId": "arn", "X": 1}, 1],
                },
                "KeyMetadata": {"KeyState": "Disabled", "KeyManager": "CUSTOMER", "Arn": "arn"},
            },
            [
                ("TableStatus", "ARCHIVED"),
                ("SSEDescription", '{"Status": "ENABLED"}'),
                ("Replicas", '[{"RegionName": "eu-west-1", "KMSMasterKeyId": "arn"}]'),
                ("KeyManager", "CUSTOMER"),
                ("KeyState", "Disabled"),
            ],
        ),
        ({"Table": [], "KeyMetadata": "none"}, []),
        ([], []),
    ],
)
def test_shows_what_proves_a_violation(answer: object, parts: list[tuple[str, str]]) -> None:
    evidence = Evidence("DescribeTable", html_data.STARTED, "arn", json.dumps(answer))
    assert html.proof(evidence) == parts
    assert html.proof(replace(evidence, answer="[" * 100_000)) == []
    finding = html_data.audit(1).findings[0]
    shown = [
        span.text
        for proof in _with(finding, evidence=evidence, verdict=Verdict.VIOLATION).all("dd", "proof")
        for span in proof.all("span")
    ]
    assert shown == [f"{name}: {value}" for name, value in parts]


def test_is_the_same_for_the_same_results() -> None:
    assert written(html_data.audit()) == written(html_data.audit())


def test_loads_nothing_and_allows_only_its_own_style_and_script() -> None:
    page = parsed(html_data.hostile_audit())
    elements = page.all("html")[0]._elements()
    for element in elements:
        assert not _LOADING & set(element.attributes)
        assert not [name for name in element.attributes if name.startswith("on")]
        target = element.attributes.get("href") or ""
        if element.name != "a":
            assert target in ("", "data:,")
        else:
            assert target.startswith(("#", "https://docs.aws.amazon.com/"))
    [style], [script] = page.all("style"), page.all("script")
    assert "url(" not in style.text.replace('url("data:image/svg+xml,', "")
    assert "@import" not in style.text
    [policy] = [
        meta.attributes["content"] or ""
        for meta in page.all("meta")
        if meta.attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    directives = dict(part.split(maxsplit=1) for part in policy.split(";"))
    assert directives["default-src"] == "'none'"
    assert directives["script-src"] == _source(script.text)
    assert directives["style-src"] == _source(style.text)


def _source(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def test_hostile_texts_stay_texts() -> None:
    page = parsed(html_data.hostile_audit())
    assert len(page.all("script")) == 1
    assert page.all("img") == []
    shown = {row[1] for row in rows(page)}
    assert shown == {html.visible(text) for text in html_data.HOSTILE}


def test_contains_no_character_that_an_encoding_or_a_reader_changes() -> None:
    text = written(html_data.hostile_audit())
    assert text.isascii()
    assert all(character.isprintable() or character == "\n" for character in text)
    references = {int(number) for number in re.findall(r"&#(\d+);", text)}
    assert all(chr(number).isprintable() for number in references)


@pytest.mark.parametrize("name", ["page.css", "page.js"])
def test_style_and_script_are_ascii(name: str) -> None:
    folder = Path(html.__file__).parent / "html_page"
    assert (folder / name).read_text(encoding="utf-8").isascii()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            "Schl\u00fcssel \u65e5\u672c\u8a9e \U0001f512",
            "Schl\u00fcssel \u65e5\u672c\u8a9e \U0001f512",
        ),
        ("two\nlines", "two\nlines"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("a\u2028b\x00c\x1b\x7f", "a\\u2028b\\u0000c\\u001b\\u007f"),
        ("\ud800", "\\ud800"),
        ("\U000e0041", "\\udb40\\udc41"),
    ],
)
def test_escapes_what_cannot_be_shown(text: str, shown: str) -> None:
    assert html.visible(text) == shown
    document = html.visible(json.dumps(text, ensure_ascii=False))
    assert json.loads(document) == text


def test_shows_an_answer_that_is_no_json() -> None:
    evidence = Evidence("DescribeTable", html_data.STARTED, "arn", "<not JSON>")
    audit = html_data.audit(1)
    finding = replace(audit.findings[0], evidence=evidence)
    assert "<not JSON>" in parsed(replace(audit, findings=[finding])).one("rows").text
    assert html.pretty(replace(evidence, answer="[" * 100_000)) == "[" * 100_000


def test_shows_times_in_utc() -> None:
    local = datetime(2026, 11, 25, 12, 30, tzinfo=timezone(timedelta(hours=2)))
    assert html.utc(local) == "2026-11-25 10:30:00 UTC"
    assert html.iso(local) == "2026-11-25T10:30:00Z"
    assert html.utc(local.replace(tzinfo=None)) == "2026-11-25 12:30:00 UTC"


def test_each_verdict_has_a_visible_bar() -> None:
    bars = html.bars({**dict.fromkeys(Verdict, 1), Verdict.COMPLIANT: 1_000_000, Verdict.EXEMPT: 0})
    assert [bar.verdict for bar in bars] == [v for v in Verdict if v is not Verdict.EXEMPT]
    assert min(bar.width for bar in bars) > 0.5
    assert sum(bar.width for bar in bars) == pytest.approx(100, abs=0.01)
    assert html.bars(dict.fromkeys(Verdict, 0)) == []
