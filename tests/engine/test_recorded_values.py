"""Tables whose encryption depends on what a provider plans, records, or leaves out."""

from __future__ import annotations

import json

import pytest

from tests.keys import ACCOUNT, key_arn
from tests.project import (
    DECLARED,
    DEPLOYED,
    UNDETERMINED,
    Project,
    for_all_policies,
    reported,
)
from tools.sandbox import Result

CUSTOMER_MANAGED = for_all_policies(requireCustomerManagedKey=True)
TABLE = """
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions: [{ AttributeName: id, AttributeType: S }]
      KeySchema: [{ AttributeName: id, KeyType: HASH }]
      BillingMode: PAY_PER_REQUEST
"""
PLAIN = f"Resources:\n  Orders:{TABLE}"
ENCRYPTED = f"{PLAIN}      SSESpecification: {{ SSEEnabled: true }}\n"


def all_reported(result: Result) -> dict[str, set[str]]:
    """Return the resources that each policy reports, without the policies that report none."""
    names = {policy: reported(result, policy) for policy in (DECLARED, DEPLOYED, UNDETERMINED)}
    return {policy: found for policy, found in names.items() if found}


def assert_silent(result: Result) -> None:
    assert result.exit_code == 0, result.output
    assert "[advisory]" not in result.output, result.output
    assert "[mandatory]" not in result.output, result.output


# --- parameters ---------------------------------------------------------------------------

HIDDEN_KEY = f"""
Parameters:
  Key: {{ Type: String, NoEcho: true }}
{PLAIN}      SSESpecification: {{ SSEEnabled: true, SSEType: KMS, KMSMasterKeyId: !Ref Key }}
"""
HIDDEN_SWITCH = f"""
Parameters:
  Encrypted: {{ Type: String, NoEcho: true }}
{PLAIN}      SSESpecification: {{ SSEEnabled: !Ref Encrypted }}
"""


def test_a_key_in_a_no_echo_parameter_is_accepted(project: Project) -> None:
    (project.folder / "t.yaml").write_text(HIDDEN_KEY, encoding="utf-8")
    project.write("""
        key = aws.kms.Key("key")
        aws.cloudformation.Stack("stack", template_body=open("t.yaml").read(),
                                 parameters={"Key": key.arn})
        """)
    for result in (project.preview(), project.up(), project.preview(), project.analyze()):
        assert_silent(result)
    assert project.state()["stack"]["outputs"]["parameters"] == {"Key": "****"}


def test_a_switch_in_a_no_echo_parameter_is_undetermined(project: Project) -> None:
    (project.folder / "t.yaml").write_text(HIDDEN_SWITCH, encoding="utf-8")
    project.write("""
        aws.cloudformation.Stack("stack", template_body=open("t.yaml").read(),
                                 parameters={"Encrypted": "true"})
        """)
    assert_silent(project.preview())
    # The program's inputs decide.
    assert_silent(project.up())
    result = project.analyze()
    assert result.exit_code == 0, result.output
    assert all_reported(result) == {UNDETERMINED: {"stack"}}


def test_the_defaults_of_an_imported_stack_prove_nothing(project: Project) -> None:
    template = HIDDEN_SWITCH.replace("NoEcho: true", 'Default: "false"')
    off = [{"ParameterKey": "Encrypted", "ParameterValue": "true"}]
    client = project.sandbox.client("cloudformation")
    stack = client.create_stack(StackName="old", TemplateBody=template, Parameters=off)
    command = ("import", "aws:cloudformation/stack:Stack", "old", stack["StackId"])
    project.check(*command, "--yes", "--generate-code=false")
    result = project.analyze()
    # What the program declares is the template with its Defaults.
    assert all_reported(result) == {DECLARED: {"old"}, UNDETERMINED: {"old"}}


# --- templates ----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["Stack", "StackSet"])
@pytest.mark.parametrize(("before", "after"), [(PLAIN, ENCRYPTED), (ENCRYPTED, PLAIN)])
def test_another_template_behind_a_url_is_undetermined(
    project: Project, kind: str, before: str, after: str
) -> None:
    old = project.store_template("old.yaml", before)
    new = project.store_template("new.yaml", after)
    program = f'aws.cloudformation.{kind}("moved", name="moved", template_url="{old}")'
    project.deploy(program)
    project.write(program.replace(old, new))
    preview = project.preview()
    assert preview.exit_code == 0, preview.output
    assert all_reported(preview) == {UNDETERMINED: {"moved"}}
    assert "templateUrl" in preview.output


