"""The exemptions that the audit suggests: each matches one table, and waits for its reason."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.exemptions import Suggestions, exceptions, exemptions, with_exceptions, write
from audit.results import Audit, Finding, Status, UsedExemption, Verdict
from audit.settings import read_settings
from policies.exemptions import Exemption, UrnPattern
from policies.settings.reading import PLACEHOLDER, read
from tests.audit.results import HOSTILE, coverage, finding, run
from tests.keys import ACCOUNT, KEY_ARN
from tests.project import DECLARED, POLICIES, UNDETERMINED
from tests.tools.policy_config.cli import run as policy_config
from tests.tools.policy_config.cli import saved
from tools import CHECKOUT
from tools.policy_config.configuration import text_of

TABLE = "aws:dynamodb/table:Table"
TEMPLATE = "aws:cloudformation/stack:Stack"
SUGGEST = pytest.mark.parametrize("suggest", [exemptions, exceptions])
Suggest = Callable[[Audit], Suggestions]


def urn(name: str, kind: str = TABLE, stack: str = "production") -> str:
    return f"urn:pulumi:{stack}::shop::{kind}::{name}"


def rejected(name: str, of: str | None = None, **changes: Any) -> Finding:
    """Return the finding about a rejected table of a stack."""
    usual = {"stack": "acme/shop/production", "urn": of or urn(name), "rejected": True}
    return finding(**{"table": name, **usual, **changes})


def audit_of(*findings: Finding, settings: dict[str, Any] | None = None) -> Audit:
    used = replace(run().settings, written=settings or {})
    entries = [
        coverage(account="", region=None, stack=stack)
        for stack in dict.fromkeys(each.stack for each in findings)
    ]
    return Audit(run(settings=used), entries, findings)


def filled_in(settings: Any) -> Any:
    """Return settings with a reason instead of each placeholder."""
    text = json.dumps(settings)
    return json.loads(text.replace(json.dumps(PLACEHOLDER), '"moved until spring"'))


def names() -> st.SearchStrategy[str]:
    parts = st.sampled_from(["orders", "*", "::", ":", "$", "arn:", *HOSTILE]) | st.text(max_size=4)
    return st.sampled_from("ab") | st.lists(parts, max_size=3).map("".join)


def rejected_or_not() -> st.SearchStrategy[Finding]:
    kinds = [TABLE, TEMPLATE, "my:index:Store$" + TABLE, "aws:dynamodb:Table", "*"]
    urns = st.builds(
        urn, names(), st.sampled_from(kinds), st.sampled_from(["production", "dev", "de*"])
    )
    of_any = st.tuples(names(), urns)
    of_table = names().map(lambda name: (name, urn(name)))
    return st.builds(
        lambda table, stack, is_rejected: rejected(
            table[0], table[1], stack=stack, rejected=is_rejected
        ),
        of_any | of_table,
        st.sampled_from(["acme/shop/production", "organization/shop/dev"]),
        st.booleans(),
    )


@given(st.lists(rejected_or_not(), max_size=6, unique_by=lambda each: (each.table, each.urn)))
def test_each_exemption_matches_exactly_its_table(findings: list[Finding]) -> None:
    suggestions = exemptions(audit_of(*findings))
    entries = suggestions.settings["exemptions"]
    assert {entry["reason"] for entry in entries} <= {PLACEHOLDER}
    assert len(read({"exemptions": entries}).faults) == len(entries) == suggestions.number
    settings = read(filled_in({"exemptions": entries}))
    assert settings.faults == ()
    covered = []
    for exemption in settings.exemptions:
        (found,) = (each for each in findings if exemption.covers(each.table, each.urn))
        covered.append(found)
    wanted = [each for each in findings if each.rejected]
    others = [each for each in wanted if each not in suggestions.left_out]
    assert covered == sorted(others, key=lambda each: each.order)
    for each in suggestions.left_out:
        # No exemption without * would match this table only.
        by_name = Exemption("", each.table, UrnPattern(each.urn))
        is_exact = "*" not in each.table + each.urn and by_name.covers(each.table, each.urn)
        assert not is_exact or read({"exemptions": [
            {"table": each.table, "urn": each.urn, "reason": "x"}]}).faults  # fmt: skip


@given(st.lists(rejected_or_not(), max_size=6))
@SUGGEST
def test_policy_config_accepts_the_settings_with_reasons(
    suggest: Suggest, tmp_path_factory: pytest.TempPathFactory, findings: list[Finding]
) -> None:
    folder = tmp_path_factory.mktemp("settings")
    file, config = folder / "settings.json", folder / "policy-config.json"
    audit = audit_of(*findings)
    write(audit, suggest, file)
    command = ("write", file, "--output", config)
    number = suggest(audit).number
    result = policy_config(*command)
    assert result.exit_code == (2 if number else 0), result.output
    assert result.output.count(" still has the placeholder as its reason") == number
    saved(file, filled_in(json.loads(file.read_text("utf-8"))))
    assert policy_config(*command).exit_code == 0
    assert policy_config("check", config).exit_code == 0


@SUGGEST
def test_the_stacks_are_in_order_and_nothing_is_repeated(suggest: Suggest) -> None:
    dev, other = "acme/shop/dev", "file:///state"
    in_dev = urn("a", stack="dev")
    found = [
        rejected("b"),
        rejected("a", in_dev, stack=dev),
        rejected("b", backend=other),
        rejected("c", rejected=False),
        rejected("d", exemption=UsedExemption("d", "legacy")),
        rejected("a"),
    ]
    expected = [in_dev, urn("a"), urn("b")]
    for findings in (found, found[::-1]):
        settings = suggest(audit_of(*findings)).settings
        if suggest is exemptions:
            assert [each["urn"] for each in settings["exemptions"]] == expected
        else:
            assert list(settings["exceptions"]) == ["EXC-1", "EXC-2", "EXC-3"]
            assert [each["targets"] for each in settings["exceptions"].values()] == [
                [each] for each in expected
            ]


def test_the_tables_of_a_template_have_an_exemption_each_and_an_exception_together() -> None:
    stack = urn("legacy", TEMPLATE)
    audit = audit_of(rejected("Orders", stack), rejected("legacy", stack))
    (orders, legacy) = exemptions(audit).settings["exemptions"]
    assert orders == {"table": "Orders", "urn": stack, "reason": PLACEHOLDER}
    assert legacy == {"table": "legacy", "urn": stack, "reason": PLACEHOLDER}
    assert exceptions(audit).settings["exceptions"] == {
        "EXC-1": {"reason": PLACEHOLDER, "targets": [stack]}
    }


def test_a_name_that_would_be_a_pattern() -> None:
    arn = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"
    audit = audit_of(rejected("all-*"), rejected(arn))
    suggestions = exemptions(audit)
    assert suggestions.settings["exemptions"] == [{"urn": urn(arn), "reason": PLACEHOLDER}]
    assert [each.table for each in suggestions.left_out] == ["all-*"]
    # The targets of exceptions are no patterns.
    assert exceptions(audit).left_out == []
    assert exceptions(audit).number == 2
    # Its URN alone would also exempt another table with the same URN.
    another = rejected("another", urn(arn), rejected=False)
    assert [each.table for each in exemptions(audit_of(rejected(arn), another)).left_out] == [arn]


SETTINGS: dict[str, Any] = {
    "enforcementLevel": {DECLARED: "remediate", UNDETERMINED: "disabled"},
    "requireCustomerManagedKey": True,
    "allowedKmsKeys": [ACCOUNT],
    "exemptions": [{"table": "legacy-*", "reason": " moved ", "expires": "2099-01-31"}],
    "remediationKmsKey": KEY_ARN,
    "exceptions": {"EXC-1": {"reason": "approved", "targets": [urn("sessions")]}},
}


def test_the_settings_of_the_run_stay(tmp_path: Path) -> None:
    config = saved(tmp_path / "policy-config.json", text_of(SETTINGS))
    _, used = read_settings(config)
    assert used.written == SETTINGS
    found = audit_of(rejected("orders"), rejected("sessions"))
    findings = with_exceptions(found.findings, used.written)
    excepted = findings[1]
    assert (excepted.table, excepted.verdict) == ("sessions", Verdict.EXEMPT)
    assert excepted.reason.startswith("Policy exception EXC-1: ")
    assert not excepted.rejected
    audit = replace(found, run=run(settings=used), findings=findings)
    (kept, new) = exemptions(audit).settings["exemptions"]
    assert kept == SETTINGS["exemptions"][0]
    # The policy exception exempts the other table.
    assert new["table"] == "orders"
    assert exemptions(audit).settings == {**SETTINGS, "exemptions": [kept, new]}
    suggested = exceptions(audit).settings
    assert suggested == {
        **SETTINGS,
        "exceptions": {
            **SETTINGS["exceptions"],
            "EXC-2": {"reason": PLACEHOLDER, "targets": [urn("orders")]},
        },
    }


def test_the_configuration_of_warnings_gives_settings_to_enforce(tmp_path: Path) -> None:
    settings = {name: SETTINGS[name] for name in ("allowedKmsKeys", "exemptions")}
    config = saved(tmp_path / "advisory.json", text_of(settings, "advisory"))
    assert read_settings(config)[1].written == settings
    assert read_settings(None)[1].written == {}


def test_an_exception_that_names_one_policy_is_kept_and_refused(tmp_path: Path) -> None:
    match = [{"policies": [POLICIES[0]], "targets": [urn("orders")]}]
    exception = {"EXC-7": {"reason": "approved", "match": match}}
    content = {"version": 2, "policies": {}, "exceptions": exception}
    _, used = read_settings(saved(tmp_path / "policy-config.json", content))
    assert used.written == {"exceptions": exception}
    audit = replace(audit_of(rejected("orders")), run=run(settings=used))
    file = tmp_path / "settings.json"
    write(audit, exemptions, file)
    saved(file, filled_in(json.loads(file.read_text("utf-8"))))
    refused = policy_config("write", file, "--output", tmp_path / "out.json")
    assert "The exception 'EXC-7': There is no property called 'match'." in refused.output
    assert not (tmp_path / "out.json").exists()


def test_the_sentences(tmp_path: Path) -> None:
    file = tmp_path / "settings.json"
    clean = replace(rejected("clean", stack="acme/shop/dev"), rejected=False)
    audit = audit_of(rejected("orders"), rejected("all-*"), clean)
    assert write(audit, exemptions, file) == (
        f"The pack would reject 1 of 2 stacks if it were mandatory. {file} has 1 new exemption. "
        "Replace the placeholder in each reason, then write the configuration with "
        f"`tools/policy-config write {file}`. There is no exemption for 1 table, because no "
        "pattern matches exactly the name and the URN. Fix these tables or use "
        "--suggest-exceptions."
    )
    assert "has 2 new policy exceptions. Replace" in write(audit, exceptions, file)
    failed = coverage(Status.FAILED, account="", region=None, stack="acme/shop/broken")
    incomplete = replace(audit, coverage=[*audit.coverage, failed])
    sentences = write(incomplete, exceptions, file)
    assert sentences.startswith("The pack would reject 1 of 3 stacks if it were mandatory.")
    assert sentences.endswith("Not everything was read, so some may be missing. See the report.")
    assert write(audit_of(clean), exemptions, file) == (
        f"The pack would reject 0 of 1 stack if it were mandatory. {file} has no new exemption."
    )
    assert json.loads(file.read_text("utf-8")) == {"exemptions": []}


PROGRAM = """
import sys
import click
from audit.commands.run import audit, shared, suggests_exemptions
from tests.audit.test_exemptions import rejected, urn

