"""The accounts and KMS keys that tests name. AWS reserves the accounts for documentation."""

from __future__ import annotations

ACCOUNT = "111122223333"
OTHER_ACCOUNT = "444455556666"
KEY_ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
MULTI_REGION_KEY_ID = "mrk-1234abcd12ab34cd56ef1234567890ab"


def key_arn(region: str = "eu-west-1", account: str = ACCOUNT, key_id: str = KEY_ID) -> str:
    """Return the ARN of a key."""
    return f"arn:aws:kms:{region}:{account}:key/{key_id}"


def alias_arn(name: str, region: str = "eu-west-1", account: str = ACCOUNT) -> str:
    """Return the ARN of an alias, such as "alias/orders"."""
    return f"arn:aws:kms:{region}:{account}:{name}"


KEY_ARN = key_arn()
OTHER_KEY_ARN = key_arn(account=OTHER_ACCOUNT)
MULTI_REGION_KEY_ARN = key_arn(key_id=MULTI_REGION_KEY_ID)
ALIAS_ARN = alias_arn("alias/orders")
AWS_MANAGED_ALIAS_ARN = alias_arn("alias/aws/dynamodb")
