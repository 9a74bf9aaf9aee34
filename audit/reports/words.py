"""The words that all reports share: the rule, verdicts, counts, times, and fixes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timezone
from typing import NamedTuple

from audit.results import (
    Audit,
    Coverage,
    Evidence,
    Finding,
    Key,
    Owner,
    OwnerKind,
    Status,
    Verdict,
)
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

_DRIFT = "Drift"

_PULUMI_CLOUD = ("https://api.pulumi.com", "https://app.pulumi.com")
"""The backend that a reader expects, so it is named only where another one would be."""

_MOST_STACKS = 10
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
    """Return the status of an account and Region, or of a stack, in words."""
    return _STATUSES[entry.status]


def key(key: Key) -> str:
    """Describe a key, such as "customer managed key arn:aws:kms:… (Disabled)"; empty if unknown."""
    shown = " ".join(part for part in (key.type and key.type.value, key.arn) if part)
    return f"{shown} ({key.state})" if shown and key.state else shown


def evidence(evidence: Evidence) -> str:
    """Return the source, the time, and the identity of evidence, as far as they are known."""
    return ", ".join(filter(None, (evidence.source, utc(evidence.time), evidence.identity)))


def backend(url: str) -> str:
    """Return the URL of a backend; empty for Pulumi Cloud and for a state of a file."""
    return "" if url in _PULUMI_CLOUD else url


def resource(urn: str) -> str:
    """Return the part of a URN that names the resource in its stack: its types and its name."""
    return urn.split("::", 2)[-1]


def has_accounts(audit: Audit) -> bool:
    """Whether results are about accounts, and not only about stacks."""
    entries = _entries(audit)
    return not entries or any(not entry.is_of_stack for entry in entries)


def has_stacks(audit: Audit) -> bool:
    """Whether results are about stacks."""
    return any(entry.is_of_stack for entry in _entries(audit))


def population(audit: Audit) -> str:
    """Count the tables, and the accounts, Regions, and stacks where the audit looked for them."""
    enabled = [entry for entry in audit.coverage if entry.status is not Status.DISABLED]
    accounts = {entry.account for entry in enabled if not entry.is_of_stack}
    regions = {entry.region for entry in enabled if entry.region is not None}
    stacks = {(entry.backend, entry.stack) for entry in enabled if entry.stack}
    of_stacks = sum(finding.is_of_stack for finding in audit.findings)
    in_aws = (
        f"{counted(len(audit.findings) - of_stacks, 'table')} in "
        f"{counted(len(accounts), 'account')} and {counted(len(regions), 'Region')}"
    )
    in_stacks = counted(len(stacks), "stack")
    if not has_stacks(audit):
        return in_aws
    if not has_accounts(audit):
        return f"{counted(of_stacks, 'table')} in {in_stacks}"
    more = counted(of_stacks, "more table") if of_stacks else "no other table"
    return f"{in_aws}, and {more} in {in_stacks}"


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
        places = _places(audit.incomplete)
        missing = f"{places} could not be read completely, so there can be more tables."
    unread = audit.summary[Verdict.NOT_READ]
    if unread:
        were = "was" if unread == 1 else "were"
        missing = f"{missing} {counted(unread, 'table')} {were} listed and not read.".strip()
    if not audit.findings:
        return f"No tables were found. {missing}".strip()
    if not audit.summary[Verdict.VIOLATION]:
        return f"No violations were found. {missing}".strip()
    return missing


def rejections(audit: Audit) -> str:
    """Count and name the stacks that the pack would reject; empty if the results don't show it.

    Where tables in AWS were joined with stacks, the tables of the stacks are not all there.
    """
    rejected = {(each.backend, each.stack): each for each in audit.findings if each.rejected}
    stacks = sum(bool(entry.stack) for entry in audit.coverage)
    if not stacks or has_accounts(audit):
        return ""
    names = [_stack(finding) for finding in rejected.values()]
    shown = [each.removeprefix("stack ") for each in names[:_MOST_STACKS]]
    if len(names) > _MOST_STACKS:
        shown.append(f"{len(names) - _MOST_STACKS:,} more")
    which = f": {', '.join(shown)}" if shown else ""
    return (
        f"If its policies were mandatory, the pack would reject {len(names):,} of "
        f"{counted(stacks, 'stack')}{which}."
    )


def place(finding: Finding) -> str:
    """Return a table's name, and its Region and account, or its stack and URN."""
    table = name(finding.table)
    if finding.is_of_stack:
        return f"{table} in {_stack(finding)}: {name(finding.urn)}"
    return f"{table} in {name(finding.region)}, account {name(finding.account)}"


