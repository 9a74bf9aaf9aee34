"""`audit state` says about a deployed stack what `pulumi policy analyze` says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.audit.cli import environment, run_audit
from tests.project import DEPLOYED, UNDETERMINED, Project, for_all_policies
from tools.sandbox import Account, Sandbox
from tools.sandbox.many_stacks import deploy

PROGRAM = """
import pulumi_aws_native as native

attributes = [{"attribute_name": "id", "attribute_type": "S"}]
schema = [{"attribute_name": "id", "key_type": "HASH"}]
key = aws.kms.Key("key")
replica_key = aws.kms.Key("replica-key", region="eu-west-1")
stream = {"stream_enabled": True, "stream_view_type": "NEW_AND_OLD_IMAGES"}

table("owned")
table("managed", server_side_encryption=ENABLED)
table("customer", server_side_encryption={"enabled": True, "kms_key_arn": key.arn})
table("secret-block", server_side_encryption=pulumi.Output.secret(ENABLED))
table("secret-key", server_side_encryption={
    "enabled": True, "kms_key_arn": pulumi.Output.secret(key.arn)})
table("secret-name", name=pulumi.Output.secret("top-secret"))
table("global", replicas=[{"region_name": "eu-west-1"}], **stream)
table("global-customer", replicas=[{"region_name": "eu-west-1", "kms_key_arn": replica_key.arn}],
      server_side_encryption={"enabled": True, "kms_key_arn": key.arn}, **stream)
parent = table("parent", server_side_encryption=ENABLED, **stream)
aws.dynamodb.TableReplica("copy", global_table_arn=parent.arn, region="eu-west-1")

def native_table(name, **properties):
    pulumi.CustomResource("aws-native:dynamodb:Table", name, {
        "billingMode": "PAY_PER_REQUEST", "arn": None,
        "keySchema": [{"attributeName": "id", "keyType": "HASH"}],
        "attributeDefinitions": [{"attributeName": "id", "attributeType": "S"}], **properties})

native_table("native-owned")
native_table("native-managed", sseSpecification={"sseEnabled": True})
native.dynamodb.GlobalTable("native-global", key_schema=schema, attribute_definitions=attributes,
    billing_mode="PAY_PER_REQUEST", replicas=[{"region": "us-east-1"}])
native.ExtensionResource("extension", type="AWS::DynamoDB::Table", properties={
    "BillingMode": "PAY_PER_REQUEST", "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}]})

desired = {"BillingMode": "PAY_PER_REQUEST",
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}]}
aws.cloudcontrol.Resource("control-owned", type_name="AWS::DynamoDB::Table",
    desired_state=json.dumps(desired))
aws.cloudcontrol.Resource("control-managed", type_name="AWS::DynamoDB::Table",
    desired_state=json.dumps({**desired, "SSESpecification": {"SSEEnabled": True}}))

aws.cloudformation.Stack("template", template_body=json.dumps({"Resources": {
    "Owned": {"Type": "AWS::DynamoDB::Table", "Properties": desired},
    "Managed": {"Type": "AWS::DynamoDB::Table", "Properties": {
        **desired, "SSESpecification": {"SSEEnabled": True}}}}}))
