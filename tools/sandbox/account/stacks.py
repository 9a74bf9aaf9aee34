"""Correct moto's CloudFormation, so that a stack's tables and keys are as its template declares.

moto ignores the encryption in a template, as DynamoDB's API names its properties differently. It
doesn't update tables, and an error of DynamoDB isn't an error of CloudFormation. It shows the
values of NoEcho parameters. Left out: updates of a table except for its encryption, and asymmetric
keys.

Source: "AWS::DynamoDB::Table", "AWS::KMS::Key" and "Parameters" (NoEcho) in the AWS CloudFormation
User Guide.
"""

from __future__ import annotations

from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.dynamodb.models.table import Table
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

    replace(Table, "create_from_cloudformation_json", classmethod(create))
    replace(Table, "update_from_cloudformation_json", classmethod(update))
    replace(Key, "create_from_cloudformation_json", classmethod(create_with_policy))


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
