"""The code that messages show, in each syntax."""

from __future__ import annotations

from dataclasses import replace

import pytest

from policies.encryption.spelling import Spelling
from policies.encryption.tables import Encryption, Table
from policies.reporting.code import enabled_code, key_code, setting_code
from policies.routes.pulumi_aws import REPLICA_SPELLING, TABLE_SPELLING
from policies.routes.sse_specification import CAMEL_TABLE, PASCAL_GLOBAL_TABLE, PASCAL_TABLE
from policies.routes.terraform import AWS_HCL, AWS_HCL_REPLICA, AWSCC_HCL, AWSCC_HCL_GLOBAL

TABLE = Table("orders", Encryption(), TABLE_SPELLING)
BLOCK = """\
server_side_encryption {
  enabled = true
  kms_key_arn = "KEY"
}"""


@pytest.mark.parametrize(
    ("spelling", "code", "with_key"),
    [
        (
            TABLE_SPELLING,
            "serverSideEncryption: { enabled: true }",
            'serverSideEncryption: { enabled: true, kmsKeyArn: "KEY" }',
        ),
        (
            CAMEL_TABLE,
            "sseSpecification: { sseEnabled: true }",
            'sseSpecification: { sseEnabled: true, sseType: "KMS", kmsMasterKeyId: "KEY" }',
        ),
        (AWS_HCL, "server_side_encryption { enabled = true }", BLOCK),
        (
            AWSCC_HCL,
            "sse_specification = { sse_enabled = true }",
            'sse_specification = { sse_enabled = true, sse_type = "KMS", kms_master_key_id = "KEY" '
            "}",
        ),
    ],
)
def test_a_setting(spelling: Spelling, code: str, with_key: str) -> None:
    table = replace(TABLE, spelling=spelling)
    assert setting_code(table) == code
    assert setting_code(table, "KEY") == with_key


def test_a_setting_in_json() -> None:
    table = replace(TABLE, spelling=PASCAL_TABLE, json=True)
    assert setting_code(table) == '"SSESpecification": { "SSEEnabled": true }'
    assert setting_code(table, 'K"') == (
        '"SSESpecification": { "SSEEnabled": true, "SSEType": "KMS", "KMSMasterKeyId": "K\\"" }'
    )


@pytest.mark.parametrize(
    ("spelling", "setting", "key"),
    [
        (
            PASCAL_GLOBAL_TABLE,
            'SSESpecification: { SSEEnabled: true, SSEType: "KMS" }',
            'SSESpecification: { KMSMasterKeyId: "KEY" }',
        ),
        (
            AWSCC_HCL_GLOBAL,
            'sse_specification = { sse_enabled = true, sse_type = "KMS" }',
            'sse_specification = { kms_master_key_id = "KEY" }',
        ),
    ],
)
def test_a_global_table_has_its_keys_in_its_replicas(
    spelling: Spelling, setting: str, key: str
) -> None:
    table = replace(TABLE, spelling=spelling)
    assert setting_code(table) == setting
    assert key_code(table, "KEY") == key


@pytest.mark.parametrize(
    ("spelling", "code"),
    [
        (TABLE_SPELLING, 'kmsKeyArn: "KEY"'),
        (REPLICA_SPELLING, 'kmsKeyArn: "KEY"'),
        (AWS_HCL_REPLICA, 'kms_key_arn = "KEY"'),
    ],
)
def test_a_key(spelling: Spelling, code: str) -> None:
    assert key_code(replace(TABLE, spelling=spelling), "KEY") == code


def test_a_setting_with_a_key_is_enabled() -> None:
    assert enabled_code(TABLE) == "`enabled: true`"
    native = replace(TABLE, spelling=CAMEL_TABLE)
    assert enabled_code(native) == '`sseEnabled: true` and `sseType: "KMS"`'
