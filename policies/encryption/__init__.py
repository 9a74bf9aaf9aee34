"""The domain: tables, keys, and the rule that judges them. It knows no Pulumi type."""

from .key import AWS_MANAGED_ALIAS, KeyManager, KmsKey, NotAKmsKey, UnfitKey, fault_of, read_key
from .rule import Compliant, Undetermined, Verdict, Violation, Why, is_region, judge
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
from .values import Hidden, Malformed, Unknown, json_type

__all__ = [
    "AWS_MANAGED_ALIAS",
    "Alternatives",
    "Compliant",
    "Declared",
    "Encryption",
    "Hidden",
    "KeyManager",
    "KeyReference",
    "KmsKey",
    "Malformed",
    "NotAKmsKey",
    "Opaque",
    "Replica",
    "Table",
    "Undetermined",
    "UnfitKey",
    "Unknown",
    "Unreadable",
    "Verdict",
    "Violation",
    "Why",
    "Wording",
    "fault_of",
    "is_region",
    "json_type",
    "judge",
    "read_key",
]
