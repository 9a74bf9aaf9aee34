"""Correct moto's CloudFormation, so that a stack's tables and keys are as its template declares.

Its tables get the tags that AWS sets on them, and only AWS can set such tags.

moto ignores the encryption in a template, as DynamoDB's API names its properties differently. It
doesn't update tables, and an error of DynamoDB isn't an error of CloudFormation. It shows the
values of NoEcho parameters. Left out: updates of a table except for its encryption, and asymmetric
keys.

Source: "AWS::DynamoDB::Table", "AWS::KMS::Key", "Parameters" (NoEcho) and "Resource tag" in the AWS
CloudFormation User Guide; "Tagging restrictions in DynamoDB" in the DynamoDB Developer Guide.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.dynamodb.exceptions import MockValidationException
from moto.dynamodb.models.table import Table
from moto.dynamodb.responses import DynamoHandler
from moto.kms.models import Key

from tools.sandbox.account.corrections import encryption_of, replace


def install() -> None:
    """Install the corrections, after those of `corrections`."""
    # The functions, as the class methods are bound to their class.
    create_table = vars(Table)["create_from_cloudformation_json"].__func__
    create_key = vars(Key)["create_from_cloudformation_json"].__func__

    def create(
        cls: Any, resource_name: str, cloudformation_json: Any, *args: Any, **kw: Any
    ) -> Any:
        properties = dict(cloudformation_json["Properties"])
        properties["SSESpecification"] = _specification(properties)
        properties["Tags"] = [*(properties.get("Tags") or ()), *_tags_of(kw)]
        template = {**cloudformation_json, "Properties": properties}
        try:
            return create_table(cls, resource_name, template, *args, **kw)
        except JsonRESTError as error:
            raise _stack_error(error) from error

    def update(
        cls: Any,  # noqa: ARG001 moto's signature
        original_resource: Table,
        new_resource_name: str,  # noqa: ARG001 moto's signature
        cloudformation_json: Any,
        account_id: str,
        region_name: str,
    ) -> Table:
        spec = _specification(cloudformation_json["Properties"])
        try:
            original_resource.sse_specification = encryption_of(account_id, region_name, spec)
        except JsonRESTError as error:
            raise _stack_error(error) from error
        return original_resource

    def create_with_policy(cls: Any, name: str, template: Any, *args: Any, **kw: Any) -> Any:
        # The key policy is optional in AWS, and required in moto.
        properties = {"KeyPolicy": None, **template.get("Properties", {})}
        return create_key(cls, name, {**template, "Properties": properties}, *args, **kw)

    for operation in ("create_table", "tag_resource"):
        replace(DynamoHandler, operation, _without_system_tags(getattr(DynamoHandler, operation)))
    replace(Table, "create_from_cloudformation_json", classmethod(create))
    replace(Table, "update_from_cloudformation_json", classmethod(update))
    replace(Key, "create_from_cloudformation_json", classmethod(create_with_policy))


def _tags_of(resource: dict[str, Any]) -> list[dict[str, str]]:
    """Return the tags that AWS sets on a resource of a stack."""
    stack = str(resource["StackId"])
    tags = {
        "stack-name": stack.split("/")[1],
        "stack-id": stack,
        "logical-id": resource["LogicalId"],
    }
    return [{"Key": f"aws:cloudformation:{key}", "Value": value} for key, value in tags.items()]


def _without_system_tags(operation: Callable[[DynamoHandler], Any]) -> Callable[..., Any]:
    """Let an operation of DynamoDB refuse the tags that only AWS can set."""

    def call(self: DynamoHandler) -> Any:
        for tag in self.body.get("Tags") or ():
            if str(tag["Key"]).lower().startswith("aws:"):
                raise MockValidationException("Tag keys starting with 'aws:' are reserved.")
        return operation(self)

    return call


def hide_parameters() -> None:
    """Let DescribeStacks show no value of a NoEcho parameter.

    `install` leaves this out, as moto's CloudFormation is slow to import.
    """
    from moto.cloudformation.models import Stack  # noqa: PLC0415

    replace(Stack, "parameter_list", property(_shown_parameters))


def _shown_parameters(stack: Any) -> list[dict[str, Any]]:
    """Return a stack's parameters as DescribeStacks shows them."""
    declared = stack.template_dict.get("Parameters", {})
    return [
        {
            "ParameterKey": name,
            "ParameterValue": "****" if is_hidden(declared.get(name)) else value,
        }
        for name, value in stack.resource_map.resolved_parameters.items()
    ]


def is_hidden(parameter: Any) -> bool:
    """Return whether a template declares a parameter as NoEcho."""
    return isinstance(parameter, dict) and str(parameter.get("NoEcho")).lower() == "true"


def _specification(properties: Any) -> dict[str, Any] | None:
    """Return a template's SSESpecification with the property names of the API."""
    declared = properties.get("SSESpecification")
    if not declared:
        return None
    enabled = declared.get("SSEEnabled")
    # In YAML and in parameters, a boolean can be a string.
    return {**declared, "Enabled": enabled is True or str(enabled).lower() == "true"}


def _stack_error(error: JsonRESTError) -> Exception:
    # moto's CloudFormation is slow to import, and is imported with the first stack.
    from moto.cloudformation.exceptions import ValidationError  # noqa: PLC0415

    return ValidationError(message=str(error.message))
