"""Properties that hold for any template."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from policies.encryption.values import Unreadable
from policies.templates import (
    Context,
    HiddenPart,
    InvalidTemplate,
    PartialText,
    TemplateResource,
    parse,
)
from policies.templates.switches import SWITCHES_LIMIT
from policies.templates.unresolved import text_of
from tests.policies.templates.reading import HIDDEN, NOT_KNOWN, TABLE, Parts, read

FUNCTIONS = (
    "Ref Condition Fn::If Fn::Equals Fn::And Fn::Or Fn::Not Fn::Sub Fn::Join Fn::Select Fn::Split "
    "Fn::FindInMap Fn::GetAtt Fn::ImportValue Fn::Base64 Fn::Length Fn::Transform Fn::Cidr"
)
SECTIONS = ["Resources", "Conditions", "Parameters", "Mappings", "Transform", "Fn::Transform"]
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


def answer(body: Any, context: Context) -> Parts | InvalidTemplate:
    structure = parse(body) if isinstance(body, str) else body
    if isinstance(structure, InvalidTemplate):
        return structure
    return read(structure, context)


@given(templates | st.dictionaries(st.sampled_from(SECTIONS), trees, max_size=3))
def test_nothing_is_raised(body: dict[str, Any]) -> None:
    for context in (Context(), Context({"P": NOT_KNOWN}), Context(others=NOT_KNOWN)):
        answer(body, context)


@given(st.text(max_size=60) | st.text('{}[]"!&*<:,-?|> \n\tRef01', max_size=40))
def test_any_text_is_parsed_or_invalid(text: str) -> None:
    parsed = parse(text)
    assert isinstance(parsed, (dict, InvalidTemplate))
    assert "\n" not in (parsed.reason if isinstance(parsed, InvalidTemplate) else "")


@given(templates)
def test_json_yaml_and_a_structure_have_the_same_result(body: dict[str, Any]) -> None:
    expected = repr(answer(body, Context()))
    assert repr(answer(json.dumps(body), Context())) == expected
    assert repr(answer(yaml.safe_dump(body, sort_keys=False), Context())) == expected
    assert repr(answer(yaml.safe_dump(body, default_flow_style=True), Context())) == repr(
        answer(json.dumps(body, sort_keys=True), Context())
    )


# Templates that CloudFormation accepts with any values of their parameters.
GIVEN = ["a", "b", "true", "1"]
MAPPING = {it: {"a": True, "b": it, "true": "true", "1": [1, it]} for it in GIVEN}
names = st.sampled_from(["P", "Q"])
values = st.sampled_from(["a", "b", "true", True, 1, "1"])
keys = st.sampled_from(GIVEN) | st.builds(lambda name: {"Ref": name}, names)
NO_VALUE = {"Ref": "AWS::NoValue"}


def scalars(conditions: str) -> st.SearchStrategy[Any]:
    """Values that use `conditions`."""

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
    """Conditions that use `conditions`."""
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
    """Whether the value `wide`, which may be unreadable, can be `real`."""
    if isinstance(wide, PartialText) and isinstance(real, str):
        parts = (re.escape(part) if isinstance(part, str) else ".*" for part in wide.parts)
        return re.fullmatch("".join(parts), real, re.DOTALL) is not None
    if isinstance(wide, UNREADABLE) or isinstance(real, UNREADABLE):
        return True
    if isinstance(wide, list) and isinstance(real, list):
        if len(wide) != len(real):
            return any(isinstance(item, UNREADABLE) for item in wide)
        return all(map(covers, wide, real))
    if isinstance(wide, Mapping) and isinstance(real, Mapping):
        return wide.keys() == real.keys() and all(covers(wide[name], real[name]) for name in wide)
    # CloudFormation's maps and parameters have texts: true and "true" are one value there.
    return bool(wide == real) or (text_of(wide) is not None and text_of(wide) == text_of(real))


UNREADABLE = (Unreadable, PartialText)


def covers_table(wide: Parts, real: Parts) -> bool:
    """Whether the table Orders in `wide`, where values are unreadable, can be that in `real`."""
    wide_table, real_table = orders(wide), orders(real)
    if real_table is None:
        return not isinstance(wide_table, TemplateResource) or wide_table.may_be_absent
    if wide_table is None:
        return False
    if isinstance(wide_table, HiddenPart) or isinstance(real_table, HiddenPart):
        return True
    if real_table.may_be_absent and not wide_table.may_be_absent:
        return False
    return all(any(covers(it, case) for it in wide_table.cases) for case in real_table.cases)


def orders(parts: Parts) -> TemplateResource | HiddenPart | None:
    """The table Orders, if it is one of `parts`."""
    return next((part for part in parts if part.logical_id == "Orders"), None)


def hidden_ids(parts: Parts) -> set[str]:
    return {part.logical_id for part in parts if isinstance(part, HiddenPart)} - {"Orders"}


@given(
    written, given_values, given_values, st.sampled_from([NOT_KNOWN, HIDDEN]), st.sampled_from("PQ")
)
def test_an_unreadable_parameter_can_have_any_value(
    body: dict[str, Any], p: str, q: str, cause: Unreadable, only: str
) -> None:
    real = read(body, Context({"P": p, "Q": q}))
    for context in (
        Context({"P": p, "Q": q, only: cause}),
        Context({"P": cause, "Q": cause}),
        Context({"P": p}, others=cause),
        Context(others=cause),
    ):
        wide = read(body, context)
        assert covers_table(wide, real)
        assert hidden_ids(real) <= hidden_ids(wide)


@given(written, given_values, given_values)
def test_a_template_with_readable_parameters_has_one_case(
    body: dict[str, Any], p: str, q: str
) -> None:
    table = orders(read(body, Context({"P": p, "Q": q})))
    if table is not None:
        assert isinstance(table, TemplateResource)
        assert table.cause is None
        assert not table.may_be_absent
        assert len(table.cases) == 1


@given(written, given_values, given_values)
def test_a_parameter_that_is_not_a_switch_changes_no_value(
    body: dict[str, Any], p: str, other: str
) -> None:
    table, with_other = (orders(read(body, Context({"P": it, "Q": "a"}))) for it in (p, other))
    if isinstance(table, TemplateResource) and isinstance(with_other, TemplateResource):
        switches = table.switches["it"]
        assert switches == with_other.switches["it"]
        if len(switches) < SWITCHES_LIMIT and "the parameter 'P'" not in switches:
            assert repr(table.cases) == repr(with_other.cases)


@given(templates, st.sampled_from(["a", "b"]))
def test_no_table_is_missing_with_an_unknown_parameter(body: dict[str, Any], p: str) -> None:
    known, unknown = answer(body, Context({"P": p})), answer(body, Context({"P": NOT_KNOWN}))
    if isinstance(known, InvalidTemplate) or isinstance(unknown, InvalidTemplate):
        assert known == unknown
    else:
        assert {part.logical_id for part in known} <= {part.logical_id for part in unknown}
