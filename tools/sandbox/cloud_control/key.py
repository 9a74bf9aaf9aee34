"""AWS::KMS::Key. Reads back whether the key is there and enabled, and whether it rotates."""

from __future__ import annotations

import json
from typing import Any

from tools.sandbox.cloud_control.handler import Handler
from tools.sandbox.provider.aws import Aws, ProviderError, error_code
from tools.sandbox.provider.properties import Props

_AS_GIVEN = ("Description", "KeySpec", "KeyUsage", "MultiRegion", "Origin")


class KeyHandler(Handler):
    """A customer managed key. Its identifier is the key id."""

    def create(self, aws: Aws, region: str, desired: Props) -> tuple[str, Props]:
        """CreateKey, then rotation and the enabled flag."""
        client: Any = aws.kms(region)
        request = {prop: desired[prop] for prop in _AS_GIVEN if prop in desired}
        if "KeyPolicy" in desired:
            request["Policy"] = _text(desired["KeyPolicy"])
        if desired.get("Tags"):
            request["Tags"] = [
                {"TagKey": tag["Key"], "TagValue": tag["Value"]} for tag in desired["Tags"]
            ]
        key_id = str(client.create_key(**request)["KeyMetadata"]["KeyId"])
        _set_flags(client, key_id, {}, desired)
        return key_id, self._found(aws, region, key_id, desired)

    def read(self, aws: Aws, region: str, identifier: str, model: Props) -> Props | None:
        """DescribeKey. A key that waits for its deletion counts as gone."""
        client: Any = aws.kms(region)
        try:
            key = client.describe_key(KeyId=identifier)["KeyMetadata"]
        except client.exceptions.NotFoundException:
            return None
        if key["KeyState"] == "PendingDeletion":
            return None
        found: Props = {"Arn": key["Arn"], "KeyId": key["KeyId"]}
        enabled = key["KeyState"] != "Disabled"
        if enabled != model.get("Enabled", True):
            found["Enabled"] = enabled
        if key["KeySpec"] == "SYMMETRIC_DEFAULT":
            rotates = client.get_key_rotation_status(KeyId=identifier)["KeyRotationEnabled"]
            if rotates != model.get("EnableKeyRotation", False):
                found["EnableKeyRotation"] = rotates
        return {**model, **found}

    def update(self, aws: Aws, region: str, identifier: str, old: Props, desired: Props) -> Props:
        """Change the flags, the description and the policy; other changes stay in the model."""
        client: Any = aws.kms(region)
        if desired.get("Description") != old.get("Description"):
            text = desired.get("Description", "")
            client.update_key_description(KeyId=identifier, Description=text)
        if desired.get("KeyPolicy") != old.get("KeyPolicy") and "KeyPolicy" in desired:
            policy = _text(desired["KeyPolicy"])
            client.put_key_policy(KeyId=identifier, PolicyName="default", Policy=policy)
        _set_flags(client, identifier, old, desired)
        return self._found(aws, region, identifier, desired)

    def delete(self, aws: Aws, region: str, identifier: str, model: Props) -> None:
        """ScheduleKeyDeletion: no key goes at once."""
        days = int(model.get("PendingWindowInDays") or 30)
        try:
            aws.kms(region).schedule_key_deletion(KeyId=identifier, PendingWindowInDays=days)
        except Exception as error:
            if error_code(error) not in ("NotFoundException", "KMSInvalidStateException"):
                raise

    def _found(self, aws: Aws, region: str, identifier: str, desired: Props) -> Props:
        model = self.read(aws, region, identifier, desired)
        if model is None:
            raise ProviderError("the key is gone.")
        return model


def _text(policy: Any) -> str:
    return policy if isinstance(policy, str) else json.dumps(policy)


def _set_flags(client: Any, key_id: str, old: Props, new: Props) -> None:
    was, now = old.get("Enabled", True), new.get("Enabled", True)
    rotated, rotates = old.get("EnableKeyRotation", False), new.get("EnableKeyRotation", False)
    # In this order, as a disabled key takes no change of its rotation.
    if now and not was:
        client.enable_key(KeyId=key_id)
    if rotates != rotated:
        (client.enable_key_rotation if rotates else client.disable_key_rotation)(KeyId=key_id)
    if was and not now:
        client.disable_key(KeyId=key_id)
