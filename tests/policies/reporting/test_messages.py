"""Every message is complete: it names the table, what is wrong, what that means, and the change."""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from importlib import import_module
from typing import Any

import pytest

from policies import routes
from policies.encryption.allowed_keys import AllowedKeys
from policies.encryption.keys import KeyManager, KmsKey, UnusableKey
from policies.encryption.settings import RuleSettings
from policies.encryption.spelling import Spelling
from policies.encryption.tables import (
    ConditionalTable,
    Declaration,
    Encryption,
    InvalidDeclaration,
    Table,
    UnreadTables,
)
from policies.encryption.values import Hidden, Unknown
from policies.encryption.verdicts import Compliant, Trait, Undetermined, Violation, ViolationKind
from policies.exemptions import Exemption, UrnPattern
from policies.findings import Exempt, Failure, Finding, WrongSettings
from policies.reporting import messages
from policies.routes.pulumi_aws import TABLE_SPELLING
from policies.routes.sse_specification import PASCAL_TABLE
from tests.keys import ALIAS_ARN, KEY_ARN

Message = Callable[[Finding, RuleSettings], str | None]

ALLOWED = AllowedKeys([ALIAS_ARN, KEY_ARN])
NOT_ALLOWED = KmsKey(KeyManager.CUSTOMER)
DEFAULT = RuleSettings()
CUSTOMER_ONLY = RuleSettings(require_customer_managed_key=True)
TABLE = Table("orders", Encryption(), TABLE_SPELLING)
ORDERS_OF_TEMPLATE = Table("Orders", Encryption(), PASCAL_TABLE, template_of="infra")
HIDDEN = Hidden("the value is a secret", ("serverSideEncryption", "enabled"))
EXPIRED = Exemption("legacy", table="orders", expires=date(2026, 11, 23), expired=True)
AWS_OWNED_KEY = "an AWS owned key, which you can't view, audit, restrict, or revoke"

NOT_SET = (ViolationKind.NO_SETTING, ViolationKind.NOT_ENABLED, ViolationKind.DISABLED)
DETAILS = {
    ViolationKind.OTHER_SSE_TYPE: "AES256",
    ViolationKind.NOT_A_KMS_KEY: "an ARN of another service (s3)",
    ViolationKind.KEY_OF_ANOTHER_SERVICE: "the AWS managed key of another service (s3)",
    ViolationKind.UNUSABLE_KEY: "disabled",
    ViolationKind.KEY_IN_ANOTHER_REGION: "us-east-1",
    ViolationKind.KEY_IN_ANOTHER_PARTITION: "aws-cn",
    ViolationKind.KEY_NOT_ALLOWED: "a key",
}
INCOMPLETE = re.compile(r"  |\.\.|\s[.,;]|\b(\w+) \1\b|\bNone\b|''|``|\(\)|: \.", re.IGNORECASE)


def spellings() -> dict[str, Spelling]:
    """Return each spelling of the routes by its name."""
    by_name = {
        name: value
        for module in pkgutil.iter_modules(routes.__path__, f"{routes.__name__}.")
        for name, value in vars(import_module(module.name)).items()
        if isinstance(value, Spelling) and not name.startswith("_")
    }
    assert len(by_name) >= 10
    return by_name


def finding(declaration: Declaration | None, verdict: Any, name: str = "orders") -> Finding:
    return Finding(name, "urn", declaration, verdict)


def violation(kind: ViolationKind, table: Table, *, in_replica: bool = False) -> Violation:
    return Violation(
        kind,
        table,
        DETAILS.get(kind, "a boolean" if "WRONG_TYPE" in kind.name else ""),
        in_replica,
        region="eu-west-1",
        key=UnusableKey("retired", "disabled") if kind is ViolationKind.UNUSABLE_KEY else None,
        not_allowed=NOT_ALLOWED if kind is ViolationKind.KEY_NOT_ALLOWED else None,
    )


