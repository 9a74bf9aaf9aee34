"""aws:serverlessrepository/cloudFormationStack:CloudFormationStack.

Source: internal/service/serverlessrepo/cloudformation_stack.go of terraform-provider-aws. There is
no repository of applications here: an update only echoes, and no resource of the application is
made.
"""

# Not every type needs all that a method is given.
# ruff: noqa: ARG002

from __future__ import annotations

import uuid

from tools.sandbox.provider.aws import Aws
from tools.sandbox.provider.echo import Echo
from tools.sandbox.provider.properties import Props


class CloudFormationStack(Echo):
    """An application of the Serverless Application Repository. Its id is the ARN of its stack."""

    kind = "aws:serverlessrepository/cloudFormationStack:CloudFormationStack"
    what = "Serverless Application Repository CloudFormation Stack"
    required = frozenset({"applicationId", "capabilities"})
    computed = frozenset({"outputs", "tagsAll"})
    optional_computed = frozenset({"parameters", "region", "semanticVersion"})
    replace_on = frozenset({"applicationId", "name", "region"})
    autoname = "name"

    def new_id(self, aws: Aws, inputs: Props) -> str:
        """Return the ARN of a stack."""
        stack = f"stack/serverlessrepo-{inputs['name']}/{uuid.uuid4()}"
        return aws.arn("cloudformation", aws.region_of(inputs), stack)

    def made(self, aws: Aws, resource_id: str, props: Props) -> Props:
        """Return no outputs, and a version where none was asked for."""
        return {
            "outputs": {},
            "parameters": props.get("parameters") or {},
            "semanticVersion": props.get("semanticVersion") or "1.0.0",
        }
