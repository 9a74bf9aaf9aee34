"""Previews of tables of every family of resource types."""

from __future__ import annotations

import json

import pytest

from tests.keys import ACCOUNT, OTHER_ACCOUNT, key_arn
from tests.project import DEPLOYED, UNDETERMINED, Project, for_all_policies, reported

KEY = key_arn("us-east-1")


def test_tables_with_replicas_and_separate_replicas(project: Project) -> None:
    project.write(f"""
        options = {{"stream_enabled": True, "stream_view_type": "NEW_AND_OLD_IMAGES",
                    "server_side_encryption": ENABLED}}
        replica = {{"region_name": "eu-west-1"}}
        table("good", replicas=[replica], **options)
        table("bad", replicas=[{{**replica, "kms_key_arn": "{KEY}"}}], **options)
        arn = "arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/orders"
        aws.dynamodb.TableReplica("good-copy", global_table_arn=arn)
        aws.dynamodb.TableReplica("bad-copy", global_table_arn=arn,
                                  kms_key_arn="arn:aws:s3:::orders")
        aws.dynamodb.GlobalTable("old", replicas=[{{"region_name": "us-east-1"}}])
        """)
    result = project.preview()
    assert result.exit_code != 0
    assert reported(result) == {"bad", "bad-copy"}
    assert (
        "has a replica in eu-west-1 that sets replicas[].kmsKeyArn to a key in us-east-1"
        in result.output
    )
    assert (
        "DynamoDB table replica 'bad-copy' sets kmsKeyArn to an ARN of another service"
        in result.output
    )


def test_customer_managed_keys_only(project: Project) -> None:
    project.write(f"""
        table("aws-managed", server_side_encryption=ENABLED)
        key = "{KEY}"
        table("customer-managed", server_side_encryption={{"enabled": True, "kms_key_arn": key}})
        """)
    assert project.preview().exit_code == 0
    strict = for_all_policies(requireCustomerManagedKey=True)
    result = project.preview(*project.config(strict))
    assert result.exit_code != 0
    assert reported(result) == {"aws-managed"}
    assert 'Set `serverSideEncryption: { enabled: true, kmsKeyArn: "KEY" }`' in result.output


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
    project.write(f"""
        unusable = aws.kms.Key("signing", {key})
        usable = aws.kms.Key("usable")
        table("bad", server_side_encryption={{"enabled": True, "kms_key_arn": unusable.arn}})
        table("good", server_side_encryption={{"enabled": True, "kms_key_arn": usable.arn}})
        """)
    result = project.preview()
    assert result.exit_code != 0
    assert reported(result, DEPLOYED) == {"bad"}
    assert reported(result) == set()
    assert f"to the key 'signing', {fault}" in result.output


