"""Tests of tables that other types declare: stacks, Cloud Control, replicas and products."""

from __future__ import annotations

import json
from typing import Any

from tests.project import Project
from tools.harness import UNKNOWN

# Functions for programs: the CloudFormation properties of a table, and a template.
MODELS = """
import json
import pulumi_aws as aws

def model(**sse):
    shape = {"KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
             "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
             "BillingMode": "PAY_PER_REQUEST"}
    return {**shape, **({"SSESpecification": sse} if sse else {})}

def template(**tables):
    resources = {name: {"Type": "AWS::DynamoDB::Table", "Properties": properties}
                 for name, properties in tables.items()}
    resources["Key"] = {"Type": "AWS::KMS::Key"}
    outputs = {name: {"Value": {"Ref": name}} for name in tables}
    return {"Resources": resources, "Outputs": outputs}
"""
# Not indented, as ``textwrap.dedent`` runs on whole programs.
OTHERS = """
aws.serverlessrepository.CloudFormationStack("app", application_id="arn:aws:x",
                                             capabilities=["CAPABILITY_IAM"])
aws.servicecatalog.ProvisionedProduct("product", product_name="p",
                                      provisioning_artifact_name="1")
aws.dynamodb.GlobalTable("global", replicas=[{"region_name": "eu-west-1"}])
aws.cloudformation.StackSet("set", template_body=json.dumps(template(T=model())))
aws.cloudformation.StackSetInstance("instance", stack_set_name="set",
                                    parameter_overrides={"a": "b"})
aws.cloudformation.StackInstances("instances", stack_set_name="set", regions=["eu-west-1"])
europe = aws.Provider("europe", region="eu-west-1")
primary = aws.kms.Key("primary", multi_region=True)
copy = aws.kms.ReplicaKey("copy", primary_key_arn=primary.arn,
                          opts=pulumi.ResourceOptions(provider=europe))
table("remote", server_side_encryption={"enabled": True, "kms_key_arn": copy.arn},
      opts=pulumi.ResourceOptions(provider=europe))
group = table("group", server_side_encryption={"enabled": True})
aws.dynamodb.TableReplica("replica", global_table_arn=group.arn,
                          opts=pulumi.ResourceOptions(provider=europe))
own = table("own", server_side_encryption={"enabled": True, "kms_key_arn": primary.arn})
aws.dynamodb.TableReplica("own-replica", global_table_arn=own.arn, kms_key_arn=copy.arn,
                          opts=pulumi.ResourceOptions(provider=europe))
aws.kms.ExternalKey("empty")
aws.kms.ExternalKey("filled", key_material_base64="c2VjcmV0", enabled=True)
aws.kms.ExternalKey("off", key_material_base64="c2VjcmV0")
outer = aws.kms.ExternalKey("outer", key_material_base64="c2VjcmV0", multi_region=True)
aws.kms.ReplicaExternalKey("copy-without-material", primary_key_arn=outer.arn,
                           opts=pulumi.ResourceOptions(provider=europe))
aws.cloudcontrol.Resource("log", type_name="AWS::Logs::LogGroup", desired_state="{}")
"""
EXTERNAL_KEYS = {
    "empty": ("PendingImport", False),
    "filled": ("Enabled", True),
    "off": ("Disabled", False),
    "copy-without-material": ("PendingImport", False),
}


def outputs_of(step: dict[str, Any]) -> dict[str, Any]:
    outputs: dict[str, Any] = step["new"]["outputs"]
    return outputs


def encryption(project: Project, table: str) -> dict[str, Any] | None:
    answer = project.sandbox.client("dynamodb").describe_table(TableName=table)
    description: dict[str, Any] | None = answer["Table"].get("SSEDescription")
    return description


def test_preview_of_a_create(project: Project) -> None:
    steps = project.planned(
        MODELS
        + OTHERS
        + """
body = json.dumps(template(T=model()), indent=4)
aws.cloudformation.Stack("body", template_body=body, parameters={"a": "b"})
aws.cloudformation.Stack("url", template_url="https://bucket.s3.amazonaws.com/template.json")
aws.cloudformation.Stack("yaml", template_body="Resources:\\n  A: {Type: AWS::SNS::Topic}\\n")
aws.cloudcontrol.Resource("control", type_name="AWS::DynamoDB::Table",
                          desired_state=json.dumps(model(SSEEnabled=True)))
"""
    )
    body = outputs_of(steps["body"])
    assert body["templateBody"].startswith('{"Outputs":{"T":{"Value":{"Ref":"T"}}},"Resources":{')
    assert "\n    " in steps["body"]["new"]["inputs"]["templateBody"]
    assert steps["body"]["new"]["inputs"]["parameters"] == body["parameters"] == {"a": "b"}
    assert body["outputs"] == UNKNOWN
    assert outputs_of(steps["url"])["templateBody"] == UNKNOWN
    assert outputs_of(steps["yaml"])["templateBody"].startswith("Resources:\n")
    control = outputs_of(steps["control"])
    assert control["properties"] == UNKNOWN
    assert json.loads(control["desiredState"])["SSESpecification"] == {"SSEEnabled": True}
    assert outputs_of(steps["global"])["replicas"] == [{"regionName": "eu-west-1"}]
    assert outputs_of(steps["replica"])["kmsKeyArn"] == UNKNOWN
    for name in ("global", "copy", "empty", "set"):
        assert outputs_of(steps[name])["arn"] == UNKNOWN, name
    for name in ("app", "product"):
        assert outputs_of(steps[name])["outputs"] == UNKNOWN, name


