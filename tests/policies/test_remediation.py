"""Remediation in the analyzer process: what it adds, and that it changes nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest

from policies.dynamodb_table_kms_encryption import NAME
from policies.routes import route_of
from tests.keys import (
    ACCOUNT,
    AWS_MANAGED_ALIAS_ARN,
    KEY_ARN,
    MULTI_REGION_KEY_ARN,
    MULTI_REGION_KEY_ID,
    OTHER_ACCOUNT,
    key_arn,
)
from tests.policies.samples import FILES, inputs, types
from tools.harness import UNKNOWN, Analyzer, Resource, secret

IN_EVERY_REGION = key_arn(region="*", key_id=MULTI_REGION_KEY_ID)
TABLE = "aws:dynamodb/table:Table"
BRIDGE = "aws:index/dynamodbTable:DynamodbTable"
MODULE = "orders:tf:aws_dynamodb_table"
NATIVE = "aws-native:dynamodb:Table"
GLOBAL = "aws-native:dynamodb:GlobalTable"
EXTENSION = "aws-native:index:ExtensionResource"
CONTROL = "aws:cloudcontrol/resource:Resource"
STRICT = {"requireCustomerManagedKey": True}
SET_KEY = {"remediationKmsKey": KEY_ARN}


def remediated(
    analyzer: Analyzer, kind: str, properties: dict[str, Any], **settings: Any
) -> dict[str, Any] | None:
    """Return the properties after remediation, which the policy accepts; None if it did nothing."""
    analyzer.configure({NAME: {"enforcementLevel": "remediate", **settings}})
    remediations = analyzer.remediate(Resource(kind, properties))
    if not remediations:
        return None
    (remediation,) = remediations
    assert remediation.policy == NAME
    assert remediation.diagnostic == ""
    assert analyzer.analyze(Resource(kind, remediation.properties)).violations == ()
    assert analyzer.remediate(Resource(kind, remediation.properties)) == []
    return remediation.properties


def control(state: Any) -> dict[str, Any]:
    """Return the properties of a table of Cloud Control."""
    return {"typeName": "AWS::DynamoDB::Table", "desiredState": state}


def document(**properties: Any) -> dict[str, Any]:
    return control(json.dumps(properties, ensure_ascii=False))


ENABLED = {"enabled": True}
SSE = {"sseEnabled": True}
PASCAL = {"SSEEnabled": True}
WITH_KEY = {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": KEY_ARN}


@pytest.mark.parametrize(
    ("kind", "before", "after", "with_key"),
    [
        (
            TABLE,
            {},
            {"serverSideEncryption": ENABLED},
            {"serverSideEncryption": {**ENABLED, "kmsKeyArn": KEY_ARN}},
        ),
        (
            BRIDGE,
            {},
            {"serverSideEncryption": ENABLED},
            {"serverSideEncryption": {**ENABLED, "kmsKeyArn": KEY_ARN}},
        ),
        (
            NATIVE,
            {},
            {"sseSpecification": SSE},
            {"sseSpecification": {**SSE, "sseType": "KMS", "kmsMasterKeyId": KEY_ARN}},
        ),
        (
            GLOBAL,
            {"replicas": [{"region": "eu-west-1"}]},
            {
                "replicas": [{"region": "eu-west-1"}],
                "sseSpecification": {**SSE, "sseType": "KMS"},
            },
            {
                "replicas": [
                    {"region": "eu-west-1", "sseSpecification": {"kmsMasterKeyId": KEY_ARN}}
                ],
                "sseSpecification": {**SSE, "sseType": "KMS"},
            },
        ),
        (
            EXTENSION,
            {"type": "AWS::DynamoDB::Table", "properties": {"TableName": "a"}},
            {
                "type": "AWS::DynamoDB::Table",
                "properties": {"TableName": "a", "SSESpecification": PASCAL},
            },
            {
                "type": "AWS::DynamoDB::Table",
                "properties": {"TableName": "a", "SSESpecification": WITH_KEY},
            },
        ),
        (
            EXTENSION,
            {"type": "AWS::DynamoDB::Table"},
            {"type": "AWS::DynamoDB::Table", "properties": {"SSESpecification": PASCAL}},
            {"type": "AWS::DynamoDB::Table", "properties": {"SSESpecification": WITH_KEY}},
        ),
        (
            CONTROL,
            document(TableName="ö"),
            control('{"TableName": "ö", "SSESpecification": {"SSEEnabled": true}}'),
            document(TableName="ö", SSESpecification=WITH_KEY),
        ),
    ],
)
@pytest.mark.parametrize(
    "more", [{"hashKey": "id"}, {"name": "orders", "tags": {"a": ["b", 1.0, None]}}]
)
def test_the_missing_properties_are_added_as_the_type_spells_them(
    analyzer: Analyzer,
    kind: str,
    before: dict[str, Any],
    after: dict[str, Any],
    with_key: dict[str, Any],
    more: dict[str, Any],
) -> None:
    before = {**before, **more}
    assert remediated(analyzer, kind, before) == {**after, **more}
    assert remediated(analyzer, kind, before, **SET_KEY) == {**with_key, **more}
    strict = remediated(analyzer, kind, before, **SET_KEY, **STRICT)
    assert strict == {**with_key, **more}
    # Without a key in the settings, the key to set would be a guess.
    assert remediated(analyzer, kind, before, **STRICT) is None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"enabled": False}, {"enabled": True}),
        ({"enabled": "false"}, {"enabled": True}),
        ({"enabled": False, "kmsKeyArn": KEY_ARN}, {"enabled": True, "kmsKeyArn": KEY_ARN}),
        ({"enabled": False, "kmsKeyArn": UNKNOWN}, {"enabled": True, "kmsKeyArn": UNKNOWN.value}),
        ({"kmsKeyArn": KEY_ARN}, {"enabled": True, "kmsKeyArn": KEY_ARN}),
        ({}, {"enabled": True}),
        (None, {"enabled": True}),
    ],
)
def test_encryption_is_enabled_and_a_key_stays(analyzer: Analyzer, before: Any, after: Any) -> None:
    assert remediated(analyzer, TABLE, {"serverSideEncryption": before}) == {
        "serverSideEncryption": after
    }


@pytest.mark.parametrize("before", [[{"enabled": False}], [{}], [], [None], {"enabled": False}, {}])
def test_a_block_of_a_bridge_keeps_its_shape(analyzer: Analyzer, before: Any) -> None:
    after = ENABLED if isinstance(before, dict) else [ENABLED]
    assert remediated(analyzer, BRIDGE, {"serverSideEncryption": before}) == {
        "serverSideEncryption": after
    }


@pytest.mark.parametrize("key", [None, "", AWS_MANAGED_ALIAS_ARN])
def test_the_aws_managed_key_is_replaced_by_the_key_of_the_settings(
    analyzer: Analyzer, key: Any
) -> None:
    block = {"enabled": "true", "kmsKeyArn": key}
    assert remediated(analyzer, TABLE, {"serverSideEncryption": block}, **SET_KEY, **STRICT) == {
        "serverSideEncryption": {"enabled": "true", "kmsKeyArn": KEY_ARN}
    }
    # By default, the AWS managed key complies, so it stays.
    assert remediated(analyzer, TABLE, {"serverSideEncryption": block}, **SET_KEY) is None


def test_unknown_values_and_secrets_stay_as_they_are(analyzer: Analyzer) -> None:
    properties = {
        "name": UNKNOWN,
        "tags": secret({"a": secret("b"), "c": UNKNOWN}),
        "attributes": [secret({"name": UNKNOWN, "type": "S"}), {"name": "b", "type": secret("S")}],
        "serverSideEncryption": secret({"enabled": secret(False), "kmsKeyArn": secret(KEY_ARN)}),
    }
    assert remediated(analyzer, TABLE, properties) == {
        "name": UNKNOWN.value,
        "tags": secret({"a": secret("b"), "c": UNKNOWN.value}),
        "attributes": [
            secret({"name": UNKNOWN.value, "type": "S"}),
            {"name": "b", "type": secret("S")},
        ],
        "serverSideEncryption": secret({"enabled": secret(True), "kmsKeyArn": secret(KEY_ARN)}),
    }


def test_a_secret_document_stays_secret_with_its_unknown_values(analyzer: Analyzer) -> None:
    state = json.dumps({"TableName": UNKNOWN.value, "Tags": [1, 2.5]})
    after = state[:-1] + ', "SSESpecification": {"SSEEnabled": true}}'
    assert remediated(analyzer, CONTROL, control(secret(state))) == control(secret(after))


@pytest.mark.parametrize(
    ("kind", "replicas", "region", "block", "key"),
    [
        (GLOBAL, "replicas", "region", "sseSpecification", "kmsMasterKeyId"),
        (EXTENSION, "Replicas", "Region", "SSESpecification", "KMSMasterKeyId"),
    ],
)
def test_each_replica_of_a_global_table_gets_the_key_of_its_region(
    analyzer: Analyzer, kind: str, replicas: str, region: str, block: str, key: str
) -> None:
    before: dict[str, Any] = {
        replicas: [
            {region: "eu-west-1"},
            {region: "us-east-1", block: {key: "alias/own"}},
            {region: "us-west-2", block: {}},
        ]
    }
    if kind == EXTENSION:
        before = {"type": "AWS::DynamoDB::GlobalTable", "properties": before}
    after = remediated(analyzer, kind, before, remediationKmsKey=IN_EVERY_REGION, **STRICT)
    assert after is not None
    assert after.get("properties", after)[replicas] == [
        {region: "eu-west-1", block: {key: MULTI_REGION_KEY_ARN}},
        {region: "us-east-1", block: {key: "alias/own"}},
        {region: "us-west-2", block: {key: key_arn("us-west-2", key_id=MULTI_REGION_KEY_ID)}},
    ]


@pytest.mark.parametrize(
    ("region", "key"),
    [
        ("us-east-1", key_arn("us-east-1", key_id=MULTI_REGION_KEY_ID)),
        ("eu-west-1", MULTI_REGION_KEY_ARN),
        (None, None),
        (UNKNOWN, None),
    ],
)
def test_a_key_in_every_region_needs_the_tables_region(
    analyzer: Analyzer, region: Any, key: str | None
) -> None:
    properties = {} if region is None else {"region": region}
    for mode in (STRICT, {}):
        after = remediated(
            analyzer,
            TABLE,
            {"hashKey": "id", **properties},
            remediationKmsKey=IN_EVERY_REGION,
            **mode,
        )
        if key is None:
            assert after is None
        else:
            assert after is not None
            assert after["serverSideEncryption"] == {"enabled": True, "kmsKeyArn": key}


@pytest.mark.parametrize(
    ("kind", "properties", "settings"),
    [
        # Compliant.
        (TABLE, {"serverSideEncryption": ENABLED}, {}),
        # Known only during the update.
        (TABLE, {"serverSideEncryption": UNKNOWN}, {}),
        (TABLE, {"serverSideEncryption": {"enabled": UNKNOWN}}, {}),
        *(
            (kind, {name: value}, {**SET_KEY, **STRICT})
            for kind, name, enabled in (
                (TABLE, "serverSideEncryption", "enabled"),
                (BRIDGE, "serverSideEncryption", "enabled"),
                (NATIVE, "sseSpecification", "sseEnabled"),
                (GLOBAL, "sseSpecification", "sseEnabled"),
            )
            for value in (UNKNOWN, {enabled: UNKNOWN}, "[secret]", {enabled: "[secret]"})
        ),
        (
            GLOBAL,
            {"sseSpecification": UNKNOWN, "replicas": [{"region": "eu-west-1"}]},
            {**SET_KEY, **STRICT},
        ),
        (
            CONTROL,
            document(SSESpecification={"SSEEnabled": UNKNOWN.value}),
            {**SET_KEY, **STRICT},
        ),
        # AWS refuses a table and replicas with both kinds of keys.
        (TABLE, {"replicas": [{"regionName": "eu-west-1", "kmsKeyArn": KEY_ARN}]}, {}),
        (TABLE, {"replicas": UNKNOWN}, SET_KEY),
        (TABLE, {"replicas": [UNKNOWN]}, {}),
        (GLOBAL, {"replicas": [{"region": "eu-west-1"}, UNKNOWN]}, SET_KEY),
        (
            GLOBAL,
            {
                "replicas": [
                    {"region": "eu-west-1"},
                    {"region": "us-east-1", "sseSpecification": {"kmsMasterKeyId": "alias/own"}},
                ]
            },
            {},
        ),
        (
            GLOBAL,
            {"replicas": [{"region": "eu-west-1"}, {"region": UNKNOWN}]},
            {"remediationKmsKey": IN_EVERY_REGION},
        ),
        # Only AWS knows whether the AWS managed key is in the account.
        (TABLE, {}, {"allowedKmsKeys": [ACCOUNT]}),
        # The number would be written in another form.
        *(
            (CONTROL, control(f'{{"a": {number}}}'), {})
            for number in ("1e5", "0.1234567890123456789", "1.50", "-0")
        ),
        # The engine does not remediate the resources of a Terraform module.
        (MODULE, {}, {}),
        # Only the author knows what the table should be.
        (TABLE, {"serverSideEncryption": "yes"}, {}),
        (TABLE, {"serverSideEncryption": {"enabled": "yes"}}, {}),
        (TABLE, {"serverSideEncryption": {"enabled": False, "kmsKeyArn": "arn:aws:s3:::a"}}, {}),
        (NATIVE, {"sseSpecification": {"sseEnabled": False, "sseType": "AES256"}}, {}),
        (CONTROL, control("{"), {}),
        (
            TABLE,
            {"serverSideEncryption": {"enabled": True, "kmsKeyArn": KEY_ARN}},
            {"allowedKmsKeys": [OTHER_ACCOUNT]},
        ),
        # The key is in another Region.
        (TABLE, {"region": "us-east-1"}, SET_KEY),
        # A change of its key replaces a replica.
        (
            TABLE,
            {"serverSideEncryption": {}, "replicas": [{"regionName": "eu-west-1"}]},
            {**SET_KEY, **STRICT},
        ),
        (
            "aws:dynamodb/tableReplica:TableReplica",
            {"region": "eu-west-1"},
            {**SET_KEY, **STRICT},
        ),
        # The text of a template is left to its author.
        (
            "aws:cloudformation/stack:Stack",
            {"templateBody": '{"Resources": {"A": {"Type": "AWS::DynamoDB::Table"}}}'},
            {},
        ),
        # Wrong settings, and an exempt table.
        (TABLE, {}, {"requireCustomerManagedKeys": True}),
        (TABLE, {}, {"exemptions": [{"table": "it", "reason": "it"}]}),
        # No table.
        ("aws:s3/bucket:Bucket", {}, {}),
        (CONTROL, {"typeName": "AWS::S3::Bucket", "desiredState": "{}"}, {}),
    ],
)
def test_nothing_is_guessed(
    analyzer: Analyzer, kind: str, properties: dict[str, Any], settings: dict[str, Any]
) -> None:
    assert remediated(analyzer, kind, {"other": 1.0, **properties}, **settings) is None


def test_a_table_with_replicas_gets_the_aws_managed_key_only(analyzer: Analyzer) -> None:
    properties = {"replicas": [{"regionName": "eu-west-1"}]}
    assert remediated(analyzer, TABLE, properties) == {
        **properties,
        "serverSideEncryption": ENABLED,
    }
    # AWS refuses a global table with both kinds of keys.
    assert remediated(analyzer, TABLE, properties, **SET_KEY) is None


@pytest.mark.parametrize(
    ("kind", "properties", "settings"),
    [
        (
            TABLE,
            {
                "serverSideEncryption": {"enabled": False, "kmsKeyArn": KEY_ARN},
                "replicas": [{"regionName": "us-east-1", "kmsKeyArn": UNKNOWN}],
            },
            {},
        ),
        (
            TABLE,
            {
                "serverSideEncryption": {"enabled": False, "kmsKeyArn": KEY_ARN},
                "replicas": [{"regionName": "us-east-1", "kmsKeyArn": UNKNOWN}],
            },
            STRICT,
        ),
        (
            GLOBAL,
            {
                "sseSpecification": {"sseEnabled": False},
                "replicas": [
                    {"region": "eu-west-1"},
                    {"region": "us-east-1", "sseSpecification": {"kmsMasterKeyId": UNKNOWN}},
                ],
            },
            {**SET_KEY, **STRICT},
        ),
        (TABLE, {"hashKey": "id"}, {"allowedKmsKeys": ["arn:aws:kms:*:*:alias/aws/dynamodb"]}),
    ],
)
def test_an_unknown_key_does_not_prevent_remediation(
    analyzer: Analyzer, kind: str, properties: dict[str, Any], settings: dict[str, Any]
) -> None:
    assert remediated(analyzer, kind, properties, **settings) is not None


def test_half_of_a_character_stays_as_it_is(analyzer: Analyzer) -> None:
    state = r'{"a": "\ud83d", "b": "\u00f6"}'
    after = r'{"a": "\ud83d", "b": "\u00f6", "SSESpecification": {"SSEEnabled": true}}'
    assert remediated(analyzer, CONTROL, control(state)) == control(after)


def test_an_empty_key_needs_no_type(analyzer: Analyzer) -> None:
    block = {"sseEnabled": False, "kmsMasterKeyId": ""}
    assert remediated(analyzer, NATIVE, {"sseSpecification": block}) == {
        "sseSpecification": {"sseEnabled": True, "kmsMasterKeyId": ""}
    }


def test_another_enforcement_level_remediates_nothing(analyzer: Analyzer) -> None:
    analyzer.configure({NAME: "mandatory"})
    assert analyzer.remediate(Resource(TABLE, {"hashKey": "id"})) == []


@pytest.mark.parametrize("file", FILES)
def test_a_remediated_sample_complies(analyzer: Analyzer, file: str) -> None:
    kind = types(FILES[file])[0]
    route = route_of(kind)
    remediations = [
        remediated(analyzer, kind, inputs(sample), **settings)
        for sample in FILES[file]["samples"]
        for settings in ({}, {"remediationKmsKey": IN_EVERY_REGION, **STRICT})
    ]
    assert route is not None
    assert any(remediations) is (route.remediate is not None)


@pytest.mark.parametrize(
    ("partition", "region", "expected"),
    [
        ("aws", "eu-west-1", True),
        ("aws", "cn-north-1", False),
        ("aws-cn", "cn-north-1", True),
        ("aws-cn", "eu-west-1", False),
        ("aws-us-gov", "us-gov-west-1", True),
        ("aws-us-gov", "us-east-1", False),
        ("aws-new", "eu-west-1", True),
    ],
)
def test_no_key_of_another_partition_is_set(
    analyzer: Analyzer, partition: str, region: str, expected: bool
) -> None:
    key = f"arn:{partition}:kms:*:{ACCOUNT}:alias/orders"
    after = remediated(analyzer, TABLE, {"region": region}, remediationKmsKey=key)
    block = {**ENABLED, "kmsKeyArn": key.replace("*", region)}
    assert after == ({"region": region, "serverSideEncryption": block} if expected else None)
    replicas = {"sseSpecification": SSE, "replicas": [{"region": region}]}
    after = remediated(analyzer, GLOBAL, replicas, remediationKmsKey=key, **STRICT)
    assert (after is not None) is expected


@pytest.mark.parametrize("sse_type", ["", None])
def test_an_empty_type_of_encryption_is_none(analyzer: Analyzer, sse_type: str | None) -> None:
    block = {**SSE, "sseType": sse_type}
    assert remediated(analyzer, NATIVE, {"sseSpecification": block}) is None
    assert analyzer.analyze(Resource(NATIVE, {"sseSpecification": block})).violations == ()
    after = remediated(analyzer, NATIVE, {"sseSpecification": block}, **STRICT, **SET_KEY)
    assert after == {"sseSpecification": {**SSE, "sseType": "KMS", "kmsMasterKeyId": KEY_ARN}}


def test_a_table_of_a_bridged_provider_keeps_its_own_spelling(analyzer: Analyzer) -> None:
    """The AWS provider and the AWS Cloud Control provider have a type of the same name."""
    awscc = {"keySchema": "[]"}
    assert remediated(analyzer, BRIDGE, awscc) == {**awscc, "sseSpecification": SSE}
    assert remediated(analyzer, BRIDGE, awscc, **SET_KEY) == {
        **awscc,
        "sseSpecification": {**SSE, "sseType": "KMS", "kmsMasterKeyId": KEY_ARN},
    }
    aws = {"hashKey": "id"}
    assert remediated(analyzer, BRIDGE, aws) == {**aws, "serverSideEncryption": ENABLED}


def test_a_type_that_no_route_reads_is_not_remediated(analyzer: Analyzer) -> None:
    for kind in ("acme:index:DynamoDBTable", "kubernetes:dynamodb.services.k8s.aws/v1alpha1:Table"):
        assert remediated(analyzer, kind, {"hashKey": "id"}) is None
