"""aws:kms/alias:Alias, another name of a KMS key.

Source: internal/service/kms/alias.go of terraform-provider-aws.
"""

# Overrides keep the arguments of the methods that they override.
# ruff: noqa: ARG002

from __future__ import annotations

from tools.sandbox.provider import kms
from tools.sandbox.provider.aws import Aws
from tools.sandbox.provider.properties import Props, has_unknown
from tools.sandbox.provider.resource import Change, Failure, Resource


class Alias(Resource):
    """An alias. Its id is its name."""

    resource_type = "aws:kms/alias:Alias"
    title = "KMS Alias"
    required = frozenset({"targetKeyId"})
    computed = frozenset({"arn", "targetKeyArn"})
    optional_computed = frozenset({"region"})
    replace_on = frozenset({"name", "region"})
    autoname = "name"
    autoname_prefix = "alias/"
    name_prefix = "namePrefix"

    def check_values(self, inputs: Props) -> list[Failure]:
        """Reject names that don't begin with alias/, and names that AWS reserves."""
        name = inputs.get("name")
        if has_unknown(name):
            return []
        if not str(name).startswith("alias/") or str(name).startswith("alias/aws/"):
            reason = f'"name" ({name}) must begin with "alias/" and not with "alias/aws/"'
            return [Failure("name", reason)]
        return []

    def diff(self, aws: Aws, state: Props, old_inputs: Props, new: Props) -> list[Change]:
        """Compare keys by their id (suppressEquivalentKeyARNOrID)."""
        if str(new.get("targetKeyId")).rsplit("/", 1)[-1] == state.get("targetKeyId"):
            new = {**new, "targetKeyId": state["targetKeyId"]}
        return super().diff(aws, state, old_inputs, new)

    def create(self, aws: Aws, inputs: Props) -> tuple[str, Props]:
        """Call CreateAlias."""
        name, key = str(inputs["name"]), str(inputs["targetKeyId"])
        aws.kms(aws.region_of(inputs)).create_alias(AliasName=name, TargetKeyId=key)
        return name, self.read_back(aws, name, inputs)

    def read(self, aws: Aws, resource_id: str, state: Props) -> Props | None:
        """Call ListAliases."""
        region = aws.region_of(state)
        alias = kms.find_alias(aws.kms(region), resource_id)
        if alias is None:
            return None
        prefix = alias["AliasArn"].split(":alias/")[0]
        return {
            "id": resource_id,
            "arn": alias["AliasArn"],
            "name": resource_id,
            "region": region,
            "targetKeyArn": f"{prefix}:key/{alias['TargetKeyId']}",
            "targetKeyId": alias["TargetKeyId"],
            **({"namePrefix": state["namePrefix"]} if "namePrefix" in state else {}),
        }

    def update(self, aws: Aws, resource_id: str, old: Props, planned: Props) -> Props:
        """Call UpdateAlias, as only the key can change in place."""
        key = str(planned["targetKeyId"])
        aws.kms(aws.region_of(planned)).update_alias(AliasName=resource_id, TargetKeyId=key)
        return self.read_back(aws, resource_id, planned)

    def delete(self, aws: Aws, resource_id: str, state: Props) -> None:
        """Call DeleteAlias."""
        kms.delete_alias(aws.kms(aws.region_of(state)), resource_id)
