"""No name in a template brings a line break or a control character into what users read."""

from __future__ import annotations

import json
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st
from pulumi_policy.proxy import UnknownValueError

from tests.policies.in_process import (
    CUSTOMER_ONLY,
    judge_declared,
    judge_deployed,
    judge_undetermined,
)
from tools.harness import UNKNOWN

STACK = "aws:cloudformation/stack:Stack"
NAMES = st.text(
    st.sampled_from("\n\r\t\x1b\x00\x7f\x85\u2028\u202e") | st.sampled_from("aZ0. '${}"),
    min_size=1,
    max_size=6,
)
TYPES = [
    "AWS::DynamoDB::Table",
    "AWS::DynamoDB::GlobalTable",
    "AWS::CloudFormation::Stack",
    "{}::DynamoDB::Table",
    "{}::MODULE",
]


@st.composite
def templates(draw: st.DrawFn) -> tuple[dict[str, Any], str]:
    """Return a template with hostile names, and the name of its parameter."""
    logical_id, parameter, condition, mapping, key, member = (
        draw(NAMES, label=label) for label in ("ID", "P", "C", "M", "Key", "member")
    )
    no_value = {"Ref": "AWS::NoValue"}
    values = st.sampled_from(
        [
            True,
            False,
            UNKNOWN.value,
            {member: UNKNOWN.value},
            [UNKNOWN.value],
            no_value,
            {"Ref": parameter},
            {"Ref": key},
            {"Ref": member},
            {"Fn::Sub": f"${{{parameter}}}"},
            {"Fn::GetAtt": [key, "Arn"]},
            {"Fn::ImportValue": member},
            {"Fn::FindInMap": [mapping, {"Ref": parameter}, member]},
            {f"Fn::{member}": parameter},
            {"Fn::ForEach::" + member: [member, [member], {}]},
            {"Fn::If": [condition, True, no_value]},
        ]
    )
    encryption = {"SSEEnabled": st.just(True), "KMSMasterKeyId": st.just({"Ref": key})}
    properties = st.fixed_dictionaries(
        {},
        optional={
            "SSESpecification": st.fixed_dictionaries(encryption)
            | st.fixed_dictionaries(
                {}, optional={"SSEEnabled": values, "SSEType": values, "KMSMasterKeyId": values}
            )
            | values,
            "Replicas": st.lists(
                st.fixed_dictionaries(
                    {"Region": values | NAMES, "SSESpecification": values},
                )
                | values,
                max_size=2,
            )
            | values,
        },
    )
    key_properties = st.fixed_dictionaries(
        {"Enabled": st.just(False)}, optional={"Origin": st.just("EXTERNAL") | values}
    )
    resource = st.fixed_dictionaries(
        {
            "Type": st.sampled_from(TYPES).map(lambda kind: kind.format(member)),
            "Properties": properties | values,
        },
        optional={"Condition": st.just(condition) | values},
    )
    resources = {
        logical_id: draw(resource),
        key: {"Type": "AWS::KMS::Key", "Properties": draw(key_properties)},
    }
    sections = st.fixed_dictionaries(
        {"Resources": st.just(resources)},
        optional={
            "Parameters": st.just({parameter: {"Type": "String"}}) | values,
            "Conditions": st.just({condition: {"Fn::Equals": [{"Ref": parameter}, "a"]}}) | values,
            "Mappings": st.just({mapping: {"a": {member: "true"}}}) | values,
            "Transform": values | NAMES,
        },
    )
    return draw(sections), parameter


@given(
    templates(),
    st.sampled_from([dict, json.dumps, yaml.safe_dump]),
    st.sampled_from(["a", UNKNOWN, "[secret]", None]),
    st.sampled_from([{}, CUSTOMER_ONLY]),
)
def test_every_text_can_be_printed(
    template: tuple[dict[str, Any], str], form: Any, given_value: Any, mode: dict[str, Any]
) -> None:
    body, parameter = template
    properties = {"templateBody": form(body), "parameters": {parameter: given_value}}
    messages = [
        message
        for judge in (judge_deployed, judge_undetermined)
        for _, message in judge([properties], STACK, mode)
    ]
    texts = []
    try:
        messages += judge_declared(properties, STACK, mode)
    except UnknownValueError as error:
        texts += [error.message, *error.props]
    for message in messages:
        fault, change = message.split("\n")
        texts += [fault, change]
    assert [text for text in texts if not text.isprintable()] == []
