"""AWS::DynamoDB::Table. Only the table's existence and its encryption are read back.

An update changes encryption, capacity, stream, deletion protection, class, backups, time to live
and tags. Other changes stay in the model, and so do the properties that CreateTable doesn't have
(contributor insights, Kinesis, resource policies, imports).

Source: "AWS::DynamoDB::Table" in the AWS CloudFormation User Guide, "CreateTable" and "UpdateTable"
in the Amazon DynamoDB API Reference.
"""

# Overrides keep the arguments of the methods that they override.
# ruff: noqa: ARG002

from __future__ import annotations

import uuid
from typing import Any

from tools.sandbox.cloud_control.handler import Handler
from tools.sandbox.provider import table_requests as requests
from tools.sandbox.provider.aws import Aws, ProviderError, ignoring
from tools.sandbox.provider.properties import Props

_AS_DECLARED = (
    "AttributeDefinitions", "BillingMode", "DeletionProtectionEnabled", "KeySchema",
    "OnDemandThroughput", "ProvisionedThroughput", "TableClass", "Tags", "WarmThroughput",
)  # fmt: skip
_INDEXES = ("GlobalSecondaryIndexes", "LocalSecondaryIndexes")
# An index of a template has more properties than CreateTable accepts.
_INDEX_PROPERTIES = (
    "IndexName", "KeySchema", "OnDemandThroughput", "Projection", "ProvisionedThroughput",
    "WarmThroughput",
)  # fmt: skip
_ENCRYPTION = "SSESpecification"


class TableHandler(Handler):
    """A table. Its identifier is its name."""

    def create(self, aws: Aws, region: str, desired: Props) -> tuple[str, Props]:
        """Call CreateTable, then set time to live and backups."""
        client = aws.dynamodb(region)
        name = str(desired.get("TableName") or f"Table-{uuid.uuid4().hex[:12].upper()}")
        request: dict[str, Any] = {"TableName": name, "BillingMode": "PROVISIONED"}
        request.update({prop: desired[prop] for prop in _AS_DECLARED if desired.get(prop)})
        for prop in _INDEXES:
            if desired.get(prop):
                request[prop] = [
                    {k: v for k, v in index.items() if k in _INDEX_PROPERTIES}
                    for index in desired[prop]
                ]
        if desired.get("StreamSpecification"):
            request["StreamSpecification"] = _stream(desired)
        if desired.get(_ENCRYPTION):
            request[_ENCRYPTION] = _specification(desired)
        client.create_table(**request)
        _set_extras(client, name, {}, desired)
        return name, self.read_back(aws, region, name, desired)

    def read(self, aws: Aws, region: str, identifier: str, model: Props) -> Props | None:
        """Call DescribeTable. SSESpecification stays as declared as long as the key is the same."""
        client = aws.dynamodb(region)
        try:
            table: Any = client.describe_table(TableName=identifier)["Table"]
        except client.exceptions.ResourceNotFoundException:
            return None
        current = {**model, "TableName": identifier, "Arn": table["TableArn"]}
        current.pop("StreamArn", None)
        if table.get("LatestStreamArn"):
            current["StreamArn"] = table["LatestStreamArn"]
        key = table.get("SSEDescription", {}).get("KMSMasterKeyArn")
        if key != _key_of(aws, region, model):
            current.pop(_ENCRYPTION, None)
            if key:
                current[_ENCRYPTION] = {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": key}
        return current

    def update(self, aws: Aws, region: str, identifier: str, old: Props, desired: Props) -> Props:
        """Call UpdateTable for each kind of change, as one call can't mix them."""
        client = aws.dynamodb(region)
        send: Any = client.update_table
        for request in _updates(old, desired):
            send(TableName=identifier, **request)
        _set_extras(client, identifier, old, desired)
        arn = client.describe_table(TableName=identifier)["Table"]["TableArn"]
        requests.set_tags(client, arn, _tags(old), _tags(desired))
        return self.read_back(aws, region, identifier, desired)

    def delete(self, aws: Aws, region: str, identifier: str, model: Props) -> None:
        """Call DeleteTable."""
        with ignoring("ResourceNotFoundException"):
            aws.dynamodb(region).delete_table(TableName=identifier)


def _updates(old: Props, new: Props) -> list[dict[str, Any]]:
    def differs(prop: str) -> bool:
        return (old.get(prop) or None) != (new.get(prop) or None)

    updates: list[dict[str, Any]] = []
    if differs("BillingMode") or differs("ProvisionedThroughput"):
        capacity = ("BillingMode", "ProvisionedThroughput")
        updates.append({"BillingMode": "PROVISIONED", **{p: new[p] for p in capacity if p in new}})
    if differs("StreamSpecification"):
        if old.get("StreamSpecification"):
            updates.append({"StreamSpecification": {"StreamEnabled": False}})
        if new.get("StreamSpecification"):
            updates.append({"StreamSpecification": _stream(new)})
    if differs(_ENCRYPTION):
        updates.append({_ENCRYPTION: _specification(new)})
    if differs("DeletionProtectionEnabled"):
        updates.append({"DeletionProtectionEnabled": bool(new.get("DeletionProtectionEnabled"))})
    if differs("TableClass"):
        updates.append({"TableClass": new.get("TableClass") or "STANDARD"})
    return updates


def _specification(model: Props) -> dict[str, Any]:
    """Return the API's SSESpecification, with no other change: the account checks it."""
    declared = model.get(_ENCRYPTION) or {"SSEEnabled": False}
    if "SSEEnabled" not in declared:
        raise ProviderError(
            "Model validation failed (#/SSESpecification: required key [SSEEnabled] not found)"
        )
    return {"Enabled" if k == "SSEEnabled" else k: v for k, v in declared.items()}


def _key_of(aws: Aws, region: str, model: Props) -> str | None:
    """Return the ARN of the key that a model declares, None for the AWS owned key."""
    declared = model.get(_ENCRYPTION) or {}
    if not declared.get("SSEEnabled"):
        return None
    key = declared.get("KMSMasterKeyId")
    if not key:
        return aws.default_table_key(region)
    with ignoring():
        return aws.kms(region).describe_key(KeyId=key)["KeyMetadata"]["Arn"]
    return str(key)


def _stream(model: Props) -> dict[str, Any]:
    return {"StreamEnabled": True, "StreamViewType": model["StreamSpecification"]["StreamViewType"]}


def _set_extras(client: Any, name: str, old: Props, new: Props) -> None:
    ttl, backups = "TimeToLiveSpecification", "PointInTimeRecoverySpecification"
    if new.get(ttl) != old.get(ttl) and new.get(ttl):
        block = {
            "attributeName": new[ttl].get("AttributeName", ""),
            "enabled": new[ttl].get("Enabled"),
        }
        requests.set_ttl(client, name, block)
    if new.get(backups) != old.get(backups):
        declared = new.get(backups) or {}
        block = {
            "enabled": declared.get("PointInTimeRecoveryEnabled"),
            "recoveryPeriodInDays": declared.get("RecoveryPeriodInDays"),
        }
        requests.set_recovery(client, name, block)


def _tags(model: Props) -> Props:
    return {tag["Key"]: tag["Value"] for tag in model.get("Tags") or []}
