"""KMS keys: which key a string refers to, and whether a key can encrypt a table.

DynamoDB accepts a key by its ID, its ARN, an alias name or an alias ARN. A string of any other form
can't encrypt a table.

Sources: AWS DynamoDB API Reference, "SSESpecification" (KMSMasterKeyId); AWS KMS Developer Guide,
"Key identifiers (KeyId)", "Multi-Region keys in AWS KMS" (the prefix `mrk-`), "AWS managed
keys" (the reserved prefix `alias/aws/`; only the service of an AWS managed key can use it), and
"Key states of AWS KMS keys".
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum

from .arns import Arn
from .values import Unknown


class KeyManager(Enum):
    """Who manages a KMS key, as in DescribeKey's KeyMetadata.KeyManager."""

    AWS = "AWS managed key"
    CUSTOMER = "customer managed key"


@dataclass(frozen=True)
class KmsKey:
    """A KMS key, as far as a reference to it shows.

    Attributes:
        manager: who manages the key. The ARN of an AWS managed key looks like any other key ARN,
            so CUSTOMER means "not recognizable as AWS's".
        region: the Region that the reference names.
        account: the account that the reference names.
        partition: the partition that the reference names.
        resource: `key/` and the key ID, or `alias/` and the alias; None if not known.
        aliases: the key's aliases, each as `alias/` and its name; None if not known.
    """

    manager: KeyManager
    region: str | None = None
    account: str | None = None
    partition: str | None = None
    resource: str | None = None
    aliases: tuple[str, ...] | None = None


@dataclass(frozen=True)
class NotAKmsKey:
    """A string that does not refer to a KMS key.

    Attributes:
        found: what the string looks like, e.g. "an ARN of another service (s3)". It never quotes
            the string, which may be a secret.
    """

    found: str


@dataclass(frozen=True)
class KeyOfAnotherService(NotAKmsKey):
    """The alias of an AWS managed key that DynamoDB can't use, such as `alias/aws/s3`."""


@dataclass(frozen=True)
class UnusableKey:
    """A KMS key that can't encrypt a table.

    Attributes:
        name: the key's name in the program, or its logical ID in a template.
        fault: why it can't, completing "the key is …".
        in_program: whether the key is a resource of the program, so that only a stack policy
            sees it together with the table.
    """

    name: str
    fault: str
    in_program: bool = False


@dataclass(frozen=True)
class NewKey(Unknown):
    """A customer managed key that the update creates, so that its ARN is unknown."""


@dataclass(frozen=True)
class PendingKey:
    """A KMS key that could not encrypt a table when the state was recorded, and may do so now.

    Attributes:
        name: the key's name in the program.
    """

    name: str


@dataclass(frozen=True)
class UncheckedKey:
    """A deployed table's KMS key, whose manager and state AWS does not show.

    Attributes:
        key: the key, as far as its ARN shows.
        reason: why, as a clause, e.g. "AWS denied kms:DescribeKey".
    """

    key: KmsKey
    reason: str


AWS_ALIAS_PREFIX = "alias/aws/"
"""The start of the aliases of AWS managed keys, which only AWS can create."""

AWS_MANAGED_ALIAS = f"{AWS_ALIAS_PREFIX}dynamodb"
"""The alias of the AWS managed key for DynamoDB, in each account and Region."""

AWS_MANAGED_KEY = KmsKey(KeyManager.AWS, resource=AWS_MANAGED_ALIAS)
"""The AWS managed key, which encrypts a table that enables KMS and names no key."""

# Loose on purpose: a form that AWS adds must not become a violation. AWS refuses a wrong account
# or key ID by itself.
_PARTITION = re.compile(r"aws[a-z0-9-]*")
_SERVICE_OR_REGION = re.compile(r"[a-z0-9-]+")
_ACCOUNT = re.compile(r"[A-Za-z0-9-]+")
_RESOURCE = re.compile(r"(?:key|alias)/\S+")
_ALIAS_NAME = re.compile(r"alias/[A-Za-z0-9/_-]+")
_KEY_ID = re.compile(r"[A-Za-z0-9_-]+")

# A message shows a service only if it is one of these words: a word of this list can't be part of
# a secret. Their ARNs are the ones that are easily confused with a key's.
_SERVICES_TO_SHOW = frozenset(
    ("dynamodb", "iam", "lambda", "s3", "secretsmanager", "sns", "sqs", "ssm", "sts")
)

DISABLED = "disabled"
"""The fault of a key that can encrypt a table once it is enabled."""