NATIVE = """
import pulumi_aws_native as native

attributes = [{"attribute_name": "id", "attribute_type": "S"}]
schema = [{"attribute_name": "id", "key_type": "HASH"}]
key = native.kms.Key("key", key_policy={"Statement": []})

# native.dynamodb.Table fails: the SDK can't handle the type of its key_schema, "a list or any".
def native_table(name, **properties):
    pulumi.CustomResource("aws-native:dynamodb:Table", name, {
        "billingMode": "PAY_PER_REQUEST", "arn": None,
        "keySchema": [{"attributeName": "id", "keyType": "HASH"}],
        "attributeDefinitions": [{"attributeName": "id", "attributeType": "S"}], **properties})

native_table("good",
    sseSpecification={"sseEnabled": True, "sseType": "KMS", "kmsMasterKeyId": key.arn})
native_table("bad")
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
    assert reported(result) == {"bad", "bad-global", "bad-extension"}
    assert "set `sseSpecification: { sseEnabled: true }`" in result.output


def test_tables_of_cloud_control(project: Project) -> None:
    project.write("""
        def declare(name, **properties):
            state = {"TableName": name,
                     "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
                     "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
                     "BillingMode": "PAY_PER_REQUEST", **properties}
            aws.cloudcontrol.Resource(name, type_name="AWS::DynamoDB::Table",
                                      desired_state=json.dumps(state))

        declare("good", SSESpecification={"SSEEnabled": True, "SSEType": "KMS"})
        declare("bad")
        """)
    result = project.preview()
    assert result.exit_code != 0
    assert reported(result) == {"bad"}
    assert "'bad' does not set SSESpecification" in result.output


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
    project.write("""
        import pulumi_aws_native as native

        body = open("template.yaml").read()
        off = {"Encrypted": "false"}
        aws.cloudformation.Stack("good", template_body=body)
        aws.cloudformation.Stack("bad", template_body=body, parameters=off)
        aws.cloudformation.StackSet("bad-set", template_body=body, parameters=off)
        native.cloudformation.Stack("good-native", template_body=body)
        native.cloudformation.Stack("bad-native", template_body=body, parameters=off)
        native.cloudformation.StackSet("bad-native-set", permission_model="SELF_MANAGED",
            template_body=body, stack_set_name="set",
            parameters=[{"parameter_key": "Encrypted", "parameter_value": "false"}])
        url = "https://example.s3.amazonaws.com/t.yaml"
        aws.cloudformation.Stack("url", template_url=url)
        """)
    result = project.preview()
    assert result.exit_code != 0
    assert reported(result) == {"bad", "bad-set", "bad-native", "bad-native-set"}
    assert "DynamoDB table 'Depends' in the template of 'bad' sets SSESpecification.SSEEnabled" in (
        result.output
    )
    assert "table 'Good'" not in result.output
    assert reported(result, UNDETERMINED) == {"url"}
    assert "the template is behind a URL (templateUrl)" in result.output


def test_parameter_overrides_of_stack_set_instances(project: Project) -> None:
    (project.folder / "template.yaml").write_text(TEMPLATE, encoding="utf-8")
    project.write(f"""
        import pulumi_aws_native as native

        off = [{{"parameter_key": "Encrypted", "parameter_value": "false"}}]
        on = [{{"parameter_key": "Encrypted", "parameter_value": "true"}}]

        def group(account, **options):
            targets = {{"accounts": [account]}}
            return {{"deployment_targets": targets, "regions": ["us-east-1"], **options}}

        def stack_set(name, parameters, groups):
            native.cloudformation.StackSet(name, permission_model="SELF_MANAGED",
                stack_set_name=name, template_body=open("template.yaml").read(),
                parameters=parameters, stack_instances_group=groups)

        stack_set("good", off, [group("{ACCOUNT}", parameter_overrides=on)])
        stack_set("bad", on,
                  [group("{ACCOUNT}"), group("{OTHER_ACCOUNT}", parameter_overrides=off)])
        overrides = {{"Encrypted": "false"}}
        aws.cloudformation.StackSetInstance("same", stack_set_name="set")
        aws.cloudformation.StackSetInstance("other", stack_set_name="set",
                                            parameter_overrides=overrides)
        aws.cloudformation.StackInstances("others", stack_set_name="set",
                                          parameter_overrides=overrides)
        """)
    result = project.preview()
    assert result.exit_code != 0
    assert reported(result) == {"bad"}
    assert reported(result, UNDETERMINED) == {"other", "others"}
    assert "it sets parameterOverrides for a stack set" in result.output


def test_templates_outside_the_program_are_undetermined(project: Project) -> None:
    application = f"arn:aws:serverlessrepo:us-east-1:{ACCOUNT}:applications/orders"
    project.write(f"""
        aws.serverlessrepository.CloudFormationStack("application", capabilities=[],
            application_id="{application}")
        aws.servicecatalog.ProvisionedProduct("product", product_name="orders",
            provisioning_artifact_name="v1")
        """)
    result = project.preview()
    assert result.exit_code == 0, result.output
    assert reported(result, UNDETERMINED) == {"application", "product"}
    assert reported(result) == set()


MODULE = """
class Child(pulumi.CustomResource):
    def __init__(self, kind, name, **properties):
        options = pulumi.ResourceOptions(version="0.0.1")
        super().__init__(f"orders:{kind}", name, properties, options)

Child("index:Module", "module")
Child("tf:aws_dynamodb_table", "good", server_side_encryption=[{"enabled": True}])
Child("tf:aws_dynamodb_table", "bad", hash_key="id")
"""


@pytest.fixture
def terraform(project: Project) -> Project:
    """A project with a Terraform module that declares two tables."""
    project.sandbox.add_echo_provider("orders")
    project.write(MODULE)
    return project


def test_tables_of_a_terraform_module(terraform: Project) -> None:
    result = terraform.preview()
    assert result.exit_code != 0, result.output
    assert reported(result) == {"bad"}
    assert "does not set server_side_encryption" in result.output


def test_tables_of_a_terraform_module_in_a_state(terraform: Project) -> None:
    """pulumi-terraform-module publishes them as views, with inputs only."""
    terraform.deploy()
    file = terraform.export()
    state = json.loads(file.read_text(encoding="utf-8"))
    resources = state["deployment"]["resources"]
    (module,) = (r["urn"] for r in resources if r["type"] == "orders:index:Module")
    for resource in resources:
        if ":tf:" in resource["type"]:
            resource.update(viewOf=module, outputs={})
    file.write_text(json.dumps(state), encoding="utf-8")
    result = terraform.analyze("--file", str(file))
    assert result.exit_code != 0
    assert reported(result) == {"bad"}, result.output
    assert reported(result, UNDETERMINED) == {"good", "bad"}
    assert (
        "the engine doesn't show the properties of a Terraform module's resources" in result.output
    )
