"""The examples, in previews and updates."""

from __future__ import annotations

from collections.abc import Callable

from tests.project import DEPLOYED, Project, reported

ORDERS = (
    "DynamoDB table 'orders' does not set serverSideEncryption, so DynamoDB encrypts a new "
    "table with an AWS owned key, which you can't view, audit, restrict, or revoke."
)
SESSIONS = (
    "DynamoDB table 'sessions' sets serverSideEncryption.enabled to false, so DynamoDB encrypts it "
    "with an AWS owned key, which you can't view, audit, restrict, or revoke."
)
FIX = "To use the AWS managed key aws/dynamodb, set `serverSideEncryption: { enabled: true }`."


def test_a_preview_rejects_the_insecure_example(example: Callable[[str], Project]) -> None:
    result = example("insecure").preview()
    assert result.exit_code != 0
    assert reported(result) == {"orders", "sessions"}
    assert ORDERS in result.output
    assert SESSIONS in result.output
    assert result.output.count(FIX) == 2
    # A new table is reported by one policy only.
    assert DEPLOYED not in result.output


def test_an_update_of_the_insecure_example_creates_nothing(
    example: Callable[[str], Project],
) -> None:
    project = example("insecure")
    result = project.up()
    assert result.exit_code != 0
    assert ORDERS in result.output
    assert SESSIONS in result.output
    assert project.tables() == {}
    # Without a preview, an update stops at the first table that is rejected.
    result = project.up("--skip-preview")
    assert result.exit_code != 0
    assert ORDERS in result.output or SESSIONS in result.output
    assert project.tables() == {}


def test_the_secure_example_is_accepted_without_warnings(example: Callable[[str], Project]) -> None:
    project = example("secure")
    for result in (project.preview(), project.up(), project.preview(), project.analyze()):
        assert result.exit_code == 0, result.output
        for noise in ("[mandatory]", "[advisory]", "can't run policy", "warning", "error"):
            assert noise not in result.output
    tables = project.tables()
    assert {name: table["SSEType"] for name, table in tables.items()} == {
        "orders": "KMS",
        "sessions": "KMS",
    }
    kms = project.sandbox.client("kms")
    managers = {
        name: kms.describe_key(KeyId=table["KMSMasterKeyArn"])["KeyMetadata"]["KeyManager"]
        for name, table in tables.items()
    }
    assert managers == {"orders": "CUSTOMER", "sessions": "AWS"}
    key = tables["orders"]["KMSMasterKeyArn"]
    assert kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"] is True
