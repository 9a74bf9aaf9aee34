"""Print how the cost grows with the number of tables, by route: `python -m tools.bench.growth`.

The pack runs in the SDK's real analyzer process. Its stack policies receive stacks of 10 to 10,000
tables, as at the end of an update. The time per table should stay the same. For a template, all
tables are in one resource, and its inputs are checked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import partial
from typing import Any

from tools import CHECKOUT
from tools.bench.measure import seconds
from tools.docs.routes import samples
from tools.harness import Analyzer, Resource

COUNTS = (10, 100, 1_000, 10_000)

_REFERENCE = re.compile(r"\$\{[a-z]+\.[a-zA-Z]+\}")


def rejected_sample(content: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the type and properties of a rejected sample, or of the first one if none is."""
    samples = content["samples"]
    rejected = [sample for sample in samples if sample["default"] == "rejected"]
    resource_type = (content.get("types") or [content["type"]])[0].replace("<package>", "orders")
    return resource_type, {
        key: value
        for key, value in (rejected or samples)[0]["properties"].items()
        if not (isinstance(value, str) and _REFERENCE.fullmatch(value))
    }


def template(count: int) -> str:
    """Return a template with `count` tables, of which every second one is insecure."""
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


def show(name: str, durations: list[float]) -> None:
    """Print the seconds for each count, and the microseconds per table."""
    columns = "  ".join(
        f"{duration:8.3f} s {duration / count * 1e6:6.0f} µs"
        for duration, count in zip(durations, COUNTS, strict=True)
    )
    print(f"{name:<36} {columns}")


def main() -> None:
    """Print the table."""
    print(f"{'':<36} " + "  ".join(f"{count:>14,} tables"[-20:] for count in COUNTS))
    with Analyzer.start(CHECKOUT) as analyzer:
        for name, content in samples().items():
            kind, properties = rejected_sample(content)
            durations = []
            for count in COUNTS:
                stack = [Resource(kind, properties, f"table{n}") for n in range(count)]
                durations.append(seconds(partial(analyzer.analyze_stack, stack)))
            show(name, durations)
        durations = []
        for count in COUNTS:
            stack_type, inputs = "aws:cloudformation/stack:Stack", {"templateBody": template(count)}
            durations.append(seconds(partial(analyzer.analyze, stack_type, inputs)))
        show("one template with all tables", durations)
        print(f"\nPeak memory of the analyzer: {analyzer.peak_memory / 2**20:,.0f} MiB")


if __name__ == "__main__":
    main()
