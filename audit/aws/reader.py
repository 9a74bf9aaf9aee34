"""Read the tables of AWS accounts: find the accounts, their Regions, and the tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from audit.aws.accounts import (
    Account,
    Organization,
    RefusedError,
    Skipped,
    identify,
    members_of,
    regions_of,
)
from audit.aws.errors import refusal_of
from audit.aws.sessions import Credentials
from audit.aws.tables import Tables
from audit.aws.work import Work
from audit.collector import Collector
from audit.judging import Place
from audit.results import Coverage, Status
from policies.settings.settings import Settings

THREADS = 16
_TICK_SECONDS = 0.2


class Reader:
    """Reads accounts once.

    Args:
        settings: the settings that judge the tables.
        collector: gets the results, also those of an audit that is interrupted.
        regions: the Regions to read; empty for all that an account has enabled.
        threads: how many calls of AWS to make at the same time.
        seconds: the limit of time.
    """

    def __init__(
        self,
        settings: Settings,
        collector: Collector,
        regions: Sequence[str] = (),
        threads: int = THREADS,
        seconds: float = 3_600,
    ) -> None:
        self._settings, self._collector = settings, collector
        self._only = tuple(dict.fromkeys(regions))
        self._work = Work(threads, seconds)
        self._names: dict[str, str] = {}
        self._opening: dict[str, None] = {}
        self._tables: list[Tables] = []

    def read(self, sources: Sequence[Credentials | Organization], tick: Callable[[], None]) -> None:
        """Read accounts, and close the collector.

        Args:
            sources: the accounts. Two of them can be the same account.
            tick: called several times each second.
        """
        for source in reversed(sources):
            if isinstance(source, Organization):
                self._start(source.credentials.name, partial(self._open_members, source))
            else:
                self._start_account(source)
        reason = ""
        try:
            if not self._work.run(tick, _TICK_SECONDS):
                reason = "The time limit was reached before AWS answered."
        except KeyboardInterrupt:
            reason = "The audit was interrupted before AWS answered."
        if reason:
            self._collector.add_warning(f"{reason} What was not read is reported as not read.")
        with self._collector.lock:
            for name in self._opening:
                self._skip(name, Status.FAILED, reason)
            for tables in self._tables:
                tables.close(reason)
            self._collector.close()

    def _start_account(self, credentials: Credentials) -> None:
        name = credentials.account or credentials.name
        self._start(name, partial(self._open, name, credentials))

    def _start(self, name: str, task: Callable[[], None]) -> None:
        """Add a task that opens one or more accounts."""
        with self._collector.lock:
            self._opening[name] = None

        def run() -> None:
            try:
                task()
            except Exception as error:  # noqa: BLE001 - an error must not lose other accounts
                refusal = refusal_of(error)
                self._skip(name, refusal.status, refusal.reason)
            with self._collector.lock:
                self._opening.pop(name, None)

        self._work.add(run)

    def _open_members(self, organization: Organization) -> None:
        for member in members_of(organization):
            if isinstance(member, Skipped):
                self._skip(member.name, member.status, member.reason)
            else:
                self._start_account(member)

    def _open(self, name: str, credentials: Credentials) -> None:
        account = identify(credentials)
        if not self._is_new(account):
            return
        try:
            regions, skipped = regions_of(account, self._only)
        except RefusedError as error:
            self._skip(account.id, error.refusal.status, error.refusal.reason)
            return
        for each in skipped:
            entry = Coverage(account.id, each.name, each.status, 0, 0, 0, each.reason)
            self._collector.add_coverage(entry)
        tables = [
            Tables(
                Place(account.id, region, account.partition, regions), account, self._settings,
                self._work, self._collector,
            )
            for region in regions
        ]  # fmt: skip
        with self._collector.lock:
            if self._collector.is_closed:
                return
            self._tables += tables
            self._opening.pop(name, None)
            self._collector.counts.regions += len(tables)
        self._work.add(*(each.first_task() for each in reversed(tables)))

    def _is_new(self, account: Account) -> bool:
        """Return whether no other credentials are for the same account."""
        name = account.credentials.name
        with self._collector.lock:
            first = self._names.setdefault(account.id, name)
            if first == name:
                self._collector.identities[account.identity] = None
                self._collector.counts.accounts += 1
                return True
        self._collector.add_warning(
            f"{name[0].upper()}{name[1:]} is for the account {account.id}, too, which is read with "
            f"{first}. It is reported once."
        )
        return False

    def _skip(self, name: str, status: Status, reason: str) -> None:
        """Add the coverage of an account that can't be read."""
        self._collector.add_coverage(Coverage(name, None, status, 0, 0, 0, reason))
