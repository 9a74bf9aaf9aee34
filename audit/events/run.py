r"""Derive the results of policies from the events of a run.

A run is a preview, an update, or an analysis. The events have more than one if `pulumi up` writes
its preview, too, or if files are joined.

What is a result:

- Each violation (`policyEvent`) is one, as the CLI counts. It is exempt if the event has policy
  exceptions. Otherwise, it is a warning if its enforcement level is advisory, and fails the run
  if its level is mandatory. An unknown level counts as mandatory. The engine reports a violation of
  a policy at the level `remediate` as mandatory.
- Each remediation (`policyRemediationEvent`) is one. Its properties can contain secrets, and are
  never kept.
- A policy *passed* on a resource if the summary of the resource's analysis says so. If a policy
  only remediates, it is in no summary of an analysis. It passed if it remediated another
  resource, and the summary of the remediations says that it did not change this one.
- A policy was *not applicable* to a resource if the summaries name the policy, and the analysis of
  this resource says neither that it passed nor that it failed. The summaries of remediations name
  all policies as passed that do not remediate, so this alone does not show that a policy ran.
- A policy for the whole stack passed if the summary of the stack says so. Its result has the URN of
  the stack, as a violation has that names no resource. If such a policy was not applicable, the
  events don't name it.

`policy analyze` writes no summaries, so it is not known which policies passed.

Sources: Pulumi, pkg/resource/analyzer/summary.go, pkg/resource/deploy/step_generator.go
(`AnalyzeResources`), pkg/resource/deploy/analyze_snapshot.go, pkg/backend/display/progress.go
(`printPolicies`), pkg/cmd/pulumi/policy/policy_analyze.go; pulumi-policy, policy.py (`Remediate`).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timezone
from sys import intern
from typing import Any

from audit.reports.words import counted
from policies.encryption.values import quoted

from .reading import Event
from .results import Outcome, Pack, PolicyException, Result

_WARNINGS = ("advisory", "warning", "none", "disabled")
_FAILURES = ("mandatory", "remediate")
_FAILED = {"succeeded": False, "failed": True, "canceled": True}
# The escape sequences of terminals (ECMA-48), and the CLI's own marks for colors.
_COLORS = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[@-Z\\-_]|<\{%.*?%\}>"
)

_Place = tuple[Pack, str]
"""A policy pack, and the URN of a resource."""


class Run:
    """The results of one run.

    Attributes:
        results: each result of an event, and how often it occurs.
        packs: the policy packs that an event names.
        failed: whether the run failed; None if the events don't show how it ended.
        is_empty: whether it has no events.
        repeated: the number of events that are repeated, and count once.
        first: when the first event was emitted; None if not known.
        last: when the last event was emitted; None if not known.
    """

    def __init__(self) -> None:
        self.results: Counter[Result] = Counter()
        self.packs: set[Pack] = set()
        self.failed: bool | None = None
        self.is_empty = True
        self.repeated = 0
        self.first: datetime | None = None
        self.last: datetime | None = None
        self._sequence = 0
        self._seen: set[int] = set()
        self._wrong: Counter[str] = Counter()
        self._has_summary = self._is_over = False
        self._stack = ""
        self._passed: dict[_Place, set[str]] = {}
        self._failed: dict[_Place, set[str]] = {}
        self._unchanged: dict[_Place, set[str]] = {}
        self._remediating: set[tuple[Pack, str]] = set()
        self._stack_passed: dict[Pack, set[str]] = {}
        self._stack_failed: dict[Pack, set[str]] = {}

    def is_before(self, event: Event) -> bool:
        """Whether this run ended before an event."""
        return self._is_over or (event.get("sequence") == 0 and self._sequence > 0)

    def add(self, event: Event) -> None:
        """Add the next event."""
        self.is_empty = False
        number = event.get("sequence")
        # Sequence numbers have gaps: the CLI does not write the events of internal resources.
        self._sequence = number if isinstance(number, int) else 0
        time = _time(event.get("timestamp"))
        self.first, self.last = self.first or time, time or self.last
        self._stack = self._stack or _stack_of(event)
        for kind in _ADD.keys() & event.keys():
            mark = hash((self._sequence, kind, repr(event[kind])))
            if mark in self._seen:
                self.repeated += 1
            elif isinstance(event[kind], dict):
                _ADD[kind](self, _Fields(event[kind], kind, self._wrong))
            else:
                self._wrong[kind] += 1
            # Pulumi Cloud does not expose the numbers, so 0 identifies no event.
            if self._sequence > 0:
                self._seen.add(mark)

    def all_results(self) -> Counter[Result]:
        """Return the results, with what passed and what was not applicable."""
        judged = {(result.pack, result.policy, result.urn) for result in self.results}
        named: dict[Pack, set[str]] = defaultdict(set)
        analyzed: set[tuple[Pack, str]] = set()
        for summaries in (self._passed, self._failed, self._unchanged):
            for (pack, _), policies in summaries.items():
                named[pack] |= policies
                if summaries is not self._unchanged:
                    analyzed |= {(pack, policy) for policy in policies}
        only_remediate = self._remediating - analyzed
        results = Counter(self.results)
        for (pack, urn), passed in self._passed.items():
            unchanged = self._unchanged.get((pack, urn), set())
            for policy in named[pack] - self._failed[pack, urn]:
                remediates = (pack, policy) in only_remediate
                has_passed = policy in passed or (remediates and policy in unchanged)
                outcome = Outcome.PASSED if has_passed else Outcome.NOT_APPLICABLE
                if (pack, policy, urn) not in judged:
                    results[Result(pack, policy, outcome, urn)] = 1
        for pack, passed in self._stack_passed.items():
            for policy in passed:
                results[Result(pack, policy, Outcome.PASSED, self._stack)] = 1
        return results

    @property
    def for_stacks(self) -> set[tuple[Pack, str]]:
        """The policies for the whole stack."""
        summaries = (*self._stack_passed.items(), *self._stack_failed.items())
        return {(pack, policy) for pack, policies in summaries for policy in policies}

    @property
    def problems(self) -> Iterator[str]:
        """Why results can be missing, as sentences."""
        if not (self._has_summary or self._is_over):
            yield (
                "The events end before the run of `pulumi` does. Check that its whole output was "
                "read."
            )
        elif not self._has_summary:
            yield "The run of `pulumi` failed before its policies had run. Its errors say why."
        elif self.failed and all(r.outcome is not Outcome.VIOLATION for r in self.results):
            yield (
                "The run of `pulumi` failed, and not by a violation, so policies may not have run "
                "on all resources. Its errors say why."
            )
        elif not self.packs:
            yield (
                "No policy pack ran. Pass a pack with --policy-pack, or enable one in Pulumi Cloud."
            )
        packs = {pack for pack, _ in self._passed} - self._stack_passed.keys()
        if self._has_summary and packs:
            names = ", ".join(quoted(pack.name) for pack in sorted(packs, key=_order))
            yield (
                f"The policies for the whole stack of {names} did not run, since the run of "
                "`pulumi` failed before. Its errors say why."
            )
        missing = len(self._without_event())
        if missing:
            yield (
                f"The events of {counted(missing, 'violation')} are missing: only the summaries of "
                "the policies count them."
            )
        for field, number in self._wrong.items():
            yield (
                f"{field} is missing or has a wrong type in {counted(number, 'event')}. If another "
                "program changed the events, read them as the Pulumi CLI writes them."
            )

    @property
    def notes(self) -> Iterator[str]:
        """What a reader should know and loses no result, as sentences."""
        if self.repeated:
            yield f"{counted(self.repeated, 'repeated event')} counted once."
        if self.packs and self._has_summary and not self._stack_passed and not self._passed:
            yield (
                "The events don't show which policies passed or were not applicable. `pulumi "
                "policy analyze` does not write this."
            )

    def _without_event(self) -> set[tuple[Pack, str, str]]:
        """Return the violations of the summaries that have no event."""
        judged = {(result.pack, result.policy, result.urn) for result in self.results}
        policies = {(pack, policy) for pack, policy, _ in judged}
        missing = {
            (pack, policy, urn)
            for (pack, urn), failed in self._failed.items()
            for policy in failed
            if (pack, policy, urn) not in judged
        }
        return missing | {
            (pack, policy, self._stack)
            for pack, failed in self._stack_failed.items()
            for policy in failed
            if (pack, policy) not in policies
        }

    def _add_violation(self, fields: _Fields) -> None:
        level = fields.text("enforcementLevel", required=True)
        if level not in (*_WARNINGS, *_FAILURES, ""):
            fields.wrong("enforcementLevel")
        exceptions = fields.exceptions()
        outcome = Outcome.WARNING if level in _WARNINGS else Outcome.VIOLATION
        self._add_result(
            fields,
            Outcome.EXEMPT if exceptions else outcome,
            level=level,
            severity=fields.text("severity"),
            message=plain(fields.text("message", required=True)).strip("\n"),
            exceptions=exceptions,
        )

    def _add_remediation(self, fields: _Fields) -> None:
        result = self._add_result(fields, Outcome.REMEDIATED, level="remediate")
        self._remediating.add((result.pack, result.policy))

    def _add_result(self, fields: _Fields, outcome: Outcome, **details: Any) -> Result:
        pack, policy = self._pack(fields), fields.name("policyName")
        result = Result(pack, policy, outcome, self._urn(fields), **details)
        self.results[result] += 1
        return result

    def _add_analysis(self, fields: _Fields) -> None:
        place = self._pack(fields), self._urn(fields)
        self._passed.setdefault(place, set()).update(fields.names("passed"))
        self._failed.setdefault(place, set()).update(fields.names("failed"))

    def _add_remediations(self, fields: _Fields) -> None:
        place = self._pack(fields), self._urn(fields)
        self._unchanged.setdefault(place, set()).update(fields.names("passed"))

    def _add_stack_analysis(self, fields: _Fields) -> None:
        pack = self._pack(fields)
        self._stack_passed.setdefault(pack, set()).update(fields.names("passed"))
        self._stack_failed.setdefault(pack, set()).update(fields.names("failed"))

    def _add_summary(self, fields: _Fields) -> None:
        self._has_summary = True
        # Older CLIs don't write the result.
        self.failed = _FAILED.get(fields.text("result"))
        for name, version in fields.texts("PolicyPacks").items():
            # Source: Pulumi, pkg/engine/update.go, `LocalPolicyPack.NameForEvents`.
            parts = name.split("|")
            local = parts[0] if len(parts) == 3 else name
            self.packs.add(Pack(local, _version(version)))

    def _add_end(self, _: _Fields) -> None:
        self._is_over = True
        if not self._has_summary:
            self.failed = True

    def _pack(self, fields: _Fields) -> Pack:
        version = fields.text("policyPackVersionTag") or fields.text("policyPackVersion")
        pack = Pack(fields.name("policyPackName"), _version(version))
        self.packs.add(pack)
        return pack

    def _urn(self, fields: _Fields) -> str:
        """Return the URN of the resource. The first one shows the stack's URN."""
        urn = fields.text("resourceUrn")
        self._stack = self._stack or urn_of_stack(urn)
        return urn


