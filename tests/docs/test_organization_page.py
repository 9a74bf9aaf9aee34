"""docs/organization.md against the CLI, the settings' schema, the examples, and the engine."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner

from audit.commands import main
from policies import POLICIES
from policies.settings.reading import read
from policies.settings.schema import SCHEMA
from tests.docs.markdown import rows
from tests.tools.release.pulumi_commands import commands, help_of, wrong_with
from tools.demo.__main__ import preview
from tools.release.check import version_of
from tools.sandbox import Sandbox

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/organization.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```([a-z]+)\n(.*?)^```$", PAGE, re.M | re.S)
SCRIPTS = [text for language, text in BLOCKS if language == "sh"]
COMMANDS = [command for script in SCRIPTS for command in commands(script)]


def test_every_block_is_tested() -> None:
    # Two fences for each block, and no block in a language that no test reads.
    assert len(re.findall(r"^ *```", PAGE, re.M)) == 2 * len(BLOCKS)
    assert {language for language, _ in BLOCKS} == {"json", "sh", "text"}


def test_the_commands_exist() -> None:
    lines = {line for script in SCRIPTS for line in re.findall(r"^pulumi .*$", script, re.M)}
    assert len(COMMANDS) >= len(lines) > 20
    assert [fault for words in COMMANDS if (fault := wrong_with(words))] == []


def test_the_commands_of_the_audit_are_valid(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "advisory.json").write_text("{}", encoding="utf-8")
    found = re.findall(r"^venv/bin/python -m audit (.*)$", "\n".join(SCRIPTS), re.M)
    assert found
    for words in found:
        # An option that is parsed before it ends the command, so nothing is audited.
        result = CliRunner().invoke(main, [*shlex.split(words), "--help"])
        assert result.exit_code == 0, (words, result.output)


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ("policy enable my-org/a", "was given 1 arguments"),
        ("policy enable my-org/a latest --policy-groups b", "has no flag --policy-groups"),
        ("policy enroll my-org/a", "is no command"),
        ("policy publish my-org --config", "has no flag --config"),
        ("policy group get --org", "--org has no value"),
        ("previews", "is no command"),
    ],
)
def test_a_command_that_does_not_exist_is_detected(words: str, fault: str) -> None:
    assert fault in (wrong_with(words.split()) or "")


def test_experimental_commands_are_marked() -> None:
    experimental = set()
    for words in COMMANDS:
        command: list[str] = []
        for word in words:
            if word.startswith("-") or not help_of(*command).subcommands:
                break
            command.append(word)
        if help_of(*command).text.startswith("[EXPERIMENTAL]"):
            experimental.add(" ".join(command))
    sections = re.split(r"^## ", PAGE, flags=re.M)
    marked = "".join(section for section in sections if "experimental" in section)
    assert experimental
    assert {name for name in experimental if f"pulumi {name} " in marked} == experimental
    for stable in ("enable", "disable", "validate-config"):
        assert not help_of("policy", stable).text.startswith("[EXPERIMENTAL]")


def test_the_environment_variables_apply_to_the_commands_that_take_a_pack() -> None:
    sentence = re.search(r"environment variables make every (.*?) of the pipeline", PAGE, re.S)
    assert sentence is not None
    taking = {f"pulumi {name}" for name in help_of().subcommands if takes_a_pack(name)}
    taking |= {
        f"pulumi policy {name}"
        for name in help_of("policy").subcommands
        if takes_a_pack("policy", name)
    }
    assert {" ".join(name.split()) for name in re.findall(r"`([^`]+)`", sentence[1])} == taking
    exempt = re.search(r"^- (.*?) don't run policy packs", PAGE, re.M)
    assert exempt is not None
    for command in re.findall(r"`pulumi (\w+)`", exempt[1]):
        assert help_of(command).usage
        assert not takes_a_pack(command)
    variables = set(re.findall(r"PULUMI_OPTION_\w+", PAGE))
    assert variables == {"PULUMI_OPTION_POLICY_PACK", "PULUMI_OPTION_POLICY_PACK_CONFIG"}


def takes_a_pack(*command: str) -> bool:
    return "--policy-pack" in help_of(*command).flags


def test_the_page_names_this_pack_and_its_version() -> None:
    version = version_of(ROOT)
    assert version is not None
    references = re.findall(r"my-org/([a-z-]+) (\d[\d.]*|latest)", PAGE)
    assert {name for name, _ in references} == {"dynamodb-kms-encryption"}
    # The upgrade goes to the next version.
    major, minor, _ = version.split(".")
    assert {named for _, named in references} == {version, f"{major}.{int(minor) + 1}.0"}
    assert set(re.findall(r"\bv(\d[\d.]+\d)", PAGE)) == {version}
    assert '"dynamodb-kms-encryption"' in (ROOT / "__main__.py").read_text(encoding="utf-8")


EXAMPLES = [json.loads(text) for language, text in BLOCKS if language == "json"]


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_the_settings_are_valid(example: dict[str, Any]) -> None:
    assert jsonschema.Draft7Validator({"type": "object", "properties": SCHEMA}).is_valid(example)
    assert read(example).faults == ()


def test_no_setting_is_written_twice() -> None:
    lines = [line.strip(" {}[],") for language, text in BLOCKS if language == "json"
             for line in text.splitlines()]  # fmt: skip
    written = [line for line in lines if line]
    assert len(written) == len(set(written)) > 0


def test_the_page_links_to_every_pipeline() -> None:
    linked = set(re.findall(r"\(\.\./examples/ci/([\w.-]+)\)", PAGE))
    files = {file.name for file in (ROOT / "examples/ci").iterdir()}
    assert linked == files


def test_what_developers_see_is_what_the_engine_prints(sandbox: Sandbox) -> None:
    (shown,) = (text for language, text in BLOCKS if language == "text")
    result = preview(sandbox, "insecure")
    assert result.exit_code != 0
    # Unlike a local pack, a required pack is shown without a path.
    printed = re.sub(r" \(local: .*\)", "", result.output)
    assert shown in f"{printed}\n"


def test_the_audit_table_lists_the_policies() -> None:
    table = rows(PAGE, "Policy")
    assert {name.strip("`") for name, *_ in table} == {policy.name for policy in POLICIES}
    # Only policies for single resources check what a scan read.
    for policy, (_, _, accounts) in zip(POLICIES, table, strict=True):
        assert (accounts == "Not run") is ("Stack" in type(policy).__name__)


def test_the_costs_are_the_bounds_of_the_benchmark() -> None:
    benchmark = (ROOT / "tools/bench/__main__.py").read_text(encoding="utf-8")
    bounds = {ratio.removeprefix("at most ") for _, ratio in rows(PAGE, "Operation")}
    assert bounds == set(re.findall(r"\b1\.\d\d\b", benchmark))
