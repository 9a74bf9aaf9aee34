"""`dynamodb-table-kms-encryption` in the analyzer process, as the engine runs it."""

from __future__ import annotations

from typing import Any

import pytest

from policies.dynamodb_table_kms_encryption import NAME
from tests.keys import (
    ALIAS_ARN,
    AWS_MANAGED_ALIAS_ARN,
    KEY_ARN,
    KEY_ID,
    MULTI_REGION_KEY_ARN,
)
from tools.harness import UNKNOWN, Analyzer, Resource, Unknown, secret

TABLE = "aws:dynamodb/table:Table"
SSE = "serverSideEncryption"
KMS_KEYS = [
    KEY_ARN,
    ALIAS_ARN,
    MULTI_REGION_KEY_ARN,
    f"arn:aws-cn:kms:cn-north-1:111122223333:key/{KEY_ID}",
    "arn:aws-us-gov:kms:us-gov-west-1:111122223333:alias/orders",
    AWS_MANAGED_ALIAS_ARN,
]
OWNED_KEY = "an AWS owned key, which you can't view, audit, restrict, or revoke."
OWNED = f"so DynamoDB encrypts it with {OWNED_KEY}"
OWNED_IF_NEW = f"so DynamoDB encrypts a new table with {OWNED_KEY}"
NO_PROOF = "so nothing shows that a KMS key encrypts it."
COMPLETE = {
    "name": "orders-1a2b3c4",
    "hashKey": "id",
    "billingMode": "PAY_PER_REQUEST",
    "attributes": [{"name": "id", "type": "S", "__defaults": []}],
    "tags": {"team": "orders"},
    "__defaults": ["name"],
}


def table(**properties: Any) -> dict[str, Any]:
    """Return the inputs of a table as the engine sends them, with some more properties."""
    return {**COMPLETE, **properties}


def encrypted(**block: Any) -> dict[str, Any]:
    """Return the inputs of a table with an encryption setting."""
    return table(serverSideEncryption={"__defaults": [], **block})


@pytest.mark.parametrize(
    ("properties", "fault"),
    [
        *(
            (properties, f"does not set {SSE}, {OWNED_IF_NEW}")
            for properties in (
                table(),
                table(serverSideEncryption=None),
                table(serverSideEncryption=secret(None)),
            )
        ),
        (
            table(restoreSourceName="orders"),
            f"does not set {SSE}, and restoreSourceName does not set it either, {NO_PROOF}",
        ),
        (
            table(importTable={"inputFormat": "CSV"}),
            f"does not set {SSE}, and importTable does not set it either, {NO_PROOF}",
        ),
        *(
            (encrypted(**block), f"does not set {SSE}.enabled, {OWNED_IF_NEW}")
            for block in ({}, {"enabled": None, "kmsKeyArn": KEY_ARN})
        ),
        *(
            (encrypted(enabled=enabled), f"sets {SSE}.enabled to false, {OWNED}")
            for enabled in (False, secret(False))
        ),
        (
            encrypted(enabled=False, kmsKeyArn=KEY_ARN),
            f"sets {SSE}.enabled to false, so {SSE}.kmsKeyArn has no effect and DynamoDB encrypts "
            f"the table with {OWNED_KEY}",
        ),
        *(
            (
                encrypted(enabled=enabled, kmsKeyArn="arn:aws:s3:::orders"),
                f"sets {SSE}.kmsKeyArn to an ARN of another service (s3), which is not a KMS key, "
                "so it can't encrypt the table.",
            )
            for enabled in (True, UNKNOWN)
        ),
        *(
            (
                encrypted(enabled=enabled),
                f"sets {SSE}.enabled to {found} instead of true, {NO_PROOF}",
            )
            for enabled, found in (
                (1, "a number"),
                ("yes", "a string"),
                ([True], "a list"),
                ({}, "an object"),
            )
        ),
        *(
            (
                encrypted(enabled=True, kmsKeyArn=key),
                f"sets {SSE}.kmsKeyArn to {found}, which can't name a KMS key, so no KMS key "
                "encrypts the table.",
            )
            for key, found in ((7, "a number"), ([KEY_ARN], "a list"))
        ),
        *(
            (
                table(serverSideEncryption=block),
                f"sets {SSE} to {found} instead of an object, {NO_PROOF}",
            )
            for block, found in (([{"enabled": True}], "a list"), (True, "a boolean"))
        ),
    ],
)
def test_a_table_is_rejected(analyzer: Analyzer, properties: dict[str, Any], fault: str) -> None:
    answer = analyzer.analyze(TABLE, properties, name="orders")
    (violation,) = answer.violations
    assert violation.message.split("\n")[:2] == [
        "A DynamoDB table must be encrypted at rest with an accepted AWS KMS key.",
        f"DynamoDB table 'orders' {fault}",
    ]
    assert violation.policy == NAME
    assert violation.level == "mandatory"
    assert violation.severity == "high"
    assert answer.undetermined == ()
    assert answer.not_applicable == {}


@pytest.mark.parametrize("key", [None, "", *KMS_KEYS, UNKNOWN, secret(KEY_ARN)])
@pytest.mark.parametrize("enabled", [True, "true", secret(True)])
def test_a_table_is_accepted(analyzer: Analyzer, enabled: Any, key: Any) -> None:
    for properties in (
        encrypted(enabled=enabled, kmsKeyArn=key),
        table(serverSideEncryption=secret({"enabled": enabled, "kmsKeyArn": key})),
        table(serverSideEncryption={"enabled": enabled}, restoreSourceName="orders"),
    ):
        answer = analyzer.analyze(TABLE, properties)
        assert answer.violations == ()
        assert answer.undetermined == ()
        assert answer.not_applicable == {}


