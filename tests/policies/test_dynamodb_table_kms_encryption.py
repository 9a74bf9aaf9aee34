"""`dynamodb-table-kms-encryption`, asked as the engine asks: in the analyzer process."""

from __future__ import annotations

from typing import Any

import pytest

from tools.harness import UNKNOWN, Analyzer, Resource, Unknown, secret

NAME = "dynamodb-table-kms-encryption"
TABLE = "aws:dynamodb/table:Table"
SSE = "serverSideEncryption"
KEY = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ALIAS = "arn:aws:kms:eu-west-1:111122223333:alias/orders"
MULTI_REGION = "arn:aws:kms:eu-west-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab"
CHINA = "arn:aws-cn:kms:cn-north-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
GOVCLOUD = "arn:aws-us-gov:kms:us-gov-west-1:111122223333:alias/orders"
AWS_MANAGED = "arn:aws:kms:eu-west-1:111122223333:alias/aws/dynamodb"
OWNED_KEY = "an AWS owned key, which nobody in your account can see, audit, restrict or revoke."
OWNED = f"so it is encrypted with {OWNED_KEY}"
DEFAULT = f"and DynamoDB's default is {OWNED_KEY}"
WRITE_THE_LINE = (
    "Write `serverSideEncryption: { enabled: true }` to use the AWS managed key aws/dynamodb, and "
    "add kmsKeyArn to use a customer managed key."
)
GIVE_A_KEY = (
    "Give kmsKeyArn the ARN of a symmetric KMS key of the table's Region, or leave it out to use "
    "the AWS managed key aws/dynamodb."
)
SWITCH_ON = (
    "Set serverSideEncryption.enabled to true to use the key that serverSideEncryption.kmsKeyArn "
    "names."
)
COMPLETE = {
    "name": "orders-1a2b3c4",
    "hashKey": "id",
    "billingMode": "PAY_PER_REQUEST",
    "attributes": [{"name": "id", "type": "S", "__defaults": []}],
    "tags": {"team": "orders"},
    "__defaults": ["name"],
}


def table(**properties: Any) -> dict[str, Any]:
    """The inputs of a table as the engine sends them, with `properties` among them."""
    return {**COMPLETE, **properties}


def encrypted(**block: Any) -> dict[str, Any]:
    return table(serverSideEncryption={"__defaults": [], **block})


@pytest.mark.parametrize(
    ("properties", "told"),
    [
        (table(), f"declares no {SSE}, {DEFAULT}"),
        (table(serverSideEncryption=None), f"declares no {SSE}, {DEFAULT}"),
        (table(serverSideEncryption=secret(None)), f"declares no {SSE}, {DEFAULT}"),
        (
            table(restoreSourceName="orders"),
            f"declares no {SSE} (restoreSourceName does not stand in for it), {DEFAULT}",
        ),
        (
            table(importTable={"inputFormat": "CSV"}),
            f"declares no {SSE} (importTable does not stand in for it), {DEFAULT}",
        ),
        (encrypted(), f"does not set {SSE}.enabled, {DEFAULT}"),
        (encrypted(enabled=None, kmsKeyArn=KEY), f"does not set {SSE}.enabled, {DEFAULT}"),
        (encrypted(enabled=False), f"sets {SSE}.enabled to false, {OWNED}"),
        (encrypted(enabled=secret(False)), f"sets {SSE}.enabled to false, {OWNED}"),
        (
            encrypted(enabled=False, kmsKeyArn=KEY),
            f"sets {SSE}.enabled to false, which switches KMS encryption off whatever {SSE}",
        ),
        (
            encrypted(enabled=True, kmsKeyArn="arn:aws:s3:::orders"),
            f"has an ARN of another service (s3) in {SSE}.kmsKeyArn, which can't encrypt it.",
        ),
        (
            encrypted(enabled=UNKNOWN, kmsKeyArn="arn:aws:s3:::orders"),
            f"has an ARN of another service (s3) in {SSE}.kmsKeyArn, which can't encrypt it.",
        ),
        (encrypted(enabled=1), f"has a number in {SSE}.enabled instead of true, so nothing shows "),
        (encrypted(enabled="yes"), f"has a string in {SSE}.enabled instead of true, so nothing "),
        (encrypted(enabled=[True]), f"has a list in {SSE}.enabled instead of true, so nothing "),
        (encrypted(enabled={}), f"has an object in {SSE}.enabled instead of true, so nothing "),
        (
            encrypted(enabled=True, kmsKeyArn=7),
            f"has a number in {SSE}.kmsKeyArn, which can't name a KMS key.",
        ),
        (
            encrypted(enabled=True, kmsKeyArn=[KEY]),
            f"has a list in {SSE}.kmsKeyArn, which can't name a KMS key.",
        ),
        (
            table(serverSideEncryption=[{"enabled": True}]),
            f"has a list in {SSE} instead of an object, so nothing shows that a KMS key encrypts ",
        ),
        (table(serverSideEncryption=True), f"has a boolean in {SSE} instead of an object, so "),
    ],
)
def test_a_table_is_rejected(analyzer: Analyzer, properties: dict[str, Any], told: str) -> None:
    answer = analyzer.analyze(TABLE, properties, name="orders")
    (violation,) = answer.violations
    description, fault, remedy = violation.message.split("\n")
    assert description == "A DynamoDB table must be encrypted at rest with an AWS KMS key."
    assert fault.startswith(f"DynamoDB table 'orders' {told}")
    if "kmsKeyArn, which can't" in fault:
        assert remedy == GIVE_A_KEY
    elif "whatever" in fault:
        assert remedy == SWITCH_ON
    else:
        assert remedy == WRITE_THE_LINE
    assert violation.policy == NAME
    assert violation.level == "mandatory"
    assert violation.severity == "high"
    assert answer.undetermined == ()
    assert answer.not_applicable == {}


