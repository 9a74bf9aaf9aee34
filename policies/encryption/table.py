"""A DynamoDB table as the rule sees it, whichever way it was declared.

Routes make these, the rule judges them, reports describe them. AWS's word for the setting is
encryption at rest; what it is called in a program depends on the type, so each table brings the
property names of its own type along.

Sources: AWS DynamoDB Developer Guide, "DynamoDB encryption at rest" and "Global tables: How it
works" (all replicas share the type of encryption, each has a key of its own Region); API
Reference, "SSESpecification".
"""

from __future__ import annotations

from dataclasses import dataclass

from .key import AWS_MANAGED_KEY, KmsKey, NotAKmsKey, UnfitKey, read_key
from .values import Hidden, Malformed, Unknown

KeyReference = str | KmsKey | NotAKmsKey | UnfitKey | Unknown | Hidden | Malformed | None
"""What names a table's key. None where there is none, which stands for the AWS managed key; an
empty string is none, too: that is how the AWS provider records it. A route that knows more than
the string, such as that it is a key of the same template, says so by the other types."""


def named_key(reference: KeyReference) -> KmsKey | NotAKmsKey | None:
    """What `reference` names, by its form alone; None where it can't be read or is unfit."""
    if reference is None or reference == "":
        return AWS_MANAGED_KEY
    if isinstance(reference, str):
        return read_key(reference)
    return reference if isinstance(reference, (KmsKey, NotAKmsKey)) else None


@dataclass(frozen=True)
class Encryption:
    """The encryption setting of a table, as far as it was declared.

    block: None where the whole setting is missing, else True, or what stood there instead.
    enabled: whether KMS encryption is switched on; None where nothing says so.
    key: what names the KMS key.
    sse_type: the SSEType, where the type of resource has one; only KMS exists.
    """

    block: bool | Unknown | Hidden | Malformed | None = None
    enabled: bool | Unknown | Hidden | Malformed | None = None
    key: KeyReference = None
    sse_type: str | Unknown | Hidden | Malformed | None = None


@dataclass(frozen=True)
class Replica:
    """A copy of a table in another Region.

    region: that Region, None where it can't be read.
    key: what names its KMS key.
    """

    region: str | None
    key: KeyReference = None


@dataclass(frozen=True)
class Wording:
    """How a type spells the setting, for sentences that a developer can act on.

    block, enabled, key, sse_type, replicas: paths of the properties, e.g.
        "serverSideEncryption.enabled"; sse_type and replicas are empty where the type has none.
    key_name: the property that a customer managed key goes into.
    remedy: the shortest code that satisfies the rule with the AWS managed key.
    remedy_with_key: the same with a customer managed key; `KEY` stands for its ARN.
    replica_key: the property of a replica that its own key goes into.
    """

    block: str
    enabled: str
    key: str
    key_name: str
    remedy: str
    remedy_with_key: str
    sse_type: str = ""
    replicas: str = ""
    replica_key: str = ""


@dataclass(frozen=True)
class Table:
    """One DynamoDB table.

    name: what its author calls it in the program (the resource's name, or the logical id in a
        template). Its name in AWS is not kept: a program may have marked that one as secret, and
        nothing here could tell.
    encryption: the setting as declared, or as recorded from AWS. None for a replica that is a
        resource of its own: its table's setting is judged where the table is declared.
    wording: the property names of the type that declared it.
    replicas: its copies in other Regions, or why they can't be read.
    region: the Region that it is in, where that is known.
    not_created_yet: True while the table's ARN is unknown, that is, during the preview of its
        creation.
    origin: the property that says the table is restored from another one or imported from S3,
        where one is set, e.g. "restoreSourceName".
    within: the resource whose template declares it, where one does.
    keys_in_replicas: whether the table is the sum of its replicas, each with its own key, so that
        the setting itself has none (CloudFormation's global tables).
    """

    name: str
    encryption: Encryption | None
    wording: Wording
    replicas: tuple[Replica, ...] | Unknown | Hidden | Malformed = ()
    region: str | None = None
    not_created_yet: bool = False
    origin: str | None = None
    within: str | None = None
    keys_in_replicas: bool = False


@dataclass(frozen=True)
class Alternatives:
    """A table whose declaration depends on what can't be decided, such as a condition.

    tables: what it is in each case; never empty.
    undecided: the value that decides.
    may_be_absent: whether there is a case in which the table does not exist at all.
    """

    tables: tuple[Table, ...]
    undecided: Unknown | Hidden
    may_be_absent: bool = False

    @property
    def name(self) -> str:
        """The table's name, which all cases share."""
        return self.tables[0].name

    @property
    def not_created_yet(self) -> bool:
        """As in `Table`."""
        return self.tables[0].not_created_yet


@dataclass(frozen=True)
class Opaque:
    """Something that may well declare tables and can't be read, or not now.

    name: as in `Table`.
    undecided: why it can't be read.
    within: as in `Table`.
    """

    name: str
    undecided: Unknown | Hidden
    within: str | None = None
    not_created_yet: bool = False


@dataclass(frozen=True)
class Unreadable:
    """A declaration of tables that is wrong in itself, such as a template that is no YAML.

    name: as in `Table`.
    fault: what is wrong, completing "it can't be read: …".
    """

    name: str
    fault: str
    not_created_yet: bool = False


Declared = Table | Alternatives | Opaque | Unreadable
"""What a route reads from a resource."""
