"""The domain: tables, keys, and the rule that judges them. It knows no Pulumi type."""

from .allowed_keys import AllowedKeys, Match, fault_of_entry
from .key import (
    AWS_MANAGED_ALIAS,
    AWS_MANAGED_KEY,
    KeyManager,
    KmsKey,
    NotAKmsKey,
    UnfitKey,
    fault_of,
    read_key,
)
from .remediation import remedied
from .rule import is_region, judge
from .settings import Exemption, KeyToSet, Settings
from .table import (
    Alternatives,
    Declared,
    Encryption,
    KeyReference,
    Opaque,
    Replica,
    Table,
    Unreadable,
    Wording,
)
from .urns import EVERY_TABLE, UrnPattern, fault_of_urn_pattern
from .values import Hidden, Malformed, Unknown, json_type, one_line
from .verdicts import Compliant, Exempt, Undetermined, Verdict, Violation, Why

__all__ = [
    "AWS_MANAGED_ALIAS",
    "AWS_MANAGED_KEY",
    "EVERY_TABLE",
    "AllowedKeys",
    "Alternatives",
    "Compliant",
    "Declared",
    "Encryption",
    "Exempt",
    "Exemption",
    "Hidden",
    "KeyManager",
    "KeyReference",
    "KeyToSet",
    "KmsKey",
    "Malformed",
    "Match",
    "NotAKmsKey",
    "Opaque",
    "Replica",
    "Settings",
    "Table",
    "Undetermined",
    "UnfitKey",
    "Unknown",
    "Unreadable",
    "UrnPattern",
    "Verdict",
    "Violation",
    "Why",
    "Wording",
    "fault_of",
    "fault_of_entry",
    "fault_of_urn_pattern",
    "is_region",
    "json_type",
    "judge",
    "one_line",
    "read_key",
    "remedied",
]
