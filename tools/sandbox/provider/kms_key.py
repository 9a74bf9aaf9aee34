"""aws:kms/key:Key. Source: internal/service/kms/key.go of terraform-provider-aws."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from tools.sandbox.provider.aws import Aws, ProviderError, error_code
from tools.sandbox.provider.properties import Props, without_internal
from tools.sandbox.provider.resource import Resource


class Key(Resource):
    """A customer managed KMS key. Its id is the key id; the ARN is an output."""

    kind = "aws:kms/key:Key"
    what = "KMS Key"
    computed = frozenset({"arn", "keyId", "tagsAll"})
    optional_computed = frozenset({
        "description", "multiRegion", "policy", "region", "rotationPeriodInDays",
    })  # fmt: skip
    replace_on = frozenset({
        "customKeyStoreId", "customerMasterKeySpec", "keyUsage", "multiRegion", "region",
        "xksKeyId",
    })  # fmt: skip
    defaults: ClassVar[Mapping[str, Any]] = {
        "bypassPolicyLockoutSafetyCheck": False,
        "customerMasterKeySpec": "SYMMETRIC_DEFAULT",
        "enableKeyRotation": False,
        "isEnabled": True,
        "keyUsage": "ENCRYPT_DECRYPT",
    }
    # The API knows nothing of these; they stay as the program wrote them.
    _local = ("bypassPolicyLockoutSafetyCheck", "deletionWindowInDays", "rotationPeriodInDays")

    def create(self, aws: Aws, inputs: Props) -> tuple[str, Props]:
        """CreateKey, then rotation and the enabled flag."""
        inputs = without_internal(inputs)
        client: Any = aws.kms(aws.region_of(inputs))
        tags = {**aws.default_tags, **(inputs.get("tags") or {})}
        request = {
            "Description": inputs.get("description"),
            "KeySpec": inputs["customerMasterKeySpec"],
            "KeyUsage": inputs["keyUsage"],
            "MultiRegion": inputs.get("multiRegion"),
            "Policy": inputs.get("policy"),
            "Tags": _tag_list(tags),
        }
        made = client.create_key(**{k: v for k, v in request.items() if v not in (None, [])})
        key_id = str(made["KeyMetadata"]["KeyId"])
        # In this order, as a disabled key takes no change of its rotation.
        if inputs["enableKeyRotation"]:
            client.enable_key_rotation(KeyId=key_id)
        if not inputs["isEnabled"]:
            client.disable_key(KeyId=key_id)
        return key_id, self._found(aws, key_id, inputs)

    def read(self, aws: Aws, resource_id: str, state: Props) -> Props | None:
        """DescribeKey and its companions. A key that waits for its deletion counts as gone."""
        region = aws.region_of(state)
        client: Any = aws.kms(region)
        try:
            key = client.describe_key(KeyId=resource_id)["KeyMetadata"]
        except client.exceptions.NotFoundException:
            return None
        if key["KeyState"] == "PendingDeletion":
            return None
        key_id = key["KeyId"]
        answer = client.list_resource_tags(KeyId=key_id)
        tags = {tag["TagKey"]: tag["TagValue"] for tag in answer["Tags"]}
        symmetric = key["KeySpec"] == "SYMMETRIC_DEFAULT"
        rotates = symmetric and client.get_key_rotation_status(KeyId=key_id)["KeyRotationEnabled"]
        return {
            "id": key_id,
            "arn": key["Arn"],
            "customerMasterKeySpec": key["KeySpec"],
            "description": key.get("Description", ""),
            "enableKeyRotation": bool(rotates),
            "isEnabled": key["KeyState"] != "Disabled",
            "keyId": key_id,
            "keyUsage": key["KeyUsage"],
            "multiRegion": bool(key.get("MultiRegion")),
            "policy": client.get_key_policy(KeyId=key_id, PolicyName="default")["Policy"],
            "region": region,
            "tags": self.own_tags(aws, tags, state),
            "tagsAll": tags,
            **{prop: state[prop] for prop in self._local if prop in state},
        }

    def update(self, aws: Aws, resource_id: str, old: Props, planned: Props) -> Props:
        """Send one call for each property that differs."""
        client: Any = aws.kms(aws.region_of(planned))
        key = {"KeyId": resource_id}

        def changed(prop: str) -> bool:
            return prop in planned and planned[prop] != old.get(prop)

        if changed("isEnabled") and planned["isEnabled"]:
            client.enable_key(**key)
        if changed("enableKeyRotation") and planned["enableKeyRotation"]:
            client.enable_key_rotation(**key)
        elif changed("enableKeyRotation"):
            client.disable_key_rotation(**key)
        if changed("description"):
            client.update_key_description(**key, Description=planned["description"] or "")
        if changed("policy") and planned["policy"]:
            client.put_key_policy(**key, PolicyName="default", Policy=planned["policy"])
        was, now = old.get("tagsAll") or {}, planned.get("tagsAll") or {}
        if gone := sorted(was.keys() - now.keys()):
            client.untag_resource(**key, TagKeys=gone)
        if new := {k: v for k, v in now.items() if was.get(k) != v}:
            client.tag_resource(**key, Tags=_tag_list(new))
        if changed("isEnabled") and not planned["isEnabled"]:
            client.disable_key(**key)
        return self._found(aws, resource_id, planned)

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

    def _found(self, aws: Aws, key_id: str, state: Props) -> Props:
        outputs = self.read(aws, key_id, state)
        if outputs is None:
            raise ProviderError("the key is gone.")
        return outputs


def _tag_list(tags: Props) -> list[dict[str, str]]:
    return [{"TagKey": str(key), "TagValue": str(value)} for key, value in tags.items()]
