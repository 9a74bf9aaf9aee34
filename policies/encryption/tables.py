"""DynamoDB tables as the rule sees them, whichever resource declares them.

Routes make these, the rule judges them, and messages describe them.

Sources: AWS DynamoDB Developer Guide, "DynamoDB encryption at rest" and "Global tables: How it
works" (replicas share the type of encryption, and each has a key of its Region); AWS DynamoDB API
Reference, "SSESpecification".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from .keys import (
    AWS_MANAGED_KEY,
    KeyManager,
    KmsKey,
    NotAKmsKey,
    PendingKey,
    UncheckedKey,
    UnusableKey,
    read_key,
)
from .spelling import Spelling
from .values import Unreadable, WrongType

KeyReference = (
    str
    | KmsKey
    | NotAKmsKey
    | UncheckedKey
    | UnusableKey
    | PendingKey
    | Unreadable
    | WrongType
    | None
)
"""What names a table's key. None and the empty string name none, so the table uses the AWS managed
key; the AWS provider records that key as an empty string. A route that knows more than a string
shows, such as that the key is in the same template, uses the other types."""


def referenced_key(reference: KeyReference) -> KmsKey | NotAKmsKey | None:
    """Return the key that a reference names, by its form alone; None if that can't be read."""
    if reference is None or reference == "":
        return AWS_MANAGED_KEY
    if isinstance(reference, str):
        return read_key(reference)
    if isinstance(reference, UncheckedKey):
        return reference.key
    return reference if isinstance(reference, (KmsKey, NotAKmsKey)) else None


def is_aws_managed(reference: KeyReference) -> bool:
    """Return whether a reference certainly names the AWS managed key."""
    named = referenced_key(reference)
    return isinstance(named, KmsKey) and named.manager is KeyManager.AWS


@dataclass(frozen=True)
class Encryption:
    """The encryption setting of a table, as far as it is declared.

    Attributes:
        block: True if the setting is there, None if it is missing, or why it can't be read.
        enabled: whether KMS encryption is enabled; None if nothing says so.
        key: what names the KMS key.
        sse_type: the type of encryption, where the resource type has it; only KMS is valid.
    """

    block: bool | Unreadable | WrongType | None = None
    enabled: bool | Unreadable | WrongType | None = None
    key: KeyReference = None
    sse_type: str | Unreadable | WrongType | None = None


@dataclass(frozen=True)
class Replica:
    """A copy of a table in another Region.

    Attributes:
        region: the Region; None if it can't be read.
        key: what names the replica's KMS key.
        in_stack_region: whether the Region is that of the template's stack and can't be read.
    """

    region: str | None
    key: KeyReference = None
    in_stack_region: bool = False


class Switches(NamedTuple):
    """What in a template decides the properties of a table, such as "the parameter 'Stage'".

    Attributes:
        enabled: what decides whether KMS encryption is enabled.
        sse_type: what decides the type of encryption.
        key: what decides the key of the table, or the keys of its replicas.
    """

    enabled: tuple[str, ...] = ()
    sse_type: tuple[str, ...] = ()
    key: tuple[str, ...] = ()


NO_SWITCHES = Switches()


@dataclass(frozen=True)
class Table:
    """One DynamoDB table.

    Attributes:
        name: the name of its resource, or its logical ID in a template. The table's name in AWS is
            not kept: a program may have marked it as secret, and no policy can see that.
        encryption: the setting that is declared, or recorded from AWS. None for a replica that is
            its own resource, whose table is judged where it is declared.
        spelling: the property names of the type that declares it.
        replicas: its copies in other Regions, or why they can't be read.
        region: its Region, if known.
        not_created_yet: whether this is the preview of its creation, so that its ARN is unknown.
        origin: the property that creates it from existing data, e.g. "restoreSourceName"; None if
            there is none.
        template_of: the name of the resource whose template declares it; None outside templates.
        account: the ID of its AWS account, if known.
        json: whether the document that declares it is JSON.
        switches: what in its template decides about its encryption.
    """

    name: str
    encryption: Encryption | None
    spelling: Spelling
    replicas: tuple[Replica, ...] | Unreadable | WrongType = ()
    region: str | None = None
    not_created_yet: bool = False
    origin: str | None = None
    template_of: str | None = None
    account: str | None = None
    json: bool = False
    switches: Switches = NO_SWITCHES


@dataclass(frozen=True)
class ConditionalTable:
    """A table whose declaration depends on a condition that can't be decided.

    Attributes:
        cases: the table in each outcome; never empty.
        cause: the value that decides.
        may_be_absent: whether there is an outcome without the table.
        switches: what in the template decides whether the table exists.
    """

    cases: tuple[Table, ...]
    cause: Unreadable
    may_be_absent: bool = False
    switches: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name, which all cases share."""
        return self.cases[0].name

    @property
    def not_created_yet(self) -> bool:
        """Whether the table is not created yet, see `Table`."""
        return self.cases[0].not_created_yet


@dataclass(frozen=True)
class UnreadTables:
    """Tables that a resource may declare where the policy can't read them.

    Attributes:
        name: the name to show, see `Table`.
        cause: why they can't be read.
        template_of: see `Table`.
        not_created_yet: see `Table`.
    """

    name: str
    cause: Unreadable
    template_of: str | None = None
    not_created_yet: bool = False


@dataclass(frozen=True)
class InvalidDeclaration:
    """A declaration that is wrong in itself, such as a template that is neither JSON nor YAML.

    Attributes:
        name: the name to show, see `Table`.
        fault: what is wrong, as a clause, e.g. "templateBody is a list instead of a template".
        not_created_yet: see `Table`.
    """

    name: str
    fault: str
    not_created_yet: bool = False


Declaration = Table | ConditionalTable | UnreadTables | InvalidDeclaration
"""What a route reads from a resource."""
