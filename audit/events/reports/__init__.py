"""The formats of reports about policies, one module for each, with the names of the audit's.

A module's `write(run, out)` writes a report of the results to a text file. If a format limits the
size of a file, `parts(run)` splits the results, and each part becomes a file.
"""

from __future__ import annotations

from audit.events.results import PolicyRun
from audit.reports import Report

from . import csv, html, json, junit, markdown, ocsf, sarif, table

REPORTS: dict[str, Report[PolicyRun]] = {
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
