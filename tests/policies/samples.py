"""The samples of resources in examples/samples, each with its verdicts."""

from __future__ import annotations

import re
from typing import Any

from tools.docs.routes import samples
from tools.harness import UNKNOWN

FILES = samples()
"""The content of each file of samples, by its name."""

PACKAGE = "orders"
"""The name for a package that can have any name."""


def types(file: dict[str, Any]) -> list[str]:
    """Return the types of a file's samples."""
    declared = file.get("types") or [file["type"]]
    return [resource_type.replace("<package>", PACKAGE) for resource_type in declared]


TYPES = {resource_type: file for file in FILES.values() for resource_type in types(file)}
"""Each type that has samples, with a file of them."""

# Pulumi YAML refers to another resource like this. The value is known only during the update.
_REFERENCE = re.compile(r"\$\{[a-z]+\.[a-zA-Z]+\}")

# Outputs that the provider plans as unknown.
_PLANNED_OUTPUTS = {
    "aws:cloudformation/stack:Stack": ("outputs", "parameters", "templateBody"),
    "aws:cloudformation/stackSet:StackSet": ("stackSetId", "templateBody"),
    "aws-native:cloudformation:Stack": ("stackId", "outputs"),
    "aws-native:cloudformation:StackSet": ("stackSetId",),
    "aws:cloudcontrol/resource:Resource": ("properties",),
    f"{PACKAGE}:index/cloudcontrolapiResource:CloudcontrolapiResource": ("properties",),
    f"{PACKAGE}:tf:aws_cloudcontrolapi_resource": ("properties",),
    "pulumi:terraform:aws_cloudcontrolapi_resource": ("properties",),
}


def inputs(sample: dict[str, Any]) -> dict[str, Any]:
    """Return the inputs of a sample, with its unknown values."""
    properties: dict[str, Any] = _with_unknowns(sample["properties"])
    return properties


def planned_outputs(resource_type: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """Return the outputs that a preview shows of a resource that is not created yet."""
    if resource_type == "aws-native:index:ExtensionResource":
        return {"outputs": UNKNOWN}
    unknown = ("arn", "id", *_PLANNED_OUTPUTS.get(resource_type, ()))
    return {**dict.fromkeys(unknown, UNKNOWN), **inputs}


def _with_unknowns(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _with_unknowns(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_with_unknowns(item) for item in value]
    return UNKNOWN if isinstance(value, str) and _REFERENCE.fullmatch(value) else value
