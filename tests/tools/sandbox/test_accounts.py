"""Several accounts, their Regions, and the states that calls of AWS don't lead to."""

from __future__ import annotations

import json
import time
from datetime import datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tools.sandbox.account import Account, Credentials, TableState

DEFAULT, MEMBER = "123456789012", "111111111111"
ROLE = f"arn:aws:iam::{MEMBER}:role/Audit"
MANAGED = {"Enabled": True}


@pytest.fixture
def account(sandbox_account: Account) -> Account:
    sandbox_account.reset()
    return sandbox_account


def error_of(call: Any, **parameters: Any) -> tuple[str, str, int]:
    with pytest.raises(ClientError) as failed:
        call(**parameters)
    response: Any = failed.value.response
    error = response["Error"]
    return error["Code"], error["Message"], response["ResponseMetadata"]["HTTPStatusCode"]


def described(account: Account, name: str, region: str = "us-east-1", owner: str = DEFAULT) -> Any:
    return account.client("dynamodb", region, owner).describe_table(TableName=name)["Table"]


def create_role(account: Account, *, condition: Any = None, principal: str = DEFAULT) -> None:
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{principal}:root"},
        "Action": "sts:AssumeRole",
        **({"Condition": condition} if condition else {}),
    }
    account.client("iam", account=MEMBER).create_role(
        RoleName="Audit", AssumeRolePolicyDocument=json.dumps({"Statement": [statement]})
    )


def test_each_account_and_region_has_its_own_tables_and_keys(account: Account) -> None:
    arns = set()
    for owner in (DEFAULT, MEMBER):
        for region in ("us-east-1", "eu-west-1"):
            account.create_tables("t", 1, region, owner, MANAGED)
            arn = described(account, "t00000", region, owner)["SSEDescription"]["KMSMasterKeyArn"]
            assert arn.startswith(f"arn:aws:kms:{region}:{owner}:key/")
            key = account.client("kms", region, owner).describe_key(KeyId=arn)["KeyMetadata"]
            assert (key["KeyManager"], key["AWSAccountId"]) == ("AWS", owner)
            arns.add(arn)
    assert len(arns) == 4
    identity = account.client("sts", account=MEMBER).get_caller_identity()
    assert identity["Account"] == MEMBER


def test_a_role_that_does_not_exist_is_not_assumed(account: Account) -> None:
    answer = error_of(account.client("sts").assume_role, RoleArn=ROLE, RoleSessionName="audit")
    caller = account.client("sts").get_caller_identity()["Arn"]
    assert answer == (
        "AccessDenied",
        f"User: {caller} is not authorized to perform: sts:AssumeRole on resource: {ROLE}",
        403,
    )


