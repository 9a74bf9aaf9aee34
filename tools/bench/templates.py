"""What judging CloudFormation templates costs, as ratios to parsing their text alone.

`python -m tools.bench.templates` prints it; nothing fails, since a machine under load is no mistake.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from statistics import median

import yaml

from policies.encryption import Compliant, Settings, judge
from policies.routes.cloudformation import tables_of_stack
from policies.routes.source import Source

ROUNDS = 15
SETTINGS = Settings()
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def template(tables: int, attributes: int = 8) -> dict[str, object]:
    """A template with as many tables, about 2 kB of JSON each where `attributes` is 8."""
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


def seconds(action: Callable[[], object]) -> float:
    """How long `action` takes."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def judge_all(text: str) -> int:
    """Judge the template `text` as the policies do and count its tables."""
    source = Source("aws:cloudformation/stack:Stack", "bench", {"templateBody": text}, "us-east-1")
    verdicts = [it for each in tables_of_stack(source) for it in judge(each, SETTINGS)]
    if any(it != Compliant() for it in verdicts):
        raise ValueError("a table could not be read")
    return len(verdicts)


def compare(what: str, text: str, parser: Callable[[str], object], bound: float) -> None:
    """Print what judging `text` costs beside `parser` alone."""
    judge_all(text), parser(text)
    pairs = [
        (seconds(lambda: judge_all(text)), seconds(lambda: parser(text))) for _ in range(ROUNDS)
    ]
    ratio = median(mine / other for mine, other in pairs)
    mine, other = (median(pair[n] for pair in pairs) * 1000 for n in (0, 1))
    note = f"at most {bound:.2f}" + ("" if ratio <= bound else "  EXCEEDED")
    print(f"{what:<44} {mine:10.3f} ms {other:10.3f} ms {ratio:7.2f}  {note}")


def main() -> None:
    """Print the table."""
    print(f"{'':<44} {'judging':>13} {'parsing':>13} {'ratio':>7}")
    large = template(500)
    in_yaml = yaml.dump(json.loads(json.dumps(large)), Dumper=yaml.CSafeDumper)
    for size, text in (("JSON", json.dumps(large)), ("YAML", in_yaml)):
        parser = json.loads if size == "JSON" else lambda it: yaml.load(it, Loader=LOADER)  # noqa: S506
        compare(f"500 tables in {len(text) / 1e6:.2f} MB of {size}", text, parser, 3.0)
    each = []
    for tables in (10, 100, 1_000, 10_000):
        text = json.dumps(template(tables, attributes=0))
        taken = median(seconds(lambda text=text: judge_all(text)) for _ in range(ROUNDS))  # type: ignore[misc]
        each.append(taken / tables)
        what = f"{tables} small tables in {len(text) / 1e6:.2f} MB of JSON"
        print(f"{what:<44} {taken * 1000:10.3f} ms {each[-1] * 1e6:10.1f} us each")
    growth = each[-1] / each[1]
    note = "at most 2.00" + ("" if growth <= 2 else "  EXCEEDED")
    print(f"{'a table of 10,000 beside one of 100':<71}{growth:8.2f}  {note}")


if __name__ == "__main__":
    main()
