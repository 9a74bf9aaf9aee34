"""Tests of the stand-in ``aws`` provider with the real engine."""

from __future__ import annotations

from typing import Any

import pytest

from tests.project import Project
from tools.harness import UNKNOWN
from tools.sandbox.provider.aws import Aws, ProviderError
from tools.sandbox.provider.types import TYPES

KEY = """
key = aws.kms.Key("key")
table("{name}", server_side_encryption={{"enabled": True, "kms_key_arn": key.arn}})
"""


def planned(step: dict[str, Any]) -> dict[str, Any]:
    outputs: dict[str, Any] = step["new"]["outputs"]
    return outputs


def test_a_type_without_a_stand_in_is_an_error_with_the_types_that_have_one(
    project: Project,
) -> None:
    project.write('aws.sns.Topic("topic")')
    result = project.run("preview")
    assert result.exit_code != 0
    assert (
        "error: the sandbox's stand-in AWS provider has no resource type aws:sns/topic:Topic. "
        "It supports: aws:cloudcontrol/resource:Resource, "
    ) in result.output
    assert all(token in result.output for token in TYPES)
    assert "Traceback" not in result.output


def test_an_import_that_needs_a_schema_says_so(project: Project) -> None:
    key = project.sandbox.client("kms").create_key()["KeyMetadata"]["KeyId"]
    result = project.run("import", "aws:kms/key:Key", "old", key, "--yes")
    assert "stand-in AWS provider has no schema, so the CLI can't generate code." in result.output
    assert "old" in project.state()


def test_preview_of_a_create(project: Project) -> None:
    steps = project.planned(
        """
        key = aws.kms.Key("key")
        table("plain")
        table("off", server_side_encryption={"enabled": False})
        table("managed", server_side_encryption={"enabled": True})
        table("own", server_side_encryption={"enabled": True, "kms_key_arn": key.arn},
              replicas=[{"region_name": "eu-west-1"}], stream_enabled=True,
              stream_view_type="KEYS_ONLY", tags={"team": "a"},
              point_in_time_recovery={"enabled": True})
        arn = "arn:aws:kms:us-east-1:123456789012:key/x"
        table("given", server_side_encryption={"enabled": True, "kms_key_arn": arn})
        pulumi.export("account", aws.get_caller_identity().account_id)
        """
    )
    plain = planned(steps["plain"])
    for prop in ("arn", "streamArn", "streamLabel", "serverSideEncryption", "readCapacity",
                 "writeCapacity", "pointInTimeRecovery", "ttl"):  # fmt: skip
        assert plain[prop] == UNKNOWN, prop
    assert plain["billingMode"] == "PAY_PER_REQUEST"
    assert plain["region"] == "us-east-1"
    assert plain["name"].startswith("plain-")
    assert len(plain["name"]) == len("plain-") + 7
    encryption: dict[str, Any] = {
        name: planned(step).get("serverSideEncryption") for name, step in steps.items()
    }
    assert encryption["off"] == {"enabled": False, "kmsKeyArn": UNKNOWN}
    assert encryption["managed"] == {"enabled": True, "kmsKeyArn": UNKNOWN}
    assert encryption["own"] == {"enabled": True, "kmsKeyArn": UNKNOWN}
    assert encryption["given"]["kmsKeyArn"] == "arn:aws:kms:us-east-1:123456789012:key/x"
    own = planned(steps["own"])
    assert own["replicas"] == [
        {"regionName": "eu-west-1", "arn": UNKNOWN, "kmsKeyArn": UNKNOWN, "streamArn": UNKNOWN,
         "streamLabel": UNKNOWN}
    ]  # fmt: skip
    assert own["tagsAll"] == {"team": "a"}
    assert steps["plain"]["new"]["inputs"]["__defaults"] == ["name"]


