"""aws-native:cloudformation:Stack. An update only echoes: the stack's resources are not made."""

from __future__ import annotations

import uuid

from tools.sandbox.native.resource import NativeResource
from tools.sandbox.provider.aws import Aws
from tools.sandbox.provider.properties import Props


class Stack(NativeResource):
    """A CloudFormation stack. Its id is its ARN."""

    kind = "aws-native:cloudformation:Stack"
    cfn = "AWS::CloudFormation::Stack"
    what = "AWS::CloudFormation::Stack"
    computed = frozenset({
        "changeSetId", "creationTime", "lastUpdateTime", "outputs", "parentId", "rootId",
        "stackId", "stackStatus",
    })  # fmt: skip
    replace_on = frozenset({"stackName"})
    autoname = "stackName"

    def made(self, aws: Aws, inputs: Props) -> Props:
        """Return the ids of a stack without outputs."""
        name = f"stack/{inputs['stackName']}/{uuid.uuid4()}"
        stack = aws.arn("cloudformation", aws.region, name)
        return {"id": stack, "stackId": stack, "outputs": [], "stackStatus": "CREATE_COMPLETE"}
