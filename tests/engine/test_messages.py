"""What users read in the CLI, and that doing literally what it says ends compliant."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest

from policies.settings.reading import today
from tests.policies.reporting.pasting import changes_in, pasted
from tests.project import DECLARED, DEPLOYED, UNDETERMINED, Project, for_all_policies, reported
from tools.sandbox import Result

KEY = {"AttributeName": "id", "AttributeType": "S"}
PASCAL: dict[str, Any] = {
    "AttributeDefinitions": [KEY],
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "BillingMode": "PAY_PER_REQUEST",
}
CAMEL = {
    "attributeDefinitions": [{"attributeName": "id", "attributeType": "S"}],
    "keySchema": [{"attributeName": "id", "keyType": "HASH"}],
    "billingMode": "PAY_PER_REQUEST",
}
AWS = {
    "attributes": [{"name": "id", "type": "S"}],
    "hashKey": "id",
    "billingMode": "PAY_PER_REQUEST",
}
YAML_TEMPLATE = """\
Resources:
  Orders:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
"""
JSON_TEMPLATE = json.dumps(
    {"Resources": {"Orders": {"Type": "AWS::DynamoDB::Table", "Properties": PASCAL}}}
)
STREAMS = {"streamEnabled": True, "streamViewType": "NEW_AND_OLD_IMAGES"}

ANY_RESOURCE = """
properties = json.loads({properties!r})

class AnyResource(pulumi.CustomResource):
    def __init__(self, kind, name, properties):
        super().__init__(kind, name, properties)

AnyResource({kind!r}, "orders", properties)
"""


def program(kind: str, properties: dict[str, Any]) -> str:
    return ANY_RESOURCE.format(kind=kind, properties=json.dumps(properties))


def message_about(result: Result) -> str:
    """Return the message of the first violation in the CLI's output."""
    match = re.search(r"accepted AWS KMS key\.\n( +)(.*(?:\n\1.*)*)", result.output)
    assert match is not None, result.output
    return re.sub(rf"(?m)^{match[1]}", "", match[2])


@pytest.mark.parametrize(
    ("kind", "properties"),
    [
        ("aws:dynamodb/table:Table", AWS),
        (
            "aws:dynamodb/table:Table",
            {**AWS, **STREAMS, "replicas": [{"regionName": "eu-west-1"}]},
        ),
        ("aws:cloudformation/stack:Stack", {"templateBody": YAML_TEMPLATE}),
        ("aws:cloudformation/stack:Stack", {"templateBody": JSON_TEMPLATE}),
        (
            "aws:cloudcontrol/resource:Resource",
            {"typeName": "AWS::DynamoDB::Table", "desiredState": json.dumps(PASCAL)},
        ),
        ("aws-native:dynamodb:Table", CAMEL),
        ("aws-native:dynamodb:GlobalTable", {**CAMEL, "replicas": [{"region": "us-east-1"}]}),
        (
            "aws-native:index:ExtensionResource",
            {"type": "AWS::DynamoDB::Table", "properties": PASCAL},
        ),
    ],
    ids=["table", "replicas", "yaml", "json", "cloud-control", "native", "global", "extension"],
)
def test_each_line_of_a_message_is_deployed(
    project: Project, kind: str, properties: dict[str, Any]
) -> None:
    keys = {
        region: project.sandbox.client("kms", region).create_key()["KeyMetadata"]["Arn"]
        for region in ("us-east-1", "eu-west-1")
    }
    project.write(program(kind, properties))
    rejected = project.preview()
    assert rejected.exit_code != 0
    message = message_about(rejected)
    changes = list(changes_in(message))
    assert len(changes) == 2, message
    for change in changes:
        after = pasted(kind, properties, change, message, keys.__getitem__, "us-east-1")
        project.write(program(kind, after))
        result = project.up()
        assert result.exit_code == 0, result.output
        if kind != "aws-native:dynamodb:GlobalTable":  # the sandbox creates no table for it
            assert [table["SSEType"] for table in project.tables().values()] == ["KMS"]


FOUR_TABLES = """
for n in range(4):
    table(f"orders{n}", server_side_encryption=ENABLED)
"""


def test_the_change_is_shown_once_for_each_table(project: Project) -> None:
    project.deploy(FOUR_TABLES)
    result = project.preview(*project.config(for_all_policies(requireCustomerManagedKey=True)))
    names = {f"orders{n}" for n in range(4)}
    assert reported(result) == reported(result, DEPLOYED) == names
    lines = result.output.splitlines()
    assert sum("`serverSideEncryption: {" in line for line in lines) == 4
    short = f": {DECLARED} reports this, with the change to make."
    assert sum(line.endswith(short) for line in lines) == 4


