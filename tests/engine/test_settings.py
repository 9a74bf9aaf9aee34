"""Settings files as users write them, read by the real CLI."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from tests.engine.conftest import Project
from tests.engine.programs import ENABLED, table
from tests.engine.test_routes import DECLARED, DEPLOYED, KEY, UNDETERMINED, told
from tools.sandbox import Result

POLICIES = (DECLARED, DEPLOYED, UNDETERMINED)
OTHER_KEY = KEY.replace("123456789012", "444455556666")


def with_config(project: Project, config: dict[str, Any], *words: str) -> Result:
    """Preview, or what `words` say, with a settings file of this content."""
    file = project.folder / "policy-config.json"
    file.write_text(json.dumps(config), encoding="utf-8")
    command = words or ("preview",)
    pack = ("--policy-pack", str(project.pack), "--policy-pack-config", str(file))
    return project.run(*command, *pack)


def everywhere(**settings: Any) -> dict[str, Any]:
    return dict.fromkeys(POLICIES, settings)


def block(key: str) -> str:
    return f'{{"enabled": True, "kms_key_arn": "{key}"}}'


def day(offset: int) -> str:
    return (datetime.now(timezone.utc).date() + timedelta(days=offset)).isoformat()


def test_a_list_of_allowed_keys(project: Project) -> None:
    project.write(
        table("allowed", server_side_encryption=block(KEY))
        + table("other", server_side_encryption=block(OTHER_KEY))
        + table("aws-managed", server_side_encryption=ENABLED)
        + table("alias", server_side_encryption=block(KEY.partition("key/")[0] + "alias/orders"))
    )
    result = with_config(project, everywhere(allowedKmsKeys=[KEY]))
    assert result.exit_code != 0
    assert told(result.output) == {"other", "aws-managed"}
    assert told(result.output, UNDETERMINED) == {"alias"}
    assert f"such as '{KEY}', or have this one added to the list." in result.output
    assert OTHER_KEY not in result.output
    account = with_config(project, everywhere(allowedKmsKeys=["123456789012"]))
    assert told(account.output) == {"other"}


def test_what_only_aws_can_tell_of_an_allowed_key_is_told_of_deployed_tables(
    project: Project,
) -> None:
    project.write(table("orders", server_side_encryption=ENABLED))
    project.deploy()
    # The account of a table is not known here, and so not that of its AWS managed key.
    result = with_config(project, everywhere(allowedKmsKeys=["123456789012"]))
    assert result.exit_code == 0
    assert told(result.output, UNDETERMINED) == {"orders"}
    assert "only AWS can tell whether its key is one of allowedKmsKeys" in result.output


def test_exemptions(project: Project) -> None:
    project.write(table("legacy-orders") + table("orders", server_side_encryption=ENABLED))
    exemption = {"table": "legacy-*", "reason": "moved until spring"}
    for expires, holds in ((None, True), (day(1), True), (day(-1), False)):
        one = exemption if expires is None else {**exemption, "expires": expires}
        result = with_config(project, everywhere(exemptions=[one]))
        assert (result.exit_code == 0) is holds, result.output
        assert told(result.output) == (set() if holds else {"legacy-orders"})
        assert (f"Its exemption ended with {expires} (UTC)." in result.output) is not holds
    unused = {"table": "gone-*", "reason": "it"}
    result = with_config(project, everywhere(exemptions=[exemption, unused]))
    assert result.exit_code == 0
    assert result.output.count("The exemption of table 'gone-*' covers no DynamoDB table") == 1
    assert "legacy-*" not in result.output


def test_an_exempt_table_is_exempt_once_it_is_deployed_too(project: Project) -> None:
    project.write(table("legacy-orders"))
    project.deploy()
    exemption = {"urn": "urn:pulumi:dev::*::*::legacy-orders", "reason": "moved until spring"}
    config = everywhere(exemptions=[exemption])
    assert with_config(project, config, "policy", "analyze").exit_code == 0
    assert with_config(project, config, "up", "--yes").exit_code == 0
    assert project.analyze().exit_code != 0


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        # What the engine lets pass, the pack answers.
        (
            {"requireCustomerManagedKeys": True},
            "there is no setting called 'requireCustomerManagedKeys' (did you mean "
            "'requireCustomerManagedKey'?)",
        ),
        (
            {"allowedKmsKeys": ["arn:aws:s3:::orders"]},
            "allowedKmsKeys[0] is an ARN of another service (s3)",
        ),
        (
            {"exemptions": [{"table": "a", "reason": "b", "expires": "2027-02-30"}]},
            "expires of exemptions[0] is no date such as 2027-01-31",
        ),
        ({"remediationKmsKey": "alias/orders"}, "remediationKmsKey is no ARN of a KMS key"),
    ],
)
def test_settings_that_the_pack_refuses(
    project: Project, settings: dict[str, Any], said: str
) -> None:
    project.write(table("orders", server_side_encryption=ENABLED))
    result = with_config(project, everywhere(**settings))
    assert result.exit_code != 0
    assert told(result.output) == {"orders"}
    assert said in result.output
    assert "no DynamoDB table is accepted under wrong settings" in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        # What the engine checks by the schema, it answers itself.
        (
            {"requireCustomerManagedKey": 1},
            "requireCustomerManagedKey: Invalid type. Expected: boolean, given: integer",
        ),
        (
            {"requireCustomerManagedKey": "true"},
            "requireCustomerManagedKey: Invalid type. Expected: boolean, given: string",
        ),
        ({"exemptions": [{"table": "a"}]}, "exemptions.0: reason is required"),
        (
            {"exemptions": [{"table": "a", "resaon": "b", "reason": "b"}]},
            "exemptions.0: Additional property resaon is not allowed",
        ),
        (
            {"exemptions": [{"table": "a", "reason": "b", "expires": "soon"}]},
            "exemptions.0.expires: Does not match pattern",
        ),
        ({"allowedKmsKeys": "a"}, "allowedKmsKeys: Invalid type. Expected: array, given: string"),
    ],
)
def test_settings_that_the_engine_refuses(
    project: Project, settings: dict[str, Any], said: str
) -> None:
    project.write(table("orders", server_side_encryption=ENABLED))
    result = with_config(project, {DECLARED: settings})
    assert result.exit_code != 0
    assert f"{DECLARED}: {said}" in result.output
    assert "Traceback" not in result.output


def test_settings_of_a_policy_that_does_not_exist_reach_nobody(project: Project) -> None:
    """The engine shows the pack nothing of them, and fails on them by chance: with a level beside
    them it lets them pass. docs/configuration.md says so.
    """
    project.write(table("orders", server_side_encryption=ENABLED))
    settings: dict[str, Any] = {"requireCustomerManagedKey": True}
    alone = with_config(project, {"dynamodb-table-kms-encyption": settings})
    assert alone.exit_code != 0
    assert 'invalid enforcement level ""' in alone.output
    settings["enforcementLevel"] = "mandatory"
    for name in ("dynamodb-table-kms-encyption", "all"):
        assert with_config(project, {name: settings}).exit_code == 0


def remedying(**settings: Any) -> dict[str, Any]:
    return {DECLARED: {"enforcementLevel": "remediate", **settings}}


def test_remediation_in_a_preview_and_in_an_update(
    example: Callable[[str], Project],
) -> None:
    project = example("insecure")
    assert project.preview().exit_code != 0
    shown = with_config(project, remedying(), "preview", "--show-policy-remediations")
    assert shown.exit_code == 0, shown.output
    line = f"[remediate]  {DECLARED}  (aws:dynamodb/table:Table: %s) [diff: %sserverSideEncryption]"
    assert line % ("orders", "+") in shown.output
    result = with_config(project, remedying(), "up", "--yes")
    assert result.exit_code == 0, result.output
    tables = project.tables()
    assert len(tables) == 2
    for description in tables.values():
        assert description is not None
        assert (description["Status"], description["SSEType"]) == ("ENABLED", "KMS")
    # What is deployed complies with the pack as it is by default.
    assert project.analyze().exit_code == 0
    again = with_config(project, remedying(), "preview", "--expect-no-changes")
    assert again.exit_code == 0, again.output


def test_remediation_with_a_key_and_without_one(project: Project) -> None:
    project.write(table("orders"))
    strict = {policy: {"requireCustomerManagedKey": True} for policy in POLICIES}
    result = with_config(project, {**strict, **remedying(requireCustomerManagedKey=True)})
    assert result.exit_code != 0
    assert told(result.output) == {"orders"}
    client = project.sandbox.client("kms")
    key = client.create_key()["KeyMetadata"]["Arn"]
    settings = remedying(requireCustomerManagedKey=True, remediationKmsKey=key)
    result = with_config(project, {**strict, **settings}, "up", "--yes")
    assert result.exit_code == 0, result.output
    (description,) = project.tables().values()
    assert description is not None
    assert description["KMSMasterKeyArn"] == key
    again = with_config(project, {**strict, **settings}, "preview", "--expect-no-changes")
    assert again.exit_code == 0, again.output


EVERY_TYPE = """
import json
import pulumi_aws_native as native

