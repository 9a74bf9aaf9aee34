"""The results as text for a terminal, with what needs attention first.

Source: Rich, "Console API" (terminals, `soft_wrap`) and "Tables" (`overflow`).
"""

from __future__ import annotations

from typing import TextIO

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from audit.results import Audit, Verdict

from . import words

WIDTH = 120
"""The width of the tables where the output is no terminal."""

_COLORS = {
    Verdict.VIOLATION: "red",
    Verdict.UNDETERMINED: "yellow",
    Verdict.NOT_READ: "yellow",
    None: "yellow",
}


def write(audit: Audit, out: TextIO) -> None:
    """Write the summary, what was not read, and the tables that need attention with their fixes.

    Names wrap to more lines and are never cut. A command is always one line.
    """
    terminal = out.isatty()
    console = Console(
        file=out,
        force_terminal=terminal,
        width=None if terminal else WIDTH,
        highlight=False,
        markup=False,
        emoji=False,
    )
    _line(console, words.summary(audit), "bold")
    _line(console, words.conclusion(audit), "green" if audit.is_complete else "yellow")
    _line(console, words.rejections(audit), "bold")
    for warning in audit.run.warnings:
        _line(console, f"Warning: {words.printable(warning)}", "yellow")
    for section in words.gaps(audit):
        _table(console, section, "yellow")
    for section in words.sections(audit):
        _table(console, section, _COLORS[section.verdict])
        _fixes(console, section)


def _line(console: Console, text: str, style: str) -> None:
    if text:
        console.print(Text(text, style), soft_wrap=True)


def _heading(console: Console, text: str, style: str) -> None:
    console.print()
    _line(console, text, f"bold {style}")


def _table(console: Console, section: words.Section, style: str) -> None:
    """Print a heading and a table."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for column in section.columns:
        table.add_column(column, overflow="fold")
    for *names, reason in section.rows:
        # A Text shows square brackets as they are. In a str, Rich would read markup.
        table.add_row(*(Text(words.name(name)) for name in names), Text(words.printable(reason)))
    _heading(console, f"{section.heading} ({table.row_count:,})", style)
    with console.capture() as shown:
        console.print(table)
    # Rich fills each row with spaces.
    lines = (line.rstrip(" ") for line in shown.get().split("\n"))
    console.file.write("\n".join(lines))


def _fixes(console: Console, section: words.Section) -> None:
    """Print what fixes the tables, outside of the table, so that each command is one line."""
    blocks = words.fixes(section.findings)
    if blocks:
        heading = (
            "To fix, run these commands with credentials of the account:"
            if section.is_script
            else section.in_programs
        )
        _line(console, heading, "bold")
    for line in (line for block in blocks for line in block):
        _line(console, line, "dim" if line.startswith("#") else "")
