"""Read the results of all policies in a stream of events."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from .reading import Event, Reader
from .results import Outcome, Pack, PolicyRun, Result
from .run import Run, urn_of_stack

HOW_TO = (
    "Read the output of `pulumi preview --json` with PULUMI_ENABLE_STREAMING_JSON_PREVIEW=true in "
    "its environment, or of `pulumi policy analyze --json`."
)
_DIGEST = "The JSON that `pulumi preview --json` writes by default has no results of policies."

_ORDER = {outcome: number for number, outcome in enumerate(Outcome)}
_WITHOUT_EVENT = (Outcome.PASSED, Outcome.NOT_APPLICABLE)


def read_run(
    stream: io.BufferedReader[Any],
    source: str,
    command: Sequence[str],
    version: str,
    watch: Callable[[Event], None] = lambda _: None,
    on_other: Callable[[str], None] = lambda _: None,
    how_to: str = HOW_TO,
) -> PolicyRun:
    """Read events, and return the results of the policies.

    Args:
        stream: the events.
        source: where they come from, for the reports.
        command: the arguments of the audit.
        version: the version of the audit.
        watch: called with each event when it is read.
        on_other: called with each text that is not an event when it is read.
        how_to: what to do if there are no events, as a sentence.
    """
    reader = Reader(on_other)
    runs = [Run()]
    problems = []
    try:
        for event in reader.read(stream):
            if runs[-1].is_before(event):
                runs.append(Run())
            runs[-1].add(event)
            watch(event)
    except OSError as error:
        problems.append(f"The rest of the events can't be read: {error.strerror}.")
    runs = [run for run in runs if not run.is_empty]
    problems += [*reader.problems, *_without_events(runs, reader, how_to)]
    notes = list(reader.notes)
    if runs and reader.has_digest:
        notes.append(f"{_DIGEST} It was ignored. {HOW_TO}")
    if len(runs) > 1:
        notes.append(
            f"The events are of {len(runs)} runs, such as a preview and an update. A result that "
            "several of them have counts once."
        )
    for run in runs:
        problems += run.problems
        notes += run.notes
    times = [time for each in runs for time in (each.first, each.last) if time]
    ends = {run.failed for run in runs}
    return PolicyRun(
        command=tuple(command),
        version=version,
        source=source,
        packs=_sorted_packs(runs),
        results=tuple(sorted(_merged(runs), key=_order)),
        problems=tuple(dict.fromkeys(problems)),
        notes=tuple(dict.fromkeys(notes)),
        started=min(times, default=None),
        finished=max(times, default=None),
        failed=True in ends or (False if ends == {False} else None),
    )


def _without_events(runs: Sequence[Run], reader: Reader, how_to: str) -> Iterator[str]:
    if not runs:
        yield f"{_DIGEST} {HOW_TO}" if reader.has_digest else f"There are no events. {how_to}"


def _merged(runs: Sequence[Run]) -> Iterator[Result]:
    """Yield each result as often as it is in the run that has it most often.

    A policy that passed in one run and reports a violation in another one did not pass.
    """
    results: Counter[Result] = Counter()
    for run in runs:
        results |= run.all_results()
    judged = {_place(result) for result in results if result.outcome not in _WITHOUT_EVENT}
    for_stacks = {policy for run in runs for policy in run.for_stacks}
    # A violation of a policy for the whole stack can have the URN of a resource.
    judged |= {
        (pack, policy, urn_of_stack(urn))
        for pack, policy, urn in judged
        if (pack, policy) in for_stacks
    }
    passed = {_place(result) for result in results if result.outcome is Outcome.PASSED}
    for result, number in results.items():
        place = _place(result)
        if result.outcome in _WITHOUT_EVENT and place in judged:
            continue
        if result.outcome is Outcome.NOT_APPLICABLE and place in passed:
            continue
        yield from [result] * number


def _place(result: Result) -> tuple[Pack, str, str]:
    return result.pack, result.policy, result.urn


def _order(result: Result) -> tuple[int, str, str, str, str, str]:
    pack = result.pack
    return (
        _ORDER[result.outcome], pack.name, pack.version, result.policy, result.urn, result.message
    )  # fmt: skip


def _sorted_packs(runs: Iterable[Run]) -> tuple[Pack, ...]:
    packs = {pack for run in runs for pack in run.packs}
    return tuple(sorted(packs, key=lambda pack: (pack.name, pack.version)))
