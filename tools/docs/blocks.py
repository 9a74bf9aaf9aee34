"""Replace the generated blocks of code in a page."""

from __future__ import annotations

import json
import re
from typing import Any


def replaced(text: str, name: str, block: str) -> str:
    """Replace the block of code after the marker `<!-- name -->`.

    Args:
        text: the page.
        name: the name of the marker.
        block: the new lines of the block, with a line feed after the last one.

    Raises:
        ValueError: the page doesn't have exactly one such block.
    """
    pattern = re.compile(rf"(<!-- {name} -->\n\n```\w+\n).*?^(```)$", re.M | re.S)
    result, count = pattern.subn(lambda match: match[1] + block + match[2], text)
    if count != 1:
        raise ValueError(f"The page has {count} blocks {name}.")
    return result


def without_spaces_at_ends(text: str) -> str:
    """Return lines without spaces at their ends, which a terminal doesn't show."""
    return "".join(f"{line.rstrip()}\n" for line in text.splitlines())


def on_lines(value: dict[str, Any]) -> str:
    """Return JSON with one entry of a list on each line, as a report has it."""
    parts = []
    for name, part in value.items():
        shown = json.dumps(part)
        if isinstance(part, list):
            shown = "[\n" + ",\n".join(f"    {json.dumps(each)}" for each in part) + "\n  ]"
        parts.append(f'  "{name}": {shown}')
    return "{\n" + ",\n".join(parts) + "\n}\n"