def test_a_loop_over_tables_is_rejected_by_name(project: Project) -> None:
    template = f"""
Transform: AWS::LanguageExtensions
Resources:
  Fn::ForEach::Tables:
    - Name
    - [Orders, Sessions]
    - Table${{Name}}:{TABLE.replace(chr(10), chr(10) + "    ")}
"""
    (project.folder / "t.yaml").write_text(template, encoding="utf-8")
    project.write('aws.cloudformation.Stack("stack", template_body=open("t.yaml").read())')
    result = project.preview()
    assert result.exit_code != 0
    for name in ("TableOrders", "TableSessions"):
        assert f"'{name}' in the template of 'stack'" in result.output


def test_a_table_that_exists_only_in_some_regions_is_rejected(project: Project) -> None:
    template = f"""
Conditions:
  Primary: !Equals [!Ref AWS::Region, us-east-1]
{PLAIN.replace("Type: AWS::Dyn", "Condition: Primary" + chr(10) + "    Type: AWS::Dyn")}"""
    (project.folder / "t.yaml").write_text(template, encoding="utf-8")
    project.write('aws.cloudformation.StackSet("set", template_body=open("t.yaml").read())')
    result = project.preview()
    assert result.exit_code != 0
    assert all_reported(result) == {DECLARED: {"set"}}
    assert "'Orders' in the template of 'set'" in result.output
    assert "creates it depends on the condition 'Primary', which can't" in result.output


# --- types --------------------------------------------------------------------------------


def test_a_type_that_names_a_table_is_undetermined(project: Project) -> None:
    project.sandbox.add_echo_provider("acme")
    project.write("""
        pulumi.CustomResource("acme:storage/dynamoDbTable:DynamoDbTable", "unread", {"a": 1})
        pulumi.CustomResource("acme:storage/queue:Queue", "unrelated", {"a": 1})

        class Store(pulumi.ComponentResource):
            def __init__(self, name):
                super().__init__("acme:index:DynamoDBTable", name)
                opts = pulumi.ResourceOptions(parent=self)
                table("inner", opts=opts, server_side_encryption=ENABLED)

        Store("store")
        """)
    for result in (project.preview(), project.up(), project.analyze()):
        assert result.exit_code == 0, result.output
        assert all_reported(result) == {UNDETERMINED: {"unread"}}
        assert "acme:storage/dynamoDbTable:DynamoDbTable" in result.output


def test_a_program_without_tables_has_no_messages(project: Project) -> None:
    project.sandbox.add_echo_provider("acme")
    project.write('pulumi.CustomResource("acme:storage/queue:Queue", "unrelated", {"a": 1})')
    assert_silent(project.preview())


def test_tables_of_bridges_under_any_package_name(project: Project) -> None:
    project.sandbox.add_echo_provider("corp")
    project.sandbox.add_echo_provider("awscc")
    project.write("""
        def bridged(token, name, **properties):
            pulumi.CustomResource(token, name, {**properties, "arn": None})

        table_type = "corp:index/dynamodbTable:DynamodbTable"
        bridged(table_type, "good", serverSideEncryption={"enabled": True})
        bridged(table_type, "bad", hashKey="id")
        shape = {"keySchema": [{"attributeName": "id", "keyType": "HASH"}]}
        on = {"sseEnabled": True}
        for kind in ("dynamodbTable:DynamodbTable", "dynamodbGlobalTable:DynamodbGlobalTable"):
            name = kind.partition(":")[2]
            bridged(f"awscc:index/{kind}", f"good-{name}", sseSpecification=on, **shape)
            bridged(f"awscc:index/{kind}", f"bad-{name}", **shape)
        """)
    result = project.preview()
    assert result.exit_code != 0
    bad = {"bad", "bad-DynamodbTable", "bad-DynamodbGlobalTable"}
    assert all_reported(result) == {DECLARED: bad}


def test_tables_of_a_terraform_stack(project: Project) -> None:
    """Pulumi Cloud keeps the state of Terraform, with resources of the package `pulumi`."""
    project.deploy("")
    file = project.export()
    state = json.loads(file.read_text(encoding="utf-8"))
    kind = "pulumi:terraform:aws_dynamodb_table"
    for name, block in (("bad", []), ("good", [{"enabled": True, "kms_key_arn": ""}])):
        outputs = {
            "arn": f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/{name}",
            "name": name,
            "server_side_encryption": block,
        }
        resource = {"urn": f"urn:pulumi:dev::project::{kind}::{name}", "type": kind, "id": name}
        state["deployment"]["resources"].append(
            {**resource, "custom": True, "inputs": {}, "outputs": outputs}
        )
    file.write_text(json.dumps(state), encoding="utf-8")
    result = project.analyze("--file", str(file))
    assert result.exit_code != 0
    # The resource policy runs on inputs, which the state of Terraform doesn't have.
    assert all_reported(result) == {DEPLOYED: {"bad"}}