def _stack_of(event: Event) -> str:
    """Return the URN of the stack that an event about a resource shows; empty for other events."""
    for kind in ("resourcePreEvent", "resOutputsEvent"):
        about = event.get(kind)
        metadata = about.get("metadata") if isinstance(about, dict) else None
        urn = metadata.get("urn") if isinstance(metadata, dict) else None
        if isinstance(urn, str) and urn:
            return urn_of_stack(urn)
    return ""


class _Fields:
    """The fields of an event. A field that is missing or has a wrong type is counted."""

    def __init__(self, values: Mapping[str, Any], kind: str, wrong: Counter[str]) -> None:
        self._values = values
        self._kind = kind
        self._wrong = wrong

    def wrong(self, field: str) -> None:
        """Count a field as wrong."""
        self._wrong[f"{self._kind}.{field}"] += 1

    def text(self, field: str, *, required: bool = False) -> str:
        """Return a text; empty if there is none."""
        value = self._values.get(field)
        if isinstance(value, str):
            return intern(value)
        if value is not None or required:
            self.wrong(field)
        return ""

    def name(self, field: str) -> str:
        """Return a text that should not be empty."""
        value = self._values.get(field)
        if isinstance(value, str) and value:
            return intern(value)
        self.wrong(field)
        return ""

    def names(self, field: str) -> list[str]:
        """Return a list of texts."""
        names = self._list(field)
        if not all(isinstance(name, str) for name in names):
            self.wrong(field)
        return [intern(name) for name in names if isinstance(name, str)]

    def texts(self, field: str) -> dict[str, str]:
        """Return an object of texts."""
        value = self._values.get(field)
        if value is not None and not isinstance(value, dict):
            self.wrong(field)
        items = value.items() if isinstance(value, dict) else ()
        return {name: text if isinstance(text, str) else "" for name, text in items}

    def exceptions(self) -> tuple[PolicyException, ...]:
        """Return the policy exceptions. A wrong one exempts nothing."""
        items = self._list("exceptions")
        exceptions = [
            PolicyException(item["id"], reason if isinstance(reason, str) else "")
            for item in items
            if isinstance(item, dict) and isinstance(item.get("id"), str) and item["id"]
            for reason in [item.get("reason")]
        ]
        if len(exceptions) < len(items):
            self.wrong("exceptions")
        return tuple(exceptions)

    def _list(self, field: str) -> Sequence[Any]:
        value = self._values.get(field)
        if value is not None and not isinstance(value, list):
            self.wrong(field)
        return value if isinstance(value, list) else ()


