"""The organization to audit shows what its list of tables says."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from botocore.exceptions import ClientError

from audit.results import KeyType
from tools.sandbox.account import Account, Credentials
from tools.sandbox.account.population import (
    PopulatedOrganization,
    TableThatExists,
    populate,
)


@pytest.fixture(scope="module")
def organization(sandbox_account: Account) -> PopulatedOrganization:
    sandbox_account.reset()
    return populate(sandbox_account)


def credentials(account: Account, organization: PopulatedOrganization, owner: str) -> Credentials:
    """Return the credentials with which an audit reads an account."""
    if owner == organization.management:
        return account.credentials()
    keys = account.client("sts").assume_role(
        RoleArn=f"arn:aws:iam::{owner}:role/{organization.role}",
        RoleSessionName="audit",
        ExternalId=organization.external_id,
    )["Credentials"]
    return Credentials(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])


def shown(kms: Any, owner: str, region: str, table: Any) -> TableThatExists:
    """Return what AWS shows of a table."""
    sse = table.get("SSEDescription", {})
    arn = sse.get("KMSMasterKeyArn")
    state = error = None
    key_type = KeyType.CUSTOMER_MANAGED if arn else KeyType.AWS_OWNED
    if arn:
        try:
            key = kms.describe_key(KeyId=arn)["KeyMetadata"]
        except ClientError as failed:
            error = failed.response["Error"]["Code"]
        else:
            state = key["KeyState"]
            if key["KeyManager"] == "AWS":
                key_type = KeyType.AWS_MANAGED
    return TableThatExists(
        account=owner,
        region=region,
        name=table["TableName"],
        key_type=key_type,
        key_arn=arn,
        key_state=state,
        key_error=error,
        table_status=table["TableStatus"],
        sse_status=sse.get("Status"),
    )


def test_an_audit_sees_the_tables_of_the_list(
    sandbox_account: Account, organization: PopulatedOrganization
) -> None:
    seen = []
    for owner in sorted(organization.accounts):
        keys = credentials(sandbox_account, organization, owner)
        for region in sorted(organization.regions):
            dynamodb = sandbox_account.client_of(keys, "dynamodb", region)
            kms = sandbox_account.client_of(keys, "kms", region)
            for name in dynamodb.list_tables()["TableNames"]:
                table = dynamodb.describe_table(TableName=name)["Table"]
                seen.append(shown(kms, owner, region, table))
    assert tuple(seen) == organization.tables


def test_the_list_has_each_type_and_state_of_key(organization: PopulatedOrganization) -> None:
    tables = organization.tables
    assert {table.key_type for table in tables} == set(KeyType)
    assert {table.key_state for table in tables} == {
        None, "Enabled", "Disabled", "PendingDeletion", "PendingImport", "Unavailable", "Creating",
        "Updating", "PendingReplicaDeletion",
    }  # fmt: skip
    assert {table.key_error for table in tables} == {
        None, "NotFoundException", "AccessDeniedException",
    }  # fmt: skip
    assert {table.table_status for table in tables} == {
        "ACTIVE", "UPDATING", "INACCESSIBLE_ENCRYPTION_CREDENTIALS", "ARCHIVED",
    }  # fmt: skip
    assert {table.sse_status for table in tables} == {
        None, "ENABLED", "ENABLING", "UPDATING", "DISABLING",
    }  # fmt: skip
    assert Counter(table.name for table in tables)["customers-global"] == 3
    assert {(table.account, table.region) for table in tables} == {
        (owner, region) for owner in organization.accounts for region in organization.regions
    }


def test_the_organization_has_a_suspended_account(
    sandbox_account: Account, organization: PopulatedOrganization
) -> None:
    client = sandbox_account.client("organizations")
    statuses = {entry["Id"]: entry["Status"] for entry in client.list_accounts()["Accounts"]}
    assert statuses == {
        **dict.fromkeys(organization.accounts, "ACTIVE"),
        organization.suspended: "SUSPENDED",
    }
