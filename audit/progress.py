"""How far an audit is: counts, and a progress bar on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass
class Counts:
    """What an audit has done so far.

    Attributes:
        accounts: the number of accounts that were found.
        regions: the number of Regions to read.
        regions_done: the number of those that were read, or could not be read.
        tables: the number of tables that were listed.
        tables_done: the number of those that have a finding.
        errors: the number of accounts, Regions, and tables that could not be read.
    """

    accounts: int = 0
    regions: int = 0
    regions_done: int = 0
    tables: int = 0
    tables_done: int = 0
    errors: int = 0


@contextmanager
def shown(counts: Counts) -> Iterator[Callable[[], None]]:
    """Show a progress bar on stderr if that is a terminal, and remove it at the end.

    Args:
        counts: what the bar shows.

    Yields:
        A function that shows the counts as they are now.
    """
    if not sys.stderr.isatty():
        yield lambda: None
        return
    # Only a terminal needs rich, and it is slow to import.
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    progress = Progress(
        TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(),
        console=Console(stderr=True), transient=True,
    )  # fmt: skip
    with progress:
        task = progress.add_task("Reading", total=None)

        def show() -> None:
            progress.update(
                task, description=_described(counts), completed=counts.tables_done,
                total=counts.tables or None,
            )  # fmt: skip

        yield show


def _described(counts: Counts) -> str:
    errors = f", errors: {counts.errors}" if counts.errors else ""
    return (
        f"Accounts: {counts.accounts}, Regions: {counts.regions_done}/{counts.regions}, "
        f"tables: {counts.tables_done}/{counts.tables}{errors}"
    )
