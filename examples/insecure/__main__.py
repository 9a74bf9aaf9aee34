"""Two tables that are encrypted with an AWS owned key: the policy pack rejects both."""

import pulumi
import pulumi_aws as aws

# Nothing is said of encryption, so DynamoDB takes a key that it owns.
orders = aws.dynamodb.Table(
    "orders",
    attributes=[{"name": "id", "type": "S"}],
    hash_key="id",
    billing_mode="PAY_PER_REQUEST",
)

# Switched off in so many words, which comes to the same.
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