# --- keys ---------------------------------------------------------------------------------


def test_a_key_that_was_pending_import_is_undetermined_until_a_refresh(project: Project) -> None:
    project.deploy('aws.kms.ExternalKey("key")')
    kms = project.sandbox.client("kms")
    key_id = project.state()["key"]["id"]
    kms.import_key_material(
        KeyId=key_id,
        ImportToken=b"token",
        EncryptedKeyMaterial=b"material",
        ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE",
    )
    project.write("""
        key = aws.kms.ExternalKey("key")
        table("orders", server_side_encryption={"enabled": True, "kms_key_arn": key.arn})
        """)
    for result in (project.preview(), project.up(), project.analyze()):
        assert result.exit_code == 0, result.output
        assert all_reported(result) == {UNDETERMINED: {"orders"}}
        assert "pulumi refresh" in result.output
    project.check("refresh", "--yes", "--skip-preview")
    assert_silent(project.preview())


def test_a_key_that_changes_is_recorded_as_disabled(project: Project) -> None:
    project.deploy('table("orders", name="orders", server_side_encryption=ENABLED)')
    account, client = project.sandbox.account, project.sandbox.client("dynamodb")
    key = project.sandbox.client("kms").create_key()["KeyMetadata"]["Arn"]
    specification = {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key}
    account.hold_key_changes()
    client.update_table(TableName="orders", SSESpecification=specification)
    project.check("refresh", "--yes", "--skip-preview")
    result = project.analyze()
    assert result.exit_code != 0
    assert reported(result, DEPLOYED) == {"orders"}
    assert "run `pulumi refresh`" in result.output

    account.finish_key_changes()
    project.check("refresh", "--yes", "--skip-preview")
    assert_silent(project.analyze())


@pytest.mark.parametrize("variable", ["PULUMI_DISABLE_PROVIDER_PREVIEW", "-"])
def test_a_new_table_is_reported_once(project: Project, variable: str) -> None:
    project.write('table("orders")')
    command = ("preview", "--policy-pack", str(project.pack))
    result = project.run(*command, env={variable: "true"})
    assert result.exit_code != 0
    assert all_reported(result) == {DECLARED: {"orders"}}


def test_an_empty_origin_is_none(project: Project) -> None:
    project.write('table("orders", restore_source_name="")')
    result = project.preview()
    assert all_reported(result) == {DECLARED: {"orders"}}
    assert "restoreSourceName" not in result.output
    project.check("up", "--yes", "--skip-preview")
    assert project.tables() == {"orders": None}


# --- a quiet preview ----------------------------------------------------------------------

OWN_KEY = """
key = aws.kms.Key("key")
table("orders", server_side_encryption={"enabled": True, "kms_key_arn": key.arn})
alias = aws.kms.Alias("alias", target_key_id=key.id)
table("sessions", server_side_encryption={"enabled": True, "kms_key_arn": alias.arn})
"""


def test_a_key_of_the_program_has_no_messages(project: Project) -> None:
    project.write(OWN_KEY)
    option = project.config(CUSTOMER_MANAGED)
    for result in (project.preview(*option), project.up(*option), project.preview(*option)):
        assert_silent(result)


def test_a_new_key_for_a_deployed_table_has_no_messages(project: Project) -> None:
    project.deploy('table("orders", server_side_encryption=ENABLED)')
    project.write("""
        key = aws.kms.Key("key")
        table("orders", server_side_encryption={"enabled": True, "kms_key_arn": key.arn})
        """)
    option = project.config(CUSTOMER_MANAGED)
    for result in (project.preview(*option), project.up(*option)):
        assert_silent(result)


def test_a_key_from_elsewhere_has_one_message(project: Project) -> None:
    project.write(f"""
        arn = aws.sqs.Queue("queue").arn.apply(lambda _: "{key_arn("us-east-1")}")
        table("orders", server_side_encryption={{"enabled": True, "kms_key_arn": arn}})
        """)
    result = project.preview(*project.config(CUSTOMER_MANAGED))
    assert result.exit_code == 0, result.output
    assert all_reported(result) == {UNDETERMINED: {"orders"}}
    assert result.output.count("[advisory]") == 1, result.output
