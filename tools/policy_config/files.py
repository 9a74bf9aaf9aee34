"""Read JSON files that users write, and say in a sentence why one can't be read."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from policies.encryption.values import quoted

Pairs = list[tuple[str, Any]]
"""The members of a JSON object, in their order. A name can be there twice."""


class UnreadableFileError(Exception):
    """A file can't be read. The message is a sentence."""


def read_bytes(path: Path) -> bytes:
    """Return the content of a file.

    Raises:
        UnreadableFileError: there is no such file, or it can't be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise UnreadableFileError(f"{path} can't be read: {error.strerror}.") from error


def read_text(path: Path, data: bytes | None = None) -> str:
    """Return the text of a file.

    Args:
        path: the file.
        data: its content; None to read it.

    Raises:
        UnreadableFileError: there is no such file, or it is not UTF-8.
    """
    try:
        return (read_bytes(path) if data is None else data).decode()
    except ValueError as error:
        raise UnreadableFileError(f"{path} can't be read: it is not a text in UTF-8.") from error


def read_object(
    path: Path, make: Callable[[Pairs], Any] = dict, data: bytes | None = None
) -> dict[str, Any]:
    """Return the JSON object in a file.

    Args:
        path: the file.
        make: makes the value of each JSON object from its members.
        data: its content; None to read it.

    Raises:
        UnreadableFileError: the file has no JSON object, by the rules of Go's parser, which the
            CLI uses.
    """
    text = read_text(path, data)
    try:
        value = json.loads(text, object_pairs_hook=make, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise UnreadableFileError(f"{path} is not JSON: {error.msg} ({place}).") from error
    except (ValueError, RecursionError) as error:
        raise UnreadableFileError(
            f"{path} is not JSON that the CLI can read: it has NaN, Infinity, a number with too "
            "many digits, or values that are nested too deeply."
        ) from error
    if not isinstance(value, dict):
        raise UnreadableFileError(f"{path} has no JSON object, so it must start with {{.")
    return value


def repeats_into(faults: list[str]) -> Callable[[Pairs], dict[str, Any]]:
    """Return a function that makes JSON objects, and adds the names that are repeated to a list."""

    def make(pairs: Pairs) -> dict[str, Any]:
        faults.extend(
            f"{quoted(name)} appears {count} times in the same object, and the CLI uses only the "
            "last one. Remove the others."
            for name, count in Counter(name for name, _ in pairs).items()
            if count > 1
        )
        return dict(pairs)

    return make


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)
