"""Whether a key is in the list of allowed keys, as far as that can be determined without AWS."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.encryption import allowed_keys
from policies.encryption.allowed_keys import MATCHES_EVERY_KEY, AllowedKeys, Match, entry_fault
from policies.encryption.keys import AWS_MANAGED_KEY, KeyManager, KmsKey, NotAKmsKey, read_key
from tests.keys import (
    ACCOUNT,
    ALIAS_ARN,
    AWS_MANAGED_ALIAS_ARN,
    KEY_ARN,
    KEY_ID,
    OTHER_ACCOUNT,
    OTHER_KEY_ARN,
    alias_arn,
)

NO, MAYBE, YES = Match.NO, Match.MAYBE, Match.YES


def match(entry: str, reference: str) -> Match:
    key = read_key(reference)
    assert isinstance(key, KmsKey)
    assert entry_fault(entry) is None
    return AllowedKeys([entry]).match(key)


def test_the_arn_of_the_aws_managed_key_is_an_entry_like_its_alias() -> None:
    named = read_key(KEY_ARN)
    assert isinstance(named, KmsKey)
    managed = replace(named, manager=KeyManager.AWS)
    for entry, expected in (
        (KEY_ARN, YES),
        (AWS_MANAGED_ALIAS_ARN.replace("us-east-1", "*"), YES),
        (ACCOUNT, YES),
        (KEY_ARN.replace(KEY_ID, "*"), NO),
        (ALIAS_ARN, NO),
    ):
        assert AllowedKeys([entry]).match(managed) is expected, entry


@pytest.mark.parametrize(
    ("aliases", "expected"),
    [
        (None, MAYBE),
        ((), NO),
        (("alias/other",), NO),
        (("alias/other", "alias/orders"), YES),
    ],
)
def test_a_key_whose_aliases_are_known_is_in_the_list_or_not(
    aliases: tuple[str, ...] | None, expected: Match
) -> None:
    key = read_key(KEY_ARN)
    assert isinstance(key, KmsKey)
    assert AllowedKeys([ALIAS_ARN]).match(replace(key, aliases=aliases)) is expected
    assert AllowedKeys([KEY_ARN]).match(replace(key, aliases=aliases)) is YES


@pytest.mark.parametrize(
    ("entry", "reference", "expected"),
    [
        (KEY_ARN, KEY_ARN, YES),
        (KEY_ARN, KEY_ARN.replace("eu-west-1", "us-east-1"), NO),
        (KEY_ARN, KEY_ARN.replace("12ab", "12ac"), NO),
        (KEY_ARN, KEY_ARN.replace(KEY_ID, f"{KEY_ID}-more"), NO),
        (ALIAS_ARN, ALIAS_ARN, YES),
        (ALIAS_ARN, f"{ALIAS_ARN}-2", NO),
        (f"{ALIAS_ARN}*", f"{ALIAS_ARN}-2", YES),
        # An alias and its key, in either direction.
        (KEY_ARN, ALIAS_ARN, MAYBE),
        (ALIAS_ARN, KEY_ARN, MAYBE),
        (KEY_ARN, ALIAS_ARN.replace(ACCOUNT, OTHER_ACCOUNT), NO),
        (ALIAS_ARN, KEY_ARN.replace("eu-west-1", "us-east-1"), NO),
        # An alias and its key are in the same account and Region.
        (KEY_ARN.replace(KEY_ID, "*"), ALIAS_ARN, YES),
        (KEY_ARN.replace(KEY_ID, "12*"), ALIAS_ARN, MAYBE),
        (ALIAS_ARN.replace("orders", "*"), KEY_ARN, MAYBE),
        # Accounts, Regions and partitions.
        (ACCOUNT, KEY_ARN, YES),
        (ACCOUNT, ALIAS_ARN, YES),
        (OTHER_ACCOUNT, KEY_ARN, NO),
        (f"arn:aws:kms:*:{ACCOUNT}:*", KEY_ARN, YES),
        (f"arn:aws:kms:eu-*:{ACCOUNT}:key/*", KEY_ARN, YES),
        (f"arn:aws:kms:us-*:{ACCOUNT}:key/*", KEY_ARN, NO),
        (f"arn:*:kms:*:{ACCOUNT}:key/*", KEY_ARN.replace("arn:aws:", "arn:aws-cn:"), YES),
        (f"arn:aws:kms:*:{ACCOUNT}:key/*", KEY_ARN.replace("arn:aws:", "arn:aws-cn:"), NO),
        # Names without an account.
        (ALIAS_ARN, "alias/orders", MAYBE),
        (ALIAS_ARN, "alias/other", NO),
        (KEY_ARN, KEY_ID, MAYBE),
        (KEY_ARN, "alias/orders", MAYBE),
        (ACCOUNT, "alias/orders", MAYBE),
        ("arn:*:kms:*:*:alias/orders", "alias/orders", YES),
        ("arn:aws:kms:*:*:alias/orders", "alias/orders", YES),
        ("arn:aws-cn:kms:*:*:alias/orders", "alias/orders", MAYBE),
        ("arn:aws-cn:kms:*:*:alias/orders", "alias/other", NO),
        ("arn:aws:kms:*:*:alias/aws/dynamodb", "alias/aws/dynamodb", YES),
        # A `*` covers aliases of AWS only in an entry that says so.
        ("arn:aws:kms:*:*:alias/*", "alias/aws/dynamodb", NO),
        ("arn:aws:kms:*:*:alias/*", AWS_MANAGED_ALIAS_ARN, NO),
        ("arn:aws:kms:*:*:alias/a*", AWS_MANAGED_ALIAS_ARN, NO),
        (f"arn:aws:kms:*:{ACCOUNT}:*", AWS_MANAGED_ALIAS_ARN, NO),
        ("arn:aws:kms:eu-west-1:*:*", AWS_MANAGED_ALIAS_ARN, NO),
        ("arn:aws:kms:*:*:*dynamodb", AWS_MANAGED_ALIAS_ARN, NO),
        ("arn:aws:kms:*:*:alias/aws/*", AWS_MANAGED_ALIAS_ARN, YES),
        ("arn:aws:kms:*:*:alias/aws/d*", "alias/aws/dynamodb", YES),
        ("arn:aws:kms:*:*:alias/*", "alias/orders", YES),
        (ACCOUNT, "alias/aws/dynamodb", MAYBE),
        (OTHER_ACCOUNT, AWS_MANAGED_ALIAS_ARN, NO),
        (
            "arn:*-cn:kms:*:*:alias/orders",
            "arn:aws-cn:kms:cn-north-1:111122223333:alias/orders",
            YES,
        ),
        ("arn:a*:kms:*:1111*:alias/orders", ALIAS_ARN, YES),
        # The AWS managed key is allowed by its alias or account, never by a key ID.
        (KEY_ARN, "alias/aws/dynamodb", NO),
        (KEY_ARN.replace(KEY_ID, "*"), AWS_MANAGED_ALIAS_ARN, NO),
        ("arn:*:kms:*:*:alias/aws/dynamodb", "alias/aws/dynamodb", YES),
        (AWS_MANAGED_ALIAS_ARN, AWS_MANAGED_ALIAS_ARN, YES),
        (AWS_MANAGED_ALIAS_ARN, "alias/aws/dynamodb", MAYBE),
        (ACCOUNT, AWS_MANAGED_ALIAS_ARN, YES),
        (AWS_MANAGED_ALIAS_ARN, KEY_ARN, MAYBE),
    ],
)
def test_a_key_is_in_the_list_or_not_or_only_aws_can_match_it(
    entry: str, reference: str, expected: Match
) -> None:
    assert match(entry, reference) is expected


def test_the_best_answer_of_all_entries_counts() -> None:
    key = read_key(ALIAS_ARN)
    assert isinstance(key, KmsKey)
    assert AllowedKeys([OTHER_ACCOUNT]).match(key) is NO
    assert AllowedKeys([OTHER_ACCOUNT, KEY_ARN]).match(key) is MAYBE
    assert AllowedKeys([OTHER_ACCOUNT, KEY_ARN, ALIAS_ARN, OTHER_ACCOUNT]).match(key) is YES
    assert AllowedKeys([]).match(key) is NO


def test_a_key_that_is_not_created_yet_may_be_in_any_list_of_its_region() -> None:
    new_key = KmsKey(KeyManager.CUSTOMER, region="eu-west-1")
    assert AllowedKeys([KEY_ARN]).match(new_key) is MAYBE
    assert AllowedKeys([KEY_ARN.replace("eu-west-1", "us-east-1")]).match(new_key) is NO
    assert AllowedKeys(["arn:*:kms:eu-*:*:*"]).match(new_key) is YES
    in_china = KmsKey(KeyManager.AWS, region="cn-north-1", resource="alias/aws/dynamodb")
    assert AllowedKeys(["arn:aws:kms:*:*:alias/aws/dynamodb"]).match(in_china) is NO
    assert AllowedKeys(["arn:aws-cn:kms:*:*:alias/aws/dynamodb"]).match(in_china) is YES


def usable(entries: list[str], region: str | None, like: str | None = None) -> list[str]:
    key = read_key(like) if like else None
    assert not isinstance(key, NotAKmsKey)
    return [str(arn) for arn in AllowedKeys(entries).usable(region, key)]


def test_the_usable_keys_are_those_of_the_region() -> None:
    in_us = KEY_ARN.replace("eu-west-1", "us-east-1")
    assert usable([in_us, KEY_ARN], "eu-west-1") == [KEY_ARN]
    assert usable([KEY_ARN], "us-east-1") == []
    assert usable([KEY_ARN], "cn-north-1") == []
    anywhere = "arn:*:kms:*:111122223333:key/mrk-1234abcd"
    assert usable([anywhere], "eu-west-1") == [
        "arn:aws:kms:eu-west-1:111122223333:key/mrk-1234abcd"
    ]
    assert usable([anywhere], None) == [anywhere]
    assert usable(["111122223333"], "eu-west-1") == ["arn:aws:kms:eu-west-1:111122223333:"]
    assert usable([AWS_MANAGED_ALIAS_ARN], "eu-west-1") == []


def test_one_key_comes_before_a_pattern_and_an_alias() -> None:
    pattern = "arn:aws:kms:eu-west-1:111122223333:key/*"
    assert usable([pattern, ALIAS_ARN, KEY_ARN], "eu-west-1") == [KEY_ARN, ALIAS_ARN]


def test_the_keys_most_similar_to_a_key_come_first() -> None:
    entries = [OTHER_ACCOUNT, ALIAS_ARN, KEY_ARN, KEY_ARN.replace(KEY_ID, "0")]
    assert usable(entries, "eu-west-1", KEY_ARN.replace("12ab", "12ac"))[0] == KEY_ARN
    in_account = KEY_ARN.replace(KEY_ID, "12000000-0000")
    entries = [alias_arn("alias/orders"), OTHER_KEY_ARN, in_account, KEY_ARN]
    assert usable(entries, None, KEY_ARN.replace("12ab", "12ac")) == [KEY_ARN, in_account]


def test_each_entry_is_compared_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Comparing texts took longer than everything else: 7 s for 500 tables and 100 entries."""
    compared: list[str] = []

    def common_prefix(one: str, other: str) -> int:
        compared.append(one)
        return len(other)

    monkeypatch.setattr(allowed_keys, "_common_prefix", common_prefix)
    entries = [KEY_ARN.replace(KEY_ID, str(number)) for number in range(100)]
    assert len(usable(entries, "eu-west-1", KEY_ARN)) == 2
    assert len(compared) == len(entries)


