"""The properties of stacks and stack sets that decide which tables their template declares."""

from __future__ import annotations

BODY = "templateBody"
URL = "templateUrl"
PARAMETERS = "parameters"
NAMES = ("name", "stackName")
GROUPS = "stackInstancesGroup"
AUTO_DEPLOYMENT = "autoDeployment"
OVERRIDES = "parameterOverrides"

MADE_BY_AWS = frozenset(("stackId", "stackSetId", "id", "arn", "outputs"))
"""Outputs that are unknown until the stack is created. Each type has some of them."""
