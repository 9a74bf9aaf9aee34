"""Configurations as the engine passes them, right and wrong."""

from __future__ import annotations

import re
from datetime import date, datetime, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi_policy import PolicyResource

from policies.encryption.arns import Arn
from policies.encryption.settings import RemediationKey
from policies.encryption.verdicts import Violation
from policies.exemptions import Exemption, UrnPattern
from policies.findings import Exempt, WrongSettings, findings
from policies.reporting import messages
from policies.routes import ROUTES
from policies.settings import reading
from policies.settings.reading import PLACEHOLDER, read
from policies.settings.schema import SCHEMA
from tests.keys import (
    ACCOUNT,
    ALIAS_ARN,
    KEY_ARN,
    KEY_ID,
    MULTI_REGION_KEY_ARN,
    OTHER_ACCOUNT,
    alias_arn,
    key_arn,
)
from tests.policies.in_process import OPTIONS, TABLE

DAY = date(2026, 11, 24)
EXEMPTION = {"table": "orders", "reason": "legacy"}
KEY_IN_EVERY_REGION = MULTI_REGION_KEY_ARN.replace("eu-west-1", "*")
UNENCRYPTED = PolicyResource(TABLE, {"hashKey": "id"}, "urn", "orders", OPTIONS, None, None, [], {})


def faults(config: dict[str, Any]) -> list[str]:
    return list(read(config, DAY).faults)


def test_each_setting_is_read() -> None:
    exemption = {
        "table": "a-*",
        "urn": "urn:pulumi:a::*",
        "reason": " b ",
        "expires": "2027-01-31",
    }
    settings = read(
        {
            "requireCustomerManagedKey": True,
            "allowedKmsKeys": [KEY_ARN, ACCOUNT],
            "exemptions": [exemption],
            "remediationKmsKey": KEY_ARN,
        },
        DAY,
    )
    assert settings.faults == ()
    assert settings.rule.require_customer_managed_key
    assert settings.rule.allowed_keys is not None
    assert settings.rule.allowed_keys.entries == (KEY_ARN, ACCOUNT)
    assert settings.exemptions == (
        Exemption("b", "a-*", UrnPattern("urn:pulumi:a::*"), date(2027, 1, 31)),
    )
    assert settings.rule.remediation_key == RemediationKey(
        Arn("aws", "kms", "eu-west-1", ACCOUNT, f"key/{KEY_ID}")
    )


@pytest.mark.parametrize(
    ("reason", "is_placeholder"),
    [
        (PLACEHOLDER, True),
        (f"\n {PLACEHOLDER.upper()}  ", True),
        (PLACEHOLDER.replace(" ", "\u00a0 \t"), True),
        (f"JIRA-123. {PLACEHOLDER}", True),
        (f"{PLACEHOLDER}: JIRA-123", True),
        (f"TODO {PLACEHOLDER.partition(': ')[2]}", True),
        (PLACEHOLDER.partition(": ")[2], True),
        (PLACEHOLDER.partition(" ")[0], True),
        ("todo", True),
        ("(TODO)", True),
        ("todo -", True),
        ("TODO say why this table is exempt!", True),
        ("...", True),
        ("TODO: JIRA-123, moved by the end of March", False),
        ("表は三月に削除される", False),
        ("moved until spring, see the todo: JIRA-123", False),
        ("todos los datos son públicos", False),
        ("exempt, and until when we move is in JIRA-123", False),
    ],
)
def test_a_reason_that_is_a_placeholder_is_wrong(reason: str, is_placeholder: bool) -> None:
    fault = "exemptions[1] still has the placeholder as its reason: say why the table is exempt."
    config = {"exemptions": [EXEMPTION, {**EXEMPTION, "reason": reason}]}
    assert faults(config) == ([fault] if is_placeholder else [])


def test_an_empty_list_of_allowed_keys_allows_any_key() -> None:
    assert read({"allowedKmsKeys": []}).rule.allowed_keys is None


@pytest.mark.parametrize(
    ("expires", "expired"),
    [("2026-11-23", True), ("2026-11-24", False), ("2026-11-25", False), (None, False)],
)
def test_an_exemption_expires_at_the_end_of_its_day(expires: str | None, expired: bool) -> None:
    item = EXEMPTION if expires is None else {**EXEMPTION, "expires": expires}
    (exemption,) = read({"exemptions": [item]}, DAY).exemptions
    assert exemption.expired is expired


