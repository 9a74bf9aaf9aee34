"""Write the results as one HTML page, for managers and auditors.

The page is one file that loads nothing: its style and script are in it, and its Content Security
Policy allows only these two. It contains only ASCII characters, so the encoding of `out` does not
matter. Without its script, the page shows the same results, but can't filter or sort them.
"""

from __future__ import annotations

import base64
import hashlib
import json
import shlex
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, NamedTuple, TextIO

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from audit.results import Audit, Coverage, Evidence, Finding, Status, Verdict
from policies.reporting.metadata import URL, WHY

from .words import RISK, RULE, counted

_PAGE = Path(__file__).parent / "html_page"
_BUFFERED = 1_000
_SMALLEST_BAR = 0.6
"""The width of a bar in the chart, in percent, at which one table of thousands is still visible."""
_MOST_NAMES = 3


class Words(NamedTuple):
    """How the page shows a verdict or a status.

    Attributes:
        label: its name.
        meaning: what it means, in one or two sentences.
    """

    label: str
    meaning: str


VERDICTS = {
    Verdict.VIOLATION: Words(
        "Violation",
        "The table breaks the rule. The finding shows why, and the commands that fix it if there "
        "are any.",
    ),
    Verdict.UNDETERMINED: Words(
        "Undetermined",
        "The table was read, and AWS's answer does not decide whether it complies. The finding "
        "shows what is missing and who can find out.",
    ),
    Verdict.NOT_READ: Words(
        "Not read",
        "AWS listed the table, and did not describe it. It can be compliant or a violation. Fix "
        "the reason, such as a missing permission, and run the audit again.",
    ),
    Verdict.EXEMPT: Words(
        "Exempt",
        "The settings exempt the table from the rule. The finding shows the reason that the "
        "settings give. The rule did not judge the table.",
    ),
    Verdict.COMPLIANT: Words(
        "Compliant", "The table is encrypted with a KMS key that the settings accept."
    ),
}
"""Each verdict, in the order of the reports."""

STATUSES = {
    Status.DENIED: Words("Denied", "AWS denied access, so there may be more tables."),
    Status.FAILED: Words("Failed", "An error ended the audit there, so there may be more tables."),
    Status.READ: Words("Read", "All tables were listed. Each of them has a finding."),
    Status.DISABLED: Words(
        "Disabled", "The account has not enabled the Region, or is not active, so it has no tables."
    ),
}
"""Each status, in the order of the coverage table."""


class Bar(NamedTuple):
    """The part of the chart that shows a verdict, in percent of its width."""

    verdict: Verdict
    start: float
    width: float


def write(audit: Audit, out: TextIO) -> None:
    """Write the page.

    Args:
        audit: the results.
        out: the file.
    """
    style, script = (
        (_PAGE / name).read_text(encoding="utf-8").strip() for name in ("page.css", "page.js")
    )
    stream = (
        _environment()
        .get_template("page.html")
        .stream(
            audit=audit,
            run=audit.run,
            rule=RULE,
            risk=RISK,
            url=URL,
            why=WHY,
            command=shlex.join(("python", "-m", "audit", *audit.run.command)),
            scope=scope(audit.coverage),
            gaps=gaps(audit),
            bars=bars(audit.summary),
            total=len(audit.findings),
            violations=audit.summary[Verdict.VIOLATION],
            findings=_sorted_findings(audit.findings),
            coverage=_sorted_coverage(audit.coverage),
            settings=[(name, _json(value)) for name, value in audit.run.settings.values.items()],
            verdicts=VERDICTS,
            statuses=STATUSES,
            accounts=sorted({finding.account for finding in audit.findings}),
            regions=sorted({finding.region for finding in audit.findings}),
            key_types=sorted({key_type(finding) for finding in audit.findings}),
            style=Markup(style),  # noqa: S704
            script=Markup(script),  # noqa: S704
            style_hash=_hash(style),
            script_hash=_hash(script),
        )
    )
    stream.enable_buffering(_BUFFERED)
    for chunk in stream:
        out.write(chunk.encode("ascii", "xmlcharrefreplace").decode("ascii"))


def visible(value: Any) -> Any:
    """Return a value with each character that a page can't show as it is replaced by its escape.

    These are control characters, line separators, and characters that change the direction of the
    text around them. In JSON, the result means the same.
    """
    if not isinstance(value, str) or isinstance(value, (Markup, Verdict, Status)):
        return value
    if all(line.isprintable() for line in value.split("\n")):
        return value
    return "".join(
        letter if letter.isprintable() or letter == "\n" else _escape(letter) for letter in value
    )


