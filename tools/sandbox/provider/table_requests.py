"""Build the requests that create and update a table.

Source: internal/service/dynamodb/table.go of terraform-provider-aws, and "CreateTable" and
"UpdateTable" in the Amazon DynamoDB API Reference.
"""

from __future__ import annotations

from typing import Any

from tools.sandbox.provider.aws import Aws, ProviderError
from tools.sandbox.provider.properties import Props, listed


def create_request(aws: Aws, inputs: Props) -> dict[str, Any]:
    """Return the parameters of CreateTable."""
    billing = inputs["billingMode"]
    request: dict[str, Any] = {
        "TableName": inputs["name"],
        "BillingMode": billing,
        "KeySchema": _key_schema(inputs),
        "AttributeDefinitions": _attributes(inputs),
        "ProvisionedThroughput": _throughput(inputs) if billing == "PROVISIONED" else None,
        "GlobalSecondaryIndexes": [
            _index_request(index, billing) for index in listed(inputs.get("globalSecondaryIndexes"))
        ],
        "LocalSecondaryIndexes": [
            _index_request({**index, "hashKey": inputs.get("hashKey")}, None)
            for index in listed(inputs.get("localSecondaryIndexes"))
        ],
        "DeletionProtectionEnabled": inputs.get("deletionProtectionEnabled"),
        "TableClass": inputs.get("tableClass"),
        "Tags": _tag_list(aws.all_tags(inputs)),
    }
    if inputs.get("warmThroughput"):
        request["WarmThroughput"] = _warm(inputs["warmThroughput"])
    if inputs.get("streamEnabled"):
        request["StreamSpecification"] = _stream(inputs)
    if inputs.get("serverSideEncryption"):
        request["SSESpecification"] = specification(inputs["serverSideEncryption"])
    return {name: value for name, value in request.items() if value not in (None, [], {})}


def update_requests(old: Props, new: Props) -> list[dict[str, Any]]:
    """Return the parameters of the UpdateTable calls that apply the plan to the old state."""
    requests: list[dict[str, Any]] = []
    on_demand = new.get("billingMode") == "PAY_PER_REQUEST"
    billing = [p for p in ("billingMode", "readCapacity", "writeCapacity") if _differs(old, new, p)]
    if "billingMode" in billing and on_demand:
        requests.append({"BillingMode": "PAY_PER_REQUEST"})
    elif billing and not on_demand:
        throughput = _throughput(new)
        requests.append({"BillingMode": "PROVISIONED", "ProvisionedThroughput": throughput})
    if _differs(old, new, "streamEnabled") or _differs(old, new, "streamViewType"):
        off = {"StreamSpecification": {"StreamEnabled": False}}
        # The view type of a stream can't be changed, so the stream is disabled and enabled again.
        requests += [off] if old.get("streamEnabled") else []
        requests += [{"StreamSpecification": _stream(new)}] if new.get("streamEnabled") else []
    requests += _index_updates(old, new)
    if _differs(old, new, "serverSideEncryption") and new.get("serverSideEncryption"):
        requests.append({"SSESpecification": specification(new["serverSideEncryption"])})
    if _differs(old, new, "deletionProtectionEnabled"):
        requests.append({"DeletionProtectionEnabled": bool(new.get("deletionProtectionEnabled"))})
    if _differs(old, new, "warmThroughput") and new.get("warmThroughput"):
        requests.append({"WarmThroughput": _warm(new["warmThroughput"])})
    if _differs(old, new, "tableClass"):
        requests.append({"TableClass": new.get("tableClass") or "STANDARD"})
    return requests


def _attributes(props: Props) -> list[dict[str, Any]]:
    attributes = listed(props.get("attributes"))
    return [{"AttributeName": a["name"], "AttributeType": a["type"]} for a in attributes]


