"""Read what stacks record from the JSON reports of `audit stacks` and `audit state`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from audit.owners import Stacks
from audit.reports import json, words
from audit.results import Audit, Coverage, Finding, Status

_OLD = timedelta(hours=24)
_HOUR = timedelta(hours=1)
_OLDEST = datetime.min.replace(tzinfo=timezone.utc)
_LISTS, _FILTERS = "stacks", ("--project", "--stack")
_ORGANIZATION = "--organization"
_WRITE = "Write it with `python -m audit stacks --output json={file}`."


class WrongReportError(ValueError):
    """A file is no report about stacks. The message is one or more sentences."""


def read_report(file: Path) -> Audit:
    """Read a report about stacks.

    Raises:
        WrongReportError: the file can't be read, or is no such report.
    """
    name = words.name(str(file))
    write = _WRITE.format(file=name)
    try:
        audit = json.read(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise WrongReportError(f"{name} can't be read: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        fault = words.on_one_line(str(error))
        if not isinstance(error, json.NotAReportError):
            fault = "This is not a JSON report of the audit."
        raise WrongReportError(f"{name} can't be used. {fault} {write}") from error
    if not _has_types(audit):
        raise WrongReportError(f"{name} can't be used. It has values of a wrong type. {write}")
    results: list[Coverage | Finding] = [*audit.coverage, *audit.findings]
    if not all(each.is_of_stack for each in results):
        raise WrongReportError(f"{name} is a report about AWS accounts, not about stacks. {write}")
    if not audit.coverage:
        raise WrongReportError(f"{name} has no stacks. {write}")
    return audit


def stacks_of(audit: Audit) -> Stacks:
    """Return what a report shows of stacks."""
    command = [str(argument) for argument in audit.run.command]
    listed = audit.run.started if command[:1] == [_LISTS] else None
    options = {argument.partition("=")[0] for argument in command}
    gaps = [
        f"Only the stacks that {option} selects were read."
        for option in _FILTERS
        if listed and option in options
    ]
    organizations = tuple(_values(_ORGANIZATION, command)) if listed else ()
    return Stacks(audit.findings, audit.coverage, gaps, listed and _aware(listed), organizations)


def _values(option: str, command: Sequence[str]) -> Iterator[str]:
    """Yield the values of an option in a command."""
    for argument, following in zip(command, [*command[1:], ""], strict=True):
        name, is_set, value = argument.partition("=")
        if name == option:
            yield value if is_set else following


def warnings_about(
    file: Path, audit: Audit, settings: Mapping[str, Any], now: datetime
) -> Iterable[str]:
    """Yield what a user should know about a report, as sentences.

    Args:
        file: the report's file.
        audit: what it contains.
        settings: the values of the settings that judge the tables in AWS.
        now: the current time.
    """
    name = words.name(str(file))
    age = now - _aware(audit.run.finished)
    if age > _OLD:
        yield (
            f"{name} is {words.counted(age // _HOUR, 'hour')} old. Stacks that were updated since "
            f"then can have other tables. {_WRITE.format(file=name)}"
        )
    if audit.run.settings.values != settings:
        yield f"{name} has other settings than this audit, so its verdicts can differ."


def merged(sources: Sequence[Stacks]) -> Stacks:
    """Return the stacks of several sources, each stack as the newest source that read it shows it.

    A newer source that could not read the stack stays in the coverage. The state of a file names no
    backend, so equal names can be different stacks, and each of their tables is kept.
    """
    coverage: dict[Coverage, None] = {}
    findings: list[Finding] = []
    gaps: list[str] = []
    organizations: list[str] = []
    seen: set[tuple[str, str]] = set()
    read: set[tuple[str, str]] = set()
    newest = sorted(sources, key=lambda each: each.listed or _OLDEST, reverse=True)
    for source in newest:
        known = set(map(_identity, findings))
        findings += [
            each
            for each in source.findings
            if each.backend and _stack(each) not in read and _identity(each) not in known
        ]
        entries = [each for each in source.coverage if not each.backend or _stack(each) not in seen]
        coverage.update(dict.fromkeys(entries))
        seen |= {_stack(each) for each in source.coverage}
        read |= {_stack(each) for each in source.coverage if each.status is Status.READ}
        gaps += source.gaps
        organizations += source.organizations
    of_files = [each for source in newest for each in source.findings if not each.backend]
    # The newest is the last one, so it replaces the others.
    of_files.sort(key=lambda each: _aware(each.evidence.time))
    findings += {_identity(each): each for each in of_files}.values()
    listed = [source.listed for source in sources if source.listed]
    return Stacks(
        findings,
        sorted(coverage, key=lambda each: each.order),
        gaps,
        min(listed, default=None),
        tuple(dict.fromkeys(organizations)),
    )


def _stack(result: Coverage | Finding) -> tuple[str, str]:
    return result.backend, result.stack


def _identity(finding: Finding) -> tuple[object, ...]:
    """Return what makes two findings of stacks the same table."""
    place = (*_stack(finding), finding.urn, finding.table, finding.arn)
    if finding.backend or finding.arn:
        return place
    return (*place, finding.verdict, finding.reason, finding.evidence.answer)


_TYPES: dict[str, type | tuple[type, ...]] = {
    "str": str, "int": int, "bool": bool, "str | None": (str, type(None)),
    "tuple[str, ...]": tuple,
}  # fmt: skip
"""The types of fields by their annotations, which the reader of JSON does not check."""


def _has_types(value: Any) -> bool:
    """Return whether all texts and numbers of results have their type, those in lists included."""
    if isinstance(value, (list, tuple)):
        return all(map(_has_types, value))
    if not is_dataclass(value):
        return True
    return all(
        isinstance(getattr(value, each.name), _TYPES.get(str(each.type), object))
        and _has_types(getattr(value, each.name))
        for each in fields(value)
    )


def _aware(time: datetime) -> datetime:
    """Return a time in UTC. That of a report can have no time zone."""
    return time.astimezone(timezone.utc)
