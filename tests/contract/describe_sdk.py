"""Print the property names of resources in an installed Pulumi SDK for Python, as JSON.

The arguments are modules and classes, such as `pulumi_aws.dynamodb:Table`. The tests run it as a
program, because one process can't import two versions of an SDK.

Source: Pulumi, sdk/python (decorators store each property's name in the engine on the property).
"""

from __future__ import annotations

import importlib
import inspect
import json
import sys
from typing import Any


def names_of(declaration: Any) -> list[str]:
    """Return the names that the engine uses for the properties of a class."""
    getters = (getattr(attribute, "fget", None) for attribute in vars(declaration).values())
    names = (getattr(getter, "_pulumi_name", None) for getter in getters)
    return sorted(str(name) for name in names if name is not None)


def describe(reference: str) -> dict[str, Any]:
    """Return a resource's token, inputs, and outputs, or the properties of a nested type."""
    module_name, _, class_name = reference.partition(":")
    declaration = getattr(importlib.import_module(module_name), class_name)
    token = vars(declaration).get("pulumi_type")
    if token is None:
        return {"properties": names_of(declaration)}
    module = vars(inspect.getmodule(declaration))
    # The SDK uses the second name if a nested type has the first.
    arguments = module.get(f"{class_name}Args") or module[f"{class_name}InitArgs"]
    return {
        "token": token,
        "inputs": names_of(arguments),
        "outputs": names_of(declaration),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps({reference: describe(reference) for reference in sys.argv[1:]}))
