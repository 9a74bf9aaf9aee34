"""The report for terminals."""

from __future__ import annotations

import io

import pytest

from audit.reports import words
from audit.reports.table import WIDTH, write
from audit.results import Audit, Coverage, Finding, OwnerKind, Status, Verdict
from tests.audit.reports.reading import written
from tests.audit.results import (
    BUCKET,
    URN,
    audit,
    coverage,
    finding,
    owned_by,
    stack_coverage,
    stack_finding,
)


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def on_terminal(results: Audit) -> str:
    out = _Terminal()
    write(results, out)
    return out.getvalue()


def test_what_a_reader_needs_comes_first() -> None:
    text = written(
        audit(
            finding(table="orders"),
            finding(Verdict.UNDETERMINED, table="users"),
            finding(Verdict.NOT_READ, table="carts"),
            finding(Verdict.COMPLIANT, table="fine"),
            finding(Verdict.EXEMPT, table="tolerated"),
            coverage(Status.DENIED, region="sa-east-1"),
        ),
        "table",
    )
    shown = [
        "5 tables in 1 account and 2 Regions: 1 violation, 1 undetermined, 1 not read, 1 exempt"
    ]
    shown += [
        "so there can be more tables",
        "sa-east-1",
        "orders",
        "update-table",
        "users",
        "carts",
    ]
    positions = [text.index(part) for part in shown]
    assert positions == sorted(positions)
    assert "fine" not in text
    assert "tolerated" not in text


@pytest.mark.parametrize(
    ("results", "sentence"),
    [
        ([finding()], "1 table in 1 account and 1 Region: "),
        ([stack_finding()], "1 table in 1 stack: "),
        (
            [stack_finding(), stack_coverage(Status.FAILED, stack="acme/shop/prod")],
            "1 table in 2 stacks: ",
        ),
        ([stack_coverage(Status.FAILED, stack="", backend=BUCKET)], "0 tables in 0 stacks: "),
        (
            [finding(), stack_finding(), stack_coverage(stack="acme/shop/prod")],
            "1 table in 1 account and 1 Region, and 1 more table in 2 stacks: ",
        ),
    ],
)
def test_tables_are_counted_by_accounts_and_by_stacks(
    results: list[Finding | Coverage], sentence: str
) -> None:
    assert written(audit(*results), "table").startswith(sentence)


def test_accounts_stacks_and_backends_that_were_not_read_are_counted() -> None:
    text = written(
        audit(
            finding(),
            coverage(Status.DENIED, region="us-east-1"),
            stack_coverage(Status.FAILED),
            stack_coverage(Status.FAILED, stack="acme/shop/prod"),
            stack_coverage(Status.FAILED, stack="", backend=BUCKET),
        ),
        "table",
    )
    assert "1 account or Region, 2 stacks, and 1 backend could not be read completely" in text
    assert "Accounts and Regions that were not read completely (1)" in text
    assert "Stacks that were not read completely (3)" in text


def test_stacks_of_several_backends_can_be_told_apart() -> None:
    found = [stack_finding(), stack_finding(backend=BUCKET)]
    assert "Backend" not in written(audit(*found[:1]), "table")
    text = written(audit(*found), "table")
    assert "Backend" in text
    assert f"orders in stack acme/shop/dev in {BUCKET}: {URN}" in text


def test_the_fix_of_a_stack_is_text_and_that_of_aws_names_the_owner() -> None:
    text = written(audit(stack_finding(), finding(owner=owned_by(OwnerKind.PULUMI))), "table")
    lines = text.splitlines()
    start = lines.index("To fix, change the programs of the stacks:")
    assert lines[start + 1 : start + 3] == [
        f"orders in stack acme/shop/dev: {URN}",
        "Set `serverSideEncryption: { enabled: true }`.",
    ]
    assert f"# Managed by the resource {URN} of the Pulumi stack acme/shop/dev." in lines
    assert "Violations (1)" in text
    assert "Violations in stacks (1)" in text


def test_the_same_change_of_several_programs_is_shown_once() -> None:
    change, other = "Set `enabled: true`.", "Change the template."
    found = [
        stack_finding(fix_note=change),
        stack_finding(table="users", fix_note=other),
        stack_finding(stack="acme/shop/prod", fix_note=change),
    ]
    blocks = words.fixes(found)
    first, last = words.place(found[0]), words.place(found[2])
    assert blocks == [[first, last, change], [words.place(found[1]), other]]
    assert written(audit(*found), "table").count(change) == 1


@pytest.mark.parametrize("kind", OwnerKind)
def test_the_commands_for_a_table_that_a_stack_manages_are_comments(kind: OwnerKind) -> None:
    lines = [*words.fix_lines(finding(fix="aws x", owner=owned_by(kind)))]
    is_managed = kind in (OwnerKind.PULUMI, OwnerKind.CLOUDFORMATION)
    assert lines[-1] == ("# aws x" if is_managed else "aws x")


def test_nothing_found_is_said_plainly() -> None:
    assert "No tables were found." in written(audit(coverage()), "table")
    text = written(audit(finding(Verdict.COMPLIANT)), "table")
    assert "No violations were found." in text
    text = written(audit(coverage(), coverage(Status.FAILED, region="us-east-1")), "table")
    assert "No tables were found. 1 account or Region could not be read completely" in text
    text = written(audit(coverage(Status.FAILED)), "table")
    assert "Nothing was read, so this report shows nothing about your tables." in text


@pytest.mark.parametrize("width", ["40", "80"])
def test_commands_are_one_line_on_a_narrow_terminal(
    width: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", width)
    monkeypatch.setenv("TERM", "xterm")
    command = f"aws dynamodb update-table --table-name {'x' * 200} --region eu-west-1"
    assert command in on_terminal(audit(finding(fix=f"{command}\n{command}")))


def test_names_are_not_cut() -> None:
    name = "a-long-name." * 20
    text = written(audit(finding(table=name, fix="")), "table")
    lines = text.splitlines()
    header = next(line for line in lines if "Account  " in line)
    column = slice(header.index("Table"), header.index("Reason"))
    assert name in "".join(line[column].strip() for line in lines)


def test_colors_are_for_terminals_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[" not in written(audit(finding()), "table")
    assert "\x1b[" in on_terminal(audit(finding()))
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[3" not in on_terminal(audit(finding()))


def test_control_characters_and_markup_are_text() -> None:
    text = written(
        audit(finding(reason="\x1b[2J\x9b2J[bold]x[/bold] :smile:", table="a\nrm -rf ~", fix="")),
        "table",
    )
    assert r"\x1b[2J\x9b2J[bold]x[/bold] :smile:" in text
    assert "\nrm -rf" not in text
    assert r"a\nrm -rf" in text


def test_tables_in_a_pipe_have_a_fixed_width_and_no_spaces_at_the_end() -> None:
    text = written(audit(finding(reason="A long reason. " * 50, fix="")), "table")
    assert all(len(line) <= WIDTH for line in text.splitlines())
    assert " \n" not in text
