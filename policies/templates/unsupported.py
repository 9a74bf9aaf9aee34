"""Explain why functions and unsupported parts of YAML can't be evaluated.

The parser writes a part that CloudFormation doesn't support as a function, so only the value that
contains it can't be determined, as with any function that this package doesn't know.
"""

from __future__ import annotations

import re

ALIAS = "Fn::*"
DOCUMENTS = "Fn::---"
MERGE_KEY = "Fn::<<"
NAME_NOT_TEXT = "Fn::?"
TAG = "Fn::!!"

MACRO = "a macro changes this part of the template before CloudFormation creates the stack"
LOOP = "CloudFormation expands the loop (Fn::ForEach) when it creates the stack"

_REASONS = {
    ALIAS: "the template contains a YAML alias, which CloudFormation doesn't support",
    DOCUMENTS: "the template contains more than one YAML document",
    MERGE_KEY: "the template contains a YAML merge key, which CloudFormation doesn't support",
    NAME_NOT_TEXT: "an object has a member whose name is not a string",
    TAG: "the template contains a YAML tag that CloudFormation doesn't support",
    "Fn::Transform": MACRO,
}
_LEGIBLE = re.compile(r"Fn::[A-Za-z][A-Za-z0-9:]{0,40}")


def is_function_name(name: str) -> bool:
    """Return whether a member of an object is a function instead of a property."""
    return name.startswith("Fn::")


def is_loop(name: str) -> bool:
    """Return whether a member `name` of an object is a loop."""
    return name.startswith("Fn::ForEach")


def reason_of(name: str) -> str:
    """Return why the function `name` can't be evaluated."""
    if is_loop(name):
        return LOOP
    if name in _REASONS:
        return _REASONS[name]
    function = f"the function {name}" if _LEGIBLE.fullmatch(name) else "a function"
    return f"the template uses {function}, which this policy pack does not know"
