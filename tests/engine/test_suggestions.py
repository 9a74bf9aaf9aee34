"""The exemptions that the audit suggests, on the engine: refused until they have reasons."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from audit.exemptions import Suggestions, exceptions, exemptions, write
from audit.results import Audit
from tests.audit.test_exemptions import audit_of, filled_in, rejected
from tests.engine.test_policy_config import written
from tests.project import DEPLOYED, Project, for_all_policies, reported
from tests.tools.policy_config.cli import run
from tools.policy_config.state import read_state

TABLE = {
    "Type": "AWS::DynamoDB::Table",
    "Properties": {
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    },
}
PROGRAM = f"""
table("orders")
table("carts", server_side_encryption=ENABLED)
template = {{"Resources": {{"Users": {TABLE}, "Sessions": {TABLE}}}}}
aws.cloudformation.Stack("template", name="template", template_body=json.dumps(template))
"""
REFUSED = "still has the placeholder as its reason: say why the table is exempt."

Suggest = Callable[[Audit], Suggestions]


def suggested(project: Project, suggest: Suggest, folder: Path) -> dict[str, Any]:
    """Deploy the program, and return the settings for the tables that the pack rejects."""
    project.deploy(PROGRAM)
    result = project.preview()
    assert result.exit_code != 0
    assert reported(result, DEPLOYED) == {"orders", "template"}, result.output
    tables = read_state(project.export()).tables
    assert {name for name, _ in tables} == {"orders", "carts", "Users", "Sessions"}
    audit = audit_of(*(rejected(name, urn) for name, urn in tables if name != "carts"))
    file = folder / "suggested.json"
    write(audit, suggest, file)
    refused = run("write", file, "--output", folder / "refused.json")
    assert refused.exit_code == 2
    assert REFUSED in refused.output
    settings: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return settings


def test_the_engine_rejects_exemptions_without_reasons(project: Project, tmp_path: Path) -> None:
    settings = suggested(project, exemptions, tmp_path)
    assert len(settings["exemptions"]) == 3
    unfilled = project.preview(*project.config(for_all_policies(**settings)))
    assert unfilled.exit_code != 0
    assert reported(unfilled) == {"orders", "carts", "template"}
    assert f"exemptions[0] {REFUSED}" in unfilled.output
    assert "Traceback" not in unfilled.output
    config = written(tmp_path, filled_in(settings))
    for run_pack in (project.preview, project.analyze):
        result = run_pack(*config)
        assert result.exit_code == 0, result.output
    # Each exemption is for one table of this stack.
    project.write(PROGRAM.replace("Users", "Others"))
    assert reported(project.preview(*config)) == {"template"}


@pytest.mark.needs_engine("3.274.1", "older CLIs have no policy exceptions")
def test_policy_exceptions_with_reasons_are_accepted(project: Project, tmp_path: Path) -> None:
    settings = suggested(project, exceptions, tmp_path)
    assert len(settings["exceptions"]) == 2
    result = project.preview(*written(tmp_path, filled_in(settings)))
    assert result.exit_code == 0, result.output