def _escape(letter: str) -> str:
    # JSON does not escape U+007F.
    return json.dumps(letter)[1:-1] if ord(letter) != 0x7F else "\\u007f"


def pretty(evidence: Evidence) -> str:
    """Return AWS's answer with line breaks; as it is if it is no JSON."""
    try:
        return _json(evidence.parsed())
    except (ValueError, RecursionError):
        return evidence.answer


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def utc(time: datetime) -> str:
    """Return a time in UTC, such as "2026-11-25 10:00:00 UTC". A time without a zone is in UTC."""
    return f"{_in_utc(time):%Y-%m-%d %H:%M:%S} UTC"


def iso(time: datetime) -> str:
    """Return a time in UTC, as the attribute `datetime` has it."""
    return f"{_in_utc(time):%Y-%m-%dT%H:%M:%SZ}"


def _in_utc(time: datetime) -> datetime:
    return time.replace(tzinfo=time.tzinfo or timezone.utc).astimezone(timezone.utc)


def key_type(finding: Finding) -> str:
    """Return the type of a finding's key; "not known" if it is not known."""
    return "not known" if finding.key.type is None else finding.key.type.value


def _named(names: Sequence[str], noun: str) -> str:
    """Return a few names, or how many there are."""
    if not 0 < len(names) <= _MOST_NAMES:
        return counted(len(names), noun)
    return f"{noun if len(names) == 1 else noun + 's'} {', '.join(names)}"


def scope(coverage: Sequence[Coverage]) -> str:
    """Return what was audited, such as "Account 111122223333, Region eu-west-1"."""
    enabled = [entry for entry in coverage if entry.status is not Status.DISABLED]
    accounts = sorted({entry.account for entry in enabled})
    regions = sorted({entry.region for entry in enabled if entry.region is not None})
    if not accounts:
        return "No account"
    named = f"{_named(accounts, 'account')}, {_named(regions, 'Region')}"
    return named[0].upper() + named[1:]


def gaps(audit: Audit) -> list[str]:
    """Return a sentence for each way in which the results are incomplete; none if they are not."""
    return [*_gaps(audit)]


def _gaps(audit: Audit) -> Iterator[str]:
    if not audit.coverage:
        yield "No account was audited."
    accounts = {entry.account for entry in audit.coverage}
    unreached = {entry.account for entry in audit.incomplete if entry.region is None}
    if unreached:
        yield (
            f"{len(unreached):,} of {counted(len(accounts), 'account')} could not be reached, so "
            "there may be more tables."
        )
    enabled = Counter(
        entry in audit.incomplete
        for entry in audit.coverage
        if entry.region is not None and entry.status is not Status.DISABLED
    )
    if enabled[True]:
        each = ", counted in each account," if len(accounts) > 1 else ""
        yield (
            f"{enabled[True]:,} of {counted(enabled.total(), 'Region')}{each} could not be read, "
            "so there may be more tables."
        )
    not_read = audit.summary[Verdict.NOT_READ]
    if not_read:
        yield (
            f"{counted(not_read, 'table')} {'was' if not_read == 1 else 'were'} listed and could "
            "not be read, so there may be more violations."
        )


def bars(summary: Mapping[Verdict, int]) -> list[Bar]:
    """Return the bars of the chart. Each verdict with a table has a visible bar."""
    total = sum(summary.values())
    counts = {verdict: count for verdict, count in summary.items() if count}
    widths = {verdict: max(_SMALLEST_BAR, 100 * n / total) for verdict, n in counts.items()}
    scale = 100 / sum(widths.values()) if widths else 0
    result = []
    start = 0.0
    for verdict, width in widths.items():
        result.append(Bar(verdict, round(start * scale, 3), round(width * scale, 3)))
        start += width
    return result


def _sorted_findings(findings: Sequence[Finding]) -> list[Finding]:
    order = list(VERDICTS)
    return sorted(findings, key=lambda finding: order.index(finding.verdict))


def _sorted_coverage(coverage: Sequence[Coverage]) -> list[Coverage]:
    order = list(STATUSES)
    return sorted(coverage, key=lambda entry: (order.index(entry.status), not entry.not_read))


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_PAGE),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=visible,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        utc=utc, iso=iso, pretty=pretty, key_type=key_type, counted=counted, number="{:,}".format
    )
    return environment
