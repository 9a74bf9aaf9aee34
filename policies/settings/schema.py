"""The settings that the engine shows, checks, and fills with defaults.

Sources: Pulumi, "Policy configuration" (schemas are JSON Schema; defaults are filled in); Pulumi,
pkg/resource/analyzer/config.go (a name that is not in the schema is not reported).
"""

from __future__ import annotations

from typing import Any

REQUIRE_CUSTOMER_MANAGED_KEY = "requireCustomerManagedKey"
ALLOWED_KMS_KEYS = "allowedKmsKeys"
EXEMPTIONS = "exemptions"
REMEDIATION_KMS_KEY = "remediationKmsKey"

ENFORCEMENT_LEVEL = "enforcementLevel"
"""Part of a policy's entry in a configuration file. The engine does not pass it to the policy."""

TABLE, URN, REASON, EXPIRES = "table", "urn", "reason", "expires"

SCHEMA: dict[str, dict[str, Any]] = {
    REQUIRE_CUSTOMER_MANAGED_KEY: {
        "type": "boolean",
        "default": False,
        "description": (
            "Accept customer managed keys only. The AWS managed key aws/dynamodb is a violation, "
            "and each replica needs its own key."
        ),
    },
    ALLOWED_KMS_KEYS: {
        "type": "array",
        "items": {"type": "string", "minLength": 1},
        "default": [],
        "description": (
            "Accept only these keys. Each entry is a key ARN, an alias ARN, or an account ID. In "
            "an ARN, * matches any characters between two colons. An empty list accepts any key."
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
                        "The table's name as messages show it: the name of its resource, or its "
                        "logical ID in a template. In an audit of AWS accounts, the table's name "
                        "in AWS or its ARN. * matches any characters."
                    ),
                },
                URN: {
                    "type": "string",
                    "minLength": 1,
                    "description": (
                        "The resource's URN. * matches any characters within one part, and ::* at "
                        "the end matches all remaining parts."
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
            "Tables that the policies don't check. Each entry matches tables by table, urn, or "
            "both, and needs a reason. We recommend an expiry date."
        ),
    },
    REMEDIATION_KMS_KEY: {
        "type": "string",
        "default": "",
        "description": (
            "The ARN of the customer managed key that the enforcement level remediate sets. Use * "
            "as the Region to set the key with that ID or alias in the table's own Region. If "
            "empty, remediation sets the AWS managed key."
        ),
    },
}
"""Each setting with its JSON Schema."""
