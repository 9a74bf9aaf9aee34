"""aws:cloudformation/stack:Stack.

Source: internal/service/cloudformation/stack.go of terraform-provider-aws. The stack goes to moto's
CloudFormation, so its tables and keys are there afterwards; of resources, functions and parameters
it knows what moto knows, and it passes over types that moto lacks. A stack that fails is removed
at once, whatever onFailure says; what it had made by then stays.
"""

# Not every type needs all that a method is given.
# ruff: noqa: ARG002

from __future__ import annotations

import json
from typing import Any

from tools.sandbox.provider.aws import Aws, ProviderError, error_code
from tools.sandbox.provider.properties import UNKNOWN, Props, without_internal
from tools.sandbox.provider.resource import Change, Resource
from tools.sandbox.provider.templates import normalized

# DescribeStacks doesn't return these.
_AS_DECLARED = ("iamRoleArn", "onFailure", "policyBody", "policyUrl", "templateUrl")
_BODIES = ("policyBody", "templateBody")


class Stack(Resource):
    """A CloudFormation stack. Its id is its ARN."""

    kind = "aws:cloudformation/stack:Stack"
    what = "CloudFormation Stack"
    computed = frozenset({"outputs", "tagsAll"})
    optional_computed = frozenset({"parameters", "policyBody", "region", "templateBody"})
    replace_on = frozenset({"disableRollback", "name", "onFailure", "region", "timeoutInMinutes"})
    autoname = "name"

    def plan(self, aws: Aws, old: Props, new: Props) -> Props:
        """Show the template as it will be kept; any change makes the outputs unknown."""
        planned = super().plan(aws, old, new)
        for prop in _BODIES:
            planned[prop] = normalized(planned[prop])
        if old and any(planned.get(p) != old.get(p) for p in ("parameters", *_BODIES)):
            planned["outputs"] = UNKNOWN
        return planned

    def diff(self, aws: Aws, state: Props, old_inputs: Props, new: Props) -> list[Change]:
        """Templates that differ in blanks only are the same."""
        bodies = {prop: normalized(new[prop]) for prop in _BODIES if prop in new}
        return super().diff(aws, state, old_inputs, {**new, **bodies})

    def create(self, aws: Aws, inputs: Props) -> tuple[str, Props]:
        """CreateStack."""
        inputs = without_internal(inputs)
        client = aws.client("cloudformation", aws.region_of(inputs))
        name = str(inputs["name"])
        try:
            made = client.create_stack(StackName=name, **_request(aws, inputs))
        except Exception as error:
            if error_code(error) != "AlreadyExistsException":
                client.delete_stack(StackName=name)
            raise
        return str(made["StackId"]), self._found(aws, str(made["StackId"]), inputs)

    def read(self, aws: Aws, resource_id: str, state: Props) -> Props | None:
        """DescribeStacks and GetTemplate."""
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
        return {
            "id": resource_id,
            "capabilities": stack.get("Capabilities") or state.get("capabilities", []),
            "disableRollback": bool(stack.get("DisableRollback")),
            "name": stack["StackName"],
            "notificationArns": stack.get("NotificationARNs", []),
            "outputs": {o["OutputKey"]: o["OutputValue"] for o in stack.get("Outputs", [])},
            "parameters": {
                p["ParameterKey"]: p["ParameterValue"] for p in stack.get("Parameters", [])
            },
            "policyBody": "",
            "region": aws.region_of(state),
            "tags": self.own_tags(aws, tags, state),
            "tagsAll": tags,
            # boto3 makes an object of JSON, but not of YAML.
            "templateBody": normalized(body if isinstance(body, str) else json.dumps(body)),
            "timeoutInMinutes": stack.get("TimeoutInMinutes", 0),
            **{prop: normalized(state[prop]) for prop in _AS_DECLARED if state.get(prop)},
        }

    def update(self, aws: Aws, resource_id: str, old: Props, planned: Props) -> Props:
        """UpdateStack."""
        client = aws.client("cloudformation", aws.region_of(planned))
        client.update_stack(StackName=planned["name"], **_request(aws, planned))
        return self._found(aws, resource_id, planned)

    def delete(self, aws: Aws, resource_id: str, state: Props) -> None:
        """DeleteStack."""
        client = aws.client("cloudformation", aws.region_of(state))
        client.delete_stack(StackName=resource_id)

    def _found(self, aws: Aws, resource_id: str, state: Props) -> Props:
        outputs = self.read(aws, resource_id, state)
        if outputs is None:
            raise ProviderError("the stack is gone.")
        return outputs


def _request(aws: Aws, props: Props) -> dict[str, Any]:
    tags = {**aws.default_tags, **(props.get("tags") or {})}
    parameters = props.get("parameters") or {}
    request = {
        "Capabilities": props.get("capabilities"),
        "Parameters": [
            {"ParameterKey": key, "ParameterValue": str(value)} for key, value in parameters.items()
        ],
        "Tags": [{"Key": key, "Value": str(value)} for key, value in tags.items()],
    }
    # A template from a URL is kept with its body, too; the URL is what the program says.
    if props.get("templateUrl"):
        request["TemplateURL"] = props["templateUrl"]
    else:
        request["TemplateBody"] = props.get("templateBody")
    return {name: value for name, value in request.items() if value}
