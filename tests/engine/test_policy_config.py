"""Files of `tools/policy-config`, read by the CLI."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.project import DECLARED, DEPLOYED, Project, reported
from tests.tools.policy_config.cli import run, saved

LEGACY = "urn:pulumi:dev::project::aws:dynamodb/table:Table::legacy"
SETTINGS = {
    "requireCustomerManagedKey": True,
    "exemptions": [{"urn": LEGACY, "reason": "moved until spring"}],
}


def written(folder: Path, settings: dict[str, Any], *options: str) -> tuple[str, str]:
    """Write a configuration file, and return the option that passes it to `pulumi`."""
    output = folder / "policy-config.json"
    result = run("write", saved(folder / "settings.json", settings), "--output", output, *options)
    assert result.exit_code == 0, result.output
    return ("--policy-pack-config", str(output))


def test_each_policy_uses_the_settings(project: Project, tmp_path: Path) -> None:
    project.write("""
        table("legacy")
        table("orders", server_side_encryption=ENABLED)
        """)
    assert reported(project.preview()) == {"legacy"}
    rejected = project.preview(*written(tmp_path, SETTINGS))
    assert rejected.exit_code != 0
    assert reported(rejected) == {"orders"}
    own_level = {**SETTINGS, "enforcementLevel": {DECLARED: "mandatory"}}
    advisory = project.preview(*written(tmp_path, own_level, "--all", "advisory"))
    assert advisory.exit_code == 0, advisory.output
    assert reported(advisory, level="advisory") == {"orders"}

    project.deploy()
    deployed = project.analyze(*written(tmp_path, SETTINGS))
    assert deployed.exit_code != 0
    assert reported(deployed, DEPLOYED) == {"orders"}
    _, config = written(tmp_path, SETTINGS)
    result = run("check", config, "--state", project.export())
    assert result.exit_code == 0, result.output
    assert f"In the states, it covers 1 table:\n  {LEGACY}" in result.stdout


def test_the_keys_of_a_real_state(project: Project, tmp_path: Path) -> None:
    project.deploy("""
        key = aws.kms.Key("key")
        table("orders", server_side_encryption={"enabled": True, "kms_key_arn": key.arn})
        table("secret", server_side_encryption=pulumi.Output.secret(
            {"enabled": True, "kms_key_arn": key.arn}))
        """)
    state = project.state()
    key = state["key"]["outputs"]["arn"]
    _, config = written(tmp_path, {"allowedKmsKeys": [key]})
    result = run("check", config, "--state", project.export())
    assert result.exit_code == 0, result.output
    orders = state["orders"]["urn"]
    assert f"In the states, it accepts a key of 1 table:\n  {orders}" in result.stdout
    plain = project.folder / "plain.json"
    project.check("stack", "export", "--show-secrets", "--file", str(plain))
    result = run("check", config, "--state", plain)
    assert f"a key of 2 tables:\n  {orders}\n  {state['secret']['urn']}" in result.stdout
