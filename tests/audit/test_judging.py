"""What AWS shows about a table decides its verdict, its reason, and its fix."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.judging import KeyDescription, Place, judge_table, needs_aliases, not_read
from audit.results import Evidence, Finding, Key, KeyType, Verdict
from policies.encryption.allowed_keys import AllowedKeys
from policies.encryption.settings import RuleSettings
from policies.exemptions import Exemption, Exemptions, UrnPattern
from policies.settings.settings import Settings
from tests.keys import ACCOUNT, KEY_ID, OTHER_ACCOUNT, key_arn

REGION, REPLICA = "eu-west-1", "us-east-1"
PLACE = Place(ACCOUNT, REGION, "aws", (REGION,))
KEY = key_arn(REGION)
TABLE_ARN = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders"
TIME = datetime(2026, 11, 26, 9, 30, tzinfo=timezone.utc)
EVIDENCE = Evidence("DescribeTable", TIME, "arn:aws:iam::1:user/auditor", "{}")
OWNED = (
    "DynamoDB encrypts the table with an AWS owned key, which you can't view, audit, restrict, or "
    "revoke."
)
LATER = "DynamoDB archives a table that stays inaccessible for seven days."
ARCHIVED = (
    "DynamoDB has archived the table, because it could not use its key for seven days. The items "
    "are only in the backup that DynamoDB makes."
)
STRICT = RuleSettings(require_customer_managed_key=True)
UPDATE = f"aws dynamodb update-table --table-name {TABLE_ARN} --region {REGION}"


def table(status: str | None = "ENABLED", arn: str | None = KEY, **more: Any) -> dict[str, Any]:
    """Return DescribeTable's answer; a status of None is that of an AWS owned key."""
    description = {"Status": status, "SSEType": "KMS", "KMSMasterKeyArn": arn}
    shown = {name: value for name, value in description.items() if value is not None}
    encryption = {} if status is None else {"SSEDescription": shown}
    return {
        "TableName": "orders", "TableArn": TABLE_ARN, "TableStatus": "ACTIVE", **encryption, **more
    }  # fmt: skip


def key(state: str = "Enabled", manager: str = "CUSTOMER", **more: Any) -> KeyDescription:
    """Return DescribeKey's answer."""
    return KeyDescription(
        {
            "Arn": KEY, "KeyState": state, "KeyManager": manager, "KeySpec": "SYMMETRIC_DEFAULT",
            "KeyUsage": "ENCRYPT_DECRYPT", **more,
        }
    )  # fmt: skip


DENIED = KeyDescription(refusal="kms:DescribeKey failed with AccessDeniedException: no")


def judged(
    answer: Mapping[str, Any],
    of_key: KeyDescription | None = None,
    rule: RuleSettings | None = None,
    exemptions: tuple[Exemption, ...] = (),
    place: Place = PLACE,
) -> Finding:
    settings = Settings(rule or RuleSettings(), Exemptions(exemptions))
    return judge_table(place, answer, of_key, settings, EVIDENCE)


