"""The results in events of the real CLI, which are those that it shows to people."""

from __future__ import annotations

import io
import json
import re
import tracemalloc
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.events.results import Outcome, Pack, PolicyException, PolicyRun, Result
from audit.events.runs import read_run
from tests.audit.events.conftest import EXEMPT, Recorded
from tests.project import DECLARED, DEPLOYED, UNDETERMINED

ACME = Pack("acme", "1.2.3")
URN = "urn:pulumi:dev::insecure::"
STACK = f"{URN}pulumi:pulumi:Stack::insecure-dev"
ORDERS = f"{URN}aws:dynamodb/table:Table::orders"
SHOWN = (Outcome.VIOLATION, Outcome.WARNING, Outcome.REMEDIATED, Outcome.EXEMPT)


def read(text: str | bytes) -> PolicyRun:
    """Read events."""
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    return read_run(io.BufferedReader(io.BytesIO(data)), "stdin", (), "0.1.0")


def shown(output: str) -> Counter[tuple[str, Outcome]]:
    """Return the number of results of each pack and outcome that the CLI shows to people."""
    counts: Counter[tuple[str, Outcome]] = Counter()
    pack = ""
    for line in output.rpartition("Policies:\n")[2].splitlines():
        if found := re.match(r"    \S+ (\S+)@v", line):
            pack = found[1]
        if found := re.match(r"        [-·] \[(\w+)\].*?(?:\((\d+) \w+\))?$", line):
            outcome = {
                "mandatory": Outcome.VIOLATION, "advisory": Outcome.WARNING,
                "remediate": Outcome.REMEDIATED, "exempted": Outcome.EXEMPT,
            }[found[1]]  # fmt: skip
            counts[pack, outcome] += int(found[2] or 1)
    assert counts
    return counts


def counted(run: PolicyRun) -> Counter[tuple[str, Outcome]]:
    return Counter((each.pack.name, each.outcome) for each in run.results if each.outcome in SHOWN)


def reported(text: str) -> Counter[Result]:
    """Return the results in events that have an event of their own."""
    return Counter(each for each in read(text).results if each.outcome in SHOWN)


def places(run: PolicyRun, outcome: Outcome, pack: Pack = ACME) -> set[tuple[str, str]]:
    """Return the policy and the name of the resource of each result."""
    return {
        (each.policy, each.name)
        for each in run.results
        if each.outcome is outcome and each.pack == pack
    }


def test_a_preview_has_the_results_that_the_cli_shows(recorded: Recorded) -> None:
    run = read(recorded.preview)
    assert counted(run) == shown(recorded.shown_preview)
    assert (run.problems, run.notes, run.failed) == ((), (), True)
    assert [pack.name for pack in run.packs] == ["acme", "dynamodb-kms-encryption"]
    assert run.started is not None
    assert run.finished is not None
    assert counted(read(recorded.log)) == counted(run)
    assert read(recorded.log).summary == run.summary

    exempt = Result(
        ACME, "named", Outcome.EXEMPT, EXEMPT, "mandatory",
        message="Names.\nThe name is too short.",
        exceptions=(PolicyException("EXC-1", "Renamed in May"),),
    )  # fmt: skip
    assert exempt in run.results
    few = "Few tables.\nThe stack has too many tables."
    assert Result(ACME, "few", Outcome.VIOLATION, STACK, "mandatory", "", few) in run.results
    plain = "Tables have a TTL.\nIt has no TTL.\nSet ttl."
    assert Result(ACME, "ttl", Outcome.WARNING, ORDERS, "advisory", "", plain) in run.results
    for text in (repr(run), *(str(each) for each in run.results)):
        assert "hunter2" not in text


