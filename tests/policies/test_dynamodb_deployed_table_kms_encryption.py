"""`dynamodb-deployed-table-kms-encryption`, asked as the engine asks: in the analyzer process."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from tests.harness import UNKNOWN, Analyzer, Resource, secret

NAME = "dynamodb-deployed-table-kms-encryption"
KEY = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"


def deployed(name: str, /, **outputs: Any) -> Resource:
    """A table that the stack has deployed, with the outputs that the provider recorded."""
    arn = f"arn:aws:dynamodb:eu-west-1:111122223333:table/{name}"
    recorded = {"arn": arn, "id": name, "name": name, **outputs}
    return Resource("aws:dynamodb/table:Table", recorded, name)


def planned(name: str, /, **outputs: Any) -> Resource:
    """A table that is still to be created, as a preview plans it."""
    return deployed(name, **{"arn": UNKNOWN, "id": UNKNOWN, **outputs})


BUCKET = Resource("aws:s3/bucket:Bucket", {"arn": "arn:aws:s3:::orders"}, "bucket")
SECURE = deployed("secure", serverSideEncryption={"enabled": True, "kmsKeyArn": ""})
INSECURE = deployed("insecure")
DISABLED = deployed("disabled", serverSideEncryption={"enabled": False, "kmsKeyArn": ""})
UNDETERMINED = deployed("undetermined", serverSideEncryption={"enabled": UNKNOWN})


@pytest.mark.parametrize(
    "outputs",
    [
        {},
        {"serverSideEncryption": None},
        {"serverSideEncryption": {"enabled": False, "kmsKeyArn": ""}},
        {"serverSideEncryption": {"enabled": False, "kmsKeyArn": KEY}},
        {"serverSideEncryption": {}},
    ],
)
def test_a_deployed_table_with_an_aws_owned_key_is_reported(
    analyzer: Analyzer, outputs: dict[str, Any]
) -> None:
    (violation,) = analyzer.analyze_stack([deployed("orders", **outputs)]).violations
    description, sentence = violation.message.split("\n", 1)
    assert description == "A deployed DynamoDB table must be encrypted at rest with an AWS KMS key."
    assert sentence == (
        "DynamoDB table 'orders' is deployed without KMS encryption: it uses an AWS owned key, "
        "which nobody in your account can see, audit, restrict or revoke.\nWrite "
        "`serverSideEncryption: { enabled: true }` to use the AWS managed key aws/dynamodb, and "
        "add kmsKeyArn to use a customer managed key. Then run `pulumi up`: AWS changes the key in "
        "place and the table stays available."
    )
    assert violation.urn == "urn:pulumi:dev::project::aws:dynamodb/table:Table::orders"
    assert (violation.policy, violation.level, violation.severity) == (NAME, "mandatory", "high")


def test_what_the_state_can_only_hold_by_mistake_is_reported(analyzer: Analyzer) -> None:
    outputs = {"serverSideEncryption": {"enabled": True, "kmsKeyArn": "arn:aws:s3:::orders"}}
    (message,) = analyzer.analyze_stack([deployed("orders", **outputs)]).messages
    assert "'orders' is deployed, and has an ARN of another service (s3) in" in message


@pytest.mark.parametrize("key", ["", KEY, UNKNOWN, None, secret(KEY)])
def test_a_deployed_table_with_a_kms_key_passes(analyzer: Analyzer, key: Any) -> None:
    block = {"enabled": True, "kmsKeyArn": key}
    answer = analyzer.analyze_stack([deployed("orders", serverSideEncryption=block)])
    assert answer.violations == ()
    assert answer.undetermined == ()
    assert answer.not_applicable == {}


def test_a_table_still_to_be_created_is_left_to_the_first_policy(analyzer: Analyzer) -> None:
    stack = [
        planned("unknown", serverSideEncryption=UNKNOWN),
        planned("disabled", serverSideEncryption={"enabled": False, "kmsKeyArn": UNKNOWN}),
        planned("missing"),
        planned("secret", arn=secret(UNKNOWN)),
    ]
    answer = analyzer.analyze_stack(stack)
    assert answer.violations == ()
    assert answer.undetermined == ()


def test_an_undetermined_table_hides_no_violation_in_any_order(analyzer: Analyzer) -> None:
    for stack in permutations([UNDETERMINED, INSECURE, SECURE, DISABLED, BUCKET]):
        answer = analyzer.analyze_stack(stack)
        assert {it.urn for it in answer.violations} == {INSECURE.urn, DISABLED.urn}
        (diagnostic,) = answer.undetermined
        assert ".undetermined.serverSideEncryption.enabled can't be known" in diagnostic.message


def test_a_stack_without_tables_is_not_applicable(analyzer: Analyzer) -> None:
    for stack in ([], [BUCKET]):
        answer = analyzer.analyze_stack(stack)
        assert answer.violations == ()
        assert answer.not_applicable[NAME] == "The stack has no DynamoDB table."


def test_no_secret_reaches_a_message(analyzer: Analyzer) -> None:
    hidden = secret("hunter2")
    stack = [deployed("orders", name=hidden, arn=hidden, id=hidden, serverSideEncryption=hidden)]
    (message,) = analyzer.analyze_stack(stack).messages
    assert "hunter2" not in message


def test_the_level_is_the_users(analyzer: Analyzer) -> None:
    analyzer.configure({NAME: "advisory"})
    assert [it.level for it in analyzer.analyze_stack([INSECURE]).violations] == ["advisory"]
    analyzer.configure({NAME: "disabled"})
    assert analyzer.analyze_stack([INSECURE]).violations == ()
