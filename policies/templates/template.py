"""A template in its stack.

Sources: AWS CloudFormation User Guide, "CloudFormation template sections", "Transform",
"Fn::Transform" (a macro may change everything next to and below it).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from ..encryption.values import Hidden, Unreadable
from .resources import Reader
from .values import Context, HiddenPart, InvalidPart, InvalidTemplate, TemplateResource

_HARMLESS_TRANSFORMS = (
    "AWS::CodeDeployBlueGreen",
    "AWS::LanguageExtensions",
    "AWS::SecretsManager-",
    "AWS::Serverless-",
    "AWS::ServiceCatalog",
)
"""The start of the names of AWS's own macros that don't change tables."""

_CHANGED = Hidden("a macro changes the template before CloudFormation creates the stack")


@dataclass(frozen=True)
class Template:
    """A template in its stack. Use `read` to get one.

    Attributes:
        structure: The template as dicts and lists, with long forms of functions only.
        context: What is known about the stack.
    """

    structure: Mapping[str, object]
    context: Context

    @classmethod
    def read(cls, structure: Mapping[str, object], context: Context) -> Template | InvalidTemplate:
        """Return the template, or InvalidTemplate if its resources are not an object."""
        if not isinstance(structure.get("Resources", {}), (dict, Unreadable)):
            return InvalidTemplate("the Resources section of the template is not an object")
        return cls(structure, context)

    def resources(
        self, types: Mapping[str, Collection[str]]
    ) -> Iterator[TemplateResource | HiddenPart | InvalidPart]:
        """Yield the resources of `types` and the parts that may declare others, in order.

        Resources whose condition is certainly false are left out.

        Args:
            types: CloudFormation type → the properties to evaluate. Only these are read, and only
                the conditions that they use make cases.
        """
        changed = self.changed()
        if changed is not None:
            yield HiddenPart("", changed)
        resources = self.section("Resources")
        if isinstance(resources, Unreadable):
            yield HiddenPart("", resources)
            return
        reader = Reader(self, types)
        for logical_id, declared in resources.items():
            part = reader.read(logical_id, declared)
            if part is not None:
                yield part

    def section(self, name: str) -> Mapping[str, object] | Unreadable:
        """Return a section, which is empty if it is missing or not an object."""
        section = self.structure.get(name)
        return section if isinstance(section, (dict, Unreadable)) else {}

    def changed(self) -> Unreadable | None:
        """Return what may change the whole template; None if nothing does."""
        transforms = self.structure.get("Transform")
        for transform in transforms if isinstance(transforms, list) else [transforms]:
            name = transform.get("Name", transform) if isinstance(transform, dict) else transform
            if isinstance(name, Unreadable):
                return name
            if name is not None and not (
                isinstance(name, str) and name.startswith(_HARMLESS_TRANSFORMS)
            ):
                return _CHANGED
        for node in (self.structure, self.section("Resources")):
            if isinstance(node, Mapping) and "Fn::Transform" in node:
                return _CHANGED
        return None
