"""What holds of any template."""

from __future__ import annotations

import json
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from policies.templates import BadTemplate, Context, declarations, hidden_parts, parse
from tests.policies.templates.reading import NOT_KNOWN, TABLE

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


@given(templates)
def test_json_yaml_and_a_structure_are_answered_alike(body: dict[str, Any]) -> None:
    expected = repr(answer(body, Context()))
    assert repr(answer(json.dumps(body), Context())) == expected
    assert repr(answer(yaml.safe_dump(body, sort_keys=False), Context())) == expected


@given(templates, st.sampled_from(["a", "b"]))
def test_a_parameter_that_is_not_known_loses_no_outcome(body: dict[str, Any], given_p: str) -> None:
    known = answer(body, Context({"P": given_p}))
    open_ = answer(body, Context({"P": NOT_KNOWN}))
    assert not isinstance(known, BadTemplate)
    if isinstance(known[0], BadTemplate):
        return
    ids = {it.logical_id for it in open_[0]}
    for declaration in known[0]:
        assert declaration.logical_id in ids