def test_settings_that_differ_are_rejected_before_anything_changes(project: Project) -> None:
    project.write("table('orders', server_side_encryption=ENABLED)")
    only_one = {DEPLOYED: {"requireCustomerManagedKey": True}}
    for result in (
        project.preview(*project.config(only_one)),
        project.up(*project.config(only_one)),
    ):
        assert result.exit_code != 0
        assert reported(result, DEPLOYED) == {"project-dev"}
        assert f"requireCustomerManagedKey has another value in {DEPLOYED} than" in result.output
    assert project.tables() == {}


def test_a_table_that_the_program_only_reads(project: Project) -> None:
    client = project.sandbox.client("dynamodb")
    client.create_table(
        TableName="orders",
        AttributeDefinitions=[KEY],
        KeySchema=PASCAL["KeySchema"],
        BillingMode="PAY_PER_REQUEST",
    )
    project.deploy("aws.dynamodb.Table.get('orders', 'orders')")
    result = project.analyze()
    assert reported(result, DEPLOYED) == {"orders"}
    assert "is deployed without KMS encryption" in result.output
    assert "This program only reads the table." in result.output
    assert "pulumi up" not in result.output


def test_a_table_that_was_changed_outside_pulumi(project: Project) -> None:
    project.deploy("table('orders', server_side_encryption=ENABLED)")
    client = project.sandbox.client("dynamodb")
    (name,) = client.list_tables()["TableNames"]
    client.update_table(TableName=name, SSESpecification={"Enabled": False})
    project.check("refresh", "--yes")
    result = project.analyze()
    assert "has no serverSideEncryption in its recorded inputs" in result.output
    assert "changes back what was changed outside Pulumi" in result.output
    assert project.up().exit_code == 0
    assert project.analyze().exit_code == 0
    assert project.tables()["orders"]["SSEType"] == "KMS"


IGNORING = """
options = pulumi.ResourceOptions(ignore_changes={ignored})
table("orders", server_side_encryption=ENABLED, opts=options)
"""


def test_a_program_that_ignores_changes_of_the_property(project: Project) -> None:
    project.deploy("table('orders')")
    project.write(IGNORING.format(ignored=["serverSideEncryption"]))
    result = project.preview()
    assert reported(result) == {"orders"}
    assert "Remove `serverSideEncryption` from the resource option ignoreChanges" in result.output
    project.write(IGNORING.format(ignored=[]))
    assert project.up().exit_code == 0


@pytest.mark.parametrize(("days", "is_reported"), [(14, True), (15, False)])
def test_an_exemption_that_ends_soon(project: Project, days: int, is_reported: bool) -> None:
    project.write("table('legacy-orders')")
    ends = str(today() + timedelta(days=days))
    exemption = {"table": "legacy-*", "reason": "moved in spring", "expires": ends}
    result = project.preview(*project.config(for_all_policies(exemptions=[exemption])))
    assert result.exit_code == 0, result.output
    assert reported(result, UNDETERMINED) == ({"project-dev"} if is_reported else set())
    assert (f"The exemption for table 'legacy-*' ends on {ends} (UTC)" in result.output) is (
        is_reported
    )


WITH_A_KEY = """
key = aws.kms.Key("key")
table("orders", server_side_encryption={"enabled": True, "kms_key_arn": key.arn})
"""


def test_a_table_that_keeps_a_key_that_the_program_no_longer_names(project: Project) -> None:
    project.deploy(WITH_A_KEY)
    key = project.tables()["orders"]["KMSMasterKeyArn"]
    project.write("table('orders')")
    assert "A deployed table keeps the key that it has" in project.preview().output
    # The line of the message, done literally: the table keeps the key, which is deleted.
    project.write("table('orders', server_side_encryption=ENABLED)")
    result = project.preview()
    assert result.exit_code == 0, result.output
    assert reported(result, UNDETERMINED) == {"orders"}
    assert "keeps the KMS key that it was deployed with" in result.output
    assert project.tables()["orders"]["KMSMasterKeyArn"] == key
    project.write(WITH_A_KEY)
    assert reported(project.preview(), UNDETERMINED) == set()


HOSTILE = r"""
name = "Or\u001b[31mders\nPASSED\u202e"
template = {"Parameters": {name: {"Type": "String"}}, "Resources": {
    name: {"Type": "AWS::DynamoDB::Table", "Properties": {
        "SSESpecification": {"SSEEnabled": {"Ref": name}}}}}}
topic = aws.kms.Key("key")
values = {"insecure": "false", "unknown": topic.arn}
for stack, value in values.items():
    aws.cloudformation.Stack(stack, template_body=json.dumps(template), parameters={name: value})
"""


def test_names_of_a_template_do_not_control_the_terminal(project: Project) -> None:
    project.write(HOSTILE)
    result = project.preview("--color", "never")
    assert reported(result) == {"insecure"}
    assert "can't run policy" in result.output
    for text in ("\x1b", "\u202e"):
        assert text not in result.output
    assert not any(line.strip().startswith("PASSED") for line in result.output.splitlines())
