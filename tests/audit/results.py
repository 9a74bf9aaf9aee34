"""Results of audits for tests: examples, and Hypothesis strategies for consistent results."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from audit.reports import json as json_report
from audit.results import (
    Audit,
    Coverage,
    Evidence,
    Finding,
    Key,
    KeyType,
    Owner,
    OwnerKind,
    Run,
    SettingsUsed,
    Status,
    Verdict,
)
from audit.settings import read_settings

ACCOUNT = "111122223333"
REGION = "eu-west-1"
NOW = datetime(2026, 11, 25, 9, 30, tzinfo=timezone.utc)
IDENTITY = f"arn:aws:sts::{ACCOUNT}:assumed-role/audit/session"

STACK = "acme/shop/dev"
CLOUD = "https://api.pulumi.com"
BUCKET = "s3://states?region=eu-west-1"
URN = "urn:pulumi:dev::shop::aws:dynamodb/table:Table::orders"

HOSTILE = [
    "",
    " ",
    "\x1b[31mred\x1b[0m",
    "\x9b2J\x00\x7f\x0b",
    "first\nsecond\r\nthird",
    "[bold]markup[/bold] [/] :smile:",
    "=cmd|'/C calc'!A0",
    " \t@SUM(1+1)",
    "\uff1d1+1",
    "\u202egnirts\u2028\u200b",
    "\ud800 lone surrogate",
    "<script>alert(1)</script><!-- comment -->",
    "]]>&amp;<![CDATA[",
    "| cell | `code` ``two`` \\",
    "\\|",
    "```\n# heading\n```",
    "# heading",
    "1. item\n- item\n> quote",
    "@octocat #1 GH-1 https://example.com www.example.com mail@example.com",
    "![image](https://example.com/x.png) [link](https://example.com) [link](1)",
    "*bold* _italic_ ~~gone~~ $x$ {0}",
    "..",
    "../../etc/passwd?x#y%2e",
    "Straße 表",
]
"""Texts that a format could take for more than a text."""


def finding(verdict: Verdict = Verdict.VIOLATION, **changes: Any) -> Finding:
    """Return a finding about the table `orders`, with changes.

    Args:
        verdict: its verdict.
        changes: other fields. A changed `table` also changes the ARN.
    """
    table = changes.get("table", "orders")
    region = changes.get("region", REGION)
    account = changes.get("account", ACCOUNT)
    violation = verdict is Verdict.VIOLATION
    found = Finding(
        account=account,
        region=region,
        table=table,
        arn=f"arn:aws:dynamodb:{region}:{account}:table/{table}",
        verdict=verdict,
        reason=f"DynamoDB table '{table}' is {verdict.value}.",
        fix=(
            f"aws dynamodb update-table --table-name {table} --region {region} "
            "--sse-specification Enabled=true,SSEType=KMS"
            if violation
            else ""
        ),
        fix_note="",
        key=Key(type=KeyType.AWS_OWNED) if violation else Key(),
        evidence=Evidence("DescribeTable", NOW, IDENTITY, json.dumps({"Table": {}})),
    )
    return replace(found, **changes)


def stack_finding(verdict: Verdict = Verdict.VIOLATION, **changes: Any) -> Finding:
    """Return a finding about the table `orders` of a stack, with changes."""
    violation = verdict is Verdict.VIOLATION
    table = changes.get("table", "orders")
    usual = {
        "account": "",
        "region": "",
        "arn": "",
        "fix": "",
        "fix_note": "Set `serverSideEncryption: { enabled: true }`." if violation else "",
        "evidence": Evidence("pulumi stack export", NOW, "alice", json.dumps({"Resource": {}})),
        "stack": STACK,
        "urn": f"urn:pulumi:dev::shop::aws:dynamodb/table:Table::{table}",
        "backend": CLOUD,
        "rejected": violation,
    }
    return finding(verdict, **{**usual, **changes})


def owned_by(kind: OwnerKind, **changes: Any) -> Owner:
    """Return an owner of the table `orders`, with changes."""
    usual = {
        OwnerKind.PULUMI: Owner(kind, STACK, URN, CLOUD),
        OwnerKind.CLOUDFORMATION: Owner(
            kind,
            f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/shop/0a1b",
            logical_id="Orders",
        ),
        OwnerKind.NONE: Owner(kind),
        OwnerKind.UNKNOWN: Owner(kind, note="The stack acme/shop/prod could not be read."),
    }
    return replace(usual[kind], **changes)


def coverage(status: Status = Status.READ, **changes: Any) -> Coverage:
    """Return the coverage of a Region without tables, with changes."""
    reason = "" if status is Status.READ else "AccessDeniedException: not authorized"
    return replace(Coverage(ACCOUNT, REGION, status, 0, 0, 0, reason), **changes)


def stack_coverage(status: Status = Status.READ, **changes: Any) -> Coverage:
    """Return the coverage of a stack without tables, with changes."""
    reason = "" if status is Status.READ else "incorrect passphrase"
    usual = Coverage("", None, status, 0, 0, 0, reason, STACK, CLOUD, NOW)
    return replace(usual, **changes)


def run(**changes: Any) -> Run:
    """Return a run with the default settings, with changes."""
    usual = Run(
        command=("aws", "--region", REGION),
        version="0.1.0",
        started=NOW - timedelta(minutes=1),
        finished=NOW,
        identities=(IDENTITY,),
        settings=SettingsUsed(None, None, {}),
    )
    return replace(usual, **changes)


def audit(*results: Finding | Coverage, **changes: Any) -> Audit:
    """Return an audit with these results. Regions and stacks without an entry are added as read.

    Args:
        results: findings, and the coverage of accounts and Regions, and of stacks.
        changes: fields of the run.
    """
    findings = [result for result in results if isinstance(result, Finding)]
    entries = {_place(entry): entry for entry in results if isinstance(entry, Coverage)}
    for found in findings:
        place = _place(found)
        entry = entries.get(place) or (
            stack_coverage(stack=found.stack, backend=found.backend)
            if found.is_of_stack
            else coverage(account=found.account, region=found.region)
        )
        unread = found.verdict is Verdict.NOT_READ
        entries[place] = replace(
            entry,
            listed=entry.listed + 1,
            judged=entry.judged + (not unread),
            not_read=entry.not_read + unread,
        )
    return Audit(
        run(**changes),
        sorted(entries.values(), key=lambda entry: entry.order),
        sorted(findings, key=lambda found: found.order),
    )


def _place(entry: Finding | Coverage) -> tuple[str | None, ...]:
    return (entry.backend, entry.stack) if entry.is_of_stack else (entry.account, entry.region)


def stacks_report(file: Path, *results: Finding | Coverage, **changes: Any) -> Path:
    """Write a JSON report of `audit stacks`, and return its file.

    Args:
        file: the file.
        results: findings of stacks, and the coverage of stacks.
        changes: fields of the run.
    """
    now = datetime.now(timezone.utc)
    _, settings = read_settings(None)
    usual = {"command": ("stacks",), "started": now, "finished": now, "settings": settings}
    made = Audit(
        run(**{**usual, **changes}),
        [result for result in results if isinstance(result, Coverage)],
        [result for result in results if isinstance(result, Finding)],
    )
    with file.open("w", encoding="utf-8") as out:
        json_report.write(made, out)
    return file


@cache
def texts() -> st.SearchStrategy[str]:
    """Return a strategy for texts that AWS or a user wrote, hostile ones among them."""
    parts = st.sampled_from(HOSTILE) | st.text(max_size=12)
    return parts | st.lists(parts, max_size=3).map("".join)


@cache
def accounts() -> st.SearchStrategy[str]:
    """Return a strategy for IDs of accounts."""
    return st.sampled_from([ACCOUNT, "012345678901", "444455556666"])


@cache
def regions() -> st.SearchStrategy[str]:
    """Return a strategy for Regions."""
    return st.sampled_from([REGION, "us-east-1", "cn-north-1"])


@cache
def table_names() -> st.SearchStrategy[str]:
    """Return a strategy for names that AWS accepts.

    Source: DynamoDB Developer Guide, "Naming rules".
    """
    return st.from_regex(r"[a-zA-Z0-9_.-]{3,12}", fullmatch=True) | st.sampled_from(
        ["...", "---", "a_b_c", "-1.2", "x" * 255]
    )


@cache
def times() -> st.SearchStrategy[datetime]:
    """Return a strategy for times with a time zone."""
    return st.datetimes(
        min_value=datetime(2012, 1, 1),
        max_value=datetime(2100, 1, 1),
        timezones=st.sampled_from([timezone.utc, timezone(timedelta(hours=5, minutes=30))]),
    )


@cache
def keys() -> st.SearchStrategy[Key]:
    """Return a strategy for keys."""
    return st.builds(
        Key,
        arn=st.none() | texts(),
        type=st.none() | st.sampled_from(KeyType),
        state=st.none() | st.sampled_from(["Enabled", "Disabled", "PendingDeletion"]),
    )


@cache
def answers() -> st.SearchStrategy[str]:
    """Return a strategy for AWS's answers as JSON."""
    values = st.none() | st.booleans() | st.integers() | texts()
    return st.dictionaries(texts(), values | st.lists(values, max_size=2), max_size=3).map(
        json.dumps
    )


