"""AWS::KMS::Key. Only the key's existence, its enabled flag and its rotation are read back.

Source: "AWS::KMS::Key" in the AWS CloudFormation Template Reference.
"""

from __future__ import annotations

import json
from typing import Any

from tools.sandbox.cloud_control.handler import Handler
from tools.sandbox.provider import kms
from tools.sandbox.provider.aws import Aws
from tools.sandbox.provider.kms import KeyFlags
from tools.sandbox.provider.properties import Props

_AS_DECLARED = ("Description", "KeySpec", "KeyUsage", "MultiRegion", "Origin")


class KeyHandler(Handler):
    """A customer managed key. Its identifier is the key id."""

    def create(self, aws: Aws, region: str, desired: Props) -> tuple[str, Props]:
        """Call CreateKey, then set the flags."""
        client: Any = aws.kms(region)
        request = {prop: desired[prop] for prop in _AS_DECLARED if prop in desired}
        if "KeyPolicy" in desired:
            request["Policy"] = _text(desired["KeyPolicy"])
        if desired.get("Tags"):
            request["Tags"] = kms.tag_list({tag["Key"]: tag["Value"] for tag in desired["Tags"]})
        key_id = str(client.create_key(**request)["KeyMetadata"]["KeyId"])
        kms.set_flags(client, key_id, KeyFlags(), _flags(desired))
        return key_id, self.read_back(aws, region, key_id, desired)

    def read(self, aws: Aws, region: str, identifier: str, model: Props) -> Props | None:
        """Call DescribeKey. The model has a flag only if it is declared or has drifted."""
        client: Any = aws.kms(region)
        key = kms.describe_key(client, identifier)
        if key is None:
            return None
        current: Props = {"Arn": key["Arn"], "KeyId": key["KeyId"]}
        flags = KeyFlags(key["KeyState"] != "Disabled", kms.rotates(client, key))
        if flags.enabled != _flags(model).enabled:
            current["Enabled"] = flags.enabled
        if flags.rotates != _flags(model).rotates:
            current["EnableKeyRotation"] = flags.rotates
        return {**model, **current}

    def update(self, aws: Aws, region: str, identifier: str, old: Props, desired: Props) -> Props:
        """Update the flags, the description and the policy; other changes stay in the model."""
        client: Any = aws.kms(region)
        if desired.get("Description") != old.get("Description"):
            text = desired.get("Description", "")
            client.update_key_description(KeyId=identifier, Description=text)
        if desired.get("KeyPolicy") != old.get("KeyPolicy") and "KeyPolicy" in desired:
            policy = _text(desired["KeyPolicy"])
            client.put_key_policy(KeyId=identifier, PolicyName="default", Policy=policy)
        kms.set_flags(client, identifier, _flags(old), _flags(desired))
        return self.read_back(aws, region, identifier, desired)

    def delete(self, aws: Aws, region: str, identifier: str, model: Props) -> None:
        """Schedule the deletion."""
        kms.schedule_deletion(aws.kms(region), identifier, model.get("PendingWindowInDays"))


def _text(policy: Any) -> str:
    return policy if isinstance(policy, str) else json.dumps(policy)


def _flags(model: Props) -> KeyFlags:
    return KeyFlags(model.get("Enabled", True), model.get("EnableKeyRotation", False))