def test_what_passed_and_what_was_not_applicable(recorded: Recorded) -> None:
    run = read(recorded.preview)
    names = ("insecure-dev", next(each.name for each in run.results if "aws::default" in each.urn))
    others = {(policy, name) for policy in ("named", "complete", "tagged") for name in names}
    assert places(run, Outcome.PASSED) == others | {
        ("tagged", "orders"), ("ttl", "sessions"), ("nothing", "insecure-dev")
    }  # fmt: skip
    everywhere = {("never", name) for name in (*names, "orders", "sessions")}
    assert places(run, Outcome.NOT_APPLICABLE) == everywhere | {("ttl", name) for name in names}
    ours = next(pack for pack in run.packs if pack != ACME)
    stack = {(policy, "insecure-dev") for policy in (DEPLOYED, UNDETERMINED)}
    assert places(run, Outcome.PASSED, ours) == stack
    not_tables = {(DECLARED, name) for name in names}
    assert places(run, Outcome.NOT_APPLICABLE, ours) == not_tables
    assert not any("disabled" in each.policy for each in run.results)


def test_an_analysis_has_the_results_that_the_cli_shows(recorded: Recorded) -> None:
    run = read(recorded.analysis)
    assert counted(run) == shown(recorded.shown_analysis)
    assert run.summary[Outcome.PASSED] == run.summary[Outcome.NOT_APPLICABLE] == 0
    assert run.problems == ()
    (note,) = run.notes
    assert note.startswith("The events don't show which policies passed")


def test_a_preview_and_its_update_count_each_result_once(recorded: Recorded) -> None:
    run = read(recorded.update)
    assert (run.problems, run.failed) == ((), False)
    assert run.notes[0].startswith("The events are of 2 runs, such as a preview and an update.")
    preview, update, rest = re.split('(?<="cancelEvent":{}}\n)', recorded.update)
    assert rest == ""
    assert reported(recorded.update) == reported(preview) | reported(update)
    assert run.summary[Outcome.WARNING] == 14
    # In the preview, the tables to create have no outputs yet.
    passed = places(read(preview), Outcome.PASSED, run.packs[1])
    assert (DEPLOYED, "insecure-dev") in passed
    assert (DEPLOYED, "insecure-dev") not in places(run, Outcome.PASSED, run.packs[1])


def test_a_preview_without_streaming_has_no_results(recorded: Recorded) -> None:
    run = read(recorded.digest)
    (problem,) = run.problems
    assert "has no results of policies" in problem
    assert "PULUMI_ENABLE_STREAMING_JSON_PREVIEW=true" in problem
    assert run.failed is None
    # Without streaming, `pulumi up --json` writes both.
    both = read(recorded.digest + recorded.preview)
    assert both.results == read(recorded.preview).results
    assert both.problems == ()
    assert "It was ignored." in both.notes[0]


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def _array(text: str) -> list[Any]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize(
    "changed",
    [
        lambda text: b"\xef\xbb\xbf" + text.encode(),
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: text.encode("utf-16"),
        lambda text: text.replace("\n", "").encode(),
        lambda text: text.replace("\n", "\n\n  ").encode(),
        lambda text: json.dumps(_array(text)).encode(),
        lambda text: json.dumps(_array(text), indent=2).encode(),
        lambda text: json.dumps({"events": _array(text)}).encode(),
        lambda text: json.dumps({"events": _array(text)}, indent=4).encode(),
        lambda text: "\n".join(json.dumps(each, indent=2) for each in _array(text)).encode(),
        lambda text: text.replace('"color":"never"', '"color":"raw","new":[1]').encode(),
        lambda text: text.replace('"message":"', '"message":"<{%fg 1%}>\\u001b[31m').encode(),
    ],
)  # fmt: skip
def test_the_same_events_in_another_form_have_the_same_results(
    recorded: Recorded, changed: Any
) -> None:
    run = read(changed(recorded.preview))
    assert run.results == read(recorded.preview).results
    assert (run.problems, run.notes) == ((), ())


