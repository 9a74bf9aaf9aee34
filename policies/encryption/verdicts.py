"""What the rule answers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from .settings import Exemption
from .table import Table
from .values import Hidden, Unknown


class Why(Enum):
    """Why a table breaks the rule."""

    NOT_DECLARED = "the encryption setting is missing"
    NOT_ENABLED = "the setting is there, but does not say whether it is enabled"
    DISABLED = "the setting is disabled"
    DISABLED_WITH_KEY = "the setting is disabled, so that its key is ignored"
    NOT_SSE_KMS = "the type of encryption is not KMS"
    NOT_A_KMS_KEY = "the key is no KMS key"
    UNFIT_KEY = "the key is a KMS key that can't encrypt a table"
    KEY_IN_ANOTHER_REGION = "the key is in another Region than the table"
    AWS_MANAGED_KEY = "the key is AWS's, and only customer managed keys comply"
    KEY_NOT_ALLOWED = "the key is none of those that are allowed"
    MALFORMED_BLOCK = "the setting has the wrong type"
    MALFORMED_ENABLED = "the switch has the wrong type"
    MALFORMED_SSE_TYPE = "the type of encryption has the wrong type"
    MALFORMED_KEY = "the key has the wrong type"
    MALFORMED_REPLICAS = "the replicas have the wrong type"
    UNREADABLE = "the declaration can't be read"
    WRONG_SETTINGS = "the settings are wrong, so that nothing complies"


@dataclass(frozen=True)
class Compliant:
    """The table is, or will be, encrypted with a KMS key."""


@dataclass(frozen=True)
class Violation:
    """The table is not encrypted with a KMS key.

    why: what breaks the rule.
    found: what stands in the place that `why` speaks of, in words of ours, where that helps.
    table: the case of the table that breaks it; None where the declaration can't be read.
    of_replica: whether it is a replica of the table that breaks it.
    region: that replica's Region, or the table's, where the Region matters and is known.
    key: the name of the unfit key, as its author gave it.
    nearest: the allowed keys that are most like one that is not allowed.
    ended: the exemption that covered the table until it ended.
    """

    why: Why
    table: Table | None
    found: str = ""
    of_replica: bool = False
    region: str | None = None
    key: str = ""
    nearest: tuple[str, ...] = ()
    ended: Exemption | None = None


@dataclass(frozen=True)
class Exempt:
    """The table is not judged."""

    exemption: Exemption


@dataclass(frozen=True)
class Undetermined:
    """Nothing definite is wrong, and what decides can't be read, or not yet.

    value: the value that decides.
    """

    value: Unknown | Hidden


Verdict = Compliant | Violation | Undetermined | Exempt
