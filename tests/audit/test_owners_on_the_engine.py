"""The owners of the tables of an account whose stacks the real CLI has deployed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.audit.cli import AuditRun, run_audit
from tests.project import Project
from tools.sandbox import Account, Sandbox

MODEL = """
model = {"BillingMode": "PAY_PER_REQUEST",
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}]}
"""
SHOP = f"""{MODEL}
stream = {{"stream_enabled": True, "stream_view_type": "NEW_AND_OLD_IMAGES"}}
key = aws.kms.Key("key")
table("orders", name="orders")
table("managed", name="managed", server_side_encryption=ENABLED)
table("customer", name="customer",
    server_side_encryption={{"enabled": True, "kms_key_arn": key.arn}})
table("alias", name="alias", server_side_encryption={{
    "enabled": True, "kms_key_arn": aws.kms.Alias("a", name="alias/orders",
    target_key_id=key.key_id).arn}})
table("drifted", name="drifted", server_side_encryption=ENABLED)
table("gone", name="gone", server_side_encryption=ENABLED)
table("global", name="global", replicas=[{{"region_name": "eu-west-1"}}], **stream)
copied = table("copied", name="copied", **stream)
aws.dynamodb.TableReplica("copy", global_table_arn=copied.arn, region="eu-west-1")
aws.cloudformation.Stack("stack", name="app", template_body=json.dumps({{"Resources": {{
    "Named": {{"Type": "AWS::DynamoDB::Table", "Properties": {{**model, "TableName": "named"}}}},
    "Unnamed": {{"Type": "AWS::DynamoDB::Table", "Properties": {{
        **model, "SSESpecification": {{"SSEEnabled": True}}}}}}}}}}))
