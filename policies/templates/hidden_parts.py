"""Find the resources of a template that may create resources which the template doesn't show.

Sources: AWS CloudFormation User Guide, "Fn::Transform", "Nested stacks", "Modules", "Fn::ForEach";
AWS CloudFormation Template Reference, "AWS::CloudFormation::StackSet",
"AWS::ServiceCatalog::CloudFormationProvisionedProduct"; AWS Serverless Application Model Developer
Guide, "AWS::Serverless::Application".
"""

from __future__ import annotations

from collections.abc import Collection

from ..encryption.values import Hidden, Unreadable

CARRIERS = {
    "AWS::CloudFormation::Stack": "the resource is a CloudFormation stack with its own template",
    "AWS::CloudFormation::StackSet": "the resource is a stack set with its own template",
    "AWS::Serverless::Application": (
        "the resource is a serverless application with its own template"
    ),
    "AWS::ServiceCatalog::CloudFormationProvisionedProduct": (
        "the resource is a Service Catalog product with its own template"
    ),
}
"""Types of resources with their own templates → why the resources in these can't be read."""

MACRO = Hidden("a macro changes the resource before CloudFormation creates the stack")
_MODULE = Hidden("the resource is a module, whose resources are not in the template")
_LOOP = Hidden(
    "the resource is a loop (Fn::ForEach), which CloudFormation expands when it creates the stack"
)


def is_loop(logical_id: str) -> bool:
    """Return whether `logical_id` is a loop's."""
    return logical_id.startswith("Fn::ForEach")


def cause_in_resource(declared: object) -> Unreadable | None:
    """Return why a resource may create others that can't be read; None if it doesn't."""
    if isinstance(declared, Unreadable):
        return declared
    if not isinstance(declared, dict):
        return None
    kind = declared.get("Type")
    if isinstance(kind, Unreadable):
        return kind
    if isinstance(kind, str):
        if kind.endswith("::MODULE"):
            return _MODULE
        if kind in CARRIERS:
            return Hidden(CARRIERS[kind])
    return MACRO if "Fn::Transform" in declared else None


def cause_in_loop(loop: object, types: Collection[str]) -> Unreadable | None:
    """Return why a loop may create resources of `types`; None if it creates other types only."""
    pending = [loop]
    while pending:
        loop = pending.pop()
        if isinstance(loop, Unreadable):
            return loop
        body = loop[-1] if isinstance(loop, list) and loop else None
        if not isinstance(body, dict):
            return _LOOP
        for name, declared in body.items():
            if is_loop(name):
                pending.append(declared)
                continue
            kind = declared.get("Type") if isinstance(declared, dict) else None
            if not isinstance(kind, str) or "{" in kind or kind in types:
                return _LOOP
            cause = cause_in_resource(declared)
            if cause is not None:
                return cause
    return None
