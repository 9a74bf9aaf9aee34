"""aws:serverlessrepository/cloudFormationStack:CloudFormationStack.

An application exists only in the state, and none of its resources are created.

Source: internal/service/serverlessrepo/cloudformation_stack.go of terraform-provider-aws.
"""

# Overrides keep the arguments of the methods that they override.
# ruff: noqa: ARG002

from __future__ import annotations

import uuid

from tools.sandbox.provider.aws import Aws
from tools.sandbox.provider.echo import Echo
from tools.sandbox.provider.properties import Props


class CloudFormationStack(Echo):
    """An application of the Serverless Application Repository. Its id is the ARN of its stack."""

    resource_type = "aws:serverlessrepository/cloudFormationStack:CloudFormationStack"
    title = "Serverless Application Repository CloudFormation Stack"
    required = frozenset({"applicationId", "capabilities"})
    computed = frozenset({"outputs", "tagsAll"})
    optional_computed = frozenset({"parameters", "region", "semanticVersion"})
    replace_on = frozenset({"applicationId", "name", "region"})
    autoname = "name"

    def new_id(self, aws: Aws, inputs: Props) -> str:
        """Return the ARN of a new stack."""
        stack = f"stack/serverlessrepo-{inputs['name']}/{uuid.uuid4()}"
        return aws.arn("cloudformation", aws.region_of(inputs), stack)

    def filled_in(self, aws: Aws, resource_id: str, props: Props) -> Props:
        """Return empty outputs, and a default version."""
        return {
            "outputs": {},
            "parameters": props.get("parameters") or {},
            "semanticVersion": props.get("semanticVersion") or "1.0.0",
        }