def test_state_after_create_has_what_the_account_has(project: Project) -> None:
    state = project.deployed(
        """
        provider = aws.Provider("west", region="us-west-2")
        key = aws.kms.Key("key", enable_key_rotation=True)
        aws.kms.Alias("alias", target_key_id=key.id)
        aws.s3.Bucket("bucket")
        aws.sqs.Queue("queue")
        table("plain")
        table("off", server_side_encryption={"enabled": False, "kms_key_arn": key.arn})
        table("managed", server_side_encryption={"enabled": True}, billing_mode="PROVISIONED",
              read_capacity=1, write_capacity=2, tags={"team": "a"},
              opts=pulumi.ResourceOptions(provider=provider))
        own = table("own", server_side_encryption={"enabled": True, "kms_key_arn": key.arn},
                    range_key=None, ttl={"enabled": True, "attribute_name": "ends"},
                    point_in_time_recovery={"enabled": True}, stream_enabled=True,
                    stream_view_type="KEYS_ONLY", table_class="STANDARD_INFREQUENT_ACCESS")
        pulumi.export("key", own.server_side_encryption.kms_key_arn)
        again = aws.dynamodb.Table.get("again", own.name)
        pulumi.export("again", again.server_side_encryption.kms_key_arn)
        pulumi.export("manager", aws.kms.get_key_output(key_id=key.id).key_manager)
        pulumi.export("secret", table("hidden", name=pulumi.Output.secret("hidden")).name)
        """
    )
    outputs = {name: resource.get("outputs", {}) for name, resource in state.items()}
    key = outputs["key"]["arn"]
    assert outputs["plain"]["serverSideEncryption"] is None
    assert outputs["off"]["serverSideEncryption"] is None
    assert outputs["managed"]["serverSideEncryption"] == {"enabled": True, "kmsKeyArn": ""}
    assert outputs["own"]["serverSideEncryption"] == {"enabled": True, "kmsKeyArn": key}
    assert outputs["own"]["ttl"] == {"attributeName": "ends", "enabled": True}
    assert outputs["own"]["tableClass"] == "STANDARD_INFREQUENT_ACCESS"
    assert outputs["own"]["streamArn"].startswith(outputs["own"]["arn"])
    assert outputs["alias"]["targetKeyArn"] == key
    assert outputs["managed"]["region"] == "us-west-2"
    assert ":us-west-2:" in outputs["managed"]["arn"]
    assert (outputs["managed"]["readCapacity"], outputs["managed"]["writeCapacity"]) == (1, 2)
    assert outputs["project-dev"]["key"] == outputs["project-dev"]["again"] == key
    assert outputs["project-dev"]["manager"] == "CUSTOMER"
    # The engine marks an output as secret if the input of the same name was secret.
    assert outputs["hidden"]["name"]["plaintext"] == '"hidden"'
    dynamodb = project.sandbox.client("dynamodb")
    assert dynamodb.describe_table(TableName=outputs["own"]["name"])["Table"]["TableArn"]
    project.check("destroy", "--yes", "--skip-preview")
    assert dynamodb.list_tables()["TableNames"] == []
    assert project.sandbox.client("kms").describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == (
        "PendingDeletion"
    )


def test_plans_of_an_update(project: Project) -> None:
    before = project.deployed(KEY.format(name="orders"))
    key = before["key"]["outputs"]["arn"]
    kept = {"enabled": True, "kmsKeyArn": key}

    # Removing the block or the key changes nothing, as both are optional and computed.
    for block in ("", "server_side_encryption={'enabled': True}"):
        step = project.planned(f"aws.kms.Key('key')\ntable('orders', {block})")["orders"]
        assert step["op"] == "same"
        assert planned(step)["serverSideEncryption"] == kept

    step = project.planned(
        """
        aws.kms.Key("key")
        key = aws.kms.Key("second")
        table("orders", server_side_encryption={"enabled": True, "kms_key_arn": key.arn})
        """
    )["orders"]
    assert step["op"] == "update"
    assert planned(step)["serverSideEncryption"] == {"enabled": True, "kmsKeyArn": UNKNOWN}
    assert step["detailedDiff"]["serverSideEncryption.kmsKeyArn"]["diffKind"] == "update"

    step = project.planned("aws.kms.Key('key')\ntable('orders', tags={'a': 'b'})")["orders"]
    assert (step["op"], planned(step)["serverSideEncryption"]) == ("update", kept)

    steps = project.planned("aws.kms.Key('key')\ntable('orders', range_key='id')")
    assert steps["orders"]["op"] in ("replace", "create-replacement", "delete-replaced")

    off = project.deployed(
        "aws.kms.Key('key')\ntable('orders', server_side_encryption={'enabled': 0})"
    )
    assert off["orders"]["outputs"]["serverSideEncryption"] is None
    again = project.planned(
        "aws.kms.Key('key')\ntable('orders', server_side_encryption={'enabled': False})"
    )
    assert again["orders"]["op"] == "same"


