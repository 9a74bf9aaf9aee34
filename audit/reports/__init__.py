"""The formats of reports, one module for each. To add a format, write a module and name it here.

A module's `write(audit, out)` writes a report of the results to a text file. If a format limits the
size of a file, `parts(audit)` splits the results, and each part becomes a file.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, TextIO

from audit.results import Audit

from . import csv, html, json, junit, markdown, ocsf, sarif, table


def _whole(audit: Audit) -> Sequence[Audit]:
    return (audit,)


class Report(NamedTuple):
    """A format of reports.

    Attributes:
        write: writes a report.
        parts: splits results into those that one file can contain.
    """

    write: Callable[[Audit, TextIO], None]
    parts: Callable[[Audit], Sequence[Audit]] = _whole

    @property
    def has_parts(self) -> bool:
        """Whether the format limits the size of a file."""
        return self.parts is not _whole


REPORTS: dict[str, Report] = {
    "table": Report(table.write),
    "json": Report(json.write),
    "csv": Report(csv.write),
    "sarif": Report(sarif.write, sarif.parts),
    "junit": Report(junit.write),
    "markdown": Report(markdown.write),
    "html": Report(html.write),
    "ocsf": Report(ocsf.write),
}
"""Each format by its name, as users write it."""
