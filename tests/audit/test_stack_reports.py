"""Reports about stacks that `audit aws --stacks-report` reads."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from audit import owners
from audit.reports import json as json_report
from audit.results import Audit, Coverage, Evidence, Finding, Key, Status, UsedExemption, Verdict
from audit.stack_reports import (
    WrongReportError,
    merged,
    read_report,
    stacks_of,
    warnings_about,
)
from tests.audit.cli import environment, run_audit
from tests.audit.results import NOW, coverage, finding, run, stack_coverage, stacks_report
from tools import CHECKOUT
from tools.sandbox.account import Account, Denied, Fault

SCHEMA = CHECKOUT / "audit/reports/audit.schema.json"
STACK = "acme/shop/dev"
OF_STACK = finding(
    stack=STACK, urn="urn:pulumi:dev::shop::aws:dynamodb/table:Table::orders",
    backend="https://api.pulumi.com",
)  # fmt: skip


AUDIT = Audit(run(command=("stacks",)), [stack_coverage()], [OF_STACK])


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "stacks.json"
    file.write_text(text, encoding="utf-8", errors="surrogateescape")
    return file


def _paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the paths of all values in a JSON value."""
    items: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        items = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value))
    return [path, *(found for key, each in items for found in _paths(each, (*path, key)))]


_VALUES = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3)
    | st.lists(st.integers(), max_size=2) | st.dictionaries(st.text(max_size=2), st.none())
)  # fmt: skip