def test_the_current_day_is_in_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    class Clock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Clock:
            assert tz is timezone.utc
            return cls(2026, 11, 24, 23, 59, tzinfo=tz)

    monkeypatch.setattr(reading, "datetime", Clock)
    assert reading.today() == DAY


MATCHES_EVERY_TABLE = (
    "matches every table. To turn a policy off, set its enforcement level to disabled."
)
URN_FORM = "urn:pulumi:STACK::PROJECT::TYPE::NAME"


@pytest.mark.parametrize(
    ("config", "fault"),
    [
        ({"exemption": []}, "There is no setting called 'exemption'. Did you mean 'exemptions'?"),
        ({"x\n\x1b[31m": 1}, "There is no setting called 'x\ufffd\ufffd[31m'."),
        ({"y" * 99: 1}, f"There is no setting called '{'y' * 60}…'."),
        *(
            (
                {"requireCustomerManagedKey": value},
                f"requireCustomerManagedKey is {found} instead of true or false.",
            )
            for value, found in ((1.0, "a number"), ("false", "a string"), (None, "null"))
        ),
        (
            {"allowedKmsKeys": KEY_ARN},
            "allowedKmsKeys is a string instead of a list of ARNs and account IDs.",
        ),
        (
            {"allowedKmsKeys": [KEY_ARN, 111122223333.0]},
            "allowedKmsKeys[1] is a number instead of a string.",
        ),
        (
            {"allowedKmsKeys": ["arn:aws:s3:::orders"]},
            "allowedKmsKeys[0] is an ARN of another service (s3).",
        ),
        (
            {"allowedKmsKeys": [KEY_ARN, "arn:aws:kms:*:*:*"]},
            "allowedKmsKeys[1] is an ARN that matches every key: to accept any key, leave the "
            "setting out.",
        ),
        *(
            (
                {"exemptions": [{"table": pattern, "reason": "x"}]},
                f"exemptions[0].table {MATCHES_EVERY_TABLE}",
            )
            for pattern in (
                "arn:*",
                "arn:aws-us-gov:*",
                "arn:aws:dynamodb:*",
                "arn:*:dynamodb:*:*:table/*",
            )
        ),
        ({"exemptions": {}}, "exemptions is an object instead of a list of objects."),
        ({"exemptions": ["orders"]}, "exemptions[0] is a string instead of an object."),
        *(
            ({"exemptions": [item]}, "exemptions[0] has no reason: say why the table is exempt.")
            for item in ({"table": "orders"}, {**EXEMPTION, "reason": " "})
        ),
        (
            {"exemptions": [{"reason": "legacy"}]},
            "exemptions[0] has neither table nor urn, so it does not name a table.",
        ),
        (
            {"exemptions": [EXEMPTION, {**EXEMPTION, "expire": "2027-01-31"}]},
            "There is no property of exemptions[1] called 'expire'. Did you mean 'expires'?",
        ),
        (
            {"exemptions": [{**EXEMPTION, "table": 1.0}]},
            "exemptions[0].table is a number instead of a name or pattern.",
        ),
        *(
            (
                {"exemptions": [{"reason": "legacy", name: None}]},
                f"exemptions[0].{name} is null instead of a name or pattern.",
            )
            for name in ("table", "urn")
        ),
        *(
            (
                {"exemptions": [{"reason": "legacy", "urn": urn}]},
                f"exemptions[0].urn {MATCHES_EVERY_TABLE}",
            )
            for urn in (
                "*",
                "**",
                "*::*",
                "",
                "urn:pulumi:*",
                "urn:pulumi:*::*::*::*",
                f"urn:pulumi:*::*::{TABLE}::*",
                "urn:pulumi:*::*::*dynamodb*::*",
            )
        ),
        *(
            (
                {"exemptions": [{**EXEMPTION, "table": table}]},
                f"exemptions[0].table {MATCHES_EVERY_TABLE}",
            )
            for table in ("*", "***", "")
        ),
        (
            {"exemptions": [{"reason": "legacy", "table": "", "urn": "urn:pulumi:a::b::c::d"}]},
            "exemptions[0].table is empty.",
        ),
        (
            {"enforcementLevl": "advisory"},
            "There is no setting called 'enforcementLevl'. Did you mean 'enforcementLevel'?",
        ),
        *(
            (
                {"exemptions": [{"reason": "legacy", "urn": urn}]},
                f"exemptions[0].urn is not a URN pattern such as {URN_FORM}, where each part may "
                "have *.",
            )
            for urn in ("u*", "urn:*", "*::sessions", "sessions")
        ),
        *(
            (
                {"exemptions": [{"reason": "legacy", "urn": urn}]},
                f"exemptions[0].urn has too few parts: write {URN_FORM}, or end it with ::* for "
                "all remaining parts.",
            )
            for urn in ("urn:pulumi:prod::sessions", "urn:pulumi:dev::legacy-*", "urn:pulumi:p*")
        ),
        *(
            (
                {"exemptions": [{**EXEMPTION, "expires": expires}]},
                "exemptions[0].expires is not a date such as 2027-01-31.",
            )
            for expires in (
                "2027-02-30",
                "20270131",
                "31.01.2027",
                "2027-W05-1",
                "soon",
                1.0,
                True,
                None,
            )
        ),
        *(
            (
                {"remediationKmsKey": value},
                f"remediationKmsKey is {found} instead of the ARN of a key.",
            )
            for value, found in ((None, "null"), (1.0, "a number"))
        ),
        *(
            (
                {"remediationKmsKey": key},
                f"remediationKmsKey is {found}. Set it to the ARN of a KMS key or alias.",
            )
            for key, found in (
                ("alias/orders", "not the ARN of a KMS key"),
                (KEY_ID, "not the ARN of a KMS key"),
                ("arn:aws:s3:::orders", "an ARN of another service (s3)"),
                (alias_arn("alias/aws/s3", "*"), "the AWS managed key of another service (s3)"),
                (
                    "orders, please",
                    "a string that is not a key ARN, alias ARN, alias name, or key ID",
                ),
            )
        ),
        (
            {"remediationKmsKey": key_arn("*")},
            "remediationKmsKey has * as the Region but names a single-Region key. Only an alias or "
            "the ID of a multi-Region key (mrk-…) names a key in each Region.",
        ),
        (
            {"remediationKmsKey": key_arn("*", key_id="*")},
            "remediationKmsKey has * in another part than the Region.",
        ),
        (
            {"remediationKmsKey": alias_arn("alias/aws/dynamodb", "*")},
            "remediationKmsKey is the AWS managed key. Leave the setting out to use that key.",
        ),
        (
            {"remediationKmsKey": KEY_ARN, "allowedKmsKeys": [OTHER_ACCOUNT]},
            "remediationKmsKey is not in allowedKmsKeys. Add it there as it is written here.",
        ),
    ],
)
def test_a_fault_is_reported_with_its_place(config: dict[str, Any], fault: str) -> None:
    assert faults(config) == [fault]


