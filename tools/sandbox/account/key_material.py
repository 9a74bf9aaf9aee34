"""Add keys whose material is imported (origin EXTERNAL), which moto lacks.

Such a key is disabled and pending import until ImportKeyMaterial, and after
DeleteImportedKeyMaterial. A replica of it needs its own import. Left out: the encryption of the
material, import tokens, and the expiry of the material.

Source: "ImportKeyMaterial", "DeleteImportedKeyMaterial", "GetParametersForImport" and "KeyMetadata"
in the AWS KMS API Reference, and "Importing key material" in the AWS KMS Developer Guide.
"""

from __future__ import annotations

import base64
import json
import time
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.kms.models import Key, KmsBackend
from moto.kms.responses import KmsResponse

from tools.sandbox.account.corrections import replace

PENDING = "PendingImport"
_DAY = 86_400


def install() -> None:
    """Install the corrections, after those of `corrections`."""
    create_key = KmsBackend.create_key
    replicate_key = KmsBackend.replicate_key
    enable_key = KmsBackend.enable_key
    disable_key = KmsBackend.disable_key
    to_dict = Key.to_dict

    def create(self: KmsBackend, *args: Any, **kwargs: Any) -> Key:
        key = create_key(self, *args, **kwargs)
        return _pending(key) if key.origin == "EXTERNAL" else key

    def replicate(self: KmsBackend, key_id: str, replica_region: str) -> Key:
        key = replicate_key(self, key_id, replica_region)
        return _pending(key) if key.origin == "EXTERNAL" else key

    def enable(self: KmsBackend, key_id: str) -> None:
        _reject_pending(self.keys[self.get_key_id(key_id)])
        enable_key(self, key_id)

    def disable(self: KmsBackend, key_id: str) -> None:
        _reject_pending(self.keys[self.get_key_id(key_id)])
        disable_key(self, key_id)

    def describe(self: Key) -> dict[str, Any]:
        described = to_dict(self)
        described["KeyMetadata"] |= vars(self).get("sandbox_material", {})
        return described

    def get_parameters(self: KmsResponse) -> str:
        anything = base64.b64encode(b"sandbox").decode()
        return json.dumps({
            "KeyId": _key(self).arn, "ImportToken": anything, "PublicKey": anything,
            "ParametersValidTo": time.time() + _DAY,
        })  # fmt: skip

    def import_material(self: KmsResponse) -> str:
        key = _key(self)
        model = self._get_param("ExpirationModel") or "KEY_MATERIAL_EXPIRES"
        material = {"ExpirationModel": model, "ValidTo": self._get_param("ValidTo")}
        vars(key)["sandbox_material"] = {k: v for k, v in material.items() if v is not None}
        if key.key_state == PENDING:
            key.key_state, key.enabled = "Enabled", True
        return json.dumps({"KeyId": key.arn})

    def delete_material(self: KmsResponse) -> str:
        key = _key(self)
        if key.origin == "EXTERNAL":
            _pending(key)
        return json.dumps({"KeyId": key.arn})

    replace(KmsBackend, "create_key", create)
    replace(KmsBackend, "replicate_key", replicate)
    replace(KmsBackend, "enable_key", enable)
    replace(KmsBackend, "disable_key", disable)
    replace(Key, "to_dict", describe)
    replace(KmsResponse, "get_parameters_for_import", get_parameters)
    replace(KmsResponse, "import_key_material", import_material)
    replace(KmsResponse, "delete_imported_key_material", delete_material)


def _pending(key: Key) -> Key:
    key.key_state, key.enabled = PENDING, False
    vars(key).pop("sandbox_material", None)
    return key


def _reject_pending(key: Key) -> None:
    if key.key_state == PENDING:
        raise JsonRESTError("KMSInvalidStateException", f"{key.arn} is pending import.")


def _key(response: KmsResponse) -> Key:
    backend = response.kms_backend
    return backend.keys[backend.get_key_id(response._get_param("KeyId"))]
