"""`python -m tools.bench.growth`: how the cost of judging grows with the number of tables, by each route.

The pack runs in the SDK's real analyzer process and is shown stacks of 10 to 10,000 tables, as at
the end of an update: each of them by each stack policy. The time per table should stay the same.
For a template, all tables are in one resource, whose inputs are judged.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from tools.harness import Analyzer, Resource

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "examples/samples"
COUNTS = (10, 100, 1_000, 10_000)

_REFERENCE = re.compile(r"\$\{[a-z]+\.[a-zA-Z]+\}")


def sample_of(file: Path) -> tuple[str, dict[str, Any]]:
    """A rejected declaration of a route: the type and its properties."""
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    samples = content["samples"]
    chosen = next((it for it in samples if it["default"] == "rejected"), samples[0])
    return content["type"], {
        key: value
        for key, value in chosen["properties"].items()
        if not (isinstance(value, str) and _REFERENCE.fullmatch(value))
    }


def template_of(count: int) -> str:
    """A template with `count` tables, every second of them insecure."""
    encrypted = {"SSESpecification": {"SSEEnabled": True, "SSEType": "KMS"}}
    return json.dumps(
        {
            "Resources": {
                f"Table{n}": {
                    "Type": "AWS::DynamoDB::Table",
                    "Properties": {"TableName": f"table{n}", **(encrypted if n % 2 else {})},
                }
                for n in range(count)
            }
        }
    )


def seconds(action: Callable[[], object]) -> float:
    """How long `action` takes."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def show(name: str, times: list[float]) -> None:
    """Print seconds in all, and microseconds for each table."""
    each = "  ".join(
        f"{taken:8.3f} s {taken / count * 1e6:6.0f} µs"
        for taken, count in zip(times, COUNTS, strict=True)
    )
    print(f"{name:<36} {each}")


def main() -> None:
    """Print the table."""
    print(f"{'':<36} " + "  ".join(f"{count:>14,} tables"[-20:] for count in COUNTS))
    with Analyzer.start(ROOT) as analyzer:
        for file in sorted(SAMPLES.glob("*.yaml")):
            kind, properties = sample_of(file)
            times = []
            for count in COUNTS:
                stack = [Resource(kind, properties, f"it{n}") for n in range(count)]
                times.append(seconds(partial(analyzer.analyze_stack, stack)))
            show(file.stem, times)
        times = []
        for count in COUNTS:
            stack_of_one = {"templateBody": template_of(count)}
            judge = partial(analyzer.analyze, "aws:cloudformation/stack:Stack", stack_of_one)
            times.append(seconds(judge))
        show("one template with all tables", times)
        print(f"\npeak memory of the analyzer: {analyzer.peak_memory / 2**20:,.0f} MiB")


if __name__ == "__main__":
    main()