@pytest.mark.parametrize(
    "key", [None, "", KEY, ALIAS, MULTI_REGION, CHINA, GOVCLOUD, AWS_MANAGED, UNKNOWN, secret(KEY)]
)
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
        (table(serverSideEncryption=Unknown.OBJECT), f"Object value at .orders.{SSE}"),
        (table(serverSideEncryption=secret(UNKNOWN)), f"string value at .orders.{SSE}"),
        (encrypted(enabled=Unknown.BOOLEAN), f"boolean value at .orders.{SSE}.enabled"),
        (encrypted(enabled=UNKNOWN, kmsKeyArn=UNKNOWN), f"value at .orders.{SSE}.enabled"),
        (encrypted(enabled=secret(UNKNOWN)), f"string value at .orders.{SSE}.enabled"),
    ],
)
def test_a_table_is_undetermined(analyzer: Analyzer, properties: dict[str, Any], path: str) -> None:
    answer = analyzer.analyze(TABLE, properties, name="orders")
    assert answer.violations == ()
    (diagnostic,) = answer.undetermined
    assert f"{path} can't be known during preview" in diagnostic.message
    assert diagnostic.level == "advisory"


@pytest.mark.parametrize(
    "resource_type",
    ["aws:s3/bucket:Bucket", "aws:dynamodb/tableItem:TableItem", "pulumi:pulumi:Stack", "", "x"],
)
def test_what_is_no_table_is_not_applicable(analyzer: Analyzer, resource_type: str) -> None:
    answer = analyzer.analyze(resource_type, {"serverSideEncryption": UNKNOWN})
    assert answer.violations == ()
    assert answer.undetermined == ()
    assert answer.not_applicable == {NAME: "The resource declares no DynamoDB table."}


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
    assert len(message) < 600


@pytest.mark.parametrize("level", ["advisory", "mandatory"])
def test_the_level_is_the_users(analyzer: Analyzer, level: str) -> None:
    for config in ({"all": level}, {NAME: level}, {NAME: {"enforcementLevel": level}}):
        analyzer.configure(config)
        assert [it.level for it in analyzer.analyze(TABLE, table()).violations] == [level]


def test_it_can_be_disabled(analyzer: Analyzer) -> None:
    analyzer.configure({NAME: "disabled"})
    assert analyzer.analyze(TABLE, table()).violations == ()


def test_it_mends_nothing_yet(analyzer: Analyzer) -> None:
    analyzer.configure({NAME: "remediate"})
    answer = analyzer.analyze(TABLE, table())
    assert [violation.level for violation in answer.violations] == ["mandatory"]


@pytest.mark.parametrize(
    "kind", [TABLE, "aws-native:dynamodb:Table", "aws:dynamodb/tableReplica:TableReplica"]
)
def test_a_resource_that_is_only_read_is_not_applicable(analyzer: Analyzer, kind: str) -> None:
    """The engine shows `policy analyze` a read resource without inputs."""
    answer = analyzer.analyze(kind, {})
    assert answer.violations == ()
    assert answer.not_applicable == {NAME: "The resource has no inputs: it is read, not declared."}


def test_no_region_that_may_be_anything_reaches_a_message(analyzer: Analyzer) -> None:
    replica = {"regionName": secret("x\n[mandatory] hunter2"), "kmsKeyArn": "arn:aws:s3:::orders"}
    properties = encrypted(enabled=True)
    answer = analyzer.analyze(TABLE, {**properties, "replicas": [replica]})
    (message,) = answer.messages
    assert "hunter2" not in message
    assert "has a replica in another Region with" in message


def test_the_region_is_not_guessed_where_the_tables_own_is_not_known_yet(
    analyzer: Analyzer,
) -> None:
    properties = {**encrypted(enabled=True, kmsKeyArn=KEY), "region": UNKNOWN}
    for kind, given in ((TABLE, properties), ("aws:index/dynamodbTable:DynamodbTable", properties)):
        resource = Resource(kind, given, provider={"region": "us-east-1"})
        assert analyzer.analyze(resource).violations == ()
        known = Resource(kind, {**given, "region": None}, provider={"region": "us-east-1"})
        assert len(analyzer.analyze(known).violations) == 1


def test_a_template_is_judged_in_the_region_of_its_stack(analyzer: Analyzer) -> None:
    template = (
        "Resources: {Orders: {Type: AWS::DynamoDB::Table, Properties: {SSESpecification: "
        f"{{SSEEnabled: true, SSEType: KMS, KMSMasterKeyId: '{KEY}'}}}}}}}}"
    )
    for region, count in (("eu-west-1", 0), ("us-east-1", 1)):
        for kind in ("aws:cloudformation/stack:Stack", "aws-native:cloudformation:Stack"):
            resource = Resource(kind, {"templateBody": template}, provider={"region": region})
            assert len(analyzer.analyze(resource).violations) == count
