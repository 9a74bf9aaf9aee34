"""The HTML report in Chromium: what is shown, and what a reader can do with it."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Dialog, Locator, Page, Request, expect

from audit.reports import html
from audit.results import Audit, Finding, Verdict
from tests.audit.reports import html_data

pytestmark = pytest.mark.browser

Open = Callable[..., Page]


_TIMEOUT = 60_000
"""The milliseconds that an operation can take: many more than it takes on a slow machine."""


@pytest.fixture
def unwanted() -> list[str]:
    """What pages requested, reported on the console, or asked in a dialog."""
    return []


@pytest.fixture
def open_page(browser: Browser, tmp_path: Path, unwanted: list[str]) -> Iterator[Open]:
    """Opens the page of results. It must not request, report, or ask anything."""
    contexts: list[BrowserContext] = []

    def opened(audit: Audit, fragment: str = "", **options: Any) -> Page:
        path = tmp_path / f"audit-{len(contexts)}.html"
        with path.open("w", encoding="utf-8") as out:
            html.write(audit, out)
        own = (path.as_uri(), "data:")

        def request(request: Request) -> None:
            if not request.url.startswith(own):
                unwanted.append(request.url)

        def dialog(dialog: Dialog) -> None:
            unwanted.append(dialog.message)
            dialog.dismiss()

        options.setdefault("viewport", {"width": 1360, "height": 900})
        context = browser.new_context(**options)
        contexts.append(context)
        context.set_default_timeout(_TIMEOUT)
        page = context.new_page()
        page.on("console", lambda message: unwanted.append(message.text))
        page.on("pageerror", lambda error: unwanted.append(str(error)))
        page.on("dialog", dialog)
        page.on("request", request)
        page.goto(path.as_uri() + fragment)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert unwanted == []


def shown_rows(page: Page) -> Locator:
    return page.locator("#rows tr:visible")


def shown_tables(page: Page) -> list[str]:
    return page.locator("#rows tr:not([hidden]) > th").all_text_contents()


def expect_shown(page: Page, audit: Audit, matches: Callable[[Finding], bool]) -> None:
    tables = sorted(finding.table for finding in audit.findings if matches(finding))
    expect(page.locator("#count")).to_have_text(f"Showing {len(tables)} of {len(audit.findings)}")
    assert sorted(shown_tables(page)) == tables


def test_counts_are_those_of_the_summary(open_page: Open) -> None:
    audit = html_data.audit()
    page = open_page(audit)
    assert page.locator(".count").all_text_contents() == [str(n) for n in audit.summary.values()]
    words = page.locator("#rows tr .verdict, #rows td.verdict").all_text_contents()
    labels = {words.label: verdict for verdict, words in html.VERDICTS.items()}
    counts = Counter(labels[word] for word in words)
    assert {verdict: counts[verdict] for verdict in Verdict} == audit.summary


@pytest.mark.parametrize("name", ["account", "region", "key"])
def test_filters_by_a_list(open_page: Open, name: Literal["account", "region", "key"]) -> None:
    audit = html_data.audit()
    page = open_page(audit)
    value_of = {
        "account": lambda finding: finding.account,
        "region": lambda finding: finding.region,
        "key": html.key_type,
    }[name]
    options = page.locator(f"#{name} option").all_text_contents()[1:]
    assert options == sorted({value_of(finding) for finding in audit.findings})
    page.locator(f"#{name}").select_option(options[0])
    expect_shown(page, audit, lambda finding: value_of(finding) == options[0])
    page.get_by_role("button", name="Clear filters").click()
    expect_shown(page, audit, lambda _: True)
    expect(page.get_by_role("button", name="Clear filters")).to_be_disabled()


def test_filters_by_stacks_and_by_drift(open_page: Open) -> None:
    audit = html_data.audit_with_stacks()
    page = open_page(audit)
    drifting = [finding for finding in audit.findings if finding.drift]
    page.get_by_role("link", name=f"{len(drifting)} tables").click()
    expect_shown(page, audit, lambda finding: bool(finding.drift))
    page.locator("#clear").click()
    page.get_by_label("Stack", exact=True).select_option("acme/shop/prod")
    expect_shown(page, audit, lambda finding: html.stack(finding) == "acme/shop/prod")
    page.locator("th[data-sort=resource] button").click()
    resources = page.locator("#rows tr:visible .resource").all_text_contents()
    assert len(set(resources)) > 1
    assert resources == sorted(resources)


def test_filters_by_verdicts(open_page: Open) -> None:
    audit = html_data.audit()
    page = open_page(audit)
    page.get_by_role("checkbox", name="Violation").check()
    expect_shown(page, audit, lambda finding: finding.verdict is Verdict.VIOLATION)
    page.get_by_role("checkbox", name="Exempt").check()
    chosen = (Verdict.VIOLATION, Verdict.EXEMPT)
    expect_shown(page, audit, lambda finding: finding.verdict in chosen)


def test_searches_all_words_in_all_texts(open_page: Open) -> None:
    audit = html_data.audit()
    page = open_page(audit)
    page.get_by_label("Search").fill("ORDERS  eu-")
    expect_shown(page, audit, lambda f: "orders" in f.table and f.region.startswith("eu-"))
    arn = next(finding.key.arn for finding in audit.findings if finding.key.arn)
    page.get_by_label("Search").fill(arn)
    expect_shown(page, audit, lambda finding: finding.key.arn == arn)
    page.get_by_label("Search").fill("`kms:DescribeKey`")
    expect_shown(page, audit, lambda finding: "`kms:DescribeKey`" in finding.reason)
    page.get_by_label("Search").fill("there is no such table")
    expect(page.locator("#empty")).to_have_text("No finding matches the filters.")
    expect(page.locator("#empty")).to_be_visible()


@pytest.mark.parametrize(
    ("column", "value_of"),
    [
        ("Verdict", lambda finding: list(Verdict).index(finding.verdict)),
        ("Table", lambda finding: finding.table),
        ("Account", lambda finding: finding.account),
        ("Region", lambda finding: finding.region),
        ("Key type", lambda finding: html.key_type(finding).lower()),
    ],
)
def test_sorts(open_page: Open, column: str, value_of: Callable[[Finding], Any]) -> None:
    audit = html_data.audit()
    by_table = {finding.table: finding for finding in audit.findings}
    page = open_page(audit)
    button = page.locator("#table").get_by_role("button", name=column, exact=True)
    header = page.locator("#table").get_by_role("columnheader", name=column, exact=True)
    for order in ("ascending", "descending"):
        button.click()
        expect(header).to_have_attribute("aria-sort", order)
        values = [value_of(by_table[table]) for table in shown_tables(page)]
        assert values == sorted(values, reverse=order == "descending")
    assert len(set(values)) > 1
    expect(page.locator("[aria-sort]")).to_have_count(1)


def test_a_link_keeps_the_view(open_page: Open) -> None:
    audit = html_data.audit()
    page = open_page(audit)
    page.get_by_role("checkbox", name="Violation").check()
    page.locator("#account").select_option(html_data.ACCOUNTS[0])
    page.get_by_role("button", name="Table", exact=True).click()
    page.get_by_role("button", name="Table", exact=True).click()
    tables, fragment = shown_tables(page), page.evaluate("location.hash")
    assert tables
    linked = open_page(audit, fragment)
    assert shown_tables(linked) == tables
    expect(linked.get_by_role("checkbox", name="Violation")).to_be_checked()


@pytest.mark.parametrize(
    "fragment",
    ["#account=<img src=x onerror=alert(1)>&sort=constructor", "#verdict=none,,&key=%ff&x", "#="],
)
def test_a_wrong_link_shows_all_findings(open_page: Open, fragment: str) -> None:
    audit = html_data.audit()
    expect_shown(open_page(audit, fragment), audit, lambda _: True)


def test_a_count_shows_its_findings(open_page: Open) -> None:
    audit = html_data.audit()
    page = open_page(audit)
    page.locator("#summary").get_by_role("link", name="Compliant").click()
    expect_shown(page, audit, lambda finding: finding.verdict is Verdict.COMPLIANT)
    expect(page.locator("#findings")).to_be_focused()


def test_expands_and_copies_with_the_keyboard_alone(open_page: Open) -> None:
    audit = html_data.audit()
    page = open_page(audit)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the findings")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Search")).to_be_focused()
    page.keyboard.type("violation")
    expect(page.locator("#count")).to_have_text(
        f"Showing {audit.summary[Verdict.VIOLATION]} of {len(audit.findings)}"
    )
    summary = page.locator("#rows > tr:not([hidden]) summary").first
    _tab_to(page, summary)
    page.keyboard.press("Space")
    row = shown_rows(page).first
    expect(row.locator(".fix")).to_be_visible()
    copy = row.get_by_role("button", name="Copy the fix")
    expect(copy).to_be_visible()
    page.keyboard.press("Tab")
    expect(copy).to_be_focused()
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    expect(page.locator("#copied")).to_have_text("Copied the fix")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied in [finding.fix for finding in audit.findings]
    assert copied == row.locator(".fix pre").text_content()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(row.locator(".answer pre")).to_be_visible()
    _tab_to(page, page.get_by_role("button", name="Key state"), "Shift+Tab")
    page.keyboard.press("Space")
    expect(page.locator("th[data-sort=state]")).to_have_attribute("aria-sort", "ascending")


def _tab_to(page: Page, target: Locator, key: str = "Tab") -> None:
    for _ in range(40):
        page.keyboard.press(key)
        if target.evaluate("element => element === document.activeElement"):
            return
    pytest.fail(f"{key} does not reach {target}")


def test_expands_and_collapses_all(open_page: Open) -> None:
    page = open_page(html_data.audit())
    page.get_by_role("button", name="Expand all").click()
    expect(page.locator("#rows td > details:not([open])")).to_have_count(0)
    page.get_by_role("button", name="Expand all").click()
    expect(page.locator("#rows td > details[open]")).to_have_count(0)


def test_every_control_has_a_name_and_ids_are_unique(open_page: Open) -> None:
    page = open_page(html_data.audit())
    identifiers = page.evaluate("Array.from(document.querySelectorAll('[id]'), e => e.id)")
    assert len(identifiers) == len(set(identifiers))
    snapshot = page.locator("body").aria_snapshot()
    assert not re.search(r"- (button|combobox|checkbox|searchbox|link)( \[|:|$)", snapshot, re.M)
    assert 'table "Findings: each table with its verdict, its key, and the reason"' in snapshot
    assert 'rowheader "' in snapshot
    assert 'columnheader "Verdict' in snapshot


CONTRAST = """() => {
  const channels = (color) => {
    const [r, g, b, a = 1] = color.match(/[\\d.]+/g).map(Number);
    return { rgb: [r, g, b], a };
  };
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((value) => {
      const part = value / 255;
      return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const background = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const { rgb, a } = channels(getComputedStyle(at).backgroundColor);
      if (a === 1) return rgb;
    }
    return [255, 255, 255];
  };
  const low = new Set();
  let checked = 0;
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    const field = element.matches("input, select");
    if (!(own || field) || !element.checkVisibility() || element.closest("svg, .unseen")) continue;
    const style = getComputedStyle(element);
    const behind = luminance(background(element));
    const ratio = (color) => {
      const front = luminance(channels(color).rgb);
      return (Math.max(front, behind) + 0.05) / (Math.min(front, behind) + 0.05);
    };
    checked += 1;
    if (ratio(style.color) < 4.5) low.add(element.outerHTML.slice(0, 80));
    if (field && element.type !== "checkbox" && ratio(style.borderColor) < 3) {
      low.add(`border of ${element.id}`);
    }
  }
  return { checked, low: [...low] };
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast(open_page: Open, scheme: Literal["light", "dark"]) -> None:
    page = open_page(html_data.audit(), color_scheme=scheme)
    page.get_by_role("button", name="Expand all").click()
    page.locator("#rows tr:visible .copy").first.wait_for()
    backgrounds = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (int(re.findall(r"\d+", backgrounds)[0]) < 128) == (scheme == "dark")
    result = page.evaluate(CONTRAST)
    assert result["low"] == []
    assert result["checked"] > 500


