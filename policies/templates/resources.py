"""Read the resources of a template one by one.

Source: AWS CloudFormation User Guide, "Resources", "Conditions".
"""

from __future__ import annotations

import marshal
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from ..encryption.values import Hidden, Unreadable
from .cases import Case, in_every_case
from .evaluation import Cache, Evaluation
from .hidden_parts import cause_in_loop, cause_in_resource
from .limits import TOO_MANY_CASES, Budget, Budgets, LimitExceededError
from .loops import cause_of_functions
from .serverless import is_function, with_globals
from .switches import nodes_of, switches
from .unresolved import NO_VALUE, cause_of, result_of
from .unsupported import is_function_name, is_loop, reason_of
from .values import HiddenPart, PartialText, TemplateResource

if TYPE_CHECKING:
    from .template import Template

OUTCOMES_LIMIT = 64
"""How many different outcomes one resource may have."""

_Object = dict[str, object]
_Outcome = _Object | Unreadable | None
"""The properties of a resource, why they can't be read, or None if it isn't created."""

_Switches = tuple[str, ...]
_NO_SWITCHES: Mapping[str, _Switches] = {}


class _Outcomes(NamedTuple):
    """The outcome in each case, why there are several cases, and the switches."""

    outcomes: Sequence[_Outcome]
    cause: Unreadable | None = None
    switches: Mapping[str, _Switches] = _NO_SWITCHES
    switches_of_existence: _Switches = ()


class Reader:
    """Reads the resources of one template."""

    def __init__(
        self,
        template: Template,
        types: Mapping[str, Collection[str]],
        budgets: Budgets,
        subjects: Mapping[str, Collection[str]],
    ) -> None:
        self._template = template
        self._types = types
        self._subjects = subjects
        self._changed = template.changed()
        self._cache = Cache()
        self._budgets = budgets
        self._budget_of_hidden_parts = Budget()
        self._left_out: dict[str, bool] = {}
        self._evaluated: dict[bytes, _Outcomes] = {}

    def read(self, logical_id: str, declared: object) -> TemplateResource | HiddenPart | None:
        """Read a resource or a loop; None if it doesn't create resources of the types to read."""
        if logical_id == "Fn::Transform":
            return None  # A macro, which changes the whole template.
        # CloudFormation accepts letters and digits only.
        name = logical_id if logical_id.isprintable() else "(a name that can't be printed)"
        if is_loop(logical_id):
            cause = cause_in_loop(declared, self._types)
        elif is_function_name(logical_id):
            return HiddenPart("", Hidden(reason_of(logical_id)))
        else:
            kind = declared.get("Type") if isinstance(declared, dict) else None
            if isinstance(declared, dict) and isinstance(kind, str) and kind in self._types:
                return self._resource(logical_id, name, kind, declared)
            cause = cause_in_resource(declared)
        return None if cause is None or self._is_left_out(declared) else HiddenPart(name, cause)

    def _resource(
        self,
        logical_id: str,
        name: str,
        kind: str,
        declared: _Object,
        *,
        tries_lookups: bool = True,
    ) -> TemplateResource | HiddenPart | None:
        try:
            return _in_cases(name, kind, self._outcomes(logical_id, kind, declared, tries_lookups))
        except LimitExceededError as error:
            if tries_lookups and self._cache.has_tried_lookups:
                return self._resource(logical_id, name, kind, declared, tries_lookups=False)
            return HiddenPart(name, Hidden(str(error)))

    def _outcomes(
        self, logical_id: str, kind: str, declared: _Object, tries_lookups: bool
    ) -> _Outcomes:
        if self._changed is not None:
            return _Outcomes((self._changed,))
        section = self._template.section("Globals")
        properties = with_globals(declared.get("Properties", {}), kind, section)
        if isinstance(properties, Unreadable):
            return _Outcomes((properties,))
        changed = cause_of_functions(declared)
        if changed is not None:
            return _Outcomes((changed,))
        names = self._types[kind]
        if (
            isinstance(properties, dict)
            and not is_function(properties)
            and not any(map(is_function_name, properties))
        ):
            properties = {name: properties[name] for name in names if name in properties}
        condition = declared.get("Condition")
        # Most tables of a template have the same encryption, which is then evaluated once.
        source = _source(kind, condition, properties)
        if tries_lookups and source is not None and source in self._evaluated:
            return self._evaluated[source]

        path = ("Resources", logical_id, "Properties")

        def evaluate(case: Case) -> _Outcome:
            evaluation = Evaluation(
                self._template, self._cache, budget, case, tries_lookups=tries_lookups
            )
            if condition is None or evaluation.decide(lambda: evaluation.condition(condition)):
                return _evaluated(evaluation, properties, names, path)
            return None

        budgets = self._budgets
        budget = budgets.with_lookups if tries_lookups else budgets.without_lookups
        budget.allow()
        outcomes, cause = in_every_case(evaluate)
        read = _Outcomes(
            outcomes,
            cause,
            {
                subject: self._switches_in(properties, members)
                for subject, members in self._subjects.items()
            },
            self._switches_in({"Condition": condition}) if None in outcomes else (),
        )
        if source is not None and _are_without_paths(outcomes):
            self._evaluated[source] = read
        return read

    def _switches_in(self, node: object, members: Collection[str] | None = None) -> _Switches:
        budget = self._budgets.switches
        budget.allow()
        try:
            nodes = [node] if members is None else nodes_of(node, members, budget)
            return switches(self._template, nodes, budget)
        except LimitExceededError:
            return ()

    def _is_left_out(self, declared: object) -> bool:
        """Return whether the condition of a hidden part is certainly false."""
        name = declared.get("Condition") if isinstance(declared, dict) else None
        if not isinstance(name, str):
            return False
        if name not in self._left_out:
            case = Case()
            budget = self._budget_of_hidden_parts
            budget.allow()
            evaluation = Evaluation(self._template, self._cache, budget, case)
            try:
                is_false = evaluation.condition(name) is False
            except LimitExceededError:
                is_false = False
            # With other assumptions, the condition may be true.
            self._left_out[name] = is_false and not case.assumptions
        return self._left_out[name]


