"""Check a pack's settings against its schema before they are stored.

As in the CLI, each policy's settings are checked against that policy's schema. Missing settings are
checked as empty ones, and settings of unknown policies are ignored. The sentences come from
jsonschema, those of the CLI from gojsonschema.

Source: Pulumi, pkg/resource/analyzer/config.go, ValidatePolicyPackConfig; issue 3756 of
pulumi/pulumi ("the svc does this", about checking whether settings are valid).
"""

from __future__ import annotations

from collections.abc import Mapping

from jsonschema import Draft7Validator

from tools.sandbox.cloud.store import Json

LEVELS = ("advisory", "mandatory", "remediate", "disabled")


def faults_of(schemas: Mapping[str, Json], config: Mapping[str, Json]) -> list[str]:
    """Return what is wrong with a pack's settings.

    Args:
        schemas: policy → the schema of its settings.
        config: policy, or "all" → its settings, with its level as `enforcementLevel`.
    """
    faults = [
        f"{policy}: {settings['enforcementLevel']!r} is not a valid enforcement level"
        for policy, settings in config.items()
        if settings.get("enforcementLevel", "advisory") not in LEVELS
    ]
    for policy, schema in schemas.items():
        errors = Draft7Validator(schema).iter_errors(config.get(policy) or {})
        faults += [
            f"{policy}: {'.'.join(map(str, error.path))}: {error.message}" for error in errors
        ]
    return faults
