"""The results as JUnit XML, for the test reports of CI services.

Each account and Region, and each stack, is a test suite, and each table a test. A violation fails.
An undetermined or exempt table is skipped with the reason. A table that was not read is an error,
so it doesn't look like a pass. A table with drift has one more test, which is skipped. Another test
of each suite shows whether all tables were listed. It also keeps a report from being empty, which
Jenkins refuses. The properties of a suite count its tables by verdict.

Sources: the schema junit-10.xsd of Jenkins's xUnit plugin; GitLab Docs, "Unit test reports" (it
ignores tests of the same name).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TextIO
from xml.etree import ElementTree as ET

from audit.results import Audit, Coverage, Finding, Status, Verdict

from . import words

COVERAGE = "(all tables are listed)"
"""The name of the test for the coverage. No table can have it."""

DRIFT = "drift"
"""The type of the result that shows a table's drift."""

COUNTS = ("tests", "failures", "errors", "skipped")
"""The counts of a suite."""
_OUTCOMES = {
    Verdict.VIOLATION: "failure",
    Verdict.UNDETERMINED: "skipped",
    Verdict.NOT_READ: "error",
    Verdict.EXEMPT: "skipped",
}
_COVERAGE_OUTCOMES = {
    Status.DENIED: "error",
    Status.FAILED: "error",
    Status.DISABLED: "skipped",
}


def write(audit: Audit, out: TextIO) -> None:
    """Write a test suite for each account and Region, and for each stack."""
    root = ET.Element("testsuites", name=words.PACK)
    totals: Counter[str] = Counter()
    classes: Counter[str] = Counter()
    for entry, findings in _suites(audit):
        name = _class_name(entry)
        classes[name] += 1
        # The states of several files can be of stacks with the same name.
        unique = name if classes[name] == 1 else f"{name} ({classes[name]})"
        suite, counts = _suite(audit, entry, findings, unique)
        root.append(suite)
        totals += counts
    if audit.run.warnings and len(root):
        warnings = ET.SubElement(root[0], "system-err")
        warnings.text = words.printable("\n".join(audit.run.warnings))
    write_suites(root, totals, out)


def write_suites(root: ET.Element, totals: Mapping[str, int], out: TextIO) -> None:
    """Write the element `testsuites`.

    Args:
        root: the element with its suites, which gets the counts.
        totals: the number of tests, failures, and errors.
        out: the file.
    """
    for count in COUNTS[:3]:  # the schema has no `skipped` here
        root.set(count, str(totals[count]))
    root.set("time", "0.000")
    ET.indent(root)
    out.write('<?xml version="1.0" encoding="UTF-8"?>\n')
    out.write(ET.tostring(root, encoding="unicode"))
    out.write("\n")


def class_name(parts: Iterable[str]) -> str:
    """Return a class name. Jenkins reads its last part as the class, the others as the package."""
    # A dot in a name would separate parts.
    return ".".join(part.replace("%", "%25").replace(".", "%2E") for part in parts)


def _suites(audit: Audit) -> Iterator[tuple[Coverage, Sequence[Finding]]]:
    """Yield each account and Region, and each stack, with its findings."""
    findings: dict[tuple[str | None, ...], list[Finding]] = {}
    for finding in audit.findings:
        findings.setdefault(_place(finding), []).append(finding)
    for entry in audit.coverage:
        yield entry, findings.pop(_place(entry), [])


def _place(entry: Coverage | Finding) -> tuple[str | None, ...]:
    if entry.is_of_stack:
        return ("stack", entry.backend, entry.stack)
    return (entry.account, entry.region)


def _class_name(entry: Coverage) -> str:
    """Return the class name of the tests of an account and Region, or of a stack."""
    if not entry.is_of_stack:
        return f"aws.{words.name(entry.account)}.{words.name(entry.region or 'all')}"
    backend = words.backend(entry.backend)
    parts = [*filter(None, ["pulumi", backend]), *(entry.stack or "(all)").split("/")]
    return class_name(map(words.name, parts))


def _suite(
    audit: Audit, entry: Coverage, findings: Sequence[Finding], class_name: str
) -> tuple[ET.Element, Counter[str]]:
    suite = ET.Element("testsuite", name=words.where(entry))
    properties = ET.SubElement(suite, "properties")
    verdicts = Counter(finding.verdict for finding in findings)
    for verdict in Verdict:
        _property(properties, verdict.value, str(verdicts[verdict]))
    if audit.run.settings.sha256:
        _property(properties, "settings_sha256", audit.run.settings.sha256)
    outcomes = [_coverage(suite, class_name, entry)]
    outcomes += [_table(suite, class_name, finding) for finding in findings]
    outcomes += [_drift(suite, class_name, finding) for finding in findings if finding.drift]
    counts = Counter(outcome for outcome in outcomes if outcome)
    totals = Counter(
        tests=len(outcomes),
        failures=counts["failure"],
        errors=counts["error"],
        skipped=counts["skipped"],
    )
    for count in COUNTS:
        suite.set(count, str(totals[count]))
    suite.set("time", "0.000")
    suite.set("timestamp", audit.run.started.strftime("%Y-%m-%dT%H:%M:%S"))
    return suite, totals


def _coverage(suite: ET.Element, class_name: str, entry: Coverage) -> str | None:
    outcome = _COVERAGE_OUTCOMES.get(entry.status)
    text = f"{words.status(entry)}. {entry.reason}".strip()
    text = f"{text[0].upper()}{text[1:]}"
    if outcome == "error":
        text = f"{text}\nThere can be more tables than this report shows."
    _test(suite, class_name, COVERAGE, outcome, entry.status.value, text)
    return outcome


def _table(suite: ET.Element, class_name: str, finding: Finding) -> str | None:
    outcome = _OUTCOMES.get(finding.verdict)
    key = words.key(finding.key)
    text = words.paragraphs(
        (
            words.message(finding),
            words.drift(finding),
            f"Table: {finding.arn or words.place(finding)}",
            finding.urn and f"URN: {finding.urn}",
            key and f"Key: {key}",
            f"Evidence: {words.evidence(finding.evidence)}",
        )
    )
    _test(suite, class_name, _name(finding), outcome, finding.verdict.value, text)
    return outcome


def _drift(suite: ET.Element, class_name: str, finding: Finding) -> str:
    text = words.paragraphs((words.drift(finding), words.owner(finding)))
    _test(suite, class_name, f"{_name(finding)} ({DRIFT})", "skipped", DRIFT, text)
    return "skipped"


def _name(finding: Finding) -> str:
    """Return a name that no other table of the suite has."""
    table = words.name(finding.table)
    if not finding.is_of_stack:
        return table
    place = filter(None, (finding.region, finding.account))
    return ", ".join((table, *map(words.name, (words.resource(finding.urn), *place))))


def _test(
    suite: ET.Element, class_name: str, name: str, outcome: str | None, kind: str, text: str
) -> None:
    test = ET.SubElement(suite, "testcase", classname=class_name, name=name, time="0.000")
    if outcome is not None:
        text = words.printable(text)
        # GitLab shows the text, and others the message.
        ET.SubElement(test, outcome, type=kind, message=text.split("\n")[0]).text = text


def _property(properties: ET.Element, name: str, value: str) -> None:
    ET.SubElement(properties, "property", name=name, value=value)