@st.composite
def findings(
    draw: st.DrawFn,
    account: str,
    region: str,
    names: st.SearchStrategy[str] | None = None,
) -> list[Finding]:
    """Draw findings about the tables of a Region, each with another name."""
    joined = draw(st.booleans())
    return [
        Finding(
            account=account,
            region=region,
            table=table,
            arn=f"arn:aws:dynamodb:{region}:{account}:table/{table}",
            verdict=draw(st.sampled_from(Verdict)),
            reason=draw(texts()),
            fix=draw(texts()),
            fix_note=draw(texts()),
            key=draw(keys()),
            evidence=Evidence(
                draw(st.sampled_from(["DescribeTable", "AWS Config"])),
                draw(times()),
                draw(texts()),
                draw(answers()),
            ),
            owner=draw(owners()) if joined else None,
            drift=draw(drifts()) if joined else "",
        )
        for table in sorted(draw(st.sets(table_names() if names is None else names, max_size=4)))
    ]


@cache
def owners() -> st.SearchStrategy[Owner]:
    """Return a strategy for what manages a table."""
    logical_ids = st.just("") | texts()
    return st.one_of(
        st.builds(
            Owner, st.just(OwnerKind.PULUMI), stack_names(), urns(), backends(), note=texts()
        ),
        st.builds(
            Owner,
            st.just(OwnerKind.CLOUDFORMATION),
            texts(),
            logical_id=logical_ids,
            note=texts(),
        ),
        st.builds(Owner, st.sampled_from([OwnerKind.NONE, OwnerKind.UNKNOWN]), note=texts()),
    )


