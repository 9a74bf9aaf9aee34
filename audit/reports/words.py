"""The words that all reports share: the rule, verdicts, counts, times, and fixes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timezone

from audit.results import Audit, Coverage, Finding, Key, Status, Verdict
from policies.project import repository
from policies.reporting import metadata

PACK = "dynamodb-kms-encryption"
RULE = "DynamoDB-004"
TITLE = "DynamoDB tables must be encrypted at rest with an AWS KMS key"
RISK = metadata.SEVERITY.value
COMPLETE_REPORT = "The `json` report has all of them."

VERDICTS = {
    Verdict.VIOLATION: "violations",
    Verdict.UNDETERMINED: "undetermined",
    Verdict.NOT_READ: "not read",
    Verdict.EXEMPT: "exempt",
    Verdict.COMPLIANT: "compliant",
}
"""Each verdict after a number of tables."""

HEADINGS = {
    Verdict.VIOLATION: "Violations",
    Verdict.UNDETERMINED: "Undetermined",
    Verdict.NOT_READ: "Tables that were not read",
}
"""The headings of the verdicts that need attention."""

_STATUSES = {
    Status.READ: "read",
    Status.DENIED: "denied",
    Status.FAILED: "failed",
    Status.DISABLED: "disabled",
}


def website() -> str:
    """Return a URL that describes the pack."""
    return repository() or metadata.URL


def utc(time: datetime) -> str:
    """Return a time in ISO 8601 format, in UTC, with a Z."""
    return time.astimezone(timezone.utc).isoformat().replace("+00:00", "Z")


def from_utc(text: str) -> datetime:
    """Return the time that `utc` wrote."""
    # Python 3.10 does not read the Z.
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def counted(number: int, noun: str) -> str:
    """Return a number and a noun in the singular or plural: "1 table", "2 tables"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def printable(text: str) -> str:
    r"""Escape the characters of a text that are not printable, except line feeds.

    A terminal could run control characters as commands, XML forbids them, and a lone surrogate
    can't be encoded.

    Args:
        text: the text, such as a message of AWS.

    Returns:
        The text, with an escape sequence such as `\x1b` for each such character.
    """
    if text.isprintable():
        return text
    return "".join(
        letter
        if letter.isprintable() or letter == "\n"
        else letter.encode("unicode_escape").decode("ascii")
        for letter in text
    )


def on_one_line(text: str) -> str:
    """Return a text on one line, with all characters that are not printable escaped."""
    return printable(text.replace("\n", " "))


def name(text: str) -> str:
    """Return a name, with all characters that are not printable escaped, line feeds included."""
    return printable(text).replace("\n", "\\n")


def status(entry: Coverage) -> str:
    """Return the status of an account and Region in words."""
    return _STATUSES[entry.status]


def key(key: Key) -> str:
    """Describe a key, such as "customer managed key arn:aws:kms:… (Disabled)"; empty if unknown."""
    shown = " ".join(part for part in (key.type and key.type.value, key.arn) if part)
    return f"{shown} ({key.state})" if shown and key.state else shown


def population(audit: Audit) -> str:
    """Count the tables, and the accounts and Regions where the audit looked for them."""
    enabled = [entry for entry in audit.coverage if entry.status is not Status.DISABLED]
    accounts = {entry.account for entry in enabled}
    regions = {entry.region for entry in enabled if entry.region is not None}
    return (
        f"{counted(len(audit.findings), 'table')} in {counted(len(accounts), 'account')} and "
        f"{counted(len(regions), 'Region')}"
    )


def summary(audit: Audit) -> str:
    """Summarize the results in one sentence that has the count of each verdict."""
    counts = ", ".join(
        f"{audit.summary[verdict]:,} {_verdict(verdict, audit.summary[verdict])}"
        for verdict in Verdict
    )
    return f"{population(audit)}: {counts}."


def conclusion(audit: Audit) -> str:
    """Say plainly that there is no violation, and that there can be more tables."""
    missing = ""
    if audit.is_empty:
        return "Nothing was read, so this report shows nothing about your tables."
    if audit.incomplete:
        places = len(audit.incomplete)
        noun = "account or Region" if places == 1 else "accounts or Regions"
        missing = f"{places:,} {noun} could not be read completely, so there can be more tables."
    unread = audit.summary[Verdict.NOT_READ]
    if unread:
        were = "was" if unread == 1 else "were"
        missing = f"{missing} {counted(unread, 'table')} {were} listed and not read.".strip()
    if not audit.findings:
        return f"No tables were found. {missing}".strip()
    if not audit.summary[Verdict.VIOLATION]:
        return f"No violations were found. {missing}".strip()
    return missing


def place(finding: Finding) -> str:
    """Return a table's name, Region, and account."""
    return f"{name(finding.table)} in {name(finding.region)}, account {name(finding.account)}"


def where(entry: Coverage) -> str:
    """Return a Region and its account; only the account, if no Region is known."""
    account = f"account {name(entry.account)}"
    return account if entry.region is None else f"{name(entry.region)}, {account}"


def of(audit: Audit, verdict: Verdict) -> list[Finding]:
    """Return the findings of a verdict."""
    return [finding for finding in audit.findings if finding.verdict is verdict]


def fix_lines(finding: Finding) -> Iterator[str]:
    """Yield the lines of a shell script that fixes a table, for a reader to copy.

    Each line is complete: a shell runs none of it if it starts with `#`, and a name can't end the
    comment. Yields nothing if there is no fix.
    """
    if not (finding.fix or finding.fix_note):
        return
    yield f"# {place(finding)}"
    for note in finding.fix_note.split("\n"):
        if note:
            yield f"# {printable(note)}"
    for command in finding.fix.split("\n"):
        if command:
            yield printable(command)


def paragraphs(parts: Iterable[str]) -> str:
    """Join the parts that are not empty, with an empty line between them."""
    return "\n\n".join(part for part in parts if part)


def _verdict(verdict: Verdict, count: int) -> str:
    return "violation" if verdict is Verdict.VIOLATION and count == 1 else VERDICTS[verdict]
