"""Read the tables of one Region of one account, so that each one has a finding.

An error ends only what it is about: the listing of more tables, or one table. After an error that
is temporary, such as throttling, there is a second attempt when all other tasks have run. It uses a
new client, because botocore stops all retries of a client that had many errors.

Sources: Amazon DynamoDB API Reference, "ListTables" (100 names on each page) and "DescribeTable".
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import datetime, timezone
from functools import partial
from typing import Any

from audit.aws.accounts import Account
from audit.aws.errors import Refusal, RefusedError, refusal_of
from audit.aws.keys import Keys
from audit.aws.sessions import RetryMode, client
from audit.aws.tags import Tags
from audit.collector import Collector
from audit.judging import (
    KeyDescription,
    Place,
    answer_of,
    judge_table,
    key_arn_of,
    not_read,
)
from audit.results import Coverage, Evidence, Finding, Status, Verdict, json_of
from audit.work import Task, Work
from policies.settings.settings import Settings

_NO_SUCH_TABLE = "ResourceNotFoundException"
_REPEATED = Refusal(
    Status.FAILED, "AWS repeats a page of its list of tables, so there can be more tables.", ""
)


class Tables:
    """The tables of one Region of one account.

    Args:
        place: the Region and the account.
        account: the account.
        settings: the settings that judge the tables.
        work: runs the tasks.
        collector: gets the findings and, at the end, the coverage.
        reads_tags: whether to read the tags that CloudFormation has set, too.

    Attributes:
        is_ended: whether each table has a finding, and the Region has its coverage.
    """

    def __init__(
        self, place: Place, account: Account, settings: Settings, work: Work, collector: Collector,
        *, reads_tags: bool = False,
    ) -> None:  # fmt: skip
        self._place, self._account, self._settings = place, account, settings
        self._work, self._collector = work, collector
        self._keys = Keys(place.account, settings.rule, partial(self._client, "kms"), self._refusal)
        # In this mode, botocore lowers the rate of calls that AWS throttles.
        new_client = partial(self._new_client, "dynamodb", "adaptive")
        tags = Tags(new_client, self._refusal, work, collector)
        self._tags = tags if reads_tags else None
        self._clients: dict[tuple[str, bool], Any] = {}
        self._creating = threading.Lock()
        self._listing: Refusal | None = None
        self._listing_ended = False
        self._pages: set[str] = set()
        self._waiting: set[str] = set()
        self._listed: set[str] = set()
        self._first_reason = ""
        self._judged = 0
        self.is_ended = False

    def first_task(self) -> Task:
        """Return the task that lists the tables. It adds a task for each of them."""
        return partial(self._list_page, None)

    def close(self, reason: str) -> None:
        """End the Region now: give the tables that still wait a finding, and add the coverage.

        Args:
            reason: why they were not read.
        """
        with self._collector.lock:
            if self.is_ended:
                return
            if not self._listing_ended:
                self._listing = Refusal(Status.FAILED, reason, "")
            self._listing_ended = True
            for name in sorted(self._waiting):
                self._not_read(name, reason)
            self._end_if_complete()

    def _list_page(self, start: str | None, *, second: bool = False) -> None:
        try:
            arguments = {"ExclusiveStartTableName": start} if start else {}
            page = self._client("dynamodb", second).list_tables(**arguments)
            names, following = page["TableNames"], page.get("LastEvaluatedTableName")
            if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
                raise TypeError("TableNames is no list of names.")
        except Exception as error:  # noqa: BLE001 - an error must not lose what was listed
            refusal = self._refusal(error)
            if refusal.is_temporary and not second:
                self._work.add_later(partial(self._list_page, start, second=True))
            else:
                self._end_listing(refusal)
            return
        counts = self._collector.counts
        with self._collector.lock:
            new = [name for name in dict.fromkeys(names) if name not in self._listed]
            self._listed.update(new)
            self._waiting.update(new)
            counts.tables += len(new)
        # The newest task runs first, so the tables of this page are described before the next page.
        if not following:
            self._end_listing(None)
        elif following in self._pages:
            self._end_listing(_REPEATED)
        else:
            self._pages.add(following)
            self._work.add(partial(self._list_page, following))
        self._work.add(*(partial(self._describe, name) for name in reversed(new)))

    def _end_listing(self, refusal: Refusal | None) -> None:
        with self._collector.lock:
            self._listing_ended, self._listing = True, refusal
            self._collector.counts.regions_done += 1
            self._end_if_complete()

    def _end_if_complete(self) -> None:
        if self.is_ended or self._waiting or not self._listing_ended:
            return
        self.is_ended = True
        status, why = Status.READ, ""
        if self._listing is not None:
            status, why = self._listing.status, self._listing.reason
        reasons = dict.fromkeys(filter(None, (why, self._first_reason)))
        listed = len(self._listed)
        self._collector.add_coverage(
            Coverage(
                self._place.account, self._place.region, status, listed, self._judged,
                listed - self._judged, " ".join(reasons),
            )
        )  # fmt: skip
        # An organization needs thousands of clients, and each of them keeps connections open.
        clients, self._clients = self._clients, {}
        for each in list(clients.values()):
            each.close()

    def _describe(self, name: str, *, second: bool = False) -> None:
        try:
            table = self._client("dynamodb", second).describe_table(TableName=name)["Table"]
            time = datetime.now(timezone.utc)
            if table["TableName"] != name:
                raise ValueError(f"The answer is about another table than {name}.")
            arn = key_arn_of(table)
        except Exception as error:  # noqa: BLE001 - an error must not lose the other tables
            refusal = self._refusal(error)
            if refusal.is_temporary and not second:
                self._describe_again(name)
                return
            is_deleted = refusal.code == _NO_SUCH_TABLE
            deleted = "The table was deleted after it was listed. " if is_deleted else ""
            self._not_read(name, f"{deleted}{refusal.reason}")
            return
        if arn is None:
            self._judge(name, table, time, None)
        else:
            use = partial(self._judge_with_key, name, table, time, second)
            self._keys.use(arn, use, second=second)

    def _describe_again(self, name: str) -> None:
        self._work.add_later(partial(self._describe, name, second=True))

    def _judge_with_key(
        self, name: str, table: Mapping[str, Any], time: datetime, second: bool,
        key: KeyDescription, is_temporary: bool,
    ) -> None:  # fmt: skip
        if is_temporary and not second:
            self._describe_again(name)
        else:
            self._judge(name, table, time, key)

    def _judge(
        self, name: str, table: Mapping[str, Any], time: datetime, key: KeyDescription | None
    ) -> None:
        try:
            evidence = self._evidence(answer_of(table, key), time)
            finding = judge_table(self._place, table, key, self._settings, evidence)
        except Exception as error:  # noqa: BLE001 - an error must not lose the other tables
            self._not_read(name, refusal_of(error).reason)
            return
        self._add(name, finding, judged=finding.verdict is not Verdict.NOT_READ)
        if self._tags is not None:
            self._tags.read_later(finding.arn)

    def _not_read(self, name: str, reason: str) -> None:
        evidence = self._evidence({"Error": reason}, datetime.now(timezone.utc))
        self._add(name, not_read(self._place, name, reason, evidence), judged=False)

    def _add(self, name: str, finding: Finding, *, judged: bool) -> None:
        counts = self._collector.counts
        with self._collector.lock:
            if self._collector.is_closed or name not in self._waiting:
                return
            self._waiting.remove(name)
            self._collector.findings.append(finding)
            counts.tables_done += 1
            if judged:
                self._judged += 1
            else:
                counts.errors += 1
                self._first_reason = self._first_reason or finding.reason
            self._end_if_complete()

    def _evidence(self, answer: Mapping[str, Any], time: datetime) -> Evidence:
        source = "DescribeTable, DescribeKey" if "KeyMetadata" in answer else "DescribeTable"
        return Evidence(source, time, self._account.identity, json_of(answer))

    def _client(self, service: str, second: bool) -> Any:
        """Return the client for the first or the second attempts.

        Raises:
            RefusedError: the credentials have expired.
        """
        if self._account.expired is not None:
            raise RefusedError(self._account.expired)
        with self._creating:
            existing = self._clients.get((service, second))
            if existing is None:
                existing = self._new_client(service)
                self._clients[service, second] = existing
        return existing

    def _new_client(self, service: str, retry_mode: RetryMode = "standard") -> Any:
        if self._account.expired is not None:
            raise RefusedError(self._account.expired)
        session = self._account.credentials.session()
        return client(session, service, self._place.region, self._work.threads, retry_mode)

    def _refusal(self, error: Exception) -> Refusal:
        """Return what an error means. After expired credentials, no more calls are made."""
        refusal = refusal_of(error)
        if refusal.is_expired:
            self._account.expired = refusal
        return refusal