@pytest.mark.parametrize(
    ("answer", "of_key", "verdict", "reason"),
    [
        (table(None), None, Verdict.VIOLATION, OWNED),
        (table("ENABLED"), key(), Verdict.COMPLIANT,
         f"The customer managed key {KEY} encrypts the table."),
        (table("ENABLED"), key(manager="AWS"), Verdict.COMPLIANT,
         "The AWS managed key aws/dynamodb encrypts the table."),
        (table("ENABLED"), key("Updating"), Verdict.COMPLIANT,
         f"The customer managed key {KEY} encrypts the table."),
        (table("ENABLED"), key("Disabled"), Verdict.VIOLATION,
         f"The key of the table is disabled, so the table becomes inaccessible. {LATER}"),
        (table("ENABLED"), key("PendingDeletion", DeletionDate=TIME), Verdict.VIOLATION,
         "The key of the table is scheduled for deletion on 2026-11-26 (UTC), so the table becomes "
         "inaccessible. After the key is deleted, the table can't be decrypted."),
        (table("ENABLED"), key("PendingImport"), Verdict.VIOLATION,
         "The key of the table is waiting for its key material, so the table becomes "
         f"inaccessible. {LATER}"),
        (table("ENABLED"), key("Unavailable"), Verdict.VIOLATION,
         "The key of the table is unavailable, because its custom key store is disconnected, so "
         f"the table becomes inaccessible. {LATER}"),
        (table("ENABLED"), KeyDescription(is_deleted=True), Verdict.VIOLATION,
         "The key of the table is deleted. Without its key, the data of the table is lost."),
        (table("ENABLED"), key("Creating"), Verdict.UNDETERMINED,
         f"The table uses the key {KEY}, which can't be checked: its KeyState is Creating."),
        (table("ENABLED"), DENIED, Verdict.UNDETERMINED,
         f"The table uses the key {KEY}, which can't be checked: kms:DescribeKey failed with "
         "AccessDeniedException: no."),
        (table("ENABLED", None), None, Verdict.UNDETERMINED,
         "The table uses a KMS key, which can't be checked: AWS does not show the ARN of the key."),
        (table("UPDATING"), key(), Verdict.UNDETERMINED,
         "The encryption of the table can't be determined, because AWS is changing it "
         "(SSEDescription.Status is UPDATING)."),
        (table("", None), None, Verdict.UNDETERMINED,
         "The encryption of the table can't be determined, because AWS does not show its "
         "SSEDescription.Status."),
        (table("ENABLED"), key(manager="OTHER"), Verdict.UNDETERMINED,
         f"The table uses the key {KEY}, which can't be checked: AWS does not show who manages "
         "it."),
        (table("ENABLING", None), None, Verdict.UNDETERMINED,
         "The encryption of the table can't be determined, because AWS is changing it "
         "(SSEDescription.Status is ENABLING)."),
        (table("DISABLED", None), None, Verdict.VIOLATION,
         "Encryption with a KMS key is disabled (SSEDescription.Status is DISABLED). Without it, "
         "DynamoDB encrypts the table with an AWS owned key, which you can't view, audit, "
         "restrict, or revoke."),
        (table("ENABLED", TableStatus="INACCESSIBLE_ENCRYPTION_CREDENTIALS"), key(),
         Verdict.VIOLATION,
         f"The key of the table is not usable by DynamoDB, and the table is inaccessible. {LATER}"),
        (table("UPDATING", TableStatus="INACCESSIBLE_ENCRYPTION_CREDENTIALS"), key("Disabled"),
         Verdict.VIOLATION,
         f"The key of the table is disabled, and the table is inaccessible. {LATER}"),
        (table("ENABLED", TableStatus="ARCHIVED"), key("Disabled"), Verdict.VIOLATION,
         f"{ARCHIVED} The key is disabled."),
        (table(None, TableStatus="ARCHIVED"), None, Verdict.VIOLATION,
         ARCHIVED),
    ],
)  # fmt: skip
def test_a_table_by_what_aws_shows(
    answer: dict[str, Any], of_key: KeyDescription | None, verdict: Verdict, reason: str
) -> None:
    finding = judged(answer, of_key)
    assert (finding.verdict, finding.reason) == (verdict, reason)
    assert (finding.account, finding.region, finding.table) == (ACCOUNT, REGION, "orders")
    assert (finding.arn, finding.evidence) == (TABLE_ARN, EVIDENCE)


def test_a_table_shows_since_when_it_is_inaccessible() -> None:
    answer = table()
    answer["SSEDescription"]["InaccessibleEncryptionDateTime"] = TIME
    assert judged(answer, key("Disabled")).reason == (
        "The key of the table is disabled, and the table has been inaccessible since 2026-11-26 "
        f"09:30 (UTC). {LATER}"
    )


def test_aes256_is_no_proof_of_a_kms_key() -> None:
    answer = table()
    answer["SSEDescription"]["SSEType"] = "AES256"
    finding = judged(answer, key())
    assert finding.verdict is Verdict.VIOLATION
    assert finding.reason.startswith("The SSEType of the table is AES256 instead of KMS")


