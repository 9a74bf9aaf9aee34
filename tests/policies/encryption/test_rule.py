"""The rule's table, row by row, and what holds for any table."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from policies.encryption.allowed_keys import AllowedKeys
from policies.encryption.keys import (
    KeyManager,
    KmsKey,
    NewKey,
    NotAKmsKey,
    PendingKey,
    UncheckedKey,
    UnusableKey,
    read_key,
)
from policies.encryption.rule import is_region, judge
from policies.encryption.settings import RuleSettings
from policies.encryption.spelling import Spelling
from policies.encryption.tables import (
    ConditionalTable,
    Declaration,
    Encryption,
    InvalidDeclaration,
    Replica,
    Table,
    UnreadTables,
)
from policies.encryption.values import Hidden, Unknown, WrongType
from policies.encryption.verdicts import (
    Compliant,
    Trait,
    Undetermined,
    Verdict,
    Violation,
    ViolationKind,
)
from tests.keys import ACCOUNT, KEY_ID, OTHER_ACCOUNT, alias_arn, key_arn

REGION = "us-east-1"
CUSTOMER = key_arn(REGION)
FOREIGN = key_arn("eu-west-1")
AWS_MANAGED = alias_arn("alias/aws/dynamodb", REGION)
BUCKET = "arn:aws:s3:::orders"
KEY_OF_TEMPLATE = KmsKey(KeyManager.CUSTOMER)
UNUSABLE = UnusableKey("orders", "disabled")
UNKNOWN = Unknown(("kmsKeyArn",))
HIDDEN = Hidden("the value is a secret", ("kmsKeyArn",))
LIST = WrongType("a list")
KEY_IN_CHINA = key_arn("cn-north-1").replace("arn:aws:", "arn:aws-cn:")

SPELLING = Spelling(
    block="serverSideEncryption", enabled="enabled", key="kmsKeyArn", replicas="replicas"
)
GLOBAL_SPELLING = replace(SPELLING, replica_block="serverSideEncryption")

DEFAULT = RuleSettings()
CUSTOMER_ONLY = RuleSettings(require_customer_managed_key=True)
ALLOW_ONE = RuleSettings(allowed_keys=AllowedKeys([CUSTOMER]))
IN_BOTH_MODES = pytest.mark.parametrize(
    "settings", [DEFAULT, CUSTOMER_ONLY], ids=["default", "customer"]
)


def table(
    enabled: Any = None, key: Any = None, block: Any = True, sse_type: Any = None, **more: Any
) -> Table:
    encryption = Encryption(block, enabled, key, sse_type)
    return replace(Table("orders", encryption, SPELLING, region=REGION), **more)


def verdicts(
    declaration: Declaration, settings: RuleSettings = DEFAULT
) -> list[Verdict | tuple[ViolationKind, str]]:
    """Return the verdicts, each violation as its kind and detail."""
    return [
        (verdict.kind, verdict.detail) if isinstance(verdict, Violation) else verdict
        for verdict in judge(declaration, settings)
    ]


@IN_BOTH_MODES
def test_a_table_without_the_setting_is_a_violation(settings: RuleSettings) -> None:
    assert verdicts(table(block=None), settings) == [(ViolationKind.NO_SETTING, "")]


@IN_BOTH_MODES
def test_a_setting_without_enabled_is_a_violation(settings: RuleSettings) -> None:
    assert verdicts(table(), settings) == [(ViolationKind.NOT_ENABLED, "")]


@IN_BOTH_MODES
@pytest.mark.parametrize("key", [None, ""])
def test_a_disabled_setting_is_a_violation(settings: RuleSettings, key: str | None) -> None:
    assert verdicts(table(False, key), settings) == [(ViolationKind.DISABLED, "")]


@IN_BOTH_MODES
@pytest.mark.parametrize("key", [CUSTOMER, AWS_MANAGED, BUCKET, UNUSABLE, UNKNOWN, HIDDEN, LIST])
def test_a_disabled_setting_is_a_violation_with_any_key(settings: RuleSettings, key: Any) -> None:
    assert verdicts(table(False, key), settings) == [(ViolationKind.DISABLED_WITH_KEY, "")]


@pytest.mark.parametrize("key", [None, "", AWS_MANAGED, "alias/aws/dynamodb"])
def test_the_aws_managed_key_complies_unless_customer_managed_keys_are_required(key: Any) -> None:
    assert verdicts(table(True, key)) == [Compliant()]
    assert verdicts(table(True, key), CUSTOMER_ONLY) == [(ViolationKind.AWS_MANAGED_KEY, "")]


@IN_BOTH_MODES
@pytest.mark.parametrize("key", [CUSTOMER, "alias/orders", KEY_ID, KEY_OF_TEMPLATE])
def test_a_customer_managed_key_complies(settings: RuleSettings, key: Any) -> None:
    assert verdicts(table(True, key), settings) == [Compliant()]


@pytest.mark.parametrize("key", [UNKNOWN, HIDDEN])
def test_an_unreadable_key_complies_unless_customer_managed_keys_are_required(key: Any) -> None:
    assert verdicts(table(True, key)) == [Compliant()]
    for settings in (CUSTOMER_ONLY, ALLOW_ONE):
        assert verdicts(table(True, key), settings) == [Undetermined(key, about_key=True)]


@IN_BOTH_MODES
@pytest.mark.parametrize("enabled", [True, UNKNOWN, HIDDEN])
@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (BUCKET, (ViolationKind.NOT_A_KMS_KEY, "an ARN of another service (s3)")),
        (NotAKmsKey("a bucket"), (ViolationKind.NOT_A_KMS_KEY, "a bucket")),
        (
            "alias/aws/s3",
            (ViolationKind.KEY_OF_ANOTHER_SERVICE, "the AWS managed key of another service (s3)"),
        ),
        (UNUSABLE, (ViolationKind.UNUSABLE_KEY, "disabled")),
        (FOREIGN, (ViolationKind.KEY_IN_ANOTHER_REGION, "eu-west-1")),
        (LIST, (ViolationKind.KEY_OF_WRONG_TYPE, "a list")),
    ],
)
def test_a_key_that_cannot_encrypt_the_table_is_a_violation(
    settings: RuleSettings, enabled: Any, key: Any, expected: tuple[ViolationKind, str]
) -> None:
    assert verdicts(table(enabled, key), settings) == [expected]


def test_a_violation_names_the_unusable_key_and_the_region() -> None:
    (violation,) = judge(table(True, UNUSABLE), DEFAULT)
    assert isinstance(violation, Violation)
    assert (violation.key, violation.region, violation.in_replica) == (UNUSABLE, REGION, False)


def test_regions_are_compared_only_if_both_are_known() -> None:
    assert verdicts(table(True, FOREIGN, region=None)) == [Compliant()]
    placeholder = CUSTOMER.replace(REGION, "region")
    assert verdicts(table(True, placeholder)) == [Compliant()]
    assert verdicts(table(True, FOREIGN, region="region")) == [Compliant()]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("eu-west-1", True),
        ("us-gov-west-1", True),
        ("us-isob-east-1", True),
        ("eusc-de-east-1", True),
        ("ap-southeast-12", True),
        ("eu-west", False),
        ("region", False),
        ("EU-WEST-1", False),
        ("eu-west-1 ", False),
        ("eu-west-1\n", False),
        ("*", False),
        ("", False),
    ],
)
def test_a_region_has_a_known_form(text: str, expected: bool) -> None:
    assert is_region(text) is expected


@IN_BOTH_MODES
@pytest.mark.parametrize(
    ("sse_type", "expected"),
    [
        ("AES256", (ViolationKind.OTHER_SSE_TYPE, "AES256")),
        ("kms", (ViolationKind.OTHER_SSE_TYPE, "another value")),
        (LIST, (ViolationKind.SSE_TYPE_OF_WRONG_TYPE, "a list")),
        ("KMS", Compliant()),
        ("", Compliant()),
    ],
)
def test_a_type_of_encryption_other_than_kms_is_a_violation(
    settings: RuleSettings, sse_type: Any, expected: Any
) -> None:
    assert verdicts(table(True, CUSTOMER, sse_type=sse_type), settings) == [expected]


@IN_BOTH_MODES
@pytest.mark.parametrize(
    ("declaration", "kind"),
    [
        (table(LIST, CUSTOMER), ViolationKind.ENABLED_OF_WRONG_TYPE),
        (table(block=LIST), ViolationKind.BLOCK_OF_WRONG_TYPE),
        (table(True, CUSTOMER, replicas=LIST), ViolationKind.REPLICAS_OF_WRONG_TYPE),
    ],
)
def test_a_value_of_the_wrong_type_is_a_violation(
    settings: RuleSettings, declaration: Table, kind: ViolationKind
) -> None:
    assert verdicts(declaration, settings) == [(kind, "a list")]


@IN_BOTH_MODES
@pytest.mark.parametrize("value", [UNKNOWN, HIDDEN])
def test_an_unreadable_setting_is_undetermined(settings: RuleSettings, value: Any) -> None:
    assert verdicts(table(block=value), settings) == [Undetermined(value)]
    for key in (CUSTOMER, UNKNOWN, HIDDEN):
        assert verdicts(table(value, key), settings) == [Undetermined(value)]
    assert verdicts(table(True, CUSTOMER, sse_type=value), settings) == [Undetermined(value)]


def test_an_unknown_enabled_does_not_hide_a_missing_customer_managed_key() -> None:
    assert verdicts(table(UNKNOWN), CUSTOMER_ONLY) == [(ViolationKind.AWS_MANAGED_KEY, "")]


def test_replicas_follow_the_table_unless_customer_managed_keys_are_required() -> None:
    replicas = (
        Replica("eu-west-1", FOREIGN),
        Replica("us-west-2"),
        Replica("eu-central-1", "alias/aws/dynamodb"),
        Replica("sa-east-1", "alias/orders"),
    )
    declaration = table(True, CUSTOMER, replicas=replicas)
    assert verdicts(declaration) == [Compliant()]
    assert judge(declaration, CUSTOMER_ONLY) == tuple(
        Violation(ViolationKind.AWS_MANAGED_KEY, declaration, in_replica=True, region=region)
        for region in ("us-west-2", "eu-central-1")
    )


@IN_BOTH_MODES
def test_each_wrong_key_of_a_replica_is_a_violation(settings: RuleSettings) -> None:
    replicas = (Replica("eu-west-1", CUSTOMER), Replica(None, BUCKET), Replica("x", LIST))
    assert verdicts(table(True, CUSTOMER, replicas=replicas), settings) == [
        (ViolationKind.KEY_IN_ANOTHER_REGION, REGION),
        (ViolationKind.NOT_A_KMS_KEY, "an ARN of another service (s3)"),
        (ViolationKind.KEY_OF_WRONG_TYPE, "a list"),
    ]


def test_a_key_that_only_the_settings_reject_does_not_hide_the_replicas() -> None:
    declaration = table(True, replicas=(Replica("eu-west-1"),))
    rejected = [(ViolationKind.AWS_MANAGED_KEY, "")] * 2
    assert verdicts(declaration, CUSTOMER_ONLY) == rejected
    declaration = table(True, BUCKET, replicas=(Replica("eu-west-1"),))
    assert verdicts(declaration, CUSTOMER_ONLY) == [
        (ViolationKind.NOT_A_KMS_KEY, "an ARN of another service (s3)")
    ]


def test_the_replicas_of_an_unencrypted_table_have_no_verdict() -> None:
    declaration = table(False, replicas=(Replica("eu-west-1"),))
    assert verdicts(declaration, CUSTOMER_ONLY) == [(ViolationKind.DISABLED, "")]


@pytest.mark.parametrize("value", [UNKNOWN, HIDDEN])
def test_unreadable_replicas_matter_only_if_each_needs_a_key(value: Any) -> None:
    for replicas in (value, (Replica("eu-west-1", FOREIGN), Replica(None, value))):
        declaration = table(True, CUSTOMER, replicas=replicas)
        assert verdicts(declaration) == [Compliant()]
        assert verdicts(declaration, CUSTOMER_ONLY) == [Undetermined(value, about_key=True)]


def test_a_global_table_names_its_keys_in_its_replicas() -> None:
    replicas = (Replica(REGION, CUSTOMER), Replica("eu-west-1", FOREIGN))
    declaration = table(True, replicas=replicas, spelling=GLOBAL_SPELLING)
    assert verdicts(declaration, CUSTOMER_ONLY) == [Compliant()]
    without_replicas = table(True, spelling=GLOBAL_SPELLING)
    assert verdicts(without_replicas, CUSTOMER_ONLY) == [(ViolationKind.AWS_MANAGED_KEY, "")]


@pytest.mark.parametrize(
    ("key", "settings", "expected"),
    [
        (None, DEFAULT, Compliant()),
        (None, CUSTOMER_ONLY, (ViolationKind.AWS_MANAGED_KEY, "")),
        (FOREIGN, CUSTOMER_ONLY, Compliant()),
        (CUSTOMER, DEFAULT, (ViolationKind.KEY_IN_ANOTHER_REGION, REGION)),
    ],
)
def test_a_replica_that_is_its_own_resource_is_judged_by_its_key(
    key: str | None, settings: RuleSettings, expected: Any
) -> None:
    replica = Table("copy", None, SPELLING, replicas=(Replica("eu-west-1", key),))
    assert verdicts(replica, settings) == [expected]


COMPLIANT, DISABLED, UNCERTAIN = table(True, CUSTOMER), table(False), table(UNKNOWN, CUSTOMER)


@IN_BOTH_MODES
@pytest.mark.parametrize(
    ("cases", "may_be_absent", "expected"),
    [
        ((COMPLIANT, COMPLIANT), False, Compliant()),
        ((COMPLIANT,), True, Compliant()),
        ((DISABLED, table(block=None)), False, (ViolationKind.DISABLED, "")),
        ((COMPLIANT, DISABLED), False, Undetermined(HIDDEN)),
        ((DISABLED, COMPLIANT), False, Undetermined(HIDDEN)),
        ((DISABLED, UNCERTAIN), False, Undetermined(HIDDEN)),
        # The condition does not decide.
        ((COMPLIANT, UNCERTAIN), False, Undetermined(UNKNOWN)),
        ((UNCERTAIN,), True, Undetermined(UNKNOWN)),
        ((DISABLED,), True, (ViolationKind.DISABLED, "")),
        ((DISABLED, UNCERTAIN), True, Undetermined(HIDDEN)),
    ],
)
def test_a_conditional_table_has_a_certain_verdict_only_if_all_cases_agree(
    settings: RuleSettings, cases: tuple[Table, ...], may_be_absent: bool, expected: Any
) -> None:
    assert verdicts(ConditionalTable(cases, HIDDEN, may_be_absent), settings) == [expected]


@IN_BOTH_MODES
def test_a_table_that_breaks_the_rule_in_each_case_in_which_it_exists_is_a_violation(
    settings: RuleSettings,
) -> None:
    cases = (DISABLED, table(block=None))
    for may_be_absent in (True, False):
        (verdict,) = judge(ConditionalTable(cases, HIDDEN, may_be_absent), settings)
        assert isinstance(verdict, Violation)
        assert verdict.if_it_exists is may_be_absent
    # The update decides whether there is a table, and checks it then.
    assert judge(ConditionalTable(cases, UNKNOWN, True), settings) == (Undetermined(UNKNOWN),)
    (verdict,) = judge(ConditionalTable(cases, UNKNOWN, False), settings)
    assert isinstance(verdict, Violation)


def test_a_conditional_table_is_undetermined_for_the_reason_that_decides() -> None:
    unknown_key = table(True, HIDDEN)
    conditional = ConditionalTable((COMPLIANT, unknown_key), UNKNOWN, may_be_absent=True)
    assert verdicts(conditional) == [Compliant()]
    assert verdicts(conditional, CUSTOMER_ONLY) == [Undetermined(HIDDEN, about_key=True)]
    with_new_key = ConditionalTable((table(True, NewKey(("kmsKeyArn",))),), HIDDEN, True)
    assert verdicts(with_new_key, CUSTOMER_ONLY) == [Compliant()]


def test_a_new_key_is_customer_managed_and_of_no_known_account() -> None:
    new_key = NewKey(("kmsKeyArn",))
    replicas = (Replica("eu-west-1", new_key),)
    of_replica = table(True, CUSTOMER, replicas=replicas)
    for declaration, replica in ((table(True, new_key), None), (of_replica, "eu-west-1")):
        assert verdicts(declaration) == [Compliant()]
        assert verdicts(declaration, CUSTOMER_ONLY) == [Compliant()]
        undetermined = Undetermined(new_key, about_key=True, replica=replica)
        assert verdicts(declaration, ALLOW_ONE) == [undetermined]


@IN_BOTH_MODES
def test_a_key_that_waited_for_its_key_material_is_undetermined(settings: RuleSettings) -> None:
    for declaration in (
        table(True, PendingKey("imported")),
        table(True, CUSTOMER, replicas=(Replica("eu-west-1", PendingKey("imported")),)),
    ):
        (verdict,) = judge(declaration, settings)
        assert isinstance(verdict, Undetermined)
        assert verdict.about_key
        assert isinstance(verdict.cause, Hidden)
        assert "Import the key material, and run `pulumi refresh`" in verdict.cause.reason
    assert verdicts(table(False, PendingKey("imported")), settings) == [
        (ViolationKind.DISABLED_WITH_KEY, "")
    ]


@pytest.mark.parametrize(
    ("key", "region", "expected"),
    [
        (KEY_IN_CHINA, "cn-north-1", Compliant()),
        (KEY_IN_CHINA, None, Compliant()),
        # The Region and the partition of one ARN can disagree.
        (KEY_IN_CHINA.replace("aws-cn", "aws"), "cn-north-1", ("aws",)),
        (CUSTOMER.replace("arn:aws:", "arn:aws-cn:"), REGION, ("aws-cn",)),
        (CUSTOMER.replace("arn:aws:", "arn:aws-us-gov:"), REGION, ("aws-us-gov",)),
        # A partition that AWS adds can have any Region.
        (CUSTOMER.replace("arn:aws:", "arn:aws-new:"), REGION, Compliant()),
        # What does not look like a Region is not compared.
        (KEY_IN_CHINA, "region", Compliant()),
        ("alias/orders", "cn-north-1", Compliant()),
        (AWS_MANAGED.replace("arn:aws:", "arn:aws-cn:"), REGION, ("aws-cn",)),
    ],
)
@pytest.mark.parametrize("in_replica", [False, True])
def test_a_key_of_another_partition_is_a_violation(
    key: str, region: str | None, expected: Any, in_replica: bool
) -> None:
    declaration = table(True, key, region=region)
    if in_replica:
        declaration = table(True, CUSTOMER, replicas=(Replica(region, key),))
    if isinstance(expected, tuple):
        expected = (ViolationKind.KEY_IN_ANOTHER_PARTITION, *expected)
    assert verdicts(declaration) == [expected]


@pytest.mark.parametrize(
    ("key", "account", "expected"),
    [
        (None, ACCOUNT, Compliant()),
        ("", ACCOUNT, Compliant()),
        ("alias/aws/dynamodb", ACCOUNT, Compliant()),
        ("alias/orders", ACCOUNT, Compliant()),
        (KEY_ID, ACCOUNT, Compliant()),
        (None, OTHER_ACCOUNT, "the AWS managed key aws/dynamodb"),
        ("alias/aws/dynamodb", OTHER_ACCOUNT, "the AWS managed key aws/dynamodb"),
        ("alias/orders", OTHER_ACCOUNT, ""),
        (CUSTOMER, OTHER_ACCOUNT, Compliant()),
        (CUSTOMER.replace(ACCOUNT, OTHER_ACCOUNT), ACCOUNT, ""),
    ],
)
def test_the_account_of_a_table_is_that_of_a_key_without_an_account(
    key: str | None, account: str, expected: Any
) -> None:
    settings = RuleSettings(allowed_keys=AllowedKeys([ACCOUNT]))
    if isinstance(expected, str):
        expected = (ViolationKind.KEY_NOT_ALLOWED, expected)
    assert verdicts(table(True, key, account=account), settings) == [expected]
    in_replica = table(True, CUSTOMER, account=account, replicas=(Replica("us-east-1", key),))
    assert verdicts(in_replica, settings) == [expected]


def test_without_an_account_only_aws_can_match_a_key_with_an_account() -> None:
    settings = RuleSettings(allowed_keys=AllowedKeys([ACCOUNT]))
    for key in (None, "alias/orders", KEY_ID):
        (verdict,) = judge(table(True, key), settings)
        assert isinstance(verdict, Undetermined)
        assert verdict.about_key


@IN_BOTH_MODES
def test_unread_tables_are_undetermined(settings: RuleSettings) -> None:
    for cause in (UNKNOWN, HIDDEN):
        assert verdicts(UnreadTables("stack", cause), settings) == [Undetermined(cause)]


@IN_BOTH_MODES
def test_an_invalid_declaration_is_a_violation(settings: RuleSettings) -> None:
    assert verdicts(InvalidDeclaration("stack", "it is not YAML"), settings) == [
        (ViolationKind.INVALID_DECLARATION, "it is not YAML")
    ]


@IN_BOTH_MODES
def test_only_an_enabled_table_complies(settings: RuleSettings) -> None:
    blocks = (None, True, UNKNOWN, HIDDEN, LIST)
    enableds = (None, True, False, UNKNOWN, HIDDEN, LIST)
    keys = (None, "", CUSTOMER, AWS_MANAGED, BUCKET, UNUSABLE, FOREIGN, UNKNOWN, HIDDEN, LIST)
    types = (None, "KMS", "AES256", UNKNOWN, LIST)
    for block, enabled, key, sse_type in product(blocks, enableds, keys, types):
        (verdict,) = judge(table(enabled, key, block, sse_type), settings)
        if verdict == Compliant():
            assert block is True
            assert enabled is True
            assert sse_type in (None, "KMS")
            assert key not in (BUCKET, UNUSABLE, FOREIGN, LIST)
            if settings.require_customer_managed_key:
                assert key == CUSTOMER


def test_each_kind_of_violation_has_a_meaning_and_consistent_traits() -> None:
    assert len({kind.meaning for kind in ViolationKind}) == len(ViolationKind)
    for kind in ViolationKind:
        # A table without encryption has no key that could be wrong.
        assert not (Trait.UNENCRYPTED in kind.traits and Trait.WRONG_KEY in kind.traits)
        if Trait.FROM_SETTINGS in kind.traits:
            assert Trait.REMEDIABLE in kind.traits


def unchecked(arn: str) -> UncheckedKey:
    key = read_key(arn)
    assert isinstance(key, KmsKey)
    return UncheckedKey(key, "AWS denied kms:DescribeKey")


def test_an_unchecked_key_leaves_open_only_its_manager_and_its_state() -> None:
    undetermined = Undetermined(Hidden("AWS denied kms:DescribeKey"), about_key=True)
    checked = table(True, unchecked(CUSTOMER))
    assert judge(checked, DEFAULT) == (undetermined,)
    assert judge(checked, RuleSettings(require_customer_managed_key=True)) == (undetermined,)
    assert judge(checked, RuleSettings(allowed_keys=AllowedKeys([ACCOUNT]))) == (undetermined,)
    for allowed in ([OTHER_ACCOUNT], [key_arn(REGION).replace(KEY_ID, "mrk-1")]):
        (violation,) = judge(checked, RuleSettings(allowed_keys=AllowedKeys(allowed)))
        assert isinstance(violation, Violation)
        assert violation.kind is ViolationKind.KEY_NOT_ALLOWED
    (violation,) = judge(table(False, unchecked(CUSTOMER)), DEFAULT)
    assert isinstance(violation, Violation)
    assert violation.kind is ViolationKind.DISABLED_WITH_KEY
    (violation,) = judge(table(True, unchecked(FOREIGN)), DEFAULT)
    assert isinstance(violation, Violation)
    assert violation.kind is ViolationKind.KEY_IN_ANOTHER_REGION
