"""The settings of the rule. How a user writes them is in `policies/settings/`."""

from __future__ import annotations

from dataclasses import dataclass

from ..patterns import ANY
from .allowed_keys import AllowedKeys
from .arns import Arn, is_in_partition


@dataclass(frozen=True)
class RemediationKey:
    """The customer managed key that remediation sets.

    Attributes:
        arn: the key's ARN, with `*` as the Region for a key that exists in each Region.
    """

    arn: Arn

    @property
    def in_every_region(self) -> bool:
        """Whether the key exists in each Region."""
        return self.arn.region == ANY

    def in_region(self, region: str | None) -> str | None:
        """Return the ARN of the key for a table in a Region.

        Args:
            region: the table's Region; None if not known.

        Returns:
            The ARN; None if it depends on a Region that is not known, or that is in another
            partition than the key.
        """
        if not self.in_every_region:
            return str(self.arn)
        if region is None or not is_in_partition(region, self.arn.partition):
            return None
        return str(self.arn._replace(region=region))


@dataclass(frozen=True)
class RuleSettings:
    """What the rule accepts, and what remediation sets.

    Attributes:
        require_customer_managed_key: whether only customer managed keys comply.
        allowed_keys: the keys that comply; None for any key.
        remediation_key: the key that remediation sets; None for the AWS managed key.
    """

    require_customer_managed_key: bool = False
    allowed_keys: AllowedKeys | None = None
    remediation_key: RemediationKey | None = None

    @property
    def checks_keys(self) -> bool:
        """Whether it depends on the key if a table that uses a KMS key complies."""
        return self.require_customer_managed_key or self.allowed_keys is not None
