"""Tables that a stack has deployed already: found, mended, drifted, deleted, only read."""

from __future__ import annotations

import json

import pytest

from tests.engine.conftest import Project
from tests.engine.programs import ENABLED, table

POLICY = "dynamodb-deployed-table-kms-encryption"


def reported(output: str) -> set[str]:
    """The names of the tables that `output` says are deployed against the rule."""
    start = f"[mandatory] [severity: high]  {POLICY}  (aws:dynamodb:Table: "
    return {line.split(start)[1].rstrip(")") for line in output.splitlines() if start in line}


@pytest.fixture
def deployed(project: Project) -> Project:
    """A project that deployed two insecure tables and a secure one before the pack existed."""
    project.write(
        table("orders") + table("sessions") + table("secure", server_side_encryption=ENABLED)
    )
    project.deploy()
    return project


def test_what_was_deployed_before_the_pack_existed_is_reported(deployed: Project) -> None:
    result = deployed.preview()
    assert result.exit_code != 0
    assert reported(result.output) == {"orders", "sessions"}
    assert "'orders' is deployed without KMS encryption: it uses an AWS owned key" in result.output


def test_policy_analyze_reports_it_from_the_stack_and_from_a_file(deployed: Project) -> None:
    exported = deployed.folder / "state.json"
    assert deployed.run("stack", "export", "--file", str(exported)).exit_code == 0
    for result in (deployed.analyze("--stack", "dev"), deployed.analyze("--file", str(exported))):
        assert result.exit_code != 0
        assert reported(result.output) == {"orders", "sessions"}


def test_fixing_it_passes(deployed: Project) -> None:
    deployed.write(
        "".join(
            table(name, server_side_encryption=ENABLED) for name in ("orders", "sessions", "secure")
        )
    )
    for result in (deployed.preview(), deployed.up(), deployed.analyze()):
        assert result.exit_code == 0, result.output
        assert POLICY not in result.output
    assert {it["SSEType"] for it in deployed.tables().values()} == {"KMS"}


def test_a_fixed_table_no_longer_hides_or_excuses_the_other(deployed: Project) -> None:
    deployed.write(
        table("orders", server_side_encryption=ENABLED)
        + table("sessions")
        + table("secure", server_side_encryption=ENABLED)
    )
    result = deployed.preview()
    assert result.exit_code != 0
    assert reported(result.output) == {"sessions"}


def test_drift_is_reported_once_the_state_knows_of_it(project: Project) -> None:
    project.write(table("orders", server_side_encryption=ENABLED))
    assert project.up().exit_code == 0
    client = project.sandbox.client("dynamodb")
    (name,) = client.list_tables()["TableNames"]
    client.update_table(TableName=name, SSESpecification={"Enabled": False})
    assert project.analyze().exit_code == 0

    assert project.run("refresh", "--yes").exit_code == 0
    result = project.analyze()
    assert result.exit_code != 0
    assert reported(result.output) == {"orders"}

    # The program still says what is right, and deploying it mends the table.
    result = project.up()
    assert result.exit_code == 0, result.output
    assert project.tables()["orders"]["SSEType"] == "KMS"


def test_a_deleted_table_is_not_reported(deployed: Project) -> None:
    deployed.write(table("secure", server_side_encryption=ENABLED))
    for result in (deployed.preview(), deployed.up(), deployed.analyze()):
        assert result.exit_code == 0, result.output
        assert POLICY not in result.output
    assert set(deployed.tables()) == {"secure"}


def test_a_targeted_update_still_reports_what_it_does_not_touch(deployed: Project) -> None:
    deployed.write(
        table("orders", server_side_encryption=ENABLED)
        + table("sessions")
        + table("secure", server_side_encryption=ENABLED)
    )
    target = "urn:pulumi:dev::project::aws:dynamodb/table:Table::"
    result = deployed.preview("--target", f"{target}orders")
    assert result.exit_code != 0
    assert reported(result.output) == {"sessions"}
    result = deployed.preview("--target", f"{target}secure")
    assert reported(result.output) == {"orders", "sessions"}


