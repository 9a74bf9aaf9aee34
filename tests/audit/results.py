"""Results of audits for tests: examples, and Hypothesis strategies for consistent results."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone
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


def coverage(status: Status = Status.READ, **changes: Any) -> Coverage:
    """Return the coverage of a Region without tables, with changes."""
    reason = "" if status is Status.READ else "AccessDeniedException: not authorized"
    return replace(Coverage(ACCOUNT, REGION, status, 0, 0, 0, reason), **changes)


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
    """Return an audit with these results. Regions without an entry are added as read.

    Args:
        results: findings, and the coverage of accounts and Regions.
        changes: fields of the run.
    """
    findings = [result for result in results if isinstance(result, Finding)]
    entries = {
        (entry.account, entry.region): entry for entry in results if isinstance(entry, Coverage)
    }
    for found in findings:
        place = (found.account, found.region)
        entry = entries.get(place) or coverage(account=found.account, region=found.region)
        unread = found.verdict is Verdict.NOT_READ
        entries[place] = replace(
            entry,
            listed=entry.listed + 1,
            judged=entry.judged + (not unread),
            not_read=entry.not_read + unread,
        )
    return Audit(
        run(**changes),
        sorted(entries.values(), key=lambda entry: (entry.account, entry.region or "")),
        sorted(findings, key=lambda found: (found.account, found.region, found.table)),
    )


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


def stack_coverage(status: Status = Status.READ, **changes: Any) -> Coverage:
    """Return the coverage of a stack without tables, with changes."""
    usual = {"account": "", "region": None, "stack": "acme/shop/dev"}
    return coverage(status, **{**usual, "backend": "https://api.pulumi.com", **changes})


def texts() -> st.SearchStrategy[str]:
    """Return a strategy for texts that AWS or a user wrote, hostile ones among them."""
    parts = st.sampled_from(HOSTILE) | st.text(max_size=12)
    return parts | st.lists(parts, max_size=3).map("".join)


def accounts() -> st.SearchStrategy[str]:
    """Return a strategy for IDs of accounts."""
    return st.sampled_from([ACCOUNT, "012345678901", "444455556666"])


def regions() -> st.SearchStrategy[str]:
    """Return a strategy for Regions."""
    return st.sampled_from([REGION, "us-east-1", "cn-north-1"])


def table_names() -> st.SearchStrategy[str]:
    """Return a strategy for names that AWS accepts.

    Source: DynamoDB Developer Guide, "Naming rules".
    """
    return st.from_regex(r"[a-zA-Z0-9_.-]{3,12}", fullmatch=True) | st.sampled_from(
        ["...", "---", "a_b_c", "-1.2", "x" * 255]
    )


def times() -> st.SearchStrategy[datetime]:
    """Return a strategy for times with a time zone."""
    return st.datetimes(
        min_value=datetime(2012, 1, 1),
        max_value=datetime(2100, 1, 1),
        timezones=st.sampled_from([timezone.utc, timezone(timedelta(hours=5, minutes=30))]),
    )


def keys() -> st.SearchStrategy[Key]:
    """Return a strategy for keys."""
    return st.builds(
        Key,
        arn=st.none() | texts(),
        type=st.none() | st.sampled_from(KeyType),
        state=st.none() | st.sampled_from(["Enabled", "Disabled", "PendingDeletion"]),
    )


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
        )
        for table in sorted(draw(st.sets(table_names() if names is None else names, max_size=4)))
    ]


@st.composite
def audits(draw: st.DrawFn, names: st.SearchStrategy[str] | None = None) -> Audit:
    """Draw the results of an audit, with a coverage that agrees with the findings.

    Args:
        draw: Hypothesis's function.
        names: a strategy for the names of tables; by default those that AWS accepts.
    """
    found: list[Finding] = []
    entries = []
    for account, region in sorted(draw(st.sets(st.tuples(accounts(), regions()), max_size=3))):
        status = draw(st.sampled_from(Status))
        tables = [] if status is Status.DISABLED else draw(findings(account, region, names))
        unread = sum(table.verdict is Verdict.NOT_READ for table in tables)
        listed = len(tables)
        reason = draw(texts())
        entries.append(Coverage(account, region, status, listed, listed - unread, unread, reason))
        found += tables
    if draw(st.booleans()):
        entries.append(
            Coverage(f"profile {draw(texts())}", None, Status.DENIED, 0, 0, 0, "No role.")
        )
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


def _settings() -> st.SearchStrategy[SettingsUsed]:
    values = st.fixed_dictionaries({}, optional={"requireCustomerManagedKey": st.booleans()})
    return st.builds(
        SettingsUsed, file=texts(), sha256=st.just("0f" * 32), values=values
    ) | st.just(SettingsUsed(None, None, {}))
