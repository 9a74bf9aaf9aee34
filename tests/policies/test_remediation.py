"""Remediation on the real analyzer process: what is added, and that nothing else is touched."""

from __future__ import annotations

import json
from typing import Any

import pytest

from policies import POLICIES
from policies.routes import REMEDIES, ROUTES
from tests.policies.test_samples import FILES, with_unknowns
from tools.harness import UNKNOWN, Analyzer, Resource, secret

DECLARED = POLICIES[0].name
KEY = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
MULTI_REGION = KEY.replace("key/", "key/mrk-")
IN_EVERY_REGION = MULTI_REGION.replace("eu-west-1", "*")
TABLE = "aws:dynamodb/table:Table"
BRIDGE = "aws:index/dynamodbTable:DynamodbTable"
MODULE = "orders:tf:aws_dynamodb_table"
NATIVE = "aws-native:dynamodb:Table"
GLOBAL = "aws-native:dynamodb:GlobalTable"
EXTENSION = "aws-native:index:ExtensionResource"
CONTROL = "aws:cloudcontrol/resource:Resource"
STRICT = {"requireCustomerManagedKey": True}


def remedied(
    analyzer: Analyzer, kind: str, properties: dict[str, Any], **settings: Any
) -> dict[str, Any] | None:
    """The properties after remediation, None where it did nothing. What the pack rejects of them
    afterwards fails the test.
    """
    analyzer.configure({DECLARED: {"enforcementLevel": "remediate", **settings}})
    done = analyzer.remediate(Resource(kind, properties))
    if not done:
        return None
    (remediation,) = done
    assert remediation.policy == DECLARED
    assert remediation.diagnostic == ""
    assert analyzer.analyze(Resource(kind, remediation.properties)).violations == ()
    # Once mended, there is nothing left to do.
    assert analyzer.remediate(Resource(kind, remediation.properties)) == []
    return remediation.properties


def document(**properties: Any) -> dict[str, Any]:
    return {"typeName": "AWS::DynamoDB::Table", "desiredState": json.dumps(properties)}


ENABLED = {"enabled": True}
SSE = {"sseEnabled": True}
PASCAL = {"SSEEnabled": True}
WITH_KEY = {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": KEY}


@pytest.mark.parametrize(
    ("kind", "before", "after", "with_key"),
    [
        (
            TABLE,
            {},
            {"serverSideEncryption": ENABLED},
            {"serverSideEncryption": {**ENABLED, "kmsKeyArn": KEY}},
        ),
        (
            BRIDGE,
            {},
            {"serverSideEncryption": ENABLED},
            {"serverSideEncryption": {**ENABLED, "kmsKeyArn": KEY}},
        ),
        (
            NATIVE,
            {},
            {"sseSpecification": SSE},
            {"sseSpecification": {**SSE, "sseType": "KMS", "kmsMasterKeyId": KEY}},
        ),
        (
            GLOBAL,
            {"replicas": [{"region": "eu-west-1"}]},
            {
                "replicas": [{"region": "eu-west-1"}],
                "sseSpecification": {**SSE, "sseType": "KMS"},
            },
            {
                "replicas": [{"region": "eu-west-1", "sseSpecification": {"kmsMasterKeyId": KEY}}],
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
            {
                "typeName": "AWS::DynamoDB::Table",
                "desiredState": '{"TableName": "ö", "SSESpecification": {"SSEEnabled": true}}',
            },
            {
                "typeName": "AWS::DynamoDB::Table",
                "desiredState": json.dumps(
                    {"TableName": "ö", "SSESpecification": WITH_KEY}, ensure_ascii=False
                ),
            },
        ),
    ],
)
@pytest.mark.parametrize(
    "more", [{"hashKey": "id"}, {"name": "orders", "tags": {"a": ["b", 1.0, None]}}]
)
def test_exactly_what_is_missing_is_added_in_the_types_own_shape(
    analyzer: Analyzer,
    kind: str,
    before: dict[str, Any],
    after: dict[str, Any],
    with_key: dict[str, Any],
    more: dict[str, Any],
) -> None:
    before = {**before, **more}
    assert remedied(analyzer, kind, before) == {**after, **more}
    assert remedied(analyzer, kind, before, remediationKmsKey=KEY) == {**with_key, **more}
    strict = remedied(analyzer, kind, before, remediationKmsKey=KEY, **STRICT)
    assert strict == {**with_key, **more}
    # Without a key there is nothing to set that would be no guess.
    assert remedied(analyzer, kind, before, **STRICT) is None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"enabled": False}, {"enabled": True}),
        ({"enabled": "false"}, {"enabled": True}),
        ({"enabled": False, "kmsKeyArn": KEY}, {"enabled": True, "kmsKeyArn": KEY}),
        ({"enabled": False, "kmsKeyArn": UNKNOWN}, {"enabled": True, "kmsKeyArn": UNKNOWN.value}),
        ({"kmsKeyArn": KEY}, {"enabled": True, "kmsKeyArn": KEY}),
        ({}, {"enabled": True}),
        (None, {"enabled": True}),
    ],
)
def test_a_switch_that_is_off_is_turned_on_and_a_key_stays(
    analyzer: Analyzer, before: Any, after: Any
) -> None:
    found = remedied(analyzer, TABLE, {"serverSideEncryption": before})
    assert found == {"serverSideEncryption": after}


