"""Exemptions, and which one applies to a table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from ..patterns import matches
from .arns import is_arn_pattern
from .urns import UrnPattern

SOON = 14
"""How many days before its end an exemption is reported."""


@dataclass(frozen=True)
class Exemption:
    """Tables that the policies don't check.

    Attributes:
        reason: why.
        table: the pattern of the table's name, or of its ARN if it starts with `arn:`; None for
            any name.
        urn: the pattern of the URN of the table's resource; None for any URN. A table must match
            both patterns.
        expires: the last day of the exemption, in UTC; None if it does not expire.
        expired: whether that day is over.
        ends_soon: whether that day is one of the next `SOON` days.
    """

    reason: str
    table: str | None = None
    urn: UrnPattern | None = None
    expires: date | None = None
    expired: bool = False
    ends_soon: bool = False

    def covers(self, name: str, urn: str, arn: str = "") -> bool:
        """Return whether the exemption covers a table, whether or not it has expired.

        Args:
            name: the table's name as messages show it.
            urn: the URN of the table's resource; empty for a table in AWS.
            arn: the ARN of a table in AWS; empty for a table of a program or a stack.
        """
        named = arn if is_arn_pattern(self.table or "") else name
        return (self.table is None or matches(self.table, named)) and (
            self.urn is None or self.urn.matches(urn)
        )


class Exemptions(tuple[Exemption, ...]):
    """The exemptions of one configuration."""

    __slots__ = ()

    def covering(self, name: str, urn: str, arn: str = "") -> Exemption | None:
        """Return the exemption that covers a table.

        Args:
            name: see `Exemption.covers`.
            urn: see `Exemption.covers`.
            arn: see `Exemption.covers`.

        Returns:
            The exemption that expires last; None if no exemption covers the table.
        """
        covering = [exemption for exemption in self if exemption.covers(name, urn, arn)]
        return max(covering, key=lambda exemption: exemption.expires or date.max, default=None)

    def in_force(self, name: str, urn: str) -> Exemption | None:
        """Return the exemption that covers a table and has not expired; None if there is none."""
        exemption = self.covering(name, urn)
        return exemption if exemption is not None and not exemption.expired else None

    def unused(self, tables: Iterable[tuple[str, str]], urn: str) -> list[Exemption]:
        """Return the exemptions that name a stack and cover none of its tables.

        An exemption by the table's name, or by a pattern of stacks, may cover a table of another
        stack.

        Args:
            tables: the name and the URN of each table of the stack.
            urn: the URN of any resource of the stack.
        """
        known = list(tables)
        return [
            exemption
            for exemption in self
            if exemption.urn is not None
            and exemption.urn.names_stack_of(urn)
            and not any(exemption.covers(*table) for table in known)
        ]
