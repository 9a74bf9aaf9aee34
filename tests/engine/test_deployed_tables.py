"""The tables that a stack has deployed: reported, fixed, deleted, read."""

from __future__ import annotations

import json

import pytest

from tests.project import DECLARED, DEPLOYED, Project, reported

ALL_ENCRYPTED = """
for name in ("orders", "sessions", "secure"):
    table(name, server_side_encryption=ENABLED)
"""
ONE_FIXED = """
table("orders", server_side_encryption=ENABLED)
table("sessions")
table("secure", server_side_encryption=ENABLED)
"""


@pytest.fixture
def deployed(project: Project) -> Project:
    """A project that deployed two insecure tables and a secure table without the pack."""
    project.deploy("""
        table("orders")
        table("sessions")
        table("secure", server_side_encryption=ENABLED)
        """)
    return project


def test_reports_tables_that_were_deployed_without_the_pack(deployed: Project) -> None:
    result = deployed.preview()
    assert result.exit_code != 0
    assert reported(result, DEPLOYED) == {"orders", "sessions"}
    assert f"'orders': {DECLARED} reports this, with the change to make." in result.output


def test_policy_analyze_reads_the_stack_or_a_file(deployed: Project) -> None:
    file = str(deployed.export())
    for result in (deployed.analyze("--stack", "dev"), deployed.analyze("--file", file)):
        assert result.exit_code != 0
        assert reported(result, DEPLOYED) == {"orders", "sessions"}


def test_accepts_the_fix(deployed: Project) -> None:
    deployed.write(ALL_ENCRYPTED)
    for result in (deployed.preview(), deployed.up(), deployed.analyze()):
        assert result.exit_code == 0, result.output
        assert DEPLOYED not in result.output
    assert {table["SSEType"] for table in deployed.tables().values()} == {"KMS"}


def test_reports_the_table_that_is_not_fixed(deployed: Project) -> None:
    deployed.write(ONE_FIXED)
    result = deployed.preview()
    assert result.exit_code != 0
    assert reported(result, DEPLOYED) == {"sessions"}


def test_does_not_report_a_deleted_table(deployed: Project) -> None:
    deployed.write('table("secure", server_side_encryption=ENABLED)')
    for result in (deployed.preview(), deployed.up(), deployed.analyze()):
        assert result.exit_code == 0, result.output
        assert DEPLOYED not in result.output
    assert set(deployed.tables()) == {"secure"}


def test_a_targeted_update_reports_the_other_tables(deployed: Project) -> None:
    deployed.write(ONE_FIXED)
    target = "urn:pulumi:dev::project::aws:dynamodb/table:Table::"
    result = deployed.preview("--target", f"{target}orders")
    assert result.exit_code != 0
    assert reported(result, DEPLOYED) == {"sessions"}
    result = deployed.preview("--target", f"{target}secure")
    assert reported(result, DEPLOYED) == {"orders", "sessions"}


def test_only_policy_analyze_checks_a_table_that_is_read(project: Project) -> None:
    """The engine shows reads (`.get()`) to no policy during an update."""
    client = project.sandbox.client("dynamodb")
    for name, specification in (
        ("insecure", {}),
        ("secure", {"SSESpecification": {"Enabled": True, "SSEType": "KMS"}}),
    ):
        client.create_table(
            TableName=name,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
            **specification,
        )
    project.write("""
        aws.dynamodb.Table.get("insecure", "insecure")
        aws.dynamodb.Table.get("secure", "secure")
        """)
    for result in (project.preview(), project.up()):
        assert result.exit_code == 0, result.output
        assert "DynamoDB table" not in result.output
    result = project.analyze()
    assert result.exit_code != 0
    assert reported(result, DEPLOYED) == {"insecure"}
    assert "'secure'" not in result.output


def test_secrets_of_a_state_that_can_not_be_decrypted_reject_nothing(project: Project) -> None:
    """The engine replaces each secret by a string, also if it is an object."""
    project.deploy("""
        alias = pulumi.Output.secret("arn:aws:kms:us-east-1:123456789012:alias/aws/dynamodb")
        table("whole", server_side_encryption=pulumi.Output.secret(ENABLED))
        table("key", server_side_encryption={"enabled": True, "kms_key_arn": alias})
        table("insecure")
        """)
    wrong_passphrase = {"PULUMI_CONFIG_PASSPHRASE": "another"}
    result = project.analyze("--file", str(project.export()), env=wrong_passphrase)
    assert result.exit_code != 0
    assert reported(result, DEPLOYED) == {"insecure"}
    assert (
        "DynamoDB table 'whole' can't be determined from serverSideEncryption: the value is a "
        "secret of a state"
    ) in result.output
    assert "'key'" not in result.output
    assert "panic" not in result.output


def test_an_unknown_value_in_a_state_is_undetermined(deployed: Project) -> None:
    file = deployed.export()
    state = json.loads(file.read_text(encoding="utf-8"))
    for resource in state["deployment"]["resources"]:
        if resource["urn"].endswith("::orders"):
            unknown = {"enabled": "04da6b54-80e4-46f7-96ec-b56ff0331ba9"}
            resource["outputs"]["serverSideEncryption"] = unknown
    file.write_text(json.dumps(state), encoding="utf-8")
    result = deployed.analyze("--file", str(file))
    assert result.exit_code != 0
    assert "panic" not in result.output
    assert reported(result, DEPLOYED) == {"sessions"}
    assert "'orders' is not known until the update" in result.output


def test_json_output_names_the_policy_and_the_resource(deployed: Project) -> None:
    result = deployed.analyze("--json")
    assert result.exit_code != 0
    events = [json.loads(line) for line in result.stdout.splitlines()]
    violations = [event["policyEvent"] for event in events if "policyEvent" in event]
    assert {
        (event["resourceUrn"].rpartition("::")[2], event["enforcementLevel"], event["severity"])
        for event in violations
        if event["policyName"] == DEPLOYED
    } == {("orders", "mandatory", "high"), ("sessions", "mandatory", "high")}


def test_ignore_changes_keeps_a_table_reported(deployed: Project) -> None:
    deployed.write("""
        ignored = pulumi.ResourceOptions(ignore_changes=["serverSideEncryption"])
        table("orders", server_side_encryption=ENABLED, opts=ignored)
        table("sessions", server_side_encryption=ENABLED)
        table("secure", server_side_encryption=ENABLED)
        """)
    for result in (deployed.preview(), deployed.up()):
        assert result.exit_code != 0
        assert "'orders'" in result.output
        assert "'sessions'" not in result.output


def test_accepts_the_replacement_by_an_encrypted_table(deployed: Project) -> None:
    deployed.write(ALL_ENCRYPTED.replace("(name,", '(name, hash_key="other",'))
    for result in (deployed.preview(), deployed.up(), deployed.analyze()):
        assert result.exit_code == 0, result.output
    assert {table["SSEType"] for table in deployed.tables().values()} == {"KMS"}
