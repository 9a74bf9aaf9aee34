"""The names of CloudFormation's properties and those that pulumi-aws-native makes of them."""

from __future__ import annotations

from typing import Any

_SPECIAL = {
    "kmsMasterKeyId": "KMSMasterKeyId",
    "sseEnabled": "SSEEnabled",
    "sseSpecification": "SSESpecification",
    "sseType": "SSEType",
}
_SPECIAL_BACK = {cfn: sdk for sdk, cfn in _SPECIAL.items()}
# Documents of a language of their own.
_DOCUMENTS = frozenset({"keyPolicy", "policyDocument", "templateBody"})


def to_cfn(value: Any) -> Any:
    """Rename the properties of a value, at any depth, for the Cloud Control API."""
    if isinstance(value, dict):
        return {
            _SPECIAL.get(k) or k[:1].upper() + k[1:]: v if k in _DOCUMENTS else to_cfn(v)
            for k, v in value.items()
        }
    return [to_cfn(item) for item in value] if isinstance(value, list) else value


def to_sdk(value: Any) -> Any:
    """Rename the properties of a model, at any depth, for Pulumi."""
    if isinstance(value, dict):
        named = [(_SPECIAL_BACK.get(k) or k[:1].lower() + k[1:], v) for k, v in value.items()]
        return {k: v if k in _DOCUMENTS else to_sdk(v) for k, v in named}
    return [to_sdk(item) for item in value] if isinstance(value, list) else value
