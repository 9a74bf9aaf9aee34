"""The HTML report about policies: that it loads and executes nothing, and its filters."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

import pytest
from hypothesis import given
from playwright.sync_api import Browser, expect

from audit.events.results import Outcome, Pack, PolicyException, PolicyRun
from tests.audit.events.reports.reading import Rows, written
from tests.audit.events.results import result, run, runs, urn
from tests.audit.reports.html_data import HOSTILE

COMPLETE = run(result(Outcome.EXEMPT, message="Set `sse`."), problems=("A.",), notes=("B.",))
"""A run whose page has each element."""


@given(runs())
def test_texts_become_no_markup(results: PolicyRun) -> None:
    text = written(results, "html")
    assert text.isascii()
    page = Rows(text)
    assert page.tags.count("script") == page.tags.count("style") == 1
    assert set(page.tags) <= set(Rows(written(COMPLETE, "html")).tags)
    assert len(page.rows) == len(results.results)


def test_the_policy_allows_only_the_style_and_the_script_of_the_page() -> None:
    text = written(run(result()), "html")
    for element in ("style", "script"):
        ((content,),) = [re.findall(rf"<{element}>(.*?)</{element}>", text, re.DOTALL)]
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{element}-src 'sha256-{digest}'" in text
    assert "default-src 'none'" in text


def test_a_row_has_the_message_and_the_exceptions() -> None:
    found = result(
        Outcome.EXEMPT,
        message="Set `sse`\n  to <on>.",
        exceptions=(PolicyException("EXC-1", "A <reason>"),),
    )
    (row,) = Rows(written(run(found), "html")).rows
    for part in ("Set sse\n  to <on>.", "EXC-1: A <reason>", urn(), "severity high"):
        assert part in row


@pytest.mark.browser
def test_filters_and_hostile_texts_in_chromium(browser: Browser, tmp_path: Path) -> None:
    other = Pack("acme-costs")
    results = run(
        result(),
        result(Outcome.WARNING, urn=urn("users"), policy="no-large-tables", pack=other),
        result(Outcome.PASSED, urn=urn("users")),
        *(
            result(Outcome.EXEMPT, policy=text, message=text, urn=urn(text), pack=Pack(text))
            for text in HOSTILE
        ),
        problems=HOSTILE,
    )
    total = len(results.results)
    file = tmp_path / "policies.html"
    file.write_text(written(results, "html"), encoding="utf-8")
    unwanted: list[str] = []
    page = browser.new_page()
    page.on("console", lambda message: unwanted.append(message.text))
    page.on("pageerror", lambda error: unwanted.append(str(error)))
    page.on("dialog", lambda dialog: unwanted.append(dialog.message))
    page.on(
        "request",
        lambda request: (
            None
            if request.url.startswith((file.as_uri(), "data:"))
            else unwanted.append(request.url)
        ),
    )
    page.goto(file.as_uri())
    counts = page.locator(".count").all_text_contents()
    assert counts == [str(number) for number in results.summary.values()]
    count = page.locator("#count")
    expect(count).to_have_text(f"Showing {total} of {total}")
    page.get_by_role("checkbox", name="Warning").check()
    expect(count).to_have_text(f"Showing 1 of {total}")
    expect(page.locator("#rows tr:visible th")).to_contain_text("users")
    page.get_by_role("button", name="Clear filters").click()
    expect(count).to_have_text(f"Showing {total} of {total}")
    page.get_by_label("Policy pack", exact=True).select_option("acme-security 1.2.0")
    expect(count).to_have_text(f"Showing 2 of {total}")
    page.get_by_label("Policy", exact=True).select_option("dynamodb-table-kms-encryption")
    page.get_by_label("Search").fill("ORDERS violation")
    expect(count).to_have_text(f"Showing 1 of {total}")
    page.get_by_label("Search").fill("there is no such table")
    expect(page.locator("#empty")).to_be_visible()
    page.locator("a[data-show=exempt]").click()
    page.get_by_label("Search").fill("")
    page.get_by_role("button", name="Clear filters").click()
    page.locator("a[data-show=exempt]").click()
    expect(count).to_have_text(f"Showing {len(HOSTILE)} of {total}")
    page.close()
    assert unwanted == []
