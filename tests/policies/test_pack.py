"""The pack as the engine registers it, and the file with its version."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from policies import POLICIES
from tools.harness import Analyzer

REGISTERED = {
    "dynamodb-table-kms-encryption": ("resource", "mandatory"),
    "dynamodb-undetermined-table-kms-encryption": ("stack", "advisory"),
    "dynamodb-deployed-table-kms-encryption": ("stack", "mandatory"),
}


def test_the_pack_registers_itself(analyzer: Analyzer, pack: Path) -> None:
    info = analyzer.info()
    assert info.name == "dynamodb-kms-encryption"
    assert info.display_name == "DynamoDB encryption at rest with AWS KMS"
    assert info.description == (
        "Amazon DynamoDB tables must be encrypted at rest with an AWS KMS key."
    )
    project = yaml.safe_load((pack / "PulumiPolicy.yaml").read_text(encoding="utf-8"))
    assert info.repository == project["website"]
    assert info.provider == "aws"
    assert set(info.tags) == {"aws", "dynamodb", "kms", "encryption-at-rest"}
    assert [policy.name for policy in info.policies] == list(REGISTERED)


def test_the_readme_is_the_repositorys_without_its_files(analyzer: Analyzer, pack: Path) -> None:
    text = (pack / "README.md").read_text(encoding="utf-8")
    readme = analyzer.info().readme
    links = re.findall(r"\[[^\]]*\]\(([^)]*)\)", readme)
    assert links == re.findall(r"\]\((http[^)]*)\)", text)
    assert links
    assert "![" in text
    assert "![" not in readme
    # Only links and the picture differ.
    plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", re.sub(r"!\[.*\)\n\n", "", text))
    assert re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", readme) == plain
    website = analyzer.info().repository
    assert f"\ngit clone {website}.git " in readme


def test_a_copy_without_a_readme_or_a_website_starts(pack: Path, tmp_path: Path) -> None:
    shutil.copytree(pack / "policies", tmp_path / "policies")
    shutil.copy(pack / "__main__.py", tmp_path)
    (tmp_path / "PulumiPolicy.yaml").write_text("runtime: python\n")
    with Analyzer.start(tmp_path) as copied:
        info = copied.info()
    assert (info.name, info.readme, info.repository) == ("dynamodb-kms-encryption", "", "")


@pytest.mark.parametrize("name", REGISTERED)
def test_a_policy_registers_with_all_its_metadata(analyzer: Analyzer, name: str) -> None:
    policy = analyzer.info().policy(name)
    assert (policy.kind, policy.level) == REGISTERED[name]
    assert policy.severity == "high"
    assert policy.display_name
    assert "DynamoDB table" in policy.description
    assert ("AWS KMS key" in policy.description) is (policy.level == "mandatory")
    assert {"DynamoDB-004", "GDPR", "APRA", "NIST-800-53-r4"} <= set(policy.tags)
    assert dict(policy.framework) == {
        "name": "NIST SP 800-53",
        "version": "Revision 4",
        "reference": "SC-13",
        "specification": "Cryptographic Protection",
    }
    assert policy.url.startswith("https://docs.aws.amazon.com/")
    assert "`" in policy.remediation_steps
    assert "you can't view them, audit their use in CloudTrail" in policy.remediation_steps


def test_a_policy_is_one_file_named_as_the_policy(pack: Path) -> None:
    files = {file.stem for file in (pack / "policies").glob("dynamodb_*.py")}
    assert files == {policy.name.replace("-", "_") for policy in POLICIES}
    tests = {file.stem for file in (pack / "tests/policies").glob("test_dynamodb_*.py")}
    assert tests == {f"test_{file}" for file in files}


def test_the_policy_project_has_a_version_and_a_runtime(pack: Path) -> None:
    project = yaml.safe_load((pack / "PulumiPolicy.yaml").read_text(encoding="utf-8"))
    assert project["runtime"] == {
        "name": "python",
        "options": {"toolchain": "pip", "virtualenv": "venv"},
    }
    assert project["description"]
    changelog = (pack / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"## {project['version']} " in changelog
    # With a lock file, Pulumi installs the pack's requirements with another tool.
    assert not [file for name in ("uv.lock", "poetry.lock") for file in pack.glob(name)]


def test_importing_the_policies_imports_no_other_package(pack: Path) -> None:
    """The engine starts the pack for each update, and each import delays it."""
    code = (
        "import sys, pulumi_policy; before = set(sys.modules); import policies; "
        "print(*{name.partition('.')[0] for name in set(sys.modules) - before})"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=pack, capture_output=True, text=True, check=True
    )
    assert result.stdout.split() == ["policies"]


def test_no_module_of_the_policies_imports_the_packages_of_the_audit(pack: Path) -> None:
    """A machine that runs an update has none of them."""
    code = (
        "import importlib, pkgutil, sys, policies\n"
        "for module in pkgutil.walk_packages(policies.__path__, 'policies.'):\n"
        "    importlib.import_module(module.name)\n"
        "print(*sys.modules)"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=pack, capture_output=True, text=True, check=True
    )
    imported = set(result.stdout.split())
    assert "policies.templates.evaluation" in imported
    assert imported.isdisjoint(("audit", "boto3", "botocore", "click", "jinja2", "rich", "tools"))
