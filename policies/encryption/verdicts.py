"""The answers of the rule."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, Flag, auto

from .keys import DISABLED, KmsKey, UnusableKey
from .tables import Table
from .values import Unreadable


class Trait(Flag):
    """What is true of a kind of violation."""

    NONE = 0
    UNENCRYPTED = auto()
    """The table has no KMS encryption at all."""
    REMEDIABLE = auto()
    """Remediation can fix it without a guess."""
    WRONG_KEY = auto()
    """The table names something that can't be its key."""
    FROM_SETTINGS = auto()
    """The key can encrypt the table, and only the settings reject it."""


_UNENCRYPTED = Trait.UNENCRYPTED | Trait.REMEDIABLE
_FROM_SETTINGS = Trait.FROM_SETTINGS | Trait.REMEDIABLE


class ViolationKind(Enum):
    """What breaks the rule, with what is true of it."""

    NO_SETTING = "the encryption setting is missing", _UNENCRYPTED
    NOT_ENABLED = "the setting does not say whether it is enabled", _UNENCRYPTED
    DISABLED = "the setting is disabled", _UNENCRYPTED
    DISABLED_WITH_KEY = "the setting is disabled and names a key", _UNENCRYPTED
    OTHER_SSE_TYPE = "the type of encryption is not KMS", Trait.UNENCRYPTED
    NOT_A_KMS_KEY = "the key is not a KMS key", Trait.WRONG_KEY
    KEY_OF_ANOTHER_SERVICE = "the key is another service's AWS managed key", Trait.WRONG_KEY
    UNUSABLE_KEY = "the key is a KMS key that can't encrypt a table", Trait.WRONG_KEY
    KEY_IN_ANOTHER_REGION = "the key is in another Region than the table", Trait.WRONG_KEY
    KEY_IN_ANOTHER_PARTITION = "the key is in another partition than the table", Trait.WRONG_KEY
    AWS_MANAGED_KEY = "the key is not customer managed", _FROM_SETTINGS
    KEY_NOT_ALLOWED = "the key is not in the list of allowed keys", _FROM_SETTINGS
    BLOCK_OF_WRONG_TYPE = "the setting has the wrong type", Trait.NONE
    ENABLED_OF_WRONG_TYPE = "the property that enables the setting has the wrong type", Trait.NONE
    SSE_TYPE_OF_WRONG_TYPE = "the type of encryption has the wrong type", Trait.NONE
    KEY_OF_WRONG_TYPE = "the key has the wrong type", Trait.WRONG_KEY
    REPLICAS_OF_WRONG_TYPE = "the replicas have the wrong type", Trait.NONE
    INVALID_DECLARATION = "the declaration is invalid", Trait.NONE

    def __init__(self, meaning: str, traits: Trait) -> None:
        self.meaning = meaning
        self.traits = traits


@dataclass(frozen=True)
class Compliant:
    """A KMS key encrypts the table, or will."""


@dataclass(frozen=True)
class Violation:
    """The table is not encrypted with a KMS key that the rule accepts.

    Attributes:
        kind: what breaks the rule.
        table: the table, in the case that breaks the rule; None if the declaration is invalid.
        detail: what the property has that `kind` is about, in words that quote nothing.
        in_replica: whether a replica of the table breaks the rule.
        region: the Region of the table or replica, where it matters and is known.
        key: the unusable key.
        not_allowed: the key that is not in the list of allowed keys.
        if_it_exists: whether the table breaks the rule only if a condition that can't be decided
            creates it.
        alternatives: what else may break the rule, where a condition that can't be decided
            decides what does.
        in_stack_region: whether the replica is in the Region of its template's stack, see
            `Replica`.
    """

    kind: ViolationKind
    table: Table | None = None
    detail: str = ""
    in_replica: bool = False
    region: str | None = None
    key: UnusableKey | None = None
    not_allowed: KmsKey | None = None
    if_it_exists: bool = False
    alternatives: tuple[Violation, ...] = ()
    in_stack_region: bool = False

    @property
    def is_of_disabled_key(self) -> bool:
        """Whether the key is a KMS key that only has to be enabled."""
        return self.key is not None and self.key.fault == DISABLED


@dataclass(frozen=True)
class Undetermined:
    """No violation is certain, and the policy can't read what decides.

    Attributes:
        cause: the value that decides.
        about_key: whether the table is encrypted with a KMS key, and only the key is unreadable.
        replica: the Region of the replica whose key is unreadable; None for the table's key, or if
            the Region is not known.
    """

    cause: Unreadable
    about_key: bool = False
    replica: str | None = None


Verdict = Compliant | Violation | Undetermined
