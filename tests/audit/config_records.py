"""Records of AWS Config: a recorded one, and others of its shape.

Source: RECORDED has the shape of an answer of AWS that cloud-custodian recorded in January 2019
(tests/data/placebo/test_dynamodb_sleep, GetResourceConfigHistory) with other IDs, and the envelope
of a query ("Example Queries" in the AWS Config Developer Guide).
"""

from __future__ import annotations

import json
from typing import Any

ACCOUNT, REGION, NAME = "111111111111", "us-east-1", "orders"
TABLE_ARN = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{NAME}"
KEY_ARN = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/8785aeb9-a616-4e2b-bbd3-df3cde76bcc5"
ENABLED = {"status": "ENABLED", "ssetype": "KMS", "kmsmasterKeyArn": KEY_ARN}
CONFIGURATION = {
    "attributeDefinitions": [{"attributeName": "id", "attributeType": "S"}],
    "tableName": NAME,
    "keySchema": [{"attributeName": "id", "keyType": "HASH"}],
    "tableStatus": "ACTIVE",
    "creationDateTime": 1547593597198,
    "provisionedThroughput": {
        "numberOfDecreasesToday": 0, "readCapacityUnits": 0, "writeCapacityUnits": 0,
    },
    "tableArn": TABLE_ARN,
    "tableId": "561704a8-1a45-4a47-b2a6-71044bbe2807",
    "billingModeSummary": {
        "billingMode": "PAY_PER_REQUEST", "lastUpdateToPayPerRequestDateTime": 1547593597198,
    },
}  # fmt: skip
RECORDED = {
    "accountId": ACCOUNT,
    "awsRegion": REGION,
    "resourceId": NAME,
    "resourceName": NAME,
    "arn": TABLE_ARN,
    "configurationItemCaptureTime": "2019-01-26T13:30:04.275Z",
    "configurationItemStatus": "OK",
    "configuration": {**CONFIGURATION, "ssedescription": ENABLED},
}
KEY_CONFIGURATION = {
    "awsaccountId": ACCOUNT,
    "keyId": KEY_ARN.rpartition("/")[2],
    "arn": KEY_ARN,
    "creationDate": 1547593597198,
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
    "configurationItemCaptureTime": "2019-01-20T08:00:00.000Z",
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
