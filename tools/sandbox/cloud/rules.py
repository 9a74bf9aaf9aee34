"""Rules of policy groups: boolean expressions over the tags of a stack.

Left out: expressions over anything else than tags, such as a team or a role.

Source: Pulumi, pkg/cmd/pulumi/policy/policy_group_rules.go (which expressions a policy group's rule
can have), and Pulumi's Cloud SDK, apitype/permission_expression_*.go (their shapes).
"""

from __future__ import annotations

from collections.abc import Mapping

from tools.sandbox.cloud.api import bad_request
from tools.sandbox.cloud.store import Json


def holds(rule: Json, tags: Mapping[str, str]) -> bool:
    """Return whether a rule is true for a stack with these tags.

    Raises:
        Refused: the pretend Cloud doesn't know a part of the rule.
    """
    kind = rule["__type"].removeprefix("PermissionExpression")
    if kind in ("And", "Or"):
        sides = [holds(rule[side], tags) for side in ("left", "right")]
        return all(sides) if kind == "And" else any(sides)
    if kind == "Not":
        return not holds(rule["node"], tags)
    if kind == "HasTag":
        return rule["key"] in tags
    if kind != "Equal" or rule["left"]["__type"] != "PermissionExpressionTag":
        bad_request(f"the pretend Pulumi Cloud doesn't know the rule {rule['__type']}")
    value: str = rule["right"]["value"]
    return tags.get(rule["left"]["key"]) == value