@pytest.mark.parametrize("before", [[{"enabled": False}], [{}], [], [None], {"enabled": False}, {}])
def test_a_block_of_a_bridge_keeps_its_shape(analyzer: Analyzer, before: Any) -> None:
    after = ENABLED if isinstance(before, dict) else [ENABLED]
    found = remedied(analyzer, BRIDGE, {"serverSideEncryption": before})
    assert found == {"serverSideEncryption": after}


@pytest.mark.parametrize("key", [None, "", "arn:aws:kms:eu-west-1:111122223333:alias/aws/dynamodb"])
def test_the_aws_managed_key_gives_way_to_the_key_that_is_set(analyzer: Analyzer, key: Any) -> None:
    block = {"enabled": "true", "kmsKeyArn": key}
    found = remedied(
        analyzer, TABLE, {"serverSideEncryption": block}, remediationKmsKey=KEY, **STRICT
    )
    assert found == {"serverSideEncryption": {"enabled": "true", "kmsKeyArn": KEY}}
    # It complies by default, so it stays.
    assert remedied(analyzer, TABLE, {"serverSideEncryption": block}, remediationKmsKey=KEY) is None


def test_unknown_values_and_secrets_pass_through(analyzer: Analyzer) -> None:
    properties = {
        "name": UNKNOWN,
        "tags": secret({"a": secret("b"), "c": UNKNOWN}),
        "attributes": [secret({"name": UNKNOWN, "type": "S"}), {"name": "b", "type": secret("S")}],
        "serverSideEncryption": secret({"enabled": secret(False), "kmsKeyArn": secret(KEY)}),
    }
    assert remedied(analyzer, TABLE, properties) == {
        "name": UNKNOWN.value,
        "tags": secret({"a": secret("b"), "c": UNKNOWN.value}),
        "attributes": [
            secret({"name": UNKNOWN.value, "type": "S"}),
            {"name": "b", "type": secret("S")},
        ],
        "serverSideEncryption": secret({"enabled": secret(True), "kmsKeyArn": secret(KEY)}),
    }


def test_a_secret_document_stays_secret_and_what_is_unknown_in_it_unknown(
    analyzer: Analyzer,
) -> None:
    state = json.dumps({"TableName": UNKNOWN.value, "Tags": [1, 2.5]})
    found = remedied(
        analyzer,
        CONTROL,
        {"typeName": "AWS::DynamoDB::Table", "desiredState": secret(state)},
    )
    mended = state[:-1] + ', "SSESpecification": {"SSEEnabled": true}}'
    assert found == {"typeName": "AWS::DynamoDB::Table", "desiredState": secret(mended)}