def _index_updates(old: Props, new: Props) -> list[dict[str, Any]]:
    old_indexes = {i["name"]: i for i in listed(old.get("globalSecondaryIndexes"))}
    indexes = {i["name"]: i for i in listed(new.get("globalSecondaryIndexes"))}
    billing = str(new.get("billingMode"))
    changes: list[dict[str, Any]] = []
    for name, old_index in old_indexes.items():
        index = indexes.get(name)
        if not index or any(index.get(k) not in (None, v) for k, v in old_index.items()):
            changes.append({"Delete": {"IndexName": name}})
    deleted = {change["Delete"]["IndexName"] for change in changes}
    for name, index in indexes.items():
        if name not in old_indexes or name in deleted:
            changes.append({"Create": _index_request(index, billing)})
    return [
        {"AttributeDefinitions": _attributes(new), "GlobalSecondaryIndexUpdates": [change]}
        for change in changes
    ]


def specification(block: Props) -> dict[str, Any]:
    """Return an SSESpecification. A key counts only where encryption is enabled.

    Source: expandEncryptAtRestOptions in table.go.
    """
    if block.get("enabled") is not True:
        return {"Enabled": False}
    key = block.get("kmsKeyArn")
    return {"Enabled": True, **({"SSEType": "KMS", "KMSMasterKeyId": key} if key else {})}


def _throughput(props: Props) -> dict[str, int]:
    for prop in ("readCapacity", "writeCapacity"):
        if not props.get(prop):
            raise ProviderError(f"{prop} must be at least 1 when billingMode is PROVISIONED.")
    return {
        "ReadCapacityUnits": int(props["readCapacity"]),
        "WriteCapacityUnits": int(props["writeCapacity"]),
    }


def _warm(block: Props) -> dict[str, int]:
    names = {
        "readUnitsPerSecond": "ReadUnitsPerSecond",
        "writeUnitsPerSecond": "WriteUnitsPerSecond",
    }
    return {names[prop]: int(value) for prop, value in block.items() if value}


def _stream(props: Props) -> dict[str, Any]:
    view = str(props.get("streamViewType", "")).upper()
    return {"StreamEnabled": True, "StreamViewType": view}


def _key_schema(props: Props) -> list[dict[str, str]]:
    names = (("hashKey", "HASH"), ("rangeKey", "RANGE"))
    return [{"AttributeName": props[p], "KeyType": kind} for p, kind in names if props.get(p)]


def _index_request(index: Props, billing: str | None) -> dict[str, Any]:
    projection = {"ProjectionType": index["projectionType"]}
    if index.get("nonKeyAttributes"):
        projection["NonKeyAttributes"] = index["nonKeyAttributes"]
    request: dict[str, Any] = {
        "IndexName": index["name"],
        "KeySchema": _key_schema(index),
        "Projection": projection,
    }
    if billing == "PROVISIONED":
        request["ProvisionedThroughput"] = _throughput(index)
    return request


def set_ttl(client: Any, name: str, block: Props) -> None:
    """Enable or disable time to live."""
    specification = {
        "AttributeName": block.get("attributeName", ""),
        "Enabled": bool(block.get("enabled")),
    }
    client.update_time_to_live(TableName=name, TimeToLiveSpecification=specification)


def set_recovery(client: Any, name: str, block: Props) -> None:
    """Enable or disable point-in-time recovery."""
    specification: dict[str, Any] = {"PointInTimeRecoveryEnabled": bool(block.get("enabled"))}
    if block.get("enabled") and block.get("recoveryPeriodInDays"):
        specification["RecoveryPeriodInDays"] = int(block["recoveryPeriodInDays"])
    client.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification=specification)


def set_tags(client: Any, arn: str, old: Props, new: Props) -> None:
    """Change a table's tags from the old ones to the new ones."""
    if removed := sorted(old.keys() - new.keys()):
        client.untag_resource(ResourceArn=arn, TagKeys=removed)
    if changed := {k: v for k, v in new.items() if old.get(k) != v}:
        client.tag_resource(ResourceArn=arn, Tags=_tag_list(changed))


def _tag_list(tags: Props) -> list[dict[str, str]]:
    return [{"Key": str(key), "Value": str(value)} for key, value in tags.items()]


def _differs(old: Props, new: Props, prop: str) -> bool:
    return (old.get(prop) or None) != (new.get(prop) or None)
