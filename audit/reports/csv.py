r"""The findings as CSV, for a spreadsheet or a database.

The column `record` says what a row is. A `finding` is a table. A `coverage` row is an account or a
Region, and a `warning` row is a warning of the run: without them, a reader could take the tables
for all tables. Only findings have a verdict, so counts by verdict
are right. The raw answers of AWS are in the JSON report only, since a cell of Excel can't contain
more than 32,767 characters.

Open the file with `newline=""`. Import the column `account` as text: Excel removes leading zeros.

Sources: RFC 4180 (CRLF, quotes); OWASP, "CSV Injection"; Microsoft, "Excel specifications and
limits".
"""

from __future__ import annotations

import csv
import re
from typing import TextIO

from audit.results import Audit, Coverage, Finding

from . import words

COLUMNS = [
    "record",
    "account",
    "region",
    "table",
    "arn",
    "verdict",
    "reason",
    "fix",
    "fix_note",
    "key_arn",
    "key_type",
    "key_manager",
    "key_state",
    "exemption",
    "exemption_reason",
    "exemption_expires",
    "evidence_source",
    "evidence_time",
    "evidence_identity",
    "coverage_status",
    "coverage_listed",
    "coverage_judged",
    "coverage_not_read",
]

# Other programs than Excel read the full-width characters as these, too.
_FORMULA = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")


def write(audit: Audit, out: TextIO) -> None:
    """Write the warnings, the coverage, and then a row for each finding."""
    rows = csv.DictWriter(out, COLUMNS, restval="", lineterminator="\r\n")
    rows.writeheader()
    for warning in audit.run.warnings:
        rows.writerow({"record": "warning", "reason": cell(warning)})
    for entry in audit.coverage:
        rows.writerow(_coverage(entry))
    for finding in audit.findings:
        rows.writerow(_finding(finding))


def _finding(finding: Finding) -> dict[str, str]:
    key, evidence, exemption = finding.key, finding.evidence, finding.exemption
    cells = {
        "record": "finding",
        "account": finding.account,
        "region": finding.region,
        "table": finding.table,
        "arn": finding.arn,
        "verdict": finding.verdict.value,
        "reason": finding.reason,
        "fix": finding.fix,
        "fix_note": finding.fix_note,
        "key_arn": key.arn or "",
        "key_type": key.type.value if key.type else "",
        "key_manager": key.manager or "",
        "key_state": key.state or "",
        "exemption": exemption.pattern if exemption else "",
        "exemption_reason": exemption.reason if exemption else "",
        "exemption_expires": (exemption.expires or "") if exemption else "",
        "evidence_source": evidence.source,
        "evidence_time": words.utc(evidence.time),
        "evidence_identity": evidence.identity,
    }
    return {column: cell(text) for column, text in cells.items()}


def _coverage(entry: Coverage) -> dict[str, str]:
    cells = {
        "record": "coverage",
        "account": entry.account,
        "region": entry.region or "",
        "reason": entry.reason,
        "coverage_status": entry.status.value,
        "coverage_listed": str(entry.listed),
        "coverage_judged": str(entry.judged),
        "coverage_not_read": str(entry.not_read),
    }
    return {column: cell(text) for column, text in cells.items()}


def cell(text: str) -> str:
    """Escape what a program can't show, and what a spreadsheet would calculate."""
    shown = words.printable(text)
    return f"'{shown}" if _FORMULA.match(text) or _FORMULA.match(shown) else shown