@pytest.mark.parametrize(
    ("properties", "path"),
    [
        (table(serverSideEncryption=Unknown.OBJECT), SSE),
        (table(serverSideEncryption=secret(UNKNOWN)), SSE),
        (encrypted(enabled=Unknown.BOOLEAN), f"{SSE}.enabled"),
        (encrypted(enabled=UNKNOWN, kmsKeyArn=UNKNOWN), f"{SSE}.enabled"),
        (encrypted(enabled=secret(UNKNOWN)), f"{SSE}.enabled"),
    ],
)
def test_a_table_is_undetermined(analyzer: Analyzer, properties: dict[str, Any], path: str) -> None:
    answer = analyzer.analyze(TABLE, properties, name="orders")
    assert answer.violations == ()
    (diagnostic,) = answer.undetermined
    assert f"value at .orders.{path} can't be known during preview" in diagnostic.message
    assert diagnostic.level == "advisory"


@pytest.mark.parametrize(
    "resource_type",
    ["aws:s3/bucket:Bucket", "aws:dynamodb/tableItem:TableItem", "pulumi:pulumi:Stack", "", "x"],
)
def test_another_resource_is_not_applicable(analyzer: Analyzer, resource_type: str) -> None:
    answer = analyzer.analyze(resource_type, {"serverSideEncryption": UNKNOWN})
    assert answer.violations == ()
    assert answer.undetermined == ()
    assert answer.not_applicable == {NAME: "The resource does not declare a DynamoDB table."}


def test_no_secret_reaches_a_message(analyzer: Analyzer) -> None:
    for hidden in ("hunter2", "arn:aws:hunter2:::hunter2", "arn:aws:kms:hunter2:1:hunter2"):
        for properties in (
            encrypted(enabled=True, kmsKeyArn=secret(f"{hidden} ")),
            encrypted(enabled=secret(hidden)),
            table(serverSideEncryption=secret(hidden)),
            table(name=secret(hidden), restoreSourceName=secret(hidden)),
        ):
            answer = analyzer.analyze(TABLE, properties)
            assert len(answer.messages) == 1
            assert "hunter2" not in answer.messages[0]


def test_a_hostile_name_stays_on_one_line(analyzer: Analyzer) -> None:
    name = "orders\n\x1b[31mpassed\x1b[0m\r\N{RIGHT-TO-LEFT OVERRIDE}" + "x" * 10_000
    (message,) = analyzer.analyze(TABLE, table(), name=name).messages
    assert message.count("\n") == 2
    assert "\x1b" not in message
    assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in message
    assert len(message) < 1000


@pytest.mark.parametrize("level", ["advisory", "mandatory"])
def test_the_user_sets_the_level(analyzer: Analyzer, level: str) -> None:
    for config in ({"all": level}, {NAME: level}, {NAME: {"enforcementLevel": level}}):
        analyzer.configure(config)
        assert [violation.level for violation in analyzer.analyze(TABLE, table()).violations] == [
            level
        ]


def test_it_can_be_disabled(analyzer: Analyzer) -> None:
    analyzer.configure({NAME: "disabled"})
    assert analyzer.analyze(TABLE, table()).violations == ()


def test_a_violation_at_the_level_remediate_is_mandatory(analyzer: Analyzer) -> None:
    analyzer.configure({NAME: "remediate"})
    answer = analyzer.analyze(TABLE, table())
    assert [violation.level for violation in answer.violations] == ["mandatory"]


@pytest.mark.parametrize(
    "kind", [TABLE, "aws-native:dynamodb:Table", "aws:dynamodb/tableReplica:TableReplica"]
)
def test_a_resource_that_is_only_read_is_not_applicable(analyzer: Analyzer, kind: str) -> None:
    """In `policy analyze`, the engine shows a resource that is read without inputs."""
    answer = analyzer.analyze(kind, {})
    assert answer.violations == ()
    assert answer.not_applicable == {NAME: "The resource has no inputs: the program reads it."}


def test_a_message_does_not_show_a_region_that_is_not_one(analyzer: Analyzer) -> None:
    replica = {"regionName": secret("x\n[mandatory] hunter2"), "kmsKeyArn": "arn:aws:s3:::orders"}
    properties = encrypted(enabled=True)
    answer = analyzer.analyze(TABLE, {**properties, "replicas": [replica]})
    (message,) = answer.messages
    assert "hunter2" not in message
    assert "has a replica that sets replicas[].kmsKeyArn to" in message


def test_the_region_is_not_guessed_while_the_tables_is_unknown(
    analyzer: Analyzer,
) -> None:
    properties = {**encrypted(enabled=True, kmsKeyArn=KEY_ARN), "region": UNKNOWN}
    for kind in (TABLE, "aws:index/dynamodbTable:DynamodbTable"):
        resource = Resource(kind, properties, provider={"region": "us-east-1"})
        assert analyzer.analyze(resource).violations == ()
        known = Resource(kind, {**properties, "region": None}, provider={"region": "us-east-1"})
        assert len(analyzer.analyze(known).violations) == 1


def test_a_template_is_judged_in_the_region_of_its_stack(analyzer: Analyzer) -> None:
    template = (
        "Resources: {Orders: {Type: AWS::DynamoDB::Table, Properties: {SSESpecification: "
        f"{{SSEEnabled: true, SSEType: KMS, KMSMasterKeyId: '{KEY_ARN}'}}}}}}}}"
    )
    for region, count in (("eu-west-1", 0), ("us-east-1", 1)):
        for kind in ("aws:cloudformation/stack:Stack", "aws-native:cloudformation:Stack"):
            resource = Resource(kind, {"templateBody": template}, provider={"region": region})
            assert len(analyzer.analyze(resource).violations) == count
