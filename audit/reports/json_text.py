"""JSON texts that any reader accepts, written without one large object in memory."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any, TextIO

_NOT_ASCII = re.compile(r"[^\x20-\x7e\n]")


def dumps(value: Any, *, indent: int | None = None) -> str:
    r"""Return a value as JSON that has printable ASCII characters only.

    So the text needs no encoding and contains no control characters for a terminal. A lone
    surrogate, which strict readers of JSON refuse, becomes the replacement character.

    Args:
        value: the value, of JSON's types.
        indent: the number of spaces of each level; None for one line.
    """
    # ensure_ascii would write a lone surrogate as it is. JSON has other characters than ASCII only
    # in strings, so each of them can become an escape sequence.
    text = json.dumps(value, ensure_ascii=False, indent=indent, allow_nan=False)
    return text if text.isascii() and "\x7f" not in text else _NOT_ASCII.sub(_escape, text)


def write_items(items: Iterable[Any], out: TextIO, indent: str = "") -> None:
    """Write a JSON array, one item on each line.

    Args:
        items: the items. Each is written before the next one is made.
        out: the file.
        indent: the spaces in front of each line.
    """
    out.write("[")
    empty = True
    for item in items:
        out.write(f"{'' if empty else ','}\n{indent}  {dumps(item)}")
        empty = False
    out.write("]" if empty else f"\n{indent}]")


def _escape(match: re.Match[str]) -> str:
    letter = match.group()
    if "\ud800" <= letter <= "\udfff":
        letter = "\ufffd"
    return json.dumps(letter)[1:-1] if letter != "\x7f" else "\\u007f"
