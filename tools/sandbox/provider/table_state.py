"""From the answers of the API to the state of a table.

Source: internal/service/dynamodb/table.go of terraform-provider-aws, and "DescribeTable" in the
Amazon DynamoDB API Reference.
"""

from __future__ import annotations

from typing import Any

from tools.sandbox.provider.aws import Aws
from tools.sandbox.provider.properties import UNKNOWN, Props, listed


def encryption(aws: Aws, region: str, description: Any) -> Props | None:
    """As in flattenTableServerSideEncryption and clearSSEDefaultKey.

    No description means the AWS owned key, and no block. The AWS managed key is blanked, unless
    KMS won't say which one it is.
    """
    if not description:
        return None
    arn = description.get("KMSMasterKeyArn", "")
    if arn and arn == aws.default_table_key(region):
        arn = ""
    return {"enabled": description["Status"] == "ENABLED", "kmsKeyArn": arn}


def index(index: Any, on_demand: bool | None) -> Props:
    """Return an index; ``on_demand`` is None for a local one, which has no hash key and units."""
    keys = {key["KeyType"]: key["AttributeName"] for key in index["KeySchema"]}
    found: Props = {
        "name": index["IndexName"],
        "projectionType": index["Projection"].get("ProjectionType", ""),
        "rangeKey": keys.get("RANGE", ""),
        "nonKeyAttributes": index["Projection"].get("NonKeyAttributes", []),
    }
    if on_demand is not None:
        units = {} if on_demand else index.get("ProvisionedThroughput", {})
        found["hashKey"] = keys["HASH"]
        found["readCapacity"] = units.get("ReadCapacityUnits", 0)
        found["writeCapacity"] = units.get("WriteCapacityUnits", 0)
    return found


def recovery(client: Any, name: str) -> Props:
    """Return the pointInTimeRecovery block."""
    answer = client.describe_continuous_backups(TableName=name)
    found = answer["ContinuousBackupsDescription"].get("PointInTimeRecoveryDescription", {})
    return {
        "enabled": found.get("PointInTimeRecoveryStatus") == "ENABLED",
        "recoveryPeriodInDays": found.get("RecoveryPeriodInDays", 0),
    }


def ttl(client: Any, name: str) -> Props:
    """Return the ttl block."""
    found = client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    return {
        "attributeName": found.get("AttributeName", ""),
        "enabled": found.get("TimeToLiveStatus") == "ENABLED",
    }


def tags(client: Any, arn: str) -> Props:
    """Return a table's tags."""
    answer = client.list_tags_of_resource(ResourceArn=arn)
    return {tag["Key"]: tag["Value"] for tag in answer["Tags"]}


def replicas(arn: str, declared: Any) -> list[Props]:
    """Keep the replicas of the program or the old state, with what a real one would have."""
    found = []
    for replica in listed(declared):
        parts = arn.split(":")
        parts[3] = str(replica["regionName"])
        blank = {"arn": ":".join(parts), "kmsKeyArn": "", "streamArn": "", "streamLabel": ""}
        given = {k: v for k, v in replica.items() if v is not None and v is not UNKNOWN}
        found.append({**blank, **given})
    return found
