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
    unknown: the name of a setting that does not exist, where one was given. Nothing complies under
        settings that are wrong: a mistyped name must not make the rule laxer than was meant.
    nearest: the setting that was probably meant, where one is near.
    """

    require_customer_managed_key: bool = False
    unknown: str | None = None
    nearest: str | None = None

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> Settings:
        """Read a policy's configuration, as the engine hands it over: it has checked the types of
        what the schema knows, and lets any other name pass.

        What should be a boolean and is none counts as the stricter choice.
        """
        strict = config.get(REQUIRE_CUSTOMER_MANAGED_KEY, False) is not False
        unknown = next((name for name in sorted(config) if name not in SCHEMA), None)
        if unknown is None:
            return cls(strict)
        # Imported here: hardly anybody needs it.
        from difflib import get_close_matches

        return cls(strict, unknown, next(iter(get_close_matches(unknown, SCHEMA, 1)), None))
