"""What the providers record of parameters, templates behind URLs, keys and changes in progress."""

from __future__ import annotations

import json
import textwrap
from typing import Any

import pytest

from tests.project import Project
from tools.harness import UNKNOWN

TEMPLATE = """
Parameters:
  Secret: { Type: String, NoEcho: true }
  Default: { Type: String, Default: small }
  Hidden: { Type: String, NoEcho: 'true', Default: x }
Resources:
  Key: { Type: AWS::KMS::Key }
"""


def outputs(project: Project, name: str) -> dict[str, Any]:
    state: dict[str, Any] = project.state()[name]["outputs"]
    return state


def planned(project: Project, program: str, name: str) -> dict[str, Any]:
    step: dict[str, Any] = project.planned(program)[name]["new"]["outputs"]
    return step


STACK = """
aws.cloudformation.Stack("stack", name="stack", template_body=open("t.yaml").read(),
                         parameters={"Secret": "hunter2"}, tags={"team": "TEAM"})
"""


def test_parameters_of_a_stack(project: Project) -> None:
    (project.folder / "t.yaml").write_text(TEMPLATE, encoding="utf-8")
    program = STACK.replace("TEAM", "a")
    first = project.deployed(program)["stack"]
    assert first["outputs"]["parameters"] == {"Secret": "****"}
    # The provider compares **** with the program's value, so each update changes the stack.
    plan = planned(project, program, "stack")
    assert (plan["parameters"], plan["outputs"]) == ({"Secret": "hunter2"}, UNKNOWN)

    project.deploy(f'aws.cloudformation.Stack.get("read", "{first["id"]}")')
    assert outputs(project, "read")["parameters"] == {}


def test_an_imported_stack_has_no_parameters(project: Project) -> None:
    client = project.sandbox.client("cloudformation")
    secret = [{"ParameterKey": "Secret", "ParameterValue": "hunter2"}]
    made = client.create_stack(StackName="old", TemplateBody=TEMPLATE, Parameters=secret)
    command = ("import", "aws:cloudformation/stack:Stack", "old", made["StackId"])
    project.check(*command, "--yes", "--generate-code=false")
    assert outputs(project, "old")["parameters"] == {}


@pytest.mark.parametrize("change", ["team", "url"])
def test_any_change_of_a_stack_makes_its_outputs_unknown(project: Project, change: str) -> None:
    small = '{"Resources": {"Key": {"Type": "AWS::KMS::Key"}}}'
    first = project.store_template("first.json", small)
    second = project.store_template("second.json", small.replace("Key", "Other", 1))
    program = f"""
        aws.cloudformation.Stack("stack", template_url="{first}", tags={{"team": "a"}})
        """
    before = project.deployed(program)["stack"]["outputs"]
    assert "Key" in before["templateBody"]
    assert planned(project, program, "stack")["outputs"] == before["outputs"]
    program = program.replace('"a"', '"b"') if change == "team" else program.replace(first, second)
    plan = planned(project, program, "stack")
    assert plan["outputs"] == UNKNOWN
    assert plan["templateBody"] == before["templateBody"]
    after = project.deployed(program)["stack"]["outputs"]
    assert (after["templateBody"] != before["templateBody"]) is (change == "url")


def test_a_stack_set_records_the_template_of_a_url(project: Project) -> None:
    first = project.store_template("first.yaml", TEMPLATE)
    second = project.store_template("second.yaml", "Resources: { A: { Type: A::B::C } }")
    program = textwrap.dedent(f"""
        aws.cloudformation.StackSet("set", name="set", template_url="{first}",
                                    parameters={{"Secret": "hunter2"}})
        """)
    before = project.deployed(program)["set"]["outputs"]
    assert before["templateBody"] == TEMPLATE
    assert before["parameters"] == {"Secret": "****", "Default": "small", "Hidden": "****"}

    program = program.replace(first, second)
    plan = planned(project, program, "set")
    assert plan["templateUrl"] == second
    for prop in ("templateBody", "stackSetId", "arn"):
        assert plan[prop] == before[prop], prop
    after = project.deployed(program)["set"]["outputs"]
    assert (after["templateBody"], after["parameters"]) == (
        "Resources: { A: { Type: A::B::C } }",
        {},
    )


def test_a_refresh_finds_imported_key_material(project: Project) -> None:
    key = project.deployed('aws.kms.ExternalKey("key")')["key"]
    assert (key["outputs"]["enabled"], key["outputs"]["keyState"]) == (False, "PendingImport")
    kms = project.sandbox.client("kms")
    with pytest.raises(kms.exceptions.KMSInvalidStateException, match="is pending import"):
        kms.enable_key(KeyId=key["id"])
    parameters = kms.get_parameters_for_import(
        KeyId=key["id"], WrappingAlgorithm="RSAES_OAEP_SHA_256", WrappingKeySpec="RSA_2048"
    )
    kms.import_key_material(
        KeyId=key["id"],
        ImportToken=parameters["ImportToken"],
        EncryptedKeyMaterial=b"material",
        ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE",
    )
    # An update without a change of the key keeps what the provider recorded before.
    project.check("up", "--yes", "--skip-preview")
    assert outputs(project, "key")["keyState"] == "PendingImport"
    project.check("refresh", "--yes", "--skip-preview")
    refreshed = outputs(project, "key")
    assert (refreshed["enabled"], refreshed["keyState"]) == (True, "Enabled")
    assert refreshed["expirationModel"] == "KEY_MATERIAL_DOES_NOT_EXPIRE"


def test_a_table_is_recorded_as_disabled_while_its_key_changes(project: Project) -> None:
    project.deploy('table("orders", name="orders", server_side_encryption=ENABLED)')
    client = project.sandbox.client("dynamodb")
    key = project.sandbox.client("kms").create_key()["KeyMetadata"]["Arn"]
    specification = {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key}
    account = project.sandbox.account
    account.hold_key_changes()
    client.update_table(TableName="orders", SSESpecification=specification)
    description = client.describe_table(TableName="orders")["Table"]["SSEDescription"]
    assert (description["Status"], description["KMSMasterKeyArn"]) == ("UPDATING", key)
    project.check("refresh", "--yes", "--skip-preview")
    assert outputs(project, "orders")["serverSideEncryption"] == {
        "enabled": False,
        "kmsKeyArn": key,
    }

    account.finish_key_changes()
    project.check("refresh", "--yes", "--skip-preview")
    assert outputs(project, "orders")["serverSideEncryption"] == {"enabled": True, "kmsKeyArn": key}


def test_a_preview_without_the_provider_has_the_inputs(project: Project) -> None:
    """The engine itself returns them, see Create in provider_plugin.go of pulumi/pulumi."""
    project.write('table("orders", server_side_encryption=ENABLED)')
    env = {"PULUMI_ENABLE_STREAMING_JSON_PREVIEW": "true", "PULUMI_DISABLE_PROVIDER_PREVIEW": "1"}
    result = project.run("preview", "--json", env=env)
    assert result.exit_code == 0, result.output
    events = [json.loads(line) for line in result.stdout.splitlines()]
    steps = [event["resOutputsEvent"]["metadata"] for event in events if "resOutputsEvent" in event]
    (table,) = (step["new"]["outputs"] for step in steps if step["urn"].endswith("::orders"))
    assert "arn" not in table
    assert table["serverSideEncryption"]["enabled"] is True
