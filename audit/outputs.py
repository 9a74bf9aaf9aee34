"""Write reports: `--output FORMAT[=FILE]`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from audit.reports import REPORTS
from audit.results import Audit
from policies.settings.reading import unknown_name


class OutputError(Exception):
    """A report can't be written. The message is a sentence."""


class Output(NamedTuple):
    """A report to write.

    Attributes:
        format: the name of its format.
        file: the file; None for stdout.
    """

    format: str
    file: Path | None

    @classmethod
    def parse(cls, text: str) -> Output:
        """Read the value of `--output`.

        Raises:
            OutputError: there is no such format, or the file can't be written.
        """
        name, equals, file = text.partition("=")
        if name not in REPORTS:
            raise OutputError(unknown_name("format", name, REPORTS))
        if equals and not file:
            raise OutputError(f"--output {name}= names no file.")
        output = cls(name, Path(file) if file else None)
        if output.file is not None:
            _check(output.file)
        return output

    def write(self, audit: Audit) -> None:
        """Write the report. A report of several parts becomes several files.

        Raises:
            OutputError: the report can't be written.
        """
        report = REPORTS[self.format]
        parts = report.parts(audit)
        if self.file is None:
            if len(parts) > 1:
                raise OutputError(
                    f"The report needs {len(parts)} files. Name the first one: "
                    f"--output {self.format}=FILE."
                )
            report.write(audit, sys.stdout)
            sys.stdout.flush()
            return
        for number, part in enumerate(parts, 1):
            file = self.file
            if number > 1:
                file = file.with_name(f"{file.stem}-{number}{file.suffix}")
            draft = file.with_name(f".{file.name}.draft")
            try:
                # Another program never reads half a report.
                with draft.open("w", encoding="utf-8", newline="") as out:
                    report.write(part, out)
                draft.replace(file)
            except OSError as error:
                raise OutputError(f"{file} can't be written: {error.strerror}.") from error


def check_together(outputs: Sequence[Output]) -> None:
    """Check that reports don't overwrite each other.

    Raises:
        OutputError: two reports have the same place.
    """
    if sum(output.file is None for output in outputs) > 1:
        raise OutputError(
            "Only one report can be written to the terminal. Name a file for the others: "
            "--output FORMAT=FILE."
        )
    files = [output.file.resolve() for output in outputs if output.file is not None]
    for file in files:
        if files.count(file) > 1:
            raise OutputError(f"Two reports have the same file, {file.name}.")


def _check(file: Path) -> None:
    """Check before the audit that a report can be written after it."""
    try:
        if file.is_dir():
            raise OutputError(f"{file} is a folder. Name a file.")
        draft = file.with_name(f".{file.name}.draft")
        draft.touch()
        draft.unlink()
    except OSError as error:
        raise OutputError(f"{file} can't be written: {error.strerror}.") from error