@pytest.mark.parametrize("operator", ["StringEquals", "StringLike"])
def test_a_role_with_an_external_id_needs_it(account: Account, operator: str) -> None:
    create_role(account, condition={operator: {"sts:ExternalId": ["id-1", "id-2"]}})
    sts = account.client("sts")
    for wrong in ({}, {"ExternalId": "id-3"}, {"ExternalId": "ID-1"}):
        answer = error_of(sts.assume_role, RoleArn=ROLE, RoleSessionName="audit", **wrong)
        assert answer[0] == "AccessDenied"
    given = sts.assume_role(RoleArn=ROLE, RoleSessionName="audit", ExternalId="id-2")
    keys = given["Credentials"]
    session = Credentials(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
    identity = account.client_of(session, "sts").get_caller_identity()
    assert identity["Arn"] == f"arn:aws:sts::{MEMBER}:assumed-role/Audit/audit"
    account.create_tables("t", 1, "us-east-1", MEMBER)
    tables = account.client_of(session, "dynamodb").list_tables()["TableNames"]
    assert tables == ["t00000"]


def test_a_role_is_assumed_by_those_whom_it_trusts(account: Account) -> None:
    create_role(account, principal="222222222222")
    parameters = {"RoleArn": ROLE, "RoleSessionName": "audit"}
    assert error_of(account.client("sts").assume_role, **parameters)[0] == "AccessDenied"
    trusted = account.client("sts", account="222222222222")
    assert trusted.assume_role(**parameters)["AssumedRoleUser"]["Arn"].endswith("/Audit/audit")


def test_credentials_end_with_a_reset(account: Account) -> None:
    clients = [account.client(service, account=MEMBER) for service in ("dynamodb", "sts")]
    account.reset()
    assert error_of(clients[0].list_tables)[::2] == ("UnrecognizedClientException", 400)
    assert error_of(clients[1].get_caller_identity)[::2] == ("InvalidClientTokenId", 403)


def test_only_the_management_account_lists_accounts(account: Account) -> None:
    organizations = account.client("organizations")
    assert error_of(organizations.list_accounts)[0] == "AWSOrganizationsNotInUseException"
    organizations.create_organization(FeatureSet="ALL")
    created = organizations.create_account(Email="a@example.com", AccountName="a")
    member = created["CreateAccountStatus"]["AccountId"]
    assert {entry["Id"] for entry in organizations.list_accounts()["Accounts"]} == {DEFAULT, member}
    client = account.client("organizations", account=member)
    assert error_of(client.list_accounts)[0] == "AccessDeniedException"
    regions = account.client("account").list_regions(AccountId=member)["Regions"]
    assert regions[0] == {"RegionName": "af-south-1", "RegionOptStatus": "DISABLED"}
    denied = error_of(account.client("account", account=member).list_regions, AccountId=DEFAULT)
    assert denied[::2] == ("AccessDeniedException", 403)
    organizations.close_account(AccountId=member)
    role = f"arn:aws:iam::{member}:role/OrganizationAccountAccessRole"
    sts = account.client("sts")
    assert error_of(sts.assume_role, RoleArn=role, RoleSessionName="audit")[0] == "AccessDenied"


def test_a_key_of_another_account_is_described_if_its_policy_allows_it(account: Account) -> None:
    kms = account.client("kms", account=MEMBER)
    shared = {
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{DEFAULT}:root"},
                "Action": ["kms:CreateGrant", "kms:DescribeKey"],
                "Resource": "*",
            }
        ]
    }
    key = kms.create_key(Policy=json.dumps(shared))["KeyMetadata"]
    other = kms.create_key()["KeyMetadata"]
    account.create_tables("t", 1, sse={**MANAGED, "SSEType": "KMS", "KMSMasterKeyId": key["Arn"]})
    assert described(account, "t00000")["SSEDescription"]["KMSMasterKeyArn"] == key["Arn"]
    describe = account.client("kms").describe_key
    assert describe(KeyId=key["Arn"])["KeyMetadata"]["AWSAccountId"] == MEMBER
    code, message, _ = error_of(describe, KeyId=other["Arn"])
    assert code == "AccessDeniedException"
    assert f"kms:DescribeKey on resource: {other['Arn']}" in message


def test_opt_in_regions_are_disabled_until_a_test_enables_them(account: Account) -> None:
    client = account.client("account")

    def regions(*statuses: str) -> dict[str, str]:
        pages = client.get_paginator("list_regions").paginate(
            RegionOptStatusContains=list(statuses), PaginationConfig={"PageSize": 7}
        )
        return {
            region["RegionName"]: region["RegionOptStatus"]
            for page in pages
            for region in page["Regions"]
        }

    assert len(regions()) > 30
    assert len(regions("ENABLED_BY_DEFAULT")) == 17
    assert "me-south-1" in regions("DISABLED")
    assert regions("ENABLED", "ENABLING") == {}
    account.set_regions({"af-south-1": "ENABLED", "ap-east-1": "ENABLING"})
    assert regions("ENABLED", "ENABLING") == {"af-south-1": "ENABLED", "ap-east-1": "ENABLING"}
    page = client.list_regions()
    assert (len(page["Regions"]), "NextToken" in page) == (20, True)
    with pytest.raises(ValueError, match="no Region xx-east-1"):
        account.set_regions({"xx-east-1": "ENABLED"})


def test_a_region_that_is_not_enabled_rejects_the_token(account: Account) -> None:
    text = "The security token included in the request is invalid."
    for service, operation in (("dynamodb", "list_tables"), ("kms", "list_aliases")):
        call = getattr(account.client(service, "me-south-1"), operation)
        assert error_of(call) == ("UnrecognizedClientException", text, 400)
    account.set_regions({"me-south-1": "ENABLED"}, MEMBER)
    assert error_of(account.client("dynamodb", "me-south-1").list_tables)[2] == 400
    tables = account.client("dynamodb", "me-south-1", MEMBER).list_tables()["TableNames"]
    assert tables == []


