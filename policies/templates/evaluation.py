"""Evaluate a template's values and conditions in one case.

Source: AWS CloudFormation User Guide, "Intrinsic function reference", "Condition functions",
"Dynamic references"; AWS CloudFormation Template Reference, "AWS::KMS::Key", "AWS::KMS::Alias"
(return values).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..encryption.values import Hidden, Unreadable
from .cases import Case, Question, Undecided, combined
from .comparison import same
from .functions import FUNCTIONS, MISUSED
from .limits import LOOKUP_LIMIT, Budget, LimitExceededError
from .loops import Expansion, cause_of_functions
from .parameters import DYNAMIC, parameter
from .unresolved import NO_VALUE, Unresolved, cause_of, result_of, text_of
from .unsupported import is_function_name, is_loop, reason_of
from .values import Alias, Key

if TYPE_CHECKING:
    from .template import Template

DEPTH_LIMIT = 60
"""How deeply values, functions and conditions may be nested where they are evaluated. Each level
takes a few calls, which must fit Python's stack."""

_KEYS = ("AWS::KMS::Key", "AWS::KMS::ReplicaKey")
_ALIAS = "AWS::KMS::Alias"
_KEY_PROPERTIES = ("KeySpec", "KeyUsage", "Enabled", "MultiRegion", "Origin", "PrimaryKeyArn")
_CONDITION_FUNCTIONS = ("Fn::Equals", "Fn::And", "Fn::Or", "Fn::Not")
_NOT_DECLARED = Hidden("the template uses a condition that it doesn't declare")
_NOT_A_COLLECTION = Hidden("the collection of a loop (Fn::ForEach) is not a list of texts")


@dataclass
class Cache:
    """What evaluations of one template have shown that holds in every case.

    Attributes:
        truths: Conditions by name.
        keys: Keys and aliases by logical ID.
        parameters: Values of parameters by name.
        objects: Objects with loops, and the same without loops, by identity and assumptions.
            Evaluating an object repeatedly must use the same nodes, which are compared by identity.
        has_tried_lookups: Whether a lookup in a map by an unresolved key has made cases.
    """

    truths: dict[str, bool] = field(default_factory=dict)
    keys: dict[str, object] = field(default_factory=dict)
    parameters: dict[str, object] = field(default_factory=dict)
    objects: dict[object, tuple[object, dict[str, object]]] = field(default_factory=dict)
    has_tried_lookups: bool = False