def where(entry: Coverage) -> str:
    """Return a Region and its account, only the account if no Region is known, or a stack."""
    if entry.is_of_stack:
        return _stack(entry) if entry.stack else f"backend {name(entry.backend)}"
    account = f"account {name(entry.account)}"
    return account if entry.region is None else f"{name(entry.region)}, {account}"


def owner(finding: Finding) -> str:
    """Say what manages a table that AWS shows; empty if the audit did not look for it."""
    owner = finding.owner
    return "" if owner is None else f"{_managed(owner)} {owner.note}".strip()


def drift(finding: Finding) -> str:
    """Say that the record of a stack differs from AWS; empty if it does not."""
    return f"{_DRIFT}: {finding.drift}" if finding.drift else ""


def message(finding: Finding) -> str:
    """Return the reason, what manages the table, and the fix, as paragraphs."""
    fix = finding.fix and f"To fix, run:\n{finding.fix}"
    return paragraphs((finding.reason, owner(finding), finding.fix_note, fix))


def of(audit: Audit, verdict: Verdict) -> list[Finding]:
    """Return the findings of a verdict."""
    return [finding for finding in audit.findings if finding.verdict is verdict]


class Section(NamedTuple):
    """A table of a report for people.

    Attributes:
        heading: its heading.
        columns: the headings of its columns.
        rows: the cells of each row. The last one is text, and the others are names.
        verdict: the verdict of its findings; None for a section without a verdict.
        findings: its findings, if they have fixes.
        is_script: whether their fixes are commands for a shell.
    """

    heading: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    verdict: Verdict | None = None
    findings: Sequence[Finding] = ()
    is_script: bool = True

    @property
    def in_programs(self) -> str:
        """What the fixes are if they are not commands, as the start of a list."""
        if self.verdict is Verdict.VIOLATION:
            return "To fix, change the programs of the stacks:"
        return "To do:"


def gaps(audit: Audit) -> Iterator[Section]:
    """Yield tables of the accounts and Regions, and of the stacks, that were not read."""
    entries = [entry for entry in audit.incomplete if not entry.is_of_stack]
    stacks = [entry for entry in audit.incomplete if entry.is_of_stack]
    if entries:
        yield Section(
            "Accounts and Regions that were not read completely",
            ("Account", "Region", "Status", "Reason"),
            [(e.account, e.region or "all", status(e), e.reason) for e in entries],
        )
    if stacks:
        backends = _backends(audit, stacks)
        yield Section(
            "Stacks that were not read completely",
            (*backends, "Stack", "Status", "Reason"),
            [
                (*(e.backend for _ in backends), e.stack or "all", status(e), e.reason)
                for e in stacks
            ],
        )


def sections(audit: Audit) -> Iterator[Section]:
    """Yield tables of the findings that need attention: of each verdict, and those with drift."""
    for verdict, heading in HEADINGS.items():
        yield from _sections(audit, heading, of(audit, verdict), verdict)
    yield from _sections(audit, _DRIFT, [found for found in audit.findings if found.drift], None)


def _sections(
    audit: Audit, heading: str, findings: Sequence[Finding], verdict: Verdict | None
) -> Iterator[Section]:
    """Yield a table of the findings in AWS, and one of those of stacks."""
    in_aws = [finding for finding in findings if not finding.is_of_stack]
    of_stacks = [finding for finding in findings if finding.is_of_stack]
    last = "Reason" if verdict else _DRIFT

    def text(finding: Finding) -> str:
        first = finding.reason if verdict else finding.drift
        return "\n".join(filter(None, (first, owner(finding))))

    if in_aws:
        yield Section(
            heading,
            ("Account", "Region", "Table", last),
            [(f.account, f.region, f.table, text(f)) for f in in_aws],
            verdict,
            in_aws if verdict else (),
        )
    if of_stacks:
        backends = _backends(audit, of_stacks)
        yield Section(
            f"{heading} in stacks" if has_accounts(audit) else heading,
            (*backends, "Stack", "Table", "Resource", last),
            [
                (*(f.backend for _ in backends), f.stack, f.table, resource(f.urn), text(f))
                for f in of_stacks
            ],
            verdict,
            of_stacks if verdict else (),
            is_script=False,
        )


