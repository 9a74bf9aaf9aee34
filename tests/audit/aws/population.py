"""Fill the pretend account with tables whose verdict is known."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from enum import Enum
from typing import Any

from tests.audit.contract import Table
from tools.sandbox.account import DEFAULT_ACCOUNT, Account

ROLE = "Audit"
EXTERNAL_ID = "8f3b2c1d"
REGIONS = ("eu-central-1", "eu-west-1", "us-east-1")


class Kind(Enum):
    """What encrypts a table."""

    OWNED = "the AWS owned key"
    MANAGED = "the AWS managed key"
    CUSTOMER = "a customer managed key"
    DISABLED = "a key that is disabled"
    DELETED = "a key that is scheduled for deletion"
    UPDATING = "a key that AWS updates"

    @property
    def complies(self) -> bool:
        """Whether such a table complies."""
        return self in (Kind.MANAGED, Kind.CUSTOMER, Kind.UPDATING)


def limit_regions(
    account: Account, regions: Collection[str] = REGIONS, owner: str = DEFAULT_ACCOUNT
) -> None:
    """Let an account enable only some Regions."""
    pages = account.client("account", account=owner).get_paginator("list_regions").paginate()
    known = [each["RegionName"] for page in pages for each in page["Regions"]]
    account.set_regions(
        {name: "ENABLED" if name in regions else "DISABLED" for name in known}, owner
    )


def add_tables(
    account: Account,
    kind: Kind,
    count: int = 1,
    region: str = "us-east-1",
    owner: str = DEFAULT_ACCOUNT,
) -> list[Table]:
    """Create tables, which are named after their kind, and return them."""
    sse: dict[str, Any] | None = None
    if kind is Kind.MANAGED:
        sse = {"Enabled": True}
    elif kind is not Kind.OWNED:
        kms = account.client("kms", region, owner)
        key = kms.create_key()["KeyMetadata"]["Arn"]
        sse = {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key}
    names = account.create_tables(f"{kind.name.lower()}-", count, region, owner, sse)
    if kind is Kind.DISABLED:
        kms.disable_key(KeyId=key)
    elif kind is Kind.DELETED:
        kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    elif kind is Kind.UPDATING:
        account.set_key_state(key, "Updating", region, owner)
    return [Table(owner, region, name, kind.complies) for name in names]


def add_members(account: Account, count: int) -> list[str]:
    """Create an organization, and return its member accounts, which have the role."""
    organizations = account.client("organizations")
    organizations.create_organization(FeatureSet="ALL")
    members = [
        str(
            organizations.create_account(
                Email=f"{index}@example.com", AccountName=f"member{index}"
            )["CreateAccountStatus"]["AccountId"]
        )
        for index in range(count)
    ]
    add_roles(account, members)
    return members


def add_roles(account: Account, owners: Sequence[str]) -> list[str]:
    """Create the role in accounts, and return the ARNs."""
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{DEFAULT_ACCOUNT}:root"},
                "Action": "sts:AssumeRole",
                "Condition": {"StringEquals": {"sts:ExternalId": EXTERNAL_ID}},
            }
        ],
    }
    for owner in owners:
        account.client("iam", account=owner).create_role(
            RoleName=ROLE, AssumeRolePolicyDocument=json.dumps(trust)
        )
    return [f"arn:aws:iam::{owner}:role/{ROLE}" for owner in owners]
