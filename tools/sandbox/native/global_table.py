"""aws-native:dynamodb:GlobalTable. The account can't replicate, so an update only echoes."""

from __future__ import annotations

import uuid

from tools.sandbox.native.resource import NativeResource
from tools.sandbox.provider.aws import Aws
from tools.sandbox.provider.properties import Props


class GlobalTable(NativeResource):
    """A DynamoDB table with its replicas. Its id is its name."""

    kind = "aws-native:dynamodb:GlobalTable"
    cfn = "AWS::DynamoDB::GlobalTable"
    what = "AWS::DynamoDB::GlobalTable"
    required = frozenset({"replicas"})
    computed = frozenset({"arn", "streamArn", "tableId"})
    replace_on = frozenset({"tableName"})
    autoname = "tableName"

    def made(self, aws: Aws, inputs: Props) -> Props:
        """Return the ids of a table."""
        name = str(inputs["tableName"])
        return {
            "id": name,
            "arn": aws.arn("dynamodb", aws.region, f"table/{name}"),
            "tableId": str(uuid.uuid4()),
        }
