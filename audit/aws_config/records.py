"""Convert AWS Config's records of tables and keys to the answers of DescribeTable and DescribeKey.

A record is a configuration item, as a query returns it: JSON, with the resource as AWS describes it
in `configuration`. AWS Config spells the properties in its own way (SSEDescription is
ssedescription), so names are compared without case. A record that is not complete says nothing
about encryption: without that rule, a table whose record lacks ssedescription for another reason
would count as encrypted with an AWS owned key.

Sources: awslabs/aws-config-resource-schema, AWS::DynamoDB::Table and AWS::KMS::Key (the names);
AWS Config API Reference, "ConfigurationItem" (`configurationItemStatus`; `configuration` can be
JSON in a string); cloud-custodian, c7n/resources/dynamodb.py and the recorded answer in
tests/data/placebo/test_dynamodb_sleep (times are milliseconds since 1970; a table with an AWS owned
key has no ssedescription); AWS DynamoDB API Reference, "TableDescription"; AWS KMS API Reference,
"KeyMetadata".
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, NamedTuple

from audit.judging import KeyDescription
from audit.results import Answer
from policies.encryption.arns import Arn, partition_of
from policies.encryption.rule import is_region

_DELETED = ("ResourceDeleted", "ResourceDeletedNotRecorded")
_NOT_RECORDED = "ResourceNotRecorded"
_ACCOUNT = re.compile(r"[0-9]{12}")
_TABLE_NAME = re.compile(r"[A-Za-z0-9_.-]{1,255}")
_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?(Z|[+-]\d\d:?\d\d)?", re.ASCII
)
# A number of seconds of this size is thousands of years away.
_FIRST_MILLISECONDS = 100_000_000_000

_SSE = {
    "Status": "status",
    "SSEType": "ssetype",
    "KMSMasterKeyArn": "kmsmasterkeyarn",
}
_REPLICA = {
    "RegionName": "regionname",
    "KMSMasterKeyId": "kmsmasterkeyid",
    "ReplicaStatus": "replicastatus",
    "ReplicaArn": "replicaarn",
}
_ARCHIVAL = {"ArchivalReason": "archivalreason", "ArchivalBackupArn": "archivalbackuparn"}
_KEY = {
    "KeyId": "keyid",
    "Arn": "arn",
    "AWSAccountId": "awsaccountid",
    "KeyManager": "keymanager",
    "KeyState": "keystate",
    "KeySpec": "keyspec",
    "CustomerMasterKeySpec": "customermasterkeyspec",
    "KeyUsage": "keyusage",
    "Origin": "origin",
}


class TableId(NamedTuple):
    """Which table a record is about.

    Attributes:
        account: the account's ID.
        region: the Region.
        name: the table's name.
    """

    account: str
    region: str
    name: str


@dataclass(frozen=True)
class TableRecord:
    """A record of a table.

    Attributes:
        id: which table.
        partition: the partition of the table, such as "aws".
        captured: when AWS Config captured the record; None if the record doesn't show it.
        text: the record.
        table: the table in the shape of DescribeTable; None if the record can't be used.
        fault: why the record can't be used, as a sentence; empty if it can.
        is_deleted: whether the table does not exist any more.
    """

    id: TableId
    partition: str
    captured: datetime | None
    text: str
    table: Answer | None
    fault: str = ""
    is_deleted: bool = False

    def replaces(self, other: TableRecord) -> bool:
        """Return whether this record is better evidence than another one of the same table."""
        return _is_newer(self.captured, other.captured)


@dataclass(frozen=True)
class KeyRecord:
    """A record of a key.

    Attributes:
        arn: the key's ARN.
        captured: when AWS Config captured the record; None if the record doesn't show it.
        text: the record.
        key: what it shows about the key.
    """

    arn: str
    captured: datetime | None
    text: str
    key: KeyDescription

    def replaces(self, other: KeyRecord) -> bool:
        """Return whether this record is better evidence than another one of the same key."""
        return _is_newer(self.captured, other.captured)


class RecordError(Exception):
    """A record does not show which table or key it is about. The message says why, as a clause."""


def read_table(text: str) -> TableRecord:
    """Read a record of a table.

    Args:
        text: the record, as JSON.

    Raises:
        RecordError: the record does not show which table it is about.
    """
    record = _parsed(text)
    arn = Arn.parse(_text(record, "arn") or "")
    resource = arn.resource if arn else ""
    named = (
        _text(record, "resourcename")
        or _text(record, "resourceid")
        or (resource.removeprefix("table/") if resource.startswith("table/") else "")
    )
    account, region = _text(record, "accountid") or "", _text(record, "awsregion") or ""
    if not (
        _ACCOUNT.fullmatch(account) and is_region(region) and _TABLE_NAME.fullmatch(named or "")
    ):
        raise RecordError("it names no table with its account and Region")
    table_id = TableId(account, region, named or "")
    partition = arn.partition if arn and arn.partition else partition_of(region)
    captured = time_of(record.get("configurationitemcapturetime"))
    status = record.get("configurationitemstatus")
    if status in _DELETED:
        return TableRecord(table_id, partition, captured, text, None, is_deleted=True)
    try:
        if captured is None:
            raise _UnusableError("it has no capture time")
        if status == _NOT_RECORDED:
            raise _UnusableError("the account does not record DynamoDB tables")
        table = _table(_configuration(record), table_id)
    except _UnusableError as error:
        fault = f"AWS Config's record of the table can't be used: {error}."
        return TableRecord(table_id, partition, captured, text, None, fault)
    return TableRecord(table_id, partition, captured, text, table)


def read_key(text: str) -> KeyRecord:
    """Read a record of a key.

    Args:
        text: the record, as JSON.

    Raises:
        RecordError: the record does not show which key it is about.
    """
    record = _parsed(text)
    arn = _text(record, "arn")
    captured = time_of(record.get("configurationitemcapturetime"))
    if arn and record.get("configurationitemstatus") in _DELETED:
        key = KeyDescription(refusal="the key is deleted", is_deleted=True)
        return KeyRecord(arn, captured, text, key)
    try:
        metadata = _metadata(_configuration(record))
    except _UnusableError as error:
        if not arn:
            raise RecordError("it names no key") from error
        key = KeyDescription(refusal=f"AWS Config's record of the key can't be used: {error}")
        return KeyRecord(arn, captured, text, key)
    return KeyRecord(metadata["Arn"], captured, text, KeyDescription(metadata))


def time_of(value: object) -> datetime | None:
    """Return a time of a record: milliseconds or seconds since 1970, or a text of ISO 8601."""
    try:
        if isinstance(value, str) and (match := _TIME.fullmatch(value)):
            day, time, fraction, offset = match.groups()
            offset = "+00:00" if offset in (None, "Z") else offset
            offset = offset if ":" in offset else f"{offset[:3]}:{offset[3:]}"
            text = f"{day}T{time}.{(fraction or '')[:6]:0<6}{offset}"
            return datetime.fromisoformat(text).astimezone(timezone.utc)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            seconds = value / 1000 if abs(value) >= _FIRST_MILLISECONDS else value
            return datetime.fromtimestamp(seconds, timezone.utc)
    except (ValueError, OverflowError, OSError):
        return None
    return None


class _UnusableError(Exception):
    """The resource in a record can't be used. The message says why, as a clause."""


