"""Tables that a program declares, on the real engine, in the ways that programs declare them."""

from __future__ import annotations

import json

import pytest

from tests.engine.conftest import Project
from tests.engine.programs import DISABLED, ENABLED, table

POLICY = "dynamodb-table-kms-encryption"
KEY = "aws.kms.Key('key')"


def rejections(output: str) -> set[str]:
    """The names of the tables that `output` says are rejected."""
    start = f"[mandatory] [severity: high]  {POLICY}  (aws:dynamodb:Table: "
    return {line.split(start)[1].rstrip(")") for line in output.splitlines() if start in line}


def test_a_key_made_in_the_same_update_passes(project: Project) -> None:
    block = '{"enabled": True, "kms_key_arn": key.arn}'
    project.write(f"key = {KEY}\n{table('orders', server_side_encryption=block)}")
    for result in (project.preview(), project.up()):
        assert result.exit_code == 0, result.output
        assert "can't run policy" not in result.output
    assert project.tables()["orders"]["SSEType"] == "KMS"


def test_a_disabled_table_is_rejected_though_it_has_a_key(project: Project) -> None:
    block = '{"enabled": False, "kms_key_arn": key.arn}'
    project.write(f"key = {KEY}\n{table('orders', server_side_encryption=block)}")
    result = project.preview()
    assert rejections(result.output) == {"orders"}
    assert "off whatever serverSideEncryption.kmsKeyArn says" in result.output


def test_another_services_arn_is_rejected(project: Project) -> None:
    block = '{"enabled": True, "kms_key_arn": "arn:aws:s3:::orders"}'
    project.write(table("orders", server_side_encryption=block))
    result = project.preview()
    assert result.exit_code != 0
    assert rejections(result.output) == {"orders"}
    assert "has an ARN of another service (s3) in serverSideEncryption.kmsKeyArn" in result.output


def test_a_secret_key_is_judged_and_not_shown(project: Project) -> None:
    arn = "arn:aws:hunter2:::hunter2"
    block = f'{{"enabled": True, "kms_key_arn": pulumi.Output.secret("{arn}")}}'
    project.write(table("orders", server_side_encryption=block))
    result = project.preview()
    assert rejections(result.output) == {"orders"}
    assert "hunter2" not in result.output


@pytest.mark.parametrize(("enabled", "accepted"), [(True, True), (False, False)])
def test_a_switch_that_is_known_only_during_the_update(
    project: Project, enabled: bool, accepted: bool
) -> None:
    # A boolean that depends on what AWS makes, as programs have them.
    block = '{"enabled": key.key_id.apply(lambda _: ' + str(enabled) + ")}"
    project.write(f"key = {KEY}\n{table('orders', server_side_encryption=block)}")
    preview = project.preview()
    assert preview.exit_code == 0, preview.output
    assert "can't be known during preview" in preview.output
    assert "[advisory]" in preview.output
    update = project.up("--skip-preview")
    assert (update.exit_code == 0) is accepted, update.output
    assert ("orders" in project.tables()) is accepted
    assert rejections(update.output) == (set() if accepted else {"orders"})


def test_an_undetermined_table_hides_no_rejected_one(project: Project) -> None:
    block = '{"enabled": key.key_id.apply(lambda _: True)}'
    project.write(
        f"key = {KEY}\n"
        + table("unknown", server_side_encryption=block)
        + table("insecure")
        + table("secure", server_side_encryption=ENABLED)
    )
    result = project.preview()
    assert result.exit_code != 0
    assert rejections(result.output) == {"insecure"}


def test_tables_in_components_are_named(project: Project) -> None:
    project.write(
        "class Store(pulumi.ComponentResource):\n"
        "    def __init__(self, name):\n"
        "        super().__init__('pkg:index:Store', name)\n"
        "        opts = pulumi.ResourceOptions(parent=self)\n"
        f"        {table('inner', opts='opts')}"
        f"        {table('secure', opts='opts', server_side_encryption=ENABLED)}"
        "Store('store')\n"
    )
    result = project.preview()
    assert result.exit_code != 0
    assert rejections(result.output) == {"inner"}


def test_tables_in_two_regions_are_judged_alike(project: Project) -> None:
    program = ""
    for region in ("eu-west-1", "us-west-2"):
        name = region.replace("-", "")
        options = f"pulumi.ResourceOptions(provider={name})"
        program += f"{name} = aws.Provider('{name}', region='{region}')\n"
        program += table(f"bad-{region}", opts=options)
        program += table(f"good-{region}", opts=options, server_side_encryption=ENABLED)
    project.write(program)
    assert rejections(project.preview().output) == {"bad-eu-west-1", "bad-us-west-2"}

    program = "\n".join(line for line in program.splitlines() if "'bad-" not in line)
    project.write(program)
    result = project.up()
    assert result.exit_code == 0, result.output
    for region in ("eu-west-1", "us-west-2"):
        assert project.tables(region)[f"good-{region}"]["SSEType"] == "KMS"


def test_each_table_of_a_loop_is_named(project: Project) -> None:
    project.write(
        "for n in range(50):\n"
        "    "
        + table("orders", server_side_encryption='{"enabled": n % 2 == 0}').replace(
            "'orders'", "f'orders{n}'"
        )
    )
    result = project.preview()
    assert result.exit_code != 0
    assert rejections(result.output) == {f"orders{n}" for n in range(1, 50, 2)}


def test_an_advisory_level_lets_the_update_through_with_a_warning(project: Project) -> None:
    config = project.folder / "policy-config.json"
    config.write_text(json.dumps({"all": "advisory"}), encoding="utf-8")
    project.write(table("orders"))
    for result in (
        project.preview("--policy-pack-config", str(config)),
        project.up("--policy-pack-config", str(config)),
    ):
        assert result.exit_code == 0, result.output
        assert f"[advisory] [severity: high]  {POLICY}" in result.output
        assert "[mandatory]" not in result.output
    assert project.tables() == {"orders": None}


def test_a_restored_table_without_the_setting_is_rejected(project: Project) -> None:
    project.write(table("orders", restore_source_name="'backup'", server_side_encryption=DISABLED))
    assert rejections(project.preview().output) == {"orders"}
    project.write(table("orders", restore_source_name="'backup'"))
    result = project.preview()
    assert rejections(result.output) == {"orders"}
    assert "(restoreSourceName does not stand in for it)" in result.output


def test_a_provider_that_is_configured_during_the_update_rejects_no_compliant_table(
    project: Project,
) -> None:
    """The engine plans what it makes without any outputs."""
    late = (
        "region = aws.kms.Key('key').arn.apply(lambda arn: arn.split(':')[3])\n"
        "late = aws.Provider('late', region=region)\n"
        "opts = pulumi.ResourceOptions(provider=late)\n"
    )
    good = table("good", opts="opts", server_side_encryption=ENABLED)
    project.write(late + good)
    for result in (project.preview(), project.up(), project.preview()):
        assert result.exit_code == 0, result.output
        assert "is deployed without KMS encryption" not in result.output
    project.write(late + good + table("bad", opts="opts"))
    result = project.preview()
    assert result.exit_code != 0
    assert rejections(result.output) == {"bad"}
