"""README.md and the other pages against the code: facts, commands, links, and generated parts."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

import pytest

from policies import POLICIES
from tests.docs.markdown import broken_links, rows
from tests.tools.release.pulumi_commands import commands, wrong_with
from tools.docs import routes
from tools.engine.versions import GO, OLDEST
from tools.harness import Analyzer

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
ARCHITECTURE = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
PAGES = [
    "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md",
    *sorted(page.relative_to(ROOT).as_posix() for page in (ROOT / "docs").rglob("*.md")),
]  # fmt: skip

DEFAULT_KEY = "AWS owned key, DynamoDB's default"
ALIAS = "arn:aws:kms:eu-west-1:111122223333:alias/"
# The keys of the README's table, each as programs declare it.
KEYS: dict[str, list[dict[str, Any]]] = {
    DEFAULT_KEY: [
        {"hashKey": "id"},
        {"serverSideEncryption": {"enabled": False}},
    ],
    "AWS managed key, `aws/dynamodb`": [
        {"serverSideEncryption": {"enabled": True}},
        {"serverSideEncryption": {"enabled": True, "kmsKeyArn": f"{ALIAS}aws/dynamodb"}},
    ],
    "Customer managed key": [
        {"serverSideEncryption": {"enabled": True, "kmsKeyArn": f"{ALIAS}orders"}},
    ],
}


def test_the_readme_lists_the_policies_with_their_levels() -> None:
    expected = {
        (
            f"[`{policy.name}`](docs/policies/{policy.name}.md)",
            getattr(policy.enforcement_level, "value", None),
        )
        for policy in POLICIES
    }
    assert {(link, level) for link, _, level in rows(README, "Policy")} == expected


@pytest.mark.parametrize("strict", [False, True])
def test_the_readmes_results_are_the_packs(analyzer: Analyzer, strict: bool) -> None:
    settings = {"requireCustomerManagedKey": strict}
    analyzer.configure({policy.name: settings for policy in POLICIES})
    table = rows(README, "Key")
    assert [key for key, *_ in table] == list(KEYS)
    for key, *results in table:
        for properties in KEYS[key]:
            answer = analyzer.analyze("aws:dynamodb/table:Table", properties)
            assert answer.undetermined == ()
            assert results[strict] == ("rejected" if answer.violations else "accepted")


def test_the_picture_shows_the_packs_messages(analyzer: Analyzer) -> None:
    svg = (ROOT / "docs/rejected-preview.svg").read_text(encoding="utf-8")
    shown = " ".join(html.unescape(re.sub(r"<[^>]*>", " ", svg)).split())
    for name, properties in zip(("orders", "sessions"), KEYS[DEFAULT_KEY], strict=True):
        (violation,) = analyzer.analyze(
            "aws:dynamodb/table:Table", properties, name=name
        ).violations
        assert " ".join(violation.message.split()) in shown
    assert str(ROOT) not in svg
    # A picture in a README may load nothing.
    assert "url(http" not in svg.replace('"', "")
    assert "@font-face" not in svg


def test_the_readme_names_the_prerequisites() -> None:
    python = re.search(r'target-version = "py3(\d+)"', (ROOT / "pyproject.toml").read_text("utf-8"))
    assert python is not None
    assert f"Python 3.{python[1]} or newer" in README
    assert f"[Go](https://go.dev/doc/install) {GO} or newer" in README
    assert (
        f"[Pulumi CLI](https://www.pulumi.com/docs/install/) {OLDEST.removesuffix('.0')} or "
        in README
    )


@pytest.mark.parametrize("page", PAGES)
def test_commands_files_and_links_exist(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"(?:^|`)make ([a-z-]+)", text, re.M):
        assert re.search(rf"^{target}:", makefile, re.M), target
    for path in re.findall(r"`((?:policies|tools|tests|examples)/[\w./-]+)[` ]", text):
        assert (ROOT / path).exists(), path
    assert broken_links(ROOT / page) == []


def test_the_readmes_pulumi_commands_exist() -> None:
    scripts = re.findall(r"^```sh\n(.*?)^```$", README, re.M | re.S)
    # tools/pulumi takes the words of pulumi, and a few more.
    text = "\n".join(scripts).replace("tools/pulumi stop", "").replace("tools/pulumi", "pulumi")
    all_words = [*commands(text), *commands("\n".join(re.findall(r"^- run: (.*)$", README, re.M)))]
    assert len(all_words) > 10
    assert [fault for words in all_words if (fault := wrong_with(words))] == []


def test_the_routes_page_is_up_to_date() -> None:
    assert routes.PAGE.read_text(encoding="utf-8") == routes.page(), "run `make docs`"


def test_the_folders_of_the_architecture_page_exist() -> None:
    for folder, *_ in rows(ARCHITECTURE, "Folder"):
        name = folder.strip("`")
        assert list(ROOT.glob(name)), name


def test_the_examples_of_the_architecture_page_are_the_code() -> None:
    folder = ROOT / "policies/routes"
    modules = ("unreadable.py", "pulumi_aws.py", "__init__.py")
    code = "".join((folder / name).read_text("utf-8") for name in modules)
    examples = re.findall(r"```python\n(.*?)```", ARCHITECTURE, re.S)
    assert len(examples) == len(modules)
    for line in "".join(examples).splitlines():
        assert line in code, line


def test_the_glossary_names_classes_and_functions_of_the_code() -> None:
    code = "".join(
        path.read_text("utf-8")
        for folder in ("policies", "audit")
        for path in (ROOT / folder).rglob("*.py")
    )
    defined = set(re.findall(r"^\s*(?:class |def |)(\w+)(?=\(|:| = )", code, re.M))
    for word, _, names in rows(ARCHITECTURE, "Word"):
        assert set(re.findall(r"`(\w+)`", names)) <= defined, word


@pytest.mark.parametrize("name", ["audit", "organization", "remediation"])
def test_sources_and_citations_match(name: str) -> None:
    page = (ROOT / f"docs/{name}.md").read_text(encoding="utf-8")
    text, _, sources = page.partition("## Sources")
    cited = {int(number) for number in re.findall(r"\[(\d+)\]", text)}
    listed = [int(number) for number in re.findall(r"^(\d+)\. ", sources, re.M)]
    assert listed == list(range(1, len(listed) + 1))
    assert cited == set(listed)
