"""Prints what an installed Pulumi SDK for Python says of some resources, as JSON.

Run as a program, with names of modules and classes on the command line
(`pulumi_aws.dynamodb:Table ...`), so that two versions of one SDK can be asked, each in a process
of its own.

Source: Pulumi, sdk/python (the decorators note the name on the wire on each property).
"""

from __future__ import annotations

import importlib
import inspect
import json
import sys
from typing import Any


def names_of(declaration: Any) -> list[str]:
    """The wire names that the SDK's decorators have noted on a class."""
    found = []
    for attribute in vars(declaration).values():
        name = getattr(getattr(attribute, "fget", None), "_pulumi_name", None)
        if name is not None:
            found.append(str(name))
    return sorted(found)


def describe(reference: str) -> dict[str, Any]:
    """Describe a resource's token, inputs and outputs, or the properties of a nested type."""
    module_name, _, class_name = reference.partition(":")
    declaration = getattr(importlib.import_module(module_name), class_name)
    token = vars(declaration).get("pulumi_type")
    if token is None:
        return {"properties": names_of(declaration)}
    module = vars(inspect.getmodule(declaration))
    # The second name is for a resource whose first is taken by a nested type.
    arguments = module.get(f"{class_name}Args") or module[f"{class_name}InitArgs"]
    return {
        "token": token,
        "inputs": names_of(arguments),
        "outputs": names_of(declaration),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps({reference: describe(reference) for reference in sys.argv[1:]}))