def test_a_table_that_is_only_read_is_judged_by_policy_analyze_alone(project: Project) -> None:
    """As the README says of `.get()`: the engine shows reads to no policy during an update."""
    client = project.sandbox.client("dynamodb")
    for name, block in (("insecure", {}), ("secure", {"Enabled": True, "SSEType": "KMS"})):
        more = {"SSESpecification": block} if block else {}
        client.create_table(
            TableName=name,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
            **more,
        )
    project.write(
        "aws.dynamodb.Table.get('insecure', 'insecure')\n"
        "aws.dynamodb.Table.get('secure', 'secure')\n"
    )
    for result in (project.preview(), project.up()):
        assert result.exit_code == 0, result.output
        assert "DynamoDB table" not in result.output
    result = project.analyze()
    assert result.exit_code != 0
    assert reported(result.output) == {"insecure"}
    assert "'secure'" not in result.output


def test_secrets_of_a_state_file_that_stay_encrypted_reject_nothing(project: Project) -> None:
    """The engine replaces them by a string, whatever they were."""
    whole = f"pulumi.Output.secret({ENABLED})"
    arn = "arn:aws:kms:us-east-1:123456789012:alias/aws/dynamodb"
    key = f'{{"enabled": True, "kms_key_arn": pulumi.Output.secret("{arn}")}}'
    project.write(
        table("whole", server_side_encryption=whole)
        + table("key", server_side_encryption=key)
        + table("insecure")
    )
    project.deploy()
    state = project.folder / "state.json"
    assert project.run("stack", "export", "--file", str(state)).exit_code == 0
    result = project.sandbox.pulumi(
        *("policy", "analyze", "--policy-pack", str(project.pack), "--file", str(state)),
        cwd=project.folder,
        env={"PULUMI_CONFIG_PASSPHRASE": "another"},
    )
    assert result.exit_code != 0
    assert reported(result.output) == {"insecure"}
    told = (
        "DynamoDB table 'whole' can't be read from serverSideEncryption: it is a secret of a state"
    )
    assert told in result.output
    assert "'key'" not in result.output
    assert "panic" not in result.output


def test_a_value_that_a_state_does_not_know_is_told_without_a_panic(deployed: Project) -> None:
    state = deployed.folder / "state.json"
    assert deployed.run("stack", "export", "--file", str(state)).exit_code == 0
    content = json.loads(state.read_text(encoding="utf-8"))
    for resource in content["deployment"]["resources"]:
        if resource["urn"].endswith("::orders"):
            unknown = {"enabled": "04da6b54-80e4-46f7-96ec-b56ff0331ba9"}
            resource["outputs"]["serverSideEncryption"] = unknown
    state.write_text(json.dumps(content), encoding="utf-8")
    result = deployed.analyze("--file", str(state))
    assert result.exit_code != 0
    assert "panic" not in result.output
    assert reported(result.output) == {"sessions"}
    assert "'orders' is not known before the update" in result.output


def test_json_output_names_policy_and_resource(deployed: Project) -> None:
    result = deployed.analyze("--json")
    assert result.exit_code != 0
    events = [json.loads(line) for line in result.stdout.splitlines()]
    violations = [event["policyEvent"] for event in events if "policyEvent" in event]
    assert {
        (it["resourceUrn"].rpartition("::")[2], it["enforcementLevel"], it["severity"])
        for it in violations
        if it["policyName"] == POLICY
    } == {("orders", "mandatory", "high"), ("sessions", "mandatory", "high")}


def test_a_setting_that_the_program_declares_and_ignores_counts_for_nothing(
    deployed: Project,
) -> None:
    ignored = 'pulumi.ResourceOptions(ignore_changes=["serverSideEncryption"])'
    deployed.write(
        table("orders", server_side_encryption=ENABLED, opts=ignored)
        + table("sessions", server_side_encryption=ENABLED)
        + table("secure", server_side_encryption=ENABLED)
    )
    for result in (deployed.preview(), deployed.up()):
        assert result.exit_code != 0
        assert "'orders'" in result.output
        assert "'sessions'" not in result.output


def test_a_table_that_is_replaced_by_an_encrypted_one_passes(deployed: Project) -> None:
    program = "".join(
        table(name, server_side_encryption=ENABLED).replace("'id'", "'other'")
        for name in ("orders", "sessions", "secure")
    )
    deployed.write(program)
    for result in (deployed.preview(), deployed.up(), deployed.analyze()):
        assert result.exit_code == 0, result.output
    assert {it["SSEType"] for it in deployed.tables().values()} == {"KMS"}
