"""`python -m tools.release` on copies of this checkout's files with faults in them."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import pytest
import yaml

from tests.tools.release.cli import run
from tools import CHECKOUT
from tools.release.__main__ import main
from tools.release.check import faults_of, version_of

NO_WEBSITE = (
    "PulumiPolicy.yaml has no website of its own. Set `website` to the URL of your repository, "
    "which Pulumi Cloud shows."
)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the files that are checked, ready for a release of 1.2.3."""
    folder = tmp_path / "checkout"
    (folder / "examples").mkdir(parents=True)
    for name in ("PulumiPolicy.yaml", "CHANGELOG.md", "README.md"):
        shutil.copy(CHECKOUT / name, folder)
    shutil.copytree(CHECKOUT / "examples/ci", folder / "examples/ci")
    version = version_of(CHECKOUT)
    assert version is not None
    for path in folder.rglob("*.*"):
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace(version, "1.2.3").replace("1.2.3 (unreleased)", "1.2.3"))
    change(folder, "PulumiPolicy.yaml", "github.com/my-org/", "github.com/acme/")
    return folder


def change(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_a_release_that_is_ready_has_no_faults(checkout: Path) -> None:
    assert faults_of(checkout) == []
    assert faults_of(checkout, "v1.2.3") == []


def test_the_result_for_this_checkout() -> None:
    version = version_of(CHECKOUT)
    assert version is not None
    heading = re.search(
        rf"^## {re.escape(version)}\b(.*)$", (CHECKOUT / "CHANGELOG.md").read_text("utf-8"), re.M
    )
    assert heading is not None
    website = yaml.safe_load((CHECKOUT / "PulumiPolicy.yaml").read_text("utf-8"))["website"]
    unreleased = (
        f'CHANGELOG.md marks {version} as unreleased. Remove "(unreleased)", '
        "or replace it with the release date."
    )
    expected = [NO_WEBSITE] if "/my-org/" in website else []
    expected += [unreleased] if "(unreleased)" in heading[1] else []
    assert faults_of(CHECKOUT, f"v{version}") == expected


@pytest.mark.parametrize("version", ["1.2.3", "0.1.0", "10.20.30", "1.2.3-rc.1", "1.2.3-0a.x-y"])
def test_a_version_that_follows_semver(checkout: Path, version: str) -> None:
    change(checkout, "PulumiPolicy.yaml", "1.2.3", version)
    assert version_of(checkout) == version


@pytest.mark.parametrize(
    "version",
    # Pulumi's CLI rejects the "+" of build metadata.
    [
        "1.2",
        "1",
        "v1.2.3",
        "01.2.3",
        "1.2.3.4",
        "1.2.3-",
        "1.2.3-01",
        "1.2.3+5",
        "latest",
        "",
        "[]",
    ],
)
def test_a_version_that_does_not_follow_semver(checkout: Path, version: str) -> None:
    change(checkout, "PulumiPolicy.yaml", "version: 1.2.3", f"version: {version}")
    assert faults_of(checkout) == [
        "PulumiPolicy.yaml has no version such as 1.2.3 or 1.2.3-rc.1. Add one that follows SemVer."
    ]


@pytest.mark.parametrize("text", [None, "", "- 1.2.3\n", "version: [\n", "name: pack\n"])
def test_a_project_file_without_a_version(checkout: Path, text: str | None) -> None:
    path = checkout / "PulumiPolicy.yaml"
    path.unlink()
    if text is not None:
        path.write_text(text, encoding="utf-8")
    website, version = faults_of(checkout)
    assert website == NO_WEBSITE
    assert version.startswith("PulumiPolicy.yaml has no version")


@pytest.mark.parametrize(
    ("old", "new"), [("website:", "site:"), ("https://", ""), ("/acme/", "/my-org/")]
)
def test_a_website_that_is_not_the_repository(checkout: Path, old: str, new: str) -> None:
    change(checkout, "PulumiPolicy.yaml", old, new)
    assert faults_of(checkout) == [NO_WEBSITE]


@pytest.mark.parametrize("heading", ["## 1.2.30", "## 1.2.3-rc.1", "## 11.2.3", "# 1.2.3", "1.2.3"])
def test_a_changelog_without_the_version(checkout: Path, heading: str) -> None:
    change(checkout, "CHANGELOG.md", "## 1.2.3", heading)
    assert faults_of(checkout) == [
        "CHANGELOG.md has no section for 1.2.3. Add `## 1.2.3` and describe the changes, "
        "especially new violations."
    ]


def test_a_checkout_without_a_changelog(checkout: Path) -> None:
    (checkout / "CHANGELOG.md").unlink()
    (fault,) = faults_of(checkout)
    assert fault.startswith("CHANGELOG.md has no section for 1.2.3")


@pytest.mark.parametrize("remark", [" (unreleased)", " (Unreleased)", " - unreleased"])
def test_an_unreleased_version(checkout: Path, remark: str) -> None:
    change(checkout, "CHANGELOG.md", "## 1.2.3", f"## 1.2.3{remark}")
    assert faults_of(checkout) == [
        'CHANGELOG.md marks 1.2.3 as unreleased. Remove "(unreleased)", '
        "or replace it with the release date."
    ]


def test_the_changelog_can_have_the_release_date(checkout: Path) -> None:
    change(
        checkout,
        "CHANGELOG.md",
        "## 1.2.3",
        "## 1.2.4 (unreleased)\n\n- more\n\n## 1.2.3 (2026-12-01)",
    )
    assert faults_of(checkout) == []


def test_an_empty_section(checkout: Path) -> None:
    change(checkout, "CHANGELOG.md", "## 1.2.3", "## 1.2.3\n\n## 1.2.2")
    assert faults_of(checkout) == [
        "CHANGELOG.md has an empty section for 1.2.3. Describe the changes there."
    ]


@pytest.mark.parametrize("tag", ["1.2.3", "v1.2.4", "v1.2.3-rc.1", "main", "v1.2.30"])
def test_another_tag(checkout: Path, tag: str) -> None:
    assert faults_of(checkout, tag) == [
        f"The tag is {tag}, but the version in PulumiPolicy.yaml is 1.2.3. "
        "Tag the commit v1.2.3, or change the version."
    ]


@pytest.mark.parametrize("name", ["uv.lock", "poetry.lock"])
def test_a_lock_file(checkout: Path, name: str) -> None:
    (checkout / name).touch()
    (fault,) = faults_of(checkout)
    assert fault.startswith(f"{name} would be published ")
    assert fault.endswith(". Remove it.")


@pytest.mark.parametrize(
    "name", ["README.md", "examples/ci/github-preview.yml", "examples/ci/gitlab-preview.yml"]
)
def test_an_example_of_another_version(checkout: Path, name: str) -> None:
    change(checkout, name, "v1.2.3", "v1.2.2")
    assert faults_of(checkout) == [f"The CI example in {name} uses v1.2.2. Change it to v1.2.3."]


def test_all_faults_are_reported_at_once(checkout: Path) -> None:
    (checkout / "uv.lock").touch()
    change(checkout, "CHANGELOG.md", "## 1.2.3", "## 1.2.3 (unreleased)")
    change(checkout, "README.md", "v1.2.3", "v1.2.2")
    assert len(faults_of(checkout, "v2.0.0")) == 4


# The command.

Capture = pytest.CaptureFixture[str]


def test_success_is_one_line(checkout: Path, capsys: Capture) -> None:
    assert main([], {}, checkout) == 0
    assert capsys.readouterr() == ("Version 1.2.3 can be released (no tag to compare).\n", "")
    assert main(["v1.2.3"], {}, checkout) == 0
    assert capsys.readouterr() == ("Version 1.2.3 can be released (tag v1.2.3).\n", "")


def test_faults_are_printed_on_stderr_one_per_line(checkout: Path, capsys: Capture) -> None:
    (checkout / "uv.lock").touch()
    assert main(["v2.0.0"], {}, checkout) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == faults_of(checkout, "v2.0.0")


@pytest.mark.parametrize("name", ["GITHUB_REF_NAME", "CI_COMMIT_TAG"])
def test_the_tag_comes_from_ci_unless_it_is_given(
    checkout: Path, capsys: Capture, name: str
) -> None:
    assert main([], {name: "v9.9.9"}, checkout) == 1
    assert "The tag is v9.9.9, " in capsys.readouterr().err
    assert main(["v1.2.3"], {name: "v9.9.9"}, checkout) == 0
    # Without TAG, `make release-check` passes an empty argument.
    assert main([""], {name: "v1.2.3"}, checkout) == 0
    assert main([], {name: ""}, checkout) == 0


def test_two_tags_are_an_error(checkout: Path, capsys: Capture) -> None:
    assert main(["v1.2.3", "v1.2.4"], {}, checkout) == 2
    assert capsys.readouterr().err == "usage: python -m tools.release [TAG]\n"


def test_the_module_and_make_run_the_same_check() -> None:
    without_ci = ("env", "-u", "GITHUB_REF_NAME", "-u", "CI_COMMIT_TAG")
    result = run(*without_ci, sys.executable, "-m", "tools.release", "v9.9.9", cwd=CHECKOUT)
    assert (result.returncode, result.stderr.splitlines()) == (1, faults_of(CHECKOUT, "v9.9.9"))
    # `make` would set up the virtualenv first, so only its recipe is checked.
    makefile = (CHECKOUT / "Makefile").read_text(encoding="utf-8")
    recipe = re.search(r"^release-check: setup .*\n\t@\$\(python\) (.*)$", makefile, re.M)
    assert recipe is not None
    assert recipe[1] == '-m tools.release "$(TAG)"'
    assert re.search(r"^make release-check +\S", run("make", "help", cwd=CHECKOUT).stdout, re.M)