def test_update_of_every_property_of_a_table(project: Project) -> None:
    first = """
        aws.dynamodb.Table("t", name="orders", hash_key="a", range_key="b", read_capacity=1,
            write_capacity=1, stream_enabled=True, stream_view_type="NEW_IMAGE",
            attributes=[{"name": n, "type": "S"} for n in "abcd"],
            global_secondary_indexes=[{"name": "one", "hash_key": "c", "projection_type": "ALL",
                                       "read_capacity": 1, "write_capacity": 1}],
            local_secondary_indexes=[{"name": "local", "range_key": "d",
                                      "projection_type": "KEYS_ONLY"}],
            tags={"old": "1"}, deletion_protection_enabled=True)
        """
    second = """
        aws.dynamodb.Table("t", name="orders", hash_key="a", range_key="b",
            billing_mode="PAY_PER_REQUEST", server_side_encryption={"enabled": True},
            attributes=[{"name": n, "type": "S"} for n in "abde"],
            global_secondary_indexes=[{"name": "two", "hash_key": "e", "projection_type": "INCLUDE",
                                       "non_key_attributes": ["x"]}],
            local_secondary_indexes=[{"name": "local", "range_key": "d",
                                      "projection_type": "KEYS_ONLY"}],
            ttl={"attribute_name": "ends", "enabled": True}, tags={"new": "2"},
            point_in_time_recovery={"enabled": True}, table_class="STANDARD_INFREQUENT_ACCESS")
        """
    project.check("config", "set", "--path", "aws:defaultTags.tags.owner", "us")
    project.deployed(first)
    assert project.planned(first)["t"]["op"] == "same"
    table = project.deployed(second)["t"]["outputs"]
    assert project.planned(second)["t"]["op"] == "same"
    assert [index["name"] for index in table["globalSecondaryIndexes"]] == ["two"]
    assert table["globalSecondaryIndexes"][0]["nonKeyAttributes"] == ["x"]
    assert (table["billingMode"], table["streamEnabled"]) == ("PAY_PER_REQUEST", False)
    assert (table["tags"], table["tagsAll"]) == ({"new": "2"}, {"new": "2", "owner": "us"})
    assert table["serverSideEncryption"] == {"enabled": True, "kmsKeyArn": ""}
    assert table["pointInTimeRecovery"]["enabled"]
    assert table["ttl"] == {"attributeName": "ends", "enabled": True}
    assert not table["deletionProtectionEnabled"]
    project.check("refresh", "--yes", "--skip-preview", "--expect-no-changes")


def test_drift(project: Project) -> None:
    state = project.deployed(KEY.format(name="orders"))
    table, key = state["orders"]["outputs"], state["key"]["outputs"]["arn"]
    client = project.sandbox.client("dynamodb")

    client.update_table(TableName=table["name"], SSESpecification={"Enabled": False})
    project.check("refresh", "--yes", "--skip-preview")
    drifted = project.state()["orders"]
    assert drifted["outputs"]["serverSideEncryption"] is None
    assert "serverSideEncryption" not in drifted["inputs"]
    assert drifted["inputs"]["hashKey"] == "id"

    assert project.planned(KEY.format(name="orders"))["orders"]["op"] == "update"
    remediated = project.deployed(KEY.format(name="orders"))["orders"]["outputs"]
    assert remediated["serverSideEncryption"] == {"enabled": True, "kmsKeyArn": key}

    client.delete_table(TableName=table["name"])
    project.check("refresh", "--yes", "--skip-preview")
    assert "orders" not in project.state()


@pytest.mark.parametrize(
    ("program", "texts"),
    [
        (
            "table('t', server_side_encryption={'enabled': True, 'kms_key_arn': 'alias/mine'})",
            ["serverSideEncryption.kmsKeyArn", "invalid ARN"],
        ),
        (
            "table('t', server_side_encryption={'kms_key_arn': ''})",
            ["serverSideEncryption.enabled", "required"],
        ),
        ("aws.sns.Topic('t')", ["no resource type aws:sns/topic:Topic", "aws:kms/key:Key"]),
        ("aws.get_availability_zones()", ["no function aws:index/getAvailabilityZones"]),
    ],
)
def test_preview_rejects(project: Project, program: str, texts: list[str]) -> None:
    project.write(program)
    result = project.sandbox.pulumi("preview", cwd=project.folder)
    assert result.exit_code != 0
    for text in texts:
        assert text in result.output


def test_an_error_of_the_account_is_one_sentence(project: Project) -> None:
    arn = "arn:aws:kms:us-east-1:123456789012:key/none"
    project.write(f"table('t', name='t', server_side_encryption={{'enabled': True, "
                  f"'kms_key_arn': '{arn}'}})")  # fmt: skip
    result = project.sandbox.pulumi("up", "--yes", "--skip-preview", cwd=project.folder)
    assert result.exit_code != 0
    assert "creating DynamoDB Table (t): CreateTable: ValidationException" in result.output
    assert f"Key '{arn}' does not exist" in result.output
    assert "Traceback" not in result.output


def test_provider_never_calls_a_real_account(monkeypatch: pytest.MonkeyPatch) -> None:
    for endpoint in ("", "https://dynamodb.us-east-1.amazonaws.com"):
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
        with pytest.raises(ProviderError, match="in the sandbox only"):
            Aws({"region": "us-east-1"}).client("dynamodb", "us-east-1")