def test_prints_what_is_shown_with_its_fix(open_page: Open) -> None:
    audit = html_data.audit()
    page = open_page(audit)
    page.get_by_role("checkbox", name="Violation").check()
    page.emulate_media(media="print")
    expect(page.locator("nav")).to_be_hidden()
    expect(page.locator(".filters")).to_be_hidden()
    assert sorted(shown_tables(page)) == sorted(
        f.table for f in audit.findings if f.verdict is Verdict.VIOLATION
    )
    for fix in page.locator("#rows > tr:not([hidden]) .fix").all():
        expect(fix).to_be_visible()
    for proof in page.locator("#rows > tr:not([hidden]) .proof").all():
        expect(proof).to_be_visible()
    expect(page.locator("#view")).to_have_text("Filters: Violation")
    expect(page.locator(".answer pre:visible")).to_have_count(0)
    scroll = page.locator(".scroll").evaluate("e => [e.scrollHeight, e.clientHeight]")
    assert scroll[0] <= scroll[1] + 1
    assert page.pdf().startswith(b"%PDF")


def test_prints_the_evidence_of_each_verdict(open_page: Open) -> None:
    audit = html_data.audit()
    page = open_page(audit)
    page.emulate_media(media="print")
    assert min(audit.summary.values()) > 0
    printed = page.locator("#rows > tr > td > details > .more > dl > dd:nth-of-type(2):visible")
    expect(printed).to_have_count(len(audit.findings))
    overflowing = page.evaluate(
        "Array.from(document.querySelectorAll('#rows td.verdict, #rows td:nth-child(6)'))"
        ".filter(e => e.scrollWidth > e.clientWidth).map(e => e.textContent)"
    )
    assert overflowing == []