def test_states_of_tables(account: Account) -> None:
    (name,) = account.create_tables("t", 1, "eu-west-1", MEMBER, MANAGED)

    def show(state: TableState) -> Any:
        account.set_table_state(name, state, "eu-west-1", MEMBER)
        return described(account, name, "eu-west-1", MEMBER)

    lost = show(TableState.INACCESSIBLE)
    assert lost["TableStatus"] == "INACCESSIBLE_ENCRYPTION_CREDENTIALS"
    assert lost["SSEDescription"]["Status"] == "ENABLED"
    assert isinstance(lost["SSEDescription"]["InaccessibleEncryptionDateTime"], datetime)
    archived = show(TableState.ARCHIVED)
    assert archived["TableStatus"] == "ARCHIVED"
    summary = archived["ArchivalSummary"]
    assert summary["ArchivalReason"] == "INACCESSIBLE_ENCRYPTION_CREDENTIALS"
    assert summary["ArchivalBackupArn"].startswith(archived["TableArn"] + "/backup/")
    assert isinstance(summary["ArchivalDateTime"], datetime)
    for state in (TableState.ENABLING, TableState.UPDATING, TableState.DISABLING):
        assert show(state)["SSEDescription"]["Status"] == state.value
    table = show(TableState.ACTIVE)
    assert (table["TableStatus"], table["SSEDescription"]["Status"]) == ("ACTIVE", "ENABLED")
    account.create_tables("plain", 1)
    with pytest.raises(ValueError, match="AWS owned key"):
        account.set_table_state("plain00000", TableState.ARCHIVED)
    with pytest.raises(ValueError, match="no table none"):
        account.set_table_state("none", TableState.ARCHIVED)


def test_states_of_keys(account: Account) -> None:
    kms = account.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    for state in ("Creating", "Updating", "PendingReplicaDeletion", "Unavailable", "Enabled"):
        account.set_key_state(key, state)
        metadata = kms.describe_key(KeyId=key)["KeyMetadata"]
        assert (metadata["KeyState"], metadata["Enabled"]) == (state, state == "Enabled")
        assert ("CustomKeyStoreId" in metadata) == (state == "Unavailable")
    with pytest.raises(ValueError, match="none of"):
        account.set_key_state(key, "Disabled")
    account.delete_key(key)
    assert error_of(kms.describe_key, KeyId=key)[0] == "NotFoundException"


def test_each_replica_shows_the_others(account: Account) -> None:
    regions = ("us-east-1", "eu-west-1", "ap-southeast-2")
    keys = {
        region: account.client("kms", region).create_key()["KeyMetadata"]["Arn"]
        for region in regions
    }
    sse = {**MANAGED, "SSEType": "KMS", "KMSMasterKeyId": keys["us-east-1"]}
    (name,) = account.create_tables("t", 1, sse=sse)
    for region in regions[1:]:
        update = {"Create": {"RegionName": region, "KMSMasterKeyId": keys[region]}}
        account.client("dynamodb").update_table(TableName=name, ReplicaUpdates=[update])
    for region in regions:
        assert account.client("dynamodb", region).list_tables()["TableNames"] == [name]
        table = described(account, name, region)
        assert table["SSEDescription"]["KMSMasterKeyArn"] == keys[region]
        shown = {replica["RegionName"]: replica for replica in table["Replicas"]}
        assert set(shown) == set(regions) - {region}
        assert all(replica["KMSMasterKeyId"] == keys[name] for name, replica in shown.items())
    account.set_table_state(name, TableState.INACCESSIBLE, "eu-west-1")
    lost = described(account, name)["Replicas"][1]
    assert lost["ReplicaStatus"] == "INACCESSIBLE_ENCRYPTION_CREDENTIALS"
    account.client("dynamodb", "eu-west-1").delete_table(TableName=name)
    remaining = described(account, name)["Replicas"]
    assert [replica["RegionName"] for replica in remaining] == ["ap-southeast-2"]


def test_thousands_of_tables_take_seconds(account: Account) -> None:
    started = time.monotonic()
    account.create_tables("t", 5000, "eu-west-1", MEMBER, MANAGED)
    assert time.monotonic() - started < 10
    pages = account.client("dynamodb", "eu-west-1", MEMBER).get_paginator("list_tables").paginate()
    sizes = [len(page["TableNames"]) for page in pages]
    assert sizes == [100] * 50
    with pytest.raises(ValueError, match="Table already exists"):
        account.create_tables("t", 1, "eu-west-1", MEMBER)
