"""aws:kms/externalKey:ExternalKey, a key whose material is imported.

Source: internal/service/kms/external_key.go of terraform-provider-aws. The account doesn't import:
a key with material is an ordinary one there, a key that still waits for it a disabled one. It
reads back whether the key is enabled, and no other drift.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from tools.sandbox.provider.aws import Aws, error_code
from tools.sandbox.provider.properties import UNKNOWN, Props, without_internal
from tools.sandbox.provider.resource import Resource

_LOCAL = (
    "bypassPolicyLockoutSafetyCheck", "deletionWindowInDays", "description", "keyMaterialBase64",
    "multiRegion", "policy", "tags", "tagsAll", "validTo",
)  # fmt: skip


class ExternalKey(Resource):
    """A KMS key of origin EXTERNAL. Its id is the key id."""

    kind = "aws:kms/externalKey:ExternalKey"
    what = "KMS External Key"
    computed = frozenset({"arn", "expirationModel", "keyState", "tagsAll"})
    optional_computed = frozenset({
        "enabled", "keySpec", "keyUsage", "multiRegion", "policy", "region",
    })  # fmt: skip
    replace_on = frozenset({"keyMaterialBase64", "keySpec", "keyUsage", "multiRegion", "region"})
    defaults: ClassVar[Mapping[str, Any]] = {
        "bypassPolicyLockoutSafetyCheck": False,
        "deletionWindowInDays": 30,
    }

    def plan(self, aws: Aws, old: Props, new: Props) -> Props:
        """Switching a key on or off makes its state unknown."""
        planned = super().plan(aws, old, new)
        if planned.get("enabled") != old.get("enabled"):
            planned["keyState"] = UNKNOWN
        return planned

    def create(self, aws: Aws, inputs: Props) -> tuple[str, Props]:
        """CreateKey with the origin EXTERNAL."""
        inputs = without_internal(inputs)
        client: Any = aws.kms(aws.region_of(inputs))
        tags = {**aws.default_tags, **(inputs.get("tags") or {})}
        request = {
            "Description": inputs.get("description"),
            "KeySpec": inputs.get("keySpec"),
            "KeyUsage": inputs.get("keyUsage"),
            "MultiRegion": inputs.get("multiRegion"),
            "Policy": inputs.get("policy"),
            "Tags": [{"TagKey": k, "TagValue": str(v)} for k, v in tags.items()],
        }
        given = {k: v for k, v in request.items() if v not in (None, [])}
        key_id = str(client.create_key(Origin="EXTERNAL", **given)["KeyMetadata"]["KeyId"])
        if not inputs.get("keyMaterialBase64") or inputs.get("enabled") is False:
            client.disable_key(KeyId=key_id)
        return key_id, self.read(aws, key_id, {**inputs, "tagsAll": tags}) or {}

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
        material = state.get("keyMaterialBase64")
        expires = "KEY_MATERIAL_EXPIRES" if state.get("validTo") else "KEY_MATERIAL_DOES_NOT_EXPIRE"
        return {
            "id": resource_id,
            "arn": key["Arn"],
            "enabled": key["KeyState"] == "Enabled",
            "expirationModel": expires if material else "",
            "keySpec": key["KeySpec"],
            "keyState": key["KeyState"] if material else "PendingImport",
            "keyUsage": key["KeyUsage"],
            "multiRegion": bool(key.get("MultiRegion")),
            "policy": client.get_key_policy(KeyId=resource_id, PolicyName="default")["Policy"],
            "region": region,
            **{prop: state[prop] for prop in _LOCAL if prop in state},
        }

    def update(self, aws: Aws, resource_id: str, old: Props, planned: Props) -> Props:
        """Enable or disable the key."""
        client = aws.kms(aws.region_of(planned))
        wanted = planned.get("enabled")
        if wanted != old.get("enabled") and planned.get("keyMaterialBase64"):
            (client.enable_key if wanted else client.disable_key)(KeyId=resource_id)
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