@cache
def drifts() -> st.SearchStrategy[str]:
    """Return a strategy for drift; often there is none."""
    return st.just("") | texts()


@cache
def backends() -> st.SearchStrategy[str]:
    """Return a strategy for URLs of backends, with that of a state in a file, which has none."""
    return st.sampled_from(["", CLOUD, BUCKET, "file:///srv/a b/<script>|`"])


@cache
def stack_names() -> st.SearchStrategy[str]:
    """Return a strategy for names of stacks, those of files that contain a state among them."""
    return st.sampled_from([STACK, "acme/shop/v1.2", "organization/shop/dev"]) | texts().filter(
        bool
    )


@cache
def urns() -> st.SearchStrategy[str]:
    """Return a strategy for URNs. The name of a resource is any text."""
    types = st.sampled_from(
        ["aws:dynamodb/table:Table", "shop:index:Store$aws-native:dynamodb:Table"]
    )
    built = st.builds("urn:pulumi:dev::shop::{}::{}".format, types, texts())
    return built | texts().filter(bool)


@st.composite
def stack_findings(
    draw: st.DrawFn, backend: str, stack: str, names: st.SearchStrategy[str] | None = None
) -> list[Finding]:
    """Draw findings about the tables of a stack, each with another name and URN."""
    tables = st.tuples(table_names() if names is None else names, urns())
    found = []
    for table, urn in sorted(draw(st.sets(tables, max_size=3))):
        account, region = draw(st.just(("", "")) | st.tuples(accounts(), regions()))
        arn = account and f"arn:aws:dynamodb:{region}:{account}:table/{table}"
        evidence = Evidence("pulumi stack export", draw(times()), draw(texts()), draw(answers()))
        found.append(
            Finding(
                account=account,
                region=region,
                table=table,
                arn=arn,
                verdict=draw(st.sampled_from(Verdict)),
                reason=draw(texts()),
                fix="",
                fix_note=draw(texts()),
                key=draw(keys()),
                evidence=evidence,
                stack=stack,
                urn=urn,
                backend=backend,
                rejected=draw(st.booleans()),
                drift=draw(drifts()),
            )
        )
    return sorted(found, key=lambda finding: finding.order)