def _table(configuration: Mapping[str, Any], table_id: TableId) -> dict[str, Any]:
    """Return a table in the shape of DescribeTable.

    Raises:
        _UnusableError: the configuration is not complete, or has another form.
    """
    status, arn = _text(configuration, "tablestatus"), _text(configuration, "tablearn")
    if not status or not arn:
        raise _UnusableError("its configuration is not complete: it has no tableStatus or tableArn")
    parsed = Arn.parse(arn)
    if parsed is None or TableId(parsed.account, parsed.region, parsed.resource) != TableId(
        table_id.account, table_id.region, f"table/{table_id.name}"
    ):
        raise _UnusableError("its configuration is that of another table")
    table: dict[str, Any] = {"TableName": table_id.name, "TableArn": arn, "TableStatus": status}
    description = _object(configuration, "ssedescription")
    if description is not None:
        table["SSEDescription"] = _picked(description, _SSE, "ssedescription")
        if not table["SSEDescription"].get("Status"):
            raise _UnusableError("its ssedescription has no status")
        since = description.get("inaccessibleencryptiondatetime")
        if since is not None:
            time = time_of(since)
            if time is None:
                raise _UnusableError("its inaccessibleEncryptionDateTime is not a time")
            table["SSEDescription"]["InaccessibleEncryptionDateTime"] = time
    replicas = configuration.get("replicas")
    if replicas is not None:
        table["Replicas"] = [_replica(replica) for replica in _list(replicas, "replicas")]
    archival = _object(configuration, "archivalsummary")
    if archival is not None:
        table["ArchivalSummary"] = _picked(archival, _ARCHIVAL, "archivalSummary")
    return table


