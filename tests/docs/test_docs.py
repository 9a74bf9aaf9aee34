"""The documents say what the code does: each fact in them is compared with its one place."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

import pytest

from policies import POLICIES
from policies.encryption import Encryption, Settings, Table, Violation, Why
from policies.reporting import sentences
from policies.routes.pulumi_aws import WORDING
from tools.docs import routes
from tools.harness import UNKNOWN, Analyzer
from tools.sandbox.engine import MINIMUM

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
ARCHITECTURE = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
KEY = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ALIAS = "arn:aws-us-gov:kms:us-gov-west-1:111122223333:alias/orders"
MULTI_REGION = "arn:aws-cn:kms:cn-north-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab"
AWS_MANAGED = "arn:aws:kms:eu-west-1:111122223333:alias/aws/dynamodb"

ANSWERS: dict[str, list[dict[str, Any]]] = {
    "missing, also on a table that is restored or imported": [
        {"hashKey": "id"},
        {"restoreSourceName": "orders"},
        {"importTable": {"inputFormat": "CSV"}},
    ],
    "`enabled: false`, with or without a key": [
        {"serverSideEncryption": {"enabled": False}},
        {"serverSideEncryption": {"enabled": False, "kmsKeyArn": KEY}},
    ],
    "`enabled: true`": [{"serverSideEncryption": {"enabled": True}}],
    "`enabled: true` with `kmsKeyArn` of a customer managed key: key or alias, any partition, "
    "multi-Region": [
        {"serverSideEncryption": {"enabled": True, "kmsKeyArn": key}}
        for key in (KEY, ALIAS, MULTI_REGION)
    ],
    "`enabled: true` with `kmsKeyArn` of the AWS managed key, `alias/aws/dynamodb`": [
        {"serverSideEncryption": {"enabled": True, "kmsKeyArn": key}}
        for key in (AWS_MANAGED, "alias/aws/dynamodb")
    ],
    "`enabled: true` with something that is no KMS key, such as a bucket's ARN": [
        {"serverSideEncryption": {"enabled": True, "kmsKeyArn": "arn:aws:s3:::orders"}}
    ],
    "`enabled: true` with a `kmsKeyArn` that is known only during the update": [
        {"serverSideEncryption": {"enabled": True, "kmsKeyArn": UNKNOWN}}
    ],
    "`enabled` known only during the update": [{"serverSideEncryption": {"enabled": UNKNOWN}}],
}


def rows(text: str, header: str) -> list[list[str]]:
    """The rows of the Markdown table in `text` whose first column is headed `header`."""
    lines = iter(text.splitlines())
    for line in lines:
        if line.startswith(f"| {header} |"):
            next(lines)
            break
    found = []
    for line in lines:
        if not line.startswith("|"):
            break
        found.append([cell.strip() for cell in line.strip("|").split("|")])
    assert found, f"there is no table with a column {header}"
    return found


def test_the_readme_lists_the_policies_with_their_levels() -> None:
    listed = {(name.strip("`"), level) for name, _, level in rows(README, "policy")}
    assert listed == {(it.name, it.enforcement_level.value) for it in POLICIES}  # type: ignore[union-attr]


def test_the_readmes_answers_are_the_packs(analyzer: Analyzer) -> None:
    answers = dict(rows(README, "`serverSideEncryption` of an `aws.dynamodb.Table`"))
    assert set(answers) == set(ANSWERS)
    for declared, told in answers.items():
        for properties in ANSWERS[declared]:
            answer = analyzer.analyze("aws:dynamodb/table:Table", properties)
            if answer.undetermined:
                assert told.startswith("told by preview as an advisory")
            else:
                assert told == ("rejected" if answer.violations else "accepted")


def test_the_readmes_rejection_is_the_packs(analyzer: Analyzer) -> None:
    (violation,) = analyzer.analyze(
        "aws:dynamodb/table:Table", {"hashKey": "id"}, name="orders"
    ).violations
    shown = (
        f"[{violation.level}] [severity: {violation.severity}]  {violation.policy}  "
        f"(aws:dynamodb:Table: orders)\n{violation.message}"
    )
    assert f"```text\n{shown}\n```" in README


def test_the_picture_shows_what_the_pack_says() -> None:
    svg = (ROOT / "docs/rejected-preview.svg").read_text(encoding="utf-8")
    shown = " ".join(html.unescape(re.sub(r"<[^>]*>", " ", svg)).split())
    for name, why in (("orders", Why.NOT_DECLARED), ("sessions", Why.DISABLED)):
        table = Table(name, Encryption(), WORDING)
        said = sentences.declared(table, Violation(why, table), Settings())
        assert said is not None
        assert " ".join(said.split()) in shown
    assert str(ROOT) not in svg
    # A picture in a README may load nothing.
    assert "url(http" not in svg.replace('"', "")
    assert "@font-face" not in svg


def test_the_readme_names_the_prerequisites() -> None:
    go = re.search(r"^go (\S+)$", (ROOT / "tools/sandbox/engine/go.mod").read_text("utf-8"), re.M)
    python = re.search(r'target-version = "py3(\d+)"', (ROOT / "pyproject.toml").read_text("utf-8"))
    assert go is not None
    assert python is not None
    assert f"Python 3.{python[1]} or newer" in README
    assert f"{go[1]} or newer, with which" in " ".join(README.split())
    assert f"({MINIMUM.removesuffix('.0')} or newer)" in README


@pytest.mark.parametrize(
    "document", [README, ARCHITECTURE, routes.page()], ids=["README", "architecture", "routes"]
)
def test_commands_and_links_lead_somewhere(document: str) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"(?:^|`)make ([a-z-]+)", document, re.M):
        assert re.search(rf"^{target}:", makefile, re.M), target
    here = ROOT if document is README else ROOT / "docs"
    for link, anchor in re.findall(r"\]\((?!https?:)([^)#]*)#?([^)]*)\)", document):
        target = here / link
        assert target.exists(), link
        if anchor and link:
            heading = anchor.replace("-", "[^a-z]+")
            assert re.search(f"^#+ {heading}", target.read_text("utf-8").lower(), re.M), anchor


def test_the_routes_page_is_what_the_code_and_the_samples_say() -> None:
    assert routes.PAGE.read_text(encoding="utf-8") == routes.page(), "run `make routes`"


def test_the_architectures_folders_are_there() -> None:
    for folder, *_ in rows(ARCHITECTURE, "folder"):
        name = folder.strip("`")
        assert list(ROOT.glob(name)), name


def test_the_architectures_examples_are_the_code() -> None:
    folder = ROOT / "policies/routes"
    code = "".join((folder / it).read_text("utf-8") for it in ("opaque.py", "__init__.py"))
    examples = re.findall(r"```python\n(.*?)```", ARCHITECTURE, re.S)
    assert len(examples) == 2
    for line in "".join(examples).splitlines():
        assert line in code, line


@pytest.mark.parametrize("name", ["organization", "remediation"])
def test_every_source_is_cited_and_every_citation_has_a_source(name: str) -> None:
    page = (ROOT / f"docs/{name}.md").read_text(encoding="utf-8")
    text, _, sources = page.partition("## Sources")
    cited = {int(it) for it in re.findall(r"\[(\d+)\]", text)}
    listed = [int(it) for it in re.findall(r"^(\d+)\. ", sources, re.M)]
    assert listed == list(range(1, len(listed) + 1))
    assert cited == set(listed)
