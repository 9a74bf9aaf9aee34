"""The formats of reports, one module for each. To add a format, write a module and name it here.

A module's `write(audit, out)` writes a report of the results to a text file. If a format limits the
size of a file, `parts(audit)` splits the results, and each part becomes a file.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TextIO, TypeVar

from audit.results import Audit

from . import codequality, csv, html, json, junit, markdown, ocsf, sarif, table

Results = TypeVar("Results")
"""What a report is about, such as an `Audit`."""


def _whole(results: Results) -> Sequence[Results]:
    return (results,)


@dataclass(frozen=True)
class Report(Generic[Results]):
    """A format of reports.

    Attributes:
        write: writes a report.
        parts: splits results into those that one file can contain.
    """

    write: Callable[[Results, TextIO], None]
    parts: Callable[[Results], Sequence[Results]] = _whole

    @property
    def has_parts(self) -> bool:
        """Whether the format limits the size of a file."""
        return self.parts is not _whole


REPORTS: dict[str, Report[Audit]] = {
    "table": Report(table.write),
    "json": Report(json.write),
    "csv": Report(csv.write),
    "sarif": Report(sarif.write, sarif.parts),
    "junit": Report(junit.write),
    "codequality": Report(codequality.write),
    "markdown": Report(markdown.write),
    "html": Report(html.write),
    "ocsf": Report(ocsf.write),
}
"""Each format by its name, as users write it."""
