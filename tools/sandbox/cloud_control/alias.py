"""AWS::KMS::Alias. Reads back whether the alias is there, and its key."""

# Not every handler needs all that a method is given.
# ruff: noqa: ARG002

from __future__ import annotations

from tools.sandbox.cloud_control.handler import Handler
from tools.sandbox.provider.aws import Aws, error_code
from tools.sandbox.provider.properties import Props


class AliasHandler(Handler):
    """An alias of a key. Its identifier is its name."""

    def create(self, aws: Aws, region: str, desired: Props) -> tuple[str, Props]:
        """CreateAlias."""
        name = str(desired["AliasName"])
        aws.kms(region).create_alias(AliasName=name, TargetKeyId=str(desired["TargetKeyId"]))
        return name, desired

    def read(self, aws: Aws, region: str, identifier: str, model: Props) -> Props | None:
        """Find the alias in ListAliases; a key that is the same keeps its spelling."""
        for alias in aws.kms(region).list_aliases()["Aliases"]:
            if alias["AliasName"] == identifier and "TargetKeyId" in alias:
                key = alias["TargetKeyId"]
                same = str(model.get("TargetKeyId")).rsplit("/", 1)[-1] == key
                kept = model["TargetKeyId"] if same else key
                return {**model, "AliasName": identifier, "TargetKeyId": kept}
        return None

    def update(self, aws: Aws, region: str, identifier: str, old: Props, desired: Props) -> Props:
        """UpdateAlias."""
        aws.kms(region).update_alias(AliasName=identifier, TargetKeyId=str(desired["TargetKeyId"]))
        return desired

    def delete(self, aws: Aws, region: str, identifier: str, model: Props) -> None:
        """DeleteAlias."""
        try:
            aws.kms(region).delete_alias(AliasName=identifier)
        except Exception as error:
            if error_code(error) != "NotFoundException":
                raise
