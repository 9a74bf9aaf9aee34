"""Policy exceptions, Pulumi's own exemptions, in a configuration file of version 2.

tests/engine/test_organization.py tests the exceptions that Pulumi Cloud sends with a required pack.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.engine.test_policy_config import written
from tests.project import DECLARED, DEPLOYED, POLICIES, UNDETERMINED, Project, reported
from tools import CHECKOUT
from tools.sandbox import Result

pytestmark = pytest.mark.needs_engine("3.274.1", "older CLIs have no policy exceptions")

REASON = "moved to the new account, JIRA-123"


def urn(name: str) -> str:
    """Return the URN of a table of the example `insecure` in the stack `dev`."""
    return f"urn:pulumi:dev::insecure::aws:dynamodb/table:Table::{name}"


def excepting(*names: str, policies: tuple[str, ...] = POLICIES, **entries: Any) -> dict[str, Any]:
    """Return a configuration with an exception for tables, and the entries of policies."""
    match = [{"policies": list(policies), "targets": [urn(name) for name in names]}]
    exceptions = {"EXC-1": {"reason": REASON, "match": match}}
    return {"version": 2, "policies": entries, "exceptions": exceptions}


def rejected(result: Result, policy: str = DECLARED) -> set[str]:
    """Return the names of the resources that a policy reports and no exception exempts."""
    others = [line for line in result.output.splitlines() if "[exempted]" not in line]
    return reported(Result(result.exit_code, "\n".join(others), ""), policy)


def exempted(result: Result) -> dict[str, int]:
    """Return policy → the number of its violations that exceptions exempt."""
    pattern = r"· \[exempted\]  (\S+)  \((\d+) violations?\)"
    return {policy: int(number) for policy, number in re.findall(pattern, result.output)}


def test_an_excepted_table_is_deployed_and_shown_as_exempted(
    example: Callable[[str], Project], tmp_path: Path
) -> None:
    project = example("insecure")
    result = project.preview()
    assert result.exit_code != 0
    assert (rejected(result), exempted(result)) == ({"orders", "sessions"}, {})

    one = project.config(excepting("sessions"))
    result = project.up(*one)
    assert result.exit_code != 0
    assert (rejected(result), exempted(result)) == ({"orders"}, {DECLARED: 1})
    page = (CHECKOUT / "docs/configuration.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"```text\n( +· .*\n)```", page)
    assert shown in result.output
    assert project.tables() == {}

    # One entry in the settings exempts both tables from all policies.
    targets = [urn("orders"), urn("sessions")]
    settings = {"exceptions": {"EXC-1": {"reason": REASON, "targets": targets}}}
    both = written(tmp_path, settings)
    result = project.preview(*both)
    assert result.exit_code == 0, result.output
    assert (rejected(result), exempted(result)) == (set(), {DECLARED: 2})
    result = project.up(*both)
    assert result.exit_code == 0, result.output
    # At the end of the update, the policy for deployed tables checks them, too.
    assert exempted(result) == {DECLARED: 2, DEPLOYED: 2}
    assert set(project.tables()) == {"orders", "sessions"}

    result = project.preview("--show-policy-exceptions", *both)
    assert result.exit_code == 0, result.output
    for policy in (DECLARED, DEPLOYED):
        assert f"· [exempted] [mandatory] [severity: high]  {policy}  " in result.output
    assert f"EXC-1: {REASON}" in result.output

    analyzed = project.analyze(*both)
    assert analyzed.exit_code == 0, analyzed.output
    assert rejected(analyzed) == rejected(analyzed, DEPLOYED) == set()
    for policy in (DECLARED, DEPLOYED):
        assert f"[exempted] [mandatory] [severity: high]  {policy}  " in analyzed.output
    assert f"EXC-1: {REASON}" in analyzed.output
    analyzed = project.analyze(*project.config(excepting("sessions")))
    assert analyzed.exit_code != 0
    assert rejected(analyzed) == rejected(analyzed, DEPLOYED) == {"orders"}


def test_an_exception_needs_the_name_of_each_policy(example: Callable[[str], Project]) -> None:
    project = example("insecure")
    config = project.config(excepting("orders", "sessions", policies=(DECLARED,)))
    assert project.preview(*config).exit_code == 0
    # The update creates the tables, then fails.
    result = project.up(*config)
    assert result.exit_code != 0
    assert exempted(result) == {DECLARED: 2}
    assert reported(result, DEPLOYED) == {"orders", "sessions"}
    assert set(project.tables()) == {"orders", "sessions"}


def test_an_excepted_table_is_remediated_and_an_exempt_one_is_not(
    example: Callable[[str], Project],
) -> None:
    project = example("insecure")
    exemption = {"exemptions": [{"urn": urn("orders"), "reason": REASON}]}
    remediating = {**exemption, "enforcementLevel": "remediate"}
    entries: dict[str, Any] = {DECLARED: remediating, DEPLOYED: exemption, UNDETERMINED: exemption}
    result = project.up(*project.config(excepting("orders", "sessions", **entries)))
    assert result.exit_code == 0, result.output
    tables = project.tables()
    assert tables["orders"] is None
    assert tables["sessions"]["Status"] == "ENABLED"
