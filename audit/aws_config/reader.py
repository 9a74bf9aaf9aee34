"""Read the tables of all accounts of an aggregator, and judge them by the pack's rule.

The tables are judged when all of them and their keys are read, since a replica is judged with its
table unless AWS Config has a record of the replica, too. When reading ends early, the tables that
were read are judged.

Sources: AWS Config Developer Guide, "Multi-Account Multi-Region Data Aggregation" (what an
aggregator collects) and "Recording AWS Resources" (what an account records).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timezone
from typing import Any

from audit.aws.accounts import Account, identify
from audit.aws.errors import Refusal, refusal_of
from audit.aws.sessions import Credentials, client, home_region
from audit.aws_config.aggregator import KEYS, TABLES, Aggregator, Location, Source
from audit.aws_config.records import (
    KeyRecord,
    RecordError,
    TableId,
    TableRecord,
    read_key,
    read_table,
)
from audit.collector import Collector
from audit.judging import (
    KeyDescription,
    Place,
    answer_of,
    judge_table,
    key_arn_of,
    not_read,
)
from audit.results import Coverage, Evidence, Finding, Status, json_of
from audit.work import End, Work
from policies.settings.settings import Settings

SOURCE = "AWS Config"
"""The source of the evidence."""

_NO_SUCH_AGGREGATOR = "NoSuchConfigurationAggregatorException"
_NOT_RECORDED = "AWS Config has no record of the key"
_RECORD_KEYS = (
    "Record AWS::KMS::Key in the account and Region of the key, or audit the account with "
    "`python -m audit aws`."
)
_TICK_SECONDS = 0.2
_SHOWN_ACCOUNTS, _SHOWN_REGIONS = 5, 3


class NoSuchAggregatorError(Exception):
    """There is no such aggregator. The message says where, and which there are."""


class AggregatorReader:
    """Reads an aggregator once.

    Args:
        settings: the settings that judge the tables.
        collector: gets the results, also those of an audit that is interrupted.
        name: the name of the aggregator.
        credentials: those of the aggregator's account.
        region: the aggregator's Region; None for the Region of the credentials.
        seconds: the limit of time.
    """

    def __init__(
        self,
        settings: Settings,
        collector: Collector,
        name: str,
        credentials: Credentials,
        region: str | None = None,
        seconds: float = 3_600,
    ) -> None:
        self._settings, self._collector = settings, collector
        self._name, self._credentials, self._region = name, credentials, region
        self._work = Work(1, seconds)
        self._identity = ""
        self._missing: str | None = None
        self._faults: list[Refusal] = []
        self._is_listed = False
        self._expired: Refusal | None = None
        self._unnamed: list[str] = []
        self._tables: dict[TableId, TableRecord] = {}
        self._locations: set[Location] = set()
        self._accounts: set[str] = set()
        self._keys: dict[str, KeyRecord] = {}
        self._keys_refusal: str | None = None
        self._failed: dict[tuple[str, str | None], str] = {}
        self._sources: list[Source] = []
        self._expected: set[Location] = set()
        self._recording: set[Location] | None = None

    def read(self, tick: Callable[[], None]) -> None:
        """Read the aggregator, and close the collector.

        Args:
            tick: called several times each second.

        Raises:
            NoSuchAggregatorError: there is no such aggregator.
        """
        self._work.add(self._read)
        end = self._work.run(tick, _TICK_SECONDS, lambda: self._collector.is_interrupted)
        reason = "" if end is End.DONE and self._work.error is None else end.value
        if reason:
            self._collector.add_warning(f"{reason} The report has the tables that were read.")
        with self._collector.lock:
            if self._missing is not None:
                raise NoSuchAggregatorError(self._missing)
            self._finish(reason)
            self._collector.close()

    def _read(self) -> None:
        """Ask AWS everything, in one thread. An error ends only what it is about."""
        try:
            account = identify(self._credentials)
            aggregator = self._open(account)
        except Exception as error:  # noqa: BLE001 - any error has a reason to report
            self._fail(refusal_of(error))
            return
        steps: tuple[Callable[[Aggregator], None], ...] = (
            self._read_description,
            self._read_tables,
            self._read_keys,
            self._read_sources,
            self._read_recording,
        )
        for step in steps:
            step(aggregator)
            if self._missing is not None or self._collector.is_closed:
                return
            if self._expired is not None:
                if not self._faults:
                    self._fail(self._expired)
                return

    def _open(self, account: Account) -> Aggregator:
        session = self._credentials.session()
        region = self._region or home_region(session)
        with self._collector.lock:
            self._region, self._identity = region, account.identity
            self._collector.identities[account.identity] = None
        return Aggregator(client(session, "config", region), self._name)

    def _read_description(self, aggregator: Aggregator) -> None:
        try:
            description, names = aggregator.description()
        except Exception as error:  # noqa: BLE001 - the tables can still be read
            self._warn(
                "The aggregator can't be described, so the audit does not know from which accounts "
                f"it collects: {self._refusal(error).reason}"
            )
            return
        if description is None:
            self._miss(names)
            return
        with self._collector.lock:
            for source in description.get("AccountAggregationSources", ()):
                self._expected |= {
                    Location(account, region)
                    for account in source.get("AccountIds", ())
                    for region in source.get("AwsRegions", ())
                }
            filters = description.get("AggregatorFilters", {})
            types = filters.get("ResourceType", {}).get("Value", ())
            if types and TABLES not in types:
                reason = f"The aggregator's filter collects no {TABLES}, so no table can be read."
                self._fail(Refusal(Status.FAILED, reason, "Filter"))
            if filters.get("ServicePrincipal", {}).get("Value"):
                self._warn(
                    "The aggregator's filter collects only what AWS services record, so there can "
                    "be more tables than it shows."
                )

    def _miss(self, names: Iterable[str] = ()) -> None:
        existing = ", ".join(names)
        hint = f"There are: {existing}." if existing else "There is none in this Region."
        self._missing = (
            f"there is no aggregator {self._name!r} in {self._region}. {hint} An aggregator is in "
            "one Region of one account: name them with --region and --profile."
        )

    def _read_tables(self, aggregator: Aggregator) -> None:
        try:
            for page in aggregator.records(TABLES):
                with self._collector.lock:
                    if self._collector.is_closed:
                        return
                    for text in page:
                        self._add_table(text)
        except Exception as error:  # noqa: BLE001 - an error must not lose what was read
            refusal = self._refusal(error)
            if refusal.code == _NO_SUCH_AGGREGATOR:
                self._missing = f"there is no aggregator {self._name!r} in {self._region}."
            else:
                self._fail(refusal)
            return
        self._is_listed = True

    def _add_table(self, text: str) -> None:
        try:
            record = read_table(text)
        except RecordError as error:
            self._unnamed.append(str(error))
            return
        known = self._tables.get(record.id)
        if known is None or record.replaces(known):
            self._tables[record.id] = record
        counts = self._collector.counts
        if known is None:
            counts.tables += 1
            self._locations.add(Location(record.id.account, record.id.region))
            self._accounts.add(record.id.account)
            counts.regions = counts.regions_done = len(self._locations)
            counts.accounts = len(self._accounts)

    def _read_keys(self, aggregator: Aggregator) -> None:
        with self._collector.lock:
            used = {arn for record in self._tables.values() if (arn := _key_arn(record))}
        if not used:
            return
        self._keys_refusal = "AWS Config was not asked about the key"
        try:
            for page in aggregator.records(KEYS):
                with self._collector.lock:
                    if self._collector.is_closed:
                        return
                    for text in page:
                        self._add_key(text, used)
        except Exception as error:  # noqa: BLE001 - the tables are judged without their keys
            reason = self._refusal(error).reason
            self._keys_refusal = f"the query for keys failed with {reason.rstrip('.')}"
            self._warn(
                "The records of the keys can't be read, so it can't be checked whether DynamoDB "
                f"can use the keys: {reason}"
            )
            return
        self._keys_refusal = None

    def _add_key(self, text: str, used: set[str]) -> None:
        try:
            record = read_key(text)
        except RecordError:
            # A table's key that has no other record is reported with the table.
            return
        known = self._keys.get(record.arn)
        if record.arn in used and (known is None or record.replaces(known)):
            self._keys[record.arn] = record

    def _read_sources(self, aggregator: Aggregator) -> None:
        try:
            for source in aggregator.sources():
                with self._collector.lock:
                    if self._collector.is_closed:
                        return
                    self._sources.append(source)
        except Exception as error:  # noqa: BLE001 - the tables are read
            self._warn(
                "The state of the aggregator's sources can't be read, so the audit does not know "
                f"from which accounts it failed to collect: {self._refusal(error).reason}"
            )

    def _read_recording(self, aggregator: Aggregator) -> None:
        if not self._is_listed:
            return
        try:
            self._recording = aggregator.recording()
        except Exception as error:  # noqa: BLE001 - the tables are read
            self._warn(
                "The records can't be counted, so the audit may not know all accounts and Regions "
                f"without a record of a table: {self._refusal(error).reason}"
            )

    def _finish(self, reason: str) -> None:
        """Judge the tables that were read, and add the coverage and the warnings.

        Args:
            reason: why reading ended early; empty if it did not.
        """
        existing = [record for record in self._tables.values() if not record.is_deleted]
        regions: dict[tuple[str, str], set[str]] = {}
        for record in existing:
            if record.table is not None:
                account, region, name = record.id
                regions.setdefault((account, name), set()).add(region)
        findings = {
            record.id: self._finding(record, regions.get((record.id.account, record.id.name), ()))
            for record in existing
        }
        self._collector.findings += [finding for finding, _ in findings.values()]
        self._collector.counts.tables_done = len(findings)
        self._add_source_failures()
        self._add_locations(findings)
        self._add_aggregator(reason, has_tables=bool(existing))
        self._warn_about_keys(existing)
        self._warn_about_locations({Location(*each[:2]) for each in findings})

    def _finding(self, record: TableRecord, regions: Iterable[str]) -> tuple[Finding, bool]:
        """Return the finding about a table, and whether the table was judged."""
        account, region, name = record.id
        place = Place(account, region, record.partition, frozenset(regions))
        if record.table is None or record.captured is None:
            evidence = self._evidence(record, {"Error": record.fault})
            return not_read(place, name, record.fault, evidence), False
        arn = key_arn_of(record.table)
        key_record = self._keys.get(arn or "")
        key = None if key_record is None else key_record.key
        if key is None and arn is not None:
            key = KeyDescription(refusal=self._keys_refusal or _NOT_RECORDED, advice=_RECORD_KEYS)
        try:
            evidence = self._evidence(record, answer_of(record.table, key), key_record)
            return judge_table(place, record.table, key, self._settings, evidence), True
        except Exception as error:  # noqa: BLE001 - an error must not lose the other tables
            fault = refusal_of(error).reason
            evidence = self._evidence(record, {"Error": fault})
            return not_read(place, name, fault, evidence), False

    def _evidence(
        self, record: TableRecord, answer: Mapping[str, Any], key: KeyRecord | None = None
    ) -> Evidence:
        text = json_of(answer)
        # The records are valid JSON. To parse and write each of them again would take long.
        text = f'{text[:-1]},"ConfigurationItem":{record.text}'
        text += f',"KeyConfigurationItem":{key.text}' if key is not None else ""
        time = record.captured or datetime.now(timezone.utc)
        return Evidence(SOURCE, time, self._identity, f"{text}}}")

    def _add_source_failures(self) -> None:
        outdated = []
        for source in self._sources:
            if source.status == "FAILED":
                reason = source.reason or "AWS Config gives no reason."
                self._failed[source.name, source.region] = (
                    f"The aggregator could not collect from here: {reason}"
                )
            elif source.status == "OUTDATED":
                outdated.append(source)
        if outdated:
            locations = {Location(each.name, each.region or "") for each in outdated}
            why = next((f" {each.reason}" for each in outdated if each.reason), "")
            self._warn(
                f"The aggregator's records of {described(locations)} are outdated, so the tables "
                f"can have changed.{why}"
            )

    def _add_locations(self, findings: Mapping[TableId, tuple[Finding, bool]]) -> None:
        """Add the coverage of each account and Region with tables, or with a failure."""
        listed = Counter(Location(*table[:2]) for table in findings)
        judged = Counter(Location(*table[:2]) for table, (_, done) in findings.items() if done)
        reasons: dict[Location, str] = {}
        for table, (finding, done) in findings.items():
            if not done:
                reasons.setdefault(Location(*table[:2]), finding.reason)
                self._collector.counts.errors += 1
        for location, count in listed.items():
            failure = self._failed.pop(location, None)
            status = Status.READ if failure is None else Status.FAILED
            reason = " ".join(filter(None, (failure, reasons.get(location))))
            unread = count - judged[location]
            self._collector.add_coverage(
                Coverage(*location, status, count, judged[location], unread, reason)
            )
        for (name, region), failure in self._failed.items():
            self._collector.add_coverage(Coverage(name, region, Status.FAILED, 0, 0, 0, failure))

    def _add_aggregator(self, reason: str, *, has_tables: bool) -> None:
        """Add the coverage of the aggregator, if there can be more tables in any account.

        An audit that ended early may not know from where the aggregator failed to collect.
        """
        status, reasons = Status.FAILED, []
        if self._faults:
            status = self._faults[0].status
            reasons = [fault.reason for fault in self._faults]
        elif reason:
            reasons = [reason]
        elif not has_tables and not self._unnamed:
            reasons = [
                "AWS Config has no record of a table in any account. Either there are none, or no "
                f"account records {TABLES}."
            ]
        if self._unnamed:
            count = len(self._unnamed)
            records = "1 record" if count == 1 else f"{count} records"
            reasons.append(f"{records} of a table can't be read: {self._unnamed[0]}.")
        if reasons:
            name = f"aggregator {self._name}"
            self._collector.add_coverage(
                Coverage(name, self._region, status, 0, 0, 0, " ".join(reasons))
            )

    def _warn_about_keys(self, existing: Iterable[TableRecord]) -> None:
        if self._keys_refusal is not None:
            return
        arns = [arn for record in existing if (arn := _key_arn(record))]
        unknown = [arn for arn in arns if arn not in self._keys]
        if unknown:
            keys, tables = len(set(unknown)), len(unknown)
            self._warn(
                f"{_NOT_RECORDED} of {tables} {'table' if tables == 1 else 'tables'} ({keys} "
                f"{'key' if keys == 1 else 'keys'}), so it can't be checked whether DynamoDB can "
                f"use it. To check it, record {KEYS} in the key's account and Region, or use "
                "`audit aws`."
            )

    def _warn_about_locations(self, with_tables: set[Location]) -> None:
        """Warn about accounts and Regions without a record of a table."""
        if not self._is_listed or not with_tables:
            return
        sources = {
            Location(source.name, source.region)
            for source in self._sources
            if source.is_account and source.region and source.status != "FAILED"
        }
        failed = {location for location in self._failed if location[1]}
        silent = {
            location
            for location in self._expected | sources | (self._recording or set())
            if location not in with_tables and tuple(location) not in failed
        }
        empty = set() if self._recording is None else silent - self._recording
        if silent - empty:
            self._warn(
                f"AWS Config has no record of a DynamoDB table in {described(silent - empty)}. "
                f"Either they have none, or they don't record {TABLES}."
            )
        if empty:
            self._warn(
                f"AWS Config has no record of any resource in {described(empty)}. Either they "
                "have none, or they record nothing, so their tables are not checked."
            )

    def _fail(self, refusal: Refusal) -> None:
        with self._collector.lock:
            if not self._collector.is_closed:
                self._faults.append(refusal)

    def _refusal(self, error: Exception) -> Refusal:
        """Return what an error means. After expired credentials, no more calls are made."""
        refusal = refusal_of(error)
        if refusal.is_expired:
            self._expired = refusal
        return refusal

    def _warn(self, warning: str) -> None:
        with self._collector.lock:
            if not self._collector.is_closed:
                self._collector.add_warning(warning)


def described(locations: Iterable[Location]) -> str:
    """Return the number of Regions and accounts, and the first of them."""
    regions: dict[str, list[str]] = {}
    for account, region in sorted(locations):
        regions.setdefault(account, []).append(region)
    names = [f"{account} ({_first(each, _SHOWN_REGIONS)})" for account, each in regions.items()]
    return (
        f"{_count(sum(map(len, regions.values())), 'Region')} of {_count(len(regions), 'account')}"
        f": {_first(names, _SHOWN_ACCOUNTS)}"
    )


def _first(names: list[str], limit: int) -> str:
    more = len(names) - limit
    return ", ".join(names[:limit]) + (f", and {more} more" if more > 0 else "")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _key_arn(record: TableRecord) -> str | None:
    return None if record.table is None else key_arn_of(record.table)