_ADD: Mapping[str, Callable[[Run, _Fields], None]] = {
    "policyEvent": Run._add_violation,
    "policyRemediationEvent": Run._add_remediation,
    "policyAnalyzeSummaryEvent": Run._add_analysis,
    "policyRemediateSummaryEvent": Run._add_remediations,
    "policyAnalyzeStackSummaryEvent": Run._add_stack_analysis,
    "summaryEvent": Run._add_summary,
    "cancelEvent": Run._add_end,
}
"""The kinds of events that say something about policies, or how the run ended."""


def plain(text: str) -> str:
    """Return a text of the CLI without colors."""
    return _COLORS.sub("", text)


def urn_of_stack(urn: str) -> str:
    """Return the URN of the stack that a resource is in; empty if it has no valid URN.

    Source: Pulumi, sdk/go/common/resource/urn.go, `DefaultRootStackURN`.
    """
    stack, _, rest = urn.removeprefix("urn:pulumi:").partition("::")
    project = rest.partition("::")[0]
    shown = f"urn:pulumi:{stack}::{project}::pulumi:pulumi:Stack::{project}-{stack}"
    return shown if project else ""


def _time(seconds: Any) -> datetime | None:
    """Return the time of a Unix timestamp; None if it is none."""
    if not isinstance(seconds, int) or not seconds:
        return None
    try:
        return datetime.fromtimestamp(seconds, timezone.utc)
    except (ValueError, OverflowError, OSError):
        return None


def _version(text: str) -> str:
    """Return a version without the "v" that the CLI can put in front of it."""
    return intern(re.sub(r"^v(?=\d)", "", text))


def _order(pack: Pack) -> tuple[str, str]:
    return pack.name, pack.version