@pytest.mark.parametrize("kind", [GLOBAL, "AWS::DynamoDB::GlobalTable"])
def test_each_replica_of_a_global_table_gets_the_key_of_its_region(
    analyzer: Analyzer, kind: str
) -> None:
    native = kind == GLOBAL
    region, block, key = (
        ("region", "sseSpecification", "kmsMasterKeyId")
        if native
        else ("Region", "SSESpecification", "KMSMasterKeyId")
    )
    own = "alias/own"
    replicas: list[Any] = [
        {region: "eu-west-1"},
        {region: "us-east-1", block: {key: own}},
        {region: "us-west-2", block: {}},
    ]
    wanted = [
        {region: "eu-west-1", block: {key: MULTI_REGION}},
        {region: "us-east-1", block: {key: own}},
        {region: "us-west-2", block: {key: MULTI_REGION.replace("eu-west-1", "us-west-2")}},
    ]
    name = "replicas" if native else "Replicas"
    properties: dict[str, Any] = {name: replicas}
    if not native:
        properties = {"type": kind, "properties": properties}
    found = remedied(
        analyzer,
        GLOBAL if native else EXTENSION,
        properties,
        remediationKmsKey=IN_EVERY_REGION,
        **STRICT,
    )
    assert found is not None
    assert (found if native else found["properties"])[name] == wanted


@pytest.mark.parametrize(
    ("region", "key"),
    [
        ("us-east-1", MULTI_REGION.replace("eu-west-1", "us-east-1")),
        ("eu-west-1", MULTI_REGION),
        (None, None),
        (UNKNOWN, None),
    ],
)
def test_a_key_for_every_region_needs_the_tables(
    analyzer: Analyzer, region: Any, key: str | None
) -> None:
    properties = {} if region is None else {"region": region}
    for mode in (STRICT, {}):
        found = remedied(
            analyzer,
            TABLE,
            {"hashKey": "id", **properties},
            remediationKmsKey=IN_EVERY_REGION,
            **mode,
        )
        if key is None:
            assert found is None
        else:
            assert found is not None
            assert found["serverSideEncryption"] == {"enabled": True, "kmsKeyArn": key}


@pytest.mark.parametrize(
    ("kind", "properties", "settings"),
    [
        # Complies as it is.
        (TABLE, {"serverSideEncryption": ENABLED}, {}),
        # Known only during the update.
        (TABLE, {"serverSideEncryption": UNKNOWN}, {}),
        (TABLE, {"serverSideEncryption": {"enabled": UNKNOWN}}, {}),
        *(
            (kind, {name: value}, {"remediationKmsKey": KEY, **STRICT})
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
            {"remediationKmsKey": KEY, **STRICT},
        ),
        (
            CONTROL,
            document(SSESpecification={"SSEEnabled": UNKNOWN.value}),
            {"remediationKmsKey": KEY, **STRICT},
        ),
        # AWS does not mix the two kinds of keys among a table and its replicas.
        (TABLE, {"replicas": [{"regionName": "eu-west-1", "kmsKeyArn": KEY}]}, {}),
        (TABLE, {"replicas": UNKNOWN}, {"remediationKmsKey": KEY}),
        (TABLE, {"replicas": [UNKNOWN]}, {}),
        (GLOBAL, {"replicas": [{"region": "eu-west-1"}, UNKNOWN]}, {"remediationKmsKey": KEY}),
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
        # Only AWS can tell whether its own key is one of the account's.
        (TABLE, {}, {"allowedKmsKeys": ["111122223333"]}),
        # Numbers that would be written otherwise.
        *(
            (
                CONTROL,
                {
                    "typeName": "AWS::DynamoDB::Table",
                    "desiredState": f'{{"a": {number}}}',
                },
                {},
            )
            for number in ("1e5", "0.1234567890123456789", "1.50", "-0")
        ),
        # The engine asks no policy to mend the resources of a Terraform module.
        (MODULE, {}, {}),
        # Only its author can tell what was meant.
        (TABLE, {"serverSideEncryption": "yes"}, {}),
        (TABLE, {"serverSideEncryption": {"enabled": "yes"}}, {}),
        (TABLE, {"serverSideEncryption": {"enabled": False, "kmsKeyArn": "arn:aws:s3:::a"}}, {}),
        (NATIVE, {"sseSpecification": {"sseEnabled": False, "sseType": "AES256"}}, {}),
        (CONTROL, {"typeName": "AWS::DynamoDB::Table", "desiredState": "{"}, {}),
        (
            TABLE,
            {"serverSideEncryption": {"enabled": True, "kmsKeyArn": KEY}},
            {"allowedKmsKeys": ["444455556666"]},
        ),
        # The key is of no use there.
        (TABLE, {"region": "us-east-1"}, {"remediationKmsKey": KEY}),
        # A replica whose key changes is made anew.
        (
            TABLE,
            {"serverSideEncryption": {}, "replicas": [{"regionName": "eu-west-1"}]},
            {"remediationKmsKey": KEY, **STRICT},
        ),
        (
            "aws:dynamodb/tableReplica:TableReplica",
            {"region": "eu-west-1"},
            {"remediationKmsKey": KEY, **STRICT},
        ),
        # The text of a template is its author's.
        (
            "aws:cloudformation/stack:Stack",
            {"templateBody": '{"Resources": {"A": {"Type": "AWS::DynamoDB::Table"}}}'},
            {},
        ),
        # Under wrong settings, or exempt.
        (TABLE, {}, {"requireCustomerManagedKeys": True}),
        (TABLE, {}, {"exemptions": [{"table": "it", "reason": "it"}]}),
        ("aws:s3/bucket:Bucket", {}, {}),
        (CONTROL, {"typeName": "AWS::S3::Bucket", "desiredState": "{}"}, {}),
    ],
)
def test_nothing_is_guessed(
    analyzer: Analyzer, kind: str, properties: dict[str, Any], settings: dict[str, Any]
) -> None:
    assert remedied(analyzer, kind, {"other": 1.0, **properties}, **settings) is None


