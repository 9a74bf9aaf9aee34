"""The domain: tables, keys, and the rule that judges them. It knows no Pulumi type."""

from .key import AWS_MANAGED_ALIAS, KeyManager, KmsKey, NotAKmsKey, read_key
from .rule import Compliant, Undetermined, Verdict, Violation, Why, judge
from .table import Encryption, Table, Wording
from .values import Hidden, Malformed, Unknown, json_type

__all__ = [
    "AWS_MANAGED_ALIAS",
    "Compliant",
    "Encryption",
    "Hidden",
    "KeyManager",
    "KmsKey",
    "Malformed",
    "NotAKmsKey",
    "Table",
    "Undetermined",
    "Unknown",
    "Verdict",
    "Violation",
    "Why",
    "Wording",
    "json_type",
    "judge",
    "read_key",
]
