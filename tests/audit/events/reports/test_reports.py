"""What holds for the reports about policies of all formats."""

from __future__ import annotations

import io
import re

import pytest
from hypothesis import given

from audit.events.reports import REPORTS
from audit.events.results import Outcome, PolicyException, PolicyRun
from audit.events.runs import read_run
from tests.audit.events.conftest import Recorded
from tests.audit.events.reports.reading import NOT_SHOWN, READERS, written
from tests.audit.events.results import PACK, result, run, runs, urn

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\ud800-\udfff]")


def test_each_format_has_a_reader() -> None:
    assert set(READERS) == set(REPORTS)


@pytest.mark.parametrize("format_name", REPORTS)
def test_the_results_of_the_real_cli_have_its_counts(format_name: str, recorded: Recorded) -> None:
    data = recorded.preview.encode()
    results = read_run(io.BufferedReader(io.BytesIO(data)), "stdin", (), "0.1.0")
    assert results.summary[Outcome.VIOLATION] > 1
    text = written(results, format_name)
    counts = READERS[format_name](text)
    for outcome, count in results.summary.items():
        if outcome not in NOT_SHOWN.get(format_name, ()):
            assert counts.get(outcome, 0) == count
    assert "hunter2" not in text


@pytest.mark.parametrize("format_name", REPORTS)
@given(results=runs())
def test_counts_are_those_of_the_run_and_texts_have_no_control_characters(
    format_name: str, results: PolicyRun
) -> None:
    text = written(results, format_name)
    counts = READERS[format_name](text)
    for outcome, count in results.summary.items():
        if outcome not in NOT_SHOWN.get(format_name, ()):
            assert counts.get(outcome, 0) == count
    assert text.encode("utf-8")
    assert not CONTROL.search(text.replace("\r\n", "\n"))
    assert text == written(results, format_name)


@pytest.mark.parametrize("format_name", READERS)
def test_what_could_not_be_read_and_notes_are_in_each_report(format_name: str) -> None:
    results = run(problems=("Line 7 is truncated",), notes=("The run was updated",))
    text = written(results, format_name)
    assert "Line 7 is truncated" in text
    assert "The run was updated" in text


@pytest.mark.parametrize("format_name", READERS)
def test_events_without_results_have_a_report(format_name: str) -> None:
    for results in (run(), run(packs=(PACK,)), run(started=None, finished=None)):
        assert not any(READERS[format_name](written(results, format_name)).values())


@pytest.mark.parametrize("format_name", READERS)
@pytest.mark.parametrize("outcome", list(Outcome)[:4])
def test_messages_policies_and_resources_are_in_each_report(
    format_name: str, outcome: Outcome
) -> None:
    found = result(
        outcome,
        policy="needs-a-key",
        urn=urn("invoices"),
        message="It has no key.\nSet it to on",
        exceptions=(PolicyException("EXC-7", "A test table"),),
    )
    text = written(run(found), format_name)
    if outcome in NOT_SHOWN.get(format_name, ()):
        assert "It has no key" not in text
        return
    for part in ("acme-security", "needs-a-key", "invoices", "It has no key", "Set it to on"):
        assert part in text
    if outcome is Outcome.EXEMPT:
        assert "EXC-7" in text
        assert "A test table" in text


@pytest.mark.parametrize("format_name", sorted(READERS.keys() - {"codequality"}))
def test_a_remediation_has_a_message(format_name: str) -> None:
    text = written(run(result(Outcome.REMEDIATED, message="")), format_name)
    assert text.count("The policy changed the resource, so that it complies.") >= 1


@pytest.mark.parametrize("format_name", READERS)
def test_each_violation_of_a_policy_and_a_resource_is_shown(format_name: str) -> None:
    messages = [f"The violation with number {number}" for number in range(3)]
    text = written(run(*(result(message=message) for message in messages)), format_name)
    for message in messages:
        assert message in text
    assert READERS[format_name](text)[Outcome.VIOLATION] == 3
