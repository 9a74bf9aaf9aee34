"""The input and the results of reading a template.

Sources: AWS CloudFormation User Guide, "Parameters", "Pseudo parameters reference", "Condition
functions"; AWS CloudFormation Template Reference, "AWS::KMS::Key" and "AWS::KMS::Alias" (what Ref
and Fn::GetAtt return).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..encryption.values import Unreadable


@dataclass(frozen=True)
class InvalidTemplate:
    """A text or structure that is not a template.

    Attributes:
        reason: A clause that also works as a sentence. It never quotes the template, which may
            contain secrets.
    """

    reason: str


@dataclass(frozen=True)
class Context:
    """What is known about the stack, apart from its template.

    Attributes:
        parameters: The values that the stack sets for its parameters: strings, numbers, booleans,
            lists, or Unreadable.
        others: The value of each parameter that `parameters` doesn't have, where the stack may set
            parameters that can't be read. Defaults are then ignored. None if `parameters` is
            complete.
        region: The stack's Region, from which its partition and URL suffix follow; None if unknown.
        account: The stack's account; None if unknown.
        stack_name: The stack's name; None if unknown.
    """

    parameters: Mapping[str, object] = field(default_factory=dict)
    others: Unreadable | None = None
    region: str | Unreadable | None = None
    account: str | None = None
    stack_name: str | Unreadable | None = None


@dataclass(frozen=True)
class Key:
    """A reference to a KMS key of the same template, by its key ID or ARN.

    Attributes:
        type: AWS::KMS::Key or AWS::KMS::ReplicaKey.
        properties: KeySpec, KeyUsage, Enabled, MultiRegion, Origin and PrimaryKeyArn as far as
            they are set, evaluated.
    """

    logical_id: str
    type: str
    properties: Mapping[str, object] = field(hash=False)


@dataclass(frozen=True)
class Alias:
    """A reference to a KMS alias of the same template, by its name or ARN.

    Attributes:
        name: The evaluated AliasName.
        target: The evaluated TargetKeyId: a string, a Key, or another value.
    """

    logical_id: str
    name: object = field(hash=False)
    target: object = field(hash=False)


Part = str | Unreadable | Key | Alias
"""A part of a PartialText."""


@dataclass(frozen=True)
class PartialText:
    """A text of which only some parts can be read, such as an ARN in an unknown Region.

    Attributes:
        parts: The parts from first to last. Two strings never follow each other.
        cause: The value that makes the text unreadable.
        texts: The texts that it may be, where these are known; empty where they are not.
    """

    parts: tuple[Part, ...]
    cause: Unreadable
    texts: frozenset[str] = frozenset()

    def text(self, placeholder: str = "*") -> str:
        """Return the text with `placeholder` for each part that is not a string."""
        return "".join(part if isinstance(part, str) else placeholder for part in self.parts)


@dataclass(frozen=True)
class TemplateResource:
    """A resource that a template declares.

    Attributes:
        cases: The evaluated properties, one mapping for each different outcome of the undecided
            conditions; never empty. Properties that are missing or AWS::NoValue are left out. A
            value is a JSON value, Unreadable, PartialText, Key or Alias.
        may_be_absent: Whether the resource's own condition is undecided.
        cause: A value that decides between the cases or whether the resource exists; None if
            nothing is undecided.
        switches: Each subject → the parameters, conditions and mappings that decide it, in words.
        switches_of_existence: Those that decide whether the resource exists; empty if it exists in
            each case.
    """

    logical_id: str
    type: str
    cases: tuple[Mapping[str, object], ...]
    may_be_absent: bool = False
    cause: Unreadable | None = None
    switches: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    switches_of_existence: tuple[str, ...] = ()


@dataclass(frozen=True)
class HiddenPart:
    """A part of a template that may declare resources and can't be read.

    Attributes:
        logical_id: The part's logical ID; empty if the part is the whole template.
        cause: What can't be read.
    """

    logical_id: str
    cause: Unreadable
