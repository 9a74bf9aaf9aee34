"""`python -m tools.bench` prints what the pack costs, as ratios to a pack that does nothing.

Both packs run in the SDK's real analyzer process and are asked in turn, so that whatever else the
machine does falls on both. Each figure is the median of the ratios of such pairs. A ratio above
its bound is marked; nothing fails, since a machine under load is no mistake in the pack.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median

from tools.harness import Analyzer, Resource

BENCH = Path(__file__).resolve().parent
PACK = BENCH.parents[1]
EMPTY = BENCH / "empty_pack"

BOOTS = 15
ROUNDS = 40
CALLS = 100

BUCKET = Resource(
    "aws:s3/bucket:Bucket",
    {
        "bucket": "orders",
        "tags": {f"tag{n}": "value" for n in range(10)},
        "lifecycleRules": [{"id": str(n), "enabled": True} for n in range(5)],
    },
    "orders",
)
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


def seconds(action: Callable[[], object]) -> float:
    """How long `action` takes."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def boot(pack: Path) -> float:
    """Seconds from starting `pack` to its first verdict."""
    start = time.perf_counter()
    analyzer = Analyzer.start(pack)
    analyzer.analyze(BUCKET)
    taken = time.perf_counter() - start
    analyzer.stop()
    return taken


def compare(
    what: str,
    bound: float | None,
    rounds: int,
    ours: Callable[[], float],
    empty: Callable[[], float],
) -> None:
    """Measure a pair `rounds` times, turn about, and print the medians and their ratio."""
    ours(), empty()
    pairs = []
    for turn in range(rounds):
        if turn % 2:
            pairs.append((ours(), empty()))
        else:
            other = empty()
            pairs.append((ours(), other))
    ratio = median(mine / other for mine, other in pairs)
    mine, other = (median(pair[n] for pair in pairs) * 1000 for n in (0, 1))
    note = (
        "" if bound is None else f"at most {bound:.2f}" + ("" if ratio <= bound else "  EXCEEDED")
    )
    print(f"{what:<44} {mine:10.3f} ms {other:10.3f} ms {ratio:7.2f}  {note}")


def main() -> None:
    """Print the table."""
    print(f"{'':<44} {'this pack':>13} {'empty pack':>13} {'ratio':>7}")
    compare("boot to first answer", 1.15, BOOTS, partial(boot, PACK), partial(boot, EMPTY))
    with Analyzer.start(PACK) as ours, Analyzer.start(EMPTY) as empty:

        def calls(analyzer: Analyzer, resource: Resource) -> float:
            return seconds(lambda: [analyzer.analyze(resource) for _ in range(CALLS)]) / CALLS

        def stack(analyzer: Analyzer, resources: list[Resource]) -> float:
            return seconds(lambda: analyzer.analyze_stack(resources))

        compare(
            "a resource that is no table",
            1.10,
            ROUNDS,
            partial(calls, ours, BUCKET),
            partial(calls, empty, BUCKET),
        )
        compare("a table", None, ROUNDS, partial(calls, ours, TABLE), partial(calls, empty, TABLE))
        for count in (10, 100, 1_000):
            for name, resource in (("tables", TABLE), ("resources that are no tables", BUCKET)):
                resources = [
                    Resource(resource.type, resource.properties, f"it{n}") for n in range(count)
                ]
                compare(
                    f"a stack of {count} {name}",
                    None,
                    9,
                    partial(stack, ours, resources),
                    partial(stack, empty, resources),
                )


if __name__ == "__main__":
    main()
