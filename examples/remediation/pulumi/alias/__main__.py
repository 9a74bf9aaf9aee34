"""Encrypt a table with the customer managed key behind an alias."""

import pulumi_aws as aws

alias = aws.kms.get_alias(name="alias/orders")

orders = aws.dynamodb.Table(
    "orders",
    attributes=[{"name": "id", "type": "S"}],
    hash_key="id",
    billing_mode="PAY_PER_REQUEST",
    server_side_encryption={"enabled": True, "kms_key_arn": alias.target_key_arn},
)
