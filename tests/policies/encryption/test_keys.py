"""The forms in which a string can refer to a KMS key, and keys that can't encrypt a table."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.encryption.keys import (
    KeyManager,
    KeyOfAnotherService,
    KmsKey,
    NotAKmsKey,
    is_usable_in_state,
    read_key,
    why_unusable,
    why_unusable_in_state,
)
from policies.encryption.values import Hidden, Unknown
from tests.keys import (
    ACCOUNT,
    AWS_MANAGED_ALIAS_ARN,
    KEY_ARN,
    KEY_ID,
    MULTI_REGION_KEY_ID,
    alias_arn,
)

NEITHER = "an ARN of KMS that names neither a key nor an alias"
NOT_AN_ARN = "a string that starts like an ARN but is not one"
PADDED = "a string with white space around it"
NO_FORM = "a string that is not a key ARN, alias ARN, alias name, or key ID"
OTHER_SERVICE = "an ARN of another service"
OTHER_MANAGED_KEY = "the AWS managed key of another service"
SERVICES = ("dynamodb", "iam", "lambda", "s3", "secretsmanager", "sns", "sqs", "ssm", "sts")


@pytest.mark.parametrize(
    "resource",
    [f"key/{KEY_ID}", f"key/{MULTI_REGION_KEY_ID}", "alias/orders", "alias/team/orders_2"],
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
def test_the_arn_of_a_key_or_alias_refers_to_a_customer_managed_key(
    partition: str, region: str, resource: str
) -> None:
    key = read_key(f"arn:{partition}:kms:{region}:{ACCOUNT}:{resource}")
    assert key == KmsKey(KeyManager.CUSTOMER, region, ACCOUNT, partition, resource)


@pytest.mark.parametrize(
    ("reference", "resource"),
    [
        (KEY_ID, f"key/{KEY_ID}"),
        (MULTI_REGION_KEY_ID, f"key/{MULTI_REGION_KEY_ID}"),
        ("alias/orders", "alias/orders"),
        ("orders_key", "key/orders_key"),
    ],
)
def test_a_key_id_and_an_alias_name_refer_to_a_key(reference: str, resource: str) -> None:
    assert read_key(reference) == KmsKey(KeyManager.CUSTOMER, resource=resource)


@pytest.mark.parametrize(
    "reference",
    [
        "alias/aws/dynamodb",
        AWS_MANAGED_ALIAS_ARN,
        AWS_MANAGED_ALIAS_ARN.replace("aws:kms:eu-west-1", "aws-cn:kms:cn-northwest-1"),
        AWS_MANAGED_ALIAS_ARN.replace("aws:kms:eu-west-1", "aws-us-gov:kms:us-gov-east-1"),
    ],
)
def test_the_alias_aws_dynamodb_refers_to_the_aws_managed_key(reference: str) -> None:
    key = read_key(reference)
    assert isinstance(key, KmsKey)
    assert key.manager is KeyManager.AWS


@pytest.mark.parametrize(
    ("service", "shown"),
    [("s3", " (s3)"), ("ebs", ""), ("dynamodb2", ""), ("dynamo", ""), ("hunter2", "")],
)
def test_an_alias_of_another_service_refers_to_a_key_that_no_table_can_use(
    service: str, shown: str
) -> None:
    for reference in (f"alias/aws/{service}", alias_arn(f"alias/aws/{service}")):
        assert read_key(reference) == KeyOfAnotherService(f"{OTHER_MANAGED_KEY}{shown}")


@pytest.mark.parametrize(
    ("reference", "found"),
    [
        ("arn:aws:s3:::orders", f"{OTHER_SERVICE} (s3)"),
        ("arn:aws:iam::111122223333:role/orders", f"{OTHER_SERVICE} (iam)"),
        ("arn:aws:hunter2:::orders", OTHER_SERVICE),
        ("arn:aws:kms:us-east-1:111122223333:grant/1", NEITHER),
        ("arn:aws:kms:us-east-1:111122223333:key/", NEITHER),
        ("arn:aws:kms:us-east-1:111122223333:alias/a b", NOT_AN_ARN),
        ("arn:aws:kms:::key/1", NEITHER),
        ("arn:aws:kms", NOT_AN_ARN),
        ("arn:", NOT_AN_ARN),
        ("arn:other:kms:us-east-1:111122223333:key/1", NOT_AN_ARN),
        ("aws/dynamodb", NO_FORM),
        (f"{KEY_ID}\n", PADDED),
        (f"{KEY_ARN}\n", PADDED),
        (" ", PADDED),
        ("https://kms.example/key", NO_FORM),
    ],
)
def test_any_other_string_does_not_refer_to_a_key(reference: str, found: str) -> None:
    assert read_key(reference) == NotAKmsKey(found)


@given(
    st.text(min_size=1)
    | st.builds("arn:aws:{}:{}:{}:{}".format, *[st.text()] * 4)
    | st.builds("alias/aws/{}".format, st.text() | st.sampled_from(SERVICES))
)
def test_the_description_of_a_string_never_quotes_it(reference: str) -> None:
    key = read_key(reference)
    if isinstance(key, NotAKmsKey):
        of_services = {
            f"{found}{shown}"
            for found in (OTHER_SERVICE, OTHER_MANAGED_KEY)
            for shown in ("", *(f" ({service})" for service in SERVICES))
        }
        assert key.found in {NEITHER, NO_FORM, NOT_AN_ARN, PADDED, *of_services}


@pytest.mark.parametrize(
    ("spec", "usage", "enabled", "fault"),
    [
        (None, None, None, None),
        ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", True, None),
        ("", "", "true", None),
        (Unknown(), Unknown(), Unknown(), None),
        (Hidden("it is a secret"), 1, "no", None),
        ("RSA_2048", None, None, "an asymmetric key"),
        ("ECC_NIST_P256", "SIGN_VERIFY", False, "an asymmetric key"),
        ("HMAC_256", "GENERATE_VERIFY_MAC", True, "an HMAC key"),
        (None, "SIGN_VERIFY", True, "not an encryption key (it has another key usage)"),
        (Unknown(), Unknown(), False, "disabled"),
        ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", "False", "disabled"),
    ],
)
def test_only_an_enabled_symmetric_encryption_key_can_encrypt_a_table(
    spec: object, usage: object, enabled: object, fault: str | None
) -> None:
    assert why_unusable(spec, usage, enabled) == fault


@pytest.mark.parametrize(
    ("state", "fault", "usable"),
    [
        ("Enabled", None, True),
        ("Updating", None, True),
        ("Disabled", "disabled", False),
        ("PendingDeletion", "scheduled for deletion", False),
        (
            "PendingReplicaDeletion",
            "scheduled for deletion after its replica keys",
            False,
        ),
        ("PendingImport", "waiting for its key material", False),
        ("Unavailable", "unavailable, because its custom key store is disconnected", False),
        # The state can change to any other one, or is a new one of AWS.
        ("Creating", None, False),
        ("Paused", None, False),
    ],
)
def test_a_key_in_some_states_cannot_decrypt_a_table(
    state: str, fault: str | None, usable: bool
) -> None:
    assert why_unusable_in_state(state) == fault
    assert is_usable_in_state(state) is usable


def test_a_key_that_is_scheduled_for_deletion_shows_the_day() -> None:
    fault = why_unusable_in_state("PendingDeletion", date(2026, 12, 24))
    assert fault == "scheduled for deletion on 2026-12-24 (UTC)"
