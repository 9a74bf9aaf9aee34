"""The state that an audit writes: the pack judges its tables as the audit does."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from audit import state
from audit.judging import KeyDescription, Place, judge_table
from audit.results import Evidence
from policies.settings.settings import Settings
from tests.audit.cli import environment, run_audit
from tests.audit.results import audit as audit_of
from tests.keys import ACCOUNT, KEY_ARN
from tools.policy_config.configuration import text_of
from tools.sandbox import Account, Sandbox
from tools.sandbox.account.population import PopulatedOrganization

Table = tuple[str, str, str]

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""An unknown value in a state. Source: Pulumi, sdk/go/common/resource/plugin/rpc.go."""

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


def recorded(answer: dict[str, Any], key: KeyDescription | None, file: Path) -> dict[str, Any]:
    """Return the outputs of a table in the state of an audit that found only this table."""
    time = datetime(2026, 11, 26, tzinfo=timezone.utc)
    evidence = Evidence("DescribeTable", time, "", json.dumps({"Table": answer}))
    place = Place(ACCOUNT, "eu-west-1", "aws", ("eu-west-1",))
    finding = judge_table(place, answer, key, Settings(), evidence)
    state.write(audit_of(finding), file)
    resources = json.loads(file.read_text("utf-8"))["deployment"]["resources"]
    (outputs,) = (each["outputs"] for each in resources if each["type"].endswith(":Table"))
    found: dict[str, Any] = outputs
    return found


def test_what_aws_does_not_show_is_unknown_in_a_state(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    table = {"TableName": "orders", "TableStatus": "ACTIVE"}
    assert "serverSideEncryption" not in recorded(table, None, file)
    for status in ("CREATING", "DELETING", "ARCHIVED"):
        outputs = recorded({**table, "TableStatus": status}, None, file)
        assert outputs["serverSideEncryption"] == UNKNOWN
    encryption = {"Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": KEY_ARN}
    replicas = [{"RegionName": "us-east-1"}]
    of_key = {**table, "SSEDescription": encryption, "Replicas": replicas}
    for manager, expected in (("CUSTOMER", UNKNOWN), ("AWS", "")):
        metadata = {"KeyManager": manager, "KeyState": "Enabled"}
        (replica,) = recorded(of_key, KeyDescription(metadata), file)["replicas"]
        assert replica == {"regionName": "us-east-1", "kmsKeyArn": expected}
