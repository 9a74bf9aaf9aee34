"""AWS::KMS::Alias. Only the existence of the alias and its key are read back.

Source: "AWS::KMS::Alias" in the AWS CloudFormation Template Reference.
"""

# Overrides keep the arguments of the methods that they override.
# ruff: noqa: ARG002

from __future__ import annotations

from tools.sandbox.cloud_control.handler import Handler
from tools.sandbox.provider import kms
from tools.sandbox.provider.aws import Aws
from tools.sandbox.provider.properties import Props


class AliasHandler(Handler):
    """An alias of a key. Its identifier is its name."""

    def create(self, aws: Aws, region: str, desired: Props) -> tuple[str, Props]:
        """Call CreateAlias."""
        name = str(desired["AliasName"])
        aws.kms(region).create_alias(AliasName=name, TargetKeyId=str(desired["TargetKeyId"]))
        return name, desired

    def read(self, aws: Aws, region: str, identifier: str, model: Props) -> Props | None:
        """Call ListAliases. The key keeps its form (id or ARN) as long as it is the same key."""
        alias = kms.find_alias(aws.kms(region), identifier)
        if alias is None:
            return None
        key = alias["TargetKeyId"]
        if str(model.get("TargetKeyId")).rsplit("/", 1)[-1] == key:
            key = model["TargetKeyId"]
        return {**model, "AliasName": identifier, "TargetKeyId": key}

    def update(self, aws: Aws, region: str, identifier: str, old: Props, desired: Props) -> Props:
        """Call UpdateAlias."""
        aws.kms(region).update_alias(AliasName=identifier, TargetKeyId=str(desired["TargetKeyId"]))
        return desired

    def delete(self, aws: Aws, region: str, identifier: str, model: Props) -> None:
        """Call DeleteAlias."""
        kms.delete_alias(aws.kms(region), identifier)