_SYMMETRIC = "SYMMETRIC_DEFAULT"
_ENCRYPTS = "ENCRYPT_DECRYPT"


def read_key(reference: str) -> KmsKey | NotAKmsKey:
    """Return the KMS key that a string refers to, by its form alone (nothing is looked up).

    Args:
        reference: the value of a key property, not empty. Any string has an answer.
    """
    if reference != reference.strip():
        return NotAKmsKey("a string with white space around it")
    if reference.startswith("arn:"):
        return _read_arn(reference)
    if _ALIAS_NAME.fullmatch(reference):
        return _alias(KmsKey(KeyManager.CUSTOMER, resource=reference))
    if _KEY_ID.fullmatch(reference):
        return KmsKey(KeyManager.CUSTOMER, resource=f"key/{reference}")
    return NotAKmsKey("a string that is not a key ARN, alias ARN, alias name, or key ID")


def why_unusable(spec: object, usage: object, enabled: object) -> str | None:
    """Explain why a key can't encrypt a table.

    Args:
        spec: the key's KeySpec, in the words of KMS's CreateKey.
        usage: its KeyUsage.
        enabled: its Enabled. A missing or unreadable value counts as KMS's default.

    Returns:
        The reason, completing "the key is …"; None for a key that can encrypt a table.

    Source: AWS DynamoDB Developer Guide, "DynamoDB encryption at rest usage notes" (symmetric
    encryption keys only); AWS KMS API Reference, "CreateKey" (the values of KeySpec and KeyUsage).
    """
    if isinstance(spec, str) and spec not in ("", _SYMMETRIC):
        return "an HMAC key" if spec.startswith("HMAC_") else "an asymmetric key"
    if isinstance(usage, str) and usage not in ("", _ENCRYPTS):
        return "not an encryption key (it has another key usage)"
    if enabled is False or (isinstance(enabled, str) and enabled.lower() == "false"):
        return DISABLED
    return None


def why_unusable_in_state(state: str, deletion: date | None = None) -> str | None:
    """Explain why a key can't decrypt a table in its state.

    Args:
        state: the key's KeyState.
        deletion: the day of its DeletionDate.

    Returns:
        The reason, completing "the key is …"; None for a key that can decrypt the table, or whose
        state this function does not know.
    """
    if state == "PendingDeletion" and deletion is not None:
        return f"scheduled for deletion on {deletion.isoformat()} (UTC)"
    return _UNUSABLE_STATES.get(state)


def is_usable_in_state(state: str) -> bool:
    """Return whether a key can certainly decrypt a table in its state, a KeyState."""
    return state in _USABLE_STATES


_USABLE_STATES = ("Enabled", "Updating")
_UNUSABLE_STATES = {
    "Disabled": DISABLED,
    "PendingDeletion": "scheduled for deletion",
    "PendingReplicaDeletion": "scheduled for deletion after its replica keys",
    "PendingImport": "waiting for its key material",
    "Unavailable": "unavailable, because its custom key store is disconnected",
}


def _read_arn(text: str) -> KmsKey | NotAKmsKey:
    arn = Arn.parse(text)
    if (
        arn is None
        or any(letter.isspace() for letter in text)
        or not _PARTITION.fullmatch(arn.partition)
        or not _SERVICE_OR_REGION.fullmatch(arn.service)
    ):
        return NotAKmsKey("a string that starts like an ARN but is not one")
    if arn.service != "kms":
        return NotAKmsKey(f"an ARN of another service{_shown(arn.service)}")
    if not (
        _SERVICE_OR_REGION.fullmatch(arn.region)
        and _ACCOUNT.fullmatch(arn.account)
        and _RESOURCE.fullmatch(arn.resource)
    ):
        return NotAKmsKey("an ARN of KMS that names neither a key nor an alias")
    named = KmsKey(KeyManager.CUSTOMER, arn.region, arn.account, arn.partition, arn.resource)
    return _alias(named)


def _alias(named: KmsKey) -> KmsKey | KeyOfAnotherService:
    resource = named.resource or ""
    if not resource.startswith(AWS_ALIAS_PREFIX):
        return named
    if resource == AWS_MANAGED_ALIAS:
        return replace(named, manager=KeyManager.AWS)
    service = resource.removeprefix(AWS_ALIAS_PREFIX)
    return KeyOfAnotherService(f"the AWS managed key of another service{_shown(service)}")


def _shown(service: str) -> str:
    return f" ({service})" if service in _SERVICES_TO_SHOW else ""
