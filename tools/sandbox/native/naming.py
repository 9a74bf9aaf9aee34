"""Convert property names between CloudFormation and pulumi-aws-native.

Left out: the special names of types that have no stand-in.

Source: provider/pkg/naming/{convert,naming}.go of pulumi-aws-native.
"""

from __future__ import annotations

from typing import Any

_SPECIAL = {
    "kmsMasterKeyId": "KMSMasterKeyId",
    "sseEnabled": "SSEEnabled",
    "sseSpecification": "SSESpecification",
    "sseType": "SSEType",
}
_SPECIAL_BACK = {cfn: sdk for sdk, cfn in _SPECIAL.items()}
# Documents whose property names aren't those of a resource.
_DOCUMENTS = frozenset({"keyPolicy", "policyDocument", "templateBody"})


def to_cfn(value: Any) -> Any:
    """Return a value with CloudFormation's property names, at any depth."""
    if isinstance(value, dict):
        return {
            _SPECIAL.get(k) or k[:1].upper() + k[1:]: v if k in _DOCUMENTS else to_cfn(v)
            for k, v in value.items()
        }
    return [to_cfn(item) for item in value] if isinstance(value, list) else value


def to_sdk(value: Any) -> Any:
    """Return a model with Pulumi's property names, at any depth."""
    if isinstance(value, dict):
        named = [(_SPECIAL_BACK.get(k) or k[:1].lower() + k[1:], v) for k, v in value.items()]
        return {k: v if k in _DOCUMENTS else to_sdk(v) for k, v in named}
    return [to_sdk(item) for item in value] if isinstance(value, list) else value