NO_FORM = (
    "not a key ARN, an alias ARN, or an account ID (an ARN has six parts between colons; a part "
    "may have * but can't be left out)"
)
NEITHER = "an ARN of KMS that names neither a key nor an alias"
OTHER_SERVICE = "the AWS managed key of another service"
NO_ACCOUNT = "an ARN of KMS whose fifth part is not an account ID"


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        ("", NO_FORM),
        ("*", NO_FORM),
        ("1111", NO_FORM),
        ("1111*", NO_FORM),
        ("alias/orders", NO_FORM),
        (KEY_ID, NO_FORM),
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
        (f"{KEY_ARN} ", "a string with white space around it"),
        ("arn:aws:kms:*:*:alias/aws/s3", f"{OTHER_SERVICE} (s3)"),
        ("arn:aws:kms:*:*:alias/aws/s*", OTHER_SERVICE),
        *(
            (entry, MATCHES_EVERY_KEY)
            for entry in (
                "arn:aws:kms:*:*:*",
                "arn:*:kms:*:*:*",
                "arn:aws:kms:**:*:**",
                "arn:aws:kms:*:*:*/*",
                "arn:aws:kms:*-*:*:*",
            )
        ),
        ("arn:aws:kms:::key/x", NO_ACCOUNT),
        ("arn:aws:kms:eu-west-1:1111:key/*", NO_ACCOUNT),
        ("arn:aws:kms:*:1111222233334*:key/*", NO_ACCOUNT),
        ("arn:aws:kms:*:12a*:key/*", NO_ACCOUNT),
        ("\uff11" * 12, NO_FORM),
    ],
)
def test_a_wrong_entry_has_a_fault(entry: str, fault: str) -> None:
    assert entry_fault(entry) == fault


@given(st.text() | st.builds("arn:{}:{}:{}:{}:{}".format, *[st.text("k*ms:/", max_size=6)] * 5))
def test_any_entry_is_accepted_or_has_a_fault_that_does_not_quote_it(entry: str) -> None:
    fault = entry_fault(entry)
    if fault is None:
        assert AllowedKeys([entry]).match(AWS_MANAGED_KEY) in Match
    else:
        assert len(entry) < 3 or entry not in fault


@given(
    st.sampled_from([KEY_ARN, ALIAS_ARN, ACCOUNT, "arn:*:kms:e*:*:*", KEY_ARN.replace(KEY_ID, "*")])
)
def test_a_key_without_an_account_is_rejected_only_if_its_arn_is(entry: str) -> None:
    whole = read_key(KEY_ARN)
    assert isinstance(whole, KmsKey)
    if AllowedKeys([entry]).match(whole) is YES:
        bare = KmsKey(KeyManager.CUSTOMER, resource=whole.resource)
        assert AllowedKeys([entry]).match(bare) is not NO