@pytest.mark.parametrize("urn", ["urn:pulumi:*::*", f"urn:pulumi:*::*::{TABLE}::*"])
def test_an_exemption_by_name_can_name_any_stack(urn: str) -> None:
    assert faults({"exemptions": [{**EXEMPTION, "urn": urn}]}) == []


@pytest.mark.parametrize("value", [1.0, "false", None, []])
def test_a_value_of_the_wrong_type_requires_customer_managed_keys(value: object) -> None:
    assert read({"requireCustomerManagedKey": value}).rule.require_customer_managed_key


@pytest.mark.parametrize(
    ("allowed", "expected"),
    [
        ([], 0),
        ([MULTI_REGION_KEY_ARN], 0),
        ([KEY_IN_EVERY_REGION], 0),
        ([ACCOUNT], 0),
        ([OTHER_ACCOUNT], 1),
        ([ALIAS_ARN], 1),
    ],
)
def test_a_key_for_every_region_can_be_allowed_in_one(allowed: list[str], expected: int) -> None:
    config = {"remediationKmsKey": KEY_IN_EVERY_REGION, "allowedKmsKeys": allowed}
    assert len(faults(config)) == expected


@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov", "aws-new"])
def test_a_remediation_key_for_every_region_can_be_in_any_partition(partition: str) -> None:
    key = f"arn:{partition}:kms:*:{ACCOUNT}:alias/orders"
    for allowed in ([], [key], [ACCOUNT], [f"arn:{partition}:kms:*:*:alias/*"]):
        assert faults({"remediationKmsKey": key, "allowedKmsKeys": allowed}) == []
    other = f"arn:aws-iso:kms:*:{ACCOUNT}:alias/orders"
    assert len(faults({"remediationKmsKey": key, "allowedKmsKeys": [other]})) == 1