class Evaluation:
    """One evaluation of a template, in one case.

    Any method may raise LimitExceededError, and none raises another error.

    Args:
        tries_lookups: Whether a lookup in a map by an unresolved key makes cases.
    """

    def __init__(
        self,
        template: Template,
        cache: Cache,
        budget: Budget,
        case: Case,
        *,
        tries_lookups: bool = True,
    ) -> None:
        self.template = template
        self.case = case
        self.spend = budget.spend
        self._tries_lookups = tries_lookups
        self._cache = cache
        self._depth = 0
        self._function: object = None
        self._keys: dict[str, object] = {}
        self._truths: dict[str, tuple[int, bool | Undecided]] = {}
        self._evaluating: set[str] = set()

    def value(self, node: object) -> object:
        """Evaluate `node`; the value may be NO_VALUE."""
        kind = node.__class__
        if kind is str:
            return self.text(node) if "{{" in node else node  # type: ignore[operator, arg-type]
        if kind is dict or kind is list:
            self._enter(len(node))  # type: ignore[arg-type]
            value = self._object(node) if kind is dict else self._list(node)  # type: ignore[arg-type]
            self._depth -= 1
            return value
        if isinstance(node, Unreadable):
            return Unresolved(("given", node), node)
        return node

    def text(self, text: str) -> object:
        """Evaluate a text without functions."""
        return Unresolved(("dynamic", text), DYNAMIC) if "{{resolve:" in text else text

    def unresolved(self, node: object, cause: str | Unreadable) -> Unresolved:
        """Return the value of a `node` that can't be determined for a cause or a reason."""
        if isinstance(cause, str):
            cause = Hidden(cause)
        # Equal texts may be one object or several, so a text's origin is the function around it.
        origin = node if isinstance(node, (dict, list)) else self._function
        return Unresolved(("node", id(origin), cause), cause)

    def reference(self, name: str) -> object:
        """Evaluate a Ref to `name`."""
        if name == "AWS::NoValue":
            return NO_VALUE
        parameters = self._cache.parameters
        if name not in parameters:
            parameters[name] = parameter(self.template, name)
        value = parameters[name]
        if value is None:
            return self.resource(name)
        if isinstance(value, list):
            self.spend(len(value))
        return value

    def resource(self, logical_id: str, attribute: str = "Ref") -> object:
        """Evaluate an `attribute` of the resource `logical_id`."""
        resources = self.template.section("Resources")
        if isinstance(resources, Unreadable):
            return self.unresolved(resources, resources)
        if logical_id not in resources:
            reason = "the value references something that the template doesn't declare"
            return Unresolved((attribute, logical_id), Hidden(reason))
        declared = resources[logical_id]
        if isinstance(declared, dict):
            kind = declared.get("Type")
            if (kind in _KEYS and attribute in ("Ref", "Arn", "KeyId")) or (
                kind == _ALIAS and attribute == "Ref"
            ):
                return self._key_or_alias(logical_id, declared)
        reason = "the value comes from a resource that CloudFormation creates with the stack"
        return Unresolved((attribute, logical_id), Hidden(reason))

    def condition(self, name: object) -> bool | Undecided:
        """Evaluate the condition `name`."""
        if isinstance(name, Unreadable):
            return self.case.answer(Question(("given", name), name))
        if not isinstance(name, str):
            return self._undecided(("node", id(name)), "the name of a condition is not a string")
        truths = self._cache.truths
        if name in truths:
            return truths[name]
        if name in self._truths:
            assumed, truth = self._truths[name]
            # Another assumption may decide what was undecided.
            if isinstance(truth, bool) or assumed == len(self.case.assumptions):
                return truth
        if name in self._evaluating:
            return self._undecided(("condition", name), "a condition depends on itself")
        self._evaluating.add(name)
        truth = self._declared_condition(name)
        self._evaluating.remove(name)
        self._truths[name] = (len(self.case.assumptions), truth)
        if isinstance(truth, bool) and not self.case.assumptions:
            truths[name] = truth
        return truth

    def truth(self, node: object) -> bool | Undecided:
        """Evaluate the condition function `node`."""
        if isinstance(node, Unreadable):
            return self.condition(node)
        if not isinstance(node, dict) or len(node) != 1:
            return self._undecided(
                ("node", id(node)),
                "a condition doesn't use a condition function, such as Fn::Equals",
            )
        self._enter(1)
        ((name, argument),) = node.items()
        if name == "Condition":
            truth = self.condition(argument)
        else:
            truth = self._condition_function(node, name, argument)
        self._depth -= 1
        return truth

    def tries_lookup(self, names: int) -> bool:
        """Return whether to try each of so many names in a map, which makes cases."""
        if not self._tries_lookups or names > LOOKUP_LIMIT:
            return False
        self._cache.has_tried_lookups = True
        return True

    def items(self, collection: object) -> list[str] | Unreadable:
        """Evaluate the collection of a loop."""
        value = self.value(collection)
        if isinstance(value, list):
            texts = [text_of(item) for item in value]
            items = [text for text in texts if text is not None]
            if len(items) == len(texts):
                return items
        return cause_of(value) or _NOT_A_COLLECTION

    def decide(self, evaluate: Callable[[], bool | Undecided]) -> bool:
        """Evaluate a condition with as many assumptions as it needs."""
        while True:
            truth = evaluate()
            if isinstance(truth, bool):
                return truth
            self.spend(1)
            self.case.assume(truth.question)

    def _object(self, node: dict[str, object]) -> object:
        if len(node) == 1:
            ((name, argument),) = node.items()
            function = FUNCTIONS.get(name)
            if function is not None:
                outer, self._function = self._function, node
                value = function(self, argument)
                self._function = outer
                return value
            if name in _CONDITION_FUNCTIONS:
                return self.decide(lambda: self.truth(node))
        if any(map(is_function_name, node)):
            return self._object_with_functions(node)
        members: dict[str, object] = {}
        for name, member in node.items():
            value = self.value(member)
            if value is not NO_VALUE:
                members[name] = value
        return members

    def _object_with_functions(self, node: dict[str, object]) -> object:
        """Evaluate an object that has functions next to other members."""
        if any(map(is_loop, node)):
            node = self._without_loops(node)
        cause = cause_of_functions(node)
        return self.value(node) if cause is None else self.unresolved(node, cause)

    def _without_loops(self, node: dict[str, object]) -> dict[str, object]:
        assumptions = tuple((question.key, answer) for question, answer in self.case.assumptions)
        key = (id(node), assumptions)
        if key not in self._cache.objects:
            expansion = Expansion(self.items, self.spend)
            self._cache.objects[key] = (node, expansion.expanded(node))
        return self._cache.objects[key][1]

    def _list(self, node: list[object]) -> object:
        return [item for item in map(self.value, node) if item is not NO_VALUE]

    def _enter(self, members: int) -> None:
        self.spend(1 + members)
        self._depth += 1
        if self._depth > DEPTH_LIMIT:
            raise LimitExceededError("the resource depends on values that are nested too deeply")

    def _declared_condition(self, name: str) -> bool | Undecided:
        conditions = self.template.section("Conditions")
        if isinstance(conditions, Unreadable):
            return self.case.answer(Question(("condition", name), conditions))
        if name not in conditions:
            cause = cause_of_functions(conditions) or _NOT_DECLARED
            return self.case.answer(Question(("condition", name), cause))
        return self.truth(conditions[name])

    def _condition_function(
        self, node: dict[str, object], name: str, argument: object
    ) -> bool | Undecided:
        arguments = argument if isinstance(argument, list) else []
        if name == "Fn::Equals" and len(arguments) == 2:
            one, other = map(self.value, arguments)
            return same(self, one, other, argument)
        if name == "Fn::Not" and len(arguments) == 1:
            truth = self.truth(arguments[0])
            return truth if isinstance(truth, Undecided) else not truth
        if name in ("Fn::And", "Fn::Or") and arguments:
            truths = [self.truth(condition) for condition in arguments]
            return combined(truths, decisive=name == "Fn::Or")
        known = name in _CONDITION_FUNCTIONS or not is_function_name(name)
        return self._undecided(("node", id(node)), MISUSED if known else reason_of(name))

    def _undecided(self, key: tuple[str, object], reason: str) -> bool | Undecided:
        return self.case.answer(Question(key, Hidden(reason)))

    def _key_or_alias(self, logical_id: str, declared: dict[str, object]) -> object:
        """Evaluate a key or an alias, once in this case."""
        if logical_id in self._cache.keys:
            return self._cache.keys[logical_id]
        if logical_id not in self._keys:
            # The value of the key in its own properties.
            self._keys[logical_id] = Unresolved(
                ("of", logical_id), Hidden("a resource refers to itself")
            )
            self._keys[logical_id] = key = self._evaluated_key_or_alias(logical_id, declared)
            if "Condition" not in declared and not self.case.assumptions:
                self._cache.keys[logical_id] = key
        return self._keys[logical_id]

    def _evaluated_key_or_alias(self, logical_id: str, declared: dict[str, object]) -> object:
        kind = str(declared["Type"])
        if kind == _ALIAS:
            properties = self._properties(logical_id, declared, ("AliasName", "TargetKeyId"))
            if isinstance(properties, Unresolved):
                return properties
            return Alias(logical_id, properties.get("AliasName"), properties.get("TargetKeyId"))
        if "Condition" in declared and self.condition(declared["Condition"]) is False:
            return self.unresolved(
                declared, "the value references a KMS key whose condition is false"
            )
        properties = self._properties(logical_id, declared, _KEY_PROPERTIES)
        return (
            properties if isinstance(properties, Unresolved) else Key(logical_id, kind, properties)
        )

    def _properties(
        self, logical_id: str, declared: dict[str, object], names: tuple[str, ...]
    ) -> dict[str, object] | Unresolved:
        properties = declared.get("Properties", {})
        if isinstance(properties, Unreadable):
            return self.unresolved(properties, properties)
        if not isinstance(properties, dict) or any(
            is_function_name(name) for node in (declared, properties) for name in node
        ):
            return self.unresolved(
                declared, "the value references a KMS key or alias that can't be read"
            )
        values = {name: self.value(properties[name]) for name in names if name in properties}
        path = ("Resources", logical_id, "Properties")
        return {
            name: result_of(value, (*path, name))
            for name, value in values.items()
            if value is not NO_VALUE
        }
