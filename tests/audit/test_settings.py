"""The audit has the settings of the pack, read by the same code."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from audit.results import UsedExemption, Verdict
from audit.settings import WrongSettingsError, read_settings, warnings_about
from policies.settings.reading import today
from policies.settings.settings import Settings
from tests.audit.results import finding
from tests.keys import ACCOUNT
from tests.project import DECLARED, DEPLOYED, POLICIES
from tools.policy_config.check import check
from tools.policy_config.configuration import text_of

SETTINGS: dict[str, Any] = {
    "requireCustomerManagedKey": True,
    "allowedKmsKeys": [ACCOUNT],
    "exemptions": [{"table": "legacy-*", "reason": "moved", "expires": "2099-01-31"}],
}
EXCEPTIONS = {
    "EXC-1": {
        "reason": "legacy",
        "targets": ["urn:pulumi:prod::shop::aws:dynamodb/table:Table::sessions"],
    }
}


@pytest.mark.parametrize("more", [{}, {"exceptions": EXCEPTIONS}])
def test_the_file_of_the_policies_is_read(tmp_path: Path, more: dict[str, Any]) -> None:
    file = tmp_path / "policy-config.json"
    file.write_text(text_of({**SETTINGS, **more}), encoding="utf-8")
    settings, used = read_settings(file)
    assert settings.rule.require_customer_managed_key
    assert settings.rule.allowed_keys is not None
    assert settings.rule.allowed_keys.entries == (ACCOUNT,)
    assert [exemption.table for exemption in settings.exemptions] == ["legacy-*"]
    assert used.file == str(file)
    assert used.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
    assert used.values == {**SETTINGS, "remediationKmsKey": ""}


def test_no_file_is_the_default() -> None:
    settings, used = read_settings(None)
    assert settings == Settings()
    assert (used.file, used.sha256) == (None, None)
    assert used.values["requireCustomerManagedKey"] is False


def test_an_expired_exemption_is_no_fault(tmp_path: Path) -> None:
    file = tmp_path / "policy-config.json"
    ended = {"exemptions": [{"table": "a", "reason": "b", "expires": "2020-01-31"}]}
    file.write_text(text_of(ended), encoding="utf-8")
    settings, _ = read_settings(file)
    assert [exemption.expired for exemption in settings.exemptions] == [True]


def test_a_disabled_policy_does_not_decide(tmp_path: Path) -> None:
    file = tmp_path / "policy-config.json"
    strict: dict[str, Any] = {name: {"requireCustomerManagedKey": True} for name in POLICIES}
    strict[DEPLOYED] = {"enforcementLevel": "disabled"}
    file.write_text(json.dumps(strict), encoding="utf-8")
    settings, used = read_settings(file)
    assert settings.rule.require_customer_managed_key
    assert used.values["requireCustomerManagedKey"] is True


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"requireCustomerManagedKey": true}',
        json.dumps({DECLARED: {"requireCustomerManagedKey": True}}),
        json.dumps({name: {"requireCustomerManagedKeys": True} for name in POLICIES}),
        json.dumps(
            {name: {"exemptions": [{"table": "arn:*", "reason": "x"}]} for name in POLICIES}
        ),
        json.dumps({"version": 3, "policies": {}}),
        json.dumps({"version": 2, "policies": {}, "exceptions": {"EXC": {}}}),
    ],
)
def test_wrong_settings_are_refused_with_the_sentences_of_policy_config(
    tmp_path: Path, text: str
) -> None:
    file = tmp_path / "policy-config.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(WrongSettingsError) as error:
        read_settings(file)
    try:
        expected = [*check(file).faults, f"{file} is not used."]
    except Exception as unreadable:  # noqa: BLE001 - its message is compared
        expected = [str(unreadable)]
    assert str(error.value).splitlines() == expected


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WrongSettingsError, match="can't be read: No such file or directory"):
        read_settings(tmp_path / "missing.json")


def test_exemptions_by_urn_are_reported(tmp_path: Path) -> None:
    file = tmp_path / "policy-config.json"
    by_urn = {"urn": "urn:pulumi:prod::shop::*", "reason": "legacy"}
    by_name = {"table": "legacy-*", "reason": "moved"}
    file.write_text(text_of({"exemptions": [by_urn, by_name]}), encoding="utf-8")
    settings, _ = read_settings(file)
    assert warnings_about(settings, []) == [
        "Exemptions that match a URN: 1. They exempt no table in AWS, because a table in AWS has "
        "no URN. To exempt it there, set `table` to its name or its ARN."
    ]
    assert warnings_about(settings, [], reads_aws=False) == []
    file.write_text(text_of({"exemptions": [by_name]}), encoding="utf-8")
    assert warnings_about(read_settings(file)[0], []) == []


def test_an_exemption_that_ends_soon_and_covers_a_table_is_reported(tmp_path: Path) -> None:
    file = tmp_path / "policy-config.json"
    last = (today() + timedelta(days=5)).isoformat()
    ending = {"table": "legacy-*", "reason": "moved", "expires": last}
    file.write_text(text_of({"exemptions": [ending]}), encoding="utf-8")
    settings, _ = read_settings(file)
    exempt = replace(finding(Verdict.EXEMPT), exemption=UsedExemption("legacy-*", "moved", last))
    assert warnings_about(settings, [exempt, finding()]) == [
        f"The exemption for table 'legacy-*' ends on {last} (UTC), and covers 1 table."
    ]
    assert warnings_about(settings, [finding()]) == []
