"""Which resources of certain types a template declares.

Sources: AWS CloudFormation User Guide, "Resources", "Conditions", "Fn::Transform"; AWS Serverless
Application Model Developer Guide, "Globals section of the AWS SAM template" (what a resource
inherits: objects are merged, lists are joined, other values replaced).
"""

from __future__ import annotations

import marshal
from collections.abc import Collection, Mapping, Sequence
from typing import TypeGuard

from ..encryption.values import Hidden, Unknown
from .assumptions import World, in_all_worlds
from .evaluation import Budget, Evaluation
from .limits import ExhaustedError, TooManyCasesError
from .sections import Sections
from .undecided import NO_VALUE, blame, placed
from .values import BadTemplate, Context, Declaration

ALTERNATIVES_LIMIT = 64
"""In how many ways one resource may come out."""

Wanted = Collection[str] | Mapping[str, Collection[str]]
"""Types of resources. A mapping names the properties of each that matter: only these are read, and
only the conditions that they use make alternatives."""

_MACRO = Hidden((), "a macro changes it before AWS makes it")
_SERVERLESS = "AWS::Serverless::"


def declarations(
    template: Mapping[str, object], types: Wanted, context: Context
) -> Sequence[Declaration] | BadTemplate:
    """The resources of `types` that `template` declares, in its order.

    template: as `parse` has read it.
    types: the types asked for, and best also their properties.
    context: what is known of the stack.

    A resource whose condition is certainly false is left out. A template whose Resources can't be
    read at all declares nothing here: `hidden_parts` tells of it. Nothing is raised.
    """
    sections = Sections(template, context)
    if isinstance(sections.resources, (Unknown, Hidden)):
        return ()
    if not isinstance(template.get("Resources", {}), dict):
        return BadTemplate("its Resources are no object")
    changed = sections.macro()
    budget = Budget()
    settled: dict[bytes, dict[str, object]] = {}
    found = []
    for logical_id, declared in sections.resources.items():
        if not isinstance(declared, dict):
            continue
        kind = declared.get("Type")
        if not isinstance(kind, str) or kind not in types:
            continue
        names = types[kind] if isinstance(types, Mapping) else None
        try:
            one = _declaration(sections, budget, settled, logical_id, declared, names, changed)
        except TooManyCasesError as error:
            one = _opaque(logical_id, kind, Hidden((), error.reason))
        except ExhaustedError as error:
            one = Declaration(shown(logical_id), kind, (), refused=error.reason)
        if one is not None:
            found.append(one)
    return tuple(found)


def shown(logical_id: str) -> str:
    """`logical_id` where it is fit to be shown. AWS takes letters and digits only."""
    return logical_id if logical_id.isprintable() else "(a name that can't be printed)"


def _declaration(
    sections: Sections,
    budget: Budget,
    settled: dict[bytes, dict[str, object]],
    logical_id: str,
    declared: dict[str, object],
    names: Collection[str] | None,
    changed: Unknown | Hidden | None,
) -> Declaration | None:
    kind = str(declared["Type"])
    properties = declared.get("Properties", {})
    if changed is not None:
        return _opaque(logical_id, kind, changed)
    if kind.startswith(_SERVERLESS):
        properties = _merged(_globals(sections, kind), properties, 0)
    if isinstance(properties, (Unknown, Hidden)):
        return _opaque(logical_id, kind, properties)
    if _written_by_macro(declared) or _written_by_macro(properties):
        return _opaque(logical_id, kind, _MACRO)
    condition = declared.get("Condition")
    if isinstance(properties, dict) and names is not None and not _is_function(properties):
        properties = {name: properties[name] for name in names if name in properties}
    source = _source(kind, condition, properties)
    if source is not None and source in settled:
        return Declaration(shown(logical_id), kind, (settled[source],))

    def evaluate(world: World) -> dict[str, object] | Unknown | Hidden | None:
        evaluation = Evaluation(sections, budget, world)
        if condition is not None and not evaluation.decide(lambda: evaluation.condition(condition)):
            return None
        return _evaluated(evaluation, properties, names, ("Resources", logical_id, "Properties"))

    budget.next_resource()
    outcomes, why = in_all_worlds(evaluate)
    if source is not None and why is None and _is_decided(outcomes[0]):
        settled[source] = outcomes[0]
    return _one(logical_id, kind, outcomes, why)


