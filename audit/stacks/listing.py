"""List the stacks of a backend.

Sources: Pulumi, pkg/cmd/pulumi/stack/stack_list.go (the list); pkg/backend/diy/backend.go,
ListStacks (one checkpoint that can't be read makes the list of all stacks fail) and massageBlobPath
(`~` in the URL of a folder); pkg/backend/diy/store.go, ListReferences (the files of stacks).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

import yaml

from audit.results import Status
from audit.stacks.cli import Cli, CliError, unreadable
from audit.stacks.filters import Filters
from policies.encryption.values import quoted

_COMMAND = ("stack", "ls", "--all", "--json")
_NAME = re.compile(r"[A-Za-z0-9_.-]+")
_FILE = re.compile(r"(?P<name>[A-Za-z0-9_.-]{1,100})\.json(\.gz|\.zst)?")
_SCHEME = "file://"
_BY_PROJECT = (
    "In a self-managed backend, one stack that can't be read makes the list of all stacks fail. "
    "Name the projects with --project and without `*`, so that each of them is listed alone."
)
_BY_NAME = "Or name the stacks with --stack, by their full names."


class Listed(NamedTuple):
    """A stack of a backend.

    Attributes:
        name: its full name.
        updated: when it was last updated; None if it never was, or if not known.
    """

    name: str
    updated: datetime | None = None


class Listing(NamedTuple):
    """Stacks of a backend.

    Attributes:
        stacks: the stacks.
        warnings: the CLI's warnings, as sentences.
    """

    stacks: Sequence[Listed]
    warnings: Sequence[str] = ()


def list_by_cli(
    cli: Cli, backend: str | None, organization: str | None, project: str | None
) -> Listing:
    """Return the stacks that the CLI lists.

    Args:
        cli: the CLI.
        backend: the URL of the backend; None for the one that the CLI is logged in to.
        organization: the name of their organization; None for any. A self-managed backend ignores
            it.
        project: the name of their project; None for any.

    Raises:
        CliError: the CLI can't list them.
    """
    filters = [f"--organization={organization}"] if organization else []
    filters += [f"--project={project}"] if project else []
    output = cli.run(*_COMMAND, *filters, backend=backend)
    entries = output.parsed("stack ls")
    try:
        return Listing([_listed(entry) for entry in entries], output.warnings)
    except (AttributeError, KeyError, TypeError) as error:
        raise CliError(unreadable("stack ls")) from error


def list_otherwise(url: str, filters: Filters, project: str | None, error: CliError) -> Listing:
    """Return the stacks of a backend that the CLI can't list, since one of them is broken.

    Args:
        url: the URL of the backend.
        filters: which stacks to read. The list can have others.
        project: the name of the project that the CLI can't list; None for all.
        error: the error of the CLI.

    Raises:
        CliError: there is no other way to list them. The message says what to do.
    """
    if error.status is Status.DENIED or url.startswith(("http://", "https://")):
        raise error
    if url.startswith(_SCHEME):
        with suppress(OSError):
            return Listing(_in_folder(url))
    if filters.exact_stacks and filters.exact_stacks == filters.stacks:
        return Listing([Listed(name) for name in filters.exact_stacks])
    if project is not None:
        raise CliError(f"Project {quoted(project)}: {error} {_BY_NAME}") from error
    raise CliError(f"{error} {_BY_PROJECT} {_BY_NAME}") from error


def distinct(urls: Iterable[str]) -> list[str]:
    """Return the URLs of backends without those that name the same place as another one."""
    places: dict[str, str] = {}
    for url in urls:
        places.setdefault(_place_of(url), url if url.startswith(_SCHEME) else url.rstrip("/"))
    return list(places.values())


def _place_of(url: str) -> str:
    if url.startswith(_SCHEME):
        return _SCHEME + os.path.realpath(_folder_of(url))
    scheme, separator, place = url.partition("://")
    host, slash, path = place.partition("/")
    if scheme.lower() in ("http", "https"):
        # Only their host names ignore case.
        scheme, host = scheme.lower(), host.lower()
    return f"{scheme}{separator}{host}{slash}{path}".rstrip("/")


def _listed(entry: Any) -> Listed:
    if not isinstance(entry["name"], str):
        raise TypeError
    return Listed(entry["name"], _time(entry.get("lastUpdate")))


def _time(text: object) -> datetime | None:
    if not isinstance(text, str):
        return None
    try:
        time = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
    return time if time.tzinfo else time.replace(tzinfo=timezone.utc)


def _in_folder(url: str) -> list[Listed]:
    """Return the stacks whose files are in the folder of a backend, those included that are broken.

    Raises:
        OSError: the folder can't be read.
    """
    data = _folder_of(url) / ".pulumi"
    stacks = data / "stacks"
    if not _has_projects(data / "meta.yaml"):
        return [Listed(name) for name in _names(stacks)]
    return [
        Listed(f"organization/{project.name}/{name}")
        for project in sorted(stacks.iterdir())
        if project.is_dir() and _NAME.fullmatch(project.name)
        for name in _names(project)
    ]


def _folder_of(url: str) -> Path:
    text = unquote(url.removeprefix(_SCHEME).partition("?")[0])
    return Path.home() / text[2:] if text.startswith("~") else Path(text)


def _has_projects(meta: Path) -> bool:
    """Return whether the stacks are in folders of their projects. An older CLI wrote no file."""
    try:
        version = yaml.safe_load(meta.read_text(encoding="utf-8"))["version"]
    except FileNotFoundError:
        return False
    except (ValueError, TypeError, KeyError, yaml.YAMLError):
        return True
    return bool(version)


def _names(folder: Path) -> Iterable[str]:
    files = (
        match["name"]
        for file in sorted(folder.iterdir())
        if (match := _FILE.fullmatch(file.name)) and file.is_file()
    )
    return dict.fromkeys(files)
