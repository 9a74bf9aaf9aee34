"""aws:cloudformation/stack:Stack.

moto's CloudFormation creates the stack's tables and keys in the pretend account. It supports only
some resource types, functions and parameters, and ignores other types. A stack that fails is
deleted at once for any value of onFailure; the resources that it created until then stay.

Source: internal/service/cloudformation/{stack,flex}.go of terraform-provider-aws.
"""

# Overrides keep the arguments of the methods that they override.
# ruff: noqa: ARG002

from __future__ import annotations

import json
from typing import Any

from tools.sandbox.provider.aws import Aws, error_code
from tools.sandbox.provider.comparison import same
from tools.sandbox.provider.properties import UNKNOWN, Props, has_unknown, without_internal
from tools.sandbox.provider.resource import Change, Resource
from tools.sandbox.provider.templates import normalized

# DescribeStacks doesn't return these.
_AS_DECLARED = ("iamRoleArn", "onFailure", "policyBody", "policyUrl", "templateUrl")
_BODIES = ("policyBody", "templateBody")
_UPDATABLE = (
    "capabilities", "iamRoleArn", "notificationArns", "parameters", "policyBody", "policyUrl",
    "tags", "templateBody", "templateUrl",
)  # fmt: skip


class Stack(Resource):
    """A CloudFormation stack. Its id is its ARN."""

    resource_type = "aws:cloudformation/stack:Stack"
    title = "CloudFormation Stack"
    computed = frozenset({"outputs", "tagsAll"})
    optional_computed = frozenset({"parameters", "policyBody", "region", "templateBody"})
    replace_on = frozenset({"disableRollback", "name", "onFailure", "region", "timeoutInMinutes"})
    autoname = "name"

    def plan(self, aws: Aws, old: Props, new: Props) -> Props:
        """Return the plan with normalized templates. A change makes the outputs unknown.

        The body of a template behind a URL is the one that the state has.

        Source: stackHasActualChanges in stack.go.
        """
        planned = super().plan(aws, old, new)
        for prop in _BODIES:
            planned[prop] = normalized(planned[prop])
        if old and any(_differs(old.get(prop), planned.get(prop)) for prop in _UPDATABLE):
            planned["outputs"] = UNKNOWN
        return planned

    def diff(self, aws: Aws, state: Props, old_inputs: Props, new: Props) -> list[Change]:
        """Compare the normalized templates."""
        bodies = {prop: normalized(new[prop]) for prop in _BODIES if prop in new}
        return super().diff(aws, state, old_inputs, {**new, **bodies})

    def create(self, aws: Aws, inputs: Props) -> tuple[str, Props]:
        """Call CreateStack."""
        inputs = without_internal(inputs)
        client = aws.client("cloudformation", aws.region_of(inputs))
        name = str(inputs["name"])
        try:
            stack_id = str(client.create_stack(StackName=name, **_request(aws, inputs))["StackId"])
        except Exception as error:
            if error_code(error) != "AlreadyExistsException":
                client.delete_stack(StackName=name)
            raise
        return stack_id, self.read_back(aws, stack_id, inputs)

    def read(self, aws: Aws, resource_id: str, state: Props) -> Props | None:
        """Call DescribeStacks and GetTemplate."""
        client = aws.client("cloudformation", aws.region_of(state))
        try:
            stack = client.describe_stacks(StackName=resource_id)["Stacks"][0]
        except Exception as error:
            if error_code(error) != "ValidationError":
                raise
            return None
        if stack["StackStatus"] == "DELETE_COMPLETE":
            return None
        body = client.get_template(StackName=resource_id)["TemplateBody"]
        tags = {tag["Key"]: tag["Value"] for tag in stack.get("Tags", [])}
        # flattenParameters in flex.go: a stack that was read or imported has configured none.
        configured = state.get("parameters") or {}
        return {
            "id": resource_id,
            "capabilities": stack.get("Capabilities") or state.get("capabilities", []),
            "disableRollback": bool(stack.get("DisableRollback")),
            "name": stack["StackName"],
            "notificationArns": stack.get("NotificationARNs", []),
            "outputs": {o["OutputKey"]: o["OutputValue"] for o in stack.get("Outputs", [])},
            "parameters": {
                p["ParameterKey"]: p["ParameterValue"]
                for p in stack.get("Parameters", [])
                if p["ParameterKey"] in configured
            },
            "policyBody": "",
            "region": aws.region_of(state),
            "tags": aws.own_tags(tags, state),
            "tagsAll": tags,
            # boto3 parses JSON, but not YAML.
            "templateBody": normalized(body if isinstance(body, str) else json.dumps(body)),
            "timeoutInMinutes": stack.get("TimeoutInMinutes", 0),
            **{prop: normalized(state[prop]) for prop in _AS_DECLARED if state.get(prop)},
        }

    def update(self, aws: Aws, resource_id: str, old: Props, planned: Props) -> Props:
        """Call UpdateStack."""
        client = aws.client("cloudformation", aws.region_of(planned))
        client.update_stack(StackName=planned["name"], **_request(aws, planned))
        return self.read_back(aws, resource_id, planned)

    def delete(self, aws: Aws, resource_id: str, state: Props) -> None:
        """Call DeleteStack."""
        client = aws.client("cloudformation", aws.region_of(state))
        client.delete_stack(StackName=resource_id)


def _differs(old: Any, new: Any) -> bool:
    return has_unknown(new) or not same(old or None, new or None)


def _request(aws: Aws, props: Props) -> dict[str, Any]:
    parameters = props.get("parameters") or {}
    request = {
        "Capabilities": props.get("capabilities"),
        "Parameters": [
            {"ParameterKey": key, "ParameterValue": str(value)} for key, value in parameters.items()
        ],
        "Tags": [{"Key": key, "Value": str(value)} for key, value in aws.all_tags(props).items()],
    }
    # The state has the body of a template from a URL, too.
    if props.get("templateUrl"):
        request["TemplateURL"] = props["templateUrl"]
    else:
        request["TemplateBody"] = props.get("templateBody")
    return {name: value for name, value in request.items() if value}
