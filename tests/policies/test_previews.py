"""What a preview reports: no noise for a correct program, and an open question once."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from policies.routes import kms_keys
from tests.keys import ACCOUNT, KEY_ARN, key_arn
from tests.project import UNDETERMINED, for_all_policies
from tools.harness import UNKNOWN, Analyzer, Answer, Diagnostic, Resource

STRICT = {"requireCustomerManagedKey": True}
ALLOWED = {"allowedKmsKeys": [ACCOUNT]}
ENABLED = {"sseEnabled": True, "sseType": "KMS"}
PASCAL = {"SSEEnabled": True, "SSEType": "KMS"}


def template(key: Any, condition: Any = None) -> dict[str, Any]:
    table = {
        "Type": "AWS::DynamoDB::Table",
        "Properties": {"SSESpecification": {**PASCAL, "KMSMasterKeyId": key}},
    }
    parameters = {"KeyArn": {"Type": "String"}}
    if condition is None:
        return {"Parameters": parameters, "Resources": {"Orders": table}}
    return {
        "Parameters": parameters,
        "Conditions": {"Create": condition},
        "Resources": {"Orders": {**table, "Condition": "Create"}},
    }


def replicas(*regions: str) -> list[dict[str, Any]]:
    return [{"regionName": region, "kmsKeyArn": UNKNOWN} for region in regions]


ON_THE_ACCOUNT = {"Fn::Equals": [{"Ref": "AWS::AccountId"}, ACCOUNT]}
STACK = "aws:cloudformation/stack:Stack"
TABLES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "table": (
        "aws:dynamodb/table:Table",
        "serverSideEncryption",
        {"serverSideEncryption": {"enabled": True, "kmsKeyArn": UNKNOWN}},
    ),
    "table with a replica": (
        "aws:dynamodb/table:Table",
        "replicas",
        {
            "serverSideEncryption": {"enabled": True, "kmsKeyArn": key_arn("eu-west-1")},
            "replicas": replicas("us-east-1"),
        },
    ),
    "table with replicas": (
        "aws:dynamodb/table:Table",
        "replicas",
        {
            "serverSideEncryption": {"enabled": True, "kmsKeyArn": key_arn("eu-west-1")},
            "replicas": replicas("us-east-1", "us-west-2"),
        },
    ),
    "replica": (
        "aws:dynamodb/tableReplica:TableReplica",
        "kmsKeyArn",
        {"globalTableArn": UNKNOWN, "kmsKeyArn": UNKNOWN},
    ),
    "bridged table": (
        "any:index/dynamodbTable:DynamodbTable",
        "serverSideEncryption",
        {"serverSideEncryption": {"enabled": True, "kmsKeyArn": UNKNOWN}},
    ),
    "bridged awscc table": (
        "awscc:index/dynamodbTable:DynamodbTable",
        "sseSpecification",
        {"sseSpecification": {**ENABLED, "kmsMasterKeyId": UNKNOWN}, "keySchema": "[]"},
    ),
    "native table": (
        "aws-native:dynamodb:Table",
        "sseSpecification",
        {"sseSpecification": {**ENABLED, "kmsMasterKeyId": UNKNOWN}},
    ),
    "native global table": (
        "aws-native:dynamodb:GlobalTable",
        "replicas",
        {
            "sseSpecification": ENABLED,
            "replicas": [
                {"region": region, "sseSpecification": {"kmsMasterKeyId": UNKNOWN}}
                for region in ("eu-west-1", "us-east-1")
            ],
        },
    ),
    "extension resource": (
        "aws-native:index:ExtensionResource",
        "properties",
        {
            "type": "AWS::DynamoDB::Table",
            "properties": {"SSESpecification": {**PASCAL, "KMSMasterKeyId": UNKNOWN}},
        },
    ),
    "template with a parameter": (
        STACK,
        "parameters",
        {
            "templateBody": json.dumps(template({"Ref": "KeyArn"})),
            "parameters": {"KeyArn": UNKNOWN},
        },
    ),
    "conditional table of a template": (
        STACK,
        "parameters",
        {
            "templateBody": json.dumps(template({"Ref": "KeyArn"}, ON_THE_ACCOUNT)),
            "parameters": {"KeyArn": UNKNOWN},
        },
    ),
    "template with the key": (
        "aws-native:cloudformation:Stack",
        "templateBody",
        {"templateBody": template(UNKNOWN)},
    ),
}
"""Tables whose key is unknown: the type, the property that has the key, and the inputs."""

EACH_TABLE = pytest.mark.parametrize("declared", TABLES.values(), ids=TABLES)
EACH_STATE = pytest.mark.parametrize("created", [False, True], ids=["new", "created"])

KEYS = [f"any:index/k:{kind}" if kind.isalnum() else kind for kind in kms_keys.KEYS]
ALIASES = [f"any:index/a:{kind}" if kind.isalnum() else kind for kind in kms_keys.ALIASES]
QUEUE = Resource("aws:sqs/queue:Queue", {"arn": UNKNOWN}, "queue")


def key(kind: str = KEYS[0], name: str = "key", **outputs: Any) -> Resource:
    return Resource(kind, {"arn": UNKNOWN, "keyId": UNKNOWN, "id": UNKNOWN, **outputs}, name)


def depending(
    declared: tuple[str, str, dict[str, Any]], *targets: Resource, created: bool = False
) -> tuple[Resource, Resource]:
    """Return a resource by its inputs, and by the outputs that a preview plans."""
    kind, name, inputs = declared
    resource = Resource(
        kind, inputs, property_dependencies={name: [target.urn for target in targets]}
    )
    made = ("id", "arn", "outputs", "stackId", "stackSetId")
    arn = f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/orders"
    outputs = dict.fromkeys(made, arn if created else UNKNOWN)
    return resource, replace(resource, properties={**outputs, **inputs})


def preview(
    analyzer: Analyzer, settings: dict[str, Any], resource: Resource, *stack: Resource
) -> tuple[Answer, Answer]:
    analyzer.configure(for_all_policies(**settings))
    return analyzer.analyze(resource), analyzer.analyze_stack(stack)


def reports(answers: tuple[Answer, Answer]) -> list[Diagnostic]:
    return [each for answer in answers for each in (*answer.violations, *answer.undetermined)]


@EACH_STATE
@EACH_TABLE
@pytest.mark.parametrize("settings", [{}, STRICT], ids=["default", "strict"])
def test_a_table_with_a_key_of_the_same_program_has_no_message(
    pack_in_preview: Analyzer,
    declared: tuple[str, str, dict[str, Any]],
    settings: dict[str, Any],
    created: bool,
) -> None:
    new_key = key()
    resource, planned = depending(declared, new_key, created=created)
    # A key for another purpose does not matter.
    signing = key(name="signing", customerMasterKeySpec="RSA_2048", keyUsage="SIGN_VERIFY")
    for stack in ([new_key, planned], [planned, new_key], [new_key, signing, planned]):
        assert reports(preview(pack_in_preview, settings, resource, *stack)) == []


@pytest.mark.parametrize("kind", KEYS)
def test_a_key_of_any_type_is_customer_managed(pack_in_preview: Analyzer, kind: str) -> None:
    new_key = key(kind)
    resource, planned = depending(TABLES["table"], new_key)
    assert reports(preview(pack_in_preview, STRICT, resource, new_key, planned)) == []


@pytest.mark.parametrize("kind", ALIASES)
def test_an_alias_of_any_type_is_customer_managed(pack_in_preview: Analyzer, kind: str) -> None:
    alias = Resource(kind, {"arn": UNKNOWN, "name": UNKNOWN}, "alias")
    resource, planned = depending(TABLES["table"], alias)
    assert reports(preview(pack_in_preview, STRICT, resource, alias, planned)) == []


def test_keys_in_several_regions_have_no_message(pack_in_preview: Analyzer) -> None:
    primary, replica = key(), key("aws:kms/replicaKey:ReplicaKey", "replica")
    for name in ("table with replicas", "native global table"):
        resource, planned = depending(TABLES[name], primary, replica)
        stack = (primary, replica, planned)
        assert reports(preview(pack_in_preview, STRICT, resource, *stack)) == []


@EACH_STATE
@EACH_TABLE
@pytest.mark.parametrize("settings", [STRICT, ALLOWED], ids=["strict", "allowed"])
def test_an_unknown_key_from_elsewhere_is_reported_once(
    pack_in_preview: Analyzer,
    declared: tuple[str, str, dict[str, Any]],
    settings: dict[str, Any],
    created: bool,
) -> None:
    reference = Resource("pulumi:pulumi:StackReference", {"outputs": UNKNOWN}, "reference")
    for targets in ([reference], [key(), reference]):
        resource, planned = depending(declared, *targets, created=created)
        (report,) = reports(preview(pack_in_preview, settings, resource, *targets, planned))
        assert (report.policy, report.level) == (UNDETERMINED, "advisory")
        assert report.urn == planned.urn
        assert "The KMS key of DynamoDB table " in report.message
        assert "is not known until the update.\nRun `pulumi up`, which checks" in report.message
        assert reports(preview(pack_in_preview, {}, resource, *targets, planned)) == []


@EACH_STATE
@EACH_TABLE
def test_a_new_key_may_not_be_in_the_list(
    pack_in_preview: Analyzer, declared: tuple[str, str, dict[str, Any]], created: bool
) -> None:
    new_key = key()
    resource, planned = depending(declared, new_key, created=created)
    for settings in (ALLOWED, {**STRICT, **ALLOWED}):
        (report,) = reports(preview(pack_in_preview, settings, resource, new_key, planned))
        assert (report.policy, report.level) == (UNDETERMINED, "advisory")


def test_a_key_that_only_has_the_name_of_a_type_is_not_a_key(pack_in_preview: Analyzer) -> None:
    for kind in ("any:index:KmsKey", "any:kms/key:Key", "kms:index:Key"):
        other = Resource(kind, {"arn": UNKNOWN}, "other")
        resource, planned = depending(TABLES["table"], other)
        (report,) = reports(preview(pack_in_preview, STRICT, resource, other, planned))
        assert report.policy == UNDETERMINED


def test_a_value_that_is_not_the_key_is_still_open(pack_in_preview: Analyzer) -> None:
    """Whether the table is encrypted depends on the queue."""
    declared = (
        "aws:dynamodb/table:Table",
        "serverSideEncryption",
        {"serverSideEncryption": {"enabled": UNKNOWN, "kmsKeyArn": UNKNOWN}},
    )
    new_key = key()
    for created in (False, True):
        resource, planned = depending(declared, new_key, QUEUE, created=created)
        answers = preview(pack_in_preview, STRICT, resource, new_key, QUEUE, planned)
        assert [each.level for each in answers[0].undetermined] == ["advisory"]
        assert len(answers[1].violations) == created


def test_a_table_without_an_arn_is_new_only_in_a_preview(
    pack_in_preview: Analyzer, analyzer: Analyzer
) -> None:
    table = Resource("aws:dynamodb/table:Table", {"hashKey": "id"}, "orders")
    assert len(pack_in_preview.analyze(table).violations) == 1
    assert pack_in_preview.analyze_stack([table]).violations == ()
    assert len(analyzer.analyze_stack([table]).violations) == 1
    created = replace(table, properties={"arn": KEY_ARN.replace("kms", "dynamodb")})
    assert len(pack_in_preview.analyze_stack([created]).violations) == 1
