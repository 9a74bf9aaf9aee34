"""docs/policies/*.md are up to date, and the code that they show is correct."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from policies import POLICIES
from tests.docs.markdown import broken_links, rows
from tools.docs import policies

ROOT = Path(__file__).resolve().parents[2]
PAGES = [policies.PAGES / f"{policy.name}.md" for policy in POLICIES]
PROGRAMS = ROOT / "examples/remediation/pulumi"
FILES = {
    "TypeScript": "index.ts",
    "Python": "__main__.py",
    "Go": "main.go",
    "C#": "Program.cs",
    "Java": "App.java",
}


def test_the_pages_are_up_to_date() -> None:
    pages = policies.pages()
    assert list(pages) == PAGES
    for path, text in pages.items():
        assert path.read_text(encoding="utf-8") == text, "run `python -m tools.docs`"
    assert set(policies.PAGES.iterdir()) == set(PAGES)


def test_an_example_with_another_result_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for page in PAGES:
        template = (policies.TEMPLATES / page.name).read_text(encoding="utf-8")
        changed = template.replace("```yaml accepted\n", "```yaml rejected\n", 1)
        assert changed != template
        (tmp_path / page.name).write_text(changed, encoding="utf-8")
    monkeypatch.setattr(policies, "TEMPLATES", tmp_path)
    with pytest.raises(ValueError, match="is accepted, not rejected"):
        policies.pages()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_links_exist(page: Path) -> None:
    assert broken_links(page) == []


@pytest.mark.parametrize(
    ("variant", "header"),
    [
        ("aws-managed", "AWS managed key"),
        ("customer-managed", "Customer managed key, where `key` is an `aws.kms.Key`"),
    ],
)
def test_the_code_of_each_language_is_in_the_examples(variant: str, header: str) -> None:
    page = PAGES[0].read_text(encoding="utf-8")
    table = page[page.index(f"| Language | {header} |") :]
    code = {language: cell.strip("`") for language, cell in rows(table, "Language")}
    program = yaml.safe_load((PROGRAMS / variant / "Pulumi.yaml").read_text(encoding="utf-8"))
    properties = program["resources"]["orders"]["properties"]
    assert yaml.safe_load(code.pop("YAML")).items() <= properties.items()
    assert set(code) == set(FILES)
    for language, file in FILES.items():
        text = (PROGRAMS / variant / file).read_text(encoding="utf-8")
        assert _compact(code[language]) in _compact(text), language


def _compact(code: str) -> str:
    """Return code without white space and commas, which depend on the layout."""
    return re.sub(r"[\s,]", "", code)