def test_shows_the_coverage_as_cards_on_a_phone(open_page: Open) -> None:
    audit = html_data.audit()
    page = open_page(audit, viewport={"width": 375, "height": 800})
    widths = page.locator(".scroll").evaluate("e => [e.scrollWidth, e.clientWidth]")
    assert widths[0] <= widths[1]
    rows = page.locator(".coverage tbody tr")
    expect(rows).to_have_count(len(audit.coverage))
    broken = rows.evaluate_all(
        "rows => rows.flatMap(row => [...row.querySelectorAll('th, td:nth-child(2), .status')])"
        ".filter(cell => cell.getBoundingClientRect().height > 30).map(cell => cell.textContent)"
    )
    assert broken == []
    high = rows.evaluate_all(
        "rows => rows.filter(row => !row.querySelector('.reason').textContent"
        " && row.getBoundingClientRect().height > 80).length"
    )
    assert high == 0


def test_is_readable_without_a_script(open_page: Open) -> None:
    audit = html_data.audit()
    page = open_page(audit, java_script_enabled=False)
    expect(page.locator(".filters")).to_be_hidden()
    expect(shown_rows(page)).to_have_count(len(audit.findings))
    expect(page.locator("#count")).to_have_text("Showing 40 of 40")
    expect(page.locator("thead button")).to_have_count(0)
    first = shown_rows(page).first
    first.locator("summary").first.click()
    expect(first.locator(".fix")).to_be_visible()


