"""Merge the Globals section of a template into the properties of serverless resources.

Source: AWS Serverless Application Model Developer Guide, "Globals section of the AWS SAM template"
(objects are merged, lists are joined, other values are replaced).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeGuard

from ..encryption.values import Unreadable
from .unsupported import is_function_name

_PREFIX = "AWS::Serverless::"
_DEPTH_LIMIT = 20


def with_globals(
    properties: object, kind: str, section: Mapping[str, object] | Unreadable
) -> object:
    """Add what a resource of the type `kind` inherits from the Globals section to `properties`."""
    if not kind.startswith(_PREFIX):
        return properties
    inherited = section if isinstance(section, Unreadable) else section.get(kind[len(_PREFIX) :])
    return _merged(inherited, properties, 0)


def is_function(node: object) -> bool:
    """Return whether `node` is an intrinsic function."""
    if not isinstance(node, dict) or len(node) != 1:
        return False
    (name,) = node
    return name == "Ref" or is_function_name(name)


def _merged(inherited: object, own: object, depth: int) -> object:
    if isinstance(inherited, Unreadable) and isinstance(own, (dict, list)):
        return inherited  # It may add to `own`.
    if isinstance(inherited, list) and isinstance(own, list):
        return inherited + own
    if depth < _DEPTH_LIMIT and _is_object(inherited) and _is_object(own):
        merged = {**inherited, **own}
        for name in inherited.keys() & own.keys():
            merged[name] = _merged(inherited[name], own[name], depth + 1)
        return merged
    return own


def _is_object(node: object) -> TypeGuard[dict[str, object]]:
    return isinstance(node, dict) and not is_function(node)
