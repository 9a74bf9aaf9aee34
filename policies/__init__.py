"""The policies of the pack, in the order in which the engine runs them.

Each policy is a module with the policy's name and a `POLICY`.
"""

from pulumi_policy import Policy

from . import (
    dynamodb_deployed_table_kms_encryption,
    dynamodb_table_kms_encryption,
    dynamodb_undetermined_table_kms_encryption,
)

POLICIES: list[Policy] = [
    dynamodb_table_kms_encryption.POLICY,
    dynamodb_undetermined_table_kms_encryption.POLICY,
    # Last, because it compares the settings of all policies, and its violations are mandatory.
    dynamodb_deployed_table_kms_encryption.POLICY,
]
