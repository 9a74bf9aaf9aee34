"""The results as text for a terminal, with what needs attention first.

Source: Rich, "Console API" (terminals, `soft_wrap`) and "Tables" (`overflow`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TextIO

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from audit.results import Audit, Finding, Verdict

from . import words

WIDTH = 120
"""The width of the tables where the output is no terminal."""

_COLORS = {Verdict.VIOLATION: "red", Verdict.UNDETERMINED: "yellow", Verdict.NOT_READ: "yellow"}


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
    for warning in audit.run.warnings:
        _line(console, f"Warning: {words.printable(warning)}", "yellow")
    _table(
        console,
        "Accounts and Regions that were not read completely",
        "yellow",
        ["Account", "Region", "Status", "Reason"],
        (
            (entry.account, entry.region or "", words.status(entry), entry.reason)
            for entry in audit.incomplete
        ),
    )
    for verdict, heading in words.HEADINGS.items():
        findings = words.of(audit, verdict)
        _table(
            console,
            heading,
            _COLORS[verdict],
            ["Account", "Region", "Table", "Reason"],
            ((found.account, found.region, found.table, found.reason) for found in findings),
        )
        _fixes(console, findings)


def _line(console: Console, text: str, style: str) -> None:
    if text:
        console.print(Text(text, style), soft_wrap=True)


def _heading(console: Console, text: str, style: str) -> None:
    console.print()
    _line(console, text, f"bold {style}")


def _table(
    console: Console,
    heading: str,
    style: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
) -> None:
    """Print a heading and a table, if there are rows."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for *names, reason in rows:
        # A Text shows square brackets as they are. In a str, Rich would read markup.
        table.add_row(*(Text(words.name(name)) for name in names), Text(words.printable(reason)))
    if table.row_count:
        _heading(console, f"{heading} ({table.row_count:,})", style)
        with console.capture() as shown:
            console.print(table)
        # Rich fills each row with spaces.
        lines = (line.rstrip(" ") for line in shown.get().split("\n"))
        console.file.write("\n".join(lines))


def _fixes(console: Console, findings: Iterable[Finding]) -> None:
    """Print the commands that fix the tables, outside of the table, so that each is one line."""
    lines = [line for finding in findings for line in words.fix_lines(finding)]
    if lines:
        _line(console, "To fix, run these commands with credentials of the account:", "bold")
    for line in lines:
        _line(console, line, "dim" if line.startswith("#") else "")
