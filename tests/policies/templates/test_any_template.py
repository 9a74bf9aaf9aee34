"""What holds of any template."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from policies.encryption import Hidden, Unknown
from policies.templates import (
    BadTemplate,
    Context,
    Declaration,
    PartlyHidden,
    PartlyUnknown,
    declarations,
    hidden_parts,
    parse,
)
from policies.templates.undecided import text_of
from tests.policies.as_the_sdk_does import proxied
from tests.policies.templates.reading import HIDDEN, NOT_KNOWN, TABLE

FUNCTIONS = (
    "Ref Condition Fn::If Fn::Equals Fn::And Fn::Or Fn::Not Fn::Sub Fn::Join Fn::Select Fn::Split "
    "Fn::FindInMap Fn::GetAtt Fn::ImportValue Fn::Base64 Fn::Length Fn::Transform Fn::Cidr"
)
NAMES = ["P", "C", "M", "K", "a", "AWS::Region", "AWS::NoValue", "Type", "It", "Properties"]
texts = st.sampled_from([*NAMES, TABLE, "AWS::KMS::Key", "${P}-${K.Arn}", "true", "K.Arn", ""])
leaves = texts | st.booleans() | st.integers(-3, 3) | st.none() | st.text(max_size=3)
trees = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from([*FUNCTIONS.split(), *NAMES]), inner, max_size=3)
        | st.builds(lambda name, it: {name: it}, st.sampled_from(FUNCTIONS.split()), inner)
    ),
    max_leaves=16,
)
choices = st.builds(lambda one, other: {"Fn::If": ["C", one, other]}, trees, trees)
templates = st.fixed_dictionaries(
    {
        "Resources": st.fixed_dictionaries(
            {"Orders": st.fixed_dictionaries({"Type": st.just(TABLE)}, optional={
                "Properties": st.fixed_dictionaries({"It": trees | choices}) | trees,
                "Condition": st.sampled_from(["C", "D"]) | trees,
            })},
            optional={"K": st.just({"Type": "AWS::KMS::Key"}) | trees, "X": trees},
        )
    },
    optional={
        "Parameters": st.just({"P": {"Type": "String", "Default": "a"}}) | trees,
        "Conditions": st.fixed_dictionaries({"C": trees}, optional={"D": trees}) | trees,
        "Mappings": st.just({"M": {"a": {"a": "a"}}}) | trees,
        "Transform": trees,
    },
)  # fmt: skip


def answer(body: object, context: Context) -> Any:
    parsed = parse(body)
    if isinstance(parsed, BadTemplate):
        return parsed
    types = {TABLE: ("It",)}
    return declarations(parsed, types, context), hidden_parts(parsed, types, context)


@given(templates | trees)
def test_nothing_is_raised(body: Any) -> None:
    for context in (Context(), Context({"P": NOT_KNOWN}), Context(others=NOT_KNOWN)):
        answer(body, context)


@given(st.text(max_size=60) | st.text('{}[]"!&*<:,-?|> \n\tRef01', max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    parsed = parse(text)
    assert isinstance(parsed, (dict, BadTemplate))
    assert "\n" not in (parsed.reason if isinstance(parsed, BadTemplate) else "")


@given(templates)
def test_json_yaml_and_a_structure_are_answered_alike(body: dict[str, Any]) -> None:
    expected = repr(answer(body, Context()))
    assert repr(answer(json.dumps(body), Context())) == expected
    assert repr(answer(yaml.safe_dump(body, sort_keys=False), Context())) == expected
    assert repr(answer(yaml.safe_dump(body, default_flow_style=True), Context())) == repr(
        answer(json.dumps(body, sort_keys=True), Context())
    )


# Templates that AWS takes, whatever the values of their parameters are.
GIVEN = ["a", "b", "true", "1"]
MAPPING = {it: {"a": True, "b": it, "true": "true", "1": [1, it]} for it in GIVEN}
names = st.sampled_from(["P", "Q"])
values = st.sampled_from(["a", "b", "true", True, 1, "1"])
keys = st.sampled_from(GIVEN) | st.builds(lambda name: {"Ref": name}, names)
NO_VALUE = {"Ref": "AWS::NoValue"}


def scalars(conditions: str) -> st.SearchStrategy[Any]:
    """Values that make use of `conditions`."""

    def functions(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        made = [
            st.builds(lambda items: {"Fn::Join": ["-", items]}, st.lists(inner, max_size=3)),
            st.builds(lambda it: {"Fn::Sub": ["${P}/${It}", {"It": it}]}, inner),
            st.builds(
                lambda it: {"Fn::Select": [0, {"Fn::Split": ["-", {"Fn::Join": ["", [it]]}]}]},
                inner,
            ),
            st.builds(
                lambda one, other: {"Fn::FindInMap": ["M", one, other]},
                keys,
                st.sampled_from(["a", "b", "true"]),
            ),
            st.builds(
                lambda one, other, it: {"Fn::FindInMap": ["M", one, other, {"DefaultValue": it}]},
                inner,
                st.sampled_from(["a", "b", "c"]),
                values,
            ),
        ]
        if conditions:
            name = st.sampled_from(conditions)
            made.append(
                st.builds(lambda name, one, two: {"Fn::If": [name, one, two]}, name, inner, inner)
            )
        return st.one_of(made)

    return st.recursive(
        values | st.builds(lambda name: {"Ref": name}, names), functions, max_leaves=5
    )


def truths(conditions: str) -> st.SearchStrategy[Any]:
    """Conditions that make use of `conditions`."""
    leaves = st.builds(
        lambda one, other: {"Fn::Equals": [one, other]}, scalars(conditions), scalars(conditions)
    ) | st.builds(lambda name, it: {"Fn::Equals": [{"Ref": name}, it]}, names, values)
    if conditions:
        leaves |= st.builds(lambda name: {"Condition": name}, st.sampled_from(conditions))
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.builds(lambda it: {"Fn::Not": [it]}, inner),
            st.builds(lambda items: {"Fn::And": items}, st.lists(inner, min_size=2, max_size=3)),
            st.builds(lambda items: {"Fn::Or": items}, st.lists(inner, min_size=2, max_size=3)),
        ),
        max_leaves=3,
    )


def resources(kind: str, **properties: Any) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries(
        {"Type": st.just(kind), "Properties": st.fixed_dictionaries(properties)},
        optional={"Condition": st.sampled_from("CD")},
    )


its = st.lists(
    scalars("CDE")
    | st.builds(lambda it, name: {"Fn::If": [name, it, NO_VALUE]}, values, st.sampled_from("CDE")),
    max_size=3,
)
parameters = st.fixed_dictionaries(
    {"Type": st.just("String")}, optional={"AllowedValues": st.just(GIVEN)}
)
written = st.fixed_dictionaries(
    {
        "Parameters": st.fixed_dictionaries({"P": parameters, "Q": parameters}),
        "Conditions": st.fixed_dictionaries({"C": truths("DE"), "D": truths("E"), "E": truths("")}),
        "Mappings": st.just({"M": MAPPING}),
        "Resources": st.fixed_dictionaries(
            {
                "Orders": resources(TABLE, It=its),
                "Nested": resources("AWS::CloudFormation::Stack"),
            }
        ),
    }
)
given_values = st.sampled_from(GIVEN)


def covers(wide: Any, real: Any) -> bool:
    """Whether `wide`, which may be undecided, leaves room for `real`."""
    if isinstance(wide, (PartlyUnknown, PartlyHidden)) and isinstance(real, str):
        pattern = "".join(re.escape(it) if isinstance(it, str) else ".*" for it in wide.parts)
        return re.fullmatch(pattern, real, re.DOTALL) is not None
    if isinstance(wide, (Unknown, Hidden)) or isinstance(real, (Unknown, Hidden)):
        return True
    if isinstance(wide, list) and isinstance(real, list):
        if any(isinstance(it, (Unknown, Hidden)) for it in wide) and len(wide) != len(real):
            return True
        return len(wide) == len(real) and all(map(covers, wide, real))
    if isinstance(wide, Mapping) and isinstance(real, Mapping):
        return wide.keys() == real.keys() and all(covers(wide[it], real[it]) for it in wide)
    # CloudFormation's maps and parameters hold texts: true and "true" are one value there.
    return bool(wide == real) or (text_of(wide) is not None and text_of(wide) == text_of(real))


def room_for(wide: Declaration | None, real: Declaration | None) -> bool:
    if real is None:
        return wide is None or wide.may_be_absent or wide.opaque is not None
    if wide is None:
        return False
    if wide.opaque is not None or real.opaque is not None:
        return True
    if real.may_be_absent and not wide.may_be_absent:
        return False
    return all(any(covers(it, one) for it in wide.alternatives) for one in real.alternatives)


@given(
    written, given_values, given_values, st.sampled_from([NOT_KNOWN, HIDDEN]), st.sampled_from("PQ")
)
def test_what_is_not_known_leaves_room_for_each_value_it_may_have(
    body: dict[str, Any], p: str, q: str, why: Unknown | Hidden, only: str
) -> None:
    real, parts = answer(body, Context({"P": p, "Q": q}))
    for context in (
        Context({"P": p, "Q": q, only: why}),
        Context({"P": why, "Q": why}),
        Context({"P": p}, others=why),
        Context(others=why),
    ):
        wide, shown = answer(body, context)
        assert room_for(next(iter(wide), None), next(iter(real), None))
        assert {it.logical_id for it in parts} <= {it.logical_id for it in shown}


@given(written, given_values, given_values)
def test_with_all_values_known_a_template_comes_out_in_one_way(
    body: dict[str, Any], p: str, q: str
) -> None:
    for declaration in answer(body, Context({"P": p, "Q": q}))[0]:
        assert declaration.undecided is None
        assert declaration.opaque is None
        assert not declaration.may_be_absent
        assert len(declaration.alternatives) == 1


@given(written, given_values)
def test_the_sdks_proxies_are_answered_like_what_they_show(body: dict[str, Any], p: str) -> None:
    for context in (Context({"P": p, "Q": "a"}), Context({"P": p, "Q": NOT_KNOWN})):
        assert repr(answer(proxied({"body": body})["body"], context)[0]) == repr(
            answer(body, context)[0]
        )


@given(templates, st.sampled_from(["a", "b"]))
def test_a_parameter_that_is_not_known_loses_no_table(body: dict[str, Any], given_p: str) -> None:
    known = answer(body, Context({"P": given_p}))
    open_ = answer(body, Context({"P": NOT_KNOWN}))
    assert not isinstance(known, BadTemplate)
    if isinstance(known[0], BadTemplate):
        return
    ids = {it.logical_id for it in open_[0]}
    for declaration in known[0]:
        assert declaration.logical_id in ids
