"""The pages about the audit against it: reports, options, verdicts, exit codes, and names."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from audit.commands import main
from audit.events.reports import REPORTS as POLICY_REPORTS
from audit.events.results import Outcome
from audit.reports import REPORTS
from audit.reports.csv import COLUMNS
from audit.results import Status, Verdict
from policies.settings.schema import SCHEMA
from tests.audit.cli import environment, run_audit
from tests.docs.markdown import rows
from tests.project import for_all_policies
from tests.tools.release.pulumi_commands import commands, wrong_with
from tools import CHECKOUT
from tools.docs import audit as generator
from tools.docs import policy_results, stacks
from tools.sandbox import Sandbox
from tools.sandbox.account import Account, Denied, Error, Fault, TableState
from tools.sandbox.account.population import populate

PAGE = generator.PAGE.read_text(encoding="utf-8")
PAGES = {
    module.PAGE.name: module.PAGE.read_text(encoding="utf-8")
    for module in (generator, stacks, policy_results)
}
README = (CHECKOUT / "README.md").read_text(encoding="utf-8")
STACKS, POLICIES = PAGES["stacks.md"], PAGES["policy-results.md"]
AUDIT = re.compile(r"(?:venv/bin/python -m audit|tools/audit) ([^|\n]*[^|\s])")
OF_OTHERS = {
    "--event-log", "--json", "--policy-pack", "--policy-pack-config", "--show-secrets",
}  # fmt: skip
"""The options of `pulumi` in the text of the pages."""


def scripts(page: str) -> list[str]:
    """Return the blocks of shell commands of a page."""
    return re.findall(r"^```sh\n(.*?)^```$", page, re.M | re.S)


def audits(page: str) -> list[str]:
    """Return the arguments of each audit in the scripts of a page."""
    return [words for script in scripts(page) for words in AUDIT.findall(script)]


def section(heading: str) -> str:
    """Return the text of a section, without its heading."""
    level = heading.split(" ", maxsplit=1)[0]
    text = PAGE.split(f"\n{heading}\n")[1]
    return re.split(rf"\n#{{1,{len(level)}}} ", text)[0]


def help_of(*words: str) -> str:
    result = CliRunner().invoke(main, [*words, "--help"])
    assert result.exit_code == 0
    return result.output


def test_the_reports_of_the_page_are_those_of_the_audit(sandbox_account: Account) -> None:
    assert generator.page(sandbox_account) == PAGE, "run `make docs`"


def test_the_reports_about_stacks_are_those_of_the_audit(sandbox_account: Account) -> None:
    assert stacks.page(sandbox_account) == STACKS, "run `make docs`"


def test_the_reports_about_policies_are_those_of_a_preview(sandbox: Sandbox) -> None:
    assert policy_results.page(sandbox) == POLICIES, "run `make docs`"


def test_the_pages_name_all_options_and_no_other() -> None:
    options = {
        option
        for command in main.commands.values()
        for parameter in command.params
        if isinstance(parameter, click.Option)
        for option in parameter.opts
    }
    named = set()
    for page in PAGES.values():
        # The blocks of code are the commands of several tools, and reports.
        text = re.sub(r"^```\w+\n.*?^```$", "", page, flags=re.M | re.S)
        own = [words.partition(" -- ")[0] for words in audits(page)]
        code = " ".join(re.findall(r"`([^`]+)`", text) + own)
        named |= set(re.findall(r"--[a-z][a-z-]+", code))
    assert {option for option in options if option.startswith("--")} <= named
    assert named - options == OF_OTHERS


@pytest.mark.parametrize("page", [*PAGES.values(), README], ids=[*PAGES, "README.md"])
def test_the_commands_of_a_page_are_valid(page: str, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    found = audits(page)
    assert len(found) > 2
    for words in found:
        # An option that is parsed before it ends the command, so nothing is audited.
        own, separator, command = words.partition(" -- ")
        own_words = shlex.split(own, comments=True)
        arguments = [*own_words, "--help", *shlex.split(f"{separator}{command}")]
        result = CliRunner().invoke(main, arguments)
        assert result.exit_code == 0, (words, result.output)


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_the_pulumi_commands_of_a_page_exist(page: str) -> None:
    debug = "PULUMI_DEBUG_COMMANDS" in page
    all_words = [words for script in scripts(page) for words in commands(script)]
    all_words += [
        shlex.split(command.removeprefix("pulumi "))
        for words in audits(page)
        if (command := words.partition(" -- ")[2]).startswith("pulumi ")
    ]
    assert all_words
    assert [fault for words in all_words if (fault := wrong_with(words, debug=debug))] == []


@pytest.mark.parametrize("page", [STACKS, POLICIES], ids=["stacks.md", "policy-results.md"])
def test_what_to_try_works(page: str, tmp_path: Path) -> None:
    (script,) = scripts(page.partition("\n## Try it\n")[2].partition("\n## ")[0])
    start, *lines, stop = script.splitlines()
    assert (start, stop) == ("make sandbox", "tools/pulumi stop")
    # `pulumi` writes the stack's settings into the folder of the program.
    example, copy = "examples/insecure", tmp_path / "insecure"
    shutil.copytree(CHECKOUT / example, copy, ignore=shutil.ignore_patterns("Pulumi.*.yaml"))
    to_run = "\n".join([f"trap '{stop}' EXIT", *lines]).replace(example, str(copy))
    done = subprocess.run(
        ["sh", "-c", to_run],  # noqa: S607
        cwd=CHECKOUT, env={**os.environ, "SANDBOX_DIR": str(tmp_path / "sandbox")},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Violations (" in done.stdout
    assert {"orders", "sessions"} <= set(re.findall(r"\w+", done.stdout.partition("Violations")[2]))


def test_the_page_describes_each_format() -> None:
    headings = re.findall(r"^### (\w+)$", section("## Reports"), re.M)
    assert headings == list(REPORTS)
    listed = re.search(r"A report to write: ([^.]*)\.", " ".join(help_of("aws").split()))
    assert listed is not None
    assert re.findall(r"\w+", listed[1].replace(" or ", " ")) == headings


def test_the_page_about_policies_describes_each_format_and_outcome() -> None:
    assert [name.strip("`") for name, *_ in rows(POLICIES, "Format")] == list(POLICY_REPORTS)
    outcomes = [name.strip("`") for name, _ in rows(POLICIES, "Outcome")]
    assert outcomes == [outcome.value for outcome in Outcome]


@pytest.mark.parametrize(
    ("page", "words", "start"),
    [(PAGE, (), "Exit codes:"), (POLICIES, ("events",), "Exit codes without a COMMAND:")],
)
def test_the_exit_codes_are_those_of_the_help(
    page: str, words: tuple[str, ...], start: str
) -> None:
    codes = re.findall(r"^ +(\d)  ", help_of(*words).partition(start)[2], re.M)
    assert codes
    assert [code for code, _ in rows(page, "Exit code")] == codes


def test_the_fields_of_stacks_are_those_of_the_report() -> None:
    (block,) = re.findall(r"<!-- json -->\n\n```json\n(.*?)^```$", STACKS, re.M | re.S)
    fields = {name.strip("`") for name, _ in rows(STACKS, "Field")}
    assert fields <= json.loads(block).keys()
    assert fields <= set(COLUMNS)
    named = {name for _, text, _ in rows(STACKS, "Stack") for name in re.findall("`(.*?)`", text)}
    assert named <= {status.value for status in Status}


def test_the_coverage_table_has_each_status() -> None:
    assert {name.strip("`") for name, _ in rows(PAGE, "Coverage")} == {
        status.value for status in Status
    }


def test_the_names_in_the_sections_of_reports_exist() -> None:
    csv = set(re.findall("`(.*?)`", section("### csv")))
    columns = {"record", "verdict", "account", "owner_kind", "drift"}
    assert csv == {*columns, "finding", "coverage", "warning", "none"}
    assert columns <= set(COLUMNS)
    ocsf = (CHECKOUT / "audit/reports/ocsf.py").read_text(encoding="utf-8")
    for name in re.findall("`(.*?)`", section("### ocsf")):
        assert all(part in ocsf for part in name.split(".")), name


def test_the_exemption_of_the_page_is_valid(sandbox_account: Account, tmp_path: Path) -> None:
    (block,) = re.findall(
        r"^```json\n(.*?)^```$", section("## Settings and exemptions"), re.M | re.S
    )
    settings = json.loads(block)
    assert settings.keys() <= SCHEMA.keys()
    config = tmp_path / "policy-config.json"
    config.write_text(json.dumps(for_all_policies(**settings)), encoding="utf-8")
    sandbox_account.reset()
    words = ("aws", "--region", "eu-west-2", "--config", config)
    done = run_audit(*words, env=environment(sandbox_account))
    assert done.exit_code == 0, done.stdout + done.stderr


# The table of verdicts: the start of each row, and a table of the pretend organization.
VERDICTS = {
    "No `SSEDescription`": "sessions-aws-owned-key",
    "`SSEDescription.Status` is `DISABLING`": "orders-disabling",
    "The AWS managed key": "carts-aws-managed-key",
    "A customer managed key": "orders-customer-managed-key",
    "`KeyState` is `Updating`": "orders-key-updating",
    "`KeyState` is `Disabled`": "orders-key-disabled",
    "`KeyState` is `PendingDeletion`": "orders-key-pending-deletion",
    "`KeyState` is `PendingImport`": "orders-key-pending-import",
    "`KeyState` is `Unavailable`": "orders-key-unavailable",
    "The key is deleted": "orders-key-deleted",
    "The table is inaccessible": "orders-inaccessible",
    "The table is archived": "orders-archived",
    "`SSEDescription.Status` is `ENABLING`": "orders-updating",
    "`KeyState` is `Creating`": "orders-key-creating",
    "No `SSEDescription` while": "invoices-deleting00000",
    "`kms:DescribeKey` is denied": "ledger-key-of-other-account-hidden",
    "`dynamodb:DescribeTable` is denied": "invoices-key-by-alias",
    "`kms:DescribeKey` fails": "invoices-throttled00000",
}


@pytest.fixture(scope="module")
def verdicts(sandbox_account: Account, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The verdict of each table name of the pretend organization."""
    sandbox_account.reset()
    organization = populate(sandbox_account)
    kms = sandbox_account.client("kms")
    throttled = kms.create_key()["KeyMetadata"]["Arn"]
    sse = {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": throttled}
    sandbox_account.create_tables("invoices-throttled", 1, sse=sse)
    fault = Fault(Error("ThrottlingException"), "kms", "DescribeKey", target=throttled)
    sandbox_account.inject(fault)
    (deleting,) = sandbox_account.create_tables("invoices-deleting", 1, sse={"Enabled": True})
    sandbox_account.set_table_state(deleting, TableState.DELETING)
    sandbox_account.inject(
        Fault(Denied(), operation="DescribeTable", target="invoices-key-by-alias")
    )
    file = tmp_path_factory.mktemp("audit") / "audit.json"
    done = run_audit(
        *("aws", "--organization", "--role-name", organization.role),
        *("--external-id", organization.external_id, "--output", f"json={file}"),
        env=environment(sandbox_account) | {"AWS_MAX_ATTEMPTS": "1"},
    )
    assert done.exit_code == 1, done.stderr
    report = json.loads(file.read_text(encoding="utf-8"))
    return {found["table"]: found["verdict"] for found in report["findings"]}


def test_the_table_of_verdicts_is_the_audits(verdicts: dict[str, str]) -> None:
    table = rows(PAGE, "AWS shows")
    assert len(table) == len(VERDICTS)
    for (shown, verdict), (start, name) in zip(table, VERDICTS.items(), strict=True):
        assert shown.startswith(start)
        assert Verdict(verdict.replace(" ", "_")).value == verdicts[name], shown
