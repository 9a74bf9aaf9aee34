"""Recognize resource types that name a DynamoDB table, in any spelling."""

from __future__ import annotations

import re

_NAMES_TABLE = re.compile(r"(?:tables?|dynamo|dynamodb)(?:v?[0-9]+)?(?:replicas?)?$")
_NOT_ALPHANUMERIC = re.compile(r"[^a-z0-9]")


def names_table(resource_type: str) -> bool:
    """Return whether the name of a type is a DynamoDB table's, such as "Custom::DynamoDBTable".

    Args:
        resource_type: a type token of Pulumi or a type of CloudFormation. Its last part, after a
            colon, must name the table, and any part must name DynamoDB.
    """
    lower = resource_type.lower()
    if "dynamo" not in lower:
        return False
    name = _NOT_ALPHANUMERIC.sub("", lower.rpartition(":")[2])
    return _NAMES_TABLE.search(name) is not None
