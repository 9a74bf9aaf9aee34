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
from .settings import Exemption, Settings
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
from .urns import UrnPattern, fault_of_urn_pattern
from .values import Hidden, Malformed, Unknown, json_type
from .verdicts import Compliant, Exempt, Undetermined, Verdict, Violation, Why

__all__ = [
    "AWS_MANAGED_ALIAS",
    "AWS_MANAGED_KEY",
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
    "read_key",
    "remedied",
]
