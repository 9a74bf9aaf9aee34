"""What goes into the reading of a template, and what comes out.

Sources: AWS CloudFormation User Guide, "Parameters", "Pseudo parameters reference", "Condition
functions"; AWS CloudFormation Template Reference, "AWS::KMS::Key" and "AWS::KMS::Alias" (what Ref
and Fn::GetAtt return).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..encryption.values import Hidden, Unknown


@dataclass(frozen=True)
class BadTemplate:
    """A text or structure that is no template.

    reason: one clause, completing "it can't be read: …". It never quotes the template, which may
        hold secrets.
    """

    reason: str


@dataclass(frozen=True)
class Context:
    """What is known of the stack from outside its template.

    parameters: the stack's own values for its parameters: strings, numbers, booleans, lists,
        Unknown or Hidden.
    others: what stands for the parameters that `parameters` lacks, where it may lack some that
        the stack does have: no Default counts then. None where it is complete.
    region, account, stack_name: of the stack; None where not known. The partition and the URL
        suffix follow from the Region.
    """

    parameters: Mapping[str, object] = field(default_factory=dict)
    others: Unknown | Hidden | None = None
    region: str | None = None
    account: str | None = None
    stack_name: str | None = None


@dataclass(frozen=True)
class Key:
    """A KMS key of the same template, where a Ref, its Arn or its KeyId stands.

    type: AWS::KMS::Key or AWS::KMS::ReplicaKey.
    properties: those of KeySpec, KeyUsage, Enabled, MultiRegion, Origin and PrimaryKeyArn that
        are set, evaluated.
    """

    logical_id: str
    type: str
    properties: Mapping[str, object] = field(hash=False)


@dataclass(frozen=True)
class Alias:
    """An alias of the same template, where a Ref to it or its ARN stands.

    name: its AliasName: a string, or why it is none.
    target: what its TargetKeyId names: a string, a Key, or why it is neither.
    """

    logical_id: str
    name: object = field(hash=False)
    target: object = field(hash=False)


Part = str | Unknown | Hidden | Key | Alias
"""A piece of a text that can't be put together entirely."""


@dataclass(frozen=True)
class PartlyUnknown(Unknown):
    """A text of which some parts are not known yet.

    parts: its pieces from first to last. No two strings are neighbours.
    """

    parts: tuple[Part, ...]

    def text(self, stand_in: str = "*") -> str:
        """The text with `stand_in` for each part that is no string."""
        return _text(self.parts, stand_in)


@dataclass(frozen=True)
class PartlyHidden(Hidden):
    """A text of which some parts can't be read, such as an ARN in a Region that is not known.

    parts: as in `PartlyUnknown`.
    """

    parts: tuple[Part, ...]

    def text(self, stand_in: str = "*") -> str:
        """The text with `stand_in` for each part that is no string."""
        return _text(self.parts, stand_in)


@dataclass(frozen=True)
class Declaration:
    """A resource that a template declares.

    logical_id, type: as the template has them.
    alternatives: its evaluated properties, one mapping for each outcome of the conditions that
        can't be decided; exactly one where all can; none where it is opaque. A property that is
        missing or AWS::NoValue is left out. A value is a JSON value, Unknown, Hidden, Key or Alias.
    may_be_absent: whether its own Condition can't be decided, so that it may not be created.
    undecided: a value that decides between the alternatives, or whether it is created; None
        where nothing is left to decide.
    opaque: why nothing can be read of it; None where something can.
    refused: what is wrong with it that no template which AWS takes would have, such as that it is
        nested without end; completes "it can't be read: …". None where nothing is.
    """

    logical_id: str
    type: str
    alternatives: tuple[Mapping[str, object], ...]
    may_be_absent: bool = False
    undecided: Unknown | Hidden | None = None
    opaque: Unknown | Hidden | None = None
    refused: str | None = None


@dataclass(frozen=True)
class HiddenPart:
    """Something in a template that may add resources which the template does not show.

    logical_id: where it stands in Resources; empty where it is about the whole template.
    why: what it is, completing "it can't be read: …".
    """

    logical_id: str
    why: Unknown | Hidden


def _text(parts: tuple[Part, ...], stand_in: str) -> str:
    return "".join(it if isinstance(it, str) else stand_in for it in parts)
