"""What is true of every route for any properties of a resource, and of routes in comparison."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi_policy.proxy import UnknownValueError

from policies import dynamodb_table_kms_encryption
from policies.routes import ROUTES, route_of
from policies.routes.route import Route
from policies.routes.terraform import BRIDGED, TERRAFORM
from policies.snapshot import Snapshot
from tests.keys import ACCOUNT, AWS_MANAGED_ALIAS_ARN, KEY_ARN
from tests.policies.in_process import (
    CUSTOMER_ONLY,
    PACK_FAILED,
    judge_declared,
    judge_deployed,
    judge_undetermined,
    remediate,
    wire,
)
from tests.policies.strategies import values
from tools.harness import UNKNOWN, Unknown, secret

KINDS = [
    *ROUTES,
    *(f"orders:index/x:{name}" for name in BRIDGED),
    *(f"{place}:{name}" for name in TERRAFORM for place in ("orders:tf", "pulumi:terraform")),
]
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
    "stackInstancesGroup",
    "autoDeployment",
    "parameterOverrides",
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
names = st.sampled_from(NAMES)
resources = st.dictionaries(names, values(names, "[secret]"), min_size=1, max_size=6)


@given(st.sampled_from(KINDS), resources, st.sampled_from(MODES))
def test_a_policy_raises_nothing_but_an_unknown_value(
    kind: str, properties: dict[str, Any], mode: dict[str, Any]
) -> None:
    messages: list[str] = []
    with suppress(UnknownValueError):
        messages += judge_declared(properties, kind, mode)
    for judge in (judge_deployed, judge_undetermined):
        messages += [message for _, message in judge([properties], kind, mode)]
    for message in messages:
        assert PACK_FAILED not in message
        assert len(message) < 1200


def test_a_bug_in_a_route_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    def read(snapshot: Snapshot) -> Any:
        raise RecursionError(snapshot.name)

    route = Route(read, frozenset())
    monkeypatch.setattr(dynamodb_table_kms_encryption, "route_of", lambda _: route)
    (message,) = judge_declared({"name": "orders"}, KINDS[0])
    assert PACK_FAILED in message
    assert "RecursionError" in message


REMEDIATED = [kind for kind in KINDS if (route := route_of(kind)) and route.remediate]
WRITTEN = {"serverSideEncryption", "sseSpecification", "replicas", "properties", "desiredState"}
"""The top-level properties that remediation may write."""


def or_secret(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return strategy | strategy.map(secret)


switches = or_secret(st.sampled_from([True, False, "false", None, UNKNOWN]))
keys = or_secret(st.sampled_from([None, "", KEY_ARN, UNKNOWN]))
others = values(names)
blocks = or_secret(
    st.fixed_dictionaries(
        {},
        optional={
            **dict.fromkeys(("enabled", "sseEnabled", "SSEEnabled"), switches),
            **dict.fromkeys(("kmsKeyArn", "kmsMasterKeyId", "KMSMasterKeyId"), keys),
            "other": others,
        },
    )
)
replicas = st.lists(
    or_secret(
        st.fixed_dictionaries(
            {"region": st.just("us-east-1")},
            optional={"kmsKeyArn": keys, "sseSpecification": blocks, "other": others},
        )
    ),
    max_size=2,
)
nested = st.fixed_dictionaries({}, optional={"SSESpecification": blocks, "other": others})
tables = st.fixed_dictionaries(
    {"type": st.just("AWS::DynamoDB::Table"), "typeName": st.just("AWS::DynamoDB::Table")},
    optional={
        "serverSideEncryption": blocks | st.lists(blocks, max_size=1),
        "sseSpecification": blocks,
        "replicas": or_secret(replicas),
        "properties": or_secret(nested),
        "desiredState": or_secret(nested.map(lambda value: json.dumps(wire(value)))),
        "region": st.sampled_from(["us-east-1", UNKNOWN]),
        "other": others,
    },
)


@given(
    st.sampled_from(REMEDIATED),
    tables | resources,
    st.sampled_from([*MODES, {"remediationKmsKey": f"arn:aws:kms:*:{ACCOUNT}:alias/orders"}]),
)
def test_remediation_writes_only_the_encryption_setting(
    kind: str, properties: dict[str, Any], mode: dict[str, Any]
) -> None:
    before = wire(properties)
    after = remediate(properties, kind, mode)
    if after is None:
        return
    assert {name for name in after if after.get(name) != before.get(name)} <= WRITTEN
    assert_kept(before, after)
    with suppress(UnknownValueError):
        assert judge_declared(after, kind, mode) == []


SIGNATURE = next(iter(secret(None)))


def assert_kept(before: Any, after: Any) -> None:
    """Fail if a property is missing, a secret is no longer secret, or an unknown value is known."""
    if isinstance(before, dict):
        assert isinstance(after, dict)
        assert before.keys() <= after.keys()
        assert before.get(SIGNATURE) == after.get(SIGNATURE)
        for name, value in before.items():
            assert_kept(value, after[name])
    elif isinstance(before, list) and any(item is not None for item in before):
        assert isinstance(after, list)
        for old, new in zip(before, after, strict=True):
            assert_kept(old, new)
    elif isinstance(before, str):
        for unknown in Unknown:
            assert str(after).count(unknown.value) == before.count(unknown.value)


settings: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        "block": st.sampled_from([None, {}, UNKNOWN, [], 7]),
        "enabled": st.sampled_from([True, False, "true", "False", None, UNKNOWN, 1, "yes", []]),
        "key": st.sampled_from(
            ["", None, KEY_ARN, AWS_MANAGED_ALIAS_ARN, UNKNOWN, "arn:aws:s3:::orders", 7, ["x"]]
        ),
    },
)


def block_of(setting: dict[str, Any], enabled: str, key: str) -> Any:
    if setting.get("block", {}) != {}:
        return setting["block"]
    spelled = {"enabled": enabled, "key": key}
    return {spelled[name]: setting[name] for name in spelled if name in setting}


def as_cloudformation(setting: dict[str, Any]) -> dict[str, Any]:
    return {"SSESpecification": block_of(setting, "SSEEnabled", "KMSMasterKeyId")}


def as_each_route(setting: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the properties of the same table for each type that can declare it."""
    camel_case = {"serverSideEncryption": block_of(setting, "enabled", "kmsKeyArn")}
    resource = {"Type": "AWS::DynamoDB::Table", "Properties": as_cloudformation(setting)}
    template = {"Resources": {"Orders": resource}}
    terraform = {"server_side_encryption": block_of(setting, "enabled", "kms_key_arn")}
    cloud_control = {"sse_specification": block_of(setting, "sse_enabled", "kms_master_key_id")}
    native = {"sseSpecification": block_of(setting, "sseEnabled", "kmsMasterKeyId")}
    routes = {
        "aws:dynamodb/table:Table": camel_case,
        "any:index/dynamodbTable:DynamodbTable": camel_case,
        "awscc:index/dynamodbTable:DynamodbTable": {**native, "keySchema": "[]"},
        "orders:tf:aws_dynamodb_table": terraform,
        "pulumi:terraform:aws_dynamodb_table": terraform,
        "orders:tf:awscc_dynamodb_table": cloud_control,
        "pulumi:terraform:awscc_dynamodb_table": cloud_control,
        "aws-native:dynamodb:Table": native,
        "aws-native:index:ExtensionResource": {
            "type": "AWS::DynamoDB::Table",
            "properties": as_cloudformation(setting),
        },
        "aws-native:cloudformation:Stack": {"templateBody": template},
    }
    if UNKNOWN not in setting.values():
        # A document in a string is either known or unknown as a whole.
        state, body = json.dumps(as_cloudformation(setting)), json.dumps(template)
        for kind in (
            "aws:cloudcontrol/resource:Resource",
            "any:index/cloudcontrolapiResource:CloudcontrolapiResource",
        ):
            routes[kind] = {"typeName": "AWS::DynamoDB::Table", "desiredState": state}
        for place in ("orders:tf", "pulumi:terraform"):
            routes[f"{place}:aws_cloudcontrolapi_resource"] = {
                "type_name": "AWS::DynamoDB::Table",
                "desired_state": state,
            }
            routes[f"{place}:aws_cloudformation_stack"] = {"template_body": body}
            routes[f"{place}:awscc_cloudformation_stack_set"] = {"template_body": body}
        for kind in (
            "aws:cloudformation/stack:Stack",
            "aws:cloudformation/stackSet:StackSet",
            "any:index/cloudformationStack:CloudformationStack",
            "any:index/cloudformationStackSet:CloudformationStackSet",
        ):
            routes[kind] = {"templateBody": body}
    return routes


def verdict(kind: str, properties: dict[str, Any], mode: dict[str, Any]) -> str:
    violations: list[str] = []
    with suppress(UnknownValueError):
        violations = judge_declared(properties, kind, mode)
    if violations:
        return "violation"
    return "undetermined" if judge_undetermined([properties], kind, mode) else "pass"


@given(settings, st.sampled_from(MODES))
def test_the_same_table_gets_the_same_verdict_on_every_route(
    setting: dict[str, Any], mode: dict[str, Any]
) -> None:
    if setting.get("block") == []:
        del setting["block"]  # In Terraform, an empty list of blocks is the same as none.
    verdicts = {
        kind: verdict(kind, properties, mode) for kind, properties in as_each_route(setting).items()
    }
    assert len(set(verdicts.values())) == 1, verdicts


@pytest.mark.parametrize("kind", KINDS)
def test_a_resource_without_known_properties_raises_nothing(kind: str) -> None:
    for mode in MODES:
        judge_declared({"other": None}, kind, mode)
        judge_deployed([{}], kind, mode)
        judge_undetermined([{}], kind, mode)