def _source(kind: str, condition: object, properties: object) -> bytes | None:
    """Return a key that is equal only for equal outcomes; None if there is no such key."""
    try:
        return marshal.dumps((kind, condition, properties))  # type: ignore[arg-type]
    except ValueError:
        return None  # A value is unreadable or nested too deeply.


def _evaluated(
    evaluation: Evaluation, properties: object, names: Collection[str], path: tuple[str, ...]
) -> _Object | Unreadable:
    values = evaluation.value(properties)
    if values is NO_VALUE:
        return {}
    if not isinstance(values, dict):
        return cause_of(values) or Hidden("the Properties of the resource are not an object", path)
    return {name: result_of(values[name], (*path, name)) for name in names if name in values}


def _are_without_paths(outcomes: Sequence[_Outcome]) -> bool:
    """Return whether resources can share `outcomes`, since none of the values has a path."""
    pending: list[object] = [*outcomes]
    while pending:
        value = pending.pop()
        if isinstance(value, (Unreadable, PartialText)):
            return False
        if isinstance(value, dict):
            pending += value.values()
        elif isinstance(value, list):
            pending += value
    return True


def _in_cases(name: str, kind: str, read: _Outcomes) -> TemplateResource | HiddenPart | None:
    """Return the resource with different outcomes as cases; None if no case creates it."""
    outcomes = read.outcomes
    for outcome in outcomes:
        if isinstance(outcome, Unreadable):
            return HiddenPart(name, outcome)
    cases = [outcome for outcome in outcomes if isinstance(outcome, dict)]
    if len(cases) > 1:
        # By repr, since True equals 1 in Python and not in a template.
        cases = list({repr(case): case for case in cases}.values())
    if len(cases) > OUTCOMES_LIMIT:
        raise LimitExceededError(TOO_MANY_CASES)
    if not cases:
        return None
    absent = None in outcomes
    return TemplateResource(
        name,
        kind,
        tuple(cases),
        may_be_absent=absent,
        cause=read.cause if absent or len(cases) > 1 else None,
        switches=read.switches,
        switches_of_existence=read.switches_of_existence if absent else (),
    )
