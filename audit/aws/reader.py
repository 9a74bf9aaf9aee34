"""Read the tables of AWS accounts: find the accounts, their Regions, and the tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from audit.aws.accounts import Account, Organization, Skipped, identify, members_of, regions_of
from audit.aws.errors import refusal_of
from audit.aws.sessions import Credentials
from audit.aws.tables import Tables
from audit.collector import Collector
from audit.judging import Place
from audit.reasons import is_of_unshown_key, of_unshown_keys
from audit.results import Coverage, Status
from audit.work import End, Work
from policies.settings.settings import Settings

THREADS = 16
_TICK_SECONDS = 0.2


@dataclass(eq=False)
class _Opening:
    """An account whose Regions are not known yet, or an organization whose accounts are not known.

    Attributes:
        name: what to call it.
    """

    name: str


class Reader:
    """Reads accounts once.

    Args:
        settings: the settings that judge the tables.
        collector: gets the results, also those of an audit that is interrupted.
        regions: the Regions to read; empty for all that an account has enabled.
        threads: how many calls of AWS to make at the same time.
        seconds: the limit of time.
        reads_tags: whether to read the tags that CloudFormation has set on tables.
    """

    def __init__(
        self,
        settings: Settings,
        collector: Collector,
        regions: Sequence[str] = (),
        threads: int = THREADS,
        seconds: float = 3_600,
        *,
        reads_tags: bool = False,
    ) -> None:
        self._reads_tags = reads_tags
        self._settings, self._collector = settings, collector
        self._only = tuple(dict.fromkeys(regions))
        self._work = Work(threads, seconds)
        self._read: dict[str, Credentials] = {}
        self._opening: set[_Opening] = set()
        self._tables: list[Tables] = []

    def read(self, sources: Sequence[Credentials | Organization], tick: Callable[[], None]) -> None:
        """Read accounts until the collector is interrupted, and close the collector.

        Args:
            sources: the accounts. Two of them can be the same account.
            tick: called several times each second.
        """
        for source in reversed(sources):
            if isinstance(source, Organization):
                name = f"the organization of {source.credentials.name}"
                self._start(name, partial(self._open_members, source))
            else:
                self._start_account(source)
        collector = self._collector
        end = self._work.run(tick, _TICK_SECONDS, lambda: collector.is_interrupted)
        reason = end.value
        if self._work.error is not None:
            reason = refusal_of(self._work.error).reason
        if end is not End.DONE or self._work.error is not None:
            collector.add_warning(f"{reason} What was not read is reported as not read.")
        with collector.lock:
            for opening in self._opening:
                self._skip(opening.name, None, Status.FAILED, reason)
            for tables in self._tables:
                tables.close(reason)
            collector.close()
        unshown = sum(map(is_of_unshown_key, collector.findings))
        if unshown:
            collector.add_warning(of_unshown_keys(unshown))

    def _start_account(self, credentials: Credentials) -> None:
        name = credentials.account or credentials.name
        self._start(name, partial(self._open, credentials), attempts=2)

    def _start(self, name: str, open_it: Callable[[_Opening], None], attempts: int = 1) -> None:
        """Add a task that opens one or more accounts.

        Args:
            name: what to call them.
            open_it: opens them.
            attempts: how often to try, if an error is temporary.
        """
        opening = _Opening(name)
        with self._collector.lock:
            self._opening.add(opening)

        def run(left: int) -> None:
            refusal = None
            try:
                open_it(opening)
            except Exception as error:  # noqa: BLE001 - an error must not lose other accounts
                refusal = refusal_of(error)
            if refusal is not None and refusal.is_temporary and left > 1:
                self._work.add_later(partial(run, left - 1))
                return
            with self._collector.lock:
                self._opening.discard(opening)
                if refusal is not None:
                    self._skip(opening.name, None, refusal.status, refusal.reason)

        self._work.add(partial(run, attempts))

    def _open_members(self, organization: Organization, _: _Opening) -> None:
        for member in members_of(organization):
            if isinstance(member, Skipped):
                self._skip(str(member.name), None, member.status, member.reason)
            else:
                self._start_account(member)

    def _open(self, credentials: Credentials, opening: _Opening) -> None:
        account = identify(credentials)
        opening.name = account.id
        if not self._is_new(account):
            return
        try:
            regions, skipped = regions_of(account, self._only)
        except Exception:
            # So that a second attempt, or other credentials, can read it.
            with self._collector.lock:
                del self._read[account.id]
            raise
        tables = [
            Tables(
                Place(account.id, region, account.partition, regions), account, self._settings,
                self._work, self._collector, reads_tags=self._reads_tags,
            )
            for region in regions
        ]  # fmt: skip
        with self._collector.lock:
            if self._collector.is_closed:
                return
            for each in skipped:
                self._skip(account.id, each.name, each.status, each.reason)
                if self._only and each.status is Status.DISABLED:
                    collector = self._collector
                    collector.add_warning(
                        f"{each.name} was not read in {account.id}. {each.reason}"
                    )
            # A Region that has ended needs no memory any more.
            self._tables = [each for each in self._tables if not each.is_ended] + tables
            self._opening.discard(opening)
            self._collector.counts.regions += len(tables)
        self._work.add(*(each.first_task() for each in reversed(tables)))

    def _is_new(self, account: Account) -> bool:
        """Return whether no other credentials are for the same account."""
        name = account.credentials.name
        with self._collector.lock:
            first = self._read.get(account.id)
            if first is None:
                self._read[account.id] = account.credentials
                self._collector.identities[account.identity] = None
                self._collector.counts.accounts = len(self._read)
                return True
        self._collector.add_warning(
            f"{name[0].upper()}{name[1:]} is for the account {account.id}, too, which is read with "
            f"{first.name}. It is reported once."
        )
        return False

    def _skip(self, account: str, region: str | None, status: Status, reason: str) -> None:
        """Add the coverage of an account or a Region that can't be read."""
        self._collector.add_coverage(Coverage(account, region, status, 0, 0, 0, reason))
