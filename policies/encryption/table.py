"""A DynamoDB table as the rule sees it, whichever way it was declared.

Routes make these, the rule judges them, reports describe them. AWS's word for the setting is
encryption at rest; what it is called in a program depends on the type, so each table brings the
property names of its own type along.

Source: AWS DynamoDB Developer Guide, "DynamoDB encryption at rest"; API Reference,
"SSESpecification".
"""

from __future__ import annotations

from dataclasses import dataclass

from .values import Hidden, Malformed, Unknown


@dataclass(frozen=True)
class Encryption:
    """The encryption setting of a table, as far as it was declared.

    enabled: whether KMS encryption is switched on; None where nothing says so.
    key: the reference that names the KMS key; None where there is none, which stands for the
        AWS managed key. An empty string is none, too: that is how the AWS provider records it.
    block: None where the whole setting is missing, else True, or what stood there instead.
    """

    block: bool | Unknown | Hidden | Malformed | None = None
    enabled: bool | Unknown | Hidden | Malformed | None = None
    key: str | Unknown | Hidden | Malformed | None = None


@dataclass(frozen=True)
class Wording:
    """How a type spells the setting, for sentences that a developer can act on.

    block, enabled, key: paths of the properties, e.g. "serverSideEncryption.enabled".
    remedy: the shortest code that satisfies the rule with the AWS managed key.
    key_name: the property that a customer managed key goes into, next to `remedy`.
    """

    block: str
    enabled: str
    key: str
    remedy: str
    key_name: str


@dataclass(frozen=True)
class Table:
    """One DynamoDB table.

    name: what its author calls it in the program (the resource's name). Its name in AWS is not
        kept: a program may have marked that one as secret, and nothing here could tell.
    encryption: the setting as declared, or as recorded from AWS.
    wording: the property names of the type that declared it.
    not_created_yet: True while the table's ARN is unknown, that is, during the preview of its
        creation.
    origin: the property that says the table is restored from another one or imported from S3,
        where one is set, e.g. "restoreSourceName".
    """

    name: str
    encryption: Encryption
    wording: Wording
    not_created_yet: bool = False
    origin: str | None = None
