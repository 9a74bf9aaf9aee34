"""Tables of every family of types, previewed by the real engine: what a user of each would read."""

from __future__ import annotations

import json

import pytest

from tests.engine.conftest import Project
from tests.engine.programs import ENABLED, table

DECLARED = "dynamodb-table-kms-encryption"
DEPLOYED = "dynamodb-deployed-table-kms-encryption"
UNDETERMINED = "dynamodb-undetermined-table-kms-encryption"
KEY = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"


def told(output: str, policy: str = DECLARED) -> set[str]:
    """The names of the resources of which `policy` has told."""
    start = f"]  {policy}  ("
    return {
        line.split(start)[1].rpartition(": ")[2].rstrip(")")
        for line in output.splitlines()
        if start in line
    }


def test_tables_with_replicas_and_replicas_of_their_own(project: Project) -> None:
    replicas = f'[{{"region_name": "eu-west-1", "kms_key_arn": "{KEY}"}}]'
    streams = {"stream_enabled": "True", "stream_view_type": "'NEW_AND_OLD_IMAGES'"}
    project.write(
        table(
            "good",
            server_side_encryption=ENABLED,
            replicas='[{"region_name": "eu-west-1"}]',
            **streams,
        )
        + table("bad", server_side_encryption=ENABLED, replicas=replicas, **streams)
        + "arn = 'arn:aws:dynamodb:eu-west-1:123456789012:table/orders'\n"
        "aws.dynamodb.TableReplica('good-copy', global_table_arn=arn)\n"
        "aws.dynamodb.TableReplica('bad-copy', global_table_arn=arn,\n"
        "                          kms_key_arn='arn:aws:s3:::orders')\n"
        "aws.dynamodb.GlobalTable('old', replicas=[{'region_name': 'us-east-1'}])\n"
    )
    result = project.preview()
    assert result.exit_code != 0
    assert told(result.output) == {"bad", "bad-copy"}
    assert (
        "has a replica in eu-west-1 with a key of us-east-1 in replicas[].kmsKeyArn"
        in result.output
    )
    assert "DynamoDB table replica 'bad-copy' has an ARN of another service (s3)" in result.output


def test_customer_managed_keys_only(project: Project) -> None:
    config = project.folder / "policy-config.json"
    settings = {"requireCustomerManagedKey": True}
    policies = dict.fromkeys((DECLARED, DEPLOYED, UNDETERMINED), settings)
    config.write_text(json.dumps(policies), encoding="utf-8")
    block = f'{{"enabled": True, "kms_key_arn": "{KEY}"}}'
    project.write(
        table("aws-managed", server_side_encryption=ENABLED)
        + table("customer-managed", server_side_encryption=block)
    )
    assert project.preview().exit_code == 0
    result = project.preview("--policy-pack-config", str(config))
    assert result.exit_code != 0
    assert told(result.output) == {"aws-managed"}
    assert "Write `serverSideEncryption: { enabled: true, kmsKeyArn: KEY }`" in result.output


@pytest.mark.parametrize(
    ("key", "fault"),
    [
        ("is_enabled=False", "which is disabled"),
        (
            "customer_master_key_spec='RSA_2048', key_usage='SIGN_VERIFY'",
            "which is an asymmetric key",
        ),
    ],
)
def test_a_key_of_the_program_that_can_not_encrypt_a_table(
    project: Project, key: str, fault: str
) -> None:
    block = '{"enabled": True, "kms_key_arn": key.arn}'
    project.write(
        f"key = aws.kms.Key('signing', {key})\nfit = aws.kms.Key('fit')\n"
        + table("bad", server_side_encryption=block)
        + table("good", server_side_encryption=block.replace("key.arn", "fit.arn"))
    )
    result = project.preview()
    assert result.exit_code != 0
    assert told(result.output, DEPLOYED) == {"bad"}
    assert told(result.output) == set()
    assert f"has the key 'signing', {fault}" in result.output


