"""The rule's table, row by row, and what must hold whatever a table declares."""

from __future__ import annotations

from itertools import product

import pytest

from policies.encryption import (
    Compliant,
    Encryption,
    Hidden,
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
HIDDEN = Hidden(("it",), "it is hidden")
LIST = Malformed("a list")


def verdict(
    enabled: bool | Unknown | Hidden | Malformed | None,
    key: str | Unknown | Hidden | Malformed | None = None,
    block: bool | Unknown | Hidden | Malformed | None = True,
) -> object:
    return judge(Table("orders", Encryption(block, enabled, key), WORDING))


def test_a_table_without_the_setting_violates() -> None:
    assert verdict(None, block=None) == Violation(Why.NOT_DECLARED)


def test_a_setting_that_does_not_say_whether_it_is_enabled_violates() -> None:
    assert verdict(None) == Violation(Why.NOT_ENABLED)


@pytest.mark.parametrize("key", [None, ""])
def test_a_disabled_setting_violates(key: str | None) -> None:
    assert verdict(False, key) == Violation(Why.DISABLED)


@pytest.mark.parametrize("key", [CUSTOMER, AWS_MANAGED, BUCKET, NOT_KNOWN, HIDDEN, LIST])
def test_a_disabled_setting_violates_whatever_its_key(
    key: str | Unknown | Hidden | Malformed,
) -> None:
    assert verdict(False, key) == Violation(Why.DISABLED_WITH_KEY)


@pytest.mark.parametrize(
    "key", [None, "", AWS_MANAGED, "alias/aws/dynamodb", CUSTOMER, NOT_KNOWN, HIDDEN]
)
def test_enabled_complies_with_any_kms_key(key: str | Unknown | Hidden | None) -> None:
    assert verdict(True, key) == Compliant()


def test_enabled_with_something_that_is_no_kms_key_violates() -> None:
    assert verdict(True, BUCKET) == Violation(Why.NOT_A_KMS_KEY, "an ARN of another service (s3)")
    assert verdict(True, LIST) == Violation(Why.MALFORMED_KEY, "a list")


def test_wrong_types_violate() -> None:
    assert verdict(LIST, CUSTOMER) == Violation(Why.MALFORMED_ENABLED, "a list")
    assert verdict(None, block=LIST) == Violation(Why.MALFORMED_BLOCK, "a list")


@pytest.mark.parametrize("value", [NOT_KNOWN, HIDDEN])
def test_what_is_not_known_yet_or_hidden_is_undetermined(value: Unknown | Hidden) -> None:
    assert verdict(None, block=value) == Undetermined(value)
    for key in (None, "", CUSTOMER, AWS_MANAGED, NOT_KNOWN, HIDDEN):
        assert verdict(value, key) == Undetermined(value)


@pytest.mark.parametrize("value", [NOT_KNOWN, HIDDEN])
def test_what_is_not_known_yet_or_hidden_covers_no_violation(value: Unknown | Hidden) -> None:
    assert verdict(value, BUCKET) == Violation(Why.NOT_A_KMS_KEY, "an ARN of another service (s3)")
    assert verdict(value, LIST) == Violation(Why.MALFORMED_KEY, "a list")


def test_only_enabled_tables_comply() -> None:
    blocks = (None, True, NOT_KNOWN, HIDDEN, LIST)
    switches = (None, True, False, NOT_KNOWN, HIDDEN, LIST)
    keys = (None, "", CUSTOMER, AWS_MANAGED, BUCKET, NOT_KNOWN, HIDDEN, LIST)
    for block, enabled, key in product(blocks, switches, keys):
        if verdict(enabled, key, block) == Compliant():
            assert block is True
            assert enabled is True
