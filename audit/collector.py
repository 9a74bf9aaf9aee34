"""Collect the results of several threads, and count them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from audit.results import Answer, Coverage, Finding, Status


@dataclass
class Counts:
    """What an audit has done so far, for its progress bar.

    Attributes:
        accounts: the number of accounts that were reached.
        regions: the number of Regions to read.
        regions_done: the number of those whose tables are listed, or can't be.
        stacks: the number of stacks to read.
        stacks_done: the number of those that were read, or can't be.
        tables: the number of tables that were listed.
        tables_done: the number of those that have a finding.
        errors: the number of accounts, Regions, stacks, and tables that could not be read.
    """

    accounts: int = 0
    regions: int = 0
    regions_done: int = 0
    stacks: int = 0
    stacks_done: int = 0
    tables: int = 0
    tables_done: int = 0
    errors: int = 0


class Collector:
    """The results of an audit, as far as it is.

    Attributes:
        findings: the findings.
        coverage: the entries of accounts, Regions, and stacks that have ended.
        tags: the tags that CloudFormation has set on tables, by the table's ARN, as
            `{"Tags": {...}}`; `{"Error": "..."}` if they can't be read. Empty unless the audit
            looks for owners.
        identities: the ARNs of the identities that asked AWS, and the users that asked backends.
        warnings: sentences about the whole run.
        counts: what was done so far.
        lock: protects all of these, and the state of what is read.
        is_closed: whether results that come later are ignored, since the reports are being written.
        is_interrupted: whether the user ends the audit. A signal handler can set it.
        stop: ends the programs that the audit has started. A signal handler can call it.
    """

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.coverage: list[Coverage] = []
        self.tags: dict[str, Answer] = {}
        self.identities: dict[str, None] = {}
        self.warnings: list[str] = []
        self.counts = Counts()
        self.lock = threading.RLock()
        self.is_closed = False
        self.is_interrupted = False
        self.stop: Callable[[], None] = lambda: None

    def add_coverage(self, entry: Coverage) -> None:
        """Add the entry of an account, a Region, or a stack, unless the results are closed."""
        with self.lock:
            if not self.is_closed:
                self.coverage.append(entry)
                self.counts.errors += entry.status in (Status.DENIED, Status.FAILED)

    def add_warning(self, warning: str) -> None:
        """Add a sentence about the whole run."""
        with self.lock:
            self.warnings.append(warning)

    def close(self) -> None:
        """Ignore later results, and sort those that there are."""
        with self.lock:
            self.is_closed = True
            self.findings.sort(key=lambda each: each.order)
            self.coverage.sort(key=lambda each: each.order)
