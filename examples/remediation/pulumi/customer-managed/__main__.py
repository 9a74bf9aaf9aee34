"""Encrypt a table with a customer managed key."""

import pulumi_aws as aws

key = aws.kms.Key(
    "orders",
    description="Encrypts the orders table",
    enable_key_rotation=True,
)

orders = aws.dynamodb.Table(
    "orders",
    attributes=[{"name": "id", "type": "S"}],
    hash_key="id",
    billing_mode="PAY_PER_REQUEST",
    server_side_encryption={"enabled": True, "kms_key_arn": key.arn},
)
