"""The rule's table, row by row, and what must hold whatever a table declares."""

from __future__ import annotations

from itertools import product

import pytest

from policies.encryption import (
    Compliant,
    Encryption,
    Malformed,
    Table,
    Undetermined,
    Unknown,
    Violation,
    Why,
    judge,
)
from policies.routes.pulumi_aws import WORDING

CUSTOMER = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
AWS_MANAGED = "arn:aws:kms:us-east-1:111122223333:alias/aws/dynamodb"
BUCKET = "arn:aws:s3:::orders"
NOT_KNOWN = Unknown(("it",), "marker")
LIST = Malformed("a list")


def verdict(
    enabled: bool | Unknown | Malformed | None,
    key: str | Unknown | Malformed | None = None,
    block: bool | Unknown | Malformed | None = True,
) -> object:
    return judge(Table("orders", Encryption(block, enabled, key), WORDING))


def test_a_table_without_the_setting_violates() -> None:
    assert verdict(None, block=None) == Violation(Why.NOT_DECLARED)


def test_a_setting_that_does_not_say_whether_it_is_enabled_violates() -> None:
    assert verdict(None) == Violation(Why.NOT_ENABLED)


@pytest.mark.parametrize("key", [None, ""])
def test_a_disabled_setting_violates(key: str | None) -> None:
    assert verdict(False, key) == Violation(Why.DISABLED)


@pytest.mark.parametrize("key", [CUSTOMER, AWS_MANAGED, BUCKET, NOT_KNOWN, LIST])
def test_a_disabled_setting_violates_whatever_its_key(key: str | Unknown | Malformed) -> None:
    assert verdict(False, key) == Violation(Why.DISABLED_WITH_KEY)


@pytest.mark.parametrize("key", [None, "", AWS_MANAGED, "alias/aws/dynamodb", CUSTOMER, NOT_KNOWN])
def test_enabled_complies_with_any_kms_key(key: str | Unknown | None) -> None:
    assert verdict(True, key) == Compliant()


def test_enabled_with_something_that_is_no_kms_key_violates() -> None:
    assert verdict(True, BUCKET) == Violation(Why.NOT_A_KMS_KEY, "an ARN of another service (s3)")
    assert verdict(True, LIST) == Violation(Why.MALFORMED_KEY, "a list")


def test_wrong_types_violate() -> None:
    assert verdict(LIST, CUSTOMER) == Violation(Why.MALFORMED_ENABLED, "a list")
    assert verdict(None, block=LIST) == Violation(Why.MALFORMED_BLOCK, "a list")


def test_what_is_not_known_yet_is_undetermined() -> None:
    assert verdict(None, block=NOT_KNOWN) == Undetermined(NOT_KNOWN)
    for key in (None, "", CUSTOMER, AWS_MANAGED, NOT_KNOWN):
        assert verdict(NOT_KNOWN, key) == Undetermined(NOT_KNOWN)


def test_what_is_not_known_yet_hides_no_violation() -> None:
    assert verdict(NOT_KNOWN, BUCKET) == Violation(
        Why.NOT_A_KMS_KEY, "an ARN of another service (s3)"
    )
    assert verdict(NOT_KNOWN, LIST) == Violation(Why.MALFORMED_KEY, "a list")


def test_only_enabled_tables_comply() -> None:
    blocks = (None, True, NOT_KNOWN, LIST)
    switches = (None, True, False, NOT_KNOWN, LIST)
    keys = (None, "", CUSTOMER, AWS_MANAGED, BUCKET, NOT_KNOWN, LIST)
    for block, enabled, key in product(blocks, switches, keys):
        if verdict(enabled, key, block) == Compliant():
            assert block is True
            assert enabled is True
