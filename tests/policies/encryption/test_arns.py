"""ARNs are split into their parts, and each Region has a partition."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.encryption.arns import PARTITIONS, Arn, is_in_partition, partition_of
from tests.keys import ACCOUNT, KEY_ARN, KEY_ID


def test_an_arn_is_split_into_its_parts() -> None:
    assert Arn.parse(KEY_ARN) == Arn("aws", "kms", "eu-west-1", ACCOUNT, f"key/{KEY_ID}")


@pytest.mark.parametrize(
    ("text", "arn"),
    [
        ("arn:aws:s3:::orders", Arn("aws", "s3", "", "", "orders")),
        ("arn:aws:sns:::a:b:c", Arn("aws", "sns", "", "", "a:b:c")),
        ("arn:*:kms:*:*:key/*", Arn("*", "kms", "*", "*", "key/*")),
        ("arn:::::", Arn("", "", "", "", "")),
        ("arn:aws:kms:eu-west-1:1", None),
        ("ARN:aws:kms:eu-west-1:1:key/x", None),
        (" arn:aws:kms:eu-west-1:1:key/x", None),
        ("alias/orders", None),
        ("arn", None),
        ("", None),
    ],
)
def test_a_text_with_six_parts_that_starts_with_arn_is_an_arn(text: str, arn: Arn | None) -> None:
    assert Arn.parse(text) == arn


@given(st.text("arn:*k/", max_size=20) | st.text(max_size=8).map("arn:aws:kms:{}:::".format))
def test_an_arn_is_written_as_it_was_read(text: str) -> None:
    arn = Arn.parse(text)
    assert arn is None or str(arn) == text


def test_a_part_can_be_replaced() -> None:
    arn = Arn("aws", "kms", "*", ACCOUNT, "alias/orders")
    in_one_region = arn._replace(region="eu-west-1")
    assert str(in_one_region) == f"arn:aws:kms:eu-west-1:{ACCOUNT}:alias/orders"


@pytest.mark.parametrize(
    ("region", "partition"),
    [
        ("us-east-1", "aws"),
        ("eu-central-2", "aws"),
        ("ap-southeast-4", "aws"),
        ("cn-north-1", "aws-cn"),
        ("cn-northwest-1", "aws-cn"),
        ("us-gov-west-1", "aws-us-gov"),
        ("us-iso-east-1", "aws-iso"),
        ("us-isob-east-1", "aws-iso-b"),
        ("us-isof-south-1", "aws-iso-f"),
        ("eu-isoe-west-1", "aws-iso-e"),
        ("eusc-de-east-1", "aws-eusc"),
        ("xx-new-place-1", "aws"),
        ("region", "aws"),
        ("", "aws"),
    ],
)
def test_each_region_has_a_partition(region: str, partition: str) -> None:
    assert partition_of(region) == partition
    assert partition in PARTITIONS


@pytest.mark.parametrize("partition", PARTITIONS)
def test_a_region_is_in_one_known_partition(partition: str) -> None:
    regions = ["us-east-1", "cn-north-1", "us-gov-west-1", "eusc-de-east-1", "us-iso-east-1"]
    for region in regions:
        assert is_in_partition(region, partition) is (partition_of(region) == partition)
        assert is_in_partition(region, "aws-new")
