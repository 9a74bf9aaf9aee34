"""Find what prevents a release. Each fault says what to do about it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

PROJECT = "PulumiPolicy.yaml"
CHANGELOG = "CHANGELOG.md"
LOCKS = ("uv.lock", "poetry.lock")
PLACEHOLDER = "my-org"
"""What files of this repository have in place of an organization's name."""

# Source: semver.org, version 2.0.0, "Is there a suggested regular expression?". Build metadata is
# left out, since Pulumi's CLI doesn't publish a version with a "+" in it.
_SEMVER = re.compile(
    r"(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)"
    r"(-(0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*)"
    r"(\.(0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*))*)?"
)
_HEADING = re.compile(r"^## +(?P<version>\S+)(?P<remark>.*)$", re.M)
# A CI example sets the pack's tag as `ref: v0.1.0` or `POLICY_PACK_VERSION: v0.1.0`.
_TAG = re.compile(r"^\s*(?:ref|POLICY_PACK_VERSION): *[\"']?(v[0-9][^\s\"']*)", re.M)


def _project(folder: Path) -> dict[str, Any]:
    """Return the content of the folder's PulumiPolicy.yaml; nothing if it can't be read."""
    try:
        project = yaml.safe_load((folder / PROJECT).read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError):
        return {}
    return project if isinstance(project, dict) else {}


def version_of(folder: Path) -> str | None:
    """Return the version in the folder's PulumiPolicy.yaml, or None if it doesn't follow SemVer."""
    # Without quotes, YAML reads 1.0 as a number.
    version = _project(folder).get("version")
    return version if isinstance(version, str) and _SEMVER.fullmatch(version) else None


def faults_of(folder: Path, tag: str | None = None) -> list[str]:
    """Return why the checkout can't be released, or an empty list if it can.

    Args:
        folder: the pack's folder.
        tag: the git tag of the release. It isn't checked if there is none.
    """
    faults = [*_locks(folder), *_website(folder)]
    version = version_of(folder)
    if version is None:
        return [
            *faults,
            f"{PROJECT} has no version such as 1.2.3 or 1.2.3-rc.1. Add one that follows SemVer.",
        ]
    faults += _changelog(folder, version)
    if tag is not None and tag != f"v{version}":
        faults.append(
            f"The tag is {tag}, but the version in {PROJECT} is {version}. "
            f"Tag the commit v{version}, or change the version."
        )
    return [*faults, *_examples(folder, version)]


def _website(folder: Path) -> Iterator[str]:
    website = str(_project(folder).get("website", ""))
    if not website.startswith("https://") or PLACEHOLDER in website.split("/"):
        yield (
            f"{PROJECT} has no website of its own. Set `website` to the URL of your repository, "
            "which Pulumi Cloud shows."
        )


def _changelog(folder: Path, version: str) -> Iterator[str]:
    path = folder / CHANGELOG
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    for heading in _HEADING.finditer(text):
        if heading["version"] != version:
            continue
        if "unreleased" in heading["remark"].lower():
            yield (
                f'{CHANGELOG} marks {version} as unreleased. Remove "(unreleased)", '
                "or replace it with the release date."
            )
        following = _HEADING.search(text, heading.end())
        if not text[heading.end() : following.start() if following else None].strip():
            yield f"{CHANGELOG} has an empty section for {version}. Describe the changes there."
        return
    yield (
        f"{CHANGELOG} has no section for {version}. Add `## {version}` and describe the changes, "
        "especially new violations."
    )


def _locks(folder: Path) -> Iterator[str]:
    for name in LOCKS:
        if (folder / name).exists():
            yield (
                f"{name} would be published and could change how the pack is installed. Remove it."
            )


def _examples(folder: Path, version: str) -> Iterator[str]:
    for path in (folder / "README.md", *sorted((folder / "examples/ci").glob("*.yml"))):
        if not path.exists():
            continue
        for tag in sorted(set(_TAG.findall(path.read_text(encoding="utf-8")))):
            if tag != f"v{version}":
                name = path.relative_to(folder).as_posix()
                yield f"The CI example in {name} uses {tag}. Change it to v{version}."
