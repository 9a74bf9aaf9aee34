"""`python -m audit state`: the tables of states that `pulumi stack export` wrote."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from audit.collector import Collector
from audit.results import Coverage, Status, Verdict
from audit.stacks.judging import findings_of
from audit.stacks.states import DamagedStateError, State, parse
from policies.settings.settings import Settings

from .run import EXIT_CODES, audit, shared, suggests_exemptions

_STDIN = "-"
_SOURCE = "state file"


@click.command("state", epilog=EXIT_CODES)
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@shared
@suggests_exemptions
def state(files: tuple[str, ...], **options: Any) -> None:
    """Read the tables from FILE, the state of a stack.

    `pulumi stack export --file FILE` writes it. `-` reads it from stdin. Secrets that the state
    encrypts are not read. To read them, too, export it with --show-secrets.
    """

    def read(settings: Settings, collector: Collector) -> None:
        read_files(files, settings, collector)

    audit(read, **options)


def read_files(files: Sequence[str], settings: Settings, collector: Collector) -> None:
    """Judge the states in some files.

    Args:
        files: their paths; `-` for stdin. The same file counts once.
        settings: the settings of the audit.
        collector: gets the results.
    """
    states: dict[str, State | str] = {}
    for file in dict.fromkeys(files):
        try:
            states[file] = parse(_content(file))
        except OSError as error:
            states[file] = f"{file} can't be read: {error.strerror}."
        except DamagedStateError as error:
            states[file] = str(error)
    names = {file: _name(file, content) for file, content in states.items()}
    shared_names = Counter(names.values())
    for file, content in states.items():
        name = names[file]
        # Two states of the same stack are two entries.
        _add(f"{name} ({file})" if shared_names[name] > 1 else name, content, settings, collector)


def _content(file: str) -> bytes:
    return sys.stdin.buffer.read() if file == _STDIN else Path(file).read_bytes()


def _name(file: str, content: State | str) -> str:
    if isinstance(content, State) and content.stack:
        return f"{content.project}/{content.stack}"
    return "stdin" if file == _STDIN else file


def _add(name: str, content: State | str, settings: Settings, collector: Collector) -> None:
    if isinstance(content, str):
        collector.add_coverage(Coverage("", None, Status.FAILED, 0, 0, 0, content, stack=name))
        return
    found = findings_of(content, settings, stack=name, source=_SOURCE)
    collector.findings += found
    not_read = sum(finding.verdict is Verdict.NOT_READ for finding in found)
    status = Status.FAILED if content.faults else Status.READ
    collector.add_coverage(
        Coverage(
            "", None, status, len(found), len(found) - not_read, not_read,
            " ".join(content.faults), stack=name, updated=content.updated,
        )
    )  # fmt: skip
