"""Evaluating a template's values and conditions in one world.

Source: AWS CloudFormation User Guide, "Intrinsic function reference", "Condition functions",
"Dynamic references"; AWS CloudFormation Template Reference, "AWS::KMS::Key", "AWS::KMS::Alias"
(return values).
"""

from __future__ import annotations

from collections.abc import Callable

from ..encryption.values import Hidden, Unknown
from .assumptions import Atom, Open, World
from .comparison import same
from .functions import FUNCTIONS, WRONG
from .limits import TOO_DEEP, ExhaustedError
from .sections import DYNAMIC, Sections
from .undecided import NO_VALUE, Undecided, placed
from .values import Alias, Key

DEPTH_LIMIT = 60
"""How deeply values, functions and conditions may be nested where they are evaluated. Each level
takes a few calls, which must fit Python's stack."""

STEPS_LIMIT = 30_000
"""How many values are evaluated for one resource."""

ALL_STEPS_LIMIT = 400_000
"""How many values are evaluated for one template."""

_KEYS = ("AWS::KMS::Key", "AWS::KMS::ReplicaKey")
_ALIAS = "AWS::KMS::Alias"
_OF_KEY = ("KeySpec", "KeyUsage", "Enabled", "MultiRegion", "Origin", "PrimaryKeyArn")


class Budget:
    """Counts what is evaluated, so that no template keeps the pack busy."""

    def __init__(self) -> None:
        self._used = 0
        self._until = 0

    def next_resource(self) -> None:
        """Start counting what one resource takes."""
        self._until = min(self._used + STEPS_LIMIT, ALL_STEPS_LIMIT)

    def spend(self, steps: int) -> None:
        """Count `steps`. Raises ExhaustedError where they are too many."""
        self._used += steps
        if self._used > self._until:
            self._used = self._until
            raise ExhaustedError("it takes too long to evaluate")


