"""Tests of the stand-in ``aws-native`` provider with the real engine."""

from __future__ import annotations

import importlib.metadata
import json
from pathlib import Path
from typing import Any

import pytest

from tests.project import Project
from tools.harness import UNKNOWN
from tools.sandbox import Sandbox

START = """
import json
import pulumi_aws_native as native

# Not native.dynamodb.Table: the Python SDK fails for the type of its key_schema, "a list, or
# anything" (issue 17181 of pulumi).
def declared(resource, **sse):
    more = {"sseSpecification": sse} if sse else {}
    return pulumi.CustomResource("aws-native:dynamodb:Table", resource, {
        "billingMode": "PAY_PER_REQUEST", "arn": None,
        "keySchema": [{"attributeName": "id", "keyType": "HASH"}],
        "attributeDefinitions": [{"attributeName": "id", "attributeType": "S"}], **more})

def model(name, **sse):
    return {"TableName": name, "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            **({"SSESpecification": sse} if sse else {})}

native.dynamodb.GlobalTable("global", replicas=[
    {"region": "us-east-1", "sse_specification": {"kms_master_key_id": "alias/mine"}}])
native.cloudformation.Stack("stack", template_body={"Resources": {"T": {"Type": "A::B::C"}}})
native.cloudformation.StackSet("set", permission_model="SELF_MANAGED", template_body="{}")
native.s3.Bucket("bucket")
native.ExtensionResource("log", type="AWS::Logs::LogGroup", properties={"RetentionInDays": 7})
"""


def test_preview_of_a_create(project: Project) -> None:
    steps = project.planned(
        START
        + """
key = native.kms.Key("key")
declared("plain")
declared("managed", sseEnabled=True)
declared("own", sseEnabled=True, sseType="KMS", kmsMasterKeyId=key.arn)
native.ExtensionResource("extension", type="AWS::DynamoDB::Table", properties=model("extension"))
"""
    )
    outputs: dict[str, Any] = {name: step["new"]["outputs"] for name, step in steps.items()}
    plain = outputs["plain"]
    assert "sseSpecification" not in plain
    assert (plain["arn"], plain["streamArn"]) == (UNKNOWN, UNKNOWN)
    assert plain["tableName"].startswith("plain-")
    assert len(plain["tableName"]) == len("plain-") + 7
    assert outputs["managed"]["sseSpecification"] == {"sseEnabled": True}
    assert outputs["own"]["sseSpecification"] == {
        "sseEnabled": True,
        "sseType": "KMS",
        "kmsMasterKeyId": UNKNOWN,
    }
    assert outputs["key"] == {"arn": UNKNOWN, "keyId": UNKNOWN}
    assert outputs["extension"] == {"outputs": UNKNOWN}
    inputs = steps["extension"]["new"]["inputs"]
    assert (inputs["type"], inputs["properties"]["TableName"]) == (
        "AWS::DynamoDB::Table",
        "extension",
    )
    assert outputs["global"]["tableId"] == UNKNOWN
    assert outputs["global"]["replicas"][0]["sseSpecification"] == {"kmsMasterKeyId": "alias/mine"}
    assert outputs["stack"]["templateBody"] == {"Resources": {"T": {"Type": "A::B::C"}}}
    assert outputs["stack"]["stackId"] == outputs["set"]["stackSetId"] == UNKNOWN


