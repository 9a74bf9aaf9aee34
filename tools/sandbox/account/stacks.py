"""Corrections to moto's CloudFormation, so that a stack's tables and keys are what it declares.

moto hands the properties of a template to its DynamoDB as they are, which looks for other names in
the SSESpecification; it never updates a table; and a refusal of DynamoDB isn't an answer of
CloudFormation. Left as moto has them: an update of a table changes its encryption only, and an
AWS::KMS::Key is always symmetric.

Sources: "AWS::DynamoDB::Table" and "AWS::KMS::Key" in the AWS CloudFormation User Guide.
"""

from __future__ import annotations

from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.dynamodb.models.table import Table
from moto.kms.models import Key

from tools.sandbox.account.corrections import encryption_of


def install() -> None:
    """Put the corrections in place, after those of ``corrections``."""
    # Of the function itself: as a class method it would be bound to its class already.
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
        except JsonRESTError as refusal:
            raise _refused(refusal) from refusal

    def update(
        cls: Any,  # noqa: ARG001 a class method
        original_resource: Table,
        new_resource_name: str,  # noqa: ARG001 see the module
        cloudformation_json: Any,
        account_id: str,
        region_name: str,
    ) -> Table:
        spec = _specification(cloudformation_json["Properties"])
        try:
            original_resource.sse_specification = encryption_of(account_id, region_name, spec)
        except JsonRESTError as refusal:
            raise _refused(refusal) from refusal
        return original_resource

    def create_with_policy(cls: Any, name: str, template: Any, *args: Any, **kw: Any) -> Any:
        # "If you do not specify a key policy, AWS KMS attaches a default one"; moto asks for it.
        properties = {"KeyPolicy": None, **template.get("Properties", {})}
        return create_key(cls, name, {**template, "Properties": properties}, *args, **kw)

    replacements: tuple[tuple[type, str, Any], ...] = (
        (Table, "create_from_cloudformation_json", create),
        (Table, "update_from_cloudformation_json", update),
        (Key, "create_from_cloudformation_json", create_with_policy),
    )
    for owner, name, function in replacements:
        setattr(owner, name, classmethod(function))


def _specification(properties: Any) -> dict[str, Any] | None:
    """Give a template's SSESpecification the names of the API."""
    given = properties.get("SSESpecification")
    if not given:
        return None
    enabled = given.get("SSEEnabled")
    # In YAML and in parameters a boolean may be a string.
    return {**given, "Enabled": enabled is True or str(enabled).lower() == "true"}


def _refused(refusal: JsonRESTError) -> Exception:
    # Imported here: moto's CloudFormation takes its time, and it is there by now.
    from moto.cloudformation.exceptions import ValidationError  # noqa: PLC0415

    return ValidationError(message=str(refusal.message))
