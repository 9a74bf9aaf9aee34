"""The paths and the code that messages show for each way to spell the properties."""

from __future__ import annotations

import pytest

from policies.encryption.spelling import Spelling
from policies.routes.terraform import AWS_HCL, AWS_HCL_REPLICA, AWSCC_HCL, AWSCC_HCL_GLOBAL

TABLE = Spelling(block="encryption", enabled="enabled", key="keyArn", replicas="replicas")
TYPED = Spelling(block="SSE", enabled="Enabled", key="KeyId", sse_type="Type", origins=("Import",))
GLOBAL = Spelling(
    block="SSE",
    enabled="Enabled",
    key="KeyId",
    sse_type="Type",
    replicas="Replicas",
    replica_block="SSE",
)
REPLICA = Spelling(key="keyArn")


@pytest.mark.parametrize(
    ("spelling", "code", "code_with_key"),
    [
        (
            TABLE,
            "encryption: { enabled: true }",
            "encryption: { enabled: true, keyArn: KEY }",
        ),
        (
            TYPED,
            "SSE: { Enabled: true }",
            'SSE: { Enabled: true, Type: "KMS", KeyId: KEY }',
        ),
        (
            GLOBAL,
            'SSE: { Enabled: true, Type: "KMS" }',
            'SSE: { Enabled: true, Type: "KMS" }, Replicas: [{ …, SSE: { KeyId: KEY } }]',
        ),
        (REPLICA, "keyArn: KEY", "keyArn: KEY"),
        (
            AWS_HCL,
            "server_side_encryption { enabled = true }",
            "server_side_encryption { … }` with the lines `enabled = true` and `kms_key_arn = KEY",
        ),
        (AWS_HCL_REPLICA, "kms_key_arn = KEY", "kms_key_arn = KEY"),
        (
            AWSCC_HCL,
            "sse_specification = { sse_enabled = true }",
            'sse_specification = { sse_enabled = true, sse_type = "KMS", kms_master_key_id = KEY }',
        ),
        (
            AWSCC_HCL_GLOBAL,
            'sse_specification = { sse_enabled = true, sse_type = "KMS" }',
            'sse_specification = { sse_enabled = true, sse_type = "KMS" }, replicas = [{ …, '
            "sse_specification = { kms_master_key_id = KEY } }]",
        ),
    ],
)
def test_code_is_the_shortest_that_complies(
    spelling: Spelling, code: str, code_with_key: str
) -> None:
    assert spelling.code() == code
    assert spelling.code(with_key=True) == code_with_key


@pytest.mark.parametrize(
    ("spelling", "key", "replica_key", "key_to_add"),
    [
        (TABLE, "encryption.keyArn", "replicas[].keyArn", "keyArn"),
        (TYPED, "SSE.KeyId", "KeyId", "KeyId"),
        (GLOBAL, "Replicas[].SSE.KeyId", "Replicas[].SSE.KeyId", "Replicas[].SSE.KeyId"),
        (REPLICA, "keyArn", "keyArn", "keyArn"),
    ],
)
def test_each_key_has_a_path(
    spelling: Spelling, key: str, replica_key: str, key_to_add: str
) -> None:
    assert spelling.key_path == key
    assert spelling.replica_key_path == replica_key
    assert spelling.key_to_add == key_to_add


def test_only_the_properties_that_decide_are_read() -> None:
    assert TABLE.table_properties == ("encryption", "replicas")
    assert TYPED.table_properties == ("SSE", "Import")
    assert TYPED.enabled_path == "SSE.Enabled"
    assert TYPED.sse_type_path == "SSE.Type"
