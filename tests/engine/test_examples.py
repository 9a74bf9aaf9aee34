"""The examples on the real engine: the README's claims, read as a user reads them."""

from __future__ import annotations

from collections.abc import Callable

from tests.engine.conftest import Project

ORDERS = (
    "DynamoDB table 'orders' declares no serverSideEncryption, and DynamoDB's default is an AWS "
    "owned key, which nobody in your account can see, audit, restrict or revoke."
)
SESSIONS = (
    "DynamoDB table 'sessions' sets serverSideEncryption.enabled to false, so it is encrypted with "
    "an AWS owned key, which nobody in your account can see, audit, restrict or revoke."
)
REMEDY = (
    "Write `serverSideEncryption: { enabled: true }` to use the AWS managed key aws/dynamodb, and "
    "add kmsKeyArn to use a customer managed key."
)


def test_the_insecure_example_is_rejected_by_preview(example: Callable[[str], Project]) -> None:
    result = example("insecure").preview()
    assert result.exit_code != 0
    assert result.output.count("[mandatory] [severity: high]  dynamodb-table-kms-encryption") == 2
    assert ORDERS in result.output
    assert SESSIONS in result.output
    assert result.output.count(REMEDY) == 2
    # A table that is still to be created is told of once.
    assert "dynamodb-deployed-table-kms-encryption" not in result.output


def test_the_insecure_example_creates_nothing(example: Callable[[str], Project]) -> None:
    project = example("insecure")
    result = project.up()
    assert result.exit_code != 0
    assert ORDERS in result.output
    assert SESSIONS in result.output
    assert project.tables() == {}
    # An update that was not previewed stops at the first rejection, of whichever table.
    result = project.up("--skip-preview")
    assert result.exit_code != 0
    assert ORDERS in result.output or SESSIONS in result.output
    assert project.tables() == {}


def test_the_secure_example_is_accepted_without_a_word(example: Callable[[str], Project]) -> None:
    project = example("secure")
    for result in (project.preview(), project.up(), project.preview(), project.analyze()):
        assert result.exit_code == 0, result.output
        for noise in ("[mandatory]", "[advisory]", "can't run policy", "warning", "error"):
            assert noise not in result.output
    tables = project.tables()
    assert {name: it["SSEType"] for name, it in tables.items()} == {
        "orders": "KMS",
        "sessions": "KMS",
    }
    kms = project.sandbox.client("kms")
    managers = {
        name: kms.describe_key(KeyId=it["KMSMasterKeyArn"])["KeyMetadata"]["KeyManager"]
        for name, it in tables.items()
    }
    assert managers == {"orders": "CUSTOMER", "sessions": "AWS"}
    key = tables["orders"]["KMSMasterKeyArn"]
    assert kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"] is True