def declare(kind, name, **properties):
    pulumi.CustomResource(kind, name, properties)

keys = [{"AttributeName": "id", "KeyType": "HASH"}]
attributes = [{"AttributeName": "id", "AttributeType": "S"}]
document = {"TableName": "orders", "KeySchema": keys, "AttributeDefinitions": attributes,
            "BillingMode": "PAY_PER_REQUEST"}
camel = {"keySchema": [{"attributeName": "id", "keyType": "HASH"}],
         "attributeDefinitions": [{"attributeName": "id", "attributeType": "S"}],
         "billingMode": "PAY_PER_REQUEST"}
declare("aws-native:dynamodb:Table", "native", **camel)
declare("aws-native:dynamodb:GlobalTable", "global", replicas=[{"region": "us-east-1"}], **camel)
native.ExtensionResource("extension", type="AWS::DynamoDB::Table", properties=document)
aws.cloudcontrol.Resource("control", type_name="AWS::DynamoDB::Table",
                          desired_state=json.dumps({**document, "TableName": "control"}))
"""


def test_remediation_of_every_type_that_is_remedied(project: Project) -> None:
    project.write(EVERY_TYPE)
    names = {"native", "global", "extension", "control"}
    rejected = project.preview()
    assert told(rejected.output) == names, rejected.output
    shown = with_config(project, remedying(), "preview", "--show-policy-remediations")
    assert shown.exit_code == 0, shown.output
    start = f"[remediate]  {DECLARED}  ("
    lines = [it for it in shown.output.splitlines() if start in it]
    assert {it.split("[diff:")[0].rpartition(": ")[2].strip(") ") for it in lines} == names
    assert shown.output.count("[diff: +sseSpecification]") == 2
    assert "[diff: ~desiredState]" in shown.output
    result = with_config(project, remedying(), "up", "--yes")
    assert result.exit_code == 0, result.output
    assert project.analyze().exit_code == 0
    found = project.tables()
    assert found
    assert all(it is not None and it["SSEType"] == "KMS" for it in found.values())