def violations() -> Iterator[Any]:
    """Yield each kind of violation of each type of table, and of its replicas."""
    for name, spelling in spellings().items():
        table = Table("orders", Encryption() if spelling.block else None, spelling)
        for kind in ViolationKind:
            is_key = kind.traits & (Trait.WRONG_KEY | Trait.FROM_SETTINGS)
            missing = (
                kind is ViolationKind.INVALID_DECLARATION
                or ("SSE_TYPE" in kind.name and not spelling.sse_type)
                or ("REPLICAS" in kind.name and not spelling.replicas)
                or not (is_key or spelling.block)
            )
            if missing:
                continue
            if spelling.block:
                yield pytest.param(violation(kind, table), id=f"{name}-{kind.name}")
            if is_key and (spelling.replicas or not spelling.block):
                in_replica = violation(kind, table, in_replica=True)
                yield pytest.param(in_replica, id=f"{name}-{kind.name}-replica")


def text_of(message: Message, verdict: Violation, settings: RuleSettings = DEFAULT) -> str:
    text = message(finding(verdict.table, verdict), settings)
    assert text is not None
    return text


def lines(message: Message, verdict: Violation, settings: RuleSettings = DEFAULT) -> list[str]:
    return text_of(message, verdict, settings).split("\n")


@pytest.mark.parametrize("verdict", list(violations()))
@pytest.mark.parametrize("message", [messages.declared, messages.deployed])
@pytest.mark.parametrize("settings", [DEFAULT, CUSTOMER_ONLY], ids=["default", "customer"])
def test_a_message_is_complete(
    verdict: Violation, message: Message, settings: RuleSettings
) -> None:
    kind, table = verdict.kind, verdict.table
    assert table is not None
    if kind is ViolationKind.KEY_NOT_ALLOWED:
        settings = replace(settings, allowed_keys=ALLOWED)
    fault, _, change = text_of(message, verdict, settings).partition("\n")
    what = "DynamoDB table replica" if table.encryption is None else "DynamoDB table"
    assert fault.startswith(f"{what} 'orders' ")
    assert re.search(", (so|and) ", fault)
    page = table.spelling.page
    assert change.endswith(page or ".")
    prose = re.sub("`[^`]*`", "`code`", change.removesuffix(page))
    for line in (fault, prose):
        assert not INCOMPLETE.search(line.strip())
    assert change.count("`") % 2 == 0
    assert len(fault) + len(change) < 1000
    assert ("AWS managed key aws/dynamodb" in change) <= (settings is DEFAULT)


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        *((kind, messages.declared) for kind in (*NOT_SET, ViolationKind.DISABLED_WITH_KEY)),
        *((kind, messages.deployed) for kind in NOT_SET),
    ],
)
def test_a_message_says_why_the_default_encryption_is_not_enough(
    kind: ViolationKind, message: Message
) -> None:
    assert AWS_OWNED_KEY in lines(message, violation(kind, TABLE))[0]


def test_a_table_of_a_template_is_not_disabled_because_its_key_is_changing() -> None:
    # The state has the template as it is declared, not what AWS recorded.
    verdict = violation(ViolationKind.DISABLED_WITH_KEY, ORDERS_OF_TEMPLATE)
    fault, change = lines(messages.deployed, verdict)
    assert "is deployed without KMS encryption" in fault
    assert "refresh" not in change


@pytest.mark.parametrize("region", [None, "hunter2", "eu-west-1\n"])
def test_only_the_name_of_a_region_is_shown(region: str | None) -> None:
    verdict = replace(violation(ViolationKind.NOT_A_KMS_KEY, TABLE, in_replica=True), region=region)
    assert " has a replica that sets " in lines(messages.declared, verdict)[0]


def test_a_long_name_is_cut_and_a_control_character_replaced() -> None:
    table = replace(TABLE, name=f"a\n\x1b[31m{'b' * 200}")
    fault, _ = lines(messages.declared, violation(ViolationKind.NO_SETTING, table))
    assert fault.startswith(f"DynamoDB table 'a\ufffd\ufffd[31m{'b' * 112}…' does not")


