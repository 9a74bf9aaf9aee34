"""A pack that fails stops the update: nothing is deployed unchecked."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.project import DECLARED, Project


@pytest.fixture
def copied(project: Project, tmp_path: Path) -> Project:
    """A project with an encrypted table, and a copy of the pack that a test can break."""
    copy = tmp_path / "pack"
    copy.mkdir()
    for name in ("PulumiPolicy.yaml", "__main__.py", "requirements.txt"):
        shutil.copy(project.pack / name, copy / name)
    shutil.copytree(project.pack / "policies", copy / "policies")
    (copy / "venv").symlink_to(project.pack / "venv")
    project.pack = copy
    project.write('table("secure", server_side_encryption=ENABLED)')
    return project


def break_route(project: Project, statement: str) -> None:
    """Insert a statement before the route reads a table."""
    route = project.pack / "policies/routes/tables.py"
    code = route.read_text("utf-8")
    reads = "        yield read_table("
    assert reads in code
    route.write_text(code.replace(reads, f"        {statement}\n{reads}"), "utf-8")


def test_the_unchanged_copy_works(copied: Project) -> None:
    assert copied.preview().exit_code == 0


def test_a_pack_that_does_not_start(copied: Project) -> None:
    (copied.pack / "policies/__init__.py").write_text("raise ImportError('broken')\n", "utf-8")
    for result in (copied.preview(), copied.up()):
        assert result.exit_code != 0
        assert "broken" in result.output
    assert copied.tables() == {}


def test_a_pack_without_its_requirements(copied: Project) -> None:
    (copied.pack / "venv").unlink()
    for result in (copied.preview(), copied.up()):
        assert result.exit_code != 0
        python = copied.pack / "venv/bin/python"
        assert f"policy pack failed to start: fork/exec {python}: no such file" in result.output
    assert copied.tables() == {}


def test_an_exception_in_a_policy_rejects_the_table_without_a_traceback(copied: Project) -> None:
    break_route(copied, "1 / 0")
    for result in (copied.preview(), copied.up()):
        assert result.exit_code != 0
        assert (
            "'secure' could not be checked, so it is rejected: the policy pack failed with "
            "ZeroDivisionError. This is a bug in the policy pack, not in your program."
        ) in result.output
        assert "Traceback" not in result.output
    assert copied.tables() == {}


def test_a_pack_that_exits(copied: Project) -> None:
    break_route(copied, "import os; os._exit(1)")
    for result in (copied.preview(), copied.up()):
        assert result.exit_code != 0
        assert "error: failed to run policy" in result.output
    assert copied.tables() == {}


def test_an_invalid_enforcement_level(copied: Project) -> None:
    result = copied.up(*copied.config({DECLARED: "mandatry"}))
    assert result.exit_code != 0
    assert '"mandatry" is not a valid enforcement level' in result.output
    assert copied.tables() == {}


def test_a_mistyped_setting(copied: Project) -> None:
    option = copied.config({DECLARED: {"requireCustomerManagedKeys": True}})
    for result in (copied.preview(*option), copied.up(*option)):
        assert result.exit_code != 0
        assert "There is no setting called 'requireCustomerManagedKeys'." in result.output
        assert "Did you mean 'requireCustomerManagedKey'?" in result.output
    assert copied.tables() == {}


def test_a_setting_of_the_wrong_type(copied: Project) -> None:
    result = copied.up(*copied.config({DECLARED: {"requireCustomerManagedKey": "yes"}}))
    assert result.exit_code != 0
    assert "Invalid type. Expected: boolean" in result.output
    assert copied.tables() == {}
