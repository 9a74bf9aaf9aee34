"""aws-native:dynamodb:Table. Reaches the account: see ``tools.sandbox.cloud_control.table``."""

from __future__ import annotations

from tools.sandbox.native.resource import NativeResource


class Table(NativeResource):
    """A DynamoDB table. Its id is its name."""

    kind = "aws-native:dynamodb:Table"
    cfn = "AWS::DynamoDB::Table"
    what = "AWS::DynamoDB::Table"
    required = frozenset({"keySchema"})
    computed = frozenset({"arn", "streamArn"})
    replace_on = frozenset({"importSourceSpecification", "tableName"})
    autoname = "tableName"