@pytest.mark.parametrize(
    ("of_key", "rule", "verdict", "reason"),
    [
        (key(manager="AWS"), STRICT, Verdict.VIOLATION,
         "The AWS managed key aws/dynamodb encrypts the table, so the table does not comply with "
         "the setting requireCustomerManagedKey."),
        (key(), STRICT, Verdict.COMPLIANT, f"The customer managed key {KEY} encrypts the table."),
        (DENIED, STRICT, Verdict.UNDETERMINED, ""),
        (key(), RuleSettings(allowed_keys=AllowedKeys([OTHER_ACCOUNT])), Verdict.VIOLATION,
         f"The table uses the key {KEY}, which allowedKmsKeys does not accept."),
        # What DescribeKey would not have answered is still certain.
        (DENIED, RuleSettings(allowed_keys=AllowedKeys([OTHER_ACCOUNT])), Verdict.VIOLATION, ""),
        (DENIED, RuleSettings(allowed_keys=AllowedKeys([ACCOUNT])), Verdict.UNDETERMINED, ""),
        (key(manager="AWS"), RuleSettings(allowed_keys=AllowedKeys([KEY])), Verdict.COMPLIANT, ""),
        (key(manager="AWS"),
         RuleSettings(allowed_keys=AllowedKeys([f"arn:aws:kms:*:{ACCOUNT}:key/*"])),
         Verdict.VIOLATION,
         "The table uses the AWS managed key aws/dynamodb, which allowedKmsKeys does not accept."),
    ],
)  # fmt: skip
def test_a_table_by_the_settings(
    of_key: KeyDescription, rule: RuleSettings, verdict: Verdict, reason: str
) -> None:
    finding = judged(table(), of_key, rule)
    assert finding.verdict is verdict
    assert reason in ("", finding.reason)


@pytest.mark.parametrize("status", ["ENABLING", "UPDATING", "SOMETHING_NEW"])
def test_a_running_change_is_undetermined_under_any_settings(status: str) -> None:
    for rule in (STRICT, RuleSettings(allowed_keys=AllowedKeys([OTHER_ACCOUNT]))):
        for answer in (table(status), table(status, None)):
            assert judged(answer, key(), rule).verdict is Verdict.UNDETERMINED


def test_the_key_shows_whose_it_is() -> None:
    assert judged(table(None)).key == Key(type=KeyType.AWS_OWNED)
    assert judged(table(), key(manager="AWS")).key == Key(KEY, KeyType.AWS_MANAGED, "Enabled")
    assert judged(table(), key("Disabled")).key == Key(KEY, KeyType.CUSTOMER_MANAGED, "Disabled")
    assert judged(table(), DENIED).key == Key(KEY)
    assert judged(table("ENABLING", None)).key == Key()
    assert judged(table(None, TableStatus="DELETING")).key == Key()


ALIASES = RuleSettings(allowed_keys=AllowedKeys([f"arn:aws:kms:*:{ACCOUNT}:alias/orders"]))


@pytest.mark.parametrize(
    ("aliases", "verdict"),
    [
        (None, Verdict.UNDETERMINED),
        ((), Verdict.VIOLATION),
        (("alias/x", "alias/orders"), Verdict.COMPLIANT),
    ],
)
def test_a_list_of_aliases_needs_the_aliases_of_the_key(
    aliases: tuple[str, ...] | None, verdict: Verdict
) -> None:
    described = KeyDescription(key().metadata, aliases=aliases)
    assert judged(table(), described, ALIASES).verdict is verdict
    assert needs_aliases(KEY, described, ALIASES, ACCOUNT) is (aliases is None)
    # KMS doesn't list the aliases of another account's key.
    assert not needs_aliases(KEY, described, ALIASES, OTHER_ACCOUNT)
    assert not needs_aliases(KEY, described, RuleSettings(), ACCOUNT)


def test_aliases_that_aws_does_not_list_are_the_reason() -> None:
    described = KeyDescription(key().metadata, refusal="kms:ListAliases failed with Denied: no")
    finding = judged(table(), described, ALIASES)
    assert finding.verdict is Verdict.UNDETERMINED
    assert finding.reason.endswith(
        "which can't be checked: kms:ListAliases failed with Denied: no."
    )


@pytest.mark.parametrize(
    ("exemption", "verdict"),
    [
        (Exemption("legacy", table="ord*"), Verdict.EXEMPT),
        (Exemption("legacy", table=f"arn:aws:dynamodb:*:{ACCOUNT}:table/ord*"), Verdict.EXEMPT),
        (Exemption("legacy", table="sessions"), Verdict.VIOLATION),
        (Exemption("legacy", urn=UrnPattern("urn:pulumi:prod::*")), Verdict.VIOLATION),
    ],
)
def test_an_exemption_covers_a_table_by_its_name_or_arn(
    exemption: Exemption, verdict: Verdict
) -> None:
    finding = judged(table(None), exemptions=(exemption,))
    assert finding.verdict is verdict
    assert finding.key.type is KeyType.AWS_OWNED


