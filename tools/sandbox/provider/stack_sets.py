"""aws:cloudformation: StackSet, StackSetInstance and StackInstances.

They exist only in the state, and no stack is created.

Source: internal/service/cloudformation/{stack_set,stack_set_instance,stack_instances,flex}.go of
terraform-provider-aws.
"""

# Overrides keep the arguments of the methods that they override.
# ruff: noqa: ARG002

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, ClassVar

from tools.sandbox.provider.aws import Aws
from tools.sandbox.provider.echo import Echo
from tools.sandbox.provider.properties import Props
from tools.sandbox.provider.resource import Change
from tools.sandbox.provider.templates import body_at, normalized, shown_parameters


class StackSet(Echo):
    """A CloudFormation StackSet. Its id is its name."""

    resource_type = "aws:cloudformation/stackSet:StackSet"
    title = "CloudFormation StackSet"
    computed = frozenset({"arn", "stackSetId", "tagsAll"})
    optional_computed = frozenset({"executionRoleName", "region", "templateBody"})
    replace_on = frozenset({"name", "permissionModel", "region"})
    defaults: ClassVar[Mapping[str, Any]] = {"callAs": "SELF", "permissionModel": "SELF_MANAGED"}
    autoname = "name"

    def plan(self, aws: Aws, old: Props, new: Props) -> Props:
        """Return the plan with the normalized template.

        The body of a template behind a URL is the one that the state has. The ARN and the ids of a
        stack set stay known.
        """
        planned = super().plan(aws, old, new)
        return {**planned, "templateBody": normalized(planned["templateBody"])}

    def diff(self, aws: Aws, state: Props, old_inputs: Props, new: Props) -> list[Change]:
        """Compare the normalized templates."""
        if "templateBody" in new:
            new = {**new, "templateBody": normalized(new["templateBody"])}
        return super().diff(aws, state, old_inputs, new)

    def filled_in(self, aws: Aws, resource_id: str, props: Props) -> Props:
        """Return the ARN, the ids, the template and the name of the default role."""
        set_id = props.get("stackSetId") or f"{resource_id}:{uuid.uuid4()}"
        self_managed = props.get("permissionModel") == "SELF_MANAGED"
        default_role = "AWSCloudFormationStackSetExecutionRole" if self_managed else ""
        region, body = aws.region_of(props), props.get("templateBody")
        if props.get("templateUrl"):
            body = body_at(aws, region, props["templateUrl"])
        return {
            "arn": aws.arn("cloudformation", region, f"stackset/{set_id}"),
            "executionRoleName": props.get("executionRoleName") or default_role,
            # flattenAllParameters in flex.go.
            "parameters": shown_parameters(body, props.get("parameters") or {}),
            "stackSetId": set_id,
            "templateBody": normalized(body),
        }


class StackSetInstance(Echo):
    """An instance of a stack set, or an instance for each account of organizational units."""

    resource_type = "aws:cloudformation/stackSetInstance:StackSetInstance"
    title = "CloudFormation StackSet Instance"
    required = frozenset({"stackSetName"})
    computed = frozenset({"organizationalUnitId", "stackId", "stackInstanceSummaries"})
    optional_computed = frozenset({"accountId", "region", "stackSetInstanceRegion"})
    replace_on = frozenset({
        "accountId", "callAs", "deploymentTargets", "region", "stackSetInstanceRegion",
        "stackSetName",
    })  # fmt: skip

    def new_id(self, aws: Aws, inputs: Props) -> str:
        """Return the name, account and Region, separated by commas."""
        region = inputs.get("stackSetInstanceRegion") or aws.region_of(inputs)
        return f"{inputs['stackSetName']},{inputs.get('accountId') or aws.account_id},{region}"

    def filled_in(self, aws: Aws, resource_id: str, props: Props) -> Props:
        """Return the instance's account, Region and stack."""
        _, account, region = resource_id.split(",")
        stack = f"stack/StackSet-{props['stackSetName']}/{uuid.uuid4()}"
        return {
            "accountId": account,
            "stackSetInstanceRegion": region,
            "stackId": aws.arn("cloudformation", region, stack),
            "stackInstanceSummaries": [],
        }


class StackInstances(Echo):
    """Instances of a stack set in some accounts and Regions."""

    resource_type = "aws:cloudformation/stackInstances:StackInstances"
    title = "CloudFormation Stack Instances"
    required = frozenset({"stackSetName"})
    computed = frozenset({"stackInstanceSummaries", "stackSetId"})
    optional_computed = frozenset({"accounts", "region", "regions"})
    replace_on = frozenset({"callAs", "deploymentTargets", "region", "stackSetName"})

    def new_id(self, aws: Aws, inputs: Props) -> str:
        """Return the name and the value of callAs, separated by a comma."""
        return f"{inputs['stackSetName']},{inputs.get('callAs') or 'SELF'}"

    def filled_in(self, aws: Aws, resource_id: str, props: Props) -> Props:
        """Return the stack set's id, and the default account and Region."""
        return {
            "accounts": props.get("accounts") or [aws.account_id],
            "regions": props.get("regions") or [aws.region_of(props)],
            "stackInstanceSummaries": [],
            "stackSetId": f"{props['stackSetName']}:{uuid.uuid4()}",
        }
