"""The report for GitLab's code quality widget."""

from __future__ import annotations

from audit.results import Audit, Status, Verdict
from tests.audit.reports.reading import quality, written
from tests.audit.results import audit, coverage, finding, run, stack_coverage, stack_finding


def test_the_severity_is_that_of_the_verdict() -> None:
    verdicts = (Verdict.VIOLATION, Verdict.UNDETERMINED, Verdict.NOT_READ, Verdict.EXEMPT)
    results = [finding(verdict, table=f"t-{verdict.value}") for verdict in verdicts]
    report = quality(written(audit(*results), "codequality"))
    assert {entry["check_name"]: entry["severity"] for entry in report} == {
        "DynamoDB-004": "critical",
        "DynamoDB-004-undetermined": "minor",
        "DynamoDB-004-not-read": "minor",
    }
    assert report[0]["location"]["path"].startswith("aws/111122223333/eu-west-1/dynamodb/t-")


def test_a_result_keeps_its_fingerprint_when_only_its_text_changes() -> None:
    def fingerprints(reason: str) -> set[str]:
        found = (finding(reason=reason), stack_finding(reason=reason))
        return {e["fingerprint"] for e in quality(written(audit(*found), "codequality"))}

    assert fingerprints("one") == fingerprints("another")
    assert len(fingerprints("one")) == 2


def test_the_description_has_the_line_to_write() -> None:
    found = stack_finding(reason="It is not set.", fix_note="Set `enabled: true`.")
    (entry,) = quality(written(audit(found), "codequality"))
    assert "Set `enabled: true`." in entry["description"]


def test_what_was_not_read_is_a_result() -> None:
    results = audit(coverage(Status.DENIED), stack_coverage(Status.FAILED))
    report = quality(written(results, "codequality"))
    assert [entry["check_name"] for entry in report] == ["incomplete-coverage"] * 2


def test_stacks_of_the_same_name_have_their_own_results() -> None:
    stacks = [
        stack_coverage(Status.FAILED, backend=backend)
        for backend in ("", "", "https://api.pulumi.com")
    ]
    assert len(quality(written(Audit(run(), stacks), "codequality"))) == 3
