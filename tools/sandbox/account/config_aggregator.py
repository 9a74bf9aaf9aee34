"""Add the queries of AWS Config's aggregators, which moto lacks.

PutConfigurationAggregator and DescribeConfigurationAggregators are moto's. The other operations
answer from the tables and keys that the pretend accounts have now: a record is captured when it is
read, except for the records that a sandbox call adds. Each account and Region records all types
until a sandbox call changes that, and has one resource of another type, its default VPC. The source
of an organization aggregator is the organization of the caller.

Left out: of the query language, all but the two forms that the audit uses; configuration recorders
and authorizations, which the recorded types replace; records of deleted resources; the effect of an
aggregator's filter of service principals. AWS documents the names in `configuration`, and no rule
for them. Here, the capitals at the start of a name become lower case, which agrees with all
documented names. Times are milliseconds, and there are no nulls.

Source: "SelectAggregateResourceConfig" and "DescribeConfigurationAggregatorSourcesStatus" in the
AWS Config API Reference, "Example Queries" in the AWS Config Developer Guide,
awslabs/aws-config-resource-schema (AWS::DynamoDB::Table, AWS::KMS::Key), and the recorded answer in
cloud-custodian, tests/data/placebo/test_dynamodb_sleep.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from moto.config.exceptions import (
    InvalidNextTokenException,
    NoSuchConfigurationAggregatorException,
)
from moto.config.models import ConfigAggregator, ConfigBackend
from moto.config.responses import ConfigResponse
from moto.core.exceptions import JsonRESTError
from moto.dynamodb.models import dynamodb_backends
from moto.kms.models import kms_backends
from moto.organizations.models import organizations_backends

from tools.sandbox.account.corrections import replace
from tools.sandbox.account.regions import REGION_STATUSES

TABLE, KEY, VPC = "AWS::DynamoDB::Table", "AWS::KMS::Key", "AWS::EC2::VPC"
_LARGEST_PAGE, _PAGE = 100, 25
_RECORDS = re.compile(r"SELECT (?P<properties>[\w, ]+) WHERE resourceType = '(?P<type>[\w:]+)'")
_COUNTS = "SELECT accountId, awsRegion, COUNT(*) GROUP BY accountId, awsRegion"
_CAPITALS = re.compile(r"[A-Z]+")
_TIME_SUFFIXES = ("DateTime", "Date")
# AWS Config doesn't record what changes without a change of the configuration.
_UNRECORDED = ("ItemCount", "TableSizeBytes")
_Place = tuple[str, str]


class Recording:
    """What the accounts record, and the state of what aggregators collect from."""

    def __init__(self) -> None:
        self._types: dict[_Place, tuple[str, ...]] = {}
        self._statuses: dict[_Place, dict[str, str]] = {}
        self._added: dict[str, list[str]] = {}

    def clear(self) -> None:
        """Let all accounts and Regions record all types, and remove added records."""
        for state in (self._types, self._statuses, self._added):
            state.clear()

    def record(self, types: Sequence[str], region: str, account: str) -> None:
        """Set the types that a Region of an account records."""
        self._types[account, region] = tuple(types)

    def set_status(self, source: str, region: str, status: str, code: str, message: str) -> None:
        """Set the state of a source: an account or an organization."""
        if status not in ("SUCCEEDED", "FAILED", "OUTDATED"):
            raise ValueError(f"there is no status {status}")
        error = {"LastErrorCode": code, "LastErrorMessage": message}
        self._statuses[source, region] = {
            "LastUpdateStatus": status, **{name: text for name, text in error.items() if text}
        }  # fmt: skip

    def add(self, resource_type: str, records: Sequence[str]) -> None:
        """Add records, which queries return as they are, after the others."""
        self._added.setdefault(resource_type, []).extend(records)

    def added(self, resource_type: str) -> list[str]:
        """Return the records that were added."""
        return list(self._added.get(resource_type, ()))

    def records_type(self, resource_type: str, place: _Place) -> bool:
        """Return whether a place records a type, and its aggregator got the record."""
        types = self._types.get(place, (TABLE, KEY, VPC))
        return resource_type in types and self.status(place)["LastUpdateStatus"] != "FAILED"

    def status(self, place: _Place) -> dict[str, str]:
        """Return the state of a source."""
        return self._statuses.get(place, {"LastUpdateStatus": "SUCCEEDED"})


RECORDING = Recording()


class _InvalidError(JsonRESTError):
    code = 400


def install() -> None:
    """Add the operations to moto's AWS Config, after the corrections of the resources."""
    put_aggregator = ConfigBackend.put_configuration_aggregator
    describe_aggregator = ConfigAggregator.to_dict

    def put(self: ConfigBackend, config_aggregator: dict[str, Any]) -> dict[str, Any]:
        put_aggregator(self, config_aggregator)
        aggregator = self.config_aggregators[config_aggregator["ConfigurationAggregatorName"]]
        vars(aggregator)["sandbox_filters"] = config_aggregator.get("AggregatorFilters")
        return aggregator.to_dict()

    def describe(self: ConfigAggregator) -> dict[str, Any]:
        described = describe_aggregator(self)
        described.pop("SandboxFilters", None)
        filters = _filters(self)
        return described | ({"AggregatorFilters": filters} if filters else {})

    replace(ConfigBackend, "put_configuration_aggregator", put)
    replace(ConfigAggregator, "to_dict", describe)
    replace(ConfigResponse, "select_aggregate_resource_config", _select)
    replace(ConfigResponse, "describe_configuration_aggregator_sources_status", _sources_status)


