"""Encrypt each replica of a global table with a customer managed key in its Region."""

import pulumi_aws as aws

replica_region = "eu-west-1"

key = aws.kms.Key(
    "orders",
    description="Encrypts the orders table",
    enable_key_rotation=True,
)
replica_key = aws.kms.Key(
    "orders-replica",
    description="Encrypts the replica of the orders table",
    enable_key_rotation=True,
    region=replica_region,
)

orders = aws.dynamodb.Table(
    "orders",
    attributes=[{"name": "id", "type": "S"}],
    hash_key="id",
    billing_mode="PAY_PER_REQUEST",
    stream_enabled=True,
    stream_view_type="NEW_AND_OLD_IMAGES",
    server_side_encryption={"enabled": True, "kms_key_arn": key.arn},
    replicas=[{"region_name": replica_region, "kms_key_arn": replica_key.arn}],
)
