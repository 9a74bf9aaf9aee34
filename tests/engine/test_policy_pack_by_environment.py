"""The policy pack named by environment variables, as docs/organization.md does in CI."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from policies import POLICIES
from tests.project import Project
from tools.sandbox import Result

VIOLATION = "[mandatory] [severity: high]  dynamodb-table-kms-encryption"


@pytest.fixture
def advisory(tmp_path: Path) -> Path:
    file = tmp_path / "advisory.json"
    file.write_text('{ "all": "advisory" }', encoding="utf-8")
    return file


def run(project: Project, *words: str, pack: str | None = None, config: Path | str = "") -> Result:
    """Run `pulumi` with the pack, and its settings, in the environment only."""
    variables = {
        "PULUMI_OPTION_POLICY_PACK": str(project.pack) if pack is None else pack,
        "PULUMI_OPTION_POLICY_PACK_CONFIG": str(config),
    }
    return project.sandbox.pulumi(*words, cwd=project.folder, env=variables)


@pytest.mark.parametrize("words", [["preview"], ["up", "--yes"], ["up", "--yes", "--skip-preview"]])
def test_an_insecure_program_is_rejected(
    example: Callable[[str], Project], words: Sequence[str]
) -> None:
    project = example("insecure")
    result = run(project, *words)
    assert result.exit_code != 0
    assert VIOLATION in result.output
    assert project.tables() == {}


def test_a_secure_program_is_deployed(example: Callable[[str], Project]) -> None:
    project = example("secure")
    for command, runs_the_pack in (
        ("up --yes", True),
        ("policy analyze", True),
        ("refresh --yes", False),
        ("destroy --yes", False),
    ):
        result = run(project, *command.split())
        assert result.exit_code == 0, result.output
        assert ("    ✅ dynamodb-kms-encryption@v" in result.output) is runs_the_pack


def test_the_settings_are_those_of_the_file(
    example: Callable[[str], Project], advisory: Path, tmp_path: Path
) -> None:
    project = example("insecure")
    result = run(project, "preview", config=advisory)
    assert result.exit_code == 0, result.output
    assert "[advisory]" in result.output
    assert "[mandatory]" not in result.output

    strict = tmp_path / "strict.json"
    settings = {policy.name: {"requireCustomerManagedKey": True} for policy in POLICIES}
    strict.write_text(json.dumps(settings), encoding="utf-8")
    result = run(example("secure"), "preview", config=strict)
    assert result.exit_code != 0
    assert f"{VIOLATION}  (aws:dynamodb:Table: sessions)" in result.output


def test_a_missing_pack_or_file_fails(
    example: Callable[[str], Project], advisory: Path, tmp_path: Path
) -> None:
    project = example("secure")
    missing = str(tmp_path / "missing")
    for pack, config, error in (
        ("", advisory, '"--policy-pack-config" must be specified with "--policy-pack"'),
        (missing, advisory, f"{missing}/PulumiPolicy.yaml: no such file"),
        (None, missing, f"{missing}: no such file"),
    ):
        result = run(project, "up", "--yes", pack=pack, config=config)
        assert result.exit_code != 0
        assert error in result.output
    assert project.tables() == {}


def test_options_on_the_command_line_do_not_replace_the_settings(
    example: Callable[[str], Project], advisory: Path, tmp_path: Path, pack: Path
) -> None:
    project = example("insecure")
    settings = tmp_path / "settings.json"
    settings.write_text("{}", encoding="utf-8")
    result = run(project, "preview", "--policy-pack-config", str(advisory), config=settings)
    assert result.exit_code != 0
    assert "must match the number" in result.output

    # A second pack gets the second file.
    other = ("--policy-pack", str(pack / "tools/bench/empty_pack"))
    result = run(project, "preview", *other, "--policy-pack-config", str(advisory), config=settings)
    assert result.exit_code != 0
    assert VIOLATION in result.output
    assert "✅ empty@" in result.output
