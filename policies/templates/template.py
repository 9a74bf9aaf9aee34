"""A template in its stack.

Sources: AWS CloudFormation User Guide, "CloudFormation template sections", "Transform",
"Fn::Transform" (a macro may change everything next to and below it).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from ..encryption.values import Hidden, Unreadable
from .cases import Case
from .evaluation import Cache, Evaluation
from .limits import LOOP_STEPS_LIMIT, Budget, Budgets, LimitExceededError
from .loops import Expansion, cause_of_functions, not_expanded
from .resources import Reader
from .unsupported import is_loop
from .values import Context, HiddenPart, TemplateResource

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
    """A template in its stack. Use `read` to get one with expanded loops.

    Attributes:
        structure: The template as dicts and lists, with long forms of functions only.
        context: What is known about the stack.
    """

    structure: Mapping[str, object]
    context: Context

    @classmethod
    def read(cls, structure: Mapping[str, object], context: Context) -> Template:
        """Return the template with the loops of its resources and conditions expanded."""
        template = cls(structure, context)
        expanded = {
            name: template._with_expanded_loops(section)
            for name in ("Conditions", "Resources")
            if isinstance(section := structure.get(name), dict) and any(map(is_loop, section))
        }
        return cls({**structure, **expanded}, context) if expanded else template

    def resources(
        self,
        types: Mapping[str, Collection[str]],
        budgets: Budgets | None = None,
        subjects: Mapping[str, Collection[str]] | None = None,
    ) -> Iterator[TemplateResource | HiddenPart]:
        """Yield the resources of `types` and the parts that may declare others, in order.

        Resources whose condition is certainly false are left out.

        Args:
            types: CloudFormation type → the properties to evaluate. Only these are read, and only
                the conditions that they use make cases.
            budgets: The budgets to share with other readings of the same template; its own by
                default.
            subjects: What to find the switches of → the members of properties that decide it.
        """
        changed = self.changed()
        if changed is not None:
            yield HiddenPart("", changed)
        resources = self.section("Resources")
        if isinstance(resources, Unreadable):
            yield HiddenPart("", resources)
            return
        reader = Reader(self, types, budgets or Budgets(), subjects or {})
        for logical_id, declared in resources.items():
            part = reader.read(logical_id, declared)
            if part is not None:
                yield part

    def section(self, name: str) -> Mapping[str, object] | Unreadable:
        """Return a section, which is empty if it is missing."""
        section = self.structure.get(name)
        if isinstance(section, (dict, Unreadable)):
            return section
        if section is None:
            return {}
        return Hidden(f"the {name} section of the template is not an object")

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
        return cause_of_functions(self.structure)

    def _with_expanded_loops(self, section: dict[str, object]) -> dict[str, object]:
        budget = Budget()
        budget.allow(LOOP_STEPS_LIMIT)
        members: dict[str, object] = {}
        for name, member in section.items():
            members.update(
                self._made_by_loop(name, member, budget) if is_loop(name) else {name: member}
            )
        return members

    def _made_by_loop(self, name: str, node: object, budget: Budget) -> dict[str, object]:
        cache = Cache()

        def items_of(collection: object) -> list[str] | Unreadable:
            # Each collection has its own case: an undecided one must not hide the next.
            case = Case()
            items = Evaluation(self, cache, budget, case, tries_lookups=False).items(collection)
            return case.assumptions[0][0].cause if case.assumptions else items

        try:
            return Expansion(items_of, budget.spend).expanded({name: node})
        except LimitExceededError as error:
            return {name: not_expanded(node, Hidden(str(error)))}