def _backends(audit: Audit, shown: Sequence[Coverage | Finding]) -> Sequence[str]:
    """Return the column for the backend, if it is needed to tell stacks apart."""
    backends = {entry.backend for entry in _entries(audit) if entry.is_of_stack}
    unnamed = any(isinstance(entry, Coverage) and not entry.stack for entry in shown)
    return ("Backend",) if len(backends) > 1 or unnamed else ()


def fix_lines(finding: Finding) -> Iterator[str]:
    """Yield the lines that fix a table, for a reader to copy. Yields nothing if there is no fix.

    For a table in AWS, they are a shell script. Each line is complete: a shell runs none of it if
    it starts with `#`, and a name can't end the comment. The commands for a table that a stack
    manages are comments, because its program or template is to change. For a table of a stack, the
    lines are text.
    """
    if not (finding.fix or finding.fix_note):
        return
    comment = "" if finding.is_of_stack else "# "
    yield f"{comment}{place(finding)}"
    for note in (owner(finding), *finding.fix_note.split("\n")):
        if note:
            yield f"{comment}{on_one_line(note)}"
    is_managed = finding.owner is not None and bool(finding.owner.stack)
    for command in finding.fix.split("\n"):
        if command:
            yield f"{'# ' if is_managed else ''}{printable(command)}"


def fixes(findings: Iterable[Finding]) -> list[list[str]]:
    """Return the lines that fix each table, see `fix_lines`. Equal changes of programs are one."""
    blocks: list[list[str]] = []
    by_note: dict[str, list[str]] = {}
    for finding in findings:
        lines = [*fix_lines(finding)]
        if not finding.is_of_stack or not lines:
            blocks += [lines] if lines else []
        elif finding.fix_note in by_note:
            block = by_note[finding.fix_note]
            place_of_note = len(block) - (len(lines) - 1)
            block.insert(place_of_note, lines[0])
        else:
            by_note[finding.fix_note] = lines
            blocks.append(lines)
    return blocks


def paragraphs(parts: Iterable[str]) -> str:
    """Join the parts that are not empty, with an empty line between them."""
    return "\n\n".join(part for part in parts if part)


def _verdict(verdict: Verdict, count: int) -> str:
    return "violation" if verdict is Verdict.VIOLATION and count == 1 else VERDICTS[verdict]


def _entries(audit: Audit) -> list[Coverage | Finding]:
    return [*audit.coverage, *audit.findings]


def _places(entries: Sequence[Coverage]) -> str:
    """Count accounts and Regions, stacks, and backends."""
    stacks = sum(bool(entry.stack) for entry in entries)
    backends = sum(entry.is_of_stack for entry in entries) - stacks
    others = len(entries) - stacks - backends
    parts = [
        others and f"{others:,} {'account or Region' if others == 1 else 'accounts or Regions'}",
        stacks and counted(stacks, "stack"),
        backends and counted(backends, "backend"),
    ]
    *first, last = [part for part in parts if part]
    if not first:
        return last
    return f"{', '.join(first)}{',' if len(first) > 1 else ''} and {last}"


def _stack(entry: Finding | Coverage | Owner) -> str:
    """Return the name of a stack, and its backend if it is not the usual one."""
    url = backend(entry.backend)
    return f"stack {name(entry.stack)}{f' in {name(url)}' if url else ''}"


def _managed(owner: Owner) -> str:
    if owner.kind is OwnerKind.PULUMI:
        return f"Managed by the resource {name(owner.urn)} of the Pulumi {_stack(owner)}."
    if owner.kind is OwnerKind.CLOUDFORMATION:
        logical_id = owner.logical_id and f", logical ID {name(owner.logical_id)}"
        return f"Managed by the CloudFormation stack {name(owner.stack)}{logical_id}."
    if owner.kind is OwnerKind.NONE:
        return "Not managed by any stack that was read."
    return "Whether a stack manages it can't be determined."
