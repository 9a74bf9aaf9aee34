"""`python -m tools.release` refuses what must not be published, on copies of this checkout's files."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.tools.release.cli import run
from tools.release.__main__ import main
from tools.release.check import refusals, version_of

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what the check reads, made fit for a release of 1.2.3."""
    folder = tmp_path / "checkout"
    (folder / "examples").mkdir(parents=True)
    for name in ("PulumiPolicy.yaml", "CHANGELOG.md", "README.md"):
        shutil.copy(ROOT / name, folder)
    shutil.copytree(ROOT / "examples/ci", folder / "examples/ci")
    version = version_of(ROOT)
    assert version is not None
    for path in folder.rglob("*.*"):
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace(version, "1.2.3").replace("1.2.3 (unreleased)", "1.2.3"))
    return folder


def change(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_a_release_that_is_ready_has_no_refusal(checkout: Path) -> None:
    assert refusals(checkout) == []
    assert refusals(checkout, "v1.2.3") == []


def test_this_checkouts_answer() -> None:
    version = version_of(ROOT)
    assert version is not None
    heading = re.search(
        rf"^## {re.escape(version)}\b(.*)$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.M
    )
    assert heading is not None
    expected = [
        f'CHANGELOG.md says that {version} is unreleased: remove "(unreleased)", '
        "or write the day of the release there."
    ]
    assert refusals(ROOT, f"v{version}") == (expected if "(unreleased)" in heading[1] else [])


@pytest.mark.parametrize("version", ["1.2.3", "0.1.0", "10.20.30", "1.2.3-rc.1", "1.2.3-0a.x-y"])
def test_a_version_that_follows_semver(checkout: Path, version: str) -> None:
    change(checkout, "PulumiPolicy.yaml", "1.2.3", version)
    assert version_of(checkout) == version


@pytest.mark.parametrize(
    "version",
    # Pulumi's CLI refuses the "+" of build metadata.
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
def test_a_version_that_does_not_is_refused(checkout: Path, version: str) -> None:
    change(checkout, "PulumiPolicy.yaml", "version: 1.2.3", f"version: {version}")
    assert refusals(checkout) == [
        "PulumiPolicy.yaml has no version like 1.2.3 or 1.2.3-rc.1: write one that follows SemVer."
    ]


@pytest.mark.parametrize("text", [None, "", "- 1.2.3\n", "version: [\n", "name: pack\n"])
def test_a_project_file_without_a_version_is_refused(checkout: Path, text: str | None) -> None:
    path = checkout / "PulumiPolicy.yaml"
    path.unlink()
    if text is not None:
        path.write_text(text, encoding="utf-8")
    (refusal,) = refusals(checkout)
    assert refusal.startswith("PulumiPolicy.yaml has no version")


@pytest.mark.parametrize("heading", ["## 1.2.30", "## 1.2.3-rc.1", "## 11.2.3", "# 1.2.3", "1.2.3"])
def test_a_changelog_without_the_version_is_refused(checkout: Path, heading: str) -> None:
    change(checkout, "CHANGELOG.md", "## 1.2.3", heading)
    assert refusals(checkout) == [
        "CHANGELOG.md has no section for 1.2.3: add `## 1.2.3` and what it changes, "
        "above all what it rejects newly."
    ]


def test_no_changelog_is_refused(checkout: Path) -> None:
    (checkout / "CHANGELOG.md").unlink()
    (refusal,) = refusals(checkout)
    assert refusal.startswith("CHANGELOG.md has no section for 1.2.3")


@pytest.mark.parametrize("remark", [" (unreleased)", " (Unreleased)", " - unreleased"])
def test_an_unreleased_version_is_refused(checkout: Path, remark: str) -> None:
    change(checkout, "CHANGELOG.md", "## 1.2.3", f"## 1.2.3{remark}")
    assert refusals(checkout) == [
        'CHANGELOG.md says that 1.2.3 is unreleased: remove "(unreleased)", '
        "or write the day of the release there."
    ]


def test_the_day_of_the_release_may_stand_there(checkout: Path) -> None:
    change(
        checkout,
        "CHANGELOG.md",
        "## 1.2.3",
        "## 1.2.4 (unreleased)\n\n- more\n\n## 1.2.3 (2026-12-01)",
    )
    assert refusals(checkout) == []


def test_a_section_that_says_nothing_is_refused(checkout: Path) -> None:
    change(checkout, "CHANGELOG.md", "## 1.2.3", "## 1.2.3\n\n## 1.2.2")
    assert refusals(checkout) == [
        "CHANGELOG.md says nothing below 1.2.3: write what the version changes."
    ]


@pytest.mark.parametrize("tag", ["1.2.3", "v1.2.4", "v1.2.3-rc.1", "main", "v1.2.30"])
def test_another_tag_is_refused(checkout: Path, tag: str) -> None:
    assert refusals(checkout, tag) == [
        f"The tag is {tag}, but PulumiPolicy.yaml says version 1.2.3: "
        "tag the commit v1.2.3, or change the version."
    ]


@pytest.mark.parametrize("name", ["uv.lock", "poetry.lock"])
def test_a_lock_file_is_refused(checkout: Path, name: str) -> None:
    (checkout / name).touch()
    (refusal,) = refusals(checkout)
    assert refusal.startswith(f"There is a {name}, ")
    assert refusal.endswith(": remove it.")


@pytest.mark.parametrize(
    "name", ["README.md", "examples/ci/github-preview.yml", "examples/ci/gitlab-preview.yml"]
)
def test_an_example_of_another_version_is_refused(checkout: Path, name: str) -> None:
    change(checkout, name, "v1.2.3", "v1.2.2")
    assert refusals(checkout) == [f"The CI example in {name} names v1.2.2: write v1.2.3 there."]


def test_every_refusal_is_told_at_once(checkout: Path) -> None:
    (checkout / "uv.lock").touch()
    change(checkout, "CHANGELOG.md", "## 1.2.3", "## 1.2.3 (unreleased)")
    change(checkout, "README.md", "v1.2.3", "v1.2.2")
    assert len(refusals(checkout, "v2.0.0")) == 4


# The command.

Capture = pytest.CaptureFixture[str]


def test_success_is_one_line(checkout: Path, capsys: Capture) -> None:
    assert main([], {}, checkout) == 0
    assert capsys.readouterr() == ("Version 1.2.3 can be released (no tag to compare).\n", "")
    assert main(["v1.2.3"], {}, checkout) == 0
    assert capsys.readouterr() == ("Version 1.2.3 can be released (tag v1.2.3).\n", "")


def test_refusals_are_a_line_each_on_stderr(checkout: Path, capsys: Capture) -> None:
    (checkout / "uv.lock").touch()
    assert main(["v2.0.0"], {}, checkout) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == refusals(checkout, "v2.0.0")


@pytest.mark.parametrize("name", ["GITHUB_REF_NAME", "CI_COMMIT_TAG"])
def test_the_tag_comes_from_ci_unless_it_is_given(
    checkout: Path, capsys: Capture, name: str
) -> None:
    assert main([], {name: "v9.9.9"}, checkout) == 1
    assert "The tag is v9.9.9, " in capsys.readouterr().err
    assert main(["v1.2.3"], {name: "v9.9.9"}, checkout) == 0
    # `make release-check` hands on an empty word where no TAG is given.
    assert main([""], {name: "v1.2.3"}, checkout) == 0
    assert main([], {name: ""}, checkout) == 0


def test_two_tags_are_a_mistake(checkout: Path, capsys: Capture) -> None:
    assert main(["v1.2.3", "v1.2.4"], {}, checkout) == 2
    assert capsys.readouterr().err == "usage: python -m tools.release [TAG]\n"


@pytest.fixture
def told() -> Callable[..., tuple[int, list[str]]]:
    """Runs a command in the checkout, without what CI says of itself."""

    def ask(*words: str) -> tuple[int, list[str]]:
        done = run("env", "-u", "GITHUB_REF_NAME", "-u", "CI_COMMIT_TAG", *words, cwd=ROOT)
        return done.returncode, [it for it in done.stderr.splitlines() if "make: ***" not in it]

    return ask


def test_the_module_and_make_say_the_same(told: Callable[..., tuple[int, list[str]]]) -> None:
    expected = refusals(ROOT, "v9.9.9")
    assert told(sys.executable, "-m", "tools.release", "v9.9.9") == (1, expected)
    # What make itself sets up is there already, or this test would not run.
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    recipe = re.search(r"^release-check: setup .*\n\t@\$\(python\) (.*)$", makefile, re.M)
    assert recipe is not None
    assert recipe[1] == '-m release "$(TAG)"'
    listed = run("make", "help", cwd=ROOT).stdout
    assert re.search(r"^make release-check +\S", listed, re.M)