def _select(self: ConfigResponse) -> str:
    aggregator = _aggregator(self)
    limit = self._get_param("Limit") or self._get_param("MaxResults") or _PAGE
    if limit > _LARGEST_PAGE:
        raise _InvalidError("InvalidLimitException", "The limit must be 100 or less.")
    expression = self._get_param("Expression")
    places = _places(self, aggregator)
    if expression == _COUNTS:
        rows = list(_counts(places))
    elif match := _RECORDS.fullmatch(expression):
        properties, resource_type = match["properties"].split(", "), match["type"]
        types = _filters(aggregator).get("ResourceType", {}).get("Value", [resource_type])
        rows = [
            json.dumps({name: record[name] for name in properties if name in record})
            for record in _records(resource_type, places if resource_type in types else ())
        ]
        rows += RECORDING.added(resource_type)
    else:
        raise _InvalidError("InvalidExpressionException", f"Not of this sandbox: {expression}")
    return _page(self, "Results", rows, limit)


def _sources_status(self: ConfigResponse) -> str:
    aggregator = _aggregator(self)
    statuses: list[dict[str, Any]] = [
        {"SourceId": account, "SourceType": "ACCOUNT", "AwsRegion": region, "LastUpdateTime": 0}
        | RECORDING.status((account, region))
        for account, region in _places(self, aggregator)
    ]
    organization = organizations_backends[self.current_account]["aws"].org
    if aggregator.organization_aggregation_source and organization:
        statuses += [
            {"SourceId": organization.id, "SourceType": "ORGANIZATION", "AwsRegion": region}
            | RECORDING.status((organization.id, region))
            for region in _regions(aggregator.organization_aggregation_source)
        ]
    limit = self._get_param("Limit") or _LARGEST_PAGE
    return _page(self, "AggregatedSourceStatusList", statuses, limit)


def _page(self: ConfigResponse, name: str, items: list[Any], limit: int) -> str:
    token = self._get_param("NextToken") or "0"
    if not token.isdecimal():
        raise InvalidNextTokenException
    end = int(token) + limit
    answer: dict[str, Any] = {name: items[int(token) : end]}
    return json.dumps(answer | ({"NextToken": str(end)} if end < len(items) else {}))


def _aggregator(self: ConfigResponse) -> ConfigAggregator:
    name = self._get_param("ConfigurationAggregatorName")
    aggregator: ConfigAggregator | None = self.config_backend.config_aggregators.get(name)
    if aggregator is None:
        raise NoSuchConfigurationAggregatorException
    return aggregator


def _filters(aggregator: ConfigAggregator) -> dict[str, Any]:
    return vars(aggregator).get("sandbox_filters") or {}


def _places(self: ConfigResponse, aggregator: ConfigAggregator) -> list[_Place]:
    """Return the accounts and Regions that an aggregator collects from."""
    source = aggregator.organization_aggregation_source
    if source:
        members = organizations_backends[self.current_account]["aws"].accounts
        accounts = [member.id for member in members if member.status == "ACTIVE"]
        return [(account, region) for account in accounts for region in _regions(source)]
    return [
        (account, region)
        for source in aggregator.account_aggregation_sources or ()
        for account in source.account_ids
        for region in _regions(source)
    ]


def _regions(source: Any) -> Iterable[str]:
    enabled = (region for region, status in REGION_STATUSES.of("").items() if status != "DISABLED")
    return enabled if source.all_aws_regions else source.aws_regions


def _counts(places: Iterable[_Place]) -> Iterator[str]:
    for account, region in places:
        place = (account, region)
        count = RECORDING.records_type(VPC, place) + sum(
            len(list(_records(resource_type, [place]))) for resource_type in (TABLE, KEY)
        )
        if count:
            yield json.dumps({"COUNT(*)": count, "accountId": account, "awsRegion": region})


def _records(resource_type: str, places: Iterable[_Place]) -> Iterator[dict[str, Any]]:
    for account, region in places:
        if not RECORDING.records_type(resource_type, (account, region)):
            continue
        for arn, identity, resource in _resources(resource_type, account, region):
            yield {
                "version": "1.3",
                "accountId": account,
                "awsRegion": region,
                "resourceType": resource_type,
                "resourceId": identity,
                "resourceName": identity,
                "arn": arn,
                "configurationItemCaptureTime": _iso(datetime.now(timezone.utc)),
                "configurationItemStatus": "OK",
                "configuration": _spelled(resource),
            }


def _resources(
    resource_type: str, account: str, region: str
) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield the ARN, the ID, and the description of each resource of a place."""
    if resource_type == TABLE:
        for table in list(dynamodb_backends[account][region].tables.values()):
            described = table.describe("Table")["Table"]
            kept = {name: each for name, each in described.items() if name not in _UNRECORDED}
            yield table.table_arn, table.name, kept
    if resource_type == KEY:
        for key in list(kms_backends[account][region].keys.values()):
            yield key.arn, key.id, key.to_dict()["KeyMetadata"]


def _spelled(value: Any, name: str = "") -> Any:
    """Return a description with the names and times of AWS Config."""
    if isinstance(value, Mapping):
        return {
            _CAPITALS.sub(lambda run: run.group().lower(), key, count=1): _spelled(item, key)
            for key, item in value.items()
            if item is not None
        }
    if isinstance(value, list | tuple):
        return [_spelled(item) for item in value]
    if isinstance(value, datetime):
        return int(value.timestamp() * 1000)
    if name.endswith(_TIME_SUFFIXES) and isinstance(value, int | float):
        return int(value * 1000)
    return value


def _iso(time: datetime) -> str:
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
