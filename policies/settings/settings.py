"""The settings of a policy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ..encryption.settings import RuleSettings
from ..exemptions import Exemptions
from .schema import ALLOWED_KMS_KEYS, EXEMPTIONS, REQUIRE_CUSTOMER_MANAGED_KEY


@dataclass(frozen=True)
class Settings:
    """The settings of a policy.

    Attributes:
        rule: what the rule accepts.
        exemptions: the tables that are not checked.
        faults: what is wrong with the settings, one or two sentences for each fault. No table is
            accepted under wrong settings: a mistyped name must not weaken the rule.
    """

    rule: RuleSettings = field(default_factory=RuleSettings)
    exemptions: Exemptions = field(default_factory=Exemptions)
    faults: tuple[str, ...] = ()

    def differences(self, other: Settings) -> list[str]:
        """Return the names of the settings that differ and decide which tables are accepted."""
        return [name for name, value in self._decisive.items() if value != other._decisive[name]]

    @property
    def _decisive(self) -> dict[str, object]:
        allowed = self.rule.allowed_keys
        return {
            REQUIRE_CUSTOMER_MANAGED_KEY: self.rule.require_customer_managed_key,
            ALLOWED_KMS_KEYS: frozenset(allowed.entries if allowed is not None else ()),
            EXEMPTIONS: frozenset(
                (exemption.table, exemption.urn, exemption.expires) for exemption in self.exemptions
            ),
        }


def difference_fault(setting: str, policies: Sequence[str], others: Sequence[str]) -> str:
    """Return the fault that policies have another value of a setting than other policies."""
    return (
        f"{setting} has another value in {' and '.join(policies)} than in {' and '.join(others)}."
    )
