"""Which tables the policies leave out. This is decided before the rule is applied."""

from .arns import matches_every_arn
from .exemption import SOON, Exemption, Exemptions
from .urns import UrnPattern, matches_every_table, urn_pattern_fault

__all__ = [
    "SOON",
    "Exemption",
    "Exemptions",
    "UrnPattern",
    "matches_every_arn",
    "matches_every_table",
    "urn_pattern_fault",
]
