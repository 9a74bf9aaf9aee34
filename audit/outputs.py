"""Write reports: `--output FORMAT[=FILE]`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple, TextIO

from audit.reports import Report, Results
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
    def parse(cls, text: str, formats: Collection[str]) -> Output:
        """Read the value of `--output`.

        Args:
            text: the value.
            formats: the names of the formats.

        Raises:
            OutputError: there is no such format, or the file can't be written.
        """
        name, equals, file = text.partition("=")
        if name not in formats:
            known = f"Use one of {', '.join(formats)}, as FORMAT or FORMAT=FILE."
            raise OutputError(f"{unknown_name('format', name, formats)} {known}")
        if equals and not file:
            raise OutputError(f"--output {name}= names no file.")
        output = cls(name, Path(file) if file else None)
        if output.file is not None:
            check_file(output.file)
        return output

    def write(self, results: Results, reports: Mapping[str, Report[Results]]) -> None:
        """Write the report. A report of several parts becomes several files.

        Args:
            results: the results.
            reports: the formats by their names.

        Raises:
            OutputError: the report can't be written.
        """
        report = reports[self.format]
        parts = report.parts(results)
        if self.file is None:
            if len(parts) > 1:
                raise OutputError(
                    f"The report needs {len(parts)} files. Name the first one: "
                    f"--output {self.format}=FILE."
                )
            try:
                report.write(results, sys.stdout)
                sys.stdout.flush()
            except BrokenPipeError:
                # The reader of the pipe, such as `head`, has enough.
                sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115 - until the end
            except OSError as error:
                sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115 - until the end
                raise OutputError(f"The report can't be printed: {error.strerror}.") from error
            return
        for number, part in enumerate(parts, 1):
            write_file(_part(self.file, number), partial(report.write, part))
        # Those of an earlier report would be taken for parts of this one.
        number = len(parts) + 1
        while report.has_parts and (old := _part(self.file, number)).is_file():
            old.unlink()
            number += 1


def write_file(file: Path, write: Callable[[TextIO], None]) -> None:
    """Write a text file, of which another program never reads a half.

    Args:
        file: the file. A device or a pipe is written to as it is.
        write: writes the text.

    Raises:
        OutputError: the file can't be written.
    """
    in_place = file.exists() and not file.is_file()
    draft = file if in_place else _draft(file)
    try:
        with draft.open("w", encoding="utf-8", newline="") as out:
            write(out)
        if not in_place:
            draft.replace(file)
    except OSError as error:
        raise OutputError(f"{file} can't be written: {error.strerror}.") from error


def check_file(file: Path) -> None:
    """Check before the audit that a file can be written after it.

    Raises:
        OutputError: it can't.
    """
    if file.is_dir():
        raise OutputError(f"{file} is a folder. Name a file.")
    if file.exists() and not file.is_file():
        return
    try:
        _draft(file).touch()
        _draft(file).unlink()
    except OSError as error:
        raise OutputError(f"{file} can't be written: {error.strerror}.") from error


def check_together(
    outputs: Sequence[Output],
    others: Sequence[Path] = (),
    config: Path | None = None,
    inputs: Iterable[Path] = (),
) -> None:
    """Check that reports don't overwrite each other, or a file that is read.

    Args:
        outputs: the reports.
        others: other files that are written.
        config: the configuration file that is read; None for none.
        inputs: other files that are read.

    Raises:
        OutputError: two of them have the same place.
    """
    if sum(output.file is None for output in outputs) > 1:
        raise OutputError(
            "Only one report can be written to the terminal. Name a file for the others: "
            "--output FORMAT=FILE."
        )
    files = [output.file for output in outputs if output.file is not None] + list(others)
    places = [file.resolve() for file in files]
    read = {file.resolve() for file in inputs if file.is_file()}
    for file, place in zip(files, places, strict=True):
        if places.count(place) > 1:
            raise OutputError(f"Two reports have the same file, {file}.")
        if config is not None and place == config.resolve() and place.is_file():
            raise OutputError(f"{file} is the file of --config. Name another file.")
        if place in read:
            raise OutputError(f"{file} is a file that the audit reads. Name another file.")


def _part(file: Path, number: int) -> Path:
    return file if number == 1 else file.with_name(f"{file.stem}-{number}{file.suffix}")


def _draft(file: Path) -> Path:
    return file.with_name(f".{file.name}.draft")
