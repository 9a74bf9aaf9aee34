"""aws:kms/alias:Alias. Source: internal/service/kms/alias.go of terraform-provider-aws."""

# Not every type needs all that a method is given.
# ruff: noqa: ARG002

from __future__ import annotations

from typing import Any

from tools.sandbox.provider.aws import Aws, ProviderError, error_code
from tools.sandbox.provider.properties import Props, has_unknown
from tools.sandbox.provider.resource import Failure, Resource


class Alias(Resource):
    """Another name of a KMS key. Its id is its name."""

    kind = "aws:kms/alias:Alias"
    what = "KMS Alias"
    required = frozenset({"targetKeyId"})
    computed = frozenset({"arn", "targetKeyArn"})
    optional_computed = frozenset({"region"})
    replace_on = frozenset({"name", "region"})
    autoname = "name"
    autoname_prefix = "alias/"
    name_prefix = "namePrefix"

    def check_values(self, inputs: Props) -> list[Failure]:
        """Refuse names that AWS keeps for itself or that aren't alias names."""
        name = inputs.get("name")
        if has_unknown(name):
            return []
        if not str(name).startswith("alias/") or str(name).startswith("alias/aws/"):
            reason = f'"name" ({name}) must begin with "alias/" and not with "alias/aws/"'
            return [Failure("name", reason)]
        return []

    def diff(self, aws: Aws, state: Props, old_inputs: Props, new: Props) -> Any:
        """A key is the same key by its id and by its ARN (suppressEquivalentKeyARNOrID)."""
        if str(new.get("targetKeyId")).rsplit("/", 1)[-1] == state.get("targetKeyId"):
            new = {**new, "targetKeyId": state["targetKeyId"]}
        return super().diff(aws, state, old_inputs, new)

    def create(self, aws: Aws, inputs: Props) -> tuple[str, Props]:
        """CreateAlias."""
        name = str(inputs["name"])
        aws.kms(aws.region_of(inputs)).create_alias(
            AliasName=name, TargetKeyId=str(inputs["targetKeyId"])
        )
        return name, self._found(aws, name, inputs)

    def read(self, aws: Aws, resource_id: str, state: Props) -> Props | None:
        """Find the alias in ListAliases, which is all that the API has for it."""
        region = aws.region_of(state)
        for alias in aws.kms(region).list_aliases()["Aliases"]:
            if alias["AliasName"] == resource_id and "TargetKeyId" in alias:
                start = alias["AliasArn"].split(":alias/")[0]
                return {
                    "id": resource_id,
                    "arn": alias["AliasArn"],
                    "name": resource_id,
                    "region": region,
                    "targetKeyArn": f"{start}:key/{alias['TargetKeyId']}",
                    "targetKeyId": alias["TargetKeyId"],
                    **({"namePrefix": state["namePrefix"]} if "namePrefix" in state else {}),
                }
        return None

    def update(self, aws: Aws, resource_id: str, old: Props, planned: Props) -> Props:
        """UpdateAlias: the only thing that can change in place is the key."""
        aws.kms(aws.region_of(planned)).update_alias(
            AliasName=resource_id, TargetKeyId=str(planned["targetKeyId"])
        )
        return self._found(aws, resource_id, planned)

    def delete(self, aws: Aws, resource_id: str, state: Props) -> None:
        """DeleteAlias."""
        try:
            aws.kms(aws.region_of(state)).delete_alias(AliasName=resource_id)
        except Exception as error:
            if error_code(error) != "NotFoundException":
                raise

    def _found(self, aws: Aws, name: str, state: Props) -> Props:
        outputs = self.read(aws, name, state)
        if outputs is None:
            raise ProviderError("the alias is gone.")
        return outputs