def test_an_exemption_shows_its_reason_its_end_and_the_key() -> None:
    exemption = Exemption("moved, JIRA-1", table="orders", expires=date(2027, 1, 31))
    assert judged(table(None), exemptions=(exemption,)).reason == (
        f"Exempt until 2027-01-31 (UTC): moved, JIRA-1. {OWNED}"
    )


def test_an_expired_exemption_is_part_of_the_reason() -> None:
    ended = Exemption("moved", table="orders", expires=date(2026, 1, 31), expired=True)
    finding = judged(table(None), exemptions=(ended,))
    assert finding.verdict is Verdict.VIOLATION
    assert finding.reason == (
        f"{OWNED} The table's exemption expired at the end of 2026-01-31 (UTC)."
    )


def global_table(**replica: Any) -> dict[str, Any]:
    return table(Replicas=[{"RegionName": REPLICA, "ReplicaStatus": "ACTIVE", **replica}])


def test_a_replica_in_a_region_that_is_read_is_judged_there() -> None:
    both = Place(ACCOUNT, REGION, "aws", (REGION, REPLICA))
    allowed = RuleSettings(allowed_keys=AllowedKeys([KEY]))
    foreign = global_table(KMSMasterKeyId=key_arn(REPLICA))
    assert judged(foreign, key(), allowed, place=both).verdict is Verdict.COMPLIANT
    finding = judged(foreign, key(), allowed)
    assert finding.verdict is Verdict.VIOLATION
    assert finding.reason == (
        f"The replica in {REPLICA} uses the key {key_arn(REPLICA)}, which allowedKmsKeys does not "
        "accept."
    )


def test_a_replica_elsewhere_that_is_inaccessible_is_a_violation() -> None:
    lost = global_table(KMSMasterKeyId=KEY) | {}
    lost["Replicas"][0]["ReplicaStatus"] = "INACCESSIBLE_ENCRYPTION_CREDENTIALS"
    finding = judged(lost, key())
    assert finding.verdict is Verdict.VIOLATION
    assert finding.reason == (
        f"The key of the replica in {REPLICA} is not usable by DynamoDB, and the replica in "
        f"{REPLICA} is inaccessible. {LATER}"
    )


def test_a_replica_elsewhere_without_a_key_is_as_the_table_or_open() -> None:
    assert judged(global_table(), key(manager="AWS")).verdict is Verdict.COMPLIANT
    assert judged(global_table(), key(manager="AWS"), STRICT).verdict is Verdict.VIOLATION
    allowed = RuleSettings(
        allowed_keys=AllowedKeys([f"arn:aws:kms:*:{ACCOUNT}:alias/aws/dynamodb"])
    )
    # The provider and AWS can show the ARN of the AWS managed key for a replica.
    shown = global_table(KMSMasterKeyId=key_arn(REPLICA))
    assert judged(shown, key(manager="AWS"), allowed).verdict is Verdict.COMPLIANT


@pytest.mark.parametrize("replica", [{}, {"KMSMasterKeyId": key_arn(REPLICA)}])
def test_the_state_of_a_replicas_key_elsewhere_is_open(replica: dict[str, str]) -> None:
    for rule in (None, STRICT):
        finding = judged(global_table(**replica), key(), rule)
        assert finding.verdict is Verdict.UNDETERMINED
        assert finding.reason == (
            f"The key of the replica in {REPLICA} can't be checked: the audit does not read its "
            "Region."
        )


def test_a_replica_in_another_account_is_judged_with_the_table() -> None:
    both = Place(ACCOUNT, REGION, "aws", (REGION, REPLICA))
    arn = TABLE_ARN.replace(ACCOUNT, OTHER_ACCOUNT).replace(REGION, REPLICA)
    foreign = global_table(KMSMasterKeyId=key_arn(REPLICA), ReplicaArn=arn)
    assert judged(foreign, key(), place=both).verdict is Verdict.UNDETERMINED
    foreign["Replicas"][0]["ReplicaStatus"] = "INACCESSIBLE_ENCRYPTION_CREDENTIALS"
    assert judged(foreign, key(), place=both).verdict is Verdict.VIOLATION


