"""Convert answers of the DynamoDB API to the state of a table.

Source: internal/service/dynamodb/table.go of terraform-provider-aws, and "DescribeTable" in the
Amazon DynamoDB API Reference.
"""

from __future__ import annotations

from typing import Any

from tools.sandbox.provider.aws import Aws
from tools.sandbox.provider.properties import UNKNOWN, Props, listed


def encryption(aws: Aws, region: str, description: Any) -> Props | None:
    """Return the serverSideEncryption block, None for the AWS owned key.

    An AWS managed key is an empty string, unless KMS denies access to it.

    Source: flattenTableServerSideEncryption and clearSSEDefaultKey in table.go.
    """
    if not description:
        return None
    arn = description.get("KMSMasterKeyArn", "")
    if arn and arn == aws.default_table_key(region):
        arn = ""
    return {"enabled": description["Status"] == "ENABLED", "kmsKeyArn": arn}


def index(index: Any, on_demand: bool | None) -> Props:
    """Return an index.

    Args:
        index: the index as DescribeTable returns it.
        on_demand: whether the table is on-demand. None for a local index, which has neither a
            hash key nor capacity.
    """
    keys = {key["KeyType"]: key["AttributeName"] for key in index["KeySchema"]}
    state: Props = {
        "name": index["IndexName"],
        "projectionType": index["Projection"].get("ProjectionType", ""),
        "rangeKey": keys.get("RANGE", ""),
        "nonKeyAttributes": index["Projection"].get("NonKeyAttributes", []),
    }
    if on_demand is not None:
        units = {} if on_demand else index.get("ProvisionedThroughput", {})
        state["hashKey"] = keys["HASH"]
        state["readCapacity"] = units.get("ReadCapacityUnits", 0)
        state["writeCapacity"] = units.get("WriteCapacityUnits", 0)
    return state


def recovery(client: Any, name: str) -> Props:
    """Return the pointInTimeRecovery block."""
    answer = client.describe_continuous_backups(TableName=name)
    description = answer["ContinuousBackupsDescription"].get("PointInTimeRecoveryDescription", {})
    return {
        "enabled": description.get("PointInTimeRecoveryStatus") == "ENABLED",
        "recoveryPeriodInDays": description.get("RecoveryPeriodInDays", 0),
    }


def ttl(client: Any, name: str) -> Props:
    """Return the ttl block."""
    description = client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    return {
        "attributeName": description.get("AttributeName", ""),
        "enabled": description.get("TimeToLiveStatus") == "ENABLED",
    }


def tags(client: Any, arn: str) -> Props:
    """Return a table's tags, without those that AWS sets."""
    answer = client.list_tags_of_resource(ResourceArn=arn)
    return {t["Key"]: t["Value"] for t in answer["Tags"] if not t["Key"].startswith("aws:")}


def replicas(arn: str, declared: Any) -> list[Props]:
    """Return the declared replicas with the outputs that AWS fills in."""
    state = []
    for replica in listed(declared):
        parts = arn.split(":")
        parts[3] = str(replica["regionName"])
        blank = {"arn": ":".join(parts), "kmsKeyArn": "", "streamArn": "", "streamLabel": ""}
        given = {k: v for k, v in replica.items() if v is not None and v is not UNKNOWN}
        state.append({**blank, **given})
    return state
