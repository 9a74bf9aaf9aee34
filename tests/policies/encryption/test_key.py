"""Every form in which a key may be named, and what is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.encryption import KeyManager, KmsKey, NotAKmsKey, read_key

NEITHER = "an ARN of KMS that names neither a key nor an alias"
NO_ARN = "a string that begins like an ARN and is none"
PADDED = "a string with white space around it"
NO_FORM = "a string that is no key ARN, alias ARN, alias name or key id"
UUID = "1234abcd-12ab-34cd-56ef-1234567890ab"
MULTI_REGION = "mrk-1234abcd12ab34cd56ef1234567890ab"


@pytest.mark.parametrize(
    "resource", [f"key/{UUID}", f"key/{MULTI_REGION}", "alias/orders", "alias/team/orders_2"]
)
@pytest.mark.parametrize(
    ("partition", "region"),
    [
        ("aws", "eu-west-1"),
        ("aws-cn", "cn-north-1"),
        ("aws-us-gov", "us-gov-west-1"),
        ("aws-iso-b", "us-isob-east-1"),
        ("aws-eusc", "eusc-de-east-1"),
    ],
)
def test_the_arn_of_a_key_or_alias_names_a_customer_managed_key(
    partition: str, region: str, resource: str
) -> None:
    key = read_key(f"arn:{partition}:kms:{region}:111122223333:{resource}")
    assert key == KmsKey(KeyManager.CUSTOMER, region, "111122223333", partition, resource)


@pytest.mark.parametrize(
    ("reference", "resource"),
    [
        (UUID, f"key/{UUID}"),
        (MULTI_REGION, f"key/{MULTI_REGION}"),
        ("alias/orders", "alias/orders"),
        ("orders_key", "key/orders_key"),
    ],
)
def test_a_key_id_and_an_alias_name_do_as_well(reference: str, resource: str) -> None:
    assert read_key(reference) == KmsKey(KeyManager.CUSTOMER, resource=resource)


@pytest.mark.parametrize(
    "reference",
    [
        "alias/aws/dynamodb",
        "arn:aws:kms:us-east-1:111122223333:alias/aws/dynamodb",
        "arn:aws-cn:kms:cn-northwest-1:111122223333:alias/aws/dynamodb",
        "arn:aws-us-gov:kms:us-gov-east-1:111122223333:alias/aws/dynamodb",
    ],
)
def test_what_lies_below_alias_aws_is_managed_by_aws(reference: str) -> None:
    key = read_key(reference)
    assert isinstance(key, KmsKey)
    assert key.manager is KeyManager.AWS


@pytest.mark.parametrize(
    ("reference", "found"),
    [
        ("arn:aws:s3:::orders", "an ARN of another service (s3)"),
        ("arn:aws:iam::111122223333:role/orders", "an ARN of another service (iam)"),
        ("arn:aws:hunter2:::orders", "an ARN of another service"),
        ("arn:aws:kms:us-east-1:111122223333:grant/1", NEITHER),
        ("arn:aws:kms:us-east-1:111122223333:key/", NEITHER),
        ("arn:aws:kms:us-east-1:111122223333:alias/a b", NO_ARN),
        ("arn:aws:kms:::key/1", NEITHER),
        ("arn:aws:kms", NO_ARN),
        ("arn:", NO_ARN),
        ("arn:other:kms:us-east-1:111122223333:key/1", NO_ARN),
        ("aws/dynamodb", NO_FORM),
        (f"{UUID}\n", PADDED),
        (f"arn:aws:kms:us-east-1:111122223333:key/{UUID}\n", PADDED),
        (" ", PADDED),
        ("https://kms.example/key", NO_FORM),
    ],
)
def test_anything_else_is_no_kms_key(reference: str, found: str) -> None:
    assert read_key(reference) == NotAKmsKey(found)


@given(st.text(min_size=1) | st.builds("arn:aws:{}:{}:{}:{}".format, *[st.text()] * 4))
def test_what_is_said_of_a_string_never_shows_it(reference: str) -> None:
    key = read_key(reference)
    if isinstance(key, NotAKmsKey):
        services = ("dynamodb", "iam", "lambda", "s3", "secretsmanager", "sns", "sqs", "ssm", "sts")
        assert key.found in {
            NEITHER,
            NO_FORM,
            NO_ARN,
            PADDED,
            "an ARN of another service",
            *(f"an ARN of another service ({service})" for service in services),
        }
