"""aws:kms: Key and ReplicaKey, and both with imported material: ExternalKey, ReplicaExternalKey.

A replica is a copy of the primary key at the time of its creation. Except for Key, only the enabled
flag and the states are updated in the account and read back; the other properties stay in the
state.

Source: internal/service/kms/{key,replica_key,external_key,replica_external_key}.go of
terraform-provider-aws.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from tools.sandbox.provider import kms
from tools.sandbox.provider.aws import Aws
from tools.sandbox.provider.kms import KeyFlags
from tools.sandbox.provider.properties import UNKNOWN, Props, without_internal
from tools.sandbox.provider.resource import Failure, Resource, invalid_arns


class _KmsKey(Resource):
    """A KMS key. Its id is the key id.

    Attributes:
        as_declared: properties that are kept from the inputs instead of read back.
    """

    as_declared: ClassVar[tuple[str, ...]]

    @abstractmethod
    def create_key(self, aws: Aws, inputs: Props) -> str:
        """Create the key; return its id."""

    @abstractmethod
    def details(self, aws: Aws, client: Any, key: dict[str, Any], state: Props) -> Props:
        """Return the outputs that only this type has, from the key's metadata."""

    def create(self, aws: Aws, inputs: Props) -> tuple[str, Props]:
        """Create the key."""
        inputs = without_internal(inputs)
        key_id = self.create_key(aws, inputs)
        return key_id, self.read_back(aws, key_id, {**inputs, "tagsAll": aws.all_tags(inputs)})

    def read(self, aws: Aws, resource_id: str, state: Props) -> Props | None:
        """Call DescribeKey and GetKeyPolicy."""
        region = aws.region_of(state)
        client: Any = aws.kms(region)
        key = kms.describe_key(client, resource_id)
        if key is None:
            return None
        return {
            "id": key["KeyId"],
            "arn": key["Arn"],
            "keyUsage": key["KeyUsage"],
            "policy": client.get_key_policy(KeyId=resource_id, PolicyName="default")["Policy"],
            "region": region,
            **self.details(aws, client, key, state),
            **{prop: state[prop] for prop in self.as_declared if prop in state},
        }

    def update(self, aws: Aws, resource_id: str, old: Props, planned: Props) -> Props:
        """Enable or disable the key."""
        old_flags = KeyFlags(bool(old.get("enabled")))
        flags = KeyFlags(bool(planned.get("enabled")))
        kms.set_flags(aws.kms(aws.region_of(planned)), resource_id, old_flags, flags)
        return self.read_back(aws, resource_id, planned)

    def delete(self, aws: Aws, resource_id: str, state: Props) -> None:
        """Schedule the deletion."""
        client = aws.kms(aws.region_of(state))
        kms.schedule_deletion(client, resource_id, state.get("deletionWindowInDays"))


class Key(_KmsKey):
    """A customer managed key."""

    resource_type = "aws:kms/key:Key"
    title = "KMS Key"
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
    as_declared = ("bypassPolicyLockoutSafetyCheck", "deletionWindowInDays", "rotationPeriodInDays")

    def create_key(self, aws: Aws, inputs: Props) -> str:
        """Call CreateKey, then set the flags."""
        key_id = _create_key(aws, inputs, KeySpec=inputs["customerMasterKeySpec"])
        kms.set_flags(aws.kms(aws.region_of(inputs)), key_id, KeyFlags(), _flags(inputs))
        return key_id

    def details(self, aws: Aws, client: Any, key: dict[str, Any], state: Props) -> Props:
        """Return the flags, the description and the tags."""
        answer = client.list_resource_tags(KeyId=key["KeyId"])
        tags = {tag["TagKey"]: tag["TagValue"] for tag in answer["Tags"]}
        return {
            "customerMasterKeySpec": key["KeySpec"],
            "description": key.get("Description", ""),
            "enableKeyRotation": kms.rotates(client, key),
            "isEnabled": key["KeyState"] != "Disabled",
            "keyId": key["KeyId"],
            "multiRegion": bool(key.get("MultiRegion")),
            "tags": aws.own_tags(tags, state),
            "tagsAll": tags,
        }

    def update(self, aws: Aws, resource_id: str, old: Props, planned: Props) -> Props:
        """Make a call for each property that differs."""
        client: Any = aws.kms(aws.region_of(planned))
        if planned.get("description") != old.get("description"):
            text = planned.get("description") or ""
            client.update_key_description(KeyId=resource_id, Description=text)
        if planned.get("policy") not in (None, "", old.get("policy")):
            policy = planned["policy"]
            client.put_key_policy(KeyId=resource_id, PolicyName="default", Policy=policy)
        old_tags, tags = old.get("tagsAll") or {}, planned.get("tagsAll") or {}
        if removed := sorted(old_tags.keys() - tags.keys()):
            client.untag_resource(KeyId=resource_id, TagKeys=removed)
        if changed := {k: v for k, v in tags.items() if old_tags.get(k) != v}:
            client.tag_resource(KeyId=resource_id, Tags=kms.tag_list(changed))
        kms.set_flags(client, resource_id, _flags(old), _flags(planned))
        return self.read_back(aws, resource_id, planned)


