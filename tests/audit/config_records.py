"""Records of AWS Config in the shape that AWS returns, with invented values.

Source: awslabs/aws-config-resource-schema, AWS::DynamoDB::Table and AWS::KMS::Key (the names);
cloud-custodian, tests/data/placebo/test_dynamodb_sleep (that a configuration is an object, and its
times are milliseconds); AWS Config Developer Guide, "Example Queries" (the envelope of a query).
"""

from __future__ import annotations

import json
from typing import Any

ACCOUNT, REGION, NAME = "111111111111", "us-east-1", "orders"
TABLE_ARN = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{NAME}"
KEY_ARN = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ENABLED = {"status": "ENABLED", "ssetype": "KMS", "kmsmasterKeyArn": KEY_ARN}
CONFIGURATION = {
    "attributeDefinitions": [{"attributeName": "id", "attributeType": "S"}],
    "tableName": NAME,
    "keySchema": [{"attributeName": "id", "keyType": "HASH"}],
    "tableStatus": "ACTIVE",
    "creationDateTime": 1551000000000,
    "provisionedThroughput": {
        "numberOfDecreasesToday": 0, "readCapacityUnits": 0, "writeCapacityUnits": 0,
    },
    "tableArn": TABLE_ARN,
    "tableId": "0f9e8d7c-6b5a-4f3e-8d2c-1b0a9f8e7d6c",
    "billingModeSummary": {
        "billingMode": "PAY_PER_REQUEST", "lastUpdateToPayPerRequestDateTime": 1551000000000,
    },
}  # fmt: skip
RECORDED = {
    "accountId": ACCOUNT,
    "awsRegion": REGION,
    "resourceId": NAME,
    "resourceName": NAME,
    "arn": TABLE_ARN,
    "configurationItemCaptureTime": "2019-03-01T10:00:00.125Z",
    "configurationItemStatus": "OK",
    "configuration": {**CONFIGURATION, "ssedescription": ENABLED},
}
KEY_CONFIGURATION = {
    "awsaccountId": ACCOUNT,
    "keyId": KEY_ARN.rpartition("/")[2],
    "arn": KEY_ARN,
    "creationDate": 1551000000000,
    "enabled": True,
    "description": "orders",
    "keyUsage": "ENCRYPT_DECRYPT",
    "keyState": "Enabled",
    "origin": "AWS_KMS",
    "keyManager": "CUSTOMER",
    "customerMasterKeySpec": "SYMMETRIC_DEFAULT",
    "keySpec": "SYMMETRIC_DEFAULT",
    "encryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
    "multiRegion": False,
}
KEY_RECORD = {
    "accountId": ACCOUNT,
    "awsRegion": REGION,
    "resourceId": KEY_CONFIGURATION["keyId"],
    "arn": KEY_ARN,
    "configurationItemCaptureTime": "2019-02-28T08:00:00.000Z",
    "configurationItemStatus": "OK",
    "configuration": KEY_CONFIGURATION,
}
REMOVED = object()


def table(configuration: Any = None, /, **properties: Any) -> str:
    """Return RECORDED with other properties; one that is REMOVED is left out.

    Args:
        configuration: other properties of its configuration.
        properties: other properties of the record.
    """
    changed = {**RECORDED["configuration"], **(configuration or {})}  # type: ignore[dict-item]
    return _text({**RECORDED, "configuration": _kept(changed), **properties})


def key(configuration: Any = None, /, **properties: Any) -> str:
    """Return KEY_RECORD with other properties; one that is REMOVED is left out."""
    changed = {**KEY_CONFIGURATION, **(configuration or {})}
    return _text({**KEY_RECORD, "configuration": _kept(changed), **properties})


def _text(record: dict[str, Any]) -> str:
    return json.dumps(_kept(record))


def _kept(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not REMOVED}