@pytest.mark.parametrize("message", [messages.declared, messages.deployed])
def test_an_invalid_declaration_is_named_with_its_fault(message: Message) -> None:
    declaration = InvalidDeclaration("infra", "templateBody is a list instead of a template")
    verdict = Violation(ViolationKind.INVALID_DECLARATION, detail=declaration.fault)
    assert message(finding(declaration, verdict), DEFAULT) == (
        "'infra' can't be read: templateBody is a list instead of a template, so the encryption of "
        "its DynamoDB tables can't be checked.\nCorrect it."
    )


@pytest.mark.parametrize("message", [messages.declared, messages.deployed])
@pytest.mark.parametrize(
    ("declaration", "verdict"),
    [
        (TABLE, violation(ViolationKind.NO_SETTING, TABLE)),
        (TABLE, violation(ViolationKind.DISABLED_WITH_KEY, TABLE)),
        (
            InvalidDeclaration("infra", "it is not YAML"),
            Violation(ViolationKind.INVALID_DECLARATION, detail="it is not YAML"),
        ),
    ],
)
def test_an_expired_exemption_is_named_in_the_fault(
    message: Message, declaration: Declaration, verdict: Violation
) -> None:
    without = finding(declaration, verdict)
    fault, change = (message(without, DEFAULT) or "").split("\n")
    assert (message(replace(without, expired=EXPIRED), DEFAULT) or "").split("\n") == [
        f"{fault} The table's exemption expired at the end of 2026-11-23 (UTC).",
        change,
    ]


@pytest.mark.parametrize(
    ("declaration", "subject"),
    [
        (TABLE, "DynamoDB table 'orders'"),
        (ConditionalTable((TABLE,), HIDDEN), "DynamoDB table 'orders'"),
        (ORDERS_OF_TEMPLATE, "DynamoDB table 'Orders' in the template of 'infra'"),
        (UnreadTables("infra", HIDDEN), "any DynamoDB tables of 'infra'"),
        (
            UnreadTables("Nested", HIDDEN, template_of="infra"),
            "any DynamoDB tables of 'Nested' in the template of 'infra'",
        ),
    ],
)
def test_only_one_message_reports_a_hidden_value(declaration: Declaration, subject: str) -> None:
    hidden = finding(declaration, Undetermined(HIDDEN))
    assert messages.undetermined(hidden, DEFAULT) == (
        f"The encryption of {subject} can't be determined from serverSideEncryption.enabled: the "
        "value is a secret.\nCheck it in AWS: `aws dynamodb describe-table --table-name NAME "
        "--query Table.SSEDescription` shows the SSEType KMS for a KMS key, and null for an AWS "
        "owned key."
    )
    assert messages.declared(hidden, DEFAULT) is None
    assert messages.deployed(hidden, DEFAULT) is None


def test_a_hidden_value_without_a_path_is_reported_by_its_reason() -> None:
    infra = UnreadTables("infra", Hidden("the template is behind a URL"))
    assert (
        messages.undetermined(finding(infra, Undetermined(infra.cause)), DEFAULT) or ""
    ).startswith(
        "The encryption of any DynamoDB tables of 'infra' can't be determined: the template is "
        "behind a URL.\n"
    )


def test_a_message_about_a_key_does_not_doubt_the_encryption() -> None:
    about_key = finding(TABLE, Undetermined(Hidden("the value is a secret", ("key",)), True))
    assert messages.undetermined(about_key, DEFAULT) == (
        "DynamoDB table 'orders' uses a KMS key, but key can't be checked: the value is a secret.\n"
        "Check it in AWS: `aws dynamodb describe-table --table-name NAME --query "
        "Table.SSEDescription.KMSMasterKeyArn` shows the ARN of the key."
    )
    unknown = replace(about_key, verdict=Undetermined(Unknown(("key",)), about_key=True))
    for declaration in (TABLE, replace(TABLE, not_created_yet=True)):
        assert messages.undetermined(replace(unknown, declaration=declaration), DEFAULT) == (
            "The KMS key of DynamoDB table 'orders' is not known until the update.\n"
            "Run `pulumi up`, which checks whether the settings accept the key."
        )


