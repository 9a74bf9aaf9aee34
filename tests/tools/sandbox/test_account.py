"""Tests of the pretend account's encryption at rest."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tools.sandbox import Account

MANAGED = "alias/aws/dynamodb"


@pytest.fixture
def account(sandbox_account: Account) -> Account:
    sandbox_account.reset()
    return sandbox_account


def create(account: Account, name: str, **sse: Any) -> dict[str, Any] | None:
    answer = account.client("dynamodb").create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        **({"SSESpecification": sse} if sse else {}),
    )
    description: dict[str, Any] | None = answer["TableDescription"].get("SSEDescription")
    return description


def described(account: Account, name: str) -> dict[str, Any] | None:
    table = account.client("dynamodb").describe_table(TableName=name)["Table"]
    description: dict[str, Any] | None = table.get("SSEDescription")
    return description


def change(account: Account, name: str, **sse: Any) -> dict[str, Any] | None:
    account.client("dynamodb").update_table(TableName=name, SSESpecification=sse)
    return described(account, name)


def new_key(account: Account, **args: Any) -> dict[str, Any]:
    key: dict[str, Any] = account.client("kms").create_key(**args)["KeyMetadata"]
    return key


def test_the_aws_owned_key_has_no_description(account: Account) -> None:
    assert create(account, "plain") is None
    assert create(account, "off", Enabled=False) is None


def test_the_aws_managed_key_has_one_arn_for_each_of_its_names(account: Account) -> None:
    kms = account.client("kms")
    first = create(account, "first", Enabled=True)
    assert first is not None
    arn = first["KMSMasterKeyArn"]
    assert first == {"Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": arn}
    alias_arn = f"{arn.split(':key/')[0]}:{MANAGED}"
    for index, name in enumerate((MANAGED, alias_arn, arn, arn.rsplit("/", 1)[-1])):
        created = create(account, f"t{index}-abc", Enabled=True, SSEType="KMS", KMSMasterKeyId=name)
        assert created == first
    metadata = kms.describe_key(KeyId=MANAGED)["KeyMetadata"]
    assert (metadata["KeyManager"], metadata["Arn"]) == ("AWS", arn)
    aliases = {a["AliasName"]: a.get("TargetKeyId") for a in kms.list_aliases()["Aliases"]}
    assert aliases[MANAGED] == metadata["KeyId"]
    other = account.client("kms", "eu-west-1").describe_key(KeyId=MANAGED)["KeyMetadata"]
    assert other["Arn"] != arn


def test_update_enables_changes_and_disables(account: Account) -> None:
    key = new_key(account)
    assert key["KeyManager"] == "CUSTOMER"
    create(account, "orders")
    managed = change(account, "orders", Enabled=True)
    assert managed is not None
    own = change(account, "orders", Enabled=True, SSEType="KMS", KMSMasterKeyId=key["KeyId"])
    assert own == {**managed, "KMSMasterKeyArn": key["Arn"]}
    assert change(account, "orders", Enabled=True) == managed
    assert change(account, "orders", Enabled=False) is None


def test_a_change_to_the_same_key_is_rejected_only_by_its_arn(account: Account) -> None:
    key = new_key(account)
    account.client("kms").create_alias(AliasName="alias/orders", TargetKeyId=key["KeyId"])
    own = {"Enabled": True, "SSEType": "KMS"}
    before = create(account, "orders", **own, KMSMasterKeyId=key["Arn"])
    for name in ("alias/orders", key["KeyId"]):
        assert change(account, "orders", **own, KMSMasterKeyId=name) == before
    with pytest.raises(ClientError, match="already encrypted with given KMSMasterKeyId"):
        change(account, "orders", **own, KMSMasterKeyId=key["Arn"])


def test_the_key_of_a_table_can_be_changed_only_while_it_is_enabled(account: Account) -> None:
    old, new = new_key(account)["Arn"], new_key(account)["Arn"]
    other = {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": new}
    before = create(account, "orders", **{**other, "KMSMasterKeyId": old})
    kms = account.client("kms")
    kms.disable_key(KeyId=old)
    assert kms.describe_key(KeyId=old)["KeyMetadata"]["KeyState"] == "Disabled"
    for sse in (other, {"Enabled": True}, {"Enabled": False}):
        with pytest.raises(ClientError, match=f"{old} is disabled"):
            change(account, "orders", **sse)
    assert described(account, "orders") == before
    kms.enable_key(KeyId=old)
    changed = change(account, "orders", **other)
    assert changed is not None
    assert changed["KMSMasterKeyArn"] == new


@pytest.mark.parametrize(
    ("sse", "code", "text"),
    [
        ({"Enabled": False, "KMSMasterKeyId": "KEY"}, "ValidationException", "not enabled"),
        ({"Enabled": True, "KMSMasterKeyId": "KEY"}, "ValidationException", "SSEType KMS is"),
        ({"Enabled": True, "SSEType": "AES256"}, "ValidationException", "not supported"),
        ("alias/none", "ValidationException", "alias/none is not found"),
        ("1234abcd-12ab-34cd-56ef-1234567890ab", "ValidationException", "does not exist"),
        ("arn:aws:s3:::bucket", "ValidationException", "Invalid arn"),
        ("arn:aws:kms:eu-west-1:123456789012:key/x", "ValidationException", "Invalid arn eu-west"),
        ("arn:aws:kms:us-east-1:999999999999:key/x", "AccessDeniedException", "not authorized"),
        ("alias/aws/s3", "AccessDeniedException", "kms:CreateGrant"),
        ("DISABLED", "ValidationException", "is disabled"),
        ("DELETED", "ValidationException", "pending deletion"),
        ("ASYMMETRIC", "InternalServerError", "only when creating a grant for a symmetric"),
    ],
)
def test_rejected_specifications(account: Account, sse: Any, code: str, text: str) -> None:
    kms = account.client("kms")
    asymmetric = sse == "ASYMMETRIC"
    key = new_key(account, **({"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"}
                              if asymmetric else {}))["KeyId"]  # fmt: skip
    if sse == "DISABLED":
        kms.disable_key(KeyId=key)
    if sse == "DELETED":
        kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    if isinstance(sse, str):
        key_id = key if sse.isupper() else sse
        sse = {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key_id}
    create(account, "before", Enabled=True)
    before = described(account, "before")
    for attempt in (create, change):
        name = "rejected" if attempt is create else "before"
        with pytest.raises(ClientError) as rejected:
            attempt(account, name, **sse)
        assert rejected.value.response["Error"]["Code"] == code
        assert text in rejected.value.response["Error"]["Message"]
    assert account.client("dynamodb").list_tables()["TableNames"] == ["before"]
    assert described(account, "before") == before


def test_all_replicas_have_the_same_type_of_key(account: Account) -> None:
    create(account, "plain")
    create(account, "managed", Enabled=True)
    key = new_key(account)["KeyId"]
    create(account, "own", Enabled=True, SSEType="KMS", KMSMasterKeyId=key)
    other_key = account.client("kms", "eu-west-1").create_key()["KeyMetadata"]["Arn"]

    def replicate(name: str, **replica: Any) -> Any:
        update = {"Create": {"RegionName": "eu-west-1", **replica}}
        account.client("dynamodb").update_table(TableName=name, ReplicaUpdates=[update])
        table = account.client("dynamodb", "eu-west-1").describe_table(TableName=name)["Table"]
        return table.get("SSEDescription", {}).get("KMSMasterKeyArn")

    for name, replica in (("plain", {"KMSMasterKeyId": other_key}), ("own", {}),
                          ("own", {"KMSMasterKeyId": key})):  # fmt: skip
        with pytest.raises(ClientError, match="ValidationException"):
            replicate(name, **replica)
    assert account.client("dynamodb", "eu-west-1").list_tables()["TableNames"] == []
    assert replicate("plain") is None
    assert ":eu-west-1:" in replicate("managed")
    assert replicate("own", KMSMasterKeyId=other_key) == other_key
    own = account.client("dynamodb").describe_table(TableName="own")["Table"]
    assert own["Replicas"] == [
        {"RegionName": "eu-west-1", "ReplicaStatus": "ACTIVE", "KMSMasterKeyId": other_key}
    ]


def test_only_cloudformation_sets_its_tags(account: Account) -> None:
    table = {
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "BillingMode": "PAY_PER_REQUEST",
    }
    own = [{"Key": "team", "Value": "a"}]
    resources = {
        "Plain": {"Type": "AWS::DynamoDB::Table", "Properties": table},
        "Tagged": {"Type": "AWS::DynamoDB::Table", "Properties": {**table, "Tags": own}},
    }
    cloudformation, dynamodb = account.client("cloudformation"), account.client("dynamodb")
    stack = cloudformation.create_stack(
        StackName="app", TemplateBody=json.dumps({"Resources": resources})
    )["StackId"]
    for logical_id, tags in (("Plain", []), ("Tagged", own)):
        described = cloudformation.describe_stack_resource(
            StackName="app", LogicalResourceId=logical_id
        )["StackResourceDetail"]
        name = described["PhysicalResourceId"]
        arn = dynamodb.describe_table(TableName=name)["Table"]["TableArn"]
        values = {"stack-name": "app", "stack-id": stack, "logical-id": logical_id}
        assert dynamodb.list_tags_of_resource(ResourceArn=arn)["Tags"] == [
            *tags,
            *(
                {"Key": f"aws:cloudformation:{key}", "Value": value}
                for key, value in values.items()
            ),
        ]
        with pytest.raises(ClientError, match="reserved"):
            dynamodb.tag_resource(
                ResourceArn=arn, Tags=[{"Key": "aws:cloudformation:stack-id", "Value": "x"}]
            )
    with pytest.raises(ClientError, match="reserved"):
        dynamodb.create_table(TableName="other", **table, Tags=[{"Key": "AWS:a", "Value": "b"}])
    assert "other" not in dynamodb.list_tables()["TableNames"]
