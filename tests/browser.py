"""Tests in Chromium: the marker `browser`, and what is printed about tests that need one.

Without a browser, these tests are skipped, and the end of the test run says so. In CI they fail.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator, Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_MISSING = "Chromium is missing"
_HOW = (
    "Install it (Debian/Ubuntu: apt-get install chromium; or set CHROMIUM=/path/to/chrome), and "
    "run: venv/bin/python -m pytest -m browser"
)
_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
)


def find_browser() -> str | None:
    """Return the path of Chromium or Chrome; None if there is none.

    Raises:
        pytest.UsageError: CHROMIUM is set to something else than a program.
    """
    chosen = os.environ.get("CHROMIUM")
    if chosen:
        found = shutil.which(chosen)
        if found is None:
            raise pytest.UsageError(f"CHROMIUM is set to {chosen!r}, which is not a program.")
        return found
    return next((path for path in map(shutil.which, _NAMES) if path is not None), None)


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line("markers", "browser: the test needs Chromium or Chrome")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test that needs a browser if there is none. In CI, let it fail."""
    if item.get_closest_marker("browser") is None or find_browser() is not None:
        return
    if os.environ.get("CI", "").lower() in ("true", "1"):
        pytest.fail(f"{_MISSING}, and CI must run this test. {_HOW}", pytrace=False)
    pytest.skip(_MISSING)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter,
) -> Generator[None, None, None]:
    """Say which tests did not run, and how to run them, after everything else."""
    yield
    skipped = [
        report.nodeid
        for report in terminalreporter.stats.get("skipped", [])
        if isinstance(report.longrepr, tuple) and report.longrepr[2].endswith(_MISSING)
    ]
    if not skipped:
        return
    number = f"{len(skipped)} test needs" if len(skipped) == 1 else f"{len(skipped)} tests need"
    files = sorted({nodeid.partition("::")[0] for nodeid in skipped})
    terminalreporter.section("Tests that did not run", yellow=True)
    terminalreporter.line(f"{number} Chromium and did not run ({', '.join(files)}). {_HOW}")


# Playwright's event loop runs until it is closed, and tests of other modules run their own loops.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, which the tests of a module share."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=find_browser(), args=list(_ARGUMENTS), headless=True
        )
        yield launched
        launched.close()
