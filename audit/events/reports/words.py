"""The words that all reports about policies share: outcomes, counts, and what a result is about."""

from __future__ import annotations

from collections.abc import Sequence

from audit.events.results import Outcome, Pack, PolicyException, PolicyRun, Result
from audit.reports.words import counted, name

LABELS = {
    Outcome.VIOLATION: "violations",
    Outcome.WARNING: "warnings",
    Outcome.REMEDIATED: "remediated",
    Outcome.EXEMPT: "exempt",
    Outcome.NOT_APPLICABLE: "not applicable",
    Outcome.PASSED: "passed",
}
"""Each outcome after a number of results."""

NAMELESS = "(no name)"

_REMEDIATED = "The policy changed the resource, so that it complies."


def packs(run: PolicyRun) -> Sequence[Pack]:
    """Return all policy packs of a run, those without results included, in a stable order."""
    found = {*run.packs, *(result.pack for result in run.results)}
    return sorted(found, key=lambda pack: (pack.name, pack.version))


def of(run: PolicyRun, outcome: Outcome) -> list[Result]:
    """Return the results of an outcome."""
    return [result for result in run.results if result.outcome is outcome]


def label(text: str) -> str:
    """Return the name of a policy pack or a policy on one line; "(no name)" if it is empty."""
    return name(text).strip() or NAMELESS


def pack(policy_pack: Pack) -> str:
    """Return a policy pack's name and version on one line, such as "acme-security 1.2.0"."""
    return f"{label(policy_pack.name)} {name(policy_pack.version)}".strip()


def resource(result: Result) -> str:
    """Return what a result is about, such as "orders (aws:dynamodb/table:Table)"."""
    if not result.urn:
        return "the stack"
    return f"{label(result.name)} ({label(result.type)})"


def stack(result: Result) -> str:
    """Return the project and stack of a result, such as "shop/dev"; empty if not known."""
    return f"{label(result.project)}/{label(result.stack)}" if result.urn else ""


def stacks(run: PolicyRun) -> Sequence[str]:
    """Return the project and stack of all results, such as "shop/dev", in a stable order."""
    return sorted({stack(result) for result in run.results if result.urn})


def level(result: Result) -> str:
    """Return the enforcement level and the severity, such as "Mandatory, severity high"."""
    severity = name(result.severity).strip()
    parts = (name(result.level).strip(), severity and f"severity {severity}")
    shown = ", ".join(filter(None, parts))
    return f"{shown[:1].upper()}{shown[1:]}"


def message(result: Result) -> str:
    """Return the policy's message. The event of a remediation has none."""
    return result.message or (_REMEDIATED if result.outcome is Outcome.REMEDIATED else "")


def summary(run: PolicyRun) -> str:
    """Return the count of each outcome, such as "1 violation, 0 warnings, ..., 3 passed"."""
    return ", ".join(
        f"{count:,} {_outcome(outcome, count)}" for outcome, count in run.summary.items()
    )


def headline(run: PolicyRun) -> str:
    """Return the most important result in one or two sentences."""
    missing = "" if run.is_complete else " Not all results were read, so there can be more."
    ran = packs(run)
    if not ran:
        return f"No results of policies were found.{missing}"
    count, warnings = run.summary[Outcome.VIOLATION], run.summary[Outcome.WARNING]
    violations = counted(count, "violation") if count else "No violations"
    both = f"{violations} and {counted(warnings, 'warning')}" if warnings else violations
    return f"{both} in {counted(len(ran), 'policy pack')}.{missing}"


def reason(exception: PolicyException) -> str:
    """Return a policy exception on one line, such as "EXC-42: a reason"."""
    parts = (name(exception.id).strip(), name(exception.reason).strip())
    return ": ".join(part for part in parts if part)


def reasons(result: Result) -> str:
    """Return the policy exceptions that cover a violation on one line."""
    return "; ".join(filter(None, map(reason, result.exceptions)))


def _outcome(outcome: Outcome, count: int) -> str:
    plural = LABELS[outcome]
    counts = outcome in (Outcome.VIOLATION, Outcome.WARNING)
    return plural.removesuffix("s") if counts and count == 1 else plural
