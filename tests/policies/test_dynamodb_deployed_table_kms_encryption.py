"""`dynamodb-deployed-table-kms-encryption`, asked as the engine asks: in the analyzer process."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from policies.routes import kms_keys
from tools.harness import UNKNOWN, Analyzer, Resource, secret

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
        {"serverSideEncryption": {}},
    ],
)
def test_a_deployed_table_with_an_aws_owned_key_is_reported(
    analyzer: Analyzer, outputs: dict[str, Any]
) -> None:
    (violation,) = analyzer.analyze_stack([deployed("orders", **outputs)]).violations
    description, fault, remedy = violation.message.split("\n")
    assert description == (
        "A DynamoDB table of the stack must be encrypted at rest with an AWS KMS key."
    )
    assert fault == (
        "DynamoDB table 'orders' is deployed without KMS encryption: it uses an AWS owned key, "
        "which nobody in your account can see, audit, restrict or revoke."
    )
    assert remedy.startswith(("Write `serverSideEncryption: { enabled: true }` to use the", "Set "))
    assert remedy.endswith(
        " Then run `pulumi up`: AWS changes the key in place and the table stays available."
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
        rejected = {it.urn for it in answer.violations if it.policy == NAME}
        assert rejected == {INSECURE.urn, DISABLED.urn}
        # Raised as an unknown value, it would be told without the table's URN.
        assert answer.undetermined == ()
        (advice,) = [it for it in answer.violations if it.policy != NAME]
        assert (advice.level, advice.urn) == ("advisory", UNDETERMINED.urn)
        assert "'undetermined' is not known before the update" in advice.message


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


def key(name: str, kind: str = "aws:kms/key:Key", /, **outputs: Any) -> Resource:
    """A KMS key of the stack; its ARN is unknown before it is created."""
    return Resource(kind, {"arn": UNKNOWN, "keyId": UNKNOWN, **outputs}, name)


def table_with(target: Resource | list[Resource], /, **outputs: Any) -> Resource:
    """A table still to be created whose key depends on `target`."""
    targets = target if isinstance(target, list) else [target]
    block = {"enabled": True, "kmsKeyArn": UNKNOWN}
    table = planned("orders", serverSideEncryption=block, **outputs)
    return Resource(
        table.type,
        table.properties,
        table.name,
        property_dependencies={"serverSideEncryption": [it.urn for it in targets]},
    )


@pytest.mark.parametrize(
    ("outputs", "fault"),
    [
        ({"isEnabled": False}, "disabled"),
        ({"customerMasterKeySpec": "RSA_2048", "keyUsage": "SIGN_VERIFY"}, "an asymmetric key"),
        ({"customerMasterKeySpec": "HMAC_256"}, "an HMAC key"),
        ({"keyUsage": "GENERATE_VERIFY_MAC"}, "not for encryption (its key usage is another)"),
    ],
)
def test_a_key_of_the_stack_that_can_not_encrypt_a_table_is_reported(
    analyzer: Analyzer, outputs: dict[str, Any], fault: str
) -> None:
    unfit = key("signing", **outputs)
    for stack in ([unfit, table_with(unfit)], [table_with(unfit), unfit]):
        (message,) = analyzer.analyze_stack(stack).messages
        assert (
            f"DynamoDB table 'orders' has the key 'signing', which is {fault}, in "
            "serverSideEncryption.kmsKeyArn: such a key can't encrypt it.\n"
        ) in message


def test_a_fit_key_of_the_stack_is_nothing_to_report(analyzer: Analyzer) -> None:
    for outputs in (
        {},
        {"isEnabled": True, "customerMasterKeySpec": "SYMMETRIC_DEFAULT"},
        {"isEnabled": UNKNOWN, "customerMasterKeySpec": None, "keyUsage": "ENCRYPT_DECRYPT"},
    ):
        fit = key("fit", **outputs)
        assert analyzer.analyze_stack([fit, table_with(fit)]).violations == ()


def test_an_unfit_key_is_found_behind_its_alias_and_by_its_arn(analyzer: Analyzer) -> None:
    unfit = key("unfit", isEnabled=False)
    alias = Resource(
        "aws:kms/alias:Alias",
        {"arn": UNKNOWN, "name": "alias/orders"},
        "alias",
        property_dependencies={"targetKeyId": [unfit.urn]},
    )
    (message,) = analyzer.analyze_stack([unfit, alias, table_with(alias)]).messages
    assert "the key 'unfit', which is disabled" in message

    known = key("unfit", isEnabled=False, arn=KEY)
    table = deployed("orders", serverSideEncryption={"enabled": True, "kmsKeyArn": KEY})
    (message,) = analyzer.analyze_stack([table, known]).messages
    assert "'orders' is deployed, and has the key 'unfit', which is disabled" in message


def test_an_unfit_keys_name_stays_on_one_line(analyzer: Analyzer) -> None:
    unfit = key("signing\x1b[31m\n[mandatory] forged", isEnabled=False)
    (message,) = analyzer.analyze_stack([unfit, table_with(unfit)]).messages
    assert "\x1b" not in message
    assert message.count("\n") == 2


def test_an_unfit_key_beside_something_else_proves_nothing(analyzer: Analyzer) -> None:
    """The ARN may be made of either, as `Output.all(key.arn, queue.arn).apply(...)` shows."""
    unfit = key("unfit", isEnabled=False)
    queue = Resource("aws:sqs/queue:Queue", {"arn": UNKNOWN}, "queue")
    assert analyzer.analyze_stack([unfit, queue, table_with([unfit, queue])]).violations == ()


def test_unknown_keys_of_several_replicas_are_not_told_apart(analyzer: Analyzer) -> None:
    unfit = key("unfit", isEnabled=False)
    replicas = [{"regionName": it, "kmsKeyArn": UNKNOWN} for it in ("eu-west-1", "us-west-2")]
    table = planned("orders", serverSideEncryption={"enabled": True}, replicas=replicas)
    dependent = Resource(
        table.type,
        table.properties,
        table.name,
        property_dependencies={"replicas": [unfit.urn]},
    )
    assert analyzer.analyze_stack([unfit, dependent]).violations == ()


def test_an_alias_that_two_regions_share_proves_nothing(analyzer: Analyzer) -> None:
    stack = [
        key("unfit", isEnabled=False, keyId="mrk-1", arn="a"),
        key("fit", keyId="mrk-1", arn="b"),
        Resource(
            "aws-native:dynamodb:Table",
            {"arn": "arn", "sseSpecification": {"sseEnabled": True, "kmsMasterKeyId": "mrk-1"}},
        ),
    ]
    assert analyzer.analyze_stack(stack).violations == ()


def test_an_unfit_key_that_the_table_may_not_use_is_nothing_to_report(analyzer: Analyzer) -> None:
    unfit, fit = key("unfit", isEnabled=False), key("fit")
    for stack in (
        [unfit, fit, table_with([unfit, fit])],
        [unfit, fit, table_with(fit)],
        [unfit, deployed("orders", serverSideEncryption={"enabled": True, "kmsKeyArn": KEY})],
    ):
        assert analyzer.analyze_stack(stack).violations == ()


def test_an_unfit_key_of_another_provider_and_of_a_replica_is_reported(analyzer: Analyzer) -> None:
    unfit = key("unfit", "aws-native:kms:Key", enabled=False)
    native = Resource(
        "aws-native:dynamodb:Table",
        {"arn": UNKNOWN, "sseSpecification": {"sseEnabled": True, "kmsMasterKeyId": UNKNOWN}},
        "native",
        property_dependencies={"sseSpecification": [unfit.urn]},
    )
    replicated = Resource(
        "aws:dynamodb/table:Table",
        {
            "arn": UNKNOWN,
            "serverSideEncryption": {"enabled": True},
            "replicas": [{"regionName": "eu-west-1", "kmsKeyArn": UNKNOWN}],
        },
        "replicated",
        property_dependencies={"replicas": [unfit.urn]},
    )
    messages = analyzer.analyze_stack([unfit, native, replicated]).messages
    assert len(messages) == 2
    assert "in sseSpecification.kmsMasterKeyId: such a key" in messages[0]
    assert "has a replica in eu-west-1 with the key 'unfit', which is disabled" in messages[1]


@pytest.mark.parametrize(("kind", "names"), kms_keys.KEYS.items())
def test_an_unfit_key_of_every_type_is_reported(analyzer: Analyzer, kind: str, names: Any) -> None:
    by_dependency = key("unfit", kind, **{names.enabled: False})
    (message,) = analyzer.analyze_stack([by_dependency, table_with(by_dependency)]).messages
    assert "the key 'unfit', which is disabled" in message
    for identity in names.identities:
        by_name = Resource(kind, {names.enabled: False, identity: KEY}, "unfit")
        table = deployed("orders", serverSideEncryption={"enabled": True, "kmsKeyArn": KEY})
        (message,) = analyzer.analyze_stack([by_name, table]).messages
        assert "the key 'unfit', which is disabled" in message


@pytest.mark.parametrize(("kind", "names"), kms_keys.ALIASES.items())
def test_an_unfit_key_behind_an_alias_of_every_type_is_reported(
    analyzer: Analyzer, kind: str, names: Any
) -> None:
    target, identities = names
    unfit = key("unfit", isEnabled=False)
    for identity in identities:
        alias = Resource(
            kind,
            {identity: "alias/orders"},
            "alias",
            property_dependencies={target: [unfit.urn]},
        )
        block = {"enabled": True, "kmsKeyArn": "alias/orders"}
        table = deployed("orders", serverSideEncryption=block)
        (message,) = analyzer.analyze_stack([unfit, alias, table]).messages
        assert "the key 'unfit', which is disabled" in message


def test_an_unfit_key_of_a_replica_of_its_own_is_reported(analyzer: Analyzer) -> None:
    unfit = key("unfit", isEnabled=False)
    replica = Resource(
        "aws:dynamodb/tableReplica:TableReplica",
        {"arn": UNKNOWN, "kmsKeyArn": UNKNOWN},
        "copy",
        property_dependencies={"kmsKeyArn": [unfit.urn]},
    )
    (message,) = analyzer.analyze_stack([unfit, replica]).messages
    assert "DynamoDB table replica 'copy' has the key 'unfit', which is disabled" in message


def test_cloud_control_is_judged_by_what_aws_recorded(analyzer: Analyzer) -> None:
    secure, insecure = '{"SSESpecification": {"SSEEnabled": true}}', "{}"
    for recorded, count in ((secure, 0), (insecure, 1)):
        outputs = {
            "typeName": "AWS::DynamoDB::Table",
            "desiredState": secure if recorded == insecure else insecure,
            "properties": recorded,
        }
        resource = Resource("aws:cloudcontrol/resource:Resource", outputs)
        assert len(analyzer.analyze_stack([resource]).violations) == count


@pytest.mark.parametrize(
    ("kind", "planned_outputs"),
    [
        ("aws-native:dynamodb:Table", {"arn": UNKNOWN}),
        ("aws-native:dynamodb:GlobalTable", {"arn": UNKNOWN}),
        ("aws:index/dynamodbTable:DynamodbTable", {"arn": UNKNOWN}),
        (
            "aws:cloudcontrol/resource:Resource",
            {"typeName": "AWS::DynamoDB::Table", "desiredState": "{}", "properties": UNKNOWN},
        ),
        (
            "aws:cloudformation/stack:Stack",
            {
                "templateBody": '{"Resources": {"T": {"Type": "AWS::DynamoDB::Table"}}}',
                "id": UNKNOWN,
            },
        ),
        (
            "aws-native:cloudformation:Stack",
            {
                "templateBody": '{"Resources": {"T": {"Type": "AWS::DynamoDB::Table"}}}',
                "stackId": UNKNOWN,
            },
        ),
    ],
)
def test_what_is_still_to_be_created_is_left_out_by_every_route(
    analyzer: Analyzer, kind: str, planned_outputs: dict[str, Any]
) -> None:
    assert analyzer.analyze_stack([Resource(kind, planned_outputs)]).violations == ()
    created = {name: "known" if it is UNKNOWN else it for name, it in planned_outputs.items()}
    created = {name: "{}" if name == "properties" else it for name, it in created.items()}
    assert len(analyzer.analyze_stack([Resource(kind, created)]).violations) == 1