def test_events_of_pulumi_cloud_have_no_sequence_numbers(recorded: Recorded) -> None:
    run = read(re.sub(r'"sequence":\d+', '"sequence":0', recorded.preview))
    assert run.results == read(recorded.preview).results
    assert run.problems == ()


@given(data=st.data())
def test_a_cut_loses_nothing_before_it_and_is_reported(recorded: Recorded, data: Any) -> None:
    text = data.draw(st.sampled_from([recorded.preview, recorded.analysis, recorded.update]))
    place = data.draw(st.integers(0, len(text)))
    run = read(text[:place])
    *lines, last = text[:place].split("\n")
    is_whole = not last or text[place] == "\n"
    # Only other events follow a summary.
    runs = text[:place].count('{"sequence":0,')
    is_over = runs > 0 and sum('"summaryEvent":' in line for line in (*lines, last)) == runs
    assert bool(run.problems) == (not is_over or not is_whole)
    assert reported("\n".join(lines)) <= reported(text[:place])


@given(data=st.data())
def test_a_cut_in_events_with_line_breaks_is_reported(recorded: Recorded, data: Any) -> None:
    text = json.dumps({"events": _array(recorded.preview)}, indent=2)
    place = data.draw(st.integers(0, text.index("summaryEvent")))
    assert read(text[:place]).problems
    events = text[:place].count("\n    },\n")
    whole = "".join(_lines(recorded.preview)[:events])
    assert reported(whole) == reported(text[:place])


@given(
    data=st.data(),
    texts=st.lists(
        st.text(st.characters(exclude_characters='{}[]":')).filter(str.strip), min_size=1
    ),
)
def test_other_texts_between_the_events_lose_nothing(
    recorded: Recorded, data: Any, texts: list[str]
) -> None:
    lines = _lines(recorded.preview)
    for text in texts:
        # The end of a line is the start of the next one for some programs.
        place = data.draw(st.integers(0, len(lines)))
        lines.insert(place, text + data.draw(st.sampled_from(["\n", ""])))
    run = read("".join(lines))
    assert run.results == read(recorded.preview).results
    assert run.problems == ()
    assert "not " in run.notes[0]
    assert "ignored" in run.notes[0]


@given(data=st.data())
def test_an_event_that_another_text_cuts_is_reported(recorded: Recorded, data: Any) -> None:
    lines = _lines(recorded.preview)
    number = data.draw(st.integers(0, len(lines) - 1))
    line = lines[number]
    place = data.draw(st.integers(1, len(line) - 2))
    text = data.draw(st.sampled_from(["warning\n", "\nwarning\n", lines[0]]))
    cut = "".join([*lines[:number], line[:place], text, line[place:], *lines[number + 1 :]])
    run = read(cut)
    assert any("cut off" in problem for problem in run.problems)
    assert reported("".join(lines[:number] + lines[number + 1 :])) <= reported(cut)


@given(st.text() | st.binary())
def test_any_input_is_reported(text: str | bytes) -> None:
    run = read(text)
    assert run.problems
    assert run.results == ()


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
_FIELDS = (
    "resourceUrn", "message", "policyName", "policyPackName", "policyPackVersion",
    "enforcementLevel", "severity", "exceptions", "passed", "failed", "PolicyPacks", "result",
)  # fmt: skip
_KINDS = (
    "policyEvent", "policyRemediationEvent", "policyAnalyzeSummaryEvent", "summaryEvent",
    "policyRemediateSummaryEvent", "policyAnalyzeStackSummaryEvent", "cancelEvent", "newEvent",
)  # fmt: skip
_EVENTS = st.fixed_dictionaries(
    {},
    optional={
        "sequence": _VALUES, "timestamp": _VALUES,
        **dict.fromkeys(_KINDS, _VALUES | st.dictionaries(st.sampled_from(_FIELDS), _VALUES)),
    },
)  # fmt: skip