@click.command()
@shared
@suggests_exemptions
def main(**options):
    def read(settings, collector):
        collector.findings.append(rejected("orders"))
    audit(read, **options)

main(sys.argv[1:])
"""


def command(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command with the options, which finds one rejected table."""
    program = [sys.executable, "-c", f"import sys\nsys.path.insert(0, {str(CHECKOUT)!r}){PROGRAM}"]
    return subprocess.run(
        [*program, *words], cwd=folder, capture_output=True, text=True, check=False
    )


def test_the_options(tmp_path: Path) -> None:
    saved(tmp_path / "advisory.json", text_of({"allowedKmsKeys": [ACCOUNT]}, "advisory"))
    done = command(
        tmp_path, "--config", "advisory.json", "--output", "json",
        "--suggest-exemptions", "settings.json", "--suggest-exceptions", "others.json",
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert len(json.loads(done.stdout)["findings"]) == 1
    first, second = done.stderr.splitlines()
    assert "`tools/policy-config write settings.json`" in first
    assert "others.json has 1 new policy exception." in second
    written = json.loads((tmp_path / "settings.json").read_text("utf-8"))
    assert written == {
        "allowedKmsKeys": [ACCOUNT],
        "exemptions": [{"table": "orders", "urn": urn("orders"), "reason": PLACEHOLDER}],
    }
    unfilled = saved(tmp_path / "unfilled.json", dict.fromkeys(POLICIES, written))
    refused = command(tmp_path, "--config", unfilled.name)
    assert refused.returncode == 2
    assert "exemptions[0] still has the placeholder as its reason" in refused.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--suggest-exemptions", "missing/a"), "can't be written: No such file or directory."),
        (("--suggest-exemptions", "."), "is a folder. Name a file."),
        (("--suggest-exemptions", "a", "--suggest-exceptions", "a"), "have the same file, a."),
        (("--suggest-exemptions", "a", "--output", "json=a"), "have the same file, a."),
        (
            ("--config", "advisory.json", "--suggest-exemptions", "advisory.json"),
            "advisory.json exists, and can contain reasons. Name a new file.",
        ),
    ],
)
def test_a_file_that_cannot_be_written_is_an_error_before_the_audit(
    tmp_path: Path, words: tuple[str, ...], message: str
) -> None:
    config = saved(tmp_path / "advisory.json", text_of({}))
    done = command(tmp_path, *words)
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stdout == ""
    assert config.read_text("utf-8") == text_of({})