aws.dynamodb.Table.get("read", "by-hand")
"""
OTHER = """
table("carts", name="carts", server_side_encryption=ENABLED)
table("stolen", name="orders", opts=pulumi.ResourceOptions(import_="orders"))
"""
ATTRIBUTES: dict[str, Any] = {
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}
STACK_SHOP, STACK_OTHER = "organization/shop/dev", "organization/other/dev"
IN_SHOP = "urn:pulumi:dev::shop::aws:dynamodb/table:Table::"
IN_OTHER = "urn:pulumi:dev::other::aws:dynamodb/table:Table::"


@dataclass(frozen=True)
class World:
    """An account, the stacks that were deployed in it, and the reports about them.

    Attributes:
        env: the environment of a user of both.
        folder: a folder for reports.
        template_stack: the ARN of a CloudFormation stack that no Pulumi stack has.
        unnamed: the name of the table that CloudFormation named.
    """

    env: Mapping[str, str]
    folder: Path
    template_stack: str
    unnamed: str

    def run(self, *words: str | Path) -> AuditRun:
        """Run the audit."""
        return run_audit(*words, env=self.env, seconds=120)

    def joined(self, *words: str | Path) -> dict[str, Any]:
        """Return the report of an audit of two Regions."""
        regions = ("--region", "us-east-1", "--region", "eu-west-1")
        done = self.run("aws", *regions, "--output", "json", *words)
        assert done.exit_code == 1, done.stdout + done.stderr
        return done.report


@pytest.fixture(scope="module")
def world(sandbox_account: Account, pack: Path, tmp_path_factory: pytest.TempPathFactory) -> World:
    """Two stacks, and changes outside Pulumi after their update."""
    folder = tmp_path_factory.mktemp("owners")
    sandbox_account.reset()
    sandbox = Sandbox(folder / "sandbox", account=sandbox_account)
    dynamodb = sandbox.client("dynamodb")
    dynamodb.create_table(TableName="by-hand", **ATTRIBUTES)
    Project.create(sandbox, folder / "shop", pack, "shop").deploy(SHOP)
    Project.create(sandbox, folder / "other", pack, "other").deploy(OTHER)
    # The pretend provider records the replicas of a table, and does not create them.
    dynamodb.update_table(
        TableName="global", ReplicaUpdates=[{"Create": {"RegionName": "eu-west-1"}}]
    )
    dynamodb.update_table(TableName="drifted", SSESpecification={"Enabled": False})
    dynamodb.delete_table(TableName="gone")
    dynamodb.create_table(TableName="unmanaged", **ATTRIBUTES)
    properties = {**ATTRIBUTES, "TableName": "templated"}
    template = {"Resources": {"T": {"Type": "AWS::DynamoDB::Table", "Properties": properties}}}
    cloudformation = sandbox.client("cloudformation")
    stack = cloudformation.create_stack(StackName="plain", TemplateBody=json.dumps(template))
    unnamed = cloudformation.describe_stack_resource(StackName="app", LogicalResourceId="Unnamed")
    return World(
        sandbox.environment(),
        folder,
        stack["StackId"],
        unnamed["StackResourceDetail"]["PhysicalResourceId"],
    )


def owners(report: dict[str, Any]) -> dict[tuple[str, str], tuple[str, str | None, str | None]]:
    """Return the kind, the stack, and the URN of the owner of each table that AWS shows."""
    return {
        (each["table"], each["region"]): (
            each["owner"]["kind"], each["owner"]["stack"], each["owner"]["urn"],
        )
        for each in report["findings"]
        if each["stack"] is None
    }  # fmt: skip


def drift(report: dict[str, Any]) -> dict[str, str]:
    return {each["table"]: each["drift"] for each in report["findings"] if each["drift"]}


def test_each_table_has_its_owner(world: World) -> None:
    file = world.folder / "stacks.json"
    assert world.run("stacks", "--output", f"json={file}").exit_code == 1
    by_report, at_once = world.joined("--stacks-report", file), world.joined("--stacks")

    template = "urn:pulumi:dev::shop::aws:cloudformation/stack:Stack::stack"
    names = ("managed", "customer", "alias", "drifted", "global", "copied")
    copy = "urn:pulumi:dev::shop::aws:dynamodb/tableReplica:TableReplica::copy"
    expected = {
        **{(name, "us-east-1"): ("pulumi", STACK_SHOP, f"{IN_SHOP}{name}") for name in names},
        ("global", "eu-west-1"): ("pulumi", STACK_SHOP, f"{IN_SHOP}global"),
        ("copied", "eu-west-1"): ("pulumi", STACK_SHOP, copy),
        ("named", "us-east-1"): ("pulumi", STACK_SHOP, template),
        (world.unnamed, "us-east-1"): ("pulumi", STACK_SHOP, template),
        ("carts", "us-east-1"): ("pulumi", STACK_OTHER, f"{IN_OTHER}carts"),
        ("orders", "us-east-1"): ("pulumi", STACK_OTHER, f"{IN_OTHER}stolen"),
        ("templated", "us-east-1"): ("cloudformation", world.template_stack, None),
        ("by-hand", "us-east-1"): ("none", None, None),
    }
    for report in (by_report, at_once):
        found = owners(report)
        # A table that was created after the report can have an owner.
        assert found.pop(("unmanaged", "us-east-1"))[0] == "none"
        assert found == expected
        (orders,) = (each for each in report["findings"] if each["table"] == "orders")
        assert (
            f"{IN_SHOP}orders in the stack {STACK_SHOP} records the table, too."
            in (orders["owner"]["note"])
        )
        assert orders["fix_note"].startswith(f"Change {IN_OTHER}stolen in the stack")
        assert "serverSideEncryption" in orders["fix_note"]

        shown = drift(report)
        assert shown.keys() == {"drifted", "gone"}
        assert "records a KMS key for the table, but AWS shows no KMS key." in shown["drifted"]
        assert "AWS has no such table in us-east-1, account 123456789012." in shown["gone"]
        left = [each for each in report["findings"] if each["stack"] is not None]
        assert [(each["table"], each["verdict"]) for each in left] == [("gone", "undetermined")]

        assert sum(report["summary"].values()) == len(report["findings"])
        stacks = [each for each in report["coverage"] if each["stack"]]
        assert [each["stack"] for each in stacks] == [STACK_OTHER, STACK_SHOP]
        assert report["run"]["complete"]
        assert report["run"]["warnings"] == []


def test_a_report_of_some_stacks_leaves_owners_unknown(world: World) -> None:
    file = world.folder / "shop.json"
    world.run("stacks", "--project", "shop", "--output", f"json={file}")
    found = owners(world.joined("--stacks-report", file))
    assert found["carts", "us-east-1"][0] == found["by-hand", "us-east-1"][0] == "unknown"
    assert found["orders", "us-east-1"] == ("pulumi", STACK_SHOP, f"{IN_SHOP}orders")
    assert found["templated", "us-east-1"][0] == "cloudformation"


def test_a_backend_that_cannot_be_read(world: World) -> None:
    env = {**world.env, "PULUMI_BACKEND_URL": (world.folder / "none").as_uri()}
    done = run_audit(
        "aws", "--region", "us-east-1", "--stacks", "--output", "json", env=env, seconds=120
    )
    assert done.exit_code == 1
    found = owners(done.report)
    assert not done.report["run"]["complete"]
    assert {kind for kind, *_ in found.values()} == {"unknown", "cloudformation"}
