"""Ask an aggregator of AWS Config.

Only queries read the records. AWS Config has no filter for a missing property, so the query for
tables reads all of them. A query returns a page of 100 records at most, and no record of a type
that an account does not record.

Sources: AWS Config Developer Guide, "Querying the Current Configuration State of AWS Resources"
(limitations: no NULL, `SELECT *` has scalar properties only, GROUP BY has up to three properties)
and "Example Queries"; AWS Config API Reference, "SelectAggregateResourceConfig",
"DescribeConfigurationAggregators" and "DescribeConfigurationAggregatorSourcesStatus".
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from audit.aws.errors import Refusal, RefusedError
from audit.results import Status
from policies.encryption.rule import is_region

TABLES, KEYS = "AWS::DynamoDB::Table", "AWS::KMS::Key"

_PAGE = 100
_PROPERTIES = (
    "accountId, awsRegion, resourceId, resourceName, arn, configurationItemCaptureTime, "
    "configurationItemStatus, configuration"
)
_COUNTS = "SELECT accountId, awsRegion, COUNT(*) GROUP BY accountId, awsRegion"


class Location(NamedTuple):
    """A Region of an account.

    Attributes:
        account: the account's ID.
        region: the Region.
    """

    account: str
    region: str


class Source(NamedTuple):
    """The state of what the aggregator collects from.

    Attributes:
        name: the account's ID, or the ID of an organization.
        is_account: whether it is an account.
        region: the Region; None if AWS Config names none.
        status: SUCCEEDED, FAILED, or OUTDATED.
        reason: AWS Config's reason for the status; can be empty.
    """

    name: str
    is_account: bool
    region: str | None
    status: str
    reason: str


class Aggregator:
    """An aggregator. Each method can raise any error of botocore.

    Args:
        client: the client of AWS Config in the aggregator's Region.
        name: the aggregator's name.
    """

    def __init__(self, client: Any, name: str) -> None:
        self._client, self._name = client, name

    def description(self) -> tuple[Mapping[str, Any] | None, list[str]]:
        """Return the aggregator's ConfigurationAggregator or None, and the names of all."""
        pages = self._pages(self._client.describe_configuration_aggregators)
        found = [each for page in pages for each in page.get("ConfigurationAggregators", ())]
        by_name = {each["ConfigurationAggregatorName"]: each for each in found}
        return by_name.get(self._name), sorted(by_name)

    def records(self, resource_type: str) -> Iterator[list[str]]:
        """Yield the pages of the records of a resource type."""
        yield from self._query(f"SELECT {_PROPERTIES} WHERE resourceType = '{resource_type}'")

    def recording(self) -> set[Location]:
        """Return the Regions of accounts that have a record of any resource."""
        rows = [json.loads(row) for page in self._query(_COUNTS) for row in page]
        return {
            Location(row["accountId"], row["awsRegion"])
            for row in rows
            # Resources of services without Regions have the Region "global".
            if is_region(row.get("awsRegion", ""))
        }

    def sources(self) -> Iterator[Source]:
        """Yield the state of all that the aggregator collects from."""
        call = self._client.describe_configuration_aggregator_sources_status
        for page in self._pages(call, ConfigurationAggregatorName=self._name):
            for each in page.get("AggregatedSourceStatusList", ()):
                region = each.get("AwsRegion", "")
                code, message = each.get("LastErrorCode", ""), each.get("LastErrorMessage", "")
                yield Source(
                    each.get("SourceId", ""),
                    each.get("SourceType") == "ACCOUNT",
                    region if is_region(region) else None,
                    each.get("LastUpdateStatus", ""),
                    ": ".join(filter(None, (code, message))),
                )

    def _query(self, expression: str) -> Iterator[list[str]]:
        pages = self._pages(
            self._client.select_aggregate_resource_config,
            ConfigurationAggregatorName=self._name,
            Expression=expression,
            Limit=_PAGE,
        )
        for page in pages:
            yield page.get("Results", [])

    def _pages(self, call: Any, **arguments: Any) -> Iterator[Mapping[str, Any]]:
        # Not all versions of botocore have a paginator for each of these calls.
        token = ""
        seen: set[str] = set()
        while True:
            page = call(**arguments, **({"NextToken": token} if token else {}))
            yield page
            token = page.get("NextToken") or ""
            if not token:
                return
            if token in seen:
                reason = "AWS Config returned the same NextToken twice, so pages can be missing."
                raise RefusedError(Refusal(Status.FAILED, reason, "SameNextToken"))
            seen.add(token)