def test_a_table_with_replicas_gets_the_aws_managed_key_only(analyzer: Analyzer) -> None:
    properties = {"replicas": [{"regionName": "eu-west-1"}]}
    found = remedied(analyzer, TABLE, properties)
    assert found == {**properties, "serverSideEncryption": ENABLED}
    # AWS does not mix the two kinds of keys in one global table.
    assert remedied(analyzer, TABLE, properties, remediationKmsKey=KEY) is None


@pytest.mark.parametrize(
    ("kind", "properties", "settings"),
    [
        (
            TABLE,
            {
                "serverSideEncryption": {"enabled": False, "kmsKeyArn": KEY},
                "replicas": [{"regionName": "us-east-1", "kmsKeyArn": UNKNOWN}],
            },
            {},
        ),
        (
            TABLE,
            {
                "serverSideEncryption": {"enabled": False, "kmsKeyArn": KEY},
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
            {"remediationKmsKey": KEY, **STRICT},
        ),
        (TABLE, {"hashKey": "id"}, {"allowedKmsKeys": ["arn:aws:kms:*:*:alias/aws/dynamodb"]}),
    ],
)
def test_a_key_of_the_authors_that_is_not_known_yet_is_no_hindrance(
    analyzer: Analyzer, kind: str, properties: dict[str, Any], settings: dict[str, Any]
) -> None:
    assert remedied(analyzer, kind, properties, **settings) is not None


def test_half_a_letter_stays_one(analyzer: Analyzer) -> None:
    found = remedied(
        analyzer,
        CONTROL,
        {"typeName": "AWS::DynamoDB::Table", "desiredState": r'{"a": "\ud83d", "b": "\u00f6"}'},
    )
    assert found is not None
    assert found["desiredState"] == (
        r'{"a": "\ud83d", "b": "\u00f6", "SSESpecification": {"SSEEnabled": true}}'
    )


def test_an_empty_type_stays_as_it_is(analyzer: Analyzer) -> None:
    block = {"sseEnabled": False, "kmsMasterKeyId": ""}
    found = remedied(analyzer, NATIVE, {"sseSpecification": block})
    assert found == {"sseSpecification": {"sseEnabled": True, "kmsMasterKeyId": ""}}


def test_a_policy_at_another_level_remedies_nothing(analyzer: Analyzer) -> None:
    analyzer.configure({DECLARED: "mandatory"})
    assert analyzer.remediate(Resource(TABLE, {"hashKey": "id"})) == []


@pytest.mark.parametrize("file", FILES)
def test_what_is_remedied_of_the_samples_complies(analyzer: Analyzer, file: str) -> None:
    kind = FILES[file]["type"]
    mended = 0
    for sample in FILES[file]["samples"]:
        for settings in ({}, {"remediationKmsKey": IN_EVERY_REGION, **STRICT}):
            properties = with_unknowns(sample["properties"])
            mended += remedied(analyzer, kind, properties, **settings) is not None
    assert (mended > 0) is (ROUTES.get(kind) in REMEDIES)
