"""`dynamodb-undetermined-table-kms-encryption` in the analyzer process, as the engine runs it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from policies.dynamodb_undetermined_table_kms_encryption import NAME
from tests.project import for_all_policies
from tools.harness import UNKNOWN, Analyzer, Resource

TABLE = "aws:dynamodb/table:Table"
REDACTED = "[secret]"


def table(name: str, encryption: Any) -> Resource:
    return Resource(TABLE, {"arn": "arn", "serverSideEncryption": encryption}, name)


@pytest.mark.parametrize(
    ("encryption", "path"),
    [
        (REDACTED, "serverSideEncryption"),
        ({"enabled": REDACTED}, "serverSideEncryption.enabled"),
        ({"enabled": REDACTED, "kmsKeyArn": REDACTED}, "serverSideEncryption.enabled"),
    ],
)
def test_a_hidden_setting_is_reported_and_rejects_nothing(
    analyzer: Analyzer, encryption: Any, path: str
) -> None:
    (violation,) = analyzer.analyze_stack([table("orders", encryption)]).violations
    assert violation.policy == NAME
    assert violation.level == "advisory"
    assert violation.urn == f"urn:pulumi:dev::project::{TABLE}::orders"
    assert (
        f"The encryption of DynamoDB table 'orders' can't be determined from {path}: the value is "
        "a secret of a state file that could not be decrypted.\nCheck it in AWS: `aws dynamodb "
    ) in violation.message
    # The SDK's own advisory about a stack has no URN, and the CLI fails to display it.
    answer = analyzer.analyze_stack([table("orders", encryption)])
    assert answer.undetermined == ()
    assert analyzer.analyze(TABLE, {"serverSideEncryption": encryption}).violations == ()


def test_a_hidden_key_of_an_enabled_table_is_not_reported(analyzer: Analyzer) -> None:
    stack = [table("orders", {"enabled": True, "kmsKeyArn": REDACTED})]
    assert analyzer.analyze_stack(stack).violations == ()


def test_other_tables_keep_their_verdicts(analyzer: Analyzer) -> None:
    stack = [
        table("hidden", REDACTED),
        table("insecure", None),
        table("unknown", {"enabled": UNKNOWN}),
        table("secure", {"enabled": True}),
    ]
    for order in (stack, stack[::-1]):
        answer = analyzer.analyze_stack(order)
        assert {
            (violation.level, violation.urn.rpartition("::")[2]) for violation in answer.violations
        } == {
            ("mandatory", "insecure"),
            ("advisory", "hidden"),
            ("advisory", "unknown"),
        }
        assert answer.undetermined == ()


@pytest.mark.parametrize(
    ("kind", "properties"),
    [
        ("aws:cloudcontrol/resource:Resource", {"typeName": "AWS::CloudFormation::StackSet"}),
        ("aws-native:index:ExtensionResource", {"type": "AWS::CloudFormation::Stack"}),
    ],
)
def test_a_resource_with_a_template_is_reported(
    analyzer: Analyzer, kind: str, properties: dict[str, Any]
) -> None:
    (advice,) = analyzer.analyze_stack([Resource(kind, properties, "infra")]).violations
    assert "encryption of any DynamoDB tables of 'infra' can't be determined: the" in advice.message
    assert " with its own template." in advice.message


@pytest.mark.parametrize(
    "kind",
    [
        "kubernetes:dynamodb.services.k8s.aws/v1alpha1:Table",
        "sst:aws:Dynamo",
        "acme:index:DynamoDBTable",
        "x:index/dynamo_table:dynamo_table",
    ],
)
@pytest.mark.parametrize("properties", [{}, {"spec": {"sseSpecification": {"enabled": True}}}])
def test_a_type_that_no_route_reads_is_reported_once_by_its_type(
    analyzer: Analyzer, kind: str, properties: dict[str, Any]
) -> None:
    resource = Resource(kind, properties, "orders")
    declared = analyzer.analyze(resource)
    assert (declared.violations, declared.undetermined) == ((), ())
    (advice,) = analyzer.analyze_stack([resource]).violations
    assert (advice.policy, advice.level, advice.urn) == (NAME, "advisory", resource.urn)
    assert advice.message.split("\n")[1:] == [
        "The encryption of any DynamoDB tables of 'orders' can't be determined: this policy pack "
        f"does not read resources of type {kind}.",
        "Check it in AWS: `aws dynamodb describe-table --table-name NAME --query "
        "Table.SSEDescription` shows the SSEType KMS for a KMS key, and null for an AWS owned key.",
    ]
    exemption = {"table": "orders", "reason": "legacy"}
    analyzer.configure(for_all_policies(exemptions=[exemption]))
    assert analyzer.analyze_stack([resource]).violations == ()


def test_a_component_with_a_table_is_not_reported(analyzer: Analyzer) -> None:
    component = Resource("sst:aws:Dynamo", {}, "orders")
    part = Resource("acme:index:Part", {}, "part", parent=component.urn)
    secure = table("table", {"enabled": True})
    insecure = table("insecure", None)
    for child, levels in ((secure, []), (insecure, ["mandatory"])):
        inside = replace(child, parent=part.urn)
        answer = analyzer.analyze_stack([component, part, inside])
        assert [violation.level for violation in answer.violations] == levels
    outside = analyzer.analyze_stack([component, part, secure])
    assert [violation.urn for violation in outside.violations] == [component.urn]


def test_the_user_can_make_it_mandatory(analyzer: Analyzer) -> None:
    analyzer.configure({NAME: "mandatory"})
    (violation,) = analyzer.analyze_stack([table("orders", REDACTED)]).violations
    assert violation.level == "mandatory"


def test_a_stack_without_tables_is_not_applicable(analyzer: Analyzer) -> None:
    answer = analyzer.analyze_stack([Resource("aws:s3/bucket:Bucket", {})])
    assert answer.not_applicable[NAME] == "The stack has no DynamoDB tables."
