"""What in a template may add resources that it does not show.

Sources: AWS CloudFormation User Guide, "Transform" and "Fn::Transform" (a macro may change
everything beside and below it), "Nested stacks", "Modules", "Fn::ForEach"; AWS CloudFormation
Template Reference, "AWS::CloudFormation::StackSet",
"AWS::ServiceCatalog::CloudFormationProvisionedProduct"; AWS Serverless Application Model Developer
Guide, "AWS::Serverless::Application".
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from ..encryption.values import Hidden, Unknown
from .assumptions import World
from .declarations import shown
from .evaluation import Budget, Evaluation
from .limits import ExhaustedError
from .sections import Sections
from .values import Context, HiddenPart

CARRIERS = {
    "AWS::CloudFormation::Stack": "it is a CloudFormation stack with a template of its own",
    "AWS::CloudFormation::StackSet": "it makes stacks with a template of its own",
    "AWS::Serverless::Application": "it is a serverless application with a template of its own",
    "AWS::ServiceCatalog::CloudFormationProvisionedProduct": (
        "it is a product of Service Catalog with a template of its own"
    ),
}
"""Types that bring templates of their own → why what they make can't be read."""

_MODULE = "it is a module, whose resources are not in the template"
_MACRO = "a macro writes it before AWS makes the stack"
_LOOP = "it is a loop (Fn::ForEach), which AWS runs before it makes the stack"


def hidden_parts(
    template: Mapping[str, object], types: Collection[str], context: Context
) -> Sequence[HiddenPart]:
    """The parts of `template` that may declare resources of `types` unseen, in its order.

    template: as `parse` has read it.
    types, context: as for `declarations`.

    A part whose condition is certainly false is left out. Nothing is raised.
    """
    sections = Sections(template, context)
    found = []
    changed = sections.macro()
    if changed is not None:
        found.append(HiddenPart("", changed))
    resources = sections.resources
    if isinstance(resources, (Unknown, Hidden)):
        return (*found, HiddenPart("", resources))
    budget = Budget()
    conditions: dict[str, bool] = {}
    for logical_id, declared in resources.items():
        if logical_id == "Fn::Transform":
            continue  # told above: it changes all resources beside it
        if logical_id.startswith("Fn::ForEach"):
            why: Unknown | Hidden | None = _of_loop(declared, types)
        else:
            why = _of_resource(declared, types)
        if why is not None and not _left_out(sections, budget, conditions, declared):
            found.append(HiddenPart(shown(logical_id), why))
    return tuple(found)


def _of_resource(declared: object, types: Collection[str]) -> Unknown | Hidden | None:
    if isinstance(declared, (Unknown, Hidden)):
        return declared
    if not isinstance(declared, dict):
        return None
    kind = declared.get("Type")
    if isinstance(kind, (Unknown, Hidden)):
        return kind
    if isinstance(kind, str):
        if kind in types:
            return None
        if kind.endswith("::MODULE"):
            return Hidden((), _MODULE)
        if kind in CARRIERS:
            return Hidden((), CARRIERS[kind])
    return Hidden((), _MACRO) if "Fn::Transform" in declared else None


def _of_loop(loop: object, types: Collection[str]) -> Unknown | Hidden | None:
    """Why `loop` may make one of `types`; None where all that it makes is of other types."""
    pending = [loop]
    while pending:
        one = pending.pop()
        if isinstance(one, (Unknown, Hidden)):
            return one
        body = one[-1] if isinstance(one, list) and one else None
        if not isinstance(body, dict):
            return Hidden((), _LOOP)
        for name, declared in body.items():
            if name.startswith("Fn::ForEach"):
                pending.append(declared)
                continue
            kind = declared.get("Type") if isinstance(declared, dict) else None
            if not isinstance(kind, str) or "{" in kind or kind in types:
                return Hidden((), _LOOP)
            why = _of_resource(declared, types)
            if why is not None:
                return why
    return None


def _left_out(sections: Sections, budget: Budget, known: dict[str, bool], declared: object) -> bool:
    """Whether the condition of `declared` is certainly false.

    known: the answers so far, by the name of the condition.
    """
    name = declared.get("Condition") if isinstance(declared, dict) else None
    if not isinstance(name, str):
        return False
    if name not in known:
        world = World(())
        budget.next_resource()
        try:
            never = Evaluation(sections, budget, world).condition(name) is False
        except ExhaustedError:
            never = False
        # What had to be assumed might as well be otherwise.
        known[name] = never and not world.made
    return known[name]
