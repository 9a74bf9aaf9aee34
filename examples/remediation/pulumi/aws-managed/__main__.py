"""Encrypt a table with the AWS managed key aws/dynamodb."""

import pulumi_aws as aws

orders = aws.dynamodb.Table(
    "orders",
    attributes=[{"name": "id", "type": "S"}],
    hash_key="id",
    billing_mode="PAY_PER_REQUEST",
    server_side_encryption={"enabled": True},
)