def test_update_of_the_account(project: Project) -> None:
    program = (
        START
        + """
policy = {"Statement": [{"Effect": "Allow", "Action": "kms:*", "Resource": "*"}]}
key = native.kms.Key("key", enable_key_rotation=True, key_policy=policy)
alias = native.kms.Alias("alias", target_key_id=key.id)
native.ExtensionResource("extension", type="AWS::DynamoDB::Table",
                         properties=model("extension", SSEEnabled=True))
"""
    )
    state = project.deployed(
        program
        + """
declared("plain")
declared("managed", sseEnabled=True)
declared("by-id", sseEnabled=True, sseType="KMS", kmsMasterKeyId=key.id)
declared("by-name", sseEnabled=True, sseType="KMS", kmsMasterKeyId=alias.alias_name)
"""
    )
    client = project.sandbox.client("dynamodb")
    outputs = {name: resource.get("outputs", {}) for name, resource in state.items()}

    def key_of(name: str) -> str | None:
        table = client.describe_table(TableName=outputs[name]["tableName"])["Table"]
        arn: str | None = table.get("SSEDescription", {}).get("KMSMasterKeyArn")
        return arn

    key = outputs["key"]
    assert key_of("plain") is None
    assert key_of("managed") not in (None, key["arn"])
    assert key_of("by-id") == key_of("by-name") == key["arn"]
    assert "sseSpecification" not in outputs["plain"]
    assert outputs["managed"]["sseSpecification"] == {"sseEnabled": True}
    assert outputs["by-id"]["sseSpecification"]["kmsMasterKeyId"] == key["keyId"]
    assert outputs["by-name"]["sseSpecification"]["kmsMasterKeyId"].startswith("alias/alias-")
    assert outputs["plain"]["arn"].endswith(f":table/{state['plain']['id']}")
    assert outputs["extension"]["outputs"]["Arn"].endswith(":table/extension")
    assert outputs["extension"]["outputs"]["SSESpecification"] == {"SSEEnabled": True}
    secret = json.loads(outputs["plain"]["__inputs"]["plaintext"])
    assert secret["tableName"] == state["plain"]["id"]
    project.check("refresh", "--yes", "--skip-preview", "--expect-no-changes")

    # A refresh adopts a change that was made outside Pulumi.
    client.update_table(
        TableName=outputs["managed"]["tableName"], SSESpecification={"Enabled": False}
    )
    project.check("refresh", "--yes", "--skip-preview")
    drifted = project.state()["managed"]
    assert "sseSpecification" not in drifted["outputs"]
    assert "sseSpecification" not in drifted["inputs"]

    # Removing a block removes it, as aws-native has no optional and computed properties.
    smaller = program.replace(", SSEEnabled=True", "") + (
        "declared('by-id')\n"
        "declared('plain', sseEnabled=True, sseType='KMS', kmsMasterKeyId=key.arn)\n"
        "declared('managed')\n"
    )
    step = project.planned(smaller)["by-id"]
    assert step["op"] == "update"
    assert "sseSpecification" not in step["new"]["outputs"]
    assert step["new"]["outputs"]["arn"] == outputs["by-id"]["arn"]
    state = project.deployed(smaller)
    assert (key_of("by-id"), key_of("plain")) == (None, key["arn"])
    assert "SSESpecification" not in state["extension"]["outputs"]["outputs"]
    assert "by-name" not in state
    project.check("destroy", "--yes", "--skip-preview")
    assert client.list_tables()["TableNames"] == []


def test_a_missing_region_is_an_error(project: Project) -> None:
    project.write("import pulumi_aws_native as native\nnative.s3.Bucket('bucket')\n")
    no_region = {"AWS_REGION": "", "AWS_DEFAULT_REGION": ""}
    result = project.sandbox.pulumi("preview", cwd=project.folder, env=no_region)
    assert result.exit_code != 0
    assert "pulumi config set aws-native:region" in result.output
    project.check("config", "set", "aws-native:region", "eu-west-1")
    result = project.sandbox.pulumi("preview", cwd=project.folder, env=no_region)
    assert result.exit_code == 0, result.output


def test_the_sandbox_works_without_the_sdk(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = importlib.metadata.version

    def without(name: str) -> str:
        if name == "pulumi_aws_native":
            raise importlib.metadata.PackageNotFoundError(name)
        return version(name)

    monkeypatch.setattr(importlib.metadata, "version", without)
    other = Sandbox(tmp_path / "other", account=sandbox.account)
    plugins = [plugin.name for plugin in (other.folder / "home" / "plugins").iterdir()]
    assert plugins == [f"resource-aws-v{version('pulumi_aws')}"]
