"""The results of policies as text for a terminal, with what needs attention first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TextIO

from rich.console import Console
from rich.text import Text

from audit.events.results import Outcome, PolicyRun, Result
from audit.reports.words import printable

from . import words

_SECTIONS = {
    Outcome.VIOLATION: ("Violations", "bold red"),
    Outcome.WARNING: ("Warnings", "bold yellow"),
    Outcome.REMEDIATED: ("Remediated", "bold"),
    Outcome.EXEMPT: ("Exempt", "bold"),
}


def write(run: PolicyRun, out: TextIO) -> None:
    """Write the problems, the counts, the stacks, the packs, and what needs attention.

    What passed and what was not applicable is only counted.
    """
    console = Console(
        file=out, force_terminal=out.isatty(), highlight=False, markup=False, emoji=False
    )
    for text, style in _lines(run):
        # A Text shows square brackets as they are. In a str, Rich would read markup.
        console.print(Text(text, style), soft_wrap=True)


def _lines(run: PolicyRun) -> Iterator[tuple[str, str]]:
    """Yield each line and its style."""
    for problem in run.problems:
        yield f"Problem: {printable(problem)}", "bold yellow"
    yield words.headline(run), "bold"
    yield f"{words.summary(run)}.", ""
    stacks = words.stacks(run)
    for stack in stacks:
        yield f"Stack: {stack}", ""
    for pack in words.packs(run):
        yield f"Policy pack: {words.pack(pack)}", ""
    for note in run.notes:
        yield f"Note: {printable(note)}", ""
    for outcome, (heading, style) in _SECTIONS.items():
        results = words.of(run, outcome)
        if results:
            yield f"\n{heading} ({len(results):,})", style
        for result in results:
            resource, policy = words.resource(result), words.label(result.policy)
            place = f" in {words.stack(result)}" if result.urn and len(stacks) > 1 else ""
            yield f"- {resource}{place}: {policy} of {words.pack(result.pack)}", ""
            for line in _details(result):
                yield f"  {line}", "dim"


def _details(result: Result) -> Iterator[str]:
    if level := words.level(result):
        yield level
    if result.exceptions:
        yield words.reasons(result)
    if message := words.message(result):
        yield from printable(message).split("\n")