@pytest.mark.parametrize("status", ["CREATING", "DELETING"])
def test_a_table_that_comes_or_goes_shows_its_encryption_or_is_undetermined(status: str) -> None:
    finding = judged(table(None, TableStatus=status))
    assert finding.verdict is Verdict.UNDETERMINED
    assert finding.fix_note == "Run the audit again when AWS has finished the change."
    assert judged(table(TableStatus=status), key()).verdict is Verdict.COMPLIANT


def test_the_keys_of_a_global_table_are_set_at_once() -> None:
    finding = judged(global_table(), key(manager="AWS"), STRICT)
    assert finding.fix == (
        f"aws dynamodb update-table --table-name {TABLE_ARN} --region {REGION} --replica-updates "
        f"'Update={{RegionName={REGION},KMSMasterKeyId=KEY_OF_{REGION}}}' "
        f"'Update={{RegionName={REPLICA},KMSMasterKeyId=KEY_OF_{REPLICA}}}'"
    )
    for region in (REGION, REPLICA):
        assert (
            f"KEY_OF_{region} is the ARN of a customer managed key in {region}" in finding.fix_note
        )


def test_a_key_of_a_global_table_is_changed_by_hand() -> None:
    rule = RuleSettings(allowed_keys=AllowedKeys([key_arn(key_id="mrk-1"), key_arn(REPLICA)]))
    finding = judged(global_table(KMSMasterKeyId=key_arn(REPLICA)), key(), rule)
    assert finding.verdict is Verdict.VIOLATION
    assert finding.fix == ""
    assert finding.fix_note == (
        "To change the keys of a global table, see docs/remediation.md, Encrypt a global table."
    )


def test_a_global_table_without_kms_gets_the_aws_managed_key() -> None:
    finding = judged(table(None, Replicas=[{"RegionName": REPLICA}]))
    assert finding.fix == f"{UPDATE} --sse-specification Enabled=true,SSEType=KMS"
    assert "KMSMasterKeyId" not in finding.fix_note


def test_a_key_that_could_not_be_read_is_not_read() -> None:
    failed = KeyDescription(refusal="kms:DescribeKey failed with Throttling: no", failed=True)
    finding = judged(table(), failed)
    assert finding.verdict is Verdict.NOT_READ
    # What it would not have answered is still certain.
    other = RuleSettings(allowed_keys=AllowedKeys([OTHER_ACCOUNT]))
    assert judged(table(), failed, other).verdict is Verdict.VIOLATION
    assert judged(table(None), failed).verdict is Verdict.VIOLATION
    exemption = Exemption("old", table="orders")
    assert judged(table(), failed, exemptions=(exemption,)).verdict is Verdict.EXEMPT


def test_a_disabled_key_that_is_not_allowed_needs_both() -> None:
    rule = RuleSettings(allowed_keys=AllowedKeys([OTHER_ACCOUNT]))
    finding = judged(table(), key("Disabled"), rule)
    assert finding.fix == f"aws kms enable-key --key-id {KEY} --region {REGION}"
    assert finding.fix_note == (
        "allowedKmsKeys does not accept this key, so change the key of the table after that."
    )


def test_a_table_that_is_not_read_has_the_reason_and_no_key() -> None:
    finding = not_read(PLACE, "orders", "AccessDenied: no.", EVIDENCE)
    assert (finding.verdict, finding.reason) == (Verdict.NOT_READ, "AccessDenied: no.")
    assert (finding.arn, finding.key, finding.fix) == (TABLE_ARN, Key(), "")


STATES = st.sampled_from(("Enabled", "Disabled", "PendingDeletion", "Creating", "Paused", ""))
DESCRIPTIONS = (
    st.none()
    | st.builds(KeyDescription, refusal=st.text())
    | st.just(KeyDescription(is_deleted=True))
    | st.builds(key, STATES, st.sampled_from(("AWS", "CUSTOMER", "OTHER")))
)


