"""What a user may set about the rule.

The schema is what the engine shows, checks, and fills with defaults; `Settings` is what the rule
asks. One place for both, so that they can't disagree. It imports nothing: the engine reads the
schema of every pack, also where there is no table.

Source: Pulumi, "Policy configuration" (schemas are JSON Schema; defaults are filled in).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

REQUIRE_CUSTOMER_MANAGED_KEY = "requireCustomerManagedKey"

SCHEMA: dict[str, dict[str, Any]] = {
    REQUIRE_CUSTOMER_MANAGED_KEY: {
        "type": "boolean",
        "default": False,
        "description": (
            "Accept customer managed keys only: the AWS managed key aws/dynamodb no longer "
            "complies, and each replica needs a key of its own."
        ),
    },
}


@dataclass(frozen=True)
class Settings:
    """The rule's settings.

    require_customer_managed_key: whether only customer managed keys comply.
    """

    require_customer_managed_key: bool = False

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> Settings:
        """Read a policy's configuration, as the engine hands it over.

        What should be a boolean and is none counts as the stricter choice: the engine refuses it
        by the schema, so it can't come from a user who was told otherwise.
        """
        return cls(
            require_customer_managed_key=config.get(REQUIRE_CUSTOMER_MANAGED_KEY, False)
            is not False
        )
