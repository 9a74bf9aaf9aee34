"""Which keys are among those that are allowed, as far as that can be told without AWS."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.encryption import (
    AWS_MANAGED_KEY,
    AllowedKeys,
    KeyManager,
    KmsKey,
    Match,
    fault_of_entry,
    read_key,
)

ACCOUNT, OTHER = "111122223333", "444455556666"
ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/{ID}"
ALIAS = f"arn:aws:kms:eu-west-1:{ACCOUNT}:alias/orders"
AWS_ALIAS = f"arn:aws:kms:eu-west-1:{ACCOUNT}:alias/aws/dynamodb"
NO, MAYBE, YES = Match.NO, Match.MAYBE, Match.YES


def match(entry: str, reference: str) -> Match:
    key = read_key(reference)
    assert isinstance(key, KmsKey)
    assert fault_of_entry(entry) is None
    return AllowedKeys([entry]).match(key)


@pytest.mark.parametrize(
    ("entry", "reference", "meant"),
    [
        (KEY, KEY, YES),
        (KEY, KEY.replace("eu-west-1", "us-east-1"), NO),
        (KEY, KEY.replace("12ab", "12ac"), NO),
        (KEY, KEY.replace(ID, f"{ID}-more"), NO),
        (ALIAS, ALIAS, YES),
        (ALIAS, f"{ALIAS}-2", NO),
        (f"{ALIAS}*", f"{ALIAS}-2", YES),
        # An alias and the key behind it, in either direction.
        (KEY, ALIAS, MAYBE),
        (ALIAS, KEY, MAYBE),
        (KEY, ALIAS.replace(ACCOUNT, OTHER), NO),
        (ALIAS, KEY.replace("eu-west-1", "us-east-1"), NO),
        # Whichever key an alias stands for, it is one of its account and Region.
        (KEY.replace(ID, "*"), ALIAS, YES),
        (KEY.replace(ID, "12*"), ALIAS, MAYBE),
        (ALIAS.replace("orders", "*"), KEY, MAYBE),
        # Accounts, Regions and partitions.
        (ACCOUNT, KEY, YES),
        (ACCOUNT, ALIAS, YES),
        (OTHER, KEY, NO),
        (f"arn:aws:kms:*:{ACCOUNT}:*", KEY, YES),
        (f"arn:aws:kms:eu-*:{ACCOUNT}:key/*", KEY, YES),
        (f"arn:aws:kms:us-*:{ACCOUNT}:key/*", KEY, NO),
        (f"arn:*:kms:*:{ACCOUNT}:key/*", KEY.replace("arn:aws:", "arn:aws-cn:"), YES),
        (f"arn:aws:kms:*:{ACCOUNT}:key/*", KEY.replace("arn:aws:", "arn:aws-cn:"), NO),
        # Names without an account.
        (ALIAS, "alias/orders", MAYBE),
        (ALIAS, "alias/other", NO),
        (KEY, ID, MAYBE),
        (KEY, "alias/orders", MAYBE),
        (ACCOUNT, "alias/orders", MAYBE),
        ("arn:*:kms:*:*:alias/orders", "alias/orders", YES),
        ("arn:aws:kms:*:*:alias/orders", "alias/orders", YES),
        ("arn:aws-cn:kms:*:*:alias/orders", "alias/orders", NO),
        ("arn:aws:kms:*:*:alias/aws/dynamodb", "alias/aws/dynamodb", YES),
        (
            "arn:*-cn:kms:*:*:alias/orders",
            "arn:aws-cn:kms:cn-north-1:111122223333:alias/orders",
            YES,
        ),
        ("arn:a*:kms:*:1111*:alias/orders", ALIAS, YES),
        # The key that AWS manages is allowed by its alias or account, never by the id of another.
        (KEY, "alias/aws/dynamodb", NO),
        (KEY.replace(ID, "*"), AWS_ALIAS, NO),
        ("arn:*:kms:*:*:alias/aws/dynamodb", "alias/aws/dynamodb", YES),
        (AWS_ALIAS, AWS_ALIAS, YES),
        (AWS_ALIAS, "alias/aws/dynamodb", MAYBE),
        (ACCOUNT, AWS_ALIAS, YES),
        (AWS_ALIAS, KEY, MAYBE),
    ],
)
def test_a_key_is_in_the_list_or_not_or_only_aws_can_tell(
    entry: str, reference: str, meant: Match
) -> None:
    assert match(entry, reference) is meant


def test_the_best_answer_of_all_entries_counts() -> None:
    key = read_key(ALIAS)
    assert isinstance(key, KmsKey)
    assert AllowedKeys([OTHER]).match(key) is NO
    assert AllowedKeys([OTHER, KEY]).match(key) is MAYBE
    assert AllowedKeys([OTHER, KEY, ALIAS, OTHER]).match(key) is YES
    assert AllowedKeys([]).match(key) is NO


def test_a_key_that_is_not_made_yet_may_be_in_any_list() -> None:
    made_here = KmsKey(KeyManager.CUSTOMER, region="eu-west-1")
    assert AllowedKeys([KEY]).match(made_here) is MAYBE
    assert AllowedKeys([KEY.replace("eu-west-1", "us-east-1")]).match(made_here) is NO
    assert AllowedKeys(["arn:*:kms:*:*:*"]).match(made_here) is YES
    in_china = KmsKey(KeyManager.AWS, region="cn-north-1", resource="alias/aws/dynamodb")
    assert AllowedKeys(["arn:aws:kms:*:*:alias/aws/dynamodb"]).match(in_china) is NO
    assert AllowedKeys(["arn:aws-cn:kms:*:*:alias/aws/dynamodb"]).match(in_china) is YES


def test_the_nearest_entries_are_named() -> None:
    entries = [OTHER, ALIAS, KEY, KEY.replace(ID, "0")]
    key = read_key(KEY.replace("12ab", "12ac"))
    assert isinstance(key, KmsKey)
    assert AllowedKeys(entries).nearest(key)[0] == KEY
    assert len(AllowedKeys(entries).nearest(key)) == 2
    assert AllowedKeys(entries).nearest(AWS_MANAGED_KEY)
    assert AllowedKeys([OTHER]).nearest(AWS_MANAGED_KEY) == (OTHER,)


NO_FORM = (
    "no key ARN, alias ARN or account id (an ARN has six parts between colons; each may have *, "
    "none may be left out)"
)
NEITHER = "an ARN of KMS that names neither a key nor an alias"


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        ("", NO_FORM),
        ("*", NO_FORM),
        ("1111", NO_FORM),
        ("1111*", NO_FORM),
        ("alias/orders", NO_FORM),
        (ID, NO_FORM),
        ("arn:aws:kms:*", NO_FORM),
        ("arn:aws:s3:::orders", "an ARN of another service (s3)"),
        ("arn:aws:s3:::*", "an ARN of another service (s3)"),
        ("arn:aws:hunter2:a:b:c", "an ARN of another service"),
        ("arn:aws:*:eu-west-1:111122223333:key/*", "an ARN of another service"),
        ("arn:aws:kms:eu-west-1:111122223333:grant/1", NEITHER),
        ("arn:aws:kms:eu-west-1:111122223333:grant/*", NEITHER),
        ("arn:aws:kms:eu-west-1:111122223333:", NEITHER),
        ("arn:aws:kms:eu-west-1:111122223333:key/", NEITHER),
        ("arn:aws:kms:EU-WEST-1:111122223333:key/*", NEITHER),
        (f"{KEY} ", "a string with white space around it"),
        ("arn:aws:kms:::key/x", "an ARN of KMS whose fifth part is no account id"),
        ("arn:aws:kms:eu-west-1:1111:key/*", "an ARN of KMS whose fifth part is no account id"),
        ("arn:aws:kms:*:1111222233334*:key/*", "an ARN of KMS whose fifth part is no account id"),
        ("arn:aws:kms:*:12a*:key/*", "an ARN of KMS whose fifth part is no account id"),
        ("\uff11" * 12, NO_FORM),
    ],
)
def test_what_is_no_key_is_told(entry: str, fault: str) -> None:
    assert fault_of_entry(entry) == fault


@given(st.text() | st.builds("arn:{}:{}:{}:{}:{}".format, *[st.text("k*ms:/", max_size=6)] * 5))
def test_any_entry_is_told_or_taken_and_never_shown(entry: str) -> None:
    fault = fault_of_entry(entry)
    if fault is None:
        assert AllowedKeys([entry]).match(AWS_MANAGED_KEY) in Match
    else:
        assert len(entry) < 3 or entry not in fault


@given(st.sampled_from([KEY, ALIAS, ACCOUNT, "arn:*:kms:*:*:*", KEY.replace(ID, "*")]))
def test_a_key_of_which_less_is_known_is_never_less_allowed(entry: str) -> None:
    whole = read_key(KEY)
    assert isinstance(whole, KmsKey)
    if AllowedKeys([entry]).match(whole) is YES:
        bare = KmsKey(KeyManager.CUSTOMER, resource=whole.resource)
        assert AllowedKeys([entry]).match(bare) is not NO
