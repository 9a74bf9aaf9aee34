"""`dynamodb-deployed-table-kms-encryption` in the analyzer process, as the engine runs it."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest

from policies.dynamodb_deployed_table_kms_encryption import NAME
from policies.routes import kms_keys
from tests.keys import KEY_ARN
from tests.project import for_all_policies
from tools.harness import UNKNOWN, Analyzer, Resource, secret


def deployed(name: str, /, **outputs: Any) -> Resource:
    """Return a table that the stack has deployed, with the outputs that the provider recorded."""
    arn = f"arn:aws:dynamodb:eu-west-1:111122223333:table/{name}"
    recorded = {"arn": arn, "id": name, "name": name, **outputs}
    return Resource("aws:dynamodb/table:Table", recorded, name)


def planned(name: str, /, **outputs: Any) -> Resource:
    """Return a table that is not created yet, as a preview plans it."""
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
        {"serverSideEncryption": {}},
    ],
)
def test_a_deployed_table_with_an_aws_owned_key_is_reported(
    analyzer: Analyzer, outputs: dict[str, Any]
) -> None:
    (violation,) = analyzer.analyze_stack([deployed("orders", **outputs)]).violations
    assert violation.message.split("\n")[:2] == [
        "A DynamoDB table of the stack must be encrypted at rest with an accepted AWS KMS key.",
        "DynamoDB table 'orders' is deployed without KMS encryption, so DynamoDB encrypts it with "
        "an AWS owned key, which you can't view, audit, restrict, or revoke.",
    ]
    assert violation.urn == "urn:pulumi:dev::project::aws:dynamodb/table:Table::orders"
    assert (violation.policy, violation.level, violation.severity) == (NAME, "mandatory", "high")


def test_a_disabled_setting_may_be_recorded_while_the_key_changes(analyzer: Analyzer) -> None:
    (violation,) = analyzer.analyze_stack([DISABLED]).violations
    assert "is deployed without KMS encryption" in violation.message
    assert "run `pulumi refresh` first: the key may have been changing when the state was" in (
        violation.message
    )


def test_a_recorded_key_that_is_not_a_kms_key_is_reported(analyzer: Analyzer) -> None:
    outputs = {"serverSideEncryption": {"enabled": True, "kmsKeyArn": "arn:aws:s3:::orders"}}
    (message,) = analyzer.analyze_stack([deployed("orders", **outputs)]).messages
    assert (
        "'orders' is deployed and sets serverSideEncryption.kmsKeyArn to an ARN of another "
        in message
    )


@pytest.mark.parametrize("key", ["", KEY_ARN, UNKNOWN, None, secret(KEY_ARN)])
def test_a_deployed_table_with_a_kms_key_passes(analyzer: Analyzer, key: Any) -> None:
    block = {"enabled": True, "kmsKeyArn": key}
    answer = analyzer.analyze_stack([deployed("orders", serverSideEncryption=block)])
    assert answer.violations == ()
    assert answer.undetermined == ()
    assert answer.not_applicable == {}


def test_a_new_table_is_left_to_the_first_policy(analyzer: Analyzer) -> None:
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
        rejected = {violation.urn for violation in answer.violations if violation.policy == NAME}
        assert rejected == {INSECURE.urn, DISABLED.urn}
        # The SDK's own advisory would not have the table's URN.
        assert answer.undetermined == ()
        (advice,) = [violation for violation in answer.violations if violation.policy != NAME]
        assert (advice.level, advice.urn) == ("advisory", UNDETERMINED.urn)
        assert "table 'undetermined' is not known until the update." in advice.message


def test_a_stack_without_tables_is_not_applicable(analyzer: Analyzer) -> None:
    for stack in ([], [BUCKET]):
        answer = analyzer.analyze_stack(stack)
        assert answer.violations == ()
        assert answer.not_applicable[NAME] == "The stack has no DynamoDB tables."


def test_no_secret_reaches_a_message(analyzer: Analyzer) -> None:
    hidden = secret("hunter2")
    stack = [deployed("orders", name=hidden, arn=hidden, id=hidden, serverSideEncryption=hidden)]
    (message,) = analyzer.analyze_stack(stack).messages
    assert "hunter2" not in message


def test_the_user_sets_the_level(analyzer: Analyzer) -> None:
    analyzer.configure({NAME: "advisory"})
    assert [violation.level for violation in analyzer.analyze_stack([INSECURE]).violations] == [
        "advisory"
    ]
    analyzer.configure({NAME: "disabled"})
    assert analyzer.analyze_stack([INSECURE]).violations == ()


def key(name: str, kind: str = "aws:kms/key:Key", /, **outputs: Any) -> Resource:
    """Return a KMS key of the stack, whose ARN is unknown before it is created."""
    return Resource(kind, {"arn": UNKNOWN, "keyId": UNKNOWN, **outputs}, name)


def depending(resource: Resource, name: str, /, *targets: Resource) -> Resource:
    """Return a resource with a property that depends on other resources."""
    urns = [target.urn for target in targets]
    return replace(resource, property_dependencies={name: urns})


def table_with(*targets: Resource) -> Resource:
    """Return a table that is not created yet and whose key depends on some resources."""
    block = {"enabled": True, "kmsKeyArn": UNKNOWN}
    return depending(
        planned("orders", serverSideEncryption=block), "serverSideEncryption", *targets
    )


FAULT = "sets serverSideEncryption.kmsKeyArn to the key 'unusable', which is disabled"


@pytest.mark.parametrize(
    ("outputs", "fault"),
    [
        ({"isEnabled": False}, "disabled"),
        ({"customerMasterKeySpec": "RSA_2048", "keyUsage": "SIGN_VERIFY"}, "an asymmetric key"),
        ({"customerMasterKeySpec": "HMAC_256"}, "an HMAC key"),
        ({"keyUsage": "GENERATE_VERIFY_MAC"}, "not an encryption key (it has another key usage)"),
    ],
)
def test_an_unusable_key_of_the_stack_is_reported(
    analyzer: Analyzer, outputs: dict[str, Any], fault: str
) -> None:
    unusable = key("signing", **outputs)
    for stack in ([unusable, table_with(unusable)], [table_with(unusable), unusable]):
        (message,) = analyzer.analyze_stack(stack).messages
        assert (
            "DynamoDB table 'orders' sets serverSideEncryption.kmsKeyArn to the key 'signing', "
            f"which is {fault}, so the key can't encrypt the table.\n"
        ) in message


def test_a_usable_key_of_the_stack_is_not_reported(analyzer: Analyzer) -> None:
    for outputs in (
        {},
        {"isEnabled": True, "customerMasterKeySpec": "SYMMETRIC_DEFAULT"},
        {"isEnabled": UNKNOWN, "customerMasterKeySpec": None, "keyUsage": "ENCRYPT_DECRYPT"},
    ):
        usable = key("usable", **outputs)
        assert analyzer.analyze_stack([usable, table_with(usable)]).violations == ()


def test_an_unusable_key_is_recognized_by_its_alias_and_by_its_arn(analyzer: Analyzer) -> None:
    unusable = key("unusable", isEnabled=False)
    alias = Resource("aws:kms/alias:Alias", {"arn": UNKNOWN, "name": "alias/orders"}, "alias")
    alias = depending(alias, "targetKeyId", unusable)
    (message,) = analyzer.analyze_stack([unusable, alias, table_with(alias)]).messages
    assert FAULT in message

    known = key("unusable", isEnabled=False, arn=KEY_ARN)
    table = deployed("orders", serverSideEncryption={"enabled": True, "kmsKeyArn": KEY_ARN})
    (message,) = analyzer.analyze_stack([table, known]).messages
    assert f"'orders' is deployed and {FAULT}" in message


def test_the_name_of_an_unusable_key_stays_on_one_line(analyzer: Analyzer) -> None:
    unusable = key("signing\x1b[31m\n[mandatory] forged", isEnabled=False)
    (message,) = analyzer.analyze_stack([unusable, table_with(unusable)]).messages
    assert "\x1b" not in message
    assert message.count("\n") == 2


def test_a_dependency_on_another_resource_proves_nothing(analyzer: Analyzer) -> None:
    """The ARN can come from either, as in `Output.all(key.arn, queue.arn).apply(...)`."""
    unusable = key("unusable", isEnabled=False)
    queue = Resource("aws:sqs/queue:Queue", {"arn": UNKNOWN}, "queue")
    assert analyzer.analyze_stack([unusable, queue, table_with(unusable, queue)]).violations == ()


def test_unknown_keys_of_several_replicas_prove_nothing(analyzer: Analyzer) -> None:
    unusable = key("unusable", isEnabled=False)
    replicas = [
        {"regionName": region, "kmsKeyArn": UNKNOWN} for region in ("eu-west-1", "us-west-2")
    ]
    table = planned("orders", serverSideEncryption={"enabled": True}, replicas=replicas)
    stack = [unusable, depending(table, "replicas", unusable)]
    assert analyzer.analyze_stack(stack).violations == ()


def test_an_alias_that_two_regions_share_proves_nothing(analyzer: Analyzer) -> None:
    stack = [
        key("unusable", isEnabled=False, keyId="mrk-1", arn="a"),
        key("usable", keyId="mrk-1", arn="b"),
        Resource(
            "aws-native:dynamodb:Table",
            {"arn": "arn", "sseSpecification": {"sseEnabled": True, "kmsMasterKeyId": "mrk-1"}},
        ),
    ]
    assert analyzer.analyze_stack(stack).violations == ()


def test_an_unusable_key_of_another_table_is_not_reported(analyzer: Analyzer) -> None:
    unusable, usable = key("unusable", isEnabled=False), key("usable")
    for stack in (
        [unusable, usable, table_with(unusable, usable)],
        [unusable, usable, table_with(usable)],
        [
            unusable,
            deployed("orders", serverSideEncryption={"enabled": True, "kmsKeyArn": KEY_ARN}),
        ],
    ):
        assert analyzer.analyze_stack(stack).violations == ()


def test_an_unusable_key_of_another_provider_and_of_a_replica_is_reported(
    analyzer: Analyzer,
) -> None:
    unusable = key("unusable", "aws-native:kms:Key", enabled=False)
    native = Resource(
        "aws-native:dynamodb:Table",
        {"arn": UNKNOWN, "sseSpecification": {"sseEnabled": True, "kmsMasterKeyId": UNKNOWN}},
        "native",
    )
    replicated = planned(
        "replicated",
        serverSideEncryption={"enabled": True},
        replicas=[{"regionName": "eu-west-1", "kmsKeyArn": UNKNOWN}],
    )
    native_message, replicated_message = analyzer.analyze_stack(
        [
            unusable,
            depending(native, "sseSpecification", unusable),
            depending(replicated, "replicas", unusable),
        ]
    ).messages
    assert (
        "sets sseSpecification.kmsMasterKeyId to the key 'unusable', which is disabled"
        in native_message
    )
    assert (
        "has a replica in eu-west-1 that sets replicas[].kmsKeyArn to the key 'unusable', which is "
        "disabled"
    ) in replicated_message


KEYS = {
    (f"any:index/k:{kind}" if kind.isalnum() else kind): names
    for kind, names in kms_keys.KEYS.items()
}
ALIASES = {
    (f"any:index/a:{kind}" if kind.isalnum() else kind): names
    for kind, names in kms_keys.ALIASES.items()
}
"""The types of keys and of aliases, with any package for the names in a dynamic bridge."""


@pytest.mark.parametrize(("kind", "names"), KEYS.items())
def test_an_unusable_key_of_every_type_is_reported(
    analyzer: Analyzer, kind: str, names: Any
) -> None:
    for enabled in names.enabled:
        by_dependency = key("unusable", kind, **{enabled: False})
        (message,) = analyzer.analyze_stack([by_dependency, table_with(by_dependency)]).messages
        assert FAULT in message
        for identity in ("arn", "keyId", "id"):
            by_name = Resource(kind, {enabled: False, identity: KEY_ARN}, "unusable")
            table = deployed("orders", serverSideEncryption={"enabled": True, "kmsKeyArn": KEY_ARN})
            (message,) = analyzer.analyze_stack([by_name, table]).messages
            assert FAULT in message
    for spec in names.spec:
        asymmetric = key("signing", kind, **{spec: "RSA_2048"})
        (message,) = analyzer.analyze_stack([asymmetric, table_with(asymmetric)]).messages
        assert "to the key 'signing', which is an asymmetric key, so the key can't" in message


@pytest.mark.parametrize(("kind", "names"), ALIASES.items())
def test_an_unusable_key_behind_an_alias_of_every_type_is_reported(
    analyzer: Analyzer, kind: str, names: Any
) -> None:
    target, identities = names
    unusable = key("unusable", isEnabled=False)
    for identity in identities:
        alias = depending(Resource(kind, {identity: "alias/orders"}, "alias"), target, unusable)
        block = {"enabled": True, "kmsKeyArn": "alias/orders"}
        table = deployed("orders", serverSideEncryption=block)
        (message,) = analyzer.analyze_stack([unusable, alias, table]).messages
        assert FAULT in message


EXTERNAL = "aws:kms/externalKey:ExternalKey"
PENDING = {"enabled": False, "keyState": "PendingImport"}


@pytest.mark.parametrize(
    "kind",
    [
        EXTERNAL,
        "aws:kms/replicaExternalKey:ReplicaExternalKey",
        "aws:index/kmsExternalKey:KmsExternalKey",
        "aws:index/kmsReplicaExternalKey:KmsReplicaExternalKey",
    ],
)
@pytest.mark.parametrize("strict", [False, True])
def test_a_key_that_waited_for_its_key_material_is_undetermined(
    analyzer: Analyzer, kind: str, strict: bool
) -> None:
    analyzer.configure(for_all_policies(requireCustomerManagedKey=strict))
    pending = key("imported", kind, arn=KEY_ARN, **PENDING)
    block = {"enabled": True, "kmsKeyArn": KEY_ARN}
    recorded = deployed("orders", serverSideEncryption=block)
    for stack in ([pending, recorded], [pending, table_with(pending)]):
        (advice,) = analyzer.analyze_stack(stack).violations
        assert advice.level == "advisory"
        assert (
            "DynamoDB table 'orders' uses a KMS key, but the key can't be checked: the key "
            "'imported' was waiting for its key material when the state was recorded. Import the "
            "key material, and run `pulumi refresh`.\n"
        ) in advice.message


@pytest.mark.parametrize(
    ("outputs", "fault"),
    [
        ({"enabled": False, "keyState": "Disabled"}, "disabled"),
        ({"enabled": False, "keyState": "PendingDeletion"}, "disabled"),
        ({**PENDING, "keySpec": "RSA_2048"}, "an asymmetric key"),
        ({**PENDING, "keySpec": "HMAC_256"}, "an HMAC key"),
    ],
)
def test_key_material_does_not_make_every_key_usable(
    analyzer: Analyzer, outputs: dict[str, Any], fault: str
) -> None:
    unusable = key("unusable", EXTERNAL, **outputs)
    (message,) = analyzer.analyze_stack([unusable, table_with(unusable)]).messages
    assert f"to the key 'unusable', which is {fault}, so" in message


def test_one_key_that_waits_among_unusable_ones_is_undetermined(analyzer: Analyzer) -> None:
    pending, unusable = key("imported", EXTERNAL, **PENDING), key("unusable", isEnabled=False)
    for keys in ((pending, unusable), (unusable, pending)):
        (advice,) = analyzer.analyze_stack([*keys, table_with(*keys)]).violations
        assert advice.level == "advisory"


def test_an_unusable_key_of_a_replica_resource_is_reported(analyzer: Analyzer) -> None:
    unusable = key("unusable", isEnabled=False)
    replica = Resource(
        "aws:dynamodb/tableReplica:TableReplica", {"arn": UNKNOWN, "kmsKeyArn": UNKNOWN}, "copy"
    )
    stack = [unusable, depending(replica, "kmsKeyArn", unusable)]
    (message,) = analyzer.analyze_stack(stack).messages
    assert (
        "DynamoDB table replica 'copy' sets kmsKeyArn to the key 'unusable', which is disabled"
    ) in message


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
def test_every_route_leaves_out_new_resources(
    analyzer: Analyzer, kind: str, planned_outputs: dict[str, Any]
) -> None:
    assert analyzer.analyze_stack([Resource(kind, planned_outputs)]).violations == ()
    known = {**dict.fromkeys(planned_outputs, "known"), "properties": "{}"}
    created = {
        name: known[name] if value is UNKNOWN else value for name, value in planned_outputs.items()
    }
    assert len(analyzer.analyze_stack([Resource(kind, created)]).violations) == 1
