"""Declare two tables that DynamoDB encrypts with an AWS owned key. The pack rejects both."""

import pulumi
import pulumi_aws as aws

# Without server_side_encryption, DynamoDB uses an AWS owned key.
orders = aws.dynamodb.Table(
    "orders",
    attributes=[{"name": "id", "type": "S"}],
    hash_key="id",
    billing_mode="PAY_PER_REQUEST",
)

# With KMS encryption disabled, DynamoDB also uses an AWS owned key.
sessions = aws.dynamodb.Table(
    "sessions",
    attributes=[{"name": "token", "type": "S"}],
    hash_key="token",
    billing_mode="PAY_PER_REQUEST",
    ttl={"attribute_name": "expires", "enabled": True},
    server_side_encryption={"enabled": False},
)

pulumi.export("orders", orders.name)
pulumi.export("sessions", sessions.name)