@given(data=st.data())
def test_any_change_of_a_report_is_refused_or_read(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.getbasetemp() / "changed.json"
    resource = {"Resource": {"arns": [OF_STACK.arn], "encryption": {"enabled": True}}}
    evidence = replace(OF_STACK.evidence, answer=json.dumps(resource))
    used = UsedExemption("orders", "old", None)
    first = replace(OF_STACK, evidence=evidence, exemption=used, key=Key("arn"))
    stacks_report(file, first, OF_STACK, stack_coverage(updated=NOW), stack_coverage(stack="b"))
    changed = json.loads(file.read_text(encoding="utf-8"))
    *parents, last = data.draw(st.sampled_from(_paths(changed)[1:]))
    place = changed
    for key in parents:
        place = place[key]
    place[last] = data.draw(_VALUES)
    file.write_text(json.dumps(changed), encoding="utf-8")
    try:
        audit = read_report(file)
    except WrongReportError:
        return
    list(warnings_about(file, audit, {}, NOW))
    read = [coverage()]
    findings = owners.join([finding()], {}, read, merged([stacks_of(audit)]), NOW)
    json_report.write(Audit(run(), audit.coverage, findings), io.StringIO())


WRONG = {
    "empty": ("", "This is not a JSON report of the audit, or it is cut off."),
    "another JSON": ("[]", "This is not a JSON report of the audit"),
    "no text": ("\udcff", "This is not a JSON report of the audit."),
    "nested deeply": ("[" * 100_000, "This is not a JSON report of the audit."),
    "another version": (
        '{"run": {"schema_version": "9.0"}}',
        "The report has version 9.0 of the format.",
    ),
}


@pytest.mark.parametrize(("text", "expected"), WRONG.values(), ids=WRONG)
def test_a_file_that_is_no_report(tmp_path: Path, text: str, expected: str) -> None:
    file = written(tmp_path, text)
    with pytest.raises(WrongReportError) as caught:
        read_report(file)
    message = str(caught.value)
    assert message.startswith(f"{file} can't be used. {expected}")
    assert message.endswith(f"Write it with `python -m audit stacks --output json={file}`.")


def test_a_file_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(WrongReportError, match=r"none\.json can't be read: No such file"):
        read_report(tmp_path / "none.json")


def test_a_report_about_accounts(tmp_path: Path) -> None:
    for results in ((coverage(),), (finding(), stack_coverage())):
        with pytest.raises(WrongReportError, match="is a report about AWS accounts"):
            read_report(stacks_report(tmp_path / "aws.json", *results))


def test_a_report_without_stacks(tmp_path: Path) -> None:
    with pytest.raises(WrongReportError, match="has no stacks"):
        read_report(stacks_report(tmp_path / "none.json"))


@pytest.mark.parametrize(
    ("command", "gaps", "is_list"),
    [
        (("stacks",), 0, True),
        (("stacks", "--organization", "acme", "--backend", "s3://stacks"), 0, True),
        (("stacks", "--project", "shop"), 1, True),
        (("stacks", "--project=shop", "--stack=*/dev"), 2, True),
        (("state", "dev.json"), 0, False),
        ((), 0, False),
    ],
)
def test_whether_a_report_has_all_stacks(
    tmp_path: Path, command: tuple[str, ...], gaps: int, is_list: bool
) -> None:
    file = stacks_report(tmp_path / "stacks.json", stack_coverage(), command=command)
    stacks = stacks_of(read_report(file))
    assert len(stacks.gaps) == gaps
    assert (stacks.listed is not None) is is_list
    assert bool(stacks.missing) is (gaps > 0 or not is_list)


def test_warnings(tmp_path: Path) -> None:
    file = stacks_report(tmp_path / "stacks.json", stack_coverage(), started=NOW, finished=NOW)
    audit = read_report(file)
    same = audit.run.settings.values
    assert list(warnings_about(file, audit, same, NOW + timedelta(hours=23))) == []
    (old,) = warnings_about(file, audit, same, NOW + timedelta(hours=25))
    assert old.startswith(f"{file} is 25 hours old.")
    (other,) = warnings_about(file, audit, {**same, "requireCustomerManagedKey": True}, NOW)
    assert "has other settings than this audit" in other


def test_a_time_without_a_time_zone_is_read(tmp_path: Path) -> None:
    file = stacks_report(tmp_path / "stacks.json", stack_coverage(), started=NOW, finished=NOW)
    file.write_text(file.read_text(encoding="utf-8").replace("30:00Z", "30:00"), encoding="utf-8")
    audit = read_report(file)
    assert audit.run.finished.tzinfo is None
    assert stacks_of(audit).listed is not None
    assert len(list(warnings_about(file, audit, {}, NOW + timedelta(days=9)))) == 2


def test_the_newest_report_of_a_stack_is_used() -> None:
    old, new = (
        stacks_of(replace(AUDIT, run=run(command=("stacks",), started=time), findings=[record]))
        for time, record in (
            (NOW, OF_STACK),
            (NOW + timedelta(hours=1), replace(OF_STACK, verdict=Verdict.COMPLIANT)),
        )
    )
    both = merged([old, new])
    assert [each.verdict for each in both.findings] == [Verdict.COMPLIANT]
    assert both.coverage == [stack_coverage()]
    assert both.listed == NOW
    other = replace(old, coverage=[stack_coverage(stack="acme/other/dev")], findings=[])
    assert len(merged([new, other]).coverage) == 2


def reported(
    *results: Any, hours: int = 0, command: tuple[str, ...] = ("stacks",)
) -> owners.Stacks:
    """Return what a report with these results shows, some hours after `NOW`."""
    found = [each for each in results if isinstance(each, Finding)]
    entries = [each for each in results if not isinstance(each, Finding)]
    started = NOW + timedelta(hours=hours)
    return stacks_of(Audit(run(command=command, started=started), entries, found))


def test_a_newer_report_that_could_not_read_a_stack_hides_no_finding() -> None:
    old = reported(stack_coverage(), OF_STACK)
    failed = stack_coverage(Status.FAILED)
    newer = replace(OF_STACK, urn=f"{OF_STACK.urn}-2")
    for new, expected in (
        (reported(failed, hours=1), [OF_STACK]),
        (reported(failed, newer, hours=1), [newer, OF_STACK]),
        (reported(failed, replace(OF_STACK, reason="new"), hours=1), ["new"]),
    ):
        both = merged([old, new])
        assert both.coverage == [failed]
        assert both.missing
        shown = [each.reason if expected == ["new"] else each for each in both.findings]
        assert shown == expected
    newest = reported(stack_coverage(), hours=2)
    assert merged([old, reported(failed, OF_STACK, hours=1), newest]).findings == []


def of_file(table: Finding, hours: int = 0, **changes: Any) -> Finding:
    """Return a finding of a state that `audit state` read."""
    evidence = replace(table.evidence, time=NOW + timedelta(hours=hours))
    return replace(table, stack="shop/dev", backend="", evidence=evidence, **changes)


def test_states_of_equal_names_of_two_organizations_are_both_kept() -> None:
    state = ("state", "dev.json")
    acme = of_file(OF_STACK)
    other = of_file(OF_STACK, arn=OF_STACK.arn.replace("table/", "table/other-"))
    entries = [
        stack_coverage(status, stack="shop/dev", backend="") for status in (Status.READ,) * 2
    ]
    entries[1] = replace(entries[1], status=Status.FAILED)
    sources = [
        reported(entry, each, command=state)
        for entry, each in zip(entries, (acme, other), strict=True)
    ]
    for order in (sources, sources[::-1]):
        both = merged(order)
        assert {each.arn for each in both.findings} == {acme.arn, other.arn}
        assert set(both.coverage) == set(entries)


def test_the_newest_state_of_a_table_is_used() -> None:
    state = ("state", "dev.json")
    entry = stack_coverage(stack="shop/dev", backend="")
    old, new = of_file(OF_STACK), of_file(OF_STACK, hours=1, verdict=Verdict.COMPLIANT)
    sources = [reported(entry, each, command=state) for each in (old, new)]
    for order in (sources, sources[::-1]):
        both = merged(order)
        assert both.findings == [new]
        assert both.coverage == [entry]


def test_states_without_an_arn_are_one_table_only_if_they_are_equal() -> None:
    state = ("state", "dev.json")
    entry = stack_coverage(stack="shop/dev", backend="")
    first = of_file(OF_STACK, arn="")
    second = replace(first, reason="Another reason.")
    sources = [reported(entry, each, command=state) for each in (first, second, first)]
    assert merged(sources).findings == [first, second]


_merging = st.lists(
    st.lists(
        st.tuples(st.sampled_from(["a", "b"]), st.sampled_from(Status), st.booleans()),
        max_size=3, unique_by=lambda each: each[0],
    ),
    max_size=4,
)  # fmt: skip


@given(_merging)
def test_merging_keeps_what_no_newer_report_read(
    reports: list[list[tuple[str, Status, bool]]],
) -> None:
    sources: list[owners.Stacks] = []
    expected: set[str] = set()
    for hours, stacks in enumerate(reports):
        results: list[Coverage | Finding] = []
        for name, status, has_table in stacks:
            results.append(stack_coverage(status, stack=name))
            if status is Status.READ:
                expected = {urn for urn in expected if not urn.startswith(name)}
            if has_table:
                urn = f"{name} {hours}"
                results.append(replace(OF_STACK, stack=name, urn=urn))
                expected.add(urn)
        sources.append(reported(*results, hours=hours))
    both = merged(sources)
    assert {each.urn for each in both.findings} == expected
    newest = {name: status for stacks in reports for name, status, _ in stacks}
    assert {each.stack: each.status for each in both.coverage} == newest


def test_a_report_of_one_organization_names_it() -> None:
    one = reported(stack_coverage(), command=("stacks", "--organization", "acme"))
    other = reported(stack_coverage(), command=("stacks", "--organization=other"))
    everything = reported(stack_coverage())
    assert merged([everything]).organizations == ()
    assert merged([one, everything, other, one]).organizations == ("acme", "other")
    assert reported(stack_coverage(), command=("state", "--organization")).organizations == ()
    assert reported(stack_coverage(), command=("stacks", "--organization")).organizations == ("",)


@pytest.fixture
def account(sandbox_account: Account) -> Account:
    """An account with two tables."""
    sandbox_account.reset()
    sandbox_account.create_tables("table-", 2)
    return sandbox_account


def joined(account: Account, *arguments: str | Path) -> tuple[int, dict[str, Any]]:
    """Run the audit of one Region, and return its exit code and its report."""
    words = ("aws", "--region", "us-east-1", "--output", "json", *arguments)
    done = run_audit(*words, env=environment(account))
    return done.exit_code, done.report


def record(table: dict[str, Any]) -> Any:
    """Return the finding of a stack about a table that the audit found."""
    answer = json.dumps({"Resource": {"arns": [table["arn"]], "encryption": {"enabled": True}}})
    time = datetime.now(timezone.utc) - timedelta(hours=1)
    return replace(OF_STACK, arn=table["arn"], evidence=Evidence("state", time, "", answer))


def test_the_command_joins(account: Account, tmp_path: Path) -> None:
    _, alone = joined(account)
    assert [each["owner"] for each in alone["findings"]] == [None, None]
    first, _ = alone["findings"]
    missing = replace(record(first), stack="acme/other/dev", arn=f"{first['arn']}-gone")
    entries = [stack_coverage(listed=1, judged=1), stack_coverage(stack="acme/other/dev")]
    report = stacks_report(tmp_path / "stacks.json", record(first), missing, *entries)
    state = tmp_path / "state.json"
    exit_code, found = joined(account, "--stacks-report", report, "--state", state)
    assert exit_code == 1
    Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8"))).validate(found)
    tables = re.findall('"name": "(.*?)"', state.read_text(encoding="utf-8"))
    assert set(tables) == {"table-00000", "table-00001"}
    kinds = [each["owner"] and each["owner"]["kind"] for each in found["findings"]]
    assert kinds == ["pulumi", "none", None]
    assert found["findings"][0]["owner"]["stack"] == STACK
    assert "AWS shows no KMS key" in found["findings"][0]["drift"]
    assert found["findings"][0]["evidence"]["source"] == "DescribeTable, ListTagsOfResource"
    assert [each["stack"] for each in found["coverage"]] == [None, "acme/other/dev", STACK]
    verdicts = [each["verdict"] for each in found["findings"]]
    assert verdicts == ["violation", "violation", "undetermined"]


def test_a_violation_of_a_stack_is_reported_if_aws_refuses_the_table(
    account: Account, tmp_path: Path
) -> None:
    _, alone = joined(account)
    first, _ = alone["findings"]
    account.inject(Fault(Denied(), "dynamodb", "DescribeTable"))
    for records, expected in (([record(first)], 1), ([], 3)):
        entry = stack_coverage(listed=len(records), judged=len(records))
        report = stacks_report(tmp_path / f"{expected}.json", *records, entry)
        exit_code, found = joined(account, "--stacks-report", report)
        assert exit_code == expected
        verdicts = [each["verdict"] for each in found["findings"]]
        assert verdicts == ["not_read", "not_read", *["violation" for _ in records]]
        assert "The table was not read." in found["findings"][1]["owner"]["note"]
        assert found["run"]["warnings"] == []
    account.remove_faults()


def test_tags_that_are_denied_leave_the_owner_unknown(account: Account, tmp_path: Path) -> None:
    account.inject(Fault(Denied(), "dynamodb", "ListTagsOfResource"))
    report = stacks_report(tmp_path / "stacks.json", stack_coverage())
    exit_code, found = joined(account, "--stacks-report", report)
    account.remove_faults()
    assert exit_code == 1
    assert {each["owner"]["kind"] for each in found["findings"]} == {"unknown"}
    assert {each["verdict"] for each in found["findings"]} == {"violation"}
    (warning,) = found["run"]["warnings"]
    assert warning.startswith("The owner of 2 tables can't be determined")
    assert "dynamodb:ListTagsOfResource" in warning


def test_a_stack_that_was_not_read_makes_the_audit_incomplete(
    account: Account, tmp_path: Path
) -> None:
    for table in ("table-00000", "table-00001"):
        account.client("dynamodb").update_table(TableName=table, SSESpecification={"Enabled": True})
    for status, expected in ((Status.READ, 0), (Status.DENIED, 3)):
        report = stacks_report(tmp_path / f"{expected}.json", stack_coverage(status))
        assert joined(account, "--stacks-report", report)[0] == expected


def test_a_wrong_report_is_wrong_usage(account: Account, tmp_path: Path) -> None:
    done = run_audit("aws", "--stacks-report", written(tmp_path, "{}"), env=environment(account))
    assert done.exit_code == 2
    assert "This is not a JSON report of the audit" in " ".join(done.stderr.split())
    assert account.calls() == []


def test_stacks_need_the_cli(account: Account, tmp_path: Path) -> None:
    env = {**environment(account), "PATH": str(tmp_path)}
    done = run_audit("aws", "--stacks", env=env)
    assert done.exit_code == 2
    assert "There is no `pulumi` on PATH." in done.stderr
    assert account.calls() == []


@pytest.mark.parametrize("ends", ["a signal", "the time limit"])
def test_an_audit_that_ends_while_stacks_are_read_has_all_tables(
    account: Account, tmp_path: Path, ends: str
) -> None:
    started = tmp_path / "started"
    cli = tmp_path / "pulumi"
    cli.write_text(f"#!/bin/sh\ntouch {started}\nsleep 60\n", encoding="utf-8")
    cli.chmod(0o755)
    seconds = "60" if ends == "a signal" else "6"
    words = ("aws", "--stacks", "--region", "us-east-1", "--output", "json", "--timeout", seconds)
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    with subprocess.Popen(
        [sys.executable, "-m", "audit", *words],
        cwd=CHECKOUT, env={**environment(account), "PATH": path}, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        while not started.exists():
            time.sleep(0.05)
        if ends == "a signal":
            process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=30)
    report = json.loads(output)
    assert process.returncode == 1
    assert [each["verdict"] for each in report["findings"]] == ["violation"] * 2
    assert {each["owner"]["kind"] for each in report["findings"]} == {"unknown"}
    assert not report["run"]["complete"]
    assert len(report["run"]["warnings"]) == 1
