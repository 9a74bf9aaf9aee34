"""The data of the pretend Cloud: JSON documents and uploaded files in a folder."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

Json = dict[str, Any]

USERS = "users"
PERMISSIONS = "permissions"
REQUESTS = "requests.jsonl"


class Store:
    """JSON documents by name, one file each. A document that was never written is empty.

    The server handles one request at a time, so the store needs no locks. A document is replaced as
    a whole, so other processes never read half of one.

    Args:
        folder: the folder for the files.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, *names: str) -> Json:
        """Return a document by its name, in one or more parts."""
        path = self._path(names)
        document: Json = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        return document

    def write(self, *names_and_value: Any) -> None:
        """Replace a document. The arguments are its name, in one or more parts, and the value."""
        *names, value = names_and_value
        path = self._path(tuple(names))
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        draft.write_text(json.dumps(value, indent=1), encoding="utf-8")
        draft.replace(path)

    def remove(self, *names: str) -> None:
        """Remove a document."""
        self._path(names).unlink(missing_ok=True)

    def list(self, kind: str) -> Iterator[tuple[str, Json]]:
        """Yield the names and values of all documents of a kind, sorted by name."""
        for path in sorted(self.folder.glob(f"{kind}/[!.]*.json")):
            yield unquote(path.stem), json.loads(path.read_text(encoding="utf-8"))

    def blob(self, key: str) -> Path:
        """Return the path of an uploaded file, which may not exist yet."""
        (self.folder / "storage").mkdir(exist_ok=True)
        return self.folder / "storage" / f"{quote(key, safe='')}.tgz"

    def _path(self, names: tuple[str, ...]) -> Path:
        # Quoting keeps slashes in the name of a stack from becoming folders outside the store.
        *kind, name = names
        return self.folder.joinpath(*kind, f"{quote(name, safe='')}.json")
