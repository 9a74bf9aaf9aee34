"""Write the results as one HTML page, for managers and auditors.

The page is one file that loads nothing: its style and script are in it, and its Content Security
Policy allows only these two. It contains only ASCII characters, so the encoding of `out` does not
matter. Without its script, the page shows the same results, but can't filter or sort them.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shlex
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, NamedTuple, TextIO

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from audit.results import Audit, Coverage, Evidence, Finding, OwnerKind, Status, Verdict
from policies.reporting.metadata import URL, WHY

from . import words
from .words import RISK, RULE, counted

_PAGE = Path(__file__).parent / "html_page"
_BUFFERED = 1_000
_SMALLEST_BAR = 0.6
"""The width of a bar in the chart, in percent, at which one table of thousands is still visible."""
_MOST_NAMES = 3
_CODE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_WORD = re.compile(r"(?<=[a-z])(?=[A-Z])")
_ACCOUNT = re.compile(r"(?<=:)\d{12}(?=:)")
_GROUPS = ("aggregator ", "the organization ")
"""How the name of an entry of the coverage starts that is about accounts that are not known."""


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
        "The table breaks the rule. The finding shows why, and how to fix it.",
    ),
    Verdict.UNDETERMINED: Words(
        "Undetermined",
        "The table was read, and what was read does not decide whether it complies. The finding "
        "shows why, and a note says what to do.",
    ),
    Verdict.NOT_READ: Words(
        "Not read",
        "The table was listed, but the audit couldn't read it. It can be compliant or a violation. "
        "Fix the reason, such as a missing permission, and run the audit again.",
    ),
    Verdict.EXEMPT: Words(
        "Exempt",
        "The settings exempt the table from the rule. The finding shows the reason that the "
        "settings give, and what would be found without the exemption.",
    ),
    Verdict.COMPLIANT: Words(
        "Compliant", "The table is encrypted with a KMS key that the settings accept."
    ),
}
"""Each verdict, in the order of the reports."""

STATUSES = {
    Status.DENIED: Words("Denied", "Access was denied, so there may be more tables."),
    Status.FAILED: Words("Failed", "An error ended the audit there, so there may be more tables."),
    Status.READ: Words("Read", "All tables were listed. Each of them has a finding."),
    Status.DISABLED: Words(
        "Disabled",
        "The account has not enabled the Region, or is suspended, so its tables can't be listed. "
        "Tables that were created before can still exist.",
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
    listed = _listed(audit.coverage)
    stream = (
        environment(_PAGE)
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
            reach=reach(audit.coverage),
            gaps=gaps(audit),
            rejections=words.rejections(audit),
            drifting=sum(bool(finding.drift) for finding in audit.findings),
            complete=complete(audit),
            has_accounts=words.has_accounts(audit),
            has_stacks=words.has_stacks(audit),
            consequence=consequence(audit),
            headline=headline(audit),
            identities=rarest_first(audit.run.identities),
            bars=bars(audit.summary),
            total=len(audit.findings),
            findings=_sorted_findings(audit.findings),
            accounts_read=[
                (entry, region(entry, listed))
                for entry in _sorted_coverage(_accounts(audit.coverage))
            ],
            stacks_read=[
                (entry, entry.backend or "state file")
                for entry in _sorted_coverage(_stacks(audit.coverage))
            ],
            settings=[(name, _json(value)) for name, value in audit.run.settings.values.items()],
            verdicts=VERDICTS,
            statuses=STATUSES,
            accounts=sorted({finding.account for finding in audit.findings if finding.account}),
            regions=sorted({finding.region for finding in audit.findings if finding.region}),
            stacks=sorted({stack(finding) for finding in audit.findings} - {""}),
            key_types=sorted({key_type(finding) for finding in audit.findings}),
            style=Markup(style),  # noqa: S704
            script=Markup(script),  # noqa: S704
            style_hash=source_hash(style),
            script_hash=source_hash(script),
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
    """Return the answer with line breaks; as it is if it is no JSON."""
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


def stack(finding: Finding) -> str:
    """Return the stack that records or manages a table; empty if the audit did not look for it."""
    owner = finding.owner
    if owner is None:
        return finding.stack
    if owner.kind is OwnerKind.CLOUDFORMATION:
        # The ARN of a stack ends with `stack/NAME/ID`.
        return f"CloudFormation: {[*owner.stack.split('/'), owner.stack][1]}"
    return {OwnerKind.NONE: "no stack", OwnerKind.UNKNOWN: "stack not known"}.get(
        owner.kind, owner.stack
    )


def resource(finding: Finding) -> str:
    """Return the resource that declares a table in its stack; empty if it is not known."""
    owner = finding.owner
    if owner is None:
        return words.resource(finding.urn)
    return words.resource(owner.urn) or owner.logical_id


def proof(evidence: Evidence) -> list[tuple[str, str]]:
    """Return the parts of an answer that show how a table is encrypted, as names and values.

    They are on paper, too, where the whole answer is not. An AWS owned key has no SSEDescription.
    """
    try:
        answer = evidence.parsed()
    except (ValueError, RecursionError):
        return []
    names = ("Table", "KeyMetadata", "Resource")
    table, key, recorded = (_part(answer, name) for name in names)
    parts = {
        "TableStatus": None if table.get("TableStatus") == "ACTIVE" else table.get("TableStatus"),
        "SSEDescription": table.get("SSEDescription", "none") if table else None,
        "Replicas": _replicas(table),
        "KeyManager": key.get("KeyManager"),
        "KeyState": key.get("KeyState"),
        "DeletionDate": key.get("DeletionDate"),
        "type": recorded.get("type"),
        "encryption": recorded.get("encryption"),
    }
    return [
        (name, value if isinstance(value, str) else _compact(value))
        for name, value in parts.items()
        if value is not None
    ]


def _part(value: Any, name: str) -> Mapping[str, Any]:
    part = value.get(name) if isinstance(value, dict) else None
    return part if isinstance(part, dict) else {}


def _replicas(table: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    replicas = table.get("Replicas")
    if not isinstance(replicas, list):
        return None
    names = ("RegionName", "ReplicaStatus", "KMSMasterKeyId")
    shown = [
        {name: replica[name] for name in names if name in replica}
        for replica in replicas
        if isinstance(replica, dict)
    ]
    return shown or None


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def prose(text: str) -> Markup:
    """Return sentences as HTML, in which code in backticks is an element. All else is text."""
    parts = _CODE.split(visible(text))
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if index % 2 else part
        for index, part in enumerate(parts)
    )


def breakable(name: str) -> Markup:
    """Return a name in camel case as HTML that breaks lines only between its words."""
    return Markup("<wbr>").join(_WORD.split(visible(name)))


def rarest_first(identities: Sequence[str]) -> list[str]:
    """Return identities in the order of the number of accounts that have one with their name.

    The identity that started the audit is first, before a role that each account has.
    """
    names = {identity: _ACCOUNT.sub("", identity) for identity in identities}
    counts = Counter(names.values())
    return sorted(identities, key=lambda identity: (counts[names[identity]], identity))


def _named(names: Sequence[str], noun: str) -> str:
    """Return a few names, or how many there are."""
    if not 0 < len(names) <= _MOST_NAMES:
        return counted(len(names), noun)
    return f"{noun if len(names) == 1 else noun + 's'} {', '.join(names)}"


def scope(coverage: Sequence[Coverage]) -> str:
    """Return what the audit tried to read, such as "Account 111122223333, Region eu-west-1"."""
    entries = _stacks(coverage)
    stacks = _named(sorted({entry.stack for entry in entries if entry.stack}), "stack")
    accounts = _accounts(coverage)
    parts = [_accounts_and_regions(accounts)] if accounts else []
    text = ", ".join([*parts, stacks] if entries else parts) or "No account"
    return text[0].upper() + text[1:]


def _accounts_and_regions(coverage: Sequence[Coverage]) -> str:
    names = sorted({entry.account for entry in coverage})
    ids = [name for name in names if name.isdecimal()]
    others = [name for name in names if not name.isdecimal()]
    parts = [_named(ids, "account")] if ids else []
    if len(others) <= _MOST_NAMES:
        parts += others
    else:
        parts.append(f"{counted(len(others), 'account')} without a known ID")
    return ", ".join([*parts, _tried_regions(coverage)])


def _tried_regions(coverage: Sequence[Coverage]) -> str:
    named = [entry for entry in coverage if entry.region is not None]
    # The Regions that an account has not enabled matter only if they are all there is.
    tried = [entry for entry in named if entry.status is not Status.DISABLED] or named
    regions = sorted({entry.region or "" for entry in tried})
    if not regions:
        return "all Regions"
    accounts = {entry.account for entry in tried}
    text = _named(regions, "Region")
    return f"up to {text} in each" if len(accounts) > 1 and len(regions) > _MOST_NAMES else text


def region(entry: Coverage, listed: Collection[str]) -> str:
    """Return the Region of an entry, or the Regions that it is about.

    Args:
        entry: the entry of the coverage.
        listed: the accounts of which at least one Region is known.
    """
    if entry.region is not None:
        return entry.region
    return "other Regions" if entry.account in listed else "all Regions"


def _listed(coverage: Sequence[Coverage]) -> set[str]:
    """Return the accounts of which at least one Region is known."""
    return {entry.account for entry in coverage if entry.region is not None}


def is_nothing_read(audit: Audit) -> bool:
    """Return whether the results show nothing about any table."""
    return not audit.findings and not any(entry.status is Status.READ for entry in audit.coverage)


def reach(coverage: Sequence[Coverage]) -> list[str]:
    """Return sentences about how much of the accounts, Regions, and stacks was read."""
    if not coverage:
        return ["No account was audited."]
    return [*_reach(_accounts(coverage)), *_reach_of_stacks(_stacks(coverage))]


def _reach(coverage: Sequence[Coverage]) -> Iterator[str]:
    for name in sorted({entry.account for entry in coverage if not _is_account(entry)}):
        yield f"The {name.removeprefix('the ')} could not be read completely."
    entries = [entry for entry in coverage if _is_account(entry)]
    regions = [e for e in entries if e.region is not None and e.status is not Status.DISABLED]
    if regions:
        read = sum(entry.status is Status.READ for entry in regions)
        yield f"{read:,} of {_places(regions)} {_was(len(regions))} read."
    listed = _listed(entries)
    total = counted(len({entry.account for entry in entries}), "account")
    without = [entry for entry in entries if entry.region is None]
    inactive = {e.account for e in without if e.status is Status.DISABLED}
    failed = {e.account for e in without if e.status is not Status.DISABLED}
    if failed - listed:
        yield f"{len(failed - listed):,} of {total} could not be read."
    if failed & listed:
        yield f"Not all Regions of {counted(len(failed & listed), 'account')} could be listed."
    if inactive:
        verb, whose = ("is", "its") if len(inactive) == 1 else ("are", "their")
        yield f"{len(inactive):,} of {total} {verb} not active, so {whose} tables can't be listed."
    disabled = [e for e in entries if e.region is not None and e.status is Status.DISABLED]
    if disabled:
        verb, whose = ("is", "its") if len(disabled) == 1 else ("are", "their")
        yield f"{_places(disabled)} {verb} not enabled, so {whose} tables can't be listed."


def _reach_of_stacks(coverage: Sequence[Coverage]) -> Iterator[str]:
    for backend in sorted({entry.backend for entry in coverage if not entry.stack}):
        yield f"The stacks of {backend} could not be listed completely."
    stacks = [entry for entry in coverage if entry.stack]
    if stacks:
        read = sum(entry.status is Status.READ for entry in stacks)
        yield f"{read:,} of {counted(len(stacks), 'stack')} {_was(len(stacks))} read."


def _accounts(coverage: Sequence[Coverage]) -> list[Coverage]:
    return [entry for entry in coverage if not entry.is_of_stack]


def _stacks(coverage: Sequence[Coverage]) -> list[Coverage]:
    return [entry for entry in coverage if entry.is_of_stack]


def _places(entries: Sequence[Coverage]) -> str:
    accounts = {entry.account for entry in entries}
    return f"{counted(len(entries), 'Region')} in {counted(len(accounts), 'account')}"


def _is_account(entry: Coverage) -> bool:
    return not entry.account.startswith(_GROUPS)


def _was(number: int) -> str:
    return "was" if number == 1 else "were"


def gaps(audit: Audit) -> list[str]:
    """Return a sentence for each way in which the results are incomplete; none if they are not."""
    if audit.is_complete and not is_nothing_read(audit):
        return []
    sentences = reach(audit.coverage)
    not_read = audit.summary[Verdict.NOT_READ]
    if not_read:
        sentences.append(
            f"{counted(not_read, 'table')} {_was(not_read)} listed and could not be read."
        )
    return sentences


def complete(audit: Audit) -> str:
    """Return what was read, if the results are complete."""
    kinds = {
        "AWS listed": words.has_accounts(audit),
        "the stacks record": words.has_stacks(audit),
    }
    return f"every table that {' or '.join(kind for kind, has in kinds.items() if has)} was read"


def consequence(audit: Audit) -> str:
    """Return what there may be besides the findings, if the results are incomplete."""
    if not audit.summary[Verdict.NOT_READ]:
        return f"there may be {'more ' if audit.findings else ''}tables"
    return f"there may be more {'tables and ' if audit.incomplete else ''}violations"


def headline(audit: Audit) -> tuple[str, str]:
    """Return the most important result, as a text to emphasize and the rest of its sentence."""
    total = len(audit.findings)
    violations = audit.summary[Verdict.VIOLATION]
    if is_nothing_read(audit):
        return "Nothing was read, so this report shows nothing about your tables.", ""
    if not total:
        kinds = {"Regions": words.has_accounts(audit), "stacks": words.has_stacks(audit)}
        places = " and ".join(kind for kind, has in kinds.items() if has)
        where = f" in the {places} that were read" if audit.incomplete else ""
        return f"The audit found no tables{where}.", ""
    if audit.summary[Verdict.NOT_READ] == total:
        return (
            f"{counted(total, 'table')} {_was(total)} listed, and none was read",
            ", so this report does not show whether they break the rule.",
        )
    verb = "breaks" if violations == 1 else "break"
    return f"{violations:,} of {counted(total, 'table')}", f" {verb} the rule."


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


def source_hash(text: str) -> str:
    """Return the source of a Content Security Policy that allows only this style or script."""
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


def environment(folder: Path) -> Environment:
    """Return the environment of the templates in a folder, which show each text as it is."""
    templates = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=visible,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters.update(
        utc=utc, iso=iso, pretty=pretty, proof=proof, prose=prose, breakable=breakable,
        key_type=key_type, stack=stack, resource=resource, owner=words.owner, counted=counted,
        number="{:,}".format,
    )  # fmt: skip
    return templates
