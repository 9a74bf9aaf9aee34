"""Read AWS accounts in this process, which is faster than the command."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timezone

from audit.aws.accounts import Organization
from audit.aws.reader import Reader
from audit.aws.sessions import Credentials, current
from audit.collector import Collector
from audit.results import Answer, Audit, Run, SettingsUsed
from policies.settings.settings import Settings

Source = Credentials | Organization


def read(
    *sources: Source,
    regions: Sequence[str] = (),
    settings: Settings | None = None,
    threads: int = 8,
    seconds: float = 60,
    tick: Callable[[Collector], None] = lambda _: None,
) -> Audit:
    """Read accounts, and return the results.

    Args:
        sources: the accounts. Default: the current credentials.
        regions: the Regions; empty for all.
        settings: the settings.
        threads: the number of calls at the same time.
        seconds: the limit of time.
        tick: called several times each second with the results so far.
    """
    collector = Collector()
    reader = Reader(settings or Settings(), collector, regions, threads, seconds)
    reader.read(sources or (current(),), lambda: tick(collector))
    return results(collector)


def read_tags(region: str, seconds: float = 60) -> tuple[Audit, dict[str, Answer]]:
    """Read a Region of the current account, and return the tags of CloudFormation, too."""
    collector = Collector()
    reader = Reader(Settings(), collector, [region], 8, seconds, reads_tags=True)
    reader.read((current(),), lambda: None)
    return results(collector), collector.tags


def results(collector: Collector) -> Audit:
    """Return what a collector has."""
    now = datetime.now(timezone.utc)
    run = Run((), "", now, now, (), SettingsUsed(None, None, {}), tuple(collector.warnings))
    return Audit(run, tuple(collector.coverage), tuple(collector.findings))
