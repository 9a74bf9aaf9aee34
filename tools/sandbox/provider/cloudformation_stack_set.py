"""aws:cloudformation/stackSet:StackSet.

Source: internal/service/cloudformation/stack_set.go of terraform-provider-aws. A set is a template
and no more until it has instances, so an update only echoes.
"""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from tools.sandbox.provider.aws import Aws
from tools.sandbox.provider.echo import Echo
from tools.sandbox.provider.properties import Props
from tools.sandbox.provider.resource import Change
from tools.sandbox.provider.templates import normalized


class StackSet(Echo):
    """A CloudFormation StackSet. Its id is its name."""

    kind = "aws:cloudformation/stackSet:StackSet"
    what = "CloudFormation StackSet"
    computed = frozenset({"arn", "stackSetId", "tagsAll"})
    optional_computed = frozenset({"executionRoleName", "region", "templateBody"})
    replace_on = frozenset({"name", "permissionModel", "region"})
    defaults: ClassVar[dict[str, Any]] = {"callAs": "SELF", "permissionModel": "SELF_MANAGED"}
    autoname = "name"

    def plan(self, aws: Aws, old: Props, new: Props) -> Props:
        """Show the template as it will be kept."""
        planned = super().plan(aws, old, new)
        return {**planned, "templateBody": normalized(planned["templateBody"])}

    def diff(self, aws: Aws, state: Props, old_inputs: Props, new: Props) -> list[Change]:
        """Templates that differ in blanks only are the same."""
        if "templateBody" in new:
            new = {**new, "templateBody": normalized(new["templateBody"])}
        return super().diff(aws, state, old_inputs, new)

    def made(self, aws: Aws, resource_id: str, props: Props) -> Props:
        """Return the ids, and the name of the role that AWS fills in."""
        set_id = props.get("stackSetId") or f"{resource_id}:{uuid.uuid4()}"
        own = props.get("permissionModel") == "SELF_MANAGED"
        role = props.get("executionRoleName")
        return {
            "arn": aws.arn("cloudformation", aws.region_of(props), f"stackset/{set_id}"),
            "executionRoleName": role or ("AWSCloudFormationStackSetExecutionRole" if own else ""),
            "stackSetId": set_id,
            "templateBody": normalized(props.get("templateBody")),
        }
