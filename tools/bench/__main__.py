"""Print what the pack costs, as ratios to an empty pack: `python -m tools.bench`.

Both packs run in the SDK's real analyzer process and receive the same requests. A ratio above its
bound is marked but isn't a failure, since the load of the machine can cause it.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from tools import CHECKOUT
from tools.bench.measure import compare, header, seconds
from tools.harness import Analyzer, Resource

EMPTY = Path(__file__).resolve().parent / "empty_pack"

BOUNDS = {
    "boot to first answer": 1.10,
    "a resource that is not a table": 1.05,
    "a table": 1.25,
    "a stack of 2,000 tables": 1.35,
    "a stack of 2,000 types without a table": 1.10,
}
"""The largest acceptable ratio of each measurement that has one."""

ALLOWED_KEYS = 100
REJECTED_TABLES = 500
LONGEST_NAMING = 0.2
"""How many seconds it may take to name the nearest allowed keys of all rejected tables."""

BOOTS = 15
ROUNDS = 40
CALLS = 100
STACKS = 9

BUCKET = Resource(
    "aws:s3/bucket:Bucket",
    {
        "bucket": "orders",
        "tags": {f"tag{n}": "value" for n in range(10)},
        "lifecycleRules": [{"id": str(n), "enabled": True} for n in range(5)],
    },
    "orders",
)
UNREAD = Resource("acme:index:DynamoDBTable", BUCKET.properties, "orders")
TABLE = Resource(
    "aws:dynamodb/table:Table",
    {
        "arn": "arn:aws:dynamodb:us-east-1:111122223333:table/orders",
        "hashKey": "id",
        "attributes": [{"name": "id", "type": "S"}],
        "serverSideEncryption": {"enabled": True},
        "tags": {f"tag{n}": "value" for n in range(10)},
    },
    "orders",
)


def boot(pack: Path) -> float:
    """Return the seconds from starting a pack to its first verdict."""
    start = time.perf_counter()
    with Analyzer.start(pack) as analyzer:
        analyzer.analyze(BUCKET)
        return time.perf_counter() - start


def one_resource(analyzer: Analyzer, resource: Resource) -> float:
    """Return the seconds that the resource policies take for a resource."""
    return seconds(lambda: [analyzer.analyze(resource) for _ in range(CALLS)]) / CALLS


def stack(analyzer: Analyzer, resource: Resource, count: int) -> float:
    """Return the seconds that the stack policies take for a stack of equal resources."""
    resources = [Resource(resource.type, resource.properties, f"resource{n}") for n in range(count)]
    return seconds(lambda: analyzer.analyze_stack(resources))


def stack_of_types(analyzer: Analyzer, types: Sequence[str]) -> float:
    """Return the seconds that the stack policies take for a stack with a resource of each type."""
    resources = [Resource(kind, BUCKET.properties, f"resource{n}") for n, kind in enumerate(types)]
    return seconds(lambda: analyzer.analyze_stack(resources))


def rejected_keys(analyzer: Analyzer, allowed: Sequence[str]) -> float:
    """Return the seconds that the policies take for tables whose keys are not allowed."""
    settings = {"allowedKmsKeys": list(allowed)}
    analyzer.configure({policy.name: settings for policy in analyzer.info().policies})
    key = "arn:aws:kms:us-east-1:111122223333:key/{:012}"
    tables = [
        replace(
            TABLE,
            urn="",
            name=f"table{n}",
            properties={
                **TABLE.properties,
                "serverSideEncryption": {"enabled": True, "kmsKeyArn": key.format(n)},
            },
        )
        for n in range(REJECTED_TABLES)
    ]
    return min(seconds(lambda: analyzer.analyze_stack(tables)) for _ in range(3))


def nearest_keys(analyzer: Analyzer) -> None:
    """Print how long it takes to name the nearest allowed keys of many rejected tables."""
    key = "arn:aws:kms:us-east-1:444455556666:key/{:012}"
    one = rejected_keys(analyzer, [key.format(0)])
    many = rejected_keys(analyzer, [key.format(n) for n in range(ALLOWED_KEYS)])
    analyzer.configure({})
    label = f"{REJECTED_TABLES} tables, {ALLOWED_KEYS} allowed keys instead of 1"
    note = "" if many - one <= LONGEST_NAMING else "  EXCEEDED"
    print(f"{label:<44} {many - one:10.3f} s more, at most {LONGEST_NAMING:.1f}{note}")


def main() -> None:
    """Print the table."""
    header("this pack", "empty pack")
    label = "boot to first answer"
    compare(label, partial(boot, CHECKOUT), partial(boot, EMPTY), BOOTS, BOUNDS[label])
    with Analyzer.start(CHECKOUT) as pack, Analyzer.start(EMPTY) as empty:
        for label, resource in (
            ("a resource that is not a table", BUCKET),
            ("a resource of a type that no route reads", UNREAD),
            ("a table", TABLE),
        ):
            measure = partial(one_resource, resource=resource)
            bound = BOUNDS.get(label)
            compare(label, partial(measure, pack), partial(measure, empty), ROUNDS, bound)
        for count in (10, 100, 1_000, 2_000):
            for kind, resource in (("tables", TABLE), ("resources that are not tables", BUCKET)):
                label = f"a stack of {count:,} {kind}"
                measure = partial(stack, resource=resource, count=count)
                bound = BOUNDS.get(label)
                compare(label, partial(measure, pack), partial(measure, empty), STACKS, bound)
        label = "a stack of 2,000 types without a table"
        types = [f"acme:module{n}:Resource" for n in range(2_000)]
        measure = partial(stack_of_types, types=types)
        compare(label, partial(measure, pack), partial(measure, empty), STACKS, BOUNDS[label])
        nearest_keys(pack)


if __name__ == "__main__":
    main()
