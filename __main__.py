"""The policy pack's entry point. Building the pack serves it to the engine until it is stopped."""

from pulumi_policy import PolicyPack

from policies import POLICIES
from policies.project import readme, repository

PolicyPack(
    name="dynamodb-kms-encryption",
    display_name="DynamoDB encryption at rest with AWS KMS",
    description="Amazon DynamoDB tables must be encrypted at rest with an AWS KMS key.",
    readme=readme(),
    repository=repository(),
    provider="aws",
    tags=["aws", "dynamodb", "kms", "encryption-at-rest"],
    policies=POLICIES,
)