@pytest.mark.parametrize("width", [320, 390, 768, 1024, 1360, 1920])
@pytest.mark.parametrize("results", ["audit", "audit_with_stacks", "hostile_audit"])
def test_fits_the_screen(open_page: Open, width: int, results: str) -> None:
    audit = getattr(html_data, results)()
    page = open_page(audit, viewport={"width": width, "height": 800})
    page.get_by_role("button", name="Expand all").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    outside = page.evaluate(
        "Array.from(document.querySelectorAll('#rows td, #rows th, #rows pre, dd, li'))"
        ".filter(e => e.checkVisibility() && e.getBoundingClientRect().right > innerWidth + 1)"
        ".map(e => e.outerHTML.slice(0, 80))"
    )
    assert outside == []


def test_hostile_texts_are_shown_and_never_executed(open_page: Open) -> None:
    audit = html_data.hostile_audit()
    page = open_page(audit)
    page.get_by_role("button", name="Expand all").click()
    for answer in page.locator(".answer > summary").all():
        answer.click()
    expect(page.locator("#injected")).to_have_count(0)
    assert page.evaluate("document.scripts.length") == 1
    expected = [html.visible(text) for text in html_data.HOSTILE]
    assert sorted(shown_tables(page)) == sorted(expected)
    answers = page.locator(".answer pre").all_text_contents()
    assert sorted(next(iter(json.loads(answer))) for answer in answers) == sorted(html_data.HOSTILE)
    for text in expected:
        page.get_by_label("Search").fill(text)
        page.get_by_label("Search").press("Enter")
        expect(page.locator("#empty")).to_be_hidden()
    page.get_by_label("Search").fill("")
    for index in range(page.locator("#account option").count()):
        page.locator("#account").select_option(index=index)
        expect(page.locator("#empty")).to_be_hidden()


