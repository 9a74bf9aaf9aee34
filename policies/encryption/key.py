"""Key references: what a string that should name a KMS key names.

DynamoDB takes a key by its id, its ARN, an alias name or an alias ARN. No other form exists, so
what fits none of them can't encrypt a table.

Sources: AWS DynamoDB API Reference, "SSESpecification" (KMSMasterKeyId); AWS KMS Developer Guide,
"Key identifiers (KeyId)" and "Multi-Region keys in AWS KMS" (the `mrk-` prefix);
"AWS KMS concepts", on AWS managed keys and the reserved alias prefix `alias/aws/`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum


class KeyManager(Enum):
    """Who manages a KMS key, in the words of KMS's DescribeKey (KeyMetadata.KeyManager)."""

    AWS = "AWS managed key"
    CUSTOMER = "customer managed key"


@dataclass(frozen=True)
class KmsKey:
    """A reference that names a KMS key.

    manager: who manages the key, as far as the reference itself tells: everything below
        `alias/aws/` is AWS's. The ARN of an AWS managed key looks like that of a customer
        managed one, so `CUSTOMER` means "not recognisably AWS's".
    region, account, partition: of the ARN, else None.
    resource: "key/" and its id, or "alias/" and its name; None where it is not known.
    """

    manager: KeyManager
    region: str | None = None
    account: str | None = None
    partition: str | None = None
    resource: str | None = None


@dataclass(frozen=True)
class NotAKmsKey:
    """A string that names no KMS key.

    found: what it looks like instead, with its article ("an ARN of s3"). It is made of words
        of ours only, never of the string's, which may be a secret.
    """

    found: str


@dataclass(frozen=True)
class UnfitKey:
    """A KMS key that can't encrypt a table.

    name: what its author calls it in the program or template.
    fault: what is wrong with it, completing "the key is …".
    """

    name: str
    fault: str


AWS_MANAGED_ALIAS = "alias/aws/dynamodb"
"""The alias of the key that AWS manages for DynamoDB in each account and Region."""

AWS_MANAGED_KEY = KmsKey(KeyManager.AWS, resource=AWS_MANAGED_ALIAS)
"""That key: the one of a table that names none."""

# Partitions: aws, aws-cn, aws-us-gov, and what AWS may still add. Region and account are kept
# loose, since a new form of either must not turn into a violation.
_ARN = re.compile(r"arn:(?P<partition>aws[a-z0-9-]*):(?P<service>[a-z0-9-]+):(?P<rest>\S*)")
_KMS_REST = re.compile(
    r"(?P<region>[a-z0-9-]+):(?P<account>[A-Za-z0-9-]+):(?P<resource>(?:key|alias)/\S+)"
)
_ALIAS_NAME = re.compile(r"alias/[A-Za-z0-9/_-]+")
# Of a key id only the letters are checked: AWS refuses what is none, so that it does no harm here,
# while a form that AWS adds would make a false violation.
_KEY_ID = re.compile(r"[A-Za-z0-9_-]+")

# An ARN's service may be told in a message only if it is one of these: a fixed word of ours can't
# be part of a secret. They are the ones whose ARN lies about where a key's is wanted.
_TELLABLE_SERVICES = frozenset(
    ("dynamodb", "iam", "lambda", "s3", "secretsmanager", "sns", "sqs", "ssm", "sts")
)

_SYMMETRIC = "SYMMETRIC_DEFAULT"
_ENCRYPTS = "ENCRYPT_DECRYPT"


def read_key(reference: str) -> KmsKey | NotAKmsKey:
    """Say which KMS key `reference` names, by its form alone (nothing is looked up).

    reference: what stands in a key property, not empty. Any string is answered; none raises.
    """
    if reference != reference.strip():
        return NotAKmsKey("a string with white space around it")
    arn = _ARN.fullmatch(reference)
    if arn is not None:
        return _read_arn(arn["partition"], arn["service"], arn["rest"])
    if reference.startswith("arn:"):
        return NotAKmsKey("a string that begins like an ARN and is none")
    if _ALIAS_NAME.fullmatch(reference):
        return KmsKey(_manager_of(reference), resource=reference)
    if _KEY_ID.fullmatch(reference):
        return KmsKey(KeyManager.CUSTOMER, resource=f"key/{reference}")
    return NotAKmsKey("a string that is no key ARN, alias ARN, alias name or key id")


def fault_of(spec: object, usage: object, enabled: object) -> str | None:
    """Why a key that is declared so can't encrypt a table, completing "the key is …"; None where
    nothing speaks against it. Values that are missing or not known are taken as KMS's defaults.

    spec, usage, enabled: KeySpec, KeyUsage and Enabled in the words of KMS's CreateKey.

    Source: AWS DynamoDB Developer Guide, "DynamoDB encryption at rest usage notes": symmetric
    encryption keys only; AWS KMS API Reference, "CreateKey" (the values of spec and usage).
    """
    if isinstance(spec, str) and spec not in ("", _SYMMETRIC):
        return "an HMAC key" if spec.startswith("HMAC_") else "an asymmetric key"
    if isinstance(usage, str) and usage not in ("", _ENCRYPTS):
        return "not for encryption (its key usage is another)"
    if enabled is False or (isinstance(enabled, str) and enabled.lower() == "false"):
        return "disabled"
    return None


def _read_arn(partition: str, service: str, rest: str) -> KmsKey | NotAKmsKey:
    if service != "kms":
        if service in _TELLABLE_SERVICES:
            return NotAKmsKey(f"an ARN of another service ({service})")
        return NotAKmsKey("an ARN of another service")
    kms = _KMS_REST.fullmatch(rest)
    if kms is None:
        return NotAKmsKey("an ARN of KMS that names neither a key nor an alias")
    resource = kms["resource"]
    return KmsKey(_manager_of(resource), kms["region"], kms["account"], partition, resource)


def _manager_of(resource: str) -> KeyManager:
    return KeyManager.AWS if resource.startswith("alias/aws/") else KeyManager.CUSTOMER
