"""Recognize resource types that name a DynamoDB table, in any spelling."""

from __future__ import annotations

import re

from .values import one_line

_NAMES_DYNAMODB = re.compile(r"(?i:dynamo)|(?<![A-Za-z])ddb|Ddb|DDB")
_NAMES_TABLE = re.compile(
    r"""
    # A table, or what contains one, and not only what belongs to one, such as an item.
    table(?!
        s?(v?[0-9]+)?(replicas?)?
        ((access|alarm|arn|auto|backup|capacity|contributor|dashboard|data|destination|entry|event
        |export|grant|index|insight|item|kinesis|metric|monitor|name|permission|policy|policie
        |read|record|resource|role|row|scal|seed|stream|subscription|tag|target|trigger|write)
        (s|es|er|ers|ing)?)+$
    )
    # A component that is named for the service alone.
    | (dynamo(db)?|ddb)(v?[0-9]+)?
        (component|construct|database|module|replica|resource|stack|store)?$
    """,
    re.VERBOSE,
)
_NOT_ALPHANUMERIC = re.compile(r"[^a-z0-9]")


def names_table(resource_type: str) -> bool:
    """Return whether the name of a type is a DynamoDB table's, such as "Custom::DynamoDBTable".

    Args:
        resource_type: a type token of Pulumi or a type of CloudFormation. Its last part, after a
            colon, must name the table, and any part must name DynamoDB.
    """
    if not _NAMES_DYNAMODB.search(resource_type):
        return False
    name = _NOT_ALPHANUMERIC.sub("", resource_type.rpartition(":")[2].lower())
    return _NAMES_TABLE.search(name) is not None


def shown_type(resource_type: str) -> str:
    """Return a type as a message shows it: in one line, and cut if it is long."""
    return one_line(resource_type, 200)


def why_unread(resource_type: str) -> str:
    """Return the reason why a type that no route reads is reported."""
    return f"this policy pack does not read resources of type {shown_type(resource_type)}"
