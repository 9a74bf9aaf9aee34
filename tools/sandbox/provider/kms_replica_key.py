"""aws:kms/replicaKey:ReplicaKey.

Source: internal/service/kms/replica_key.go of terraform-provider-aws. The account's
replica is a copy of the primary key as it is at that moment. Of the properties that are the
replica's own only the enabled flag reaches it; the others stay in the state.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from tools.sandbox.provider.aws import Aws, error_code
from tools.sandbox.provider.properties import Props, without_internal
from tools.sandbox.provider.resource import Failure, Resource, valid_arn

_LOCAL = (
    "bypassPolicyLockoutSafetyCheck", "deletionWindowInDays", "description", "policy",
    "primaryKeyArn", "tags", "tagsAll",
)  # fmt: skip


class ReplicaKey(Resource):
    """A multi-Region key in another Region than its primary. Both have the same key id."""

    kind = "aws:kms/replicaKey:ReplicaKey"
    what = "KMS Replica Key"
    required = frozenset({"primaryKeyArn"})
    computed = frozenset({
        "arn", "keyId", "keyRotationEnabled", "keySpec", "keyUsage", "tagsAll",
    })  # fmt: skip
    optional_computed = frozenset({"policy", "region"})
    replace_on = frozenset({"primaryKeyArn", "region"})
    defaults: ClassVar[Mapping[str, Any]] = {
        "bypassPolicyLockoutSafetyCheck": False,
        "enabled": True,
    }

    def check_values(self, inputs: Props) -> list[Failure]:
        """Refuse a primary key that isn't an ARN."""
        given = inputs.get("primaryKeyArn", "")
        if valid_arn(given):
            return []
        return [Failure("primaryKeyArn", f'"primaryKeyArn" ({given}) is an invalid ARN')]

    def create(self, aws: Aws, inputs: Props) -> tuple[str, Props]:
        """ReplicateKey, called in the primary's Region."""
        inputs = without_internal(inputs)
        region = aws.region_of(inputs)
        _, _, _, home, _, resource = str(inputs["primaryKeyArn"]).split(":", 5)
        key_id = resource.removeprefix("key/")
        aws.kms(home).replicate_key(KeyId=key_id, ReplicaRegion=region)
        if not inputs["enabled"]:
            aws.kms(region).disable_key(KeyId=key_id)
        state = {**inputs, "tagsAll": {**aws.default_tags, **(inputs.get("tags") or {})}}
        return key_id, self.read(aws, key_id, state) or {}

    def read(self, aws: Aws, resource_id: str, state: Props) -> Props | None:
        """DescribeKey. A key that waits for its deletion counts as gone."""
        region = aws.region_of(state)
        client: Any = aws.kms(region)
        try:
            key = client.describe_key(KeyId=resource_id)["KeyMetadata"]
        except client.exceptions.NotFoundException:
            return None
        if key["KeyState"] == "PendingDeletion":
            return None
        policy = client.get_key_policy(KeyId=resource_id, PolicyName="default")["Policy"]
        return {
            "id": resource_id,
            "arn": key["Arn"],
            "enabled": key["KeyState"] != "Disabled",
            "keyId": key["KeyId"],
            "keyRotationEnabled": False,
            "keySpec": key["KeySpec"],
            "keyUsage": key["KeyUsage"],
            "policy": policy,
            "region": region,
            **{prop: state[prop] for prop in _LOCAL if prop in state},
        }

    def update(self, aws: Aws, resource_id: str, old: Props, planned: Props) -> Props:
        """Enable or disable the key."""
        client = aws.kms(aws.region_of(planned))
        if planned.get("enabled") != old.get("enabled"):
            (client.enable_key if planned.get("enabled") else client.disable_key)(KeyId=resource_id)
        return self.read(aws, resource_id, planned) or {}

    def delete(self, aws: Aws, resource_id: str, state: Props) -> None:
        """ScheduleKeyDeletion: no key goes at once."""
        days = int(state.get("deletionWindowInDays") or 30)
        try:
            aws.kms(aws.region_of(state)).schedule_key_deletion(
                KeyId=resource_id, PendingWindowInDays=days
            )
        except Exception as error:
            if error_code(error) not in ("NotFoundException", "KMSInvalidStateException"):
                raise
