"""Records of AWS Config become the answers of DescribeTable and DescribeKey, or are not used."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.aws_config.records import (
    KeyRecord,
    RecordError,
    TableRecord,
    read_key,
    read_table,
    time_of,
)
from audit.judging import KeyDescription, Place, judge_table
from audit.results import Evidence, KeyType, Verdict
from policies.settings.settings import Settings
from tests.audit.config_records import (
    ACCOUNT,
    CONFIGURATION,
    ENABLED,
    KEY_ARN,
    NAME,
    RECORDED,
    REGION,
    REMOVED,
    TABLE_ARN,
    key,
    table,
)

NOW = datetime(2026, 1, 1, tzinfo=timezone.utc)
USABLE = KeyDescription({"Arn": KEY_ARN, "KeyManager": "CUSTOMER", "KeyState": "Enabled"})


def verdict_of(record: TableRecord, described: KeyDescription | None = USABLE) -> Verdict:
    assert record.table is not None, record.fault
    place = Place(record.id.account, record.id.region, record.partition)
    used = described if "SSEDescription" in record.table else None
    return judge_table(place, record.table, used, Settings(), evidence()).verdict


def evidence() -> Evidence:
    return Evidence("AWS Config", NOW, "", "{}")


def fault_of(text: str) -> str:
    record = read_table(text)
    assert record.table is None
    return record.fault.removeprefix("AWS Config's record of the table can't be used: ")


def test_a_recorded_table_has_the_shape_of_describe_table() -> None:
    record = read_table(json.dumps(RECORDED))
    assert record.id == (ACCOUNT, REGION, NAME)
    assert record.captured == datetime(2019, 1, 26, 13, 30, 4, 275_000, timezone.utc)
    assert record.table == {
        "TableName": NAME,
        "TableArn": TABLE_ARN,
        "TableStatus": "ACTIVE",
        "SSEDescription": {"Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": KEY_ARN},
    }
    assert verdict_of(record) is Verdict.COMPLIANT


def test_a_configuration_can_be_a_text() -> None:
    # As in GetResourceConfigHistory.
    text = table(configuration=json.dumps(RECORDED["configuration"]))
    assert read_table(text).table == read_table(json.dumps(RECORDED)).table


@pytest.mark.parametrize("spelling", ["ssedescription", "sSEDescription", "SSEDescription"])
def test_the_case_of_a_name_does_not_matter(spelling: str) -> None:
    description = {"Status": "ENABLED", "sseType": "KMS", "KMSMasterKeyArn": KEY_ARN}
    text = table({"ssedescription": REMOVED, spelling: description})
    assert verdict_of(read_table(text)) is Verdict.COMPLIANT


@pytest.mark.parametrize("absent", [REMOVED, None])
def test_a_complete_record_without_ssedescription_has_an_aws_owned_key(absent: Any) -> None:
    assert verdict_of(read_table(table({"ssedescription": absent}))) is Verdict.VIOLATION


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (table(configuration=REMOVED), "it has no configuration."),
        (table(configuration=None), "it has no configuration."),
        (table(configuration={}), "it has no configuration."),
        (table(configuration=[CONFIGURATION]), "its configuration is not an object."),
        (table(configuration="{"), "its configuration is invalid: it is not valid JSON."),
        (
            table({"tableStatus": REMOVED, "ssedescription": REMOVED}),
            "its configuration is not complete: it has no tableStatus or tableArn.",
        ),
        (
            table({"tableArn": REMOVED}),
            "its configuration is not complete: it has no tableStatus or tableArn.",
        ),
        (
            table(configuration={"TableName": NAME, "SSESpecification": {"SSEEnabled": True}}),
            "its configuration is not complete: it has no tableStatus or tableArn.",
        ),
        (table({"tableArn": f"{TABLE_ARN}-2"}), "its configuration is that of another table."),
        (table({"ssedescription": {}}), "its ssedescription has no status."),
        (table({"ssedescription": "ENABLED"}), "its ssedescription is not an object."),
        (
            table({"ssedescription": {"status": ["ENABLED"]}}),
            "the Status of ssedescription is not a text.",
        ),
        (table({"SSEDescription": None}), "its configuration has a property twice."),
        (table({"replicas": {"regionName": "eu-west-1"}}), "its replicas is not a list."),
        (table({"replicas": [{}]}), "a replica has no regionName."),
        (
            table({"ssedescription": {**ENABLED, "inaccessibleEncryptionDateTime": True}}),
            "its inaccessibleEncryptionDateTime is not a time.",
        ),
        (table(configurationItemCaptureTime=REMOVED), "it has no capture time."),
        (
            table(configurationItemStatus="ResourceNotRecorded", configuration=REMOVED),
            "the account does not record DynamoDB tables.",
        ),
    ],
)
def test_an_incomplete_record_says_nothing_about_encryption(text: str, fault: str) -> None:
    assert fault_of(text) == fault


@pytest.mark.parametrize(
    "text",
    [
        "", "null", "[]", "{", '"orders"', "{}", '{"accountId": "111111111111"}', "[" * 100_000,
        table(accountId="1"), table(awsRegion="global"), table(accountId=REMOVED),
        table(resourceName="o" * 300), table(description=float("nan")),
        table().replace('"OK"', "1e999"), table(resourceName="\ud800"),
        table().replace("OK", "\ud800"),
    ],
)  # fmt: skip
def test_a_record_that_names_no_table_is_an_error(text: str) -> None:
    with pytest.raises(RecordError):
        read_table(text)


def test_a_table_is_named_by_its_id_or_arn_too() -> None:
    assert read_table(table(resourceName=REMOVED)).id.name == NAME
    assert read_table(table(resourceName=REMOVED, resourceId=REMOVED)).id.name == NAME


@pytest.mark.parametrize("status", ["ResourceDeleted", "ResourceDeletedNotRecorded"])
def test_a_deleted_table_is_known(status: str) -> None:
    assert read_table(table(configurationItemStatus=status, configuration=REMOVED)).is_deleted


def test_a_replica_has_the_shape_of_describe_table() -> None:
    replica: dict[str, Any] = {
        "regionName": "eu-west-1", "kmsmasterKeyId": None, "replicaStatus": "ACTIVE",
        "globalSecondaryIndexes": [],
    }  # fmt: skip
    record = read_table(table({"replicas": [replica]}))
    assert record.table is not None
    assert record.table["Replicas"] == [{"RegionName": "eu-west-1", "ReplicaStatus": "ACTIVE"}]


def test_an_inaccessible_table_is_a_violation() -> None:
    since = {**ENABLED, "inaccessibleEncryptionDateTime": 1_547_593_597_198}
    record = read_table(
        table({"tableStatus": "INACCESSIBLE_ENCRYPTION_CREDENTIALS", "ssedescription": since})
    )
    assert record.table is not None
    since_time = record.table["SSEDescription"]["InaccessibleEncryptionDateTime"]
    assert since_time == datetime(2019, 1, 15, 23, 6, 37, 198_000, timezone.utc)
    assert verdict_of(record) is Verdict.VIOLATION


def test_a_recorded_key_has_the_shape_of_describe_key() -> None:
    record = read_key(key({"keyState": "PendingDeletion", "deletionDate": 1_547_593_597_198}))
    assert record.arn == KEY_ARN
    assert record.key.metadata == {
        "KeyId": KEY_ARN.rpartition("/")[2],
        "Arn": KEY_ARN,
        "AWSAccountId": ACCOUNT,
        "KeyManager": "CUSTOMER",
        "KeyState": "PendingDeletion",
        "KeySpec": "SYMMETRIC_DEFAULT",
        "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
        "KeyUsage": "ENCRYPT_DECRYPT",
        "Origin": "AWS_KMS",
        "Enabled": True,
        "MultiRegion": False,
        "DeletionDate": datetime(2019, 1, 15, 23, 6, 37, 198_000, timezone.utc),
    }


@pytest.mark.parametrize(
    ("text", "expected", "key_type"),
    [
        (key(), Verdict.COMPLIANT, KeyType.CUSTOMER_MANAGED),
        (key({"keyManager": "AWS"}), Verdict.COMPLIANT, KeyType.AWS_MANAGED),
        (key({"keySpec": REMOVED}), Verdict.COMPLIANT, KeyType.CUSTOMER_MANAGED),
        (key({"keyState": "Disabled"}), Verdict.VIOLATION, KeyType.CUSTOMER_MANAGED),
        (key({"keySpec": "RSA_2048"}), Verdict.VIOLATION, KeyType.CUSTOMER_MANAGED),
        (key({"keyState": REMOVED}), Verdict.UNDETERMINED, None),
        (key({"keyState": "Soon"}), Verdict.UNDETERMINED, KeyType.CUSTOMER_MANAGED),
        (key({"keyManager": REMOVED}), Verdict.UNDETERMINED, None),
        (key({"keyManager": 1}), Verdict.UNDETERMINED, None),
        (key(configuration=None), Verdict.UNDETERMINED, None),
        (key(configurationItemStatus="ResourceDeleted"), Verdict.VIOLATION, None),
    ],
)
def test_the_record_of_a_key_decides_about_the_table(
    text: str, expected: Verdict, key_type: KeyType | None
) -> None:
    record = read_table(table())
    assert record.table is not None
    described = read_key(text).key
    finding = judge_table(
        Place(ACCOUNT, REGION, "aws"), record.table, described, Settings(), evidence()
    )
    assert (finding.verdict, finding.key.type) == (expected, key_type)


def test_the_newer_record_is_used() -> None:
    older, newer = (
        read_table(table()),
        read_table(table(configurationItemCaptureTime="2020-01-01T00:00:00Z")),
    )
    undated = read_table(table(configurationItemCaptureTime="yesterday"))
    assert newer.replaces(older)
    assert older.replaces(undated)
    assert not older.replaces(newer)
    assert not undated.replaces(older)


@pytest.mark.parametrize(
    "value",
    [1_547_593_597_198, 1_547_593_597.198, "2019-01-15T23:06:37.198Z", "2019-01-15 23:06:37.198",
     "2019-01-15T23:06:37.198000000Z", "2019-01-16T00:06:37.198+0100"],
)  # fmt: skip
def test_a_time_has_several_forms(value: object) -> None:
    time = time_of(value)
    assert time is not None
    assert (
        abs((time - datetime(2019, 1, 15, 23, 6, 37, 198_000, timezone.utc)).total_seconds()) < 1e-4
    )


@given(st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.binary()))
def test_any_value_is_a_time_or_none(value: object) -> None:
    time = time_of(value)
    assert time is None or time.tzinfo is timezone.utc


NAMES = st.sampled_from(
    [*RECORDED, *CONFIGURATION, *ENABLED, "ssedescription", "replicas", "regionName",
     "inaccessibleEncryptionDateTime", "SSEDescription", "STATUS", "keyState", "keyManager",
     "archivalSummary"]
)  # fmt: skip
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8),
    st.sampled_from([TABLE_ARN, KEY_ARN, NAME, "ENABLED", "DISABLED", "KMS", "ACTIVE", "AWS"]),
)  # fmt: skip
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(NAMES | st.text(max_size=3), inner, max_size=5)
    ),
    max_leaves=12,
)
CHANGES = st.dictionaries(NAMES | st.text(max_size=3), VALUES, max_size=4)


@given(st.text() | VALUES.map(json.dumps))
def test_any_text_is_a_record_or_an_error(text: str) -> None:
    for read in (read_table, read_key):
        try:
            record: TableRecord | KeyRecord = read(text)
        except RecordError:
            continue
        assert record.text == text


@given(CHANGES, CHANGES)
def test_no_record_passes_or_fails_a_table_wrongly(configuration: Any, properties: Any) -> None:
    try:
        record = read_table(table(configuration, **properties))
    except RecordError:
        return
    if record.table is None:
        assert record.fault or record.is_deleted
        return
    verdict = verdict_of(record)
    shown = json.loads(record.text)["configuration"]
    shown = json.loads(shown) if isinstance(shown, str) else shown
    folded = {name.lower(): value for name, value in shown.items()}
    description = folded.get("ssedescription")
    assert folded["tablestatus"]
    assert folded["tablearn"] == TABLE_ARN
    if verdict is Verdict.COMPLIANT:
        assert description is not None
        assert {name.lower(): value for name, value in description.items()}["status"] == "ENABLED"
    if description is None and "replicas" not in folded:
        assert verdict is Verdict.VIOLATION


@given(CHANGES, CHANGES)
def test_no_record_of_a_key_passes_a_table_wrongly(configuration: Any, properties: Any) -> None:
    try:
        record = read_key(key(configuration, **properties))
    except RecordError:
        return
    if verdict_of(read_table(table()), record.key) is Verdict.COMPLIANT:
        metadata = record.key.metadata
        assert metadata is not None
        assert metadata["KeyState"] in ("Enabled", "Updating")
        assert metadata["KeyManager"] in ("AWS", "CUSTOMER")