NATIVE = """
import pulumi_aws_native as native

attributes = [{"attribute_name": "id", "attribute_type": "S"}]
schema = [{"attribute_name": "id", "key_type": "HASH"}]
key = native.kms.Key("key", key_policy={"Statement": []})

# Not native.dynamodb.Table: the SDKs stumble over the type of its key_schema, "a list or anything".
def table(name, **more):
    pulumi.CustomResource("aws-native:dynamodb:Table", name, {
        "billingMode": "PAY_PER_REQUEST", "arn": None,
        "keySchema": [{"attributeName": "id", "keyType": "HASH"}],
        "attributeDefinitions": [{"attributeName": "id", "attributeType": "S"}], **more})

table("good", sseSpecification={"sseEnabled": True, "sseType": "KMS", "kmsMasterKeyId": key.arn})
table("bad")
native.dynamodb.GlobalTable("good-global", key_schema=schema, attribute_definitions=attributes,
    billing_mode="PAY_PER_REQUEST", replicas=[{"region": "us-east-1"}],
    sse_specification={"sse_enabled": True, "sse_type": "KMS"})
native.dynamodb.GlobalTable("bad-global", key_schema=schema, attribute_definitions=attributes,
    billing_mode="PAY_PER_REQUEST",
    replicas=[{"region": "us-east-1", "sse_specification": {"kms_master_key_id": "alias/orders"}}])
native.ExtensionResource("good-extension", type="AWS::DynamoDB::Table",
    properties={"SSESpecification": {"SSEEnabled": True}})
native.ExtensionResource("bad-extension", type="AWS::DynamoDB::Table", properties={})
native.ExtensionResource("bucket", type="AWS::S3::Bucket", properties={})
"""


def test_tables_of_aws_native(project: Project) -> None:
    project.write(NATIVE)
    result = project.preview()
    assert result.exit_code != 0
    assert told(result.output) == {"bad", "bad-global", "bad-extension"}
    assert "Write `sseSpecification: { sseEnabled: true }`" in result.output


def test_tables_of_cloud_control(project: Project) -> None:
    project.write(
        "import json\n"
        "def declare(name, state):\n"
        "    state = {'TableName': name,\n"
        "             'KeySchema': [{'AttributeName': 'id', 'KeyType': 'HASH'}],\n"
        "             'AttributeDefinitions': [{'AttributeName': 'id', 'AttributeType': 'S'}],\n"
        "             'BillingMode': 'PAY_PER_REQUEST', **state}\n"
        "    aws.cloudcontrol.Resource(name, type_name='AWS::DynamoDB::Table',\n"
        "                              desired_state=json.dumps(state))\n"
        "declare('good', {'SSESpecification': {'SSEEnabled': True, 'SSEType': 'KMS'}})\n"
        "declare('bad', {})\n"
    )
    result = project.preview()
    assert result.exit_code != 0
    assert told(result.output) == {"bad"}
    assert "'bad' declares no SSESpecification" in result.output


TEMPLATE = """
Parameters:
  Encrypted: { Type: String, Default: "true" }
Resources:
  Key:
    Type: AWS::KMS::Key
    Properties: { KeyPolicy: { Statement: [] } }
  Good:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions: [{ AttributeName: id, AttributeType: S }]
      KeySchema: [{ AttributeName: id, KeyType: HASH }]
      BillingMode: PAY_PER_REQUEST
      SSESpecification: { SSEEnabled: true, SSEType: KMS, KMSMasterKeyId: !GetAtt Key.Arn }
  Depends:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions: [{ AttributeName: id, AttributeType: S }]
      KeySchema: [{ AttributeName: id, KeyType: HASH }]
      BillingMode: PAY_PER_REQUEST
      SSESpecification: { SSEEnabled: !Ref Encrypted }
"""


def test_tables_of_cloudformation_templates(project: Project) -> None:
    (project.folder / "template.yaml").write_text(TEMPLATE, encoding="utf-8")
    off = '{"Encrypted": "false"}'
    project.write(
        "import pulumi_aws_native as native\n"
        "body = open('template.yaml').read()\n"
        "aws.cloudformation.Stack('good', template_body=body)\n"
        f"aws.cloudformation.Stack('bad', template_body=body, parameters={off})\n"
        f"aws.cloudformation.StackSet('bad-set', template_body=body, parameters={off})\n"
        "native.cloudformation.Stack('good-native', template_body=body)\n"
        f"native.cloudformation.Stack('bad-native', template_body=body, parameters={off})\n"
        "native.cloudformation.StackSet('bad-native-set', permission_model='SELF_MANAGED',\n"
        "    template_body=body, stack_set_name='it',\n"
        "    parameters=[{'parameter_key': 'Encrypted', 'parameter_value': 'false'}])\n"
        "aws.cloudformation.Stack('url', template_url='https://example.s3.amazonaws.com/t.yaml')\n"
    )
    result = project.preview()
    assert result.exit_code != 0
    assert told(result.output) == {"bad", "bad-set", "bad-native", "bad-native-set"}
    assert "DynamoDB table 'Depends' in the template of 'bad' sets SSESpecification.SSEEnabled" in (
        result.output
    )
    assert "table 'Good'" not in result.output
    assert told(result.output, UNDETERMINED) == {"url"}
    assert "its template is behind a URL (templateUrl)" in result.output