aws.dynamodb.Table.get("read", "of-another-team")
"""


@pytest.fixture(scope="module")
def project(
    sandbox_account: Account, pack: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Project]:
    """A project whose stack has deployed tables of all kinds without the pack."""
    folder = tmp_path_factory.mktemp("stacks")
    sandbox_account.reset()
    with Sandbox(folder / "sandbox", account=sandbox_account) as sandbox:
        sandbox.client("dynamodb").create_table(
            TableName="of-another-team",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        deployed = Project.create(sandbox, folder / "project", pack, "shop")
        deployed.deploy(PROGRAM)
        yield deployed


OF_READ = ("urn:pulumi:dev::shop::aws:dynamodb/table:Table::read", "read")
OF_EXTENSION = (
    "urn:pulumi:dev::shop::aws-native:index:ExtensionResource::extension", "extension"
)  # fmt: skip
"""A table whose type is not in its outputs, so that the policies judge only its inputs."""

Table = tuple[str, str]


def analyzed(events: str) -> tuple[dict[Table, str], set[Table]]:
    """Return the results of the policies in the events of `pulumi policy analyze --json`.

    Returns:
        The verdicts about what is deployed, by URN and name, and the tables that are rejected.
    """
    verdicts: dict[Table, str] = {}
    rejected: set[Table] = set()
    for line in events.splitlines():
        event = json.loads(line).get("policyEvent")
        if event is None:
            continue
        (name,) = re.findall(r"DynamoDB table(?: replica)? '([^']+)'", event["message"])[:1]
        table = (event["resourceUrn"], name)
        if event["enforcementLevel"] == "mandatory":
            rejected.add(table)
        if event["policyName"] == UNDETERMINED:
            verdicts.setdefault(table, "undetermined")
        elif event["policyName"] == DEPLOYED or table == OF_EXTENSION:
            verdicts[table] = "violation"
    return verdicts, rejected


def audited(file: Path, *options: str | Path) -> dict[Table, dict[str, Any]]:
    # What a CI job of a stack sets must not count.
    job = {"PULUMI_PROJECT": "shop", "PULUMI_STACK": "dev", "PULUMI_DRY_RUN": "true"}
    run = run_audit("state", file, "--output", "json", *options, env={**environment(None), **job})
    report = run.report
    assert [entry["status"] for entry in report["coverage"]] == ["read"]
    assert report["coverage"][0]["listed"] == len(report["findings"])
    return {(each["urn"], each["table"]): each for each in report["findings"]}


@pytest.mark.parametrize(
    ("settings", "shows_secrets"),
    [
        ({}, True),
        ({}, False),
        ({"requireCustomerManagedKey": True}, False),
        ({"exemptions": [{"table": "*owned", "reason": "old"}]}, True),
        (
            {
                "exemptions": [
                    {"urn": "urn:pulumi:dev::shop::*::global*", "reason": "old"},
                    {"urn": "urn:pulumi:dev::shop::*", "table": "Owned", "reason": "old"},
                ]
            },
            True,
        ),
    ],
)
def test_a_stack_has_the_verdicts_of_an_analysis(
    project: Project, tmp_path: Path, settings: dict[str, Any], shows_secrets: bool
) -> None:
    option, config = project.config(for_all_policies(**settings))
    file = tmp_path / "state.json"
    show = ["--show-secrets"] if shows_secrets else []
    project.check("stack", "export", "--file", str(file), *show)
    # The engine replaces the secrets that it can't decrypt.
    env = None if shows_secrets else {"PULUMI_CONFIG_PASSPHRASE": "another"}
    analysis = project.analyze("--file", str(file), "--json", option, config, env=env)
    expected, rejected = analyzed(analysis.stdout)
    found = audited(file, "--config", config)

    assert len(found) == 19
    exempt = {table for table, each in found.items() if each["verdict"] == "exempt"}
    assert bool(exempt) == ("exemptions" in settings)
    assert not exempt & expected.keys()
    assert expected == {
        table: each["verdict"]
        for table, each in found.items()
        if each["verdict"] not in ("compliant", "exempt")
    }
    # A preview shows no policy what the program only reads.
    assert {table for table, each in found.items() if each["rejected"]} == rejected - {OF_READ}
    for table, each in found.items():
        only_inputs = table in rejected and expected.get(table) != "violation"
        assert ("unless the program was changed since" in each["reason"]) == only_inputs
    assert "violation" in expected.values()
    assert ("undetermined" in expected.values()) == (not shows_secrets)


def test_a_finding_shows_what_is_deployed_and_no_secret(project: Project, tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    project.check("stack", "export", "--file", str(file), "--show-secrets")
    found = {each["table"]: each for each in audited(file).values()}
    tables = {
        arn
        for each in found.values()
        for arn in each["evidence"]["answer"]["Resource"].get("arns", ())
    }
    in_aws = {
        client.describe_table(TableName=name)["Table"]["TableArn"]
        for region in ("us-east-1", "eu-west-1")
        for client in [project.sandbox.client("dynamodb", region)]
        for name in client.list_tables()["TableNames"]
    }
    of_secret = {arn for arn in in_aws if arn.endswith("/top-secret")}
    of_template = {
        arn for arn in in_aws if "/template" in arn or "Owned" in arn or "Managed" in arn
    }
    assert in_aws - of_secret - of_template <= tables
    assert "top-secret" not in json.dumps(found)
    (key,) = {found["customer"]["key"]["arn"], found["global-customer"]["key"]["arn"]}
    assert key not in json.dumps(found["secret-key"])
    resource = found["Owned"]["evidence"]["answer"]["Resource"]
    assert resource["logical_id"] == "Owned"
    assert ":cloudformation:us-east-1:" in resource["template_stack"]
    assert found["read"]["evidence"]["answer"]["Resource"]["external"] is True


REPLACED = """
import os
import pulumi_aws as aws

key = os.environ.get("NEW_KEY", "id")
aws.dynamodb.Table(
    "orders", attributes=[{"name": key, "type": "S"}], hash_key=key,
    billing_mode="PAY_PER_REQUEST", deletion_protection_enabled=key == "id",
    server_side_encryption={"enabled": key != "id"},
)
"""


def test_a_replaced_table_that_cannot_be_deleted(sandbox_account: Account, tmp_path: Path) -> None:
    sandbox_account.reset()
    with Sandbox(tmp_path / "sandbox", account=sandbox_account) as sandbox:
        folder = tmp_path / "project"
        deploy(sandbox, folder, REPLACED)
        words = ("up", "--yes", "--skip-preview")
        assert sandbox.pulumi(*words, cwd=folder, env={"NEW_KEY": "name"}).exit_code
        exported = sandbox.pulumi("stack", "export", cwd=folder).stdout
    file = tmp_path / "state.json"
    file.write_text(exported, encoding="utf-8")
    urn = "urn:pulumi:dev::shop::aws:dynamodb/table:Table::orders"
    found = audited(file)
    assert {table: each["verdict"] for table, each in found.items()} == {
        (urn, "orders"): "compliant",
        (urn, "orders (to be deleted)"): "violation",
    }
    assert not any(each["rejected"] for each in found.values())
    assert len({each["arn"] for each in found.values()}) == len(found)
