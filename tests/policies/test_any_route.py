"""What holds of every route, whatever a resource's properties are, and between routes."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from google.protobuf import json_format
from hypothesis import given
from hypothesis import strategies as st
from pulumi_policy.proxy import UnknownValueError

from policies.routes import REMEDIES, ROUTES
from tests.policies.as_the_sdk_does import CUSTOMER_ONLY, judge_declared, judge_deployed, remedy
from tools.harness import UNKNOWN, Unknown, secret
from tools.harness.properties import to_struct

PACK_FAILED = "this policy pack failed"
MODULE_TABLE = "orders:tf:aws_dynamodb_table"
MODULE_REPLICA = "orders:tf:aws_dynamodb_table_replica"
KINDS = [*ROUTES, MODULE_TABLE, MODULE_REPLICA]
MODES = [{}, CUSTOMER_ONLY]

NAMES = [
    "serverSideEncryption",
    "sseSpecification",
    "server_side_encryption",
    "enabled",
    "sseEnabled",
    "kmsKeyArn",
    "kmsMasterKeyId",
    "kms_key_arn",
    "sseType",
    "replicas",
    "replica",
    "regionName",
    "region",
    "region_name",
    "type",
    "properties",
    "typeName",
    "desiredState",
    "templateBody",
    "templateUrl",
    "parameters",
    "arn",
    "outputs",
    "Resources",
    "Parameters",
    "Conditions",
    "Type",
    "Properties",
    "SSESpecification",
    "SSEEnabled",
    "SSEType",
    "KMSMasterKeyId",
    "Orders",
    "Ref",
    "Fn::If",
    "Fn::Sub",
    "Fn::Equals",
    "Condition",
]
STRINGS = [
    "",
    "true",
    "False",
    "KMS",
    "AES256",
    "[secret]",
    "alias/aws/dynamodb",
    "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    "arn:aws:s3:::orders",
    "us-east-1",
    "AWS::DynamoDB::Table",
    "AWS::DynamoDB::GlobalTable",
    '{"SSESpecification": {"SSEEnabled": true}}',
    "Resources: {Orders: {Type: AWS::DynamoDB::Table, Properties: {SSESpecification: !Ref X}}}",
    "{{{",
]
leaves = (
    st.none()
    | st.booleans()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(STRINGS)
    | st.text(max_size=8)
    | st.sampled_from(list(Unknown))
)
trees = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4)
        | inner.map(secret)
    ),
    max_leaves=10,
)
properties = st.dictionaries(st.sampled_from(NAMES), trees, min_size=1, max_size=6)


@given(st.sampled_from(KINDS), properties, st.sampled_from(MODES))
def test_nothing_but_an_unknown_value_leaves_a_policy(
    kind: str, given_properties: dict[str, Any], mode: dict[str, Any]
) -> None:
    messages: list[str] = []
    violations: list[tuple[str, str]] = []
    with suppress(UnknownValueError):
        messages = judge_declared(given_properties, kind, mode)
    with suppress(UnknownValueError):
        judge_deployed([given_properties], violations, kind, mode)
    for message in (*messages, *(it for _, it in violations)):
        assert PACK_FAILED not in message
        assert len(message) < 1200


REMEDIED = [*(kind for kind, route in ROUTES.items() if route in REMEDIES), MODULE_TABLE]
# What remediation may write, by the properties' names at the resource's top level.
WRITTEN = {
    "serverSideEncryption",
    "sseSpecification",
    "server_side_encryption",
    "replicas",
    "properties",
    "desiredState",
}


@given(
    st.sampled_from(REMEDIED),
    properties,
    st.sampled_from([*MODES, {"remediationKmsKey": "arn:aws:kms:*:111122223333:alias/orders"}]),
)
def test_remediation_writes_the_setting_and_nothing_else(
    kind: str, given_properties: dict[str, Any], mode: dict[str, Any]
) -> None:
    before = json_format.MessageToDict(to_struct(given_properties))
    after = remedy(given_properties, kind, mode)
    if after is None:
        return
    assert {name for name in after if after.get(name) != before.get(name)} <= WRITTEN
    assert before.keys() <= after.keys()
    with suppress(UnknownValueError):
        assert judge_declared(after, kind, mode) == []


KEY = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
AWS_MANAGED = "arn:aws:kms:eu-west-1:111122223333:alias/aws/dynamodb"
settings: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        "block": st.sampled_from([None, {}, UNKNOWN, [], 7]),
        "enabled": st.sampled_from([True, False, "true", "False", None, UNKNOWN, 1, "yes", []]),
        "key": st.sampled_from(
            ["", None, KEY, AWS_MANAGED, UNKNOWN, "arn:aws:s3:::orders", 7, ["x"]]
        ),
    },
)


def block_of(setting: dict[str, Any], enabled: str, key: str) -> Any:
    if setting.get("block", {}) != {}:
        return setting["block"]
    named = {"enabled": enabled, "key": key}
    return {named[it]: setting[it] for it in ("enabled", "key") if it in setting}


def as_cloudformation(setting: dict[str, Any]) -> dict[str, Any]:
    return {"SSESpecification": block_of(setting, "SSEEnabled", "KMSMasterKeyId")}


def as_each_route(setting: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The same table in the words of each route that declares one."""
    bridged = {"serverSideEncryption": block_of(setting, "enabled", "kmsKeyArn")}
    resource = {"Type": "AWS::DynamoDB::Table", "Properties": as_cloudformation(setting)}
    template = {"Resources": {"Orders": resource}}
    routes = {
        "aws:dynamodb/table:Table": bridged,
        "aws:index/dynamodbTable:DynamodbTable": bridged,
        MODULE_TABLE: {"server_side_encryption": block_of(setting, "enabled", "kms_key_arn")},
        "aws-native:dynamodb:Table": {
            "sseSpecification": block_of(setting, "sseEnabled", "kmsMasterKeyId")
        },
        "aws-native:index:ExtensionResource": {
            "type": "AWS::DynamoDB::Table",
            "properties": as_cloudformation(setting),
        },
        "aws-native:cloudformation:Stack": {"templateBody": template},
    }
    if UNKNOWN not in setting.values():
        # A document in a string is unknown as a whole or not at all.
        routes["aws:cloudcontrol/resource:Resource"] = {
            "typeName": "AWS::DynamoDB::Table",
            "desiredState": json.dumps(as_cloudformation(setting)),
        }
        routes["aws:cloudformation/stack:Stack"] = {"templateBody": json.dumps(template)}
        routes["aws:cloudformation/stackSet:StackSet"] = {"templateBody": json.dumps(template)}
    return routes


def outcome(kind: str, given_properties: dict[str, Any], mode: dict[str, Any]) -> str:
    try:
        return "violation" if judge_declared(given_properties, kind, mode) else "pass"
    except UnknownValueError:
        return "undetermined"


@given(settings, st.sampled_from(MODES))
def test_the_same_table_gets_the_same_verdict_by_every_route(
    setting: dict[str, Any], mode: dict[str, Any]
) -> None:
    if setting.get("block") == []:
        del setting["block"]  # A list of no blocks is Terraform's way to leave it out.
    outcomes = {kind: outcome(kind, it, mode) for kind, it in as_each_route(setting).items()}
    assert len(set(outcomes.values())) == 1, outcomes


@pytest.mark.parametrize("kind", KINDS)
def test_a_resource_without_any_property_of_ours_raises_nothing(kind: str) -> None:
    for mode in MODES:
        judge_declared({"it": None}, kind, mode)
        judge_deployed([{}], [], kind, mode)
