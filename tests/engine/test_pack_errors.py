"""A pack that fails is never shown as a pass: nothing is deployed under it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.engine.conftest import Project
from tests.engine.programs import ENABLED, table


@pytest.fixture
def copied(project: Project, tmp_path: Path) -> Project:
    """A project held to a copy of the pack, to break."""
    copy = tmp_path / "pack"
    copy.mkdir()
    for name in ("PulumiPolicy.yaml", "__main__.py", "requirements.txt"):
        shutil.copy(project.pack / name, copy / name)
    shutil.copytree(project.pack / "policies", copy / "policies")
    (copy / "venv").symlink_to(project.pack / "venv")
    project.pack = copy
    project.write(table("secure", server_side_encryption=ENABLED))
    return project


def break_route(project: Project, statement: str) -> None:
    """Put `statement` before what reads a table."""
    route = project.pack / "policies/routes/pulumi_aws.py"
    code = route.read_text("utf-8")
    assert "    yield Table(" in code
    route.write_text(
        code.replace("    yield Table(", f"    {statement}\n    yield Table("), "utf-8"
    )


def test_the_copy_works(copied: Project) -> None:
    assert copied.preview().exit_code == 0


def test_a_pack_that_does_not_start_stops_the_update(copied: Project) -> None:
    (copied.pack / "policies/__init__.py").write_text("raise ImportError('broken')\n", "utf-8")
    for result in (copied.preview(), copied.up()):
        assert result.exit_code != 0
        assert "broken" in result.output
    assert copied.tables() == {}


def test_a_pack_without_its_requirements_says_how_to_install_them(copied: Project) -> None:
    (copied.pack / "venv").unlink()
    for result in (copied.preview(), copied.up()):
        assert result.exit_code != 0
        assert "pulumi install" in result.output
    assert copied.tables() == {}


def test_a_policy_that_fails_rejects_the_table_without_a_traceback(copied: Project) -> None:
    break_route(copied, "1 / 0")
    for result in (copied.preview(), copied.up()):
        assert result.exit_code != 0
        assert (
            "'secure' could not be checked, so it is rejected: this policy pack failed with "
            "ZeroDivisionError. That is a mistake in the pack, not in your program"
        ) in result.output
        assert "Traceback" not in result.output
    assert copied.tables() == {}


def test_a_pack_that_dies_stops_the_update(copied: Project) -> None:
    break_route(copied, "import os; os._exit(1)")
    for result in (copied.preview(), copied.up()):
        assert result.exit_code != 0
        assert "error: failed to run policy" in result.output
    assert copied.tables() == {}


def test_wrong_configuration_stops_the_update(copied: Project) -> None:
    config = copied.folder / "policy-config.json"
    config.write_text('{"dynamodb-table-kms-encryption": "mandatry"}', "utf-8")
    result = copied.up("--policy-pack-config", str(config))
    assert result.exit_code != 0
    assert '"mandatry" is not a valid enforcement level' in result.output
    assert copied.tables() == {}


def test_a_mistyped_setting_stops_the_update_with_one_clear_sentence(copied: Project) -> None:
    config = copied.folder / "policy-config.json"
    setting = '{"dynamodb-table-kms-encryption": {"requireCustomerManagedKeys": true}}'
    config.write_text(setting, "utf-8")
    for result in (
        copied.preview("--policy-pack-config", str(config)),
        copied.up("--policy-pack-config", str(config)),
    ):
        assert result.exit_code != 0
        assert "there is no setting called 'requireCustomerManagedKeys'" in result.output
        assert "(did you mean 'requireCustomerManagedKey'?)" in result.output
    assert copied.tables() == {}


def test_a_setting_of_the_wrong_type_is_refused_by_the_engine(copied: Project) -> None:
    config = copied.folder / "policy-config.json"
    setting = '{"dynamodb-table-kms-encryption": {"requireCustomerManagedKey": "yes"}}'
    config.write_text(setting, "utf-8")
    result = copied.up("--policy-pack-config", str(config))
    assert result.exit_code != 0
    assert "Invalid type. Expected: boolean" in result.output
    assert copied.tables() == {}
