"""Show how far an audit is, on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from audit.collector import Counts


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
                task, description=_described(counts),
                completed=counts.tables_done + counts.stacks_done,
                total=counts.tables + counts.stacks or None,
            )  # fmt: skip

        yield show


def _described(counts: Counts) -> str:
    errors = f", errors: {counts.errors}" if counts.errors else ""
    places = f"Accounts: {counts.accounts}, Regions: {counts.regions_done}/{counts.regions}"
    if counts.stacks:
        places = f"Stacks: {counts.stacks_done}/{counts.stacks}"
    return f"{places}, tables: {counts.tables_done}/{counts.tables}{errors}"