@given(
    status=st.none() | st.sampled_from(("ENABLED", "UPDATING", "DISABLED")) | st.text(),
    arn=st.none() | st.just(KEY) | st.text(),
    table_status=st.sampled_from(("ACTIVE", "ARCHIVED", "CREATING")) | st.text(),
    of_key=DESCRIPTIONS,
    strict=st.booleans(),
)
def test_any_answer_has_one_verdict_and_passes_only_with_a_usable_key(
    status: str | None, arn: str | None, table_status: str, of_key: KeyDescription | None,
    strict: bool,
) -> None:  # fmt: skip
    answer = table(status, arn, TableStatus=table_status)
    finding = judged(answer, of_key, STRICT if strict else None)
    assert finding.reason.endswith(".")
    if finding.verdict is Verdict.COMPLIANT:
        assert status == "ENABLED"
        assert of_key is not None
        assert of_key.metadata is not None
        assert of_key.metadata["KeyState"] == "Enabled"
        assert of_key.metadata["KeyManager"] in (("CUSTOMER",) if strict else ("AWS", "CUSTOMER"))
    if status is None and table_status != "CREATING":
        assert finding.verdict is Verdict.VIOLATION


@pytest.mark.parametrize(
    ("answer", "of_key", "rule", "fix", "note"),
    [
        (table(None), None, None, f"{UPDATE} --sse-specification Enabled=true,SSEType=KMS",
         "For a customer managed key, add `,KMSMasterKeyId=KEY`, where KEY is the ARN of a "
         f"symmetric encryption key in {REGION}."),
        (table(None), None, STRICT,
         f"{UPDATE} --sse-specification Enabled=true,SSEType=KMS,KMSMasterKeyId=KEY",
         f"KEY is the ARN of a customer managed key in {REGION}, as requireCustomerManagedKey "
         "requires."),
        (table(), key(), RuleSettings(allowed_keys=AllowedKeys([KEY.replace(KEY_ID, "mrk-1")])),
         f"{UPDATE} --sse-specification Enabled=true,SSEType=KMS,KMSMasterKeyId="
         f"{KEY.replace(KEY_ID, 'mrk-1')}",
         f"allowedKmsKeys accepts this key. Delete no key before `aws dynamodb describe-table "
         f"--table-name {TABLE_ARN} --region {REGION} --query "
         "Table.SSEDescription.KMSMasterKeyArn` shows the new one."),
        (table(None), None, RuleSettings(allowed_keys=AllowedKeys([key_arn(REPLICA)])), "",
         f"allowedKmsKeys allows no customer managed key in {REGION}. Ask the team that manages "
         "the settings to add one."),
        (table(), key("Disabled"), None,
         f"aws kms enable-key --key-id {KEY} --region {REGION}", ""),
        (table(), key("PendingDeletion"), None,
         f"aws kms cancel-key-deletion --key-id {KEY} --region {REGION}\n"
         f"aws kms enable-key --key-id {KEY} --region {REGION}",
         "A key is disabled after its deletion is canceled, so enable it, too."),
        (table(), key("Unavailable", CustomKeyStoreId="cks-1"), None,
         f"aws kms connect-custom-key-store --custom-key-store-id cks-1 --region {REGION}",
         "The key is available when its key store is connected."),
        (table(TableStatus="ARCHIVED", ArchivalSummary={"ArchivalBackupArn": "arn:backup"}),
         key("Disabled"), None,
         f"aws kms enable-key --key-id {KEY} --region {REGION}\n"
         "aws dynamodb restore-table-from-backup --target-table-name orders-restored "
         f"--region {REGION} --backup-arn arn:backup",
         "Restore the backup after the key is usable. To restore it with the table's own name, "
         "delete the archived table first. Until you delete it, it stays a violation."),
    ],
)  # fmt: skip
def test_the_fix_of_a_violation(
    answer: dict[str, Any], of_key: KeyDescription | None, rule: RuleSettings | None, fix: str,
    note: str,
) -> None:  # fmt: skip
    finding = judged(answer, of_key, rule)
    assert (finding.fix, finding.fix_note) == (fix, note)


def test_the_key_of_another_account_is_enabled_there() -> None:
    foreign = KEY.replace(ACCOUNT, OTHER_ACCOUNT)
    finding = judged(table(arn=foreign), key("Disabled"))
    assert finding.fix_note == f"The key is in the account {OTHER_ACCOUNT}."