@st.composite
def audits(draw: st.DrawFn, names: st.SearchStrategy[str] | None = None) -> Audit:
    """Draw the results of an audit of accounts, of stacks, or both.

    The coverage agrees with the findings.

    Args:
        draw: Hypothesis's function.
        names: a strategy for the names of tables; by default those that AWS accepts.
    """
    found: list[Finding] = []
    entries = []
    kinds = draw(st.sampled_from([("account",), ("stack",), ("account", "stack")]))
    if "account" in kinds:
        for account, region in sorted(draw(st.sets(st.tuples(accounts(), regions()), max_size=3))):
            status = draw(st.sampled_from(Status))
            tables = [] if status is Status.DISABLED else draw(findings(account, region, names))
            entries.append(_entry(draw, Coverage(account, region, status, 0, 0, 0, ""), tables))
            found += tables
        if draw(st.booleans()):
            entries.append(
                Coverage(f"profile {draw(texts())}", None, Status.DENIED, 0, 0, 0, "No role.")
            )
    if "stack" in kinds:
        for backend, stack in sorted(
            draw(st.sets(st.tuples(backends(), stack_names()), max_size=3))
        ):
            status = draw(st.sampled_from([Status.READ, Status.DENIED, Status.FAILED]))
            tables = draw(stack_findings(backend, stack, names))
            updated = draw(st.none() | times())
            entry = Coverage("", None, status, 0, 0, 0, "", stack, backend, updated)
            entries.append(_entry(draw, entry, tables))
            found += tables
        if draw(st.booleans()):
            failed = Coverage("", None, Status.FAILED, 0, 0, 0, draw(texts()))
            entries.append(replace(failed, backend="https://unreachable.example.com"))
    return Audit(
        Run(
            command=tuple(draw(st.lists(texts(), max_size=3))),
            version="0.1.0",
            started=draw(times()),
            finished=draw(times()),
            identities=tuple(draw(st.lists(texts(), max_size=2))),
            settings=draw(_settings()),
            warnings=tuple(draw(st.lists(texts(), max_size=2))),
        ),
        tuple(entries),
        tuple(found),
    )


def _entry(draw: st.DrawFn, entry: Coverage, tables: list[Finding]) -> Coverage:
    """Return an entry of the coverage with the counts of its tables, and a reason."""
    unread = sum(table.verdict is Verdict.NOT_READ for table in tables)
    listed = len(tables)
    return replace(
        entry, listed=listed, judged=listed - unread, not_read=unread, reason=draw(texts())
    )


@cache
def _settings() -> st.SearchStrategy[SettingsUsed]:
    values = st.fixed_dictionaries({}, optional={"requireCustomerManagedKey": st.booleans()})
    return st.builds(
        SettingsUsed, file=texts(), sha256=st.just("0f" * 32), values=values
    ) | st.just(SettingsUsed(None, None, {}))
