"""The policies of the pack, in the order in which the engine runs them.

A policy is one file, named as the policy, with `POLICY`.
"""

from pulumi_policy import Policy

from . import (
    dynamodb_deployed_table_kms_encryption,
    dynamodb_table_kms_encryption,
    dynamodb_undetermined_table_kms_encryption,
)

POLICIES: list[Policy] = [
    dynamodb_table_kms_encryption.POLICY,
    dynamodb_deployed_table_kms_encryption.POLICY,
    dynamodb_undetermined_table_kms_encryption.POLICY,
]
