"""Markdown pages, read for the tests that compare them with the code."""

from __future__ import annotations

import re
from pathlib import Path

_LINK = re.compile(r"\]\((?!https?:)([^)#]*)#?([^)]*)\)")


def rows(text: str, header: str) -> list[list[str]]:
    """Return the rows of the table whose first column has the heading `header`."""
    lines = iter(text.splitlines())
    for line in lines:
        if line.startswith(f"| {header} |"):
            next(lines)
            break
    table = []
    for line in lines:
        if not line.startswith("|"):
            break
        table.append([cell.strip() for cell in line.strip("|").split("|")])
    assert table, f"There is no table with a column {header}."
    return table


def anchors_of(page: str) -> set[str]:
    """Return the anchors of a page: explicit ones, and GitHub's for headings."""
    headings = re.findall(r"^#+ (.*)$", page, re.M)
    generated = {re.sub(r"[^a-z0-9_ -]", "", text.lower()).replace(" ", "-") for text in headings}
    return generated.union(re.findall(r'<a id="([^"]+)">', page))


def broken_links(page: Path) -> list[str]:
    """Return the relative links of a page whose file or anchor doesn't exist."""
    broken = []
    for link, anchor in _LINK.findall(page.read_text(encoding="utf-8").replace("\n", "")):
        target = page.parent / link if link else page
        if not target.exists():
            broken.append(link)
        elif anchor and anchor not in anchors_of(target.read_text(encoding="utf-8")):
            broken.append(f"{link}#{anchor}")
    return broken
