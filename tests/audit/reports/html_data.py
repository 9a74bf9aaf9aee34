"""Results of an audit to draw and test the HTML page with: realistic ones, and hostile ones."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone

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

STARTED = datetime(2026, 11, 25, 10, 0, tzinfo=timezone.utc)
ACCOUNTS = ("111122223333", "444455556666", "777788889999")
REGIONS = ("ap-southeast-2", "eu-central-1", "eu-west-1", "us-east-1")
IDENTITY = "arn:aws:sts::{account}:assumed-role/DynamoDbEncryptionAudit/audit"
NAMES = ("orders", "customers", "sessions", "invoices", "carts", "audit-trail", "feature-flags")
_CLOUD = "https://api.pulumi.com"
_URN = "urn:pulumi:prod::shop::shop:index:Store$aws:dynamodb/table:Table"
STAGES = ("prod", "staging", "dev")
VERDICTS = (
    *(Verdict.VIOLATION,) * 6,
    *(Verdict.UNDETERMINED,) * 2,
    Verdict.NOT_READ,
    Verdict.EXEMPT,
    *(Verdict.COMPLIANT,) * 10,
)

HOSTILE = (
    "</script><script>alert('script')</script>",
    "<img src=x onerror=alert('img')>",
    "\"><svg onload=alert('svg')>",
    "' onmouseover='alert(1)' autofocus onfocus='alert(2)",
    "</pre></td></tr></table><h1 id=injected>Injected</h1>",
    "</title></style><style>*{display:none}</style>",
    "<!-- <script> <!--",
    "]]>{{ 7 * 7 }}{% raw %}${alert(3)}",
    "javascript:alert(4)",
    "`<img src=x onerror=alert('code')>` `` ` `</code><script>alert(5)</script>`",
    "line\u2028separator\u2029paragraph",
    "\u202emoc.live//:sptth\u202c \u2066isolate",
    "nul\x00 bell\x07 escape\x1b[31m delete\x7f next\x85 return\r tab\t",
    "\ud800 lone \udfff surrogates \ufeff\ufffe \U000e0041",
    "\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627 \u65e5\u672c\u8a9e \U0001f512",
    "x" * 5_000,
    "&lt;b&gt; &amp;amp; &#x3c;script&#x3e;",
    "",
)
"""Texts that must be shown as they are, or as escapes."""


def run(
    warnings: Sequence[str] = (),
    identities: Sequence[str] = (IDENTITY.format(account=ACCOUNTS[0]),),
) -> Run:
    """Return a run with settings of a file."""
    return Run(
        command=("aws", "--settings", "policy-config.json", "--region", "eu-west-1"),
        version="0.1.0",
        started=STARTED,
        finished=STARTED + timedelta(minutes=3, seconds=12),
        identities=tuple(identities),
        settings=SettingsUsed(
            file="policy-config.json",
            sha256="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            values={
                "requireCustomerManagedKey": False,
                "allowedKmsKeys": [],
                "exemptions": [
                    {"table": "feature-flags*", "reason": "Public data", "expires": "2027-01-31"}
                ],
            },
        ),
        warnings=tuple(warnings),
    )


def findings(number: int, seed: int = 6) -> list[Finding]:
    """Return realistic findings, sorted by account, Region, and name."""
    chosen = random.Random(seed)  # noqa: S311
    made = []
    for index in range(number):
        account = chosen.choice(ACCOUNTS)
        region = chosen.choice(REGIONS)
        table = f"{chosen.choice(NAMES)}-{chosen.choice(STAGES)}-{index:05}"
        made.append(_finding(account, region, table, chosen.choice(VERDICTS), chosen))
    return sorted(made, key=lambda finding: (finding.account, finding.region, finding.table))


def audit(number: int = 40) -> Audit:
    """Return realistic results, of which a Region and a table could not be read."""
    found = findings(number)
    coverage = [
        _coverage(account, region, found)
        for account in ACCOUNTS
        for region in (*REGIONS, "me-south-1")
    ]
    return Audit(
        run(
            ["Account Management could not be read, so the default Regions were audited."],
            [IDENTITY.format(account=account) for account in ACCOUNTS],
        ),
        coverage,
        found,
    )


def audit_with_stacks(number: int = 40) -> Audit:
    """Return realistic results in which tables have owners, and drift, and stacks have tables."""
    owners = (
        Owner(OwnerKind.PULUMI, "acme/shop/prod", f"{_URN}::orders", _CLOUD),
        Owner(
            OwnerKind.CLOUDFORMATION,
            "arn:aws:cloudformation:eu-west-1:111122223333:stack/shop-legacy/0a1b-2c3d",
            logical_id="OrdersTable",
        ),
        Owner(OwnerKind.NONE),
        Owner(OwnerKind.UNKNOWN, note="The stack acme/shop/staging could not be read."),
    )
    in_aws = audit(number)
    joined = [
        replace(
            finding,
            owner=owners[index % len(owners)],
            drift="" if index % 8 else "The stack records a customer managed key, and AWS none.",
        )
        for index, finding in enumerate(in_aws.findings)
    ]
    of_stack = stack_findings()
    read = Coverage("", None, Status.READ, 3, 3, 0, "", "acme/shop/prod", _CLOUD, STARTED)
    return replace(
        in_aws,
        findings=[*joined, *of_stack],
        coverage=[
            *in_aws.coverage,
            read,
            replace(read, status=Status.FAILED, stack="acme/shop/staging", reason="No passphrase"),
        ],
    )


def audit_of_stacks() -> Audit:
    """Return realistic results of stacks alone, all of which were read."""
    read = Coverage("", None, Status.READ, 3, 3, 0, "", "acme/shop/prod", _CLOUD, STARTED)
    other = replace(read, stack="acme/shop/dev", listed=0, judged=0, updated=None)
    return Audit(run(identities=["alice"]), [other, read], stack_findings())


def stack_findings() -> list[Finding]:
    """Return findings of a stack that does not record the accounts of its tables."""
    return [
        Finding(
            account="",
            region="",
            table=f"{name}-stack",
            arn="",
            verdict=verdict,
            reason=f"DynamoDB table '{name}-stack' does not set serverSideEncryption.",
            fix="",
            fix_note="Set `serverSideEncryption: { enabled: true }`.",
            key=Key(),
            evidence=Evidence(
                "pulumi stack export",
                STARTED,
                "alice",
                json.dumps({"Resource": {"type": "aws:dynamodb/table:Table", "encryption": []}}),
            ),
            stack="acme/shop/prod",
            urn=f"{_URN}::{name}",
            backend=_CLOUD,
            rejected=verdict is Verdict.VIOLATION,
            drift="AWS doesn't list the table." if name == "carts" else "",
        )
        for name, verdict in zip(
            ("carts", "orders", "users"),
            (Verdict.COMPLIANT, Verdict.VIOLATION, Verdict.UNDETERMINED),
            strict=True,
        )
    ]


def hostile_audit() -> Audit:
    """Return results in which each text of a finding, the coverage, and the run is hostile."""
    kinds = list(OwnerKind)
    made = [
        Finding(
            account=text,
            region=text,
            table=text,
            arn=text,
            verdict=list(Verdict)[index % len(Verdict)],
            reason=text,
            fix=text,
            fix_note=text,
            key=Key(text, KeyType.CUSTOMER_MANAGED, text),
            evidence=Evidence(text, STARTED, text, json.dumps({text: [text, 10**30, 1e3]})),
            drift=text,
            owner=Owner(kinds[index % len(kinds)], text, text, text, text, text),
        )
        for index, text in enumerate(HOSTILE)
    ]
    made[::2] = [
        replace(finding, stack=finding.table, urn=finding.table, backend="s3://b", owner=None)
        for finding in made[::2]
    ]
    covered = [
        Coverage(text, text, list(Status)[index % len(Status)], 1, 0, 1, text)
        for index, text in enumerate(HOSTILE)
    ]
    covered += [replace(entry, stack=entry.account, backend=entry.account) for entry in covered]
    hostile_run = Run(
        command=HOSTILE,
        version=HOSTILE[0],
        started=STARTED,
        finished=STARTED,
        identities=HOSTILE,
        settings=SettingsUsed(HOSTILE[0], HOSTILE[1], {text: [text] for text in HOSTILE}),
        warnings=HOSTILE,
    )
    return Audit(hostile_run, covered, made)


def _coverage(account: str, region: str, found: Sequence[Finding]) -> Coverage:
    if region == "me-south-1":
        return Coverage(account, region, Status.DISABLED, 0, 0, 0, "The Region is not enabled.")
    here = [finding for finding in found if (finding.account, finding.region) == (account, region)]
    unread = sum(finding.verdict is Verdict.NOT_READ for finding in here)
    if (account, region) == (ACCOUNTS[1], "us-east-1"):
        reason = (
            "AccessDeniedException: User: arn:aws:sts::444455556666:assumed-role/"
            "DynamoDbEncryptionAudit/audit is not authorized to perform: dynamodb:ListTables on "
            "resource: arn:aws:dynamodb:us-east-1:444455556666:table/* with an explicit deny in a "
            "service control policy"
        )
        return Coverage(
            account, region, Status.DENIED, len(here), len(here) - unread, unread, reason
        )
    reason = "DescribeTable was denied for some tables." if unread else ""
    return Coverage(account, region, Status.READ, len(here), len(here) - unread, unread, reason)


def _finding(
    account: str, region: str, table: str, verdict: Verdict, chosen: random.Random
) -> Finding:
    arn = f"arn:aws:dynamodb:{region}:{account}:table/{table}"
    key_id = f"{chosen.getrandbits(32):08x}-12ab-34cd-56ef-{chosen.getrandbits(48):012x}"
    key_arn = f"arn:aws:kms:{region}:{account}:key/{key_id}"
    fix = (
        f"aws dynamodb update-table --table-name {table} --region {region} --sse-specification "
        "Enabled=true,SSEType=KMS"
    )
    note = "DynamoDB changes the key in place, and the table stays available."
    key, reason = Key(None, KeyType.AWS_OWNED), ""
    if verdict is Verdict.VIOLATION:
        reason = (
            f"DynamoDB table '{table}' is encrypted with an AWS owned key, which you can't view, "
            "audit, restrict, or revoke."
        )
    elif verdict is Verdict.UNDETERMINED:
        key = Key(key_arn, None, None)
        reason = (
            f"DynamoDB table '{table}': encryption can't be determined. `kms:DescribeKey` was "
            "denied, so it is not known who manages the key."
        )
        fix, note = f"aws kms describe-key --key-id {key_arn} --query KeyMetadata.KeyManager", ""
    elif verdict is Verdict.NOT_READ:
        key, fix, note = Key(), "", ""
        reason = "AccessDeniedException: not authorized to perform: dynamodb:DescribeTable"
    elif verdict is Verdict.EXEMPT:
        fix = note = ""
        reason = "The settings exempt the table: Public data (expires 2027-01-31)."
    else:
        fix = note = ""
        type_ = chosen.choice((KeyType.AWS_MANAGED, KeyType.CUSTOMER_MANAGED))
        key = Key(key_arn, type_, chosen.choice(("Enabled",) * 9 + ("Disabled",)))
        article = "the" if type_ is KeyType.AWS_MANAGED else "a"
        reason = f"DynamoDB table '{table}' is encrypted with {article} {type_.value}."
    return Finding(
        account,
        region,
        table,
        arn,
        verdict,
        reason,
        fix,
        note,
        key,
        Evidence(
            "DescribeTable",
            STARTED + timedelta(milliseconds=chosen.randrange(190_000)),
            IDENTITY.format(account=account),
            json.dumps(_answer(arn, table, key, chosen)),
        ),
    )


def _answer(arn: str, table: str, key: Key, chosen: random.Random) -> dict[str, object]:
    described: dict[str, object] = {
        "AttributeDefinitions": [
            {"AttributeName": "id", "AttributeType": "S"},
            {"AttributeName": "createdAt", "AttributeType": "N"},
        ],
        "TableName": table,
        "KeySchema": [
            {"AttributeName": "id", "KeyType": "HASH"},
            {"AttributeName": "createdAt", "KeyType": "RANGE"},
        ],
        "TableStatus": "ACTIVE",
        "CreationDateTime": "2024-03-18T09:12:44.127000+00:00",
        "ProvisionedThroughput": {
            "NumberOfDecreasesToday": 0,
            "ReadCapacityUnits": 0,
            "WriteCapacityUnits": 0,
        },
        "TableSizeBytes": chosen.randrange(10**12),
        "ItemCount": chosen.randrange(10**8),
        "TableArn": arn,
        "TableId": f"{chosen.getrandbits(32):08x}-0000-4000-8000-000000000000",
        "BillingModeSummary": {"BillingMode": "PAY_PER_REQUEST"},
        "DeletionProtectionEnabled": True,
    }
    if key.arn is not None:
        described["SSEDescription"] = {
            "Status": "ENABLED",
            "SSEType": "KMS",
            "KMSMasterKeyArn": key.arn,
        }
    answer: dict[str, object] = {"Table": described}
    if key.manager is not None:
        answer["KeyMetadata"] = {"Arn": key.arn, "KeyManager": key.manager, "KeyState": key.state}
    return answer
