"""The settings that the rule asks. How a user gives them is in `policies/settings/`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from .allowed_keys import AllowedKeys
from .globs import ANY, matches
from .urns import UrnPattern

_REGION = 3
"""The place of an ARN's Region among its parts."""


@dataclass(frozen=True)
class Exemption:
    """Tables that the rule leaves out.

    table, urn: patterns of the table's name and of its resource's URN; where both are set, both
        must match.
    reason: why.
    expires: the last day on which it holds, in UTC; None where it has no end.
    ended: whether that day is over.
    """

    reason: str
    table: str | None = None
    urn: UrnPattern | None = None
    expires: date | None = None
    ended: bool = False

    def covers(self, name: str, urn: str) -> bool:
        """Whether it is meant for the table `name` of the resource with this URN."""
        return (self.table is None or matches(self.table, name)) and (
            self.urn is None or self.urn.covers(urn)
        )

    def may_be_for_stack_of(self, urn: str) -> bool:
        """Whether it may be meant for tables of the stack that the resource `urn` is in."""
        return self.urn is None or self.urn.may_be_in_stack_of(urn)


@dataclass(frozen=True)
class KeyToSet:
    """The customer managed key that remediation sets.

    arn: its ARN, with `*` in the place of the Region where there is one in each.
    """

    arn: str

    @property
    def in_every_region(self) -> bool:
        """Whether there is one in each Region."""
        return self.arn.split(":")[_REGION : _REGION + 1] == [ANY]

    def in_region(self, region: str | None) -> str | None:
        """The ARN of the one in `region`; None where that decides and is not known."""
        if not self.in_every_region:
            return self.arn
        if region is None:
            return None
        parts = self.arn.split(":")
        parts[_REGION] = region
        return ":".join(parts)


@dataclass(frozen=True)
class Settings:
    """The rule's settings.

    require_customer_managed_key: whether only customer managed keys comply.
    allowed_keys: the keys that comply; None for any.
    exemptions: the tables that are not judged.
    remediation_key: the key to set; None for the AWS managed key.
    faults: what is wrong with the settings, each a clause of its own. Nothing complies under
        wrong settings: a mistyped name must not make the rule laxer than was meant.
    """

    require_customer_managed_key: bool = False
    allowed_keys: AllowedKeys | None = None
    exemptions: Sequence[Exemption] = ()
    remediation_key: KeyToSet | None = None
    faults: Sequence[str] = ()

    def exemption_of(self, name: str, urn: str) -> Exemption | None:
        """The exemption that covers a table: one that holds, or else one that has ended, the last
        of them.
        """
        found = [it for it in self.exemptions if it.covers(name, urn)]
        return next((it for it in found if not it.ended), None) or max(
            found, key=lambda it: it.expires or date.min, default=None
        )
