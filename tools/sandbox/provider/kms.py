"""Calls of the AWS KMS API that several stand-ins make."""

from __future__ import annotations

import base64
from typing import Any, NamedTuple

from tools.sandbox.provider.aws import ignoring
from tools.sandbox.provider.properties import Props


class KeyFlags(NamedTuple):
    """Whether a key is enabled and whether AWS rotates it. The defaults are those of CreateKey."""

    enabled: bool = True
    rotates: bool = False


def describe_key(client: Any, key_id: str) -> dict[str, Any] | None:
    """Return a key's metadata, None if it doesn't exist or is scheduled for deletion."""
    try:
        key: dict[str, Any] = client.describe_key(KeyId=key_id)["KeyMetadata"]
    except client.exceptions.NotFoundException:
        return None
    return None if key["KeyState"] == "PendingDeletion" else key


def rotates(client: Any, key: dict[str, Any]) -> bool:
    """Return whether automatic rotation is on; only symmetric keys can have it."""
    if key["KeySpec"] != "SYMMETRIC_DEFAULT":
        return False
    return bool(client.get_key_rotation_status(KeyId=key["KeyId"])["KeyRotationEnabled"])


def set_flags(client: Any, key_id: str, old: KeyFlags, new: KeyFlags) -> None:
    """Change a key's flags from the old ones to the new ones."""
    # In this order, as the rotation of a disabled key can't be changed.
    if new.enabled and not old.enabled:
        client.enable_key(KeyId=key_id)
    if new.rotates != old.rotates:
        (client.enable_key_rotation if new.rotates else client.disable_key_rotation)(KeyId=key_id)
    if old.enabled and not new.enabled:
        client.disable_key(KeyId=key_id)


def import_material(client: Any, key_id: str, material: str, valid_to: str | None) -> None:
    """Import the material of a key of origin EXTERNAL, without encrypting it."""
    token = client.get_parameters_for_import(
        KeyId=key_id, WrappingAlgorithm="RSAES_OAEP_SHA_256", WrappingKeySpec="RSA_2048"
    )["ImportToken"]
    expiry: Props = {"ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"}
    if valid_to:
        expiry = {"ExpirationModel": "KEY_MATERIAL_EXPIRES", "ValidTo": valid_to}
    encrypted = base64.b64decode(material)
    client.import_key_material(
        KeyId=key_id, ImportToken=token, EncryptedKeyMaterial=encrypted, **expiry
    )


def schedule_deletion(client: Any, key_id: str, days: int | None) -> None:
    """Schedule the deletion of a key, as KMS deletes no key at once."""
    with ignoring("NotFoundException", "KMSInvalidStateException"):
        client.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=int(days or 30))


def find_alias(client: Any, name: str) -> dict[str, Any] | None:
    """Return an alias from ListAliases, as the API can't describe a single alias."""
    aliases: list[dict[str, Any]] = client.list_aliases()["Aliases"]
    return next((a for a in aliases if a["AliasName"] == name and "TargetKeyId" in a), None)


def delete_alias(client: Any, name: str) -> None:
    """Delete an alias."""
    with ignoring("NotFoundException"):
        client.delete_alias(AliasName=name)


def tag_list(tags: Props) -> list[dict[str, str]]:
    """Return tags in the form of the KMS API."""
    return [{"TagKey": str(key), "TagValue": str(value)} for key, value in tags.items()]