def test_parameters_that_only_some_instances_of_a_stack_set_have(project: Project) -> None:
    (project.folder / "template.yaml").write_text(TEMPLATE, encoding="utf-8")
    project.write(
        "import pulumi_aws_native as native\n"
        "body = open('template.yaml').read()\n"
        "def group(account, **more):\n"
        "    targets = {'accounts': [account]}\n"
        "    return {'deployment_targets': targets, 'regions': ['us-east-1'], **more}\n"
        "off = [{'parameter_key': 'Encrypted', 'parameter_value': 'false'}]\n"
        "on = [{'parameter_key': 'Encrypted', 'parameter_value': 'true'}]\n"
        "def stack_set(name, parameters, groups):\n"
        "    native.cloudformation.StackSet(name, permission_model='SELF_MANAGED',\n"
        "        stack_set_name=name, template_body=body, parameters=parameters,\n"
        "        stack_instances_group=groups)\n"
        "stack_set('good', off, [group('123456789012', parameter_overrides=on)])\n"
        "stack_set('bad', on, [group('123456789012'),\n"
        "                      group('210987654321', parameter_overrides=off)])\n"
        "aws.cloudformation.StackSetInstance('same', stack_set_name='it')\n"
        "aws.cloudformation.StackSetInstance('other', stack_set_name='it',\n"
        "    parameter_overrides={'Encrypted': 'false'})\n"
        "aws.cloudformation.StackInstances('others', stack_set_name='it',\n"
        "    parameter_overrides={'Encrypted': 'false'})\n"
    )
    result = project.preview()
    assert result.exit_code != 0
    assert told(result.output) == {"bad"}
    assert told(result.output, UNDETERMINED) == {"other", "others"}
    assert "it gives parameterOverrides to a stack set" in result.output


def test_what_makes_tables_out_of_sight_is_told_by_the_advisory_policy(project: Project) -> None:
    project.write(
        "aws.serverlessrepository.CloudFormationStack('application', capabilities=[],\n"
        "    application_id='arn:aws:serverlessrepo:us-east-1:123456789012:applications/orders')\n"
        "aws.servicecatalog.ProvisionedProduct('product', product_name='orders',\n"
        "    provisioning_artifact_name='v1')\n"
    )
    result = project.preview()
    assert result.exit_code == 0, result.output
    assert told(result.output, UNDETERMINED) == {"application", "product"}
    assert told(result.output) == set()


def test_children_of_a_terraform_module(project: Project) -> None:
    project.sandbox.add_echo_provider("orders")
    project.write(
        "class Child(pulumi.CustomResource):\n"
        "    def __init__(self, name, **properties):\n"
        "        super().__init__('orders:tf:aws_dynamodb_table', name, properties,\n"
        "                         pulumi.ResourceOptions(version='0.0.1'))\n"
        "Child('good', server_side_encryption=[{'enabled': True}])\n"
        "Child('bad', hash_key='id')\n"
    )
    result = project.preview()
    assert result.exit_code != 0, result.output
    assert told(result.output) == {"bad"}
    assert "declares no server_side_encryption" in result.output


def test_children_of_a_terraform_module_that_are_views(project: Project) -> None:
    """As pulumi-terraform-module publishes them: with inputs alone."""
    project.sandbox.add_echo_provider("orders")
    project.write(
        "class Child(pulumi.CustomResource):\n"
        "    def __init__(self, kind, name, **properties):\n"
        "        super().__init__(f'orders:{kind}', name, properties,\n"
        "                         pulumi.ResourceOptions(version='0.0.1'))\n"
        "Child('index:Module', 'module')\n"
        "Child('tf:aws_dynamodb_table', 'good', server_side_encryption=[{'enabled': True}])\n"
        "Child('tf:aws_dynamodb_table', 'bad', hash_key='id')\n"
    )
    project.deploy()
    exported = project.run("stack", "export").stdout
    state = json.loads(exported[exported.index("{") :])
    resources = state["deployment"]["resources"]
    module = next(it["urn"] for it in resources if it["type"] == "orders:index:Module")
    for resource in resources:
        if ":tf:" in resource["type"]:
            resource["viewOf"] = module
            resource["outputs"] = {}
    file = project.folder / "state.json"
    file.write_text(json.dumps(state), encoding="utf-8")
    result = project.analyze("--file", str(file))
    assert result.exit_code != 0
    assert told(result.output) == {"bad"}, result.output
    assert told(result.output, UNDETERMINED) == {"good", "bad"}
    assert "the engine shows no stack policy what a Terraform module declares" in result.output