class _KeyWithMaterial(_KmsKey):
    """A key of origin EXTERNAL. It is disabled and pending import until it has key material."""

    defaults: ClassVar[Mapping[str, Any]] = {
        "bypassPolicyLockoutSafetyCheck": False,
        "deletionWindowInDays": 30,
    }

    @abstractmethod
    def create_empty_key(self, aws: Aws, inputs: Props) -> str:
        """Create the key without key material; return its id."""

    def plan(self, aws: Aws, old: Props, new: Props) -> Props:
        """Return the plan; enabling or disabling the key makes its state unknown."""
        planned = super().plan(aws, old, new)
        if planned.get("enabled") != old.get("enabled"):
            planned["keyState"] = UNKNOWN
        return planned

    def create_key(self, aws: Aws, inputs: Props) -> str:
        """Create the key and import its material; only `enabled: true` leaves it enabled then."""
        key_id = self.create_empty_key(aws, inputs)
        if inputs.get("keyMaterialBase64"):
            client = aws.kms(aws.region_of(inputs))
            kms.import_material(client, key_id, inputs["keyMaterialBase64"], inputs.get("validTo"))
            kms.set_flags(client, key_id, KeyFlags(), KeyFlags(bool(inputs.get("enabled"))))
        return key_id

    def details(self, aws: Aws, client: Any, key: dict[str, Any], state: Props) -> Props:  # noqa: ARG002
        """Return the enabled flag and the states of the key and its material."""
        return {
            "enabled": key["Enabled"],
            "expirationModel": key.get("ExpirationModel", ""),
            "keyState": key["KeyState"],
        }

    def update(self, aws: Aws, resource_id: str, old: Props, planned: Props) -> Props:
        """Enable or disable the key, unless the state says that it has no key material."""
        if old.get("keyState") == "PendingImport":
            return self.read_back(aws, resource_id, planned)
        return super().update(aws, resource_id, old, planned)


class ExternalKey(_KeyWithMaterial):
    """A key of origin EXTERNAL."""

    resource_type = "aws:kms/externalKey:ExternalKey"
    title = "KMS External Key"
    computed = frozenset({"arn", "expirationModel", "keyState", "tagsAll"})
    optional_computed = frozenset({
        "enabled", "keySpec", "keyUsage", "multiRegion", "policy", "region",
    })  # fmt: skip
    replace_on = frozenset({"keyMaterialBase64", "keySpec", "keyUsage", "multiRegion", "region"})
    as_declared = (
        "bypassPolicyLockoutSafetyCheck", "deletionWindowInDays", "description",
        "keyMaterialBase64", "multiRegion", "policy", "tags", "tagsAll", "validTo",
    )  # fmt: skip

    def create_empty_key(self, aws: Aws, inputs: Props) -> str:
        """Call CreateKey."""
        return _create_key(aws, inputs, KeySpec=inputs.get("keySpec"), Origin="EXTERNAL")

    def details(self, aws: Aws, client: Any, key: dict[str, Any], state: Props) -> Props:
        """Return the states, and what the key is for."""
        shape = {"keySpec": key["KeySpec"], "multiRegion": bool(key.get("MultiRegion"))}
        return {**super().details(aws, client, key, state), **shape}


