"""The table that a violation should become, and tables that remediation leaves alone."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from policies.encryption.allowed_keys import AllowedKeys
from policies.encryption.arns import Arn
from policies.encryption.keys import UnusableKey
from policies.encryption.remediation import remediated
from policies.encryption.rule import judge
from policies.encryption.settings import RemediationKey, RuleSettings
from policies.encryption.spelling import Spelling
from policies.encryption.tables import (
    ConditionalTable,
    Encryption,
    InvalidDeclaration,
    Replica,
    Table,
    UnreadTables,
)
from policies.encryption.values import Hidden, Unknown, WrongType
from policies.encryption.verdicts import Compliant, Undetermined, Violation
from tests.keys import KEY_ARN, MULTI_REGION_KEY_ID, OTHER_KEY_ARN, alias_arn, key_arn

REGION = "eu-west-1"
BUCKET = "arn:aws:s3:::orders"
UNKNOWN = Unknown(("kmsKeyArn",))
HIDDEN = Hidden("the value is a secret")
LIST = WrongType("a list")

SPELLING = Spelling(
    block="serverSideEncryption", enabled="enabled", key="kmsKeyArn", replicas="replicas"
)
TYPED_SPELLING = replace(SPELLING, sse_type="sseType", replicas="")
GLOBAL_SPELLING = replace(SPELLING, sse_type="sseType", replica_block="serverSideEncryption")


def remediation_key(arn: str) -> RemediationKey:
    parsed = Arn.parse(arn)
    assert parsed is not None
    return RemediationKey(parsed)


IN_EVERY_REGION = remediation_key(key_arn("*", key_id=MULTI_REGION_KEY_ID))
DEFAULT = RuleSettings()
SET_KEY = RuleSettings(remediation_key=remediation_key(KEY_ARN))
CUSTOMER_ONLY = RuleSettings(True)
CUSTOMER_ONLY_SET_KEY = RuleSettings(True, remediation_key=IN_EVERY_REGION)
UNENCRYPTED = Encryption()
ENABLED = Encryption(block=True, enabled=True)


def table(encryption: Encryption | None = UNENCRYPTED, **more: Any) -> Table:
    return replace(Table("orders", encryption, SPELLING, region=REGION), **more)


def test_a_remediation_key_has_one_arn_or_one_in_each_region() -> None:
    one = remediation_key(KEY_ARN)
    assert not one.in_every_region
    assert one.in_region(None) == one.in_region("us-east-1") == KEY_ARN
    assert IN_EVERY_REGION.in_every_region
    assert IN_EVERY_REGION.in_region("us-east-1") == key_arn(
        "us-east-1", key_id=MULTI_REGION_KEY_ID
    )
    assert IN_EVERY_REGION.in_region(None) is None


@pytest.mark.parametrize(
    "encryption",
    [
        UNENCRYPTED,
        Encryption(block=True),
        Encryption(block=True, enabled=False),
        Encryption(block=True, enabled=False, key=""),
    ],
)
def test_an_unencrypted_table_is_enabled(encryption: Encryption) -> None:
    assert remediated(table(encryption), DEFAULT) == table(replace(ENABLED, key=encryption.key))
    assert remediated(table(encryption), SET_KEY) == table(replace(ENABLED, key=KEY_ARN))


@pytest.mark.parametrize("key", [OTHER_KEY_ARN, "alias/orders", UNKNOWN])
@pytest.mark.parametrize("settings", [DEFAULT, SET_KEY])
def test_the_tables_own_key_is_kept(key: Any, settings: RuleSettings) -> None:
    before = Encryption(block=True, enabled=False, key=key)
    assert remediated(table(before), settings) == table(replace(ENABLED, key=key))


def test_a_key_gets_the_type_of_encryption_that_aws_needs() -> None:
    before = table(spelling=TYPED_SPELLING)
    assert remediated(before, DEFAULT) == replace(before, encryption=ENABLED)
    with_key = replace(ENABLED, key=KEY_ARN, sse_type="KMS")
    assert remediated(before, SET_KEY) == replace(before, encryption=with_key)


@pytest.mark.parametrize("key", [None, "", "alias/aws/dynamodb"])
def test_the_aws_managed_key_is_replaced_if_customer_managed_keys_are_required(key: Any) -> None:
    before = table(replace(ENABLED, key=key))
    assert remediated(before, CUSTOMER_ONLY) is None
    after = remediated(before, replace(CUSTOMER_ONLY, remediation_key=SET_KEY.remediation_key))
    assert after == table(replace(ENABLED, key=KEY_ARN))


def test_the_key_to_set_depends_on_the_region() -> None:
    assert remediated(table(region=None), CUSTOMER_ONLY_SET_KEY) is None
    after = remediated(table(region="us-east-1"), CUSTOMER_ONLY_SET_KEY)
    assert after is not None
    assert after.encryption == replace(ENABLED, key=IN_EVERY_REGION.in_region("us-east-1"))
    # A key of another Region could not encrypt the table.
    assert remediated(table(region="us-east-1"), SET_KEY) is None


def test_each_replica_of_a_global_table_gets_the_key_of_its_region() -> None:
    own = alias_arn("alias/orders", "sa-east-1")
    replicas = (Replica(REGION), Replica("us-east-1", ""), Replica("sa-east-1", own))
    before = table(replicas=replicas, spelling=GLOBAL_SPELLING, region=None)
    after = remediated(before, CUSTOMER_ONLY_SET_KEY)
    assert after is not None
    assert after.encryption == replace(ENABLED, sse_type="KMS")
    assert after.replicas == (
        Replica(REGION, IN_EVERY_REGION.in_region(REGION)),
        Replica("us-east-1", IN_EVERY_REGION.in_region("us-east-1")),
        Replica("sa-east-1", own),
    )
    unknown_region = replace(before, replicas=(Replica(None),))
    assert remediated(unknown_region, CUSTOMER_ONLY_SET_KEY) is None


def test_a_table_is_left_alone_if_its_replicas_would_have_another_kind_of_key() -> None:
    # AWS refuses a table whose replicas have another kind of key.
    assert remediated(table(replicas=(Replica("us-east-1"),)), SET_KEY) is None
    own = Replica("us-east-1", key_arn("us-east-1"))
    assert remediated(table(replicas=(own,)), DEFAULT) is None
    assert remediated(table(replicas=(own,)), SET_KEY) == table(
        replace(ENABLED, key=KEY_ARN), replicas=(own,)
    )
    assert remediated(table(replicas=UNKNOWN), DEFAULT) is None
    assert remediated(table(replicas=UNKNOWN), SET_KEY) is None


@pytest.mark.parametrize(
    "declaration",
    [
        table(ENABLED),
        table(replace(ENABLED, key=KEY_ARN)),
        table(replace(ENABLED, key=BUCKET)),
        table(replace(ENABLED, key=LIST)),
        table(replace(ENABLED, key=UnusableKey("orders", "disabled"))),
        table(replace(ENABLED, sse_type="AES256")),
        table(Encryption(block=LIST)),
        table(Encryption(block=UNKNOWN)),
        table(Encryption(block=True, enabled=UNKNOWN)),
        table(Encryption(block=True, enabled=HIDDEN)),
        table(Encryption(block=True, enabled=LIST)),
        table(Encryption(block=True, enabled=False, sse_type=UNKNOWN)),
        table(Encryption(block=True, enabled=False, sse_type="AES256")),
        table(Encryption(block=True, enabled=False, key=BUCKET)),
        table(replicas=LIST),
        table(None, replicas=(Replica(REGION, BUCKET),)),
        ConditionalTable((table(), table()), HIDDEN),
        UnreadTables("stack", HIDDEN),
        InvalidDeclaration("stack", "it is not YAML"),
    ],
)
def test_a_compliant_or_uncertain_table_is_left_alone(declaration: Any) -> None:
    assert remediated(declaration, DEFAULT) is None


def test_a_key_that_is_not_allowed_is_not_replaced_unless_it_is_the_aws_managed_key() -> None:
    allowed = RuleSettings(
        allowed_keys=AllowedKeys([KEY_ARN]), remediation_key=SET_KEY.remediation_key
    )
    assert remediated(table(), allowed) == table(replace(ENABLED, key=KEY_ARN))
    assert remediated(table(ENABLED), allowed) == table(replace(ENABLED, key=KEY_ARN))
    assert remediated(table(replace(ENABLED, key=OTHER_KEY_ARN)), allowed) is None


def test_a_remediated_table_is_never_rejected_and_not_remediated_again() -> None:
    blocks = (None, True, UNKNOWN, LIST)
    enableds = (None, True, False, UNKNOWN)
    keys = (None, "", KEY_ARN, OTHER_KEY_ARN, "alias/aws/dynamodb", BUCKET, UNKNOWN, HIDDEN)
    many_replicas = ((), (Replica("us-east-1"),), (Replica("us-east-1", "alias/orders"),), UNKNOWN)
    spellings = (SPELLING, TYPED_SPELLING, GLOBAL_SPELLING)
    many_settings = (DEFAULT, SET_KEY, CUSTOMER_ONLY, CUSTOMER_ONLY_SET_KEY)
    changed = 0
    for block, enabled, key, replicas, spelling, settings in product(
        blocks, enableds, keys, many_replicas, spellings, many_settings
    ):
        before = table(Encryption(block, enabled, key), replicas=replicas, spelling=spelling)
        after = remediated(before, settings)
        if after is None:
            continue
        changed += 1
        assert any(isinstance(verdict, Violation) for verdict in judge(before, settings))
        for verdict in judge(after, settings):
            assert verdict == Compliant() or (
                isinstance(verdict, Undetermined) and isinstance(verdict.cause, Unknown)
            )
        assert remediated(after, settings) is None
    assert changed > 100
