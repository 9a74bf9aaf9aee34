"""The tables that a program declares, in previews and updates."""

from __future__ import annotations

import pytest

from tests.project import DECLARED, DEPLOYED, Project, reported

WITH_A_NEW_KEY = """
key = aws.kms.Key("key")
table("orders", server_side_encryption={"enabled": %s, "kms_key_arn": key.arn})
"""


def test_accepts_a_key_created_in_the_same_update(project: Project) -> None:
    project.write(WITH_A_NEW_KEY % True)
    for result in (project.preview(), project.up()):
        assert result.exit_code == 0, result.output
        assert "can't run policy" not in result.output
    assert project.tables()["orders"]["SSEType"] == "KMS"


def test_rejects_a_disabled_table_with_a_key(project: Project) -> None:
    project.write(WITH_A_NEW_KEY % False)
    result = project.preview()
    assert reported(result) == {"orders"}
    assert "so serverSideEncryption.kmsKeyArn has no effect" in result.output


def test_rejects_an_arn_of_another_service(project: Project) -> None:
    project.write("""
        block = {"enabled": True, "kms_key_arn": "arn:aws:s3:::orders"}
        table("orders", server_side_encryption=block)
        """)
    result = project.preview()
    assert result.exit_code != 0
    assert reported(result) == {"orders"}
    assert "sets serverSideEncryption.kmsKeyArn to an ARN of another service (s3)" in result.output


def test_checks_a_secret_key_and_does_not_print_it(project: Project) -> None:
    project.write("""
        key = pulumi.Output.secret("arn:aws:hunter2:::hunter2")
        table("orders", server_side_encryption={"enabled": True, "kms_key_arn": key})
        """)
    result = project.preview()
    assert reported(result) == {"orders"}
    assert "hunter2" not in result.output


@pytest.mark.parametrize("enabled", [True, False])
def test_enabled_is_known_only_during_the_update(project: Project, enabled: bool) -> None:
    project.write(f"""
        enabled = aws.kms.Key("key").key_id.apply(lambda _: {enabled})
        table("orders", server_side_encryption={{"enabled": enabled}})
        """)
    preview = project.preview()
    assert preview.exit_code == 0, preview.output
    assert "can't be known during preview" in preview.output
    assert "[advisory]" in preview.output
    update = project.up("--skip-preview")
    assert (update.exit_code == 0) is enabled, update.output
    assert ("orders" in project.tables()) is enabled
    assert reported(update) == (set() if enabled else {"orders"})


def test_an_undetermined_table_does_not_hide_a_rejected_table(project: Project) -> None:
    project.write("""
        enabled = aws.kms.Key("key").key_id.apply(lambda _: True)
        table("unknown", server_side_encryption={"enabled": enabled})
        table("insecure")
        table("secure", server_side_encryption=ENABLED)
        """)
    result = project.preview()
    assert result.exit_code != 0
    assert reported(result) == {"insecure"}


def test_rejects_a_table_in_a_component(project: Project) -> None:
    project.write("""
        class Store(pulumi.ComponentResource):
            def __init__(self, name):
                super().__init__("pkg:index:Store", name)
                opts = pulumi.ResourceOptions(parent=self)
                table("inner", opts=opts)
                table("secure", opts=opts, server_side_encryption=ENABLED)

        Store("store")
        """)
    result = project.preview()
    assert result.exit_code != 0
    assert reported(result) == {"inner"}


def test_checks_tables_in_every_region(project: Project) -> None:
    regions = ("eu-west-1", "us-west-2")
    program = f"""
        for region in {regions}:
            opts = pulumi.ResourceOptions(provider=aws.Provider(region, region=region))
            table(f"good-{{region}}", opts=opts, server_side_encryption=ENABLED)
        """
    project.write(f'{program}    table(f"bad-{{region}}", opts=opts)')
    assert reported(project.preview()) == {f"bad-{region}" for region in regions}

    project.write(program)
    result = project.up()
    assert result.exit_code == 0, result.output
    for region in regions:
        assert project.tables(region)[f"good-{region}"]["SSEType"] == "KMS"


def test_names_each_rejected_table_of_a_loop(project: Project) -> None:
    project.write("""
        for n in range(50):
            table(f"orders{n}", server_side_encryption={"enabled": n % 2 == 0})
        """)
    result = project.preview()
    assert result.exit_code != 0
    assert reported(result) == {f"orders{n}" for n in range(1, 50, 2)}


def test_the_level_advisory_warns_and_deploys(project: Project) -> None:
    option = project.config({"all": "advisory"})
    project.write('table("orders")')
    for result in (project.preview(*option), project.up(*option)):
        assert result.exit_code == 0, result.output
        assert reported(result, DECLARED, "advisory") == {"orders"}
        assert "[mandatory]" not in result.output
    assert project.tables() == {"orders": None}


def test_rejects_a_restored_table_that_does_not_enable_encryption(project: Project) -> None:
    project.write('table("orders", restore_source_name="backup", server_side_encryption=DISABLED)')
    assert reported(project.preview()) == {"orders"}
    project.write('table("orders", restore_source_name="backup")')
    result = project.preview()
    assert reported(result) == {"orders"}
    assert "and restoreSourceName does not set it either" in result.output


def test_a_provider_configured_during_the_update_rejects_only_violations(project: Project) -> None:
    """The engine previews the resources of such a provider without outputs."""
    program = """
        region = aws.kms.Key("key").arn.apply(lambda arn: arn.split(":")[3])
        opts = pulumi.ResourceOptions(provider=aws.Provider("late", region=region))
        table("good", opts=opts, server_side_encryption=ENABLED)
        """
    project.write(program)
    for result in (project.preview(), project.up(), project.preview()):
        assert result.exit_code == 0, result.output
        assert reported(result, DEPLOYED) == set()
    project.write(f'{program}table("bad", opts=opts)')
    result = project.preview()
    assert result.exit_code != 0
    assert reported(result) == {"bad"}