@given(st.lists(_EVENTS, max_size=4))
def test_any_events_keep_each_violation(events: list[dict[str, Any]]) -> None:
    violations = [event["policyEvent"] for event in events if "policyEvent" in event]
    violations = [violation for violation in violations if isinstance(violation, dict)]
    for number, violation in enumerate(violations):
        violation["policyName"] = f"policy-{number}"
    run = read("\n".join(map(json.dumps, events)))
    kept = [each.policy for each in run.results if each.outcome in SHOWN]
    assert {f"policy-{number}" for number in range(len(violations))} <= set(kept)


VIOLATION = {
    "resourceUrn": ORDERS, "message": "m", "policyName": "p", "policyPackName": "acme",
    "policyPackVersion": "1", "policyPackVersionTag": "v1.2.3", "enforcementLevel": "mandatory",
}  # fmt: skip
END = {"summaryEvent": {"PolicyPacks": {"acme|local|/acme": "1.2.3"}, "result": "failed"}}


def stream(*events: Mapping[str, Any]) -> str:
    """Return events with sequence numbers."""
    numbered = ({"sequence": number, **event} for number, event in enumerate(events, 1))
    return "".join(f"{json.dumps(event)}\n" for event in numbered)


@pytest.mark.parametrize(
    ("changes", "outcome", "problem"),
    [
        ({}, Outcome.VIOLATION, None),
        ({"enforcementLevel": "advisory"}, Outcome.WARNING, None),
        ({"enforcementLevel": "remediate"}, Outcome.VIOLATION, None),
        ({"enforcementLevel": "new"}, Outcome.VIOLATION, "policyEvent.enforcementLevel"),
        ({"enforcementLevel": None}, Outcome.VIOLATION, "policyEvent.enforcementLevel"),
        ({"enforcementLevel": 1}, Outcome.VIOLATION, "policyEvent.enforcementLevel"),
        ({"policyName": []}, Outcome.VIOLATION, "policyEvent.policyName"),
        ({"policyPackName": ""}, Outcome.VIOLATION, "policyEvent.policyPackName"),
        ({"message": {}}, Outcome.VIOLATION, "policyEvent.message"),
        ({"resourceUrn": 5}, Outcome.VIOLATION, "policyEvent.resourceUrn"),
        ({"exceptions": []}, Outcome.VIOLATION, None),
        ({"exceptions": [{"id": "EXC-1", "reason": "r"}]}, Outcome.EXEMPT, None),
        ({"exceptions": [{"reason": "r"}]}, Outcome.VIOLATION, "policyEvent.exceptions"),
        ({"exceptions": "EXC-1"}, Outcome.VIOLATION, "policyEvent.exceptions"),
    ],
)  # fmt: skip
def test_a_wrong_field_exempts_nothing(
    changes: Mapping[str, Any], outcome: Outcome, problem: str | None
) -> None:
    run = read(stream({"policyEvent": {**VIOLATION, **changes}}, END))
    assert [each.outcome for each in run.results] == [outcome]
    wrong = [each for each in run.problems if "wrong type" in each]
    expected = problem and f"{problem} is missing or has a wrong type in 1 event."
    assert [each[: len(expected or "")] for each in wrong] == ([expected] if expected else [])


def summary(**names: list[str]) -> dict[str, Any]:
    """Return the summary of an analysis of the table `orders`."""
    pack = {key: VIOLATION[key] for key in ("policyPackName", "policyPackVersionTag")}
    return {"policyAnalyzeSummaryEvent": {"resourceUrn": ORDERS, **pack, **names}}


