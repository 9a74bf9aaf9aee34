"""Normalize CloudFormation templates as the provider does.

Source: NormalizeJSONOrYAMLString in internal/verify/json.go of terraform-provider-aws.
"""

from __future__ import annotations

import json
from typing import Any

_ESCAPED = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"}


def normalized(text: Any) -> Any:
    """Return JSON with sorted names and no spaces, as Go writes it. Other values are unchanged."""
    if not isinstance(text, str) or not text.lstrip().startswith("{"):
        return text
    try:
        value = json.loads(text)
    except ValueError:
        return text
    compact = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    for character, escape in _ESCAPED.items():
        compact = compact.replace(character, escape)
    return compact
