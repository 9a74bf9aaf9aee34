"""Read the tables of accounts from AWS, so that each one has a finding.

For each account, the reader asks who it is and which Regions are enabled. In each Region, it lists
the tables, describes each table, and describes each key once. An error ends only what it is about:
a table, or the rest of a Region or an account. Whatever was listed has a finding.

Sources: Amazon DynamoDB API Reference, "ListTables" and "DescribeTable"; AWS KMS API Reference,
"DescribeKey" and "ListAliases"; AWS Account Management API Reference, "ListRegions"; AWS STS API
Reference, "GetCallerIdentity"; AWS Organizations API Reference, "ListAccounts".
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from functools import partial
from typing import Any

from audit.aws.errors import Refusal, refusal_of
from audit.aws.sessions import Credentials, client, home_region, of_role
from audit.aws.work import Work
from audit.judging import (
    KeyDescription,
    Place,
    judge_table,
    key_arn_of,
    needs_aliases,
    not_read,
)
from audit.progress import Counts
from audit.results import Coverage, Evidence, Finding, Status
from policies.encryption.arns import COMMERCIAL_PARTITION, Arn
from policies.settings.settings import Settings

THREADS = 16
_TICK_SECONDS = 0.2
_READ_STATUSES = ("ENABLED", "ENABLED_BY_DEFAULT", "DISABLING")
_NO_TIME = "The time limit was reached before AWS answered."
_INTERRUPTED = "The audit was interrupted before AWS answered."


@dataclass(frozen=True)
class Organization:
    """The accounts of an organization, each of which is read with a role.

    Attributes:
        credentials: those of the management account, or of a delegated administrator.
        role: the name of the role, which is the same in each account.
        external_id: the external ID that the role requires; None if it needs none.
    """

    credentials: Credentials
    role: str
    external_id: str | None = None


@dataclass
class _Account:
    id: str
    identity: str
    partition: str
    credentials: Credentials
    regions: Collection[str] = ()
    expired: Refusal | None = None


@dataclass
class _Region:
    """One Region of an account, while it is read."""

    place: Place
    account: _Account
    status: Status | None = None
    reason: str = ""
    listed: int = 0
    judged: int = 0
    waiting: set[str] = field(default_factory=set)
    not_read_reasons: dict[str, None] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    keys: dict[str, _Key] = field(default_factory=dict)
    clients: dict[str, Any] = field(default_factory=dict)


@dataclass
class _Key:
    """A key that is described once, for all tables that wait for it."""

    description: KeyDescription | None = None
    waiting: list[Callable[[KeyDescription], None]] = field(default_factory=list)


class Reader:
    """Reads the tables of accounts.

    Args:
        settings: the settings that judge the tables.
        regions: the Regions to read; empty for all that an account has enabled.
        threads: how many calls to AWS to make at the same time.
        seconds: the limit of time; None for no limit.
    """

    def __init__(
        self,
        settings: Settings,
        regions: Sequence[str] = (),
        *,
        threads: int = THREADS,
        seconds: float | None = None,
    ) -> None:
        self.counts = Counts()
        self.findings: list[Finding] = []
        self.coverage: list[Coverage] = []
        self.identities: dict[str, None] = {}
        self.warnings: list[str] = []
        self._settings = settings
        self._only = tuple(dict.fromkeys(regions))
        self._threads = threads
        deadline = None if seconds is None else time.monotonic() + seconds
        self._work = Work(threads, deadline)
        self._lock = threading.Lock()
        self._accounts: dict[str, str] = {}
        self._opening: dict[str, None] = {}
        self._regions: list[_Region] = []
        self._closed = False

    def read(
        self, accounts: Sequence[Credentials | Organization], tick: Callable[[], None]
    ) -> None:
        """Read accounts. What was read is in the reader's attributes, also if this is interrupted.

        Args:
            accounts: the accounts, each of which is read once.
            tick: called while the reader works, to show its counts.
        """
        for source in reversed(accounts):
            if isinstance(source, Organization):
                self._add(source.credentials.name, partial(self._list_accounts, source))
            else:
                self._add(source.account or source.name, partial(self._open, source))
        reason = ""
        try:
            if not self._work.run(tick, _TICK_SECONDS):
                reason = _NO_TIME
                self.warnings.append("The time limit was reached, so not everything was read.")
        except KeyboardInterrupt:
            reason = _INTERRUPTED
            self.warnings.append("The audit was interrupted, so not everything was read.")
        self._close(reason)

    # Accounts

    def _add(self, name: str, task: Callable[[], None]) -> None:
        """Add a task that opens an account, or finds accounts."""
        with self._lock:
            self._opening[name] = None

        def run() -> None:
            try:
                task()
            except _NoRegionsError as error:
                reason = f"{error.refusal.reason} To read an account without it, use --region."
                self._skip(error.account, error.refusal._replace(reason=reason))
            except Exception as error:  # noqa: BLE001 - an error must not lose what was read
                self._skip(name, refusal_of(error))
            finally:
                with self._lock:
                    self._opening.pop(name, None)

        self._work.add(run)

    def _skip(self, name: str, refusal: Refusal) -> None:
        """Record an account that can't be read."""
        self._record(Coverage(name, None, refusal.status, 0, 0, 0, refusal.reason))

    def _list_accounts(self, organization: Organization) -> None:
        base = organization.credentials
        session = base.session()
        home = home_region(session)
        caller = client(session, "sts", home).get_caller_identity()
        partition = _partition(caller["Arn"])
        organizations = client(session, "organizations", home)
        for page in organizations.get_paginator("list_accounts").paginate():
            for account in page["Accounts"]:
                account_id = str(account["Id"])
                # "Status" is deprecated, and older versions of the API have no "State".
                state = account.get("State") or account.get("Status")
                if state not in ("ACTIVE", None):
                    reason = f"The account's state is {state}."
                    self._skip(account_id, Refusal(Status.DISABLED, reason, str(state)))
                    continue
                arn = f"arn:{partition}:iam::{account_id}:role/{organization.role}"
                credentials = of_role(base, arn, organization.external_id)
                self._add(account_id, partial(self._open, credentials))

    def _open(self, credentials: Credentials) -> None:
        """Find out which account credentials are for, and add its Regions."""
        session = credentials.session()
        home = home_region(session)
        caller = client(session, "sts", home).get_caller_identity()
        account = _Account(caller["Account"], caller["Arn"], _partition(caller["Arn"]), credentials)
        with self._lock:
            first = self._accounts.setdefault(account.id, credentials.name)
            if first is not credentials.name:
                self.warnings.append(
                    f"{credentials.name} is for the account {account.id}, too, which was read "
                    f"with {first}."
                )
                return
            self.identities[account.identity] = None
            self.counts.accounts += 1
        try:
            statuses = dict(_region_statuses(client(session, "account", home)))
        except Exception as error:
            if not self._only:
                raise _NoRegionsError(account.id, refusal_of(error)) from error
            statuses = {}
        account.regions = self._only or [
            name for name, status in statuses.items() if status in _READ_STATUSES
        ]
        places = {
            name: Place(account.id, name, account.partition, account.regions)
            for name in self._only or statuses
        }
        regions = []
        for name, place in places.items():
            status = statuses.get(name)
            if not statuses or status in _READ_STATUSES:
                regions.append(_Region(place, account))
            else:
                reason = f"The Region is not enabled in this account ({status})."
                if status is None:
                    reason = "AWS lists no such Region for this account."
                entry = Coverage(
                    account.id, name, Status.DISABLED if status else Status.FAILED, 0, 0, 0, reason
                )
                self._record(entry)
        with self._lock:
            self._regions += regions
            self.counts.regions += len(regions)
        self._work.add(*(partial(self._list_page, region, None) for region in reversed(regions)))

    # Regions and tables

    def _list_page(self, region: _Region, start: str | None) -> None:
        try:
            self._raise_if_expired(region)
            arguments = {"ExclusiveStartTableName": start} if start else {}
            page = self._client(region, "dynamodb").list_tables(**arguments)
            names, following = page["TableNames"], page.get("LastEvaluatedTableName")
        except Exception as error:  # noqa: BLE001 - an error must not lose what was read
            self._end(region, self._refusal(region, error))
            return
        with self._lock:
            new = [str(name) for name in names if name not in region.seen]
            region.seen.update(new)
            region.waiting.update(new)
            region.listed += len(new)
            self.counts.tables += len(new)
        # The next page is added first, so that the tables of this one are described before it.
        if following and (new or following != start):
            self._work.add(partial(self._list_page, region, following))
        else:
            self._end(region, None)
        self._work.add(*(partial(self._describe, region, name) for name in reversed(new)))

    def _end(self, region: _Region, refusal: Refusal | None) -> None:
        """Record how the listing of a Region's tables ended."""
        with self._lock:
            if region.status is None:
                region.status = refusal.status if refusal else Status.READ
                region.reason = refusal.reason if refusal else ""
                self.counts.regions_done += 1
                self.counts.errors += refusal is not None

    def _describe(self, region: _Region, name: str) -> None:
        try:
            self._raise_if_expired(region)
            table = self._client(region, "dynamodb").describe_table(TableName=name)["Table"]
            asked = datetime.now(timezone.utc)
            arn = key_arn_of(table)

            def finish(key: KeyDescription | None) -> None:
                self._judge(region, name, table, key, asked)

            if arn is None:
                finish(None)
            else:
                self._with_key(region, arn, finish)
        except Exception as error:  # noqa: BLE001 - an error must not lose the other tables
            self._fail(region, name, error)

    def _judge(
        self,
        region: _Region,
        name: str,
        table: dict[str, Any],
        key: KeyDescription | None,
        asked: datetime,
    ) -> None:
        try:
            answer: dict[str, Any] = {"Table": table}
            if key is not None:
                answer["KeyMetadata" if key.metadata else "KeyError"] = key.metadata or key.refusal
                if key.aliases is not None:
                    answer["Aliases"] = key.aliases
            evidence = Evidence("DescribeTable", asked, region.account.identity, _json(answer))
            finding = judge_table(region.place, table, key, self._settings, evidence)
        except Exception as error:  # noqa: BLE001 - an error must not lose the other tables
            self._fail(region, name, error)
            return
        with self._lock:
            if self._closed or name not in region.waiting:
                return
            region.waiting.remove(name)
            region.judged += 1
            self.counts.tables_done += 1
            self.findings.append(finding)

    def _fail(self, region: _Region, name: str, error: Exception) -> None:
        """Record a table that can't be read."""
        refusal = self._refusal(region, error)
        reason = refusal.reason
        if refusal.is_not_found:
            reason = f"The table was deleted after it was listed. {reason}"
        self._not_read(region, name, reason, _json({"Error": refusal.reason}))

    def _not_read(self, region: _Region, name: str, reason: str, answer: str) -> None:
        now = datetime.now(timezone.utc)
        evidence = Evidence("DescribeTable", now, region.account.identity, answer)
        with self._lock:
            if self._closed or name not in region.waiting:
                return
            region.waiting.remove(name)
            region.not_read_reasons[reason] = None
            self.counts.tables_done += 1
            self.counts.errors += 1
            self.findings.append(not_read(region.place, name, reason, evidence))

    # Keys

    def _with_key(
        self, region: _Region, arn: str, finish: Callable[[KeyDescription], None]
    ) -> None:
        """Call a function with what AWS shows about a key, now or when another thread has it."""
        with self._lock:
            key = region.keys.setdefault(arn, _Key())
            is_first = key.description is None and not key.waiting
            if key.description is None:
                key.waiting.append(finish)
        if key.description is not None:
            finish(key.description)
        if not is_first:
            return
        description = self._describe_key(region, arn)
        with self._lock:
            key.description, waiting = description, key.waiting
            key.waiting = []
        for each in waiting:
            each(description)

    def _describe_key(self, region: _Region, arn: str) -> KeyDescription:
        try:
            self._raise_if_expired(region)
            kms = self._client(region, "kms")
            metadata = kms.describe_key(KeyId=arn)["KeyMetadata"]
        except Exception as error:  # noqa: BLE001 - an error must not lose the table
            refusal = self._refusal(region, error)
            return KeyDescription(
                refusal=f"kms:DescribeKey failed with {refusal.reason.rstrip('.')}",
                is_deleted=refusal.is_not_found,
            )
        key = KeyDescription(metadata)
        if not needs_aliases(arn, key, self._settings.rule, region.place.account):
            return key
        try:
            pages = kms.get_paginator("list_aliases").paginate(KeyId=arn)
            names = tuple(alias["AliasName"] for page in pages for alias in page["Aliases"])
        except Exception as error:  # noqa: BLE001 - an error must not lose the table
            self._refusal(region, error)
            return key
        return KeyDescription(metadata, aliases=names)

    # What all calls share

    def _client(self, region: _Region, service: str) -> Any:
        with self._lock:
            existing = region.clients.get(service)
        if existing is None:
            session = region.account.credentials.session()
            existing = client(session, service, region.place.region, self._threads)
            with self._lock:
                existing = region.clients.setdefault(service, existing)
        return existing

    def _raise_if_expired(self, region: _Region) -> None:
        if region.account.expired is not None:
            raise _ExpiredError(region.account.expired)

    def _refusal(self, region: _Region, error: Exception) -> Refusal:
        """Return what an error means. Expired credentials end the reading of the account."""
        if isinstance(error, _ExpiredError):
            return error.refusal
        refusal = refusal_of(error)
        if refusal.is_expired:
            region.account.expired = refusal
        return refusal

    def _record(self, entry: Coverage) -> None:
        with self._lock:
            if not self._closed:
                self.coverage.append(entry)
                self.counts.errors += entry.status in (Status.DENIED, Status.FAILED)

    def _close(self, reason: str) -> None:
        """Make sure that everything that was listed has a finding, and each Region an entry."""
        for region in self._regions:
            for name in sorted(region.waiting):
                self._not_read(region, name, reason, _json({}))
        with self._lock:
            self._closed = True
            for name in self._opening:
                entry = Coverage(name, None, Status.FAILED, 0, 0, 0, reason)
                self.coverage.append(entry)
            for region in self._regions:
                status = region.status or Status.FAILED
                reasons = [region.reason or ("" if region.status else reason)]
                reasons += list(region.not_read_reasons)[:1]
                place = region.place
                self.coverage.append(
                    Coverage(
                        place.account, place.region, status, region.listed, region.judged,
                        region.listed - region.judged, " ".join(filter(None, reasons)),
                    )
                )  # fmt: skip
        self.findings.sort(key=lambda each: (each.account, each.region, each.table))
        self.coverage.sort(key=lambda each: (each.account, each.region or ""))


class _ExpiredError(Exception):
    """The credentials of the account have expired."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.reason)
        self.refusal = refusal


class _NoRegionsError(Exception):
    """The Regions of an account can't be listed."""

    def __init__(self, account: str, refusal: Refusal) -> None:
        super().__init__(account)
        self.account, self.refusal = account, refusal


def _region_statuses(account: Any) -> Iterator[tuple[str, str]]:
    for page in account.get_paginator("list_regions").paginate():
        for region in page["Regions"]:
            yield region["RegionName"], region["RegionOptStatus"]


def _partition(arn: str) -> str:
    parsed = Arn.parse(arn)
    return parsed.partition if parsed else COMMERCIAL_PARTITION


def _json(answer: Any) -> str:
    return json.dumps(answer, default=_text, separators=(",", ":"), ensure_ascii=False)


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
