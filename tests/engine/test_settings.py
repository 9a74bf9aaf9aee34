"""Settings in a policy configuration file, read by the CLI."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from tests.keys import ACCOUNT, OTHER_ACCOUNT, alias_arn, key_arn
from tests.project import DECLARED, DEPLOYED, UNDETERMINED, Project, for_all_policies, reported

KEY = key_arn("us-east-1")
OTHER_KEY = key_arn("us-east-1", OTHER_ACCOUNT)


def day(offset: int) -> str:
    """Return a date in UTC, some days from today."""
    return (datetime.now(timezone.utc).date() + timedelta(days=offset)).isoformat()


def with_short_types(output: str) -> str:
    """Return an output with types as the newest CLI shows them."""
    return output.replace("aws:dynamodb/table:Table: ", "aws:dynamodb:Table: ")


def test_allowed_keys(project: Project) -> None:
    project.write(f"""
        for name, key in {{
            "allowed": "{KEY}",
            "other": "{OTHER_KEY}",
            "aws-managed": None,
            "alias": "{alias_arn("alias/orders", "us-east-1")}",
        }}.items():
            table(name, server_side_encryption={{"enabled": True, "kms_key_arn": key}})
        """)
    result = project.preview(*project.config(for_all_policies(allowedKmsKeys=[KEY])))
    assert result.exit_code != 0
    assert reported(result) == {"other", "aws-managed"}
    assert reported(result, UNDETERMINED) == {"alias"}
    assert f'kmsKeyArn: "{KEY}"' in result.output
    assert OTHER_KEY not in result.output
    account = project.preview(*project.config(for_all_policies(allowedKmsKeys=[ACCOUNT])))
    assert reported(account) == {"other"}


def test_a_deployed_tables_aws_managed_key_is_a_key_of_its_account(project: Project) -> None:
    project.deploy('table("orders", server_side_encryption=ENABLED)')
    identity = project.sandbox.client("sts").get_caller_identity()
    own, other = identity["Account"], ACCOUNT
    assert own != other
    result = project.preview(*project.config(for_all_policies(allowedKmsKeys=[own])))
    assert result.exit_code == 0, result.output
    assert reported(result, UNDETERMINED) == set()
    result = project.preview(*project.config(for_all_policies(allowedKmsKeys=[other])))
    assert result.exit_code != 0
    assert reported(result, DEPLOYED) == {"orders"}


def test_exemptions(project: Project) -> None:
    project.write("""
        table("legacy-orders")
        table("orders", server_side_encryption=ENABLED)
        """)
    exemption = {"table": "legacy-*", "reason": "moved until spring"}
    for expires, in_force in ((None, True), (day(1), True), (day(-1), False)):
        dated = exemption if expires is None else {**exemption, "expires": expires}
        result = project.preview(*project.config(for_all_policies(exemptions=[dated])))
        assert (result.exit_code == 0) is in_force, result.output
        assert reported(result) == (set() if in_force else {"legacy-orders"})
        assert (
            f"The table's exemption expired at the end of {expires} (UTC)." in result.output
        ) is not in_force
    elsewhere = {"table": "gone-*", "reason": "in another stack"}
    unused = {"urn": "urn:pulumi:dev::project::*::gone-*", "reason": "deleted"}
    result = project.preview(
        *project.config(for_all_policies(exemptions=[exemption, elsewhere, unused]))
    )
    assert result.exit_code == 0
    assert result.output.count(" matches no DynamoDB table of this stack") == 1
    assert f"The exemption for urn '{unused['urn']}' matches no DynamoDB table" in result.output
    assert "legacy-*" not in result.output


def test_an_exemption_includes_the_deployed_table(project: Project) -> None:
    project.deploy('table("legacy-orders")')
    exemption = {"urn": "urn:pulumi:dev::*::*::legacy-orders", "reason": "moved until spring"}
    option = project.config(for_all_policies(exemptions=[exemption]))
    assert project.analyze(*option).exit_code == 0
    assert project.up(*option).exit_code == 0
    assert project.analyze().exit_code != 0


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"requireCustomerManagedKeys": True},
            "There is no setting called 'requireCustomerManagedKeys'. Did you mean "
            "'requireCustomerManagedKey'?",
        ),
        (
            {"allowedKmsKeys": ["arn:aws:s3:::orders"]},
            "allowedKmsKeys[0] is an ARN of another service (s3)",
        ),
        (
            {"exemptions": [{"table": "a", "reason": "b", "expires": "2027-02-30"}]},
            "exemptions[0].expires is not a date such as 2027-01-31.",
        ),
        ({"remediationKmsKey": "alias/orders"}, "remediationKmsKey is not the ARN of a KMS key."),
    ],
)
def test_settings_that_the_pack_rejects(
    project: Project, settings: dict[str, Any], message: str
) -> None:
    project.write('table("orders", server_side_encryption=ENABLED)')
    result = project.preview(*project.config(for_all_policies(**settings)))
    assert result.exit_code != 0
    assert reported(result) == {"orders"}
    assert message in result.output
    assert "This policy reports every table until its settings are fixed." in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("settings", "message"),
    [
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
def test_settings_that_the_engine_rejects(
    project: Project, settings: dict[str, Any], message: str
) -> None:
    project.write('table("orders", server_side_encryption=ENABLED)')
    result = project.preview(*project.config({DECLARED: settings}))
    assert result.exit_code != 0
    assert f"{DECLARED}: {message}" in result.output
    assert "Traceback" not in result.output


def test_wrong_settings_fail_unless_each_level_is_advisory(project: Project) -> None:
    project.write('table("orders", server_side_encryption=ENABLED)')
    wrong = {"requireCustomerManagedKeys": True, "enforcementLevel": "advisory"}
    advisory = project.preview(*project.config(for_all_policies(**wrong)))
    assert advisory.exit_code == 0, advisory.output
    assert reported(advisory, level="advisory") == {"orders"}
    mandatory = {**for_all_policies(**wrong), DEPLOYED: {**wrong, "enforcementLevel": "mandatory"}}
    assert project.preview(*project.config(mandatory)).exit_code != 0
    for level in ("advisory", "disabled"):
        refused = {"requireCustomerManagedKey": 1, "enforcementLevel": level}
        result = project.preview(*project.config({DECLARED: refused}))
        assert result.exit_code != 0
        assert f"{DECLARED}: requireCustomerManagedKey: Invalid type" in result.output


def test_settings_of_an_unknown_policy_are_ignored(project: Project) -> None:
    """The engine doesn't pass them to the pack. Without a level, they make the engine fail."""
    project.write('table("orders", server_side_encryption=ENABLED)')
    settings: dict[str, Any] = {"requireCustomerManagedKey": True}
    without_level = project.preview(*project.config({"dynamodb-table-kms-encyption": settings}))
    assert without_level.exit_code != 0
    assert 'invalid enforcement level ""' in without_level.output
    settings["enforcementLevel"] = "mandatory"
    for name in ("dynamodb-table-kms-encyption", "all"):
        assert project.preview(*project.config({name: settings})).exit_code == 0


