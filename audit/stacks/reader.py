"""Read the stacks of backends: list them, export their states, and judge what these record."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from audit.collector import Collector
from audit.reasons import of_bug
from audit.results import Coverage, Finding, Status, Verdict
from audit.stacks.cli import Cli, CliError, shown_url
from audit.stacks.filters import Filters
from audit.stacks.judging import findings_of
from audit.stacks.listing import Listed, distinct, list_by_cli, list_otherwise
from audit.stacks.states import DamagedStateError, parse
from audit.work import End, Work
from policies.encryption.values import one_line
from policies.settings.settings import Settings

SOURCE = "pulumi stack export"
THREADS = max(4, 2 * (os.cpu_count() or 1))
_TICK_SECONDS = 0.2
_LONGEST = 600
_REASONS = {
    End.TIME_LIMIT: "The time limit was reached before",
    End.INTERRUPTED: "The audit was interrupted before",
}
_LOGIN = "the CLI's login"


@dataclass(eq=False)
class _Backend:
    """A backend of the audit.

    Attributes:
        url: its URL as the user wrote it; None for the one that the CLI is logged in to.
        shown: its URL without secrets.
        identity: the user, as the CLI names it; empty if not known.
    """

    url: str | None
    shown: str
    identity: str = ""


class StackReader:
    """Reads stacks once.

    Args:
        settings: the settings that judge the tables.
        collector: gets the results, also those of an audit that is interrupted.
        backends: the URLs of backends; none for the one that the CLI is logged in to.
        filters: which stacks to read.
        threads: how many commands of the CLI to run at the same time.
        seconds: the limit of time.
    """

    def __init__(
        self,
        settings: Settings,
        collector: Collector,
        backends: Sequence[str] = (),
        filters: Filters = Filters(),  # noqa: B008 - it is frozen
        threads: int = THREADS,
        seconds: float = 3_600,
    ) -> None:
        self._settings, self._collector, self._filters = settings, collector, filters
        self._backends = [_Backend(url, shown_url(url)) for url in distinct(backends)] or [
            _Backend(None, shown_url(os.environ.get("PULUMI_BACKEND_URL", "")) or _LOGIN)
        ]
        self._work = Work(threads, seconds)
        self._cli = Cli()
        collector.stop = self._cli.stop
        self._listed: dict[_Backend, set[str]] = {each: set() for each in self._backends}
        self._waiting: dict[tuple[_Backend, str], datetime | None] = {}
        self._opening: list[_Backend] = []

    def read(self, tick: Callable[[], None]) -> None:
        """Read stacks until the collector is interrupted, and close the collector.

        Args:
            tick: called several times each second.
        """
        collector = self._collector
        for backend in reversed(self._backends):
            self._add(backend, partial(self._open, backend))
        end = self._work.run(tick, _TICK_SECONDS, lambda: collector.is_interrupted)
        failure = End.DONE.value if self._work.error is None else of_bug(self._work.error)
        because = _REASONS.get(end)
        unlisted = f"{because} the stacks were listed." if because else failure
        unread = f"{because} the stack was read." if because else failure
        with collector.lock:
            if self._opening or self._waiting:
                reason = unread if self._waiting else unlisted
                collector.add_warning(f"{reason} What was not read is reported as not read.")
            for backend in self._opening:
                self._skip(backend, Status.FAILED, unlisted)
            for (backend, name), updated in self._waiting.items():
                entry = _coverage(backend, name, updated, Status.FAILED, unread)
                collector.add_coverage(entry)
            self._report_missing()
            collector.close()
        self._cli.stop()

    def _add(self, backend: _Backend, task: Callable[[], None]) -> None:
        """Add a task that opens a backend or lists stacks of it."""

        def run() -> None:
            refusal = None
            try:
                task()
            except CliError as error:
                refusal = error
            except Exception as error:  # noqa: BLE001 - an error must not lose other backends
                refusal = CliError(of_bug(error))
            with self._collector.lock:
                self._opening.remove(backend)
                if refusal is not None:
                    self._skip(backend, refusal.status, str(refusal))

        with self._collector.lock:
            self._opening.append(backend)
        self._work.add(run)

    def _open(self, backend: _Backend) -> None:
        """Find out who asks a backend, and add the tasks that list its stacks."""
        # If it fails, the list of the stacks has the same error, or succeeds.
        with suppress(CliError):
            self._identify(backend)
        for project in reversed(self._filters.exact_projects or (None,)):
            self._add(backend, partial(self._list, backend, project))

    def _identify(self, backend: _Backend) -> None:
        answer = self._cli.run("whoami", "--json", backend=backend.url).parsed("whoami")
        user, url = (
            (answer.get("user"), answer.get("url")) if isinstance(answer, dict) else (None, None)
        )
        if backend.url is None and isinstance(url, str) and url:
            backend.shown = shown_url(url)
        if isinstance(user, str) and user:
            backend.identity = one_line(user, _LONGEST)
            with self._collector.lock:
                self._collector.identities[f"{backend.identity} at {backend.shown}"] = None

    def _list(self, backend: _Backend, project: str | None) -> None:
        try:
            listing = list_by_cli(self._cli, backend.url, self._filters.organization, project)
        except CliError as error:
            if not backend.identity:
                # The backend can't be reached, or the user is not logged in.
                raise
            listing = list_otherwise(backend.url or backend.shown, self._filters, project, error)
        new, listed = [], self._listed[backend]
        with self._collector.lock:
            if self._collector.is_closed:
                return
            for stack in listing.stacks:
                if stack.name not in listed and self._filters.accepts(stack.name):
                    self._waiting[backend, stack.name] = stack.updated
                    new.append(stack)
                listed.add(stack.name)
            self._collector.counts.stacks += len(new)
            for warning in listing.warnings:
                if (text := f"{backend.shown}: {warning}") not in self._collector.warnings:
                    self._collector.add_warning(text)
        self._work.add(*(partial(self._read, backend, stack) for stack in reversed(new)))

    def _read(self, backend: _Backend, stack: Listed) -> None:
        """Read a stack, and add its findings and its coverage."""
        findings: Sequence[Finding] = ()
        updated, reasons, status = stack.updated, [], Status.READ
        try:
            state = parse(self._export(backend, stack))
            updated = state.updated or updated
            if state.has_secrets:
                try:
                    state = parse(self._export(backend, stack, "--show-secrets"))
                except (CliError, DamagedStateError) as error:
                    status = Status.FAILED
                    reasons.append(f"The secrets can't be decrypted: {error}")
            findings = findings_of(
                state, self._settings, stack=stack.name, backend=backend.shown,
                identity=backend.identity, source=SOURCE,
            )  # fmt: skip
        except (CliError, DamagedStateError) as error:
            status = error.status if isinstance(error, CliError) else Status.FAILED
            reasons = [str(error)]
        except Exception as error:  # noqa: BLE001 - an error must not lose other stacks
            status, reasons = Status.FAILED, [of_bug(error)]
        else:
            if state.faults and status is Status.READ:
                status = Status.FAILED
            reasons += state.faults
        entry = _coverage(backend, stack.name, updated, status, " ".join(reasons), findings)
        self._add_results(backend, findings, entry)

    def _export(self, backend: _Backend, stack: Listed, *options: str) -> str:
        words = ("stack", "export", "--stack", stack.name, *options)
        return self._cli.run(*words, backend=backend.url).text

    def _add_results(self, backend: _Backend, findings: Sequence[Finding], entry: Coverage) -> None:
        collector = self._collector
        with collector.lock:
            if collector.is_closed:
                return
            del self._waiting[backend, entry.stack]
            collector.findings += findings
            collector.add_coverage(entry)
            collector.counts.stacks_done += 1
            collector.counts.tables += len(findings)
            collector.counts.tables_done += len(findings)

    def _skip(self, backend: _Backend, status: Status, reason: str) -> None:
        """Add the coverage of a backend whose stacks can't be listed."""
        self._collector.add_coverage(_coverage(backend, "", None, status, reason))

    def _report_missing(self) -> None:
        """Report what was not found, so that a mistyped filter is not ignored."""
        filters = self._filters
        if any(not entry.stack for entry in self._collector.coverage):
            # A filter can match a stack that was not listed.
            return
        for fault in filters.unmatched(set().union(*self._listed.values())):
            for backend in self._backends:
                self._skip(backend, Status.FAILED, fault)
        if filters.organization is None and not filters.exact_projects:
            for backend in self._backends:
                if not self._listed[backend]:
                    user = f" that {backend.identity} can see" if backend.identity else ""
                    self._collector.add_warning(f"{backend.shown} has no stack{user}.")


def _coverage(
    backend: _Backend,
    stack: str,
    updated: datetime | None,
    status: Status,
    reason: str,
    findings: Sequence[Finding] = (),
) -> Coverage:
    not_read = sum(finding.verdict is Verdict.NOT_READ for finding in findings)
    return Coverage(
        "", None, status, len(findings), len(findings) - not_read, not_read, reason, stack,
        backend.shown, updated,
    )  # fmt: skip