class ReplicaKey(_KmsKey):
    """A multi-Region key in another Region than its primary key. Both have the same key id."""

    resource_type = "aws:kms/replicaKey:ReplicaKey"
    title = "KMS Replica Key"
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
    as_declared = (
        "bypassPolicyLockoutSafetyCheck", "deletionWindowInDays", "description", "policy",
        "primaryKeyArn", "tags", "tagsAll",
    )  # fmt: skip

    def check_values(self, inputs: Props) -> list[Failure]:
        """Reject a primary key that isn't an ARN."""
        return invalid_arns(inputs, "primaryKeyArn")

    def create_key(self, aws: Aws, inputs: Props) -> str:
        """Call ReplicateKey in the Region of the primary key."""
        key_id = _replicate_key(aws, inputs)
        client = aws.kms(aws.region_of(inputs))
        kms.set_flags(client, key_id, KeyFlags(), KeyFlags(inputs["enabled"]))
        return key_id

    def details(self, aws: Aws, client: Any, key: dict[str, Any], state: Props) -> Props:  # noqa: ARG002
        """Return the enabled flag and the properties of the primary key."""
        return {
            "enabled": key["KeyState"] != "Disabled",
            "keyId": key["KeyId"],
            "keyRotationEnabled": False,
            "keySpec": key["KeySpec"],
        }


class ReplicaExternalKey(_KeyWithMaterial):
    """A replica of an ExternalKey. It needs the material of its primary key."""

    resource_type = "aws:kms/replicaExternalKey:ReplicaExternalKey"
    title = "KMS Replica External Key"
    required = frozenset({"primaryKeyArn"})
    computed = frozenset({
        "arn", "expirationModel", "keyId", "keyState", "keyUsage", "tagsAll",
    })  # fmt: skip
    optional_computed = frozenset({"enabled", "policy", "region"})
    replace_on = frozenset({"keyMaterialBase64", "primaryKeyArn", "region"})
    as_declared = (
        "bypassPolicyLockoutSafetyCheck", "deletionWindowInDays", "description",
        "keyMaterialBase64", "policy", "primaryKeyArn", "tags", "tagsAll", "validTo",
    )  # fmt: skip

    def check_values(self, inputs: Props) -> list[Failure]:
        """Reject a primary key that isn't an ARN."""
        return invalid_arns(inputs, "primaryKeyArn")

    def create_empty_key(self, aws: Aws, inputs: Props) -> str:
        """Call ReplicateKey in the Region of the primary key."""
        return _replicate_key(aws, inputs)

    def details(self, aws: Aws, client: Any, key: dict[str, Any], state: Props) -> Props:
        """Return the states and the key id."""
        return {**super().details(aws, client, key, state), "keyId": key["KeyId"]}


def _replicate_key(aws: Aws, inputs: Props) -> str:
    _, _, _, primary_region, _, resource = str(inputs["primaryKeyArn"]).split(":", 5)
    key_id = resource.removeprefix("key/")
    client = aws.kms(primary_region)
    client.replicate_key(KeyId=key_id, ReplicaRegion=aws.region_of(inputs))
    return key_id


def _create_key(aws: Aws, inputs: Props, **request: Any) -> str:
    request |= {
        "Description": inputs.get("description"),
        "KeyUsage": inputs.get("keyUsage"),
        "MultiRegion": inputs.get("multiRegion"),
        "Policy": inputs.get("policy"),
        "Tags": kms.tag_list(aws.all_tags(inputs)),
    }
    client: Any = aws.kms(aws.region_of(inputs))
    answer = client.create_key(**{k: v for k, v in request.items() if v not in (None, [])})
    return str(answer["KeyMetadata"]["KeyId"])


def _flags(props: Props) -> KeyFlags:
    return KeyFlags(bool(props.get("isEnabled")), bool(props.get("enableKeyRotation")))
