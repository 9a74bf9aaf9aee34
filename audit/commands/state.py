"""`python -m audit state`: the tables of states that `pulumi stack export` wrote."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from audit.collector import Collector
from audit.results import Coverage, Finding, Status, Verdict
from audit.stacks.judging import findings_of
from audit.stacks.states import DamagedStateError, State, parse
from policies.settings.settings import Settings

from .run import EXIT_CODES, audit, end_at_signals, handle_signals, shared, suggests_exemptions

_STDIN = "-"
_SOURCE = "state file"
_HIDDEN = "the value is a secret of a state file"
"""The words of the pack about a secret that the state encrypts."""
_EXPORT = "Export the state with `--show-secrets` to read it."


@click.command("state", epilog=EXIT_CODES)
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@shared
@suggests_exemptions
def state(files: tuple[str, ...], **options: Any) -> None:
    """Read the tables from each FILE, the exported state of a stack.

    `pulumi stack export --file FILE` writes it. `-` reads it from stdin. Secrets that the state
    encrypts are not read. To read them, too, export it with --show-secrets.
    """

    def read(settings: Settings, collector: Collector) -> None:
        # A pipe may never end.
        end_at_signals()
        read_files(files, settings, collector)
        handle_signals(collector)

    audit(read, inputs=[Path(file) for file in files if file != _STDIN], **options)


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
    if file != _STDIN:
        return Path(file).read_bytes()
    if sys.stdin is None:
        raise DamagedStateError("stdin is closed. Pass a state to it, or name a file.")
    return sys.stdin.buffer.read()


def _name(file: str, content: State | str) -> str:
    if isinstance(content, State) and content.stack:
        return f"{content.project}/{content.stack}"
    return "stdin" if file == _STDIN else file


def _add(name: str, content: State | str, settings: Settings, collector: Collector) -> None:
    if isinstance(content, str):
        collector.add_coverage(Coverage("", None, Status.FAILED, 0, 0, 0, content, stack=name))
        return
    found = [
        _with_export(finding)
        for finding in findings_of(content, settings, stack=name, source=_SOURCE)
    ]
    collector.findings += found
    not_read = sum(finding.verdict is Verdict.NOT_READ for finding in found)
    status = Status.FAILED if content.faults else Status.READ
    collector.add_coverage(
        Coverage(
            "", None, status, len(found), len(found) - not_read, not_read,
            " ".join(content.faults), stack=name, updated=content.updated,
        )
    )  # fmt: skip


def _with_export(finding: Finding) -> Finding:
    """Return a finding that says how to read the secret that hides the encryption, if one does."""
    if finding.verdict is not Verdict.UNDETERMINED or _HIDDEN not in finding.reason:
        return finding
    return replace(finding, fix_note="\n".join(filter(None, (_EXPORT, finding.fix_note))))