def _is_decided(outcome: object) -> TypeGuard[dict[str, object]]:
    """Whether nothing in `outcome` says where it stands, as what can't be decided does."""
    pending = [outcome]
    while pending:
        value = pending.pop()
        if isinstance(value, (Unknown, Hidden)):
            return False
        if isinstance(value, dict):
            pending += value.values()
        elif isinstance(value, list):
            pending += value
    return isinstance(outcome, dict)


def _source(kind: str, condition: object, properties: object) -> bytes | None:
    """What tells apart declarations that may come to something else; None where nothing does.

    The tables of a template mostly share their setting, which then is evaluated once.
    """
    try:
        # Not repr: it writes an alias of YAML out wherever it stands, and tells no end of it.
        return marshal.dumps((kind, condition, properties))  # type: ignore[arg-type]
    except ValueError:
        return None  # something is not known yet, or nested too deeply


def _opaque(logical_id: str, kind: str, why: Unknown | Hidden) -> Declaration:
    return Declaration(shown(logical_id), kind, (), opaque=why)


def _one(
    logical_id: str,
    kind: str,
    outcomes: list[dict[str, object] | Unknown | Hidden | None],
    why: Unknown | Hidden | None,
) -> Declaration | None:
    """The declaration that comes out so, or None where it is created in no case."""
    for outcome in outcomes:
        if isinstance(outcome, (Unknown, Hidden)):
            return _opaque(logical_id, kind, outcome)
    if len(outcomes) == 1 and isinstance(outcomes[0], dict):
        return Declaration(shown(logical_id), kind, (outcomes[0],))
    # Compared as they are printed, since True equals 1 in Python and not in a template.
    different = {repr(it): it for it in outcomes if isinstance(it, dict)}
    if len(different) > ALTERNATIVES_LIMIT:
        raise TooManyCasesError
    if not different:
        return None
    absent = None in outcomes
    return Declaration(
        shown(logical_id),
        kind,
        tuple(different.values()),
        may_be_absent=absent,
        undecided=why if absent or len(different) > 1 else None,
    )


def _evaluated(
    evaluation: Evaluation, properties: object, names: Collection[str] | None, at: tuple[str, ...]
) -> dict[str, object] | Unknown | Hidden:
    found = evaluation.value(properties)
    if found is NO_VALUE:
        found = {}
    if not isinstance(found, dict):
        return blame(found) or Hidden(at, "its Properties are no object")
    wanted = found if names is None else [name for name in names if name in found]
    return {name: placed(found[name], (*at, name)) for name in wanted}


def _is_function(node: dict[str, object]) -> bool:
    return len(node) == 1 and next(iter(node)).startswith(("Fn::", "Ref"))


def _written_by_macro(node: object) -> bool:
    return isinstance(node, dict) and any(
        name.startswith(("Fn::Transform", "Fn::ForEach")) for name in node
    )


def _globals(sections: Sections, kind: str) -> object:
    found = sections.section("Globals")
    return found.get(kind[len(_SERVERLESS) :], {}) if isinstance(found, dict) else found


def _merged(inherited: object, own: object, depth: int) -> object:
    if isinstance(inherited, (Unknown, Hidden)) and isinstance(own, (dict, list)):
        return inherited  # it may add to what is here
    if depth < _MERGE_DEPTH and isinstance(inherited, dict) and isinstance(own, dict):
        if not (_is_function(inherited) or _is_function(own)):
            merged = {**inherited, **own}
            for name in inherited.keys() & own.keys():
                merged[name] = _merged(inherited[name], own[name], depth + 1)
            return merged
    elif isinstance(inherited, list) and isinstance(own, list):
        return inherited + own
    return own


_MERGE_DEPTH = 20
