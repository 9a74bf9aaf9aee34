"""The rule's table, row by row, and what must hold whatever a table declares."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from policies.encryption import (
    Alternatives,
    Compliant,
    Encryption,
    Hidden,
    KeyManager,
    KmsKey,
    Malformed,
    NotAKmsKey,
    Opaque,
    Replica,
    Settings,
    Table,
    Undetermined,
    UnfitKey,
    Unknown,
    Unreadable,
    Verdict,
    Violation,
    Why,
    judge,
)
from policies.routes.pulumi_aws import WORDING

REGION = "us-east-1"
CUSTOMER = f"arn:aws:kms:{REGION}:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
FOREIGN = CUSTOMER.replace(REGION, "eu-west-1")
AWS_MANAGED = f"arn:aws:kms:{REGION}:111122223333:alias/aws/dynamodb"
BUCKET = "arn:aws:s3:::orders"
OF_THE_TEMPLATE = KmsKey(KeyManager.CUSTOMER)
UNFIT = UnfitKey("orders", "disabled")
NOT_KNOWN = Unknown(("it",), "marker")
HIDDEN = Hidden(("it",), "it is hidden")
LIST = Malformed("a list")

DEFAULT = Settings()
CUSTOMER_ONLY = Settings(require_customer_managed_key=True)
BOTH = pytest.mark.parametrize("settings", [DEFAULT, CUSTOMER_ONLY], ids=["default", "customer"])


def table(enabled: Any = None, key: Any = None, block: Any = True, **rest: Any) -> Table:
    encryption = Encryption(block, enabled, key, rest.pop("sse_type", None))
    return Table("orders", encryption, WORDING, region=REGION, **rest)


def answers(declared: Any, settings: Settings = DEFAULT) -> list[Verdict | tuple[Why, str]]:
    """The verdicts, each violation by why and what was found."""
    return [
        (it.why, it.found) if isinstance(it, Violation) else it for it in judge(declared, settings)
    ]


@BOTH
def test_a_table_without_the_setting_violates(settings: Settings) -> None:
    assert answers(table(block=None), settings) == [(Why.NOT_DECLARED, "")]


@BOTH
def test_a_setting_that_does_not_say_whether_it_is_enabled_violates(settings: Settings) -> None:
    assert answers(table(), settings) == [(Why.NOT_ENABLED, "")]


@BOTH
@pytest.mark.parametrize("key", [None, ""])
def test_a_disabled_setting_violates(settings: Settings, key: str | None) -> None:
    assert answers(table(False, key), settings) == [(Why.DISABLED, "")]


@BOTH
@pytest.mark.parametrize("key", [CUSTOMER, AWS_MANAGED, BUCKET, UNFIT, NOT_KNOWN, HIDDEN, LIST])
def test_a_disabled_setting_violates_whatever_its_key(settings: Settings, key: Any) -> None:
    assert answers(table(False, key), settings) == [(Why.DISABLED_WITH_KEY, "")]


@pytest.mark.parametrize("key", [None, "", AWS_MANAGED, "alias/aws/dynamodb"])
def test_the_aws_managed_key_complies_unless_customer_managed_keys_are_required(key: Any) -> None:
    assert answers(table(True, key)) == [Compliant()]
    assert answers(table(True, key), CUSTOMER_ONLY) == [(Why.AWS_MANAGED_KEY, "")]


@BOTH
@pytest.mark.parametrize("key", [CUSTOMER, "alias/orders", CUSTOMER[-36:], OF_THE_TEMPLATE])
def test_a_customer_managed_key_complies(settings: Settings, key: Any) -> None:
    assert answers(table(True, key), settings) == [Compliant()]


@pytest.mark.parametrize("key", [NOT_KNOWN, HIDDEN])
def test_a_key_that_can_not_be_read_complies_unless_it_matters_which_it_is(key: Any) -> None:
    assert answers(table(True, key)) == [Compliant()]
    assert answers(table(True, key), CUSTOMER_ONLY) == [Undetermined(key)]


@BOTH
@pytest.mark.parametrize("enabled", [True, NOT_KNOWN, HIDDEN])
@pytest.mark.parametrize(
    ("key", "fault"),
    [
        (BUCKET, (Why.NOT_A_KMS_KEY, "an ARN of another service (s3)")),
        (NotAKmsKey("a bucket"), (Why.NOT_A_KMS_KEY, "a bucket")),
        (UNFIT, (Why.UNFIT_KEY, "disabled")),
        (FOREIGN, (Why.KEY_IN_ANOTHER_REGION, "eu-west-1")),
        (LIST, (Why.MALFORMED_KEY, "a list")),
    ],
)
def test_what_can_not_encrypt_the_table_violates(
    settings: Settings, enabled: Any, key: Any, fault: tuple[Why, str]
) -> None:
    assert answers(table(enabled, key), settings) == [fault]


def test_regions_are_compared_only_where_both_are_known() -> None:
    unknown_region = Table("orders", Encryption(True, True, FOREIGN), WORDING)
    assert answers(unknown_region) == [Compliant()]
    placeholder = CUSTOMER.replace(REGION, "region")
    assert answers(table(True, placeholder)) == [Compliant()]


@BOTH
@pytest.mark.parametrize(
    ("sse_type", "fault"),
    [
        ("AES256", (Why.NOT_SSE_KMS, "AES256")),
        ("kms", (Why.NOT_SSE_KMS, "something else")),
        (LIST, (Why.MALFORMED_SSE_TYPE, "a list")),
    ],
)
def test_a_type_of_encryption_other_than_kms_violates(
    settings: Settings, sse_type: Any, fault: tuple[Why, str]
) -> None:
    assert answers(table(True, CUSTOMER, sse_type=sse_type), settings) == [fault]
    assert answers(table(True, CUSTOMER, sse_type="KMS"), settings) == [Compliant()]


@BOTH
def test_wrong_types_violate(settings: Settings) -> None:
    assert answers(table(LIST, CUSTOMER), settings) == [(Why.MALFORMED_ENABLED, "a list")]
    assert answers(table(block=LIST), settings) == [(Why.MALFORMED_BLOCK, "a list")]
    assert answers(table(True, CUSTOMER, replicas=LIST), settings) == [
        (Why.MALFORMED_REPLICAS, "a list")
    ]


@BOTH
@pytest.mark.parametrize("value", [NOT_KNOWN, HIDDEN])
def test_what_is_not_known_yet_or_hidden_is_undetermined(settings: Settings, value: Any) -> None:
    assert answers(table(block=value), settings) == [Undetermined(value)]
    for key in (CUSTOMER, NOT_KNOWN, HIDDEN):
        assert answers(table(value, key), settings) == [Undetermined(value)]
    assert answers(table(True, CUSTOMER, sse_type=value), settings) == [Undetermined(value)]


def test_a_switch_that_is_not_known_saves_no_table_without_the_key_it_needs() -> None:
    assert answers(table(NOT_KNOWN), CUSTOMER_ONLY) == [(Why.AWS_MANAGED_KEY, "")]


def test_replicas_are_as_the_table_unless_customer_managed_keys_are_required() -> None:
    replicas = (
        Replica("eu-west-1", FOREIGN),
        Replica("us-west-2"),
        Replica("eu-central-1", "alias/aws/dynamodb"),
        Replica("sa-east-1", "alias/orders"),
    )
    declared = table(True, CUSTOMER, replicas=replicas)
    assert answers(declared) == [Compliant()]
    found = judge(declared, CUSTOMER_ONLY)
    assert [(it.why, it.of_replica, it.region) for it in found if isinstance(it, Violation)] == [
        (Why.AWS_MANAGED_KEY, True, "us-west-2"),
        (Why.AWS_MANAGED_KEY, True, "eu-central-1"),
    ]


@BOTH
def test_each_replicas_wrong_key_is_told(settings: Settings) -> None:
    replicas = (Replica("eu-west-1", CUSTOMER), Replica(None, BUCKET), Replica("x", LIST))
    assert answers(table(True, CUSTOMER, replicas=replicas), settings) == [
        (Why.KEY_IN_ANOTHER_REGION, REGION),
        (Why.NOT_A_KMS_KEY, "an ARN of another service (s3)"),
        (Why.MALFORMED_KEY, "a list"),
    ]


def test_a_table_without_encryption_leaves_nothing_to_say_of_its_replicas() -> None:
    assert answers(table(False, replicas=(Replica("eu-west-1"),)), CUSTOMER_ONLY) == [
        (Why.DISABLED, "")
    ]


@pytest.mark.parametrize("value", [NOT_KNOWN, HIDDEN])
def test_replicas_that_can_not_be_read_matter_only_where_each_needs_a_key(value: Any) -> None:
    for replicas in (value, (Replica("eu-west-1", FOREIGN), Replica(None, value))):
        declared = table(True, CUSTOMER, replicas=replicas)
        assert answers(declared) == [Compliant()]
        assert answers(declared, CUSTOMER_ONLY) == [Undetermined(value)]


def test_a_table_that_is_the_sum_of_its_replicas_has_its_keys_there() -> None:
    replicas = (Replica(REGION, CUSTOMER), Replica("eu-west-1", FOREIGN))
    declared = table(True, replicas=replicas, keys_in_replicas=True)
    assert answers(declared, CUSTOMER_ONLY) == [Compliant()]
    none = table(True, replicas=(), keys_in_replicas=True)
    assert answers(none, CUSTOMER_ONLY) == [(Why.AWS_MANAGED_KEY, "")]


def test_a_replica_that_is_a_resource_of_its_own_is_judged_by_its_key() -> None:
    def replica(key: Any) -> Table:
        return Table("copy", None, WORDING, replicas=(Replica("eu-west-1", key),))

    assert answers(replica(None)) == [Compliant()]
    assert answers(replica(None), CUSTOMER_ONLY) == [(Why.AWS_MANAGED_KEY, "")]
    assert answers(replica(FOREIGN), CUSTOMER_ONLY) == [Compliant()]
    assert answers(replica(CUSTOMER)) == [(Why.KEY_IN_ANOTHER_REGION, REGION)]


GOOD, BAD, UNDECIDED = table(True, CUSTOMER), table(False), table(NOT_KNOWN, CUSTOMER)


@BOTH
def test_alternatives_are_definite_only_where_all_cases_agree(settings: Settings) -> None:
    def alternatives(*tables: Table, may_be_absent: bool = False) -> Alternatives:
        return Alternatives(tables, HIDDEN, may_be_absent)

    assert answers(alternatives(GOOD, GOOD), settings) == [Compliant()]
    assert answers(alternatives(GOOD, may_be_absent=True), settings) == [Compliant()]
    assert answers(alternatives(BAD, table(block=None)), settings) == [(Why.DISABLED, "")]
    for mixed in (
        alternatives(GOOD, BAD),
        alternatives(BAD, GOOD),
        alternatives(BAD, UNDECIDED),
        alternatives(GOOD, UNDECIDED),
        alternatives(BAD, may_be_absent=True),
    ):
        assert answers(mixed, settings) == [Undetermined(HIDDEN)]


@BOTH
def test_what_can_not_be_read_at_all(settings: Settings) -> None:
    assert answers(Opaque("stack", HIDDEN), settings) == [Undetermined(HIDDEN)]
    assert answers(Unreadable("stack", "it is no YAML"), settings) == [
        (Why.UNREADABLE, "it is no YAML")
    ]


@BOTH
def test_only_enabled_tables_comply(settings: Settings) -> None:
    blocks = (None, True, NOT_KNOWN, HIDDEN, LIST)
    switches = (None, True, False, NOT_KNOWN, HIDDEN, LIST)
    keys = (None, "", CUSTOMER, AWS_MANAGED, BUCKET, UNFIT, FOREIGN, NOT_KNOWN, HIDDEN, LIST)
    types = (None, "KMS", "AES256", NOT_KNOWN, LIST)
    for block, enabled, key, sse_type in product(blocks, switches, keys, types):
        found = answers(table(enabled, key, block, sse_type=sse_type), settings)
        assert len(found) == 1
        if found == [Compliant()]:
            assert block is True
            assert enabled is True
            assert sse_type in (None, "KMS")
            assert key not in (BUCKET, UNFIT, FOREIGN, LIST)
            if settings.require_customer_managed_key:
                assert key == CUSTOMER