class Evaluation:
    """One evaluation: a template, in a world. Its methods raise nothing but ExhaustedError."""

    def __init__(self, sections: Sections, budget: Budget, world: World) -> None:
        self.sections = sections
        self.world = world
        self.spend = budget.spend
        self._depth = 0
        self._function: object = None
        self._named: dict[str, object] = {}  # keys and aliases, by logical id
        self._truths: dict[str, tuple[int, bool | Open]] = {}
        self._evaluating: set[str] = set()

    def value(self, node: object) -> object:
        """What `node` stands for, NO_VALUE included."""
        kind = node.__class__
        if kind is str:
            return self.text(node) if "{{" in node else node  # type: ignore[operator, arg-type]
        if kind is dict or kind is list:
            self._enter(len(node))  # type: ignore[arg-type]
            found = self._object(node) if kind is dict else self._list(node)  # type: ignore[arg-type]
            self._depth -= 1
            return found
        if isinstance(node, (Unknown, Hidden)):
            return Undecided(("given", node), node)
        return node

    def text(self, text: str) -> object:
        """What the literal `text` stands for."""
        return Undecided(("dynamic", text), DYNAMIC) if "{{resolve:" in text else text

    def undecided(self, node: object, reason: str | Unknown | Hidden) -> Undecided:
        """The value of `node`, which can't be decided for `reason`."""
        why = Hidden((), reason) if isinstance(reason, str) else reason
        # Equal texts may be one object or several: only the function around them is itself.
        place = node if isinstance(node, (dict, list)) else self._function
        return Undecided(("node", id(place), why), why)

    def reference(self, name: str) -> object:
        """What a Ref to `name` stands for."""
        if name == "AWS::NoValue":
            return NO_VALUE
        found = self.sections.parameter(name)
        if found is None:
            return self.resource(name)
        if isinstance(found, list):
            self.spend(len(found))
        return found

    def resource(self, logical_id: str, attribute: str = "Ref") -> object:
        """What an `attribute` of the resource `logical_id` stands for."""
        resources = self.sections.resources
        if isinstance(resources, (Unknown, Hidden)):
            return self.undecided(resources, resources)
        if logical_id not in resources:
            return Undecided(
                (attribute, logical_id), Hidden((), "it names what the template does not declare")
            )
        declared = resources[logical_id]
        if not isinstance(declared, dict):
            declared = {}
        kind = declared.get("Type")
        if kind in _KEYS and attribute in ("Ref", "Arn", "KeyId"):
            return self._once(
                logical_id,
                lambda: self._key(logical_id, str(kind), declared),
                conditional="Condition" in declared,
            )
        if kind == _ALIAS and attribute == "Ref":
            return self._once(
                logical_id, lambda: self._alias(logical_id, declared), conditional=False
            )
        return Undecided(
            (attribute, logical_id),
            Hidden((), "it comes from another resource, which AWS makes together with the stack"),
        )

    def condition(self, name: object) -> bool | Open:
        """Whether the condition `name` holds."""
        if isinstance(name, (Unknown, Hidden)):
            return self.world.ask(Atom(("given", name), name))
        if not isinstance(name, str):
            return self._open(("node", id(name)), "the name of a condition is no string")
        if name in self.sections.truths:
            return self.sections.truths[name]
        version, truth = self._truths.get(name, (-1, False))
        if version == len(self.world.made) or (version >= 0 and isinstance(truth, bool)):
            return truth
        if name in self._evaluating:
            return self._open(("condition", name), "a condition refers to itself")
        self._evaluating.add(name)
        truth = self._declared_condition(name)
        self._evaluating.remove(name)
        self._truths[name] = (len(self.world.made), truth)
        if isinstance(truth, bool) and not self.world.made:
            self.sections.truths[name] = truth
        return truth

    def truth(self, node: object) -> bool | Open:
        """Whether the condition function `node` holds."""
        if isinstance(node, (Unknown, Hidden)):
            return self.condition(node)
        if not isinstance(node, dict) or len(node) != 1:
            return self._open(("node", id(node)), "a condition is no condition function")
        self._enter(1)
        ((name, argument),) = node.items()
        if name == "Condition":
            found = self.condition(argument)
        else:
            found = self._condition_function(node, name, argument)
        self._depth -= 1
        return found

    def decide(self, question: Callable[[], bool | Open]) -> bool:
        """The answer to `question`, with as many assumptions as it takes."""
        while True:
            answer = question()
            if isinstance(answer, bool):
                return answer
            self.spend(1)
            self.world.assume(answer.atom)

    def _object(self, node: dict[str, object]) -> object:
        if len(node) == 1:
            ((name, argument),) = node.items()
            function = FUNCTIONS.get(name)
            if function is not None:
                outer, self._function = self._function, node
                found = function(self, argument)
                self._function = outer
                return found
            if name in _TRUTHS:
                return self.decide(lambda: self.truth(node))
        members: dict[str, object] = {}
        for name, member in node.items():
            if name.startswith("Fn::"):
                return self.undecided(node, _FOREIGN.get(name, "a function in it is not known"))
            value = self.value(member)
            if value is not NO_VALUE:
                members[name] = value
        return members

    def _list(self, node: list[object]) -> object:
        return [it for it in map(self.value, node) if it is not NO_VALUE]

    def _enter(self, members: int) -> None:
        self.spend(1 + members)
        self._depth += 1
        if self._depth > DEPTH_LIMIT:
            raise ExhaustedError(TOO_DEEP)

    def _declared_condition(self, name: str) -> bool | Open:
        conditions = self.sections.conditions
        if isinstance(conditions, (Unknown, Hidden)):
            return self.world.ask(Atom(("condition", name), conditions))
        if name not in conditions:
            return self._open(
                ("condition", name), "it depends on a condition that the template does not declare"
            )
        return self.truth(conditions[name])

    def _condition_function(
        self, node: dict[str, object], name: str, argument: object
    ) -> bool | Open:
        arguments = argument if isinstance(argument, list) else []
        if name == "Fn::Equals" and len(arguments) == 2:
            one, other = (self.value(it) for it in arguments)
            return same(self, one, other, argument)
        if name == "Fn::Not" and len(arguments) == 1:
            truth = self.truth(arguments[0])
            return truth if isinstance(truth, Open) else not truth
        if name in ("Fn::And", "Fn::Or") and arguments:
            decisive = name == "Fn::Or"
            truths = [self.truth(it) for it in arguments]
            if decisive in truths:
                return decisive
            return next((it for it in truths if isinstance(it, Open)), not decisive)
        return self._open(("node", id(node)), WRONG)

    def _open(self, key: tuple[str, object], reason: str) -> bool | Open:
        return self.world.ask(Atom(key, Hidden((), reason)))

    def _once(self, logical_id: str, make: Callable[[], object], *, conditional: bool) -> object:
        if logical_id in self.sections.named:
            return self.sections.named[logical_id]
        if logical_id not in self._named:
            # A key whose properties name the key itself meets this instead.
            self._named[logical_id] = Undecided(
                ("of", logical_id), Hidden((), "a resource refers to itself")
            )
            self._named[logical_id] = made = make()
            if not (conditional or self.world.made):
                self.sections.named[logical_id] = made
        return self._named[logical_id]

    def _key(self, logical_id: str, kind: str, declared: dict[str, object]) -> object:
        if "Condition" in declared and self.condition(declared["Condition"]) is False:
            return self.undecided(declared, "it names a key that its condition leaves out")
        properties = self._properties(logical_id, declared, _OF_KEY)
        return (
            properties if isinstance(properties, Undecided) else Key(logical_id, kind, properties)
        )

    def _alias(self, logical_id: str, declared: dict[str, object]) -> object:
        properties = self._properties(logical_id, declared, ("AliasName", "TargetKeyId"))
        if isinstance(properties, Undecided):
            return properties
        return Alias(logical_id, properties.get("AliasName"), properties.get("TargetKeyId"))

    def _properties(
        self, logical_id: str, declared: dict[str, object], names: tuple[str, ...]
    ) -> dict[str, object] | Undecided:
        properties = declared.get("Properties", {})
        if isinstance(properties, (Unknown, Hidden)):
            return self.undecided(properties, properties)
        if not isinstance(properties, dict) or any(
            name.startswith("Fn::") for it in (declared, properties) for name in it
        ):
            return self.undecided(declared, "it names a resource that can't be read")
        found: dict[str, object] = {}
        for name in names:
            if name in properties:
                value = self.value(properties[name])
                if value is not NO_VALUE:
                    at = ("Resources", logical_id, "Properties", name)
                    found[name] = placed(value, at)
        return found


_TRUTHS = ("Fn::Equals", "Fn::And", "Fn::Or", "Fn::Not")
_FOREIGN = {"Fn::Transform": "a macro writes it before AWS makes the stack"}