def test_update_of_the_account(project: Project) -> None:
    program = (
        MODELS
        + OTHERS
        + """
mine = model(SSEEnabled=True, SSEType="KMS", KMSMasterKeyId={"Fn::GetAtt": ["Key", "Arn"]})
body = template(Plain=model(), Managed=model(SSEEnabled=MANAGED), Own=mine)
aws.cloudformation.Stack("stack", template_body=json.dumps(body, indent=1))
key = aws.kms.Key("key")
state = key.key_id.apply(lambda key_id: json.dumps({**model(**SPEC), "TableName": "controlled"}))
aws.cloudcontrol.Resource("control", type_name="AWS::DynamoDB::Table", desired_state=state)
"""
    )
    spec = "{'SSEEnabled': True, 'SSEType': 'KMS', 'KMSMasterKeyId': key_id}"
    first = program.replace("MANAGED", "True").replace("SPEC", spec)
    state = project.deployed(first)
    outputs = {name: resource.get("outputs", {}) for name, resource in state.items()}
    stack, control = outputs["stack"], outputs["control"]
    own = encryption(project, stack["outputs"]["Own"])
    assert own is not None
    managed = encryption(project, stack["outputs"]["Managed"])
    assert managed is not None
    assert managed["KMSMasterKeyArn"] != own["KMSMasterKeyArn"]
    assert encryption(project, stack["outputs"]["Plain"]) is None
    assert state["stack"]["id"].startswith("arn:aws:cloudformation:us-east-1:")
    assert stack["templateBody"].startswith('{"Outputs":{')
    key = outputs["key"]
    assert (encryption(project, "controlled") or {})["KMSMasterKeyArn"] == key["arn"]
    assert json.loads(control["properties"])["SSESpecification"]["KMSMasterKeyId"] == key["keyId"]
    assert state["control"]["id"] == "controlled"
    assert outputs["copy"]["arn"] == outputs["primary"]["arn"].replace("us-east-1", "eu-west-1")
    assert outputs["remote"]["serverSideEncryption"]["kmsKeyArn"] == outputs["copy"]["arn"]
    assert outputs["own-replica"]["kmsKeyArn"] == outputs["copy"]["arn"]
    # The state of a replica has its AWS managed key, unlike the state of a table.
    assert ":kms:eu-west-1:" in outputs["replica"]["kmsKeyArn"]
    assert ":dynamodb:eu-west-1:" in outputs["replica"]["arn"]
    states = {name: (outputs[name]["keyState"], outputs[name]["enabled"]) for name in EXTERNAL_KEYS}
    assert states == EXTERNAL_KEYS
    project.check("refresh", "--yes", "--skip-preview", "--expect-no-changes")

    # A change outside Pulumi.
    client = project.sandbox.client("dynamodb")
    client.update_table(TableName="controlled", SSESpecification={"Enabled": False})
    project.check("refresh", "--yes", "--skip-preview")
    drifted = json.loads(project.state()["control"]["outputs"]["properties"])
    assert "SSESpecification" not in drifted

    # Now one table has no specification, and the other has a disabled one.
    project.deployed(program.replace("MANAGED", "False").replace("**SPEC", ""))
    assert encryption(project, "controlled") is None
    assert encryption(project, stack["outputs"]["Managed"]) is None
    assert encryption(project, stack["outputs"]["Own"]) == own
    project.check("destroy", "--yes", "--skip-preview")
    for region in ("us-east-1", "eu-west-1"):
        assert project.sandbox.client("dynamodb", region).list_tables()["TableNames"] == []


def test_a_failed_stack_is_deleted(project: Project) -> None:
    project.write(
        MODELS
        + """
body = template(T=model(SSEEnabled=True, SSEType="KMS", KMSMasterKeyId="alias/none"))
aws.cloudformation.Stack("stack", template_body=json.dumps(body))
"""
    )
    result = project.sandbox.pulumi("up", "--yes", "--skip-preview", cwd=project.folder)
    assert result.exit_code != 0
    assert "CreateStack: ValidationError: KMS validation error" in result.output
    assert project.sandbox.client("cloudformation").describe_stacks()["Stacks"] == []
