"""What stands in the way of a release, each in a sentence that says what to do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import yaml

PROJECT = "PulumiPolicy.yaml"
CHANGELOG = "CHANGELOG.md"
LOCKS = ("uv.lock", "poetry.lock")

# Source: semver.org, version 2.0.0, the suggested regular expression. It leaves out build metadata,
# since Pulumi's CLI publishes no version with a "+" in it.
_SEMVER = re.compile(
    r"(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)"
    r"(-(0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*)"
    r"(\.(0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*))*)?"
)
_HEADING = re.compile(r"^## +(?P<version>\S+)(?P<remark>.*)$", re.M)
# How an example of CI names the pack's tag: `ref: v0.1.0`, or `POLICY_PACK_VERSION: v0.1.0`.
_TAG = re.compile(r"^\s*(?:ref|POLICY_PACK_VERSION): *[\"']?(v[0-9][^\s\"']*)", re.M)


def version_of(folder: Path) -> str | None:
    """Return the version that PulumiPolicy.yaml names, None where it is no SemVer.

    Args:
        folder: the pack's folder.
    """
    try:
        project = yaml.safe_load((folder / PROJECT).read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError):
        return None
    # Without quotes, YAML reads 1.0 as a number.
    version = project.get("version") if isinstance(project, dict) else None
    return version if isinstance(version, str) and _SEMVER.fullmatch(version) else None


def refusals(folder: Path, tag: str | None = None) -> list[str]:
    """Return why the checkout can't be released: a sentence each, none if it can.

    Args:
        folder: the pack's folder.
        tag: the git tag that the release is made from; without one, none is compared.
    """
    found = list(_locks(folder))
    version = version_of(folder)
    if version is None:
        found.append(
            f"{PROJECT} has no version like 1.2.3 or 1.2.3-rc.1: write one that follows SemVer."
        )
        return found
    found += _changelog(folder, version)
    if tag is not None and tag != f"v{version}":
        found.append(
            f"The tag is {tag}, but {PROJECT} says version {version}: "
            f"tag the commit v{version}, or change the version."
        )
    found += _examples(folder, version)
    return found


def _changelog(folder: Path, version: str) -> Iterator[str]:
    path = folder / CHANGELOG
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    for heading in _HEADING.finditer(text):
        if heading["version"] != version:
            continue
        if "unreleased" in heading["remark"].lower():
            yield (
                f'{CHANGELOG} says that {version} is unreleased: remove "(unreleased)", '
                "or write the day of the release there."
            )
        following = _HEADING.search(text, heading.end())
        if not text[heading.end() : following.start() if following else None].strip():
            yield f"{CHANGELOG} says nothing below {version}: write what the version changes."
        return
    yield (
        f"{CHANGELOG} has no section for {version}: add `## {version}` and what it changes, "
        "above all what it rejects newly."
    )


def _locks(folder: Path) -> Iterator[str]:
    for name in LOCKS:
        if (folder / name).exists():
            yield (
                f"There is a {name}, which would be published and may decide how the pack is "
                "installed elsewhere: remove it."
            )


def _examples(folder: Path, version: str) -> Iterator[str]:
    for path in (folder / "README.md", *sorted((folder / "examples/ci").glob("*.yml"))):
        if not path.exists():
            continue
        for tag in sorted(set(_TAG.findall(path.read_text(encoding="utf-8")))):
            if tag != f"v{version}":
                name = path.relative_to(folder).as_posix()
                yield f"The CI example in {name} names {tag}: write v{version} there."
