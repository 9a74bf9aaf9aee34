"""Changes made outside Pulumi: what the state shows before and after it is brought up to date."""

from __future__ import annotations

import pytest

from tests.project import DECLARED, DEPLOYED, Project, reported

ENCRYPTED = 'table("orders", server_side_encryption=ENABLED)'
IGNORED = """
ignored = pulumi.ResourceOptions(ignore_changes=["serverSideEncryption"])
table("orders", server_side_encryption=ENABLED, opts=ignored)
"""


@pytest.fixture
def drifted(project: Project) -> Project:
    """A project whose encrypted table got an AWS owned key outside Pulumi."""
    project.deploy(ENCRYPTED)
    change(project, {"Enabled": False})
    assert project.tables() == {"orders": None}
    return project


def change(project: Project, specification: dict[str, object]) -> None:
    """Change the encryption of the only table in AWS."""
    client = project.sandbox.client("dynamodb")
    (name,) = client.list_tables()["TableNames"]
    client.update_table(TableName=name, SSESpecification=specification)


def test_the_state_is_out_of_date_until_a_refresh(drifted: Project) -> None:
    for result in (drifted.preview(), drifted.analyze()):
        assert result.exit_code == 0, result.output
        assert "to update" not in result.output
    drifted.check("refresh", "--yes")
    result = drifted.analyze()
    assert result.exit_code != 0
    assert reported(result, DEPLOYED) == {"orders"}

    # The program still enables encryption, so an update fixes the table.
    result = drifted.up()
    assert result.exit_code == 0, result.output
    assert drifted.tables()["orders"]["SSEType"] == "KMS"


def test_preview_refresh_shows_that_the_update_changes_the_table_back(drifted: Project) -> None:
    preview = drifted.preview("--refresh")
    assert preview.exit_code == 0, preview.output
    assert "~ 1 to update" in preview.output
    assert drifted.preview("--refresh", "--expect-no-changes").exit_code != 0
    # A preview doesn't write the state.
    assert drifted.analyze().exit_code == 0
    assert "~ 1 to update" not in drifted.preview().output

    update = drifted.up("--refresh")
    assert update.exit_code == 0, update.output
    assert drifted.tables()["orders"]["SSEType"] == "KMS"
    assert drifted.preview("--refresh", "--expect-no-changes").exit_code == 0


def test_preview_refresh_rejects_what_the_update_would_not_change(drifted: Project) -> None:
    drifted.write(IGNORED)
    preview = drifted.preview()
    assert preview.exit_code == 0, preview.output
    for result in (drifted.preview("--refresh"), drifted.up("--refresh")):
        assert result.exit_code != 0
        assert reported(result, DEPLOYED) == {"orders"}


def test_a_preview_of_a_refresh_shows_the_drift_without_the_pack(drifted: Project) -> None:
    result = drifted.run("refresh", "--preview-only", "--diff", "--expect-no-changes")
    assert result.exit_code != 0
    assert "serverSideEncryption" in result.output
    assert DEPLOYED not in result.output
    assert drifted.analyze().exit_code == 0


def test_a_table_that_was_fixed_outside_pulumi_is_still_declared_without_encryption(
    project: Project,
) -> None:
    project.deploy('table("orders")')
    change(project, {"Enabled": True, "SSEType": "KMS"})
    assert reported(project.analyze(), DEPLOYED) == {"orders"}
    project.check("refresh", "--yes")
    for result in (project.analyze(), project.preview()):
        assert reported(result, DEPLOYED) == set()
        assert reported(result, DECLARED) == {"orders"}


def test_a_table_that_was_deleted_outside_pulumi_is_gone_after_a_refresh(project: Project) -> None:
    project.deploy('table("orders")')
    client = project.sandbox.client("dynamodb")
    (name,) = client.list_tables()["TableNames"]
    client.delete_table(TableName=name)
    assert reported(project.analyze(), DEPLOYED) == {"orders"}
    project.check("refresh", "--yes")
    assert project.analyze().exit_code == 0
