"""Read AWS accounts in this process, which is faster than the command."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timezone

from audit.aws.accounts import Organization
from audit.aws.reader import Reader
from audit.aws.sessions import Credentials, current
from audit.collector import Collector
from audit.results import Audit, Run, SettingsUsed
from policies.settings.settings import Settings

Source = Credentials | Organization


def read(
    *sources: Source,
    regions: Sequence[str] = (),
    settings: Settings | None = None,
    threads: int = 8,
    seconds: float = 60,
    tick: Callable[[Collector], None] = lambda _: None,
    reads_tags: bool = False,
) -> Audit:
    """Read accounts, and return the results.

    Args:
        sources: the accounts. Default: the current credentials.
        regions: the Regions; empty for all.
        settings: the settings.
        threads: the number of calls at the same time.
        seconds: the limit of time.
        tick: called several times each second with the results so far.
        reads_tags: whether to read the tags of CloudFormation.
    """
    collector = Collector()
    reader = Reader(
        settings or Settings(), collector, regions, threads, seconds, reads_tags=reads_tags
    )
    reader.read(sources or (current(),), lambda: tick(collector))
    now = datetime.now(timezone.utc)
    run = Run((), "", now, now, (), SettingsUsed(None, None, {}), tuple(collector.warnings))
    return Audit(run, tuple(collector.coverage), tuple(collector.findings))
