"""The configuration of each policy, from one set of settings, and policy exceptions for all.

Source: Pulumi, pkg/resource/analyzer/config.go (a policy's own level counts before that of "all").
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pulumi_policy import EnforcementLevel

from policies import POLICIES, dynamodb_table_kms_encryption
from policies.encryption.values import json_type
from policies.settings.reading import read, unknown_name
from policies.settings.schema import ENFORCEMENT_LEVEL, REMEDIATION_KMS_KEY, SCHEMA
from tools.policy_config.exceptions import (
    EXCEPTIONS,
    NAMES,
    faults_of_settings,
    with_policy_names,
)

ALL = "all"
ADVISORY = EnforcementLevel.ADVISORY.value
DISABLED = EnforcementLevel.DISABLED.value
LEVELS = tuple(level.value for level in EnforcementLevel)
POLICY_ENTRIES = "policies"
VERSION = "version"


def level_fault(level: object) -> str | None:
    """Return what is wrong with an enforcement level, as a sentence; None for a correct one."""
    if not isinstance(level, str):
        return f"An enforcement level is {json_type(level)} instead of one of {', '.join(LEVELS)}."
    return None if level in LEVELS else unknown_name("enforcement level", level, LEVELS)


def faults_of(settings: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with a set of settings, as sentences."""
    levels = settings.get(ENFORCEMENT_LEVEL, {})
    levels = levels if isinstance(levels, dict) else {ALL: levels}
    known = (ALL, *NAMES)
    faults = [unknown_name("policy", name, known) for name in levels if name not in known]
    faults += filter(None, map(level_fault, levels.values()))
    shared = {name: settings[name] for name in settings if name != EXCEPTIONS}
    faults += read(without_level(shared)).faults
    faults += faults_of_settings(settings.get(EXCEPTIONS, {}))
    if not settings.keys().isdisjoint(NAMES):
        faults.append("Write each setting once, without the names of the policies.")
    return faults


def without_level(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return a policy's entry, or a set of settings, without the enforcement level."""
    return {name: value for name, value in entry.items() if name != ENFORCEMENT_LEVEL}


def text_of(settings: Mapping[str, Any], level: str | None = None) -> str:
    """Return the text of the configuration file that gives each policy the same settings.

    Args:
        settings: the settings, for which `faults_of` finds nothing, and optionally
            "enforcementLevel": a level, or an object of policy, or "all" → level, and
            "exceptions": the policy exceptions, which name no policies.
        level: the level of each policy that the settings don't disable.
    """
    levels = settings.get(ENFORCEMENT_LEVEL, {})
    levels = levels if isinstance(levels, dict) else {ALL: levels}
    config: dict[str, Any] = {}
    for policy in POLICIES:
        own = levels.get(policy.name, levels.get(ALL))
        if own != DISABLED:
            own = level or own
        config[policy.name] = {
            **({ENFORCEMENT_LEVEL: own} if own else {}),
            **{name: settings[name] for name in SCHEMA if name in settings},
        }
        if policy is not dynamodb_table_kms_encryption.POLICY:
            config[policy.name].pop(REMEDIATION_KMS_KEY, None)
    if exceptions := settings.get(EXCEPTIONS):
        config = {
            VERSION: 2, POLICY_ENTRIES: config, EXCEPTIONS: with_policy_names(exceptions),
        }  # fmt: skip
    return json.dumps(config, indent=2) + "\n"
