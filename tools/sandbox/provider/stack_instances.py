"""aws:cloudformation/stackSetInstance:StackSetInstance and .../stackInstances:StackInstances.

Source: internal/service/cloudformation/stack_set_instance.go and stack_instances.go of
terraform-provider-aws. The pretend account's stack sets get no instance of them: an update only
echoes, and no stack is made.
"""

# Not every type needs all that a method is given.
# ruff: noqa: ARG002

from __future__ import annotations

import uuid

from tools.sandbox.provider.aws import Aws
from tools.sandbox.provider.echo import Echo
from tools.sandbox.provider.properties import Props


class StackSetInstance(Echo):
    """One instance of a stack set, or one for each account of some organizational units."""

    kind = "aws:cloudformation/stackSetInstance:StackSetInstance"
    what = "CloudFormation StackSet Instance"
    required = frozenset({"stackSetName"})
    computed = frozenset({"organizationalUnitId", "stackId", "stackInstanceSummaries"})
    optional_computed = frozenset({"accountId", "region", "stackSetInstanceRegion"})
    replace_on = frozenset({
        "accountId", "callAs", "deploymentTargets", "region", "stackSetInstanceRegion",
        "stackSetName",
    })  # fmt: skip

    def new_id(self, aws: Aws, inputs: Props) -> str:
        """Return name, account and Region, as the provider joins them."""
        where = inputs.get("stackSetInstanceRegion") or aws.region_of(inputs)
        return f"{inputs['stackSetName']},{inputs.get('accountId') or aws.account_id},{where}"

    def made(self, aws: Aws, resource_id: str, props: Props) -> Props:
        """Return the instance's stack."""
        _, account, where = resource_id.split(",")
        stack = f"stack/StackSet-{props['stackSetName']}/{uuid.uuid4()}"
        return {
            "accountId": account,
            "stackSetInstanceRegion": where,
            "stackId": aws.arn("cloudformation", where, stack),
            "stackInstanceSummaries": [],
        }


class StackInstances(Echo):
    """Instances of a stack set in some accounts and Regions."""

    kind = "aws:cloudformation/stackInstances:StackInstances"
    what = "CloudFormation Stack Instances"
    required = frozenset({"stackSetName"})
    computed = frozenset({"stackInstanceSummaries", "stackSetId"})
    optional_computed = frozenset({"accounts", "region", "regions"})
    replace_on = frozenset({"callAs", "deploymentTargets", "region", "stackSetName"})

    def new_id(self, aws: Aws, inputs: Props) -> str:
        """Return name and the way to call, as the provider joins them."""
        return f"{inputs['stackSetName']},{inputs.get('callAs') or 'SELF'}"

    def made(self, aws: Aws, resource_id: str, props: Props) -> Props:
        """Return the set's id, and this account and Region where none was named."""
        return {
            "accounts": props.get("accounts") or [aws.account_id],
            "regions": props.get("regions") or [aws.region_of(props)],
            "stackInstanceSummaries": [],
            "stackSetId": f"{props['stackSetName']}:{uuid.uuid4()}",
        }