def test_every_fault_is_reported() -> None:
    config = {"exemptions": [{"table": ""}, 1.0], "allowedKmsKeys": ["a", "b"], "other": 1.0}
    assert len(faults(config)) == 6


EXEMPTIONS = st.fixed_dictionaries(
    {"reason": st.sampled_from(["legacy", "", " "])},
    optional={
        "table": st.sampled_from(["orders", "o*s", "*", "", "order", "**o*", None]),
        "urn": st.sampled_from(["urn:pulumi:a::*", "urn", "*", None]),
        "expires": st.sampled_from(["2026-11-23", "2026-11-24", "2026-11-25", "soon", None]),
    },
)
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5) | st.just(KEY_ARN),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["table", "urn", "reason", "expires"]) | st.text(max_size=3),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(
    st.dictionaries(st.sampled_from(sorted(SCHEMA)) | st.text(max_size=4), JSON, max_size=4)
    | st.fixed_dictionaries({"exemptions": st.lists(EXEMPTIONS, max_size=3)})
)
def test_no_settings_raise_or_accept_an_unencrypted_table(config: dict[str, Any]) -> None:
    settings = read(config, DAY)
    for fault in settings.faults:
        assert fault[0].isupper() or fault.startswith(tuple(SCHEMA))
        assert fault.endswith((".", "?"))
    (finding,) = findings([(UNENCRYPTED, ROUTES[TABLE])], settings)
    if settings.faults:
        assert isinstance(finding.verdict, WrongSettings)
    elif any(map(may_exempt, config.get("exemptions", []))):
        assert isinstance(finding.verdict, Exempt)
    else:
        assert isinstance(finding.verdict, Violation)
    accepted = isinstance(finding.verdict, Exempt)
    assert (messages.declared(finding, settings.rule) is None) is accepted


def may_exempt(item: dict[str, str]) -> bool:
    """Return whether a correct exemption covers the table `orders`, computed independently."""
    table = re.escape(item.get("table", "*")).replace(r"\*", ".*")
    expired = item.get("expires", "9999-99-99") < DAY.isoformat()
    # The table's URN is "urn", which no pattern of a URN matches.
    return (
        "urn" not in item and re.fullmatch(table, "orders", re.DOTALL) is not None and not expired
    )


def test_settings_that_no_key_meets_are_wrong() -> None:
    only_aws_managed = ["arn:aws:kms:*:*:alias/aws/dynamodb"]
    config = {"requireCustomerManagedKey": True, "allowedKmsKeys": only_aws_managed}
    assert read(config).faults == (
        "No key complies: requireCustomerManagedKey accepts customer managed keys only, and "
        "allowedKmsKeys has none.",
    )
    assert read({**config, "allowedKmsKeys": [*only_aws_managed, ACCOUNT]}).faults == ()


def test_a_remediation_key_needs_an_account() -> None:
    key = "arn:aws:kms:*:*:key/mrk-1234abcd12ab34cd56ef1234567890ab"
    assert read({"remediationKmsKey": key}).faults == (
        "remediationKmsKey has * as the account. Write the account's ID.",
    )


def test_only_what_decides_differs() -> None:
    exemption = {"table": "legacy", "reason": "one"}
    settings = read({"allowedKmsKeys": [ACCOUNT, KEY_ARN], "exemptions": [exemption]})
    same = {
        "allowedKmsKeys": [KEY_ARN, ACCOUNT],
        "exemptions": [{**exemption, "reason": "another"}],
        "remediationKmsKey": KEY_ARN,
    }
    assert settings.differences(read(same)) == []
    ends = {"exemptions": [{**exemption, "expires": "2027-01-31"}]}
    assert settings.differences(read({**same, **ends})) == ["exemptions"]
    assert settings.differences(read({})) == ["allowedKmsKeys", "exemptions"]