STACK_SUMMARY = {"policyAnalyzeStackSummaryEvent": summary()["policyAnalyzeSummaryEvent"]}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "There are no events."),
        ("Previewing update (dev)\n", "There are no events."),
        (stream({"policyLoadEvent": {}}), "The events end before the run of `pulumi` does."),
        (stream({"cancelEvent": {}}), "The run of `pulumi` failed before its policies had run."),
        (stream(END), "The run of `pulumi` failed, and not by a violation"),
        (stream({"summaryEvent": {"result": "succeeded"}}),
         "No policy pack ran. Pass a pack with --policy-pack, or enable one in Pulumi Cloud."),
        (stream({"policyEvent": VIOLATION}, summary(failed=["p"]), END),
         "The policies for the whole stack of 'acme' did not run"),
        (stream({"policyEvent": VIOLATION}, summary(failed=["p", "q"]), STACK_SUMMARY, END),
         "The events of 1 violation are missing"),
        (stream({"policyEvent": 1}, END), "policyEvent is missing or has a wrong type in 1 event."),
        (stream({"newPolicyEvent": {}}, END), "1 event of the unknown kind 'newPolicyEvent' can"),
        (stream(END) + '{"sequence": 3, "pol', "1 line looks like an event that is cut off"),
        (stream(END) + '{"sequence": 3, "policyEvent": ' + '{"a":' * 50_000,
         "1 line looks like an event that is cut off"),
    ],
)  # fmt: skip
def test_what_can_be_missing_is_a_problem(text: str, problem: str) -> None:
    run = read(text)
    assert any(each.startswith(problem) for each in run.problems), run.problems
    assert not run.is_complete


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("  a\n\n[\n b\n", "3 lines that are not events were ignored."),
        ("a\nb\n[1, {}]\n", "3 lines that are not events were ignored."),
        (stream({"newEvent": {}}, {"newEvent": 1}, {"a\x1b": 1}),
         "Events of unknown kinds were ignored (3): 'newEvent', 'a\ufffd'."),
        (stream({"policyEvent": VIOLATION}, END) * 2, "2 repeated events counted once."),
    ],
)  # fmt: skip
def test_what_loses_nothing_is_a_note(text: str, note: str) -> None:
    assert note in read(text).notes


def test_a_violation_counts_as_often_as_it_is_reported() -> None:
    """The CLI shows two equal violations twice, too."""
    run = read(stream({"policyEvent": VIOLATION}, {"policyEvent": VIOLATION}, END))
    assert run.summary[Outcome.VIOLATION] == 2
    assert run.packs == (ACME,)


@pytest.mark.parametrize(
    ("results", "failed"),
    [
        (["succeeded"], False),
        (["failed"], True),
        (["canceled"], True),
        ([""], None),
        (["succeeded", "succeeded"], False),
        (["succeeded", "failed"], True),
        (["succeeded", ""], None),
    ],
)
def test_whether_the_run_failed(results: list[str], failed: bool | None) -> None:
    end: dict[str, Any] = {"cancelEvent": {}}
    ends = [{"summaryEvent": {"result": each, "PolicyPacks": {}}, **end} for each in results]
    assert read(stream(*ends)).failed is failed


def test_another_result_of_an_update_replaces_what_passed_in_its_preview() -> None:
    end = {**END, "cancelEvent": {}}
    passed = [summary(passed=["p"]), {**STACK_SUMMARY}, end]
    failed = [{"policyEvent": VIOLATION}, summary(failed=["p"]), {**STACK_SUMMARY}, end]
    for text in (stream(*passed) + stream(*failed), stream(*failed) + stream(*passed)):
        assert [each.outcome for each in read(text).results] == [Outcome.VIOLATION]


def test_a_stream_is_not_held_in_memory() -> None:
    event = json.dumps({"sequence": 1, "diagnosticEvent": {"message": "x" * 1_000}}) + "\n"
    lines = [*[event.encode()] * 20_000, stream(END).encode()]

    class Lines(io.RawIOBase):
        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:
            line = lines.pop(0) if lines else b""
            buffer[: len(line)] = line
            return len(line)

    tracemalloc.start()
    run = read_run(io.BufferedReader(Lines()), "stdin", (), "0.1.0")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert run.failed
    assert peak < 2_000_000