@pytest.mark.parametrize("message", [messages.declared, messages.deployed])
def test_a_table_that_may_not_exist_is_not_called_deployed(message: Message) -> None:
    verdict = violation(ViolationKind.NO_SETTING, ORDERS_OF_TEMPLATE)
    fault, _ = lines(message, replace(verdict, if_it_exists=True))
    assert fault.startswith("DynamoDB table 'Orders' in the template of 'infra' does not set ")
    assert fault.endswith(
        ". Whether the template creates it depends on a condition that can't be determined."
    )


def test_an_unknown_value_is_reported_only_for_a_table_that_exists() -> None:
    unknown = finding(TABLE, Undetermined(Unknown(("serverSideEncryption",))))
    assert messages.undetermined(unknown, DEFAULT) == (
        "The encryption of DynamoDB table 'orders' is not known until the update.\nRun `pulumi "
        "up`, which checks it and rejects an AWS owned key."
    )
    new = replace(TABLE, not_created_yet=True)
    assert messages.undetermined(replace(unknown, declaration=new), DEFAULT) is None


def test_an_accepted_table_has_no_message() -> None:
    for accepted in (Compliant(), Undetermined(Unknown()), Exempt(EXPIRED)):
        assert messages.declared(finding(TABLE, accepted), DEFAULT) is None
        assert messages.deployed(finding(TABLE, accepted), DEFAULT) is None
    for certain in (Compliant(), violation(ViolationKind.DISABLED, TABLE), Exempt(EXPIRED)):
        assert messages.undetermined(finding(TABLE, certain), DEFAULT) is None
    assert messages.undetermined(finding(None, Failure("ValueError")), DEFAULT) is None


def test_an_exempt_table_is_named_with_its_reason_and_date() -> None:
    until = Exemption("gone\nsoon", table="orders", expires=date(2027, 1, 31))
    assert messages.exempt(finding(TABLE, Exempt(until)), until) == (
        "DynamoDB table 'orders' is exempt until 2027-01-31 (UTC): gone\ufffdsoon"
    )
    unread = UnreadTables("infra", Hidden("the template is behind a URL"))
    forever = Exemption("x" * 1000, urn=UrnPattern("urn:pulumi:dev::*"))
    assert messages.exempt(finding(unread, Exempt(forever)), forever) == (
        f"Any DynamoDB tables of 'infra' are exempt: {'x' * 399}…"
    )


@pytest.mark.parametrize(
    ("exemption", "patterns"),
    [
        (Exemption("legacy", table="a-*"), "table 'a-*'"),
        (Exemption("legacy", urn=UrnPattern("urn:pulumi:a::*")), "urn 'urn:pulumi:a::*'"),
        (
            Exemption("legacy", table="a-*", urn=UrnPattern("urn:pulumi:a::*")),
            "table 'a-*' and urn 'urn:pulumi:a::*'",
        ),
    ],
)
def test_an_unused_exemption_is_named_by_its_patterns(exemption: Exemption, patterns: str) -> None:
    fault, change = messages.unused(exemption).split("\n")
    assert fault == f"The exemption for {patterns} matches no DynamoDB table of this stack."
    assert change.startswith("Remove it from the setting `exemptions`, or correct its pattern")


def test_the_first_wrong_settings_are_shown_and_the_others_counted() -> None:
    faults = tuple(f"Setting {number} is wrong." for number in range(7))
    fault, change = messages.wrong_settings(faults).split("\n")
    assert fault == (
        "Setting 0 is wrong. Setting 1 is wrong. Setting 2 is wrong. Setting 3 is wrong. Setting 4 "
        "is wrong. There are more errors: 2. This policy reports every table until its settings "
        "are fixed."
    )
    assert change == (
        "Fix them in the file that you pass with `--policy-pack-config`, or in the policy group."
    )
    wrong = finding(TABLE, WrongSettings(faults[:1]))
    for message in (messages.declared, messages.deployed):
        assert message(wrong, DEFAULT) == messages.wrong_settings(faults[:1])
