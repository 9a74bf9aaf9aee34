"""The settings that the engine shows, checks and fills with defaults. It imports nothing.

Sources: Pulumi, "Policy configuration" (schemas are JSON Schema; defaults are filled in); Pulumi,
pkg/resource/analyzer/config.go (a name that the schema does not have passes).
"""

from __future__ import annotations

from typing import Any

REQUIRE_CUSTOMER_MANAGED_KEY = "requireCustomerManagedKey"
ALLOWED_KMS_KEYS = "allowedKmsKeys"
EXEMPTIONS = "exemptions"
REMEDIATION_KMS_KEY = "remediationKmsKey"

TABLE, URN, REASON, EXPIRES = "table", "urn", "reason", "expires"

SCHEMA: dict[str, dict[str, Any]] = {
    REQUIRE_CUSTOMER_MANAGED_KEY: {
        "type": "boolean",
        "default": False,
        "description": (
            "Accept customer managed keys only: the AWS managed key aws/dynamodb no longer "
            "complies, and each replica needs a key of its own."
        ),
    },
    ALLOWED_KMS_KEYS: {
        "type": "array",
        "items": {"type": "string", "minLength": 1},
        "default": [],
        "description": (
            "Accept these keys only: key ARNs, alias ARNs or account ids; in an ARN, * stands for "
            "any characters between two colons. Empty: any key."
        ),
    },
    EXEMPTIONS: {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {
                TABLE: {
                    "type": "string",
                    "minLength": 1,
                    "description": (
                        "The table's name as messages show it: that of its resource, or its "
                        "logical id in a template. * stands for any characters."
                    ),
                },
                URN: {
                    "type": "string",
                    "minLength": 1,
                    "description": (
                        "The resource's URN. * stands for any characters of one part, and ::* at "
                        "the end for all that follows."
                    ),
                },
                REASON: {
                    "type": "string",
                    "minLength": 1,
                    "description": "Why the table is exempt.",
                },
                EXPIRES: {
                    "type": "string",
                    "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
                    "description": "The last day of the exemption, in UTC, such as 2027-01-31.",
                },
            },
            "required": [REASON],
            "additionalProperties": False,
        },
        "default": [],
        "description": (
            "Tables that the rule leaves out: each by table, by urn or by both, with a reason and "
            "best with the day on which that ends."
        ),
    },
    REMEDIATION_KMS_KEY: {
        "type": "string",
        "default": "",
        "description": (
            "The ARN of the customer managed key that enforcement level remediate sets; with * in "
            "the place of the Region, the key of that id or alias in the table's own. Empty: the "
            "AWS managed key."
        ),
    },
}
"""Setting → its JSON Schema."""
