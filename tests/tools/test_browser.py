"""What a test run prints about tests that need a browser."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

_TESTS = """
import pytest

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("number", range(3))
def test_in_a_browser(number):
    pass
"""


def run_tests(folder: Path, pack: Path, *arguments: str, **variables: str) -> tuple[int, str]:
    """Run three tests that need a browser, and return the exit code and the output."""
    (folder / "test_three.py").write_text(_TESTS, encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "tests.browser",
        "--strict-markers",
        *arguments,
    ]
    result = subprocess.run(
        command,
        cwd=folder,
        env={"PATH": str(folder), "PYTHONPATH": str(pack), **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    return result.returncode, result.stdout + result.stderr


@pytest.mark.parametrize("arguments", [(), ("--numprocesses", "2"), ("-m", "browser", "-q")])
def test_says_at_the_end_what_did_not_run(
    tmp_path: Path, pack: Path, arguments: tuple[str, ...]
) -> None:
    code, output = run_tests(tmp_path, pack, *arguments)
    assert code == 0
    last = "\n".join(output.splitlines()[-3:])
    assert "3 tests need Chromium and did not run (test_three.py)." in last
    assert "run: venv/bin/python -m pytest -m browser" in last
    assert output.count("did not run (") == 1


def test_fails_in_ci(tmp_path: Path, pack: Path) -> None:
    code, output = run_tests(tmp_path, pack, CI="true")
    assert code == 1
    assert "3 errors" in output
    assert "Chromium is missing, and CI must run this test." in output


@pytest.mark.parametrize("name", ["chromium", "chromium-browser", "google-chrome"])
def test_runs_with_any_browser(tmp_path: Path, pack: Path, name: str) -> None:
    program = tmp_path / name
    program.write_text("#!/bin/sh\n", encoding="utf-8")
    program.chmod(0o755)
    code, output = run_tests(tmp_path, pack)
    assert (code, "3 passed" in output) == (0, True)
    assert "did not run" not in output


def test_reports_a_wrong_path(tmp_path: Path, pack: Path) -> None:
    code, output = run_tests(tmp_path, pack, CHROMIUM="/missing/chrome")
    assert code != 0
    assert "CHROMIUM is set to '/missing/chrome', which is not a program." in output
