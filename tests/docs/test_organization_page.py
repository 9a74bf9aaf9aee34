"""docs/organization.md: its commands are the CLI's, its files are there, and its output is real."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from policies import POLICIES
from policies.settings.reading import read
from policies.settings.schema import SCHEMA
from tests.docs.test_docs import rows
from tests.docs.test_remediation_guide import headings_of
from tests.tools.release.pulumi_commands import WRAPPER, commands, help_of, wrong_with
from tools.demo.__main__ import preview
from tools.release.check import version_of
from tools.sandbox import Sandbox

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/organization.md").read_text(encoding="utf-8")
_BLOCK = re.compile(r"^```([a-z]+)\n(.*?)^```$", re.M | re.S)
BLOCKS = _BLOCK.findall(PAGE)
SCRIPTS = [text for language, text in BLOCKS if language == "sh"]
COMMANDS = [it for script in SCRIPTS for it in commands(script)]


def test_every_block_is_looked_at() -> None:
    # Two fences a block: none is left open, and none is of a kind that no test reads.
    assert len(re.findall(r"^ *```", PAGE, re.M)) == 2 * len(BLOCKS)
    assert {language for language, _ in BLOCKS} == {"json", "sh", "text"}


def test_the_commands_are_the_clis() -> None:
    found = {word for script in SCRIPTS for word in re.findall(r"^\S*pulumi\S* .*$", script, re.M)}
    assert len(COMMANDS) >= len(found) > 20
    assert [wrong for words in COMMANDS if (wrong := wrong_with(words))] == []


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        ("policy enable my-org/a", "was given 1 arguments"),
        ("policy enable my-org/a latest --policy-groups b", "has no flag --policy-groups"),
        ("policy enroll my-org/a", "is no command"),
        ("policy publish my-org --config", "has no flag --config"),
        ("policy group get --org", "--org has no value"),
        ("previews", "is no command"),
    ],
)
def test_a_command_that_the_cli_does_not_have_is_found(words: str, wrong: str) -> None:
    assert wrong in (wrong_with(words.split()) or "")


def test_what_the_cli_calls_experimental_is_called_so() -> None:
    experimental = set()
    for words in COMMANDS:
        command: list[str] = []
        for word in words:
            if word.startswith("-") or not help_of(*command).subcommands:
                break
            command.append(word)
        if help_of(*command).text.startswith("[EXPERIMENTAL]"):
            experimental.add(" ".join(command))
    # Each of them is in a section that says so, or that shows how it was made before.
    sections = re.split(r"^## ", PAGE, flags=re.M)
    said = "".join(it for it in sections if "experimental" in it)
    told = {name for name in experimental if f"pulumi {name} " in said}
    assert told == experimental
    assert experimental
    for stable in ("enable", "disable", "validate-config"):
        assert not help_of("policy", stable).text.startswith("[EXPERIMENTAL]")


def test_the_pack_and_its_version_are_this_ones() -> None:
    version = version_of(ROOT)
    assert version is not None
    named = re.findall(r"my-org/([a-z-]+) (\d[\d.]*|latest)", PAGE)
    assert {name for name, _ in named} == {"dynamodb-kms-encryption"}
    # The upgrade is to a version that is still to come.
    major, minor, _ = version.split(".")
    assert {it for _, it in named} == {version, f"{major}.{int(minor) + 1}.0"}
    assert set(re.findall(r"\bv(\d[\d.]+\d)", PAGE)) == {version}
    assert '"dynamodb-kms-encryption"' in (ROOT / "__main__.py").read_text(encoding="utf-8")


EXAMPLES = [json.loads(text) for language, text in BLOCKS if language == "json"]


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_settings_are_right(example: dict[str, Any]) -> None:
    assert example.get("all", "advisory") == "advisory"
    policies = {name: settings for name, settings in example.items() if name != "all"}
    # What is set, is set for every policy.
    assert set(policies) in (set(), {it.name for it in POLICIES})
    schema = jsonschema.Draft7Validator({"type": "object", "properties": SCHEMA})
    for settings in policies.values():
        assert schema.is_valid(settings)
        assert read(settings).faults == ()
        assert settings == next(iter(policies.values()))


def test_the_advisory_settings_are_the_examples_file() -> None:
    first = (ROOT / "examples/ci/advisory.json").read_text(encoding="utf-8")
    assert json.loads(first) == EXAMPLES[0] == {"all": "advisory"}
    assert f"```json\n{first}```" in PAGE


def test_links_lead_somewhere() -> None:
    for link, anchor in re.findall(r"\]\((?!https?:)([^)#]*)#?([^)]*)\)", PAGE.replace("\n", "")):
        target = ROOT / "docs" / link if link else ROOT / "docs/organization.md"
        assert target.exists(), link
        assert not anchor or anchor in headings_of(target.read_text(encoding="utf-8")), anchor
    for name in re.findall(r"(?<=examples/ci/)[\w.-]+", PAGE):
        assert (ROOT / "examples/ci" / name).exists(), name
    shown = set(re.findall(r"\(\.\./examples/ci/([\w.-]+)\)", PAGE))
    files = {it.name for it in (ROOT / "examples/ci").iterdir()}
    assert shown == files - {"advisory.json"}


def test_the_sections_are_in_order() -> None:
    numbers = [int(it) for it in re.findall(r"^## (\d+)\. ", PAGE, re.M)]
    assert numbers == list(range(1, len(numbers) + 1))


def test_what_a_member_sees_is_what_the_engine_prints(sandbox: Sandbox) -> None:
    (shown,) = (text for language, text in BLOCKS if language == "text")
    result = preview(sandbox, "insecure")
    assert result.exit_code != 0
    # A pack that is not local has no path.
    printed = re.sub(r" \(local: .*\)", "", result.output)
    assert shown in f"{printed}\n"


def test_the_audits_policies_are_the_packs() -> None:
    listed = [name.strip("`") for name, *_ in rows(PAGE, "policy")]
    assert listed == [it.name for it in POLICIES]
    # Only policies of single resources judge what a scan found.
    for name, _, accounts in rows(PAGE, "policy"):
        (policy,) = (it for it in POLICIES if it.name == name.strip("`"))
        assert (accounts == "says nothing") is ("Stack" in type(policy).__name__)


def test_the_costs_are_the_benchs_bounds() -> None:
    bench = (ROOT / "tools/bench/__main__.py").read_text(encoding="utf-8")
    quoted = re.findall(r"at\s+most\s+([\d.]+) times", PAGE)
    boot = re.search(r'"boot to first answer", ([\d.]+),', bench)
    other = re.search(r'"a resource that is no table",\s+([\d.]+),', bench)
    assert boot is not None
    assert other is not None
    assert quoted == [boot[1], other[1]]


def test_the_wrappers_commands_are_those_that_it_adds_the_pack_to() -> None:
    script = (ROOT / "examples/ci" / WRAPPER).read_text(encoding="utf-8")
    added = re.search(r"^ +((?:\w+ \| )+\w+)\)\n +set -- ", script, re.M)
    assert added is not None
    told = re.search(r"where there is one, to ((?:`\w+`[,.]?\s+(?:and\s+)?)+)", PAGE)
    assert told is not None
    # `pre` is an alias of `preview`, and not worth a word.
    assert {*re.findall(r"`(\w+)`", told[1]), "pre"} == set(added[1].split(" | "))
    for name in re.findall(r"\b(?:POLICY_PACK|PULUMI_OPTION)\w*", PAGE):
        assert name in script
