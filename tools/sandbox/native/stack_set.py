"""aws-native:cloudformation:StackSet. An update only echoes: no instances are made."""

from __future__ import annotations

import uuid

from tools.sandbox.native.resource import NativeResource
from tools.sandbox.provider.aws import Aws
from tools.sandbox.provider.properties import Props


class StackSet(NativeResource):
    """A CloudFormation StackSet."""

    kind = "aws-native:cloudformation:StackSet"
    cfn = "AWS::CloudFormation::StackSet"
    what = "AWS::CloudFormation::StackSet"
    required = frozenset({"permissionModel"})
    computed = frozenset({"stackSetId"})
    replace_on = frozenset({"permissionModel", "stackSetName"})
    autoname = "stackSetName"

    def made(self, aws: Aws, inputs: Props) -> Props:  # noqa: ARG002 no client is needed
        """Return the id."""
        set_id = f"{inputs['stackSetName']}:{uuid.uuid4()}"
        return {"id": set_id, "stackSetId": set_id}