def test_its_policy_stops_other_scripts(open_page: Open, unwanted: list[str]) -> None:
    page = open_page(html_data.audit())
    stopped = page.evaluate(
        """() => {
          try {
            document.body.insertAdjacentHTML("beforeend", "<img src=x onerror=alert(1)>");
          } catch (error) {
            return error.name;
          }
        }"""
    )
    assert stopped == "TypeError"
    blocked = page.evaluate(
        """() => new Promise((resolve) => {
          document.addEventListener("securitypolicyviolation", (event) => {
            resolve(event.effectiveDirective);
          });
          const image = document.createElement("img");
          image.src = "https://example.com/x.png";
          document.body.append(image);
        })"""
    )
    assert blocked == "img-src"
    unwanted.clear()


def test_works_with_10_000_findings(open_page: Open) -> None:
    audit = html_data.audit(10_000)
    page = open_page(audit)
    expect(page.locator("#count")).to_have_text("Showing 10,000 of 10,000")
    violations = audit.summary[Verdict.VIOLATION]
    page.locator("input[value=violation]").check()
    expect(page.locator("#count")).to_have_text(f"Showing {violations:,} of 10,000")
    found = audit.findings[7_777]
    page.locator("#clear").click()
    page.locator("#search").fill(found.table)
    expect(page.locator("#count")).to_have_text("Showing 1 of 10,000")
    assert shown_tables(page) == [found.table]
    page.locator("#rows > tr:not([hidden])").locator("summary").first.click()
    expect(page.locator("#rows > tr:not([hidden])").locator(".more")).to_be_visible()
    page.locator("#clear").click()
    page.locator("th[data-sort=table] button").click()
    assert shown_tables(page)[0] == min(finding.table for finding in audit.findings)
    # The browser lays out the rows in sight only.
    rendered = page.evaluate(
        "Array.from(document.querySelectorAll('#rows summary'))"
        ".filter(e => e.checkVisibility({contentVisibilityAuto: true})).length"
    )
    assert 0 <= rendered < 200
