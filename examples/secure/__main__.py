"""Declare two tables that are encrypted with KMS keys. The pack accepts both."""

import json

import pulumi
import pulumi_aws as aws

# The AWS managed key aws/dynamodb is in your account. CloudTrail logs its use.
sessions = aws.dynamodb.Table(
    "sessions",
    attributes=[{"name": "token", "type": "S"}],
    hash_key="token",
    billing_mode="PAY_PER_REQUEST",
    ttl={"attribute_name": "expires", "enabled": True},
    server_side_encryption={"enabled": True},
)

# With a customer managed key, you also control who can use it, and you can disable it.
account = aws.get_caller_identity().account_id
region = aws.get_region().region
key = aws.kms.Key(
    "orders",
    description="Encrypts the orders table",
    enable_key_rotation=True,
    deletion_window_in_days=30,
    policy=json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "Allow the account to administer the key",
                    "Effect": "Allow",
                    "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
                    "Action": "kms:*",
                    "Resource": "*",
                },
                {
                    "Sid": "Allow its principals to use the key only through DynamoDB",
                    "Effect": "Allow",
                    "Principal": {"AWS": "*"},
                    "Action": [
                        "kms:CreateGrant",
                        "kms:Decrypt",
                        "kms:DescribeKey",
                        "kms:Encrypt",
                        "kms:GenerateDataKey*",
                        "kms:ReEncrypt*",
                    ],
                    "Resource": "*",
                    "Condition": {
                        "StringEquals": {
                            "kms:CallerAccount": account,
                            "kms:ViaService": f"dynamodb.{region}.amazonaws.com",
                        }
                    },
                },
            ],
        }
    ),
)
aws.kms.Alias("orders", name="alias/orders", target_key_id=key.key_id)

orders = aws.dynamodb.Table(
    "orders",
    attributes=[{"name": "id", "type": "S"}],
    hash_key="id",
    billing_mode="PAY_PER_REQUEST",
    point_in_time_recovery={"enabled": True},
    server_side_encryption={"enabled": True, "kms_key_arn": key.arn},
)

pulumi.export("orders", orders.name)
pulumi.export("sessions", sessions.name)