def remediating(**settings: Any) -> dict[str, Any]:
    """Return a policy configuration that remediates."""
    return {DECLARED: {"enforcementLevel": "remediate", **settings}}


def test_remediation(example: Callable[[str], Project]) -> None:
    project = example("insecure")
    assert project.preview().exit_code != 0
    option = project.config(remediating())
    preview = project.preview(*option, "--show-policy-remediations")
    assert preview.exit_code == 0, preview.output
    line = f"[remediate]  {DECLARED}  (aws:dynamodb:Table: %s) [diff: %sserverSideEncryption]"
    assert line % ("orders", "+") in with_short_types(preview.output)
    update = project.up(*option)
    assert update.exit_code == 0, update.output
    tables = project.tables()
    assert len(tables) == 2
    for encryption in tables.values():
        assert encryption is not None
        assert (encryption["Status"], encryption["SSEType"]) == ("ENABLED", "KMS")
    # The deployed tables comply with the default settings.
    assert project.analyze().exit_code == 0
    again = project.preview(*option, "--expect-no-changes")
    assert again.exit_code == 0, again.output


def test_the_commands_show_what_remediation_changes(project: Project) -> None:
    """docs/configuration.md shows the output of `pulumi preview --diff`."""
    page = (project.pack / "docs/configuration.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"```text\n(\[remediate\].*?)```", page, re.S)
    change = shown.partition("\n")[2]
    option = project.config(remediating())
    project.write('table("orders")')
    outputs = {
        options: with_short_types(project.preview(*options, *option).output)
        for options in ((), ("--show-policy-remediations",), ("--diff",))
    }
    assert f"[remediate]  {DECLARED}  (1 resource)" in outputs[()]
    names = f"[remediate]  {DECLARED}  (aws:dynamodb:Table: orders) [diff: +serverSide"
    assert names in outputs["--show-policy-remediations",]
    assert shown in outputs["--diff",]
    assert not any(change in outputs[options] for options in outputs if "--diff" not in options)

    project.deploy()
    assert shown in with_short_types(project.analyze("--diff", *option).output)
    assert project.tables() == {"orders": None}

    # The line fixes the program.
    project.write('table("orders", server_side_encryption=ENABLED)')
    fixed = project.preview("--diff", *option)
    assert fixed.exit_code == 0, fixed.output
    assert "[remediate]" not in fixed.output


def test_remediation_where_customer_managed_keys_are_required(project: Project) -> None:
    project.write('table("orders")')
    strict = {"requireCustomerManagedKey": True}
    others = {DEPLOYED: strict, UNDETERMINED: strict}
    without_key = project.preview(*project.config({**others, **remediating(**strict)}))
    assert without_key.exit_code != 0
    assert reported(without_key) == {"orders"}
    key = project.sandbox.client("kms").create_key()["KeyMetadata"]["Arn"]
    option = project.config({**others, **remediating(**strict, remediationKmsKey=key)})
    update = project.up(*option)
    assert update.exit_code == 0, update.output
    (encryption,) = project.tables().values()
    assert encryption is not None
    assert encryption["KMSMasterKeyArn"] == key
    again = project.preview(*option, "--expect-no-changes")
    assert again.exit_code == 0, again.output


EVERY_TYPE = """
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


def test_remediation_of_every_type_that_the_pack_remediates(project: Project) -> None:
    project.write(EVERY_TYPE)
    names = {"native", "global", "extension", "control"}
    rejected = project.preview()
    assert reported(rejected) == names, rejected.output
    option = project.config(remediating())
    preview = project.preview(*option, "--show-policy-remediations")
    assert preview.exit_code == 0, preview.output
    start = f"[remediate]  {DECLARED}  ("
    lines = [line for line in preview.output.splitlines() if start in line]
    assert {line.split("[diff:")[0].rpartition(": ")[2].strip(") ") for line in lines} == names
    assert preview.output.count("[diff: +sseSpecification]") == 2
    assert "[diff: ~desiredState]" in preview.output
    update = project.up(*option)
    assert update.exit_code == 0, update.output
    assert project.analyze().exit_code == 0
    tables = project.tables()
    assert tables
    assert all(table is not None and table["SSEType"] == "KMS" for table in tables.values())
