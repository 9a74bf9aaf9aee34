"""Results of policies for tests: examples, and Hypothesis strategies."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from audit.events.results import Outcome, Pack, PolicyException, PolicyRun, Result
from tests.audit.results import NOW, texts, times

PACK = Pack("acme-security", "1.2.0")
POLICY = "dynamodb-table-kms-encryption"


def urn(name: str = "orders", stack: str = "dev", project: str = "shop") -> str:
    """Return the URN of a table."""
    return f"urn:pulumi:{stack}::{project}::aws:dynamodb/table:Table::{name}"


def result(outcome: Outcome = Outcome.VIOLATION, **changes: Any) -> Result:
    """Return a result about the table `orders`, with changes.

    Args:
        outcome: its outcome.
        changes: other fields.
    """
    reports = outcome not in (Outcome.PASSED, Outcome.NOT_APPLICABLE)
    usual = Result(
        pack=PACK,
        policy=POLICY,
        outcome=outcome,
        urn=urn(),
        level={Outcome.VIOLATION: "mandatory", Outcome.WARNING: "advisory"}.get(outcome, ""),
        severity="high" if reports else "",
        message=f"DynamoDB table 'orders' is a {outcome.value}." if reports else "",
        exceptions=(
            (PolicyException("EXC-42", "Public data"),) if outcome is Outcome.EXEMPT else ()
        ),
    )
    return replace(usual, **changes)


def run(*results: Result, **changes: Any) -> PolicyRun:
    """Return a complete run with these results.

    Args:
        results: the results, in any order.
        changes: other fields.
    """
    usual = PolicyRun(
        command=("events", "-"),
        version="0.1.0",
        source="stdin",
        packs=sorted({each.pack for each in results}, key=lambda pack: (pack.name, pack.version)),
        results=_sorted(results),
        started=NOW,
        finished=NOW,
        failed=any(each.outcome is Outcome.VIOLATION for each in results),
    )
    return replace(usual, **changes)


def _sorted(results: Any) -> list[Result]:
    order = list(Outcome)
    return sorted(
        results,
        key=lambda each: (
            order.index(each.outcome),
            each.pack.name,
            each.pack.version,
            each.policy,
            each.urn,
        ),
    )


def packs() -> st.SearchStrategy[Pack]:
    """Return a strategy for policy packs, some of them with the same name."""
    return st.builds(
        Pack,
        st.sampled_from(["acme-security", "acme-costs"]) | texts(),
        st.sampled_from(["", "1.2.0", "2.0.0"]) | texts(),
    )


def urns() -> st.SearchStrategy[str]:
    """Return a strategy for URNs, hostile ones among them."""
    types = st.sampled_from(
        ["aws:dynamodb/table:Table", "my:index:Orders$aws:dynamodb/table:Table"]
    )
    names = st.sampled_from(["orders", "users"]) | texts()
    stacks = st.sampled_from(["dev", "prod"])
    usual = st.tuples(stacks, st.just("shop"), types, names)
    hostile = st.tuples(texts(), texts(), texts(), texts())
    return (usual | hostile).map(lambda parts: "urn:pulumi:" + "::".join(parts)) | st.just("")


def results(some_packs: st.SearchStrategy[Pack]) -> st.SearchStrategy[Result]:
    """Return a strategy for results of some policy packs."""
    exceptions = st.builds(PolicyException, texts(), texts())
    return st.builds(
        Result,
        pack=some_packs,
        policy=st.sampled_from([POLICY, "no-public-buckets"]) | texts(),
        outcome=st.sampled_from(Outcome),
        urn=urns(),
        level=st.sampled_from(["", "advisory", "mandatory", "remediate"]) | texts(),
        severity=st.sampled_from(["", "low", "medium", "high", "critical"]) | texts(),
        message=texts(),
        exceptions=st.lists(exceptions, max_size=2).map(tuple),
    )


@st.composite
def runs(draw: st.DrawFn) -> PolicyRun:
    """Draw the results of a run, sorted as they are."""
    some = draw(st.lists(packs(), max_size=3, unique=True))
    found = draw(st.lists(results(st.sampled_from(some)), max_size=8)) if some else []
    return PolicyRun(
        command=tuple(draw(st.lists(texts(), max_size=2))),
        version="0.1.0",
        source=draw(texts()),
        packs=sorted(some, key=lambda pack: (pack.name, pack.version)),
        results=_sorted(found),
        problems=tuple(draw(st.lists(texts(), max_size=2))),
        notes=tuple(draw(st.lists(texts(), max_size=2))),
        started=draw(times()),
        finished=draw(times()),
        failed=draw(st.none() | st.booleans()),
        exit_code=draw(st.none() | st.integers(0, 255)),
    )
