"""Print what checking CloudFormation templates costs, as ratios to parsing their text.

Run it as `python -m tools.bench.templates`. A ratio above its bound is marked but isn't a failure,
since the load of the machine can cause it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from statistics import median

import yaml

from policies.encryption.rule import judge
from policies.encryption.settings import RuleSettings
from policies.encryption.verdicts import Compliant
from policies.routes.cloudformation import read_stack
from policies.snapshot import Snapshot
from tools.bench.measure import compare, header, limit, seconds

ROUNDS = 15
LARGEST_RATIO = 3.0
LARGEST_GROWTH = 2.0
SETTINGS = RuleSettings()
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def template(tables: int, attributes: int = 8) -> dict[str, object]:
    """Return a template with so many tables. With 8 attributes, a table is about 2 kB of JSON."""
    table = {
        "Type": "AWS::DynamoDB::Table",
        "Condition": "Deployed",
        "Properties": {
            "TableName": {"Fn::Sub": "${Stage}-${AWS::Region}-orders"},
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [
                {"AttributeName": f"attribute{n}", "AttributeType": "S"} for n in range(attributes)
            ],
            "GlobalSecondaryIndexes": [
                {
                    "IndexName": f"index{n}",
                    "KeySchema": [{"AttributeName": f"attribute{n}", "KeyType": "HASH"}],
                    "Projection": {"ProjectionType": "ALL"},
                }
                for n in range(attributes)
            ],
            "SSESpecification": {
                "SSEEnabled": {"Fn::If": ["Encrypted", True, False]},
                "SSEType": "KMS",
                "KMSMasterKeyId": {"Fn::GetAtt": ["Key", "Arn"]},
            },
            "Tags": [
                {"Key": f"tag{n}", "Value": {"Fn::Sub": "${Stage}"}} for n in range(attributes)
            ],
        },
    }
    return {
        "Parameters": {"Stage": {"Type": "String", "Default": "live"}},
        "Conditions": {
            "Deployed": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Stage"}, "none"]}]},
            "Encrypted": {"Fn::Equals": [{"Ref": "Stage"}, "live"]},
        },
        "Resources": {
            "Key": {"Type": "AWS::KMS::Key", "Properties": {"KeySpec": "SYMMETRIC_DEFAULT"}},
            **{f"Table{n}": table for n in range(tables)},
        },
    }


def check(text: str) -> int:
    """Check a template as the policies do, and return the number of its verdicts."""
    stack = Snapshot("bench", {"templateBody": text}, "us-east-1")
    verdicts = [verdict for table in read_stack(stack) for verdict in judge(table, SETTINGS)]
    if any(verdict != Compliant() for verdict in verdicts):
        raise ValueError("a table could not be read")
    return len(verdicts)


def main() -> None:
    """Print the tables."""
    header("checking", "parsing")
    large = json.dumps(template(500))
    in_yaml = yaml.dump(json.loads(large), Dumper=yaml.CSafeDumper)
    compare_with_parsing("JSON", large, json.loads)
    compare_with_parsing("YAML", in_yaml, partial(yaml.load, Loader=LOADER))
    per_table = []
    for tables in (10, 100, 1_000, 10_000):
        text = json.dumps(template(tables, attributes=0))
        duration = median(seconds(partial(check, text)) for _ in range(ROUNDS))
        per_table.append(duration / tables)
        label = f"{tables:,} small tables in {len(text) / 1e6:.2f} MB of JSON"
        print(f"{label:<44} {duration * 1000:10.3f} ms {per_table[-1] * 1e6:10.1f} us per table")
    growth = per_table[-1] / per_table[1]
    label = "a table of 10,000, compared with one of 100"
    print(f"{label:<71}{growth:8.2f}  {limit(growth, LARGEST_GROWTH)}")


def compare_with_parsing(kind: str, text: str, parser: Callable[[str], object]) -> None:
    """Print what checking a template costs, compared with parsing its text."""
    compare(
        f"500 tables in {len(text) / 1e6:.2f} MB of {kind}",
        lambda: seconds(lambda: check(text)),
        lambda: seconds(lambda: parser(text)),
        ROUNDS,
        LARGEST_RATIO,
    )


if __name__ == "__main__":
    main()
