"""`dynamodb-undetermined-table-kms-encryption`, asked as the engine asks: over gRPC."""

from __future__ import annotations

from typing import Any

import pytest

from tools.harness import UNKNOWN, Analyzer, Resource

NAME = "dynamodb-undetermined-table-kms-encryption"
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
def test_a_hidden_setting_is_told_and_rejects_nothing(
    analyzer: Analyzer, encryption: Any, path: str
) -> None:
    (violation,) = analyzer.analyze_stack([table("orders", encryption)]).violations
    assert violation.policy == NAME
    assert violation.level == "advisory"
    assert violation.urn == f"urn:pulumi:dev::project::{TABLE}::orders"
    assert (
        f"DynamoDB table 'orders' can't be read from {path}: it is a secret of a state file "
        in (violation.message)
    )
    # The engine's display fails on an advisory without a URN, as the SDK would send it.
    answer = analyzer.analyze_stack([table("orders", encryption)])
    assert answer.undetermined == ()
    assert analyzer.analyze(TABLE, {"serverSideEncryption": encryption}).violations == ()


def test_a_hidden_key_of_an_enabled_table_is_nothing_to_tell(analyzer: Analyzer) -> None:
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
        assert {(it.level, it.urn.rpartition("::")[2]) for it in answer.violations} == {
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
def test_a_template_that_another_type_carries_is_told(
    analyzer: Analyzer, kind: str, properties: dict[str, Any]
) -> None:
    (advice,) = analyzer.analyze_stack([Resource(kind, properties, "infra")]).violations
    assert "the DynamoDB tables of 'infra' can't be told here: it " in advice.message
    assert " with a template of its own." in advice.message


def test_a_user_may_make_it_mandatory(analyzer: Analyzer) -> None:
    analyzer.configure({NAME: "mandatory"})
    (violation,) = analyzer.analyze_stack([table("orders", REDACTED)]).violations
    assert violation.level == "mandatory"


def test_a_stack_without_tables_is_not_applicable(analyzer: Analyzer) -> None:
    answer = analyzer.analyze_stack([Resource("aws:s3/bucket:Bucket", {})])
    assert answer.not_applicable[NAME] == "The stack has no DynamoDB table."