def _replica(value: object) -> dict[str, Any]:
    replica = _picked(_folded(value, "a replica"), _REPLICA, "a replica")
    if not replica.get("RegionName"):
        raise _UnusableError("a replica has no regionName")
    return replica


def _metadata(configuration: Mapping[str, Any]) -> dict[str, Any]:
    """Return a key in the shape of DescribeKey.

    Raises:
        _UnusableError: the configuration is not complete, or has another form.
    """
    metadata = _picked(configuration, _KEY, "the configuration")
    if not metadata.get("Arn"):
        raise _UnusableError("its configuration has no arn")
    if metadata.get("KeyManager") not in ("AWS", "CUSTOMER"):
        raise _UnusableError("its configuration does not show who manages the key")
    if not metadata.get("KeyState"):
        raise _UnusableError("its configuration has no keyState")
    # The older name of the property, which AWS KMS still returns.
    metadata.setdefault("KeySpec", metadata.get("CustomerMasterKeySpec"))
    for name in ("Enabled", "MultiRegion"):
        value = configuration.get(name.lower())
        if isinstance(value, bool):
            metadata[name] = value
    deletion = time_of(configuration.get("deletiondate"))
    if deletion is not None:
        metadata["DeletionDate"] = deletion
    return metadata


def _configuration(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the resource of a record.

    Raises:
        _UnusableError: the record has none.
    """
    value = record.get("configuration")
    if isinstance(value, str):
        try:
            value = _loads(value)
        except RecordError as error:
            raise _UnusableError(f"its configuration is invalid: {error}") from error
    if not value:
        raise _UnusableError("it has no configuration")
    return _folded(value, "its configuration")


def _parsed(text: str) -> Mapping[str, Any]:
    try:
        return _folded(_loads(text), "it")
    except _UnusableError as error:
        raise RecordError(str(error)) from error


def _loads(text: str) -> Any:
    """Return a JSON value without what a report can't show: lone surrogates, NaN and infinity."""
    try:
        value = json.loads(text, parse_constant=_not_finite, parse_float=_finite)
        if "\\u" in text:
            json.dumps(value, ensure_ascii=False).encode()
        else:
            text.encode()
    except (ValueError, RecursionError) as error:
        raise RecordError("it is not valid JSON") from error
    return value


def _finite(text: str) -> float:
    value = float(text)
    return value if math.isfinite(value) else _not_finite(text)


def _not_finite(text: str) -> float:
    raise ValueError(text)


def _folded(value: object, name: str) -> Mapping[str, Any]:
    """Return an object with its names in lower case."""
    if not isinstance(value, dict):
        raise _UnusableError(f"{name} is not an object")
    folded = {key.lower(): item for key, item in value.items()}
    if len(folded) < len(value):
        raise _UnusableError(f"{name} has a property twice")
    return folded


def _object(values: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    value = values.get(name)
    return None if value is None else _folded(value, f"its {name}")


def _list(value: object, name: str) -> list[Any]:
    if not isinstance(value, list):
        raise _UnusableError(f"its {name} is not a list")
    return value


def _picked(values: Mapping[str, Any], names: Mapping[str, str], owner: str) -> dict[str, Any]:
    """Return the texts with some names, under other names.

    Args:
        values: an object with its names in lower case.
        names: the name in AWS's API and the one in the record, for each.
        owner: what the object is.
    """
    picked = {}
    for name, folded in names.items():
        value = values.get(folded)
        if value is None:
            continue
        if not isinstance(value, str):
            raise _UnusableError(f"the {name} of {owner} is not a text")
        picked[name] = value
    return picked


def _text(values: Mapping[str, Any], name: str) -> str | None:
    value = values.get(name)
    return value if isinstance(value, str) else None


def _is_newer(time: datetime | None, other: datetime | None) -> bool:
    return time is not None and (other is None or time > other)
