"""Compare the audit of many tables with the same bare calls of boto3, and measure its memory.

Both are processes of their own that read the same pretend account with the same number of threads:
5,000 tables in 10 Regions, a tenth of them with an AWS owned key, and the others with two keys in
each Region.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tools import CHECKOUT
from tools.bench.measure import compare, header, seconds
from tools.sandbox.account import Account

TABLES, BOUND, ROUNDS = 5_000, 1.2, 3
THREADS = 16
REGIONS = (
    "us-east-1", "us-east-2", "us-west-1", "us-west-2", "eu-west-1", "eu-west-2", "eu-central-1",
    "ap-southeast-1", "ap-southeast-2", "ap-northeast-1",
)  # fmt: skip


def fill(account: Account, tables: int = TABLES) -> None:
    """Create the tables, the same number in each Region."""
    each = tables // len(REGIONS)
    for region in REGIONS:
        key = account.client("kms", region).create_key()["KeyMetadata"]["Arn"]
        customer = {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key}
        account.create_tables("owned", each // 10, region)
        account.create_tables("managed", each // 2, region, sse={"Enabled": True})
        account.create_tables("customer", each - each // 10 - each // 2, region, sse=customer)


def bare(threads: int) -> None:
    """Make the calls that an audit needs, and keep nothing."""
    import boto3  # noqa: PLC0415 - only this measurement needs it
    from botocore.config import Config  # noqa: PLC0415

    session = boto3.session.Session()
    config = Config(max_pool_connections=threads, retries={"mode": "standard"})
    clients: dict[str, Any] = {}
    session.client("sts").get_caller_identity()
    with ThreadPoolExecutor(threads) as pool:
        for region in REGIONS:
            clients[region] = session.client("dynamodb", region_name=region, config=config)

        def names(region: str) -> list[tuple[str, str]]:
            pages = clients[region].get_paginator("list_tables").paginate()
            return [(region, name) for page in pages for name in page["TableNames"]]

        def key(table: tuple[str, str]) -> tuple[str, str | None]:
            region, name = table
            answer = clients[region].describe_table(TableName=name)["Table"]
            return region, answer.get("SSEDescription", {}).get("KMSMasterKeyArn")

        tables = [table for listed in pool.map(names, REGIONS) for table in listed]
        keys = {found for found in pool.map(key, tables) if found[1] is not None}
        kms = {
            region: session.client("kms", region_name=region, config=config) for region in REGIONS
        }
        list(pool.map(lambda found: kms[found[0]].describe_key(KeyId=found[1]), keys))


def main() -> None:
    """Print the comparison and the memory."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Account.start(Path(folder) / "account") as account,
    ):
        fill(account)
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
            **account.credentials().environment,
            "AWS_ENDPOINT_URL": account.endpoint,
            "AWS_DEFAULT_REGION": REGIONS[0],
        }
        report = Path(folder) / "report.json"
        calls = [sys.executable, "-c", f"from tools.bench.audit import bare; bare({THREADS})"]

        def audit(regions: Sequence[str]) -> list[str]:
            named = [word for region in regions for word in ("--region", region)]
            words = ("--concurrency", str(THREADS), "--output", f"json={report}")
            return [sys.executable, "-m", "audit", "aws", *named, *words]

        def run(command: list[str], exit_code: int) -> int:
            """Run a process, and return the largest memory that it used, in KiB."""
            process = subprocess.Popen(command, cwd=CHECKOUT, env=environment)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            assert process.returncode == exit_code, command  # noqa: S101 - ends the benchmark
            return usage.ru_maxrss

        print(f"\nAudit of {TABLES:,} tables in {len(REGIONS)} Regions")
        header("audit", "bare calls")
        compare(
            "process", lambda: seconds(lambda: run(audit(REGIONS), 1)),
            lambda: seconds(lambda: run(calls, 0)), ROUNDS, BOUND,
        )  # fmt: skip
        summary = json.loads(report.read_text(encoding="utf-8"))["summary"]
        print(f"tables reported: {sum(summary.values()):,}")
        few, many = (run(audit(regions), 1) for regions in (REGIONS[:2], REGIONS))
        tables = TABLES * (len(REGIONS) - 2) // len(REGIONS)
        print(f"memory: {many // 1024} MiB, {(many - few) / tables:.1f} KiB more for each table")


if __name__ == "__main__":
    main()
