"""The results as JUnit XML, for the test reports of CI services.

Each policy pack and stack is a test suite, and each result a test of its policy and resource. Its
class name has the project and the stack, so that the previews of several stacks have no test in
common. A violation fails, so the number of failures is that of the mandatory violations that the
CLI reports. If a policy reports several violations of a resource, each is a test, and the name of
each further one ends with a number. A warning is skipped with its message, because GitLab shows no
message of a passed test. An exempt resource is skipped with the policy exceptions, and so is a
policy that is not applicable. A remediated resource passes, with the message as output. The
properties of a suite count its results by outcome.

One more suite has a test that shows whether all results were read: an error if not. It also keeps a
report from being empty, which Jenkins refuses.

Sources: the schema junit-10.xsd of Jenkins's xUnit plugin; GitLab Docs, "Unit test reports" (it
ignores tests of the same name); GitLab, lib/gitlab/ci/parsers/test/junit.rb (which messages it
reads).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TextIO
from xml.etree import ElementTree as ET

from audit.events.results import Outcome, Pack, PolicyRun, Result
from audit.reports.junit import class_name, write_suites
from audit.reports.words import name, paragraphs, printable

from . import words

COVERAGE_SUITE = "events"
COVERAGE = "(all results are read)"
"""The name of the test that shows whether all results were read."""

_KINDS = {
    Outcome.VIOLATION: "failure",
    Outcome.WARNING: "skipped",
    Outcome.EXEMPT: "skipped",
    Outcome.NOT_APPLICABLE: "skipped",
    Outcome.REMEDIATED: "system-out",
}
"""The element that has the message of each outcome."""


def write(run: PolicyRun, out: TextIO) -> None:
    """Write a test suite for each policy pack and stack."""
    root = ET.Element("testsuites", name="pulumi-policies")
    taken: set[tuple[str, str]] = set()
    suites = [_coverage(run), *(_suite(*entry, taken) for entry in _results(run).items())]
    totals: Counter[str] = Counter()
    for suite in suites:
        root.append(suite)
        kinds = Counter(child.tag for test in suite.iter("testcase") for child in test)
        counts = {
            "tests": len(suite.findall("testcase")),
            "failures": kinds["failure"],
            "errors": kinds["error"],
            "skipped": kinds["skipped"],
        }
        for count, number in counts.items():
            suite.set(count, str(number))
        suite.set("time", "0.000")
        if run.started is not None:
            suite.set("timestamp", run.started.strftime("%Y-%m-%dT%H:%M:%S"))
        totals.update(counts)
    write_suites(root, totals, out)


def _results(run: PolicyRun) -> Mapping[tuple[Pack, str], Sequence[Result]]:
    """Return the results of each policy pack and stack, packs without results included."""
    stacks = words.stacks(run)
    only = stacks[0] if len(stacks) == 1 else ""
    results: dict[tuple[Pack, str], list[Result]] = {
        (pack, stack): [] for pack in words.packs(run) for stack in stacks or [only]
    }
    for result in run.results:
        results.setdefault((result.pack, words.stack(result) or only), []).append(result)
    return results


def _suite_name(stack: str, suite: str) -> str:
    return f"{stack}: {suite}" if stack else suite


def _class_name(stack: str, *names: str) -> str:
    return class_name((*filter(None, stack.split("/")), *names))


def _coverage(run: PolicyRun) -> ET.Element:
    stacks = words.stacks(run)
    stack = stacks[0] if len(stacks) == 1 else ""
    suite = ET.Element("testsuite", name=_suite_name(stack, COVERAGE_SUITE))
    test = _test(suite, _class_name(stack, COVERAGE_SUITE), COVERAGE)
    if run.problems:
        problems = [*run.problems, "There can be more results than this report shows."]
        _message(test, "error", "incomplete", "\n".join(problems))
    if run.notes:
        ET.SubElement(suite, "system-err").text = printable("\n".join(run.notes))
    return suite


def _suite(
    place: tuple[Pack, str], results: Sequence[Result], taken: set[tuple[str, str]]
) -> ET.Element:
    pack, stack = place
    suite = ET.Element("testsuite", name=_suite_name(stack, words.pack(pack)))
    properties = ET.SubElement(suite, "properties")
    counts = Counter(result.outcome for result in results)
    for outcome in Outcome:
        ET.SubElement(properties, "property", name=outcome.value, value=str(counts[outcome]))
    for result in results:
        # Without the version, a test keeps its name when the version changes.
        class_name = _class_name(stack, words.label(pack.name), words.label(result.policy))
        test = _test(suite, class_name, _unused(class_name, words.resource(result), taken))
        kind = _KINDS.get(result.outcome)
        if kind is not None:
            _message(test, kind, result.outcome.value, _text(result))
    return suite


def _unused(class_name: str, test: str, taken: set[tuple[str, str]]) -> str:
    """Return a name that no other test of the report has."""
    unused, number = test, 1
    while (class_name, unused) in taken:
        number += 1
        unused = f"{test} ({number})"
    taken.add((class_name, unused))
    return unused


def _text(result: Result) -> str:
    not_run = "The policy did not run." if result.outcome is Outcome.NOT_APPLICABLE else ""
    facts: Mapping[str, str] = {
        "Policy exceptions": words.reasons(result),
        "Enforcement level": name(result.level),
        "Severity": name(result.severity),
        "URN": name(result.urn),
    }
    return paragraphs(
        (
            words.message(result) or not_run,
            "\n".join(f"{fact}: {value}" for fact, value in facts.items() if value),
        )
    )


def _test(suite: ET.Element, class_name: str, test: str) -> ET.Element:
    return ET.SubElement(suite, "testcase", classname=class_name, name=test, time="0.000")


def _message(test: ET.Element, kind: str, outcome: str, text: str) -> None:
    text = printable(text)
    if kind == "system-out":
        ET.SubElement(test, kind).text = text
    else:
        # GitLab shows the text, and others the message.
        message = text.strip().split("\n")[0]
        ET.SubElement(test, kind, type=outcome, message=message).text = text
