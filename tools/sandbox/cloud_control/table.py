"""AWS::DynamoDB::Table. Reads back whether the table is there, and its encryption.

An update changes encryption, capacity, stream, deletion protection, class, backups, time to live
and tags. Other changes stay in the model, and so does what CreateTable can't do (contributor
insights, Kinesis, resource policies, imports).

Sources: "AWS::DynamoDB::Table" in the AWS CloudFormation User Guide, "CreateTable" and
"UpdateTable" in the Amazon DynamoDB API Reference.
"""

# Not every handler needs all that a method is given.
# ruff: noqa: ARG002

from __future__ import annotations

import uuid
from typing import Any

from tools.sandbox.cloud_control.handler import Handler
from tools.sandbox.provider import table_requests as requests
from tools.sandbox.provider.aws import Aws, ProviderError, error_code
from tools.sandbox.provider.properties import Props

_AS_GIVEN = (
    "AttributeDefinitions", "BillingMode", "DeletionProtectionEnabled", "KeySchema",
    "OnDemandThroughput", "ProvisionedThroughput", "TableClass", "Tags", "WarmThroughput",
)  # fmt: skip
_INDEXES = ("GlobalSecondaryIndexes", "LocalSecondaryIndexes")
# An index of a template says more than one of the API.
_OF_INDEX = (
    "IndexName", "KeySchema", "OnDemandThroughput", "Projection", "ProvisionedThroughput",
    "WarmThroughput",
)  # fmt: skip
_ENCRYPTION = "SSESpecification"


class TableHandler(Handler):
    """A table. Its identifier is its name."""

    def create(self, aws: Aws, region: str, desired: Props) -> tuple[str, Props]:
        """CreateTable, then time to live and backups."""
        client = aws.dynamodb(region)
        name = str(desired.get("TableName") or f"Table-{uuid.uuid4().hex[:12].upper()}")
        request: dict[str, Any] = {"TableName": name, "BillingMode": "PROVISIONED"}
        request.update({prop: desired[prop] for prop in _AS_GIVEN if desired.get(prop)})
        for prop in _INDEXES:
            if desired.get(prop):
                request[prop] = [
                    {k: v for k, v in index.items() if k in _OF_INDEX} for index in desired[prop]
                ]
        if desired.get("StreamSpecification"):
            request["StreamSpecification"] = _stream(desired)
        if desired.get(_ENCRYPTION):
            request[_ENCRYPTION] = _specification(desired)
        client.create_table(**request)
        _set_extras(client, name, {}, desired)
        return name, self._found(aws, region, name, desired)

    def read(self, aws: Aws, region: str, identifier: str, model: Props) -> Props | None:
        """DescribeTable. The encryption keeps its spelling as long as it is the same."""
        client = aws.dynamodb(region)
        try:
            table: Any = client.describe_table(TableName=identifier)["Table"]
        except client.exceptions.ResourceNotFoundException:
            return None
        found = {**model, "TableName": identifier, "Arn": table["TableArn"]}
        found.pop("StreamArn", None)
        if table.get("LatestStreamArn"):
            found["StreamArn"] = table["LatestStreamArn"]
        key = table.get("SSEDescription", {}).get("KMSMasterKeyArn")
        if key != _key_of(aws, region, model):
            found.pop(_ENCRYPTION, None)
            if key:
                found[_ENCRYPTION] = {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": key}
        return found

    def update(self, aws: Aws, region: str, identifier: str, old: Props, desired: Props) -> Props:
        """Send one UpdateTable for each kind of change: the API takes no mixture."""
        client = aws.dynamodb(region)
        send: Any = client.update_table
        for request in _updates(old, desired):
            send(TableName=identifier, **request)
        _set_extras(client, identifier, old, desired)
        arn = client.describe_table(TableName=identifier)["Table"]["TableArn"]
        requests.set_tags(client, arn, _tags(old), _tags(desired))
        return self._found(aws, region, identifier, desired)

    def delete(self, aws: Aws, region: str, identifier: str, model: Props) -> None:
        """DeleteTable."""
        try:
            aws.dynamodb(region).delete_table(TableName=identifier)
        except Exception as error:
            if error_code(error) != "ResourceNotFoundException":
                raise

    def _found(self, aws: Aws, region: str, name: str, desired: Props) -> Props:
        model = self.read(aws, region, name, desired)
        if model is None:
            raise ProviderError("the table is gone.")
        return model


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
    """Return the words of the API: the account judges them, so nothing is added or mended."""
    given = model.get(_ENCRYPTION) or {"SSEEnabled": False}
    if "SSEEnabled" not in given:
        raise ProviderError(
            "Model validation failed (#/SSESpecification: required key [SSEEnabled] not found)"
        )
    words = {"SSEEnabled": "Enabled"}
    return {words.get(name, name): value for name, value in given.items()}


def _key_of(aws: Aws, region: str, model: Props) -> str | None:
    """Return the ARN of the key that a model asks for, None for the AWS owned key."""
    given = model.get(_ENCRYPTION) or {}
    if not given.get("SSEEnabled"):
        return None
    key = given.get("KMSMasterKeyId")
    if not key:
        return aws.default_table_key(region)
    try:
        return aws.kms(region).describe_key(KeyId=key)["KeyMetadata"]["Arn"]
    except Exception as error:
        if error_code(error) is None:
            raise
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
        given = new.get(backups) or {}
        block = {
            "enabled": given.get("PointInTimeRecoveryEnabled"),
            "recoveryPeriodInDays": given.get("RecoveryPeriodInDays"),
        }
        requests.set_recovery(client, name, block)


def _tags(model: Props) -> Props:
    return {tag["Key"]: tag["Value"] for tag in model.get("Tags") or []}
