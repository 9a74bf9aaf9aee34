"""The state that an audit writes: the pack judges its tables as the audit does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.audit.cli import environment, run_audit
from tools.policy_config.configuration import text_of
from tools.sandbox import Account, Sandbox
from tools.sandbox.account.population import PopulatedOrganization

Table = tuple[str, str, str]

NOT_IN_A_STATE = {
    # A state has keys, but not their absence, their aliases, or a change of their state.
    "ledger-key-of-other-account-hidden": ("undetermined", "compliant"),
    "orders-key-creating": ("undetermined", "compliant"),
    "orders-key-deleted": ("violation", "compliant"),
}


def of_audit(report: dict[str, Any]) -> dict[Table, str]:
    return {
        (each["account"], each["region"], each["table"]): each["verdict"]
        for each in report["findings"]
    }


def of_policies(output: str, tables: set[Table]) -> dict[Table, str]:
    """Return the verdicts of the policies, from the events of `pulumi policy analyze --json`."""
    verdicts = dict.fromkeys(tables, "compliant")
    for line in output.splitlines():
        event = json.loads(line).get("policyEvent")
        if event is None or "::aws:dynamodb/table:Table::" not in event.get("resourceUrn", ""):
            continue
        stack, project, _, name = event["resourceUrn"].split("::")
        place = (stack.removeprefix("urn:pulumi:"), project, name)
        if verdicts[place] != "violation":
            is_advisory = event["enforcementLevel"] == "advisory"
            verdicts[place] = "undetermined" if is_advisory else "violation"
    return verdicts


@pytest.mark.parametrize(
    "settings",
    [{}, {"requireCustomerManagedKey": True}, {"exemptions": [{"table": "c*", "reason": "old"}]}],
)
def test_the_pack_judges_the_state_as_the_audit_judges_the_account(
    sandbox_account: Account,
    organization: PopulatedOrganization,
    pack: Path,
    tmp_path: Path,
    settings: dict[str, Any],
) -> None:
    config, state = tmp_path / "policy-config.json", tmp_path / "state.json"
    config.write_text(text_of(settings), encoding="utf-8")
    audit = run_audit(
        "aws", "--organization", "--role-name", organization.role,
        "--external-id", organization.external_id, "--config", config, "--output", "json",
        "--state", state, env=environment(sandbox_account),
    )  # fmt: skip
    expected = of_audit(audit.report)
    with Sandbox(tmp_path / "sandbox", account=sandbox_account) as sandbox:
        analysis = sandbox.pulumi(
            "policy", "analyze", "--policy-pack", str(pack), "--policy-pack-config", str(config),
            "--file", str(state), "--json", cwd=tmp_path,
        )  # fmt: skip
    found = of_policies(analysis.stdout, set(expected))
    assert "violation" in found.values()
    differences = {
        name: (verdict, found[place, region, name])
        for (place, region, name), verdict in expected.items()
        if verdict != found[place, region, name] and verdict != "exempt"
    }
    assert differences == NOT_IN_A_STATE
