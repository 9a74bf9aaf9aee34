"""Find the resources of a template that may create resources which the template doesn't show.

Sources: AWS CloudFormation User Guide, "Fn::Transform", "Nested stacks", "Modules", "Fn::ForEach";
AWS CloudFormation Template Reference, "AWS::CloudFormation::StackSet",
"AWS::ServiceCatalog::CloudFormationProvisionedProduct"; AWS Serverless Application Model Developer
Guide, "AWS::Serverless::Application".
"""

from __future__ import annotations

from collections.abc import Collection

from ..encryption.table_types import names_table, shown_type, why_unread
from ..encryption.values import Hidden, Unreadable
from .loops import Loop, cause_of_functions, why_not_expanded
from .unsupported import LOOP, is_loop

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


def cause_in_resource(declared: object) -> Unreadable | None:
    """Return why a resource may create others that can't be read; None if it doesn't."""
    if isinstance(declared, Unreadable):
        return declared
    if not isinstance(declared, dict):
        return None
    kind = declared.get("Type")
    if isinstance(kind, Unreadable):
        return kind
    if isinstance(kind, dict):
        return cause_of_functions(kind) or Hidden("the type of the resource is not a string")
    if isinstance(kind, str):
        if kind.endswith("::MODULE"):
            shown = shown_type(kind)
            return Hidden(f"the resource is a module ({shown}), whose resources can't be read")
        if kind in CARRIERS:
            return Hidden(CARRIERS[kind])
        if names_table(kind):
            return Hidden(why_unread(kind))
    return cause_of_functions(declared)


def cause_in_loop(loop: object, types: Collection[str]) -> Unreadable | None:
    """Return why a loop may create resources of `types`; None if it creates other types only.

    Args:
        loop: A loop that can't be expanded.
        types: CloudFormation types.
    """
    cause: Unreadable = Hidden(LOOP)
    pending = [loop]
    seen: set[int] = set()  # A structure that contains itself doesn't end.
    while pending:
        loop = pending.pop()
        if id(loop) in seen:
            continue
        seen.add(id(loop))
        if isinstance(loop, Unreadable):
            return loop
        cause = why_not_expanded(loop) or cause
        read = Loop.read(loop)
        if read is None:
            body = loop[-1] if isinstance(loop, list) and loop else None
            return body if isinstance(body, Unreadable) else cause
        for name, declared in read.body.items():
            if is_loop(name):
                pending.append(declared)
                continue
            kind = declared.get("Type") if isinstance(declared, dict) else None
            if not isinstance(kind, str) or "{" in kind or kind in types:
                return cause
            if cause_in_resource(declared) is not None:
                return cause
    return None
