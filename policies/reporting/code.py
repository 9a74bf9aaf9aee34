"""Code that a developer can paste: properties with their values, in the syntax of the table's type.

Sources: YAML 1.2 specification, "Flow mappings"; HashiCorp, "HCL syntax" (a block with several
arguments needs several lines).
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from ..encryption.spelling import Syntax
from ..encryption.tables import Table

Value = bool | str | Mapping[str, "Value"]


def setting_code(table: Table, key: str | None = None) -> str:
    """Return the encryption setting that enables KMS encryption.

    Args:
        table: the table.
        key: the key to set; None for the AWS managed key, and where each replica names its key.
    """
    spelling = table.spelling
    properties: dict[str, Value] = {spelling.enabled: True}
    # AWS refuses a key without the type.
    if spelling.sse_type and (key is not None or spelling.keys_in_replicas):
        properties[spelling.sse_type] = "KMS"
    if key is not None:
        properties[spelling.key] = key
    return property_code(spelling.block, properties, _syntax(table))


def key_code(table: Table, key: str) -> str:
    """Return the property that names a key, for a replica or for a setting that has the others."""
    spelling = table.spelling
    if spelling.keys_in_replicas:
        return property_code(spelling.replica_block, {spelling.key: key}, _syntax(table))
    return property_code(spelling.key, key, _syntax(table))


def enabled_code(table: Table) -> str:
    """Return the properties that enable KMS encryption in a setting that names its key."""
    spelling, syntax = table.spelling, _syntax(table)
    enabled = property_code(spelling.enabled, True, syntax)
    if not spelling.sse_type:
        return f"`{enabled}`"
    return f"`{enabled}` and `{sse_type_code(table)}`"


def sse_type_code(table: Table) -> str:
    """Return the property that sets the type of encryption to KMS."""
    return property_code(table.spelling.sse_type, "KMS", _syntax(table))


def property_code(name: str, value: Value, syntax: Syntax) -> str:
    """Return a property with its value.

    Args:
        name: the property.
        value: true, a string, or an object of such values.
        syntax: how to write it.
    """
    shown = f'"{name}"' if syntax is Syntax.JSON else name
    assign = ": " if syntax in (Syntax.COLON, Syntax.JSON) else " = "
    if not isinstance(value, Mapping):
        return f"{shown}{assign}{json.dumps(value)}"
    members = [property_code(member, each, syntax) for member, each in value.items()]
    if syntax is not Syntax.HCL_BLOCK:
        return f"{shown}{assign}{{ {', '.join(members)} }}"
    if len(members) == 1:
        return f"{shown} {{ {members[0]} }}"
    return "\n".join((f"{shown} {{", *(f"  {member}" for member in members), "}"))


def _syntax(table: Table) -> Syntax:
    return Syntax.JSON if table.json else table.spelling.syntax
