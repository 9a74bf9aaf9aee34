"""Configurations as the engine hands them over, right and wrong."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi_policy.policy import _NotApplicableError

from policies.encryption import Exemption, KeyToSet, UrnPattern
from policies.settings.reading import read
from policies.settings.schema import SCHEMA
from tests.policies.as_the_sdk_does import judge_declared

DAY = date(2026, 11, 24)
KEY = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
WHY = {"table": "orders", "reason": "it is legacy"}


def faults(config: dict[str, Any]) -> list[str]:
    return list(read(config, DAY).faults)


def test_what_is_set_is_read() -> None:
    settings = read(
        {
            "requireCustomerManagedKey": True,
            "allowedKmsKeys": [KEY, "111122223333"],
            "exemptions": [
                {
                    "table": "a-*",
                    "urn": "urn:pulumi:a::*",
                    "reason": " b ",
                    "expires": "2027-01-31",
                }
            ],
            "remediationKmsKey": KEY,
        },
        DAY,
    )
    assert settings.faults == ()
    assert settings.require_customer_managed_key
    assert settings.allowed_keys is not None
    assert settings.allowed_keys.entries == (KEY, "111122223333")
    assert settings.exemptions == (
        Exemption("b", "a-*", UrnPattern("urn:pulumi:a::*"), date(2027, 1, 31)),
    )
    assert settings.remediation_key == KeyToSet(KEY)


@pytest.mark.parametrize(
    ("expires", "ended"),
    [("2026-11-23", True), ("2026-11-24", False), ("2026-11-25", False), (None, False)],
)
def test_an_exemption_holds_until_its_day_is_over(expires: str | None, ended: bool) -> None:
    given_ = WHY if expires is None else {**WHY, "expires": expires}
    (exemption,) = read({"exemptions": [given_]}, DAY).exemptions
    assert exemption.ended is ended


def test_of_several_exemptions_one_that_holds_counts_and_then_the_last_that_ended() -> None:
    listed = [
        {**WHY, "expires": "2026-11-01"},
        {**WHY, "expires": "2026-11-20"},
        {**WHY, "expires": "2026-11-10"},
    ]
    last = read({"exemptions": listed}, DAY).exemption_of("orders", "urn")
    assert last is not None
    assert last.expires == date(2026, 11, 20)
    holds = read({"exemptions": [*listed, WHY]}, DAY).exemption_of("orders", "urn")
    assert holds is not None
    assert not holds.ended
    assert read({"exemptions": listed}, DAY).exemption_of("other", "urn") is None


def test_an_exemption_with_both_patterns_needs_both() -> None:
    (both,) = read({"exemptions": [{**WHY, "urn": "urn:pulumi:prod::*"}]}, DAY).exemptions
    assert both.covers("orders", "urn:pulumi:prod::shop::a:b:C::it")
    assert not both.covers("orders", "urn:pulumi:dev::shop::a:b:C::it")
    assert not both.covers("orders-2", "urn:pulumi:prod::shop::a:b:C::it")


@pytest.mark.parametrize(
    ("config", "fault"),
    [
        ({"exemption": []}, "there is no setting called 'exemption' (did you mean 'exemptions'?)"),
        ({"x\n\x1b[31m": 1}, "there is no setting called 'x\ufffd\ufffd[31m'"),
        ({"y" * 99: 1}, f"there is no setting called '{'y' * 60}…'"),
        (
            {"requireCustomerManagedKey": 1.0},
            "requireCustomerManagedKey is a number instead of true or false",
        ),
        (
            {"requireCustomerManagedKey": "false"},
            "requireCustomerManagedKey is a string instead of true or false",
        ),
        (
            {"requireCustomerManagedKey": None},
            "requireCustomerManagedKey is null instead of true or false",
        ),
        (
            {"allowedKmsKeys": KEY},
            "allowedKmsKeys is a string instead of a list of ARNs and account ids",
        ),
        (
            {"allowedKmsKeys": [KEY, 111122223333.0]},
            "allowedKmsKeys[1] is a number instead of a string",
        ),
        (
            {"allowedKmsKeys": ["arn:aws:s3:::orders"]},
            "allowedKmsKeys[0] is an ARN of another service (s3)",
        ),
        ({"exemptions": {}}, "exemptions is an object instead of a list of objects"),
        ({"exemptions": ["orders"]}, "exemptions[0] is a string instead of an object"),
        (
            {"exemptions": [{"table": "orders"}]},
            "exemptions[0] has no reason: say why the table is exempt",
        ),
        (
            {"exemptions": [{**WHY, "reason": " "}]},
            "exemptions[0] has no reason: say why the table is exempt",
        ),
        (
            {"exemptions": [{"reason": "it"}]},
            "exemptions[0] has neither table nor urn, so it names no table",
        ),
        (
            {"exemptions": [WHY, {**WHY, "expire": "2027-01-31"}]},
            "there is no property of exemptions[1] called 'expire' (did you mean 'expires'?)",
        ),
        (
            {"exemptions": [{**WHY, "table": 1.0}]},
            "table of exemptions[0] is a number instead of a name or pattern",
        ),
        *(
            (
                {"exemptions": [{**WHY, "urn": urn}]},
                "urn of exemptions[0] matches every table: to switch the policy off, set its "
                "enforcement level to disabled",
            )
            for urn in (
                "*",
                "**",
                "*::*",
                "",
                "urn:pulumi:*",
                "urn:pulumi:*::*::*::*",
                "urn:pulumi:*::*::*:*",
            )
        ),
        *(
            ({"exemptions": [{**WHY, "table": table}]}, f"table of exemptions[0] {every}")
            for every in (
                "matches every table: to switch the policy off, set its enforcement level to "
                "disabled",
            )
            for table in ("*", "***", "")
        ),
        *(
            (
                {"exemptions": [{"reason": "b", "urn": urn}]},
                "urn of exemptions[0] is no pattern of a URN: write urn:pulumi:STACK::PROJECT::"
                "TYPE::NAME, where each part may have *",
            )
            for urn in ("u*", "urn:*", "*::sessions", "sessions")
        ),
        *(
            (
                {"exemptions": [{"reason": "b", "urn": urn}]},
                "urn of exemptions[0] has too few parts: write urn:pulumi:STACK::PROJECT::TYPE::"
                "NAME, or end it with ::* for all that follows",
            )
            for urn in ("urn:pulumi:prod::sessions", "urn:pulumi:dev::legacy-*", "urn:pulumi:p*")
        ),
        *(
            (
                {"exemptions": [{"reason": "b", name: None}]},
                f"{name} of exemptions[0] is null instead of a name or pattern",
            )
            for name in ("table", "urn")
        ),
        (
            {"exemptions": [{**WHY, "expires": None}]},
            "expires of exemptions[0] is no date such as 2027-01-31",
        ),
        (
            {"remediationKmsKey": None},
            "remediationKmsKey is null instead of the ARN of a key",
        ),
        (
            {"remediationKmsKey": KEY.replace("eu-west-1", "*")},
            "remediationKmsKey has * for the Region, but names a key of one Region: only the id of "
            "a multi-Region key (mrk-…) and an alias stand for a key in each",
        ),
        *(
            (
                {"exemptions": [{**WHY, "expires": expires}]},
                "expires of exemptions[0] is no date such as 2027-01-31",
            )
            for expires in ("2027-02-30", "20270131", "31.01.2027", "2027-W05-1", "soon", 1.0, True)
        ),
        (
            {"remediationKmsKey": 1.0},
            "remediationKmsKey is a number instead of the ARN of a key",
        ),
        *(
            (
                {"remediationKmsKey": key},
                f"remediationKmsKey is {found}: give it the ARN of a key or alias of KMS",
            )
            for key, found in (
                ("alias/orders", "no ARN of a KMS key"),
                ("1234abcd-12ab-34cd-56ef-1234567890ab", "no ARN of a KMS key"),
                ("arn:aws:s3:::orders", "an ARN of another service (s3)"),
                ("orders, please", "a string that is no key ARN, alias ARN, alias name or key id"),
            )
        ),
        (
            {"remediationKmsKey": "arn:aws:kms:*:111122223333:key/*"},
            "remediationKmsKey has * in another place than the Region's",
        ),
        (
            {"remediationKmsKey": "arn:aws:kms:*:111122223333:alias/aws/dynamodb"},
            "remediationKmsKey is the AWS managed key: leave it out to use that one",
        ),
        (
            {"remediationKmsKey": KEY, "allowedKmsKeys": ["444455556666"]},
            "remediationKmsKey is none of allowedKmsKeys, as written there: add it",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_place(config: dict[str, Any], fault: str) -> None:
    assert faults(config) == [fault]


@pytest.mark.parametrize("value", [1.0, "false", None, []])
def test_whatever_is_not_false_is_the_stricter_choice(value: object) -> None:
    assert read({"requireCustomerManagedKey": value}).require_customer_managed_key


def test_a_key_for_every_region_may_be_allowed_in_one() -> None:
    multi_region = KEY.replace("key/", "key/mrk-")
    in_every_region = multi_region.replace("eu-west-1", "*")
    assert faults({"remediationKmsKey": in_every_region}) == []
    assert faults({"remediationKmsKey": in_every_region, "allowedKmsKeys": [multi_region]}) == []
    assert len(faults({"remediationKmsKey": in_every_region, "allowedKmsKeys": ["4" * 12]})) == 1
    alias = "arn:aws:kms:eu-west-1:111122223333:alias/orders"
    assert len(faults({"remediationKmsKey": in_every_region, "allowedKmsKeys": [alias]})) == 1


def test_every_fault_is_told() -> None:
    config = {"exemptions": [{"table": ""}, 1.0], "allowedKmsKeys": ["a", "b"], "it": 1.0}
    assert len(faults(config)) == 6


EXEMPTION = st.fixed_dictionaries(
    {"reason": st.sampled_from(["it", "", " "])},
    optional={
        "table": st.sampled_from(["orders", "o*s", "*", "", "order", "**o*", None]),
        "urn": st.sampled_from(["urn:pulumi:a::*", "urn", "*", None]),
        "expires": st.sampled_from(["2026-11-23", "2026-11-24", "2026-11-25", "soon", None]),
    },
)
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5) | st.just(KEY),
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
    | st.fixed_dictionaries({"exemptions": st.lists(EXEMPTION, max_size=3)})
)
def test_no_settings_end_in_a_traceback_or_accept_an_insecure_table(
    config: dict[str, Any],
) -> None:
    if not read(config, DAY).faults and any(may_exempt(it) for it in config.get("exemptions", [])):
        # That is what they are for. The SDK has an exception for it.
        with pytest.raises(_NotApplicableError):
            judge_declared({"hashKey": "id"}, config=config)
    else:
        (message,) = judge_declared({"hashKey": "id"}, config=config)
        assert "failed with" not in message


def may_exempt(item: dict[str, str]) -> bool:
    """Whether an exemption covers the table `orders`, said in another way than the pack's."""
    table = re.escape(item.get("table", "*")).replace(r"\*", ".*")
    ended = item.get("expires", "9999-99-99") < DAY.isoformat()
    # Its URN is none, so no pattern of one matches it.
    return "urn" not in item and re.fullmatch(table, "orders", re.DOTALL) is not None and not ended
