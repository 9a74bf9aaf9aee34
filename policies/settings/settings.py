"""The settings of a policy."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..encryption.settings import RuleSettings
from ..exemptions import Exemptions


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
