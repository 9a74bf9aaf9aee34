"""Settings of a pack, checked by its schema before they hold for anybody.

As in the CLI, each policy's settings are checked by that policy's schema, a policy without settings
as if it had empty ones, and settings of a policy that the pack doesn't have are not looked at. The
sentences are those of jsonschema, the CLI's of gojsonschema.

Sources: pkg/resource/analyzer/config.go, ValidatePolicyPackConfig; pulumi/pulumi issue 3756 ("the
svc does this", of checking whether the settings are valid).
"""

from __future__ import annotations

from collections.abc import Mapping

from jsonschema import Draft7Validator

from tools.sandbox.cloud.store import Json

LEVELS = ("advisory", "mandatory", "remediate", "disabled")


def check(schemas: Mapping[str, Json], config: Mapping[str, Json]) -> list[str]:
    """Return what is wrong with a pack's settings, nothing when they are right.

    Args:
        schemas: policy → the schema of its settings.
        config: policy → its settings, with its level as ``enforcementLevel``; so for ``all``.
    """
    wrong = [
        f"{policy}: {settings['enforcementLevel']!r} is not a valid enforcement level"
        for policy, settings in config.items()
        if settings.get("enforcementLevel", "advisory") not in LEVELS
    ]
    for policy, schema in schemas.items():
        errors = Draft7Validator(schema).iter_errors(config.get(policy) or {})
        wrong += [f"{policy}: {'.'.join(map(str, it.path))}: {it.message}" for it in errors]
    return wrong
