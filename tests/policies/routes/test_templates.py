"""The declarations that a stack's template has, by the form of the template."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from policies.encryption.rule import judge
from policies.encryption.settings import RuleSettings
from policies.encryption.tables import (
    ConditionalTable,
    Declaration,
    Encryption,
    InvalidDeclaration,
    Replica,
    Switches,
    Table,
    UnreadTables,
)
from policies.encryption.values import Hidden, Unknown, Unreadable
from policies.encryption.verdicts import Compliant, Undetermined, Verdict, Violation
from policies.routes import cloud_control, extension_resource
from policies.routes.cloudformation import STACK
from policies.snapshot import Snapshot, plain_properties
from tests.policies.in_process import ASSET, proxied
from tools import harness
from tools.harness import UNKNOWN

URL = "https://example.s3.amazonaws.com/orders.yaml"


def declarations(**properties: Any) -> list[Declaration]:
    plain = plain_properties(proxied(properties), STACK.properties)
    return list(STACK.read(Snapshot("infra", plain)))


def template(encryption: Any) -> dict[str, Any]:
    table = {"Type": "AWS::DynamoDB::Table", "Properties": {"SSESpecification": encryption}}
    return {"Resources": {"Orders": table}}


@pytest.mark.parametrize("marker", [marker.value for marker in harness.Unknown])
def test_a_template_has_the_same_tables_as_an_object_and_as_text(marker: str) -> None:
    body = template({"SSEEnabled": marker, "KMSMasterKeyId": "alias/orders"})
    path = "templateBody.Resources.Orders.Properties.SSESpecification.SSEEnabled"
    for form in (body, json.dumps(body), yaml.safe_dump(body)):
        (table,) = declarations(templateBody=form)
        assert isinstance(table, Table)
        assert (table.name, table.template_of) == ("Orders", "infra")
        assert table.encryption == Encryption(True, Unknown(tuple(path.split("."))), "alias/orders")


REGION = {"Ref": "AWS::Region"}


@pytest.mark.parametrize(
    ("region", "is_stack_region"),
    [
        (REGION, True),
        ({"Fn::Sub": "${AWS::Region}"}, True),
        ({"Fn::Select": [0, [REGION]]}, True),
        ("us-east-1", False),
        ({"Ref": "AWS::Partition"}, False),
        ({"Fn::Sub": "${AWS::Region}-1"}, False),
        ({"Ref": "Missing"}, False),
        (UNKNOWN, False),
        (None, False),
    ],
)
def test_a_replica_in_the_region_of_the_stack(region: Any, is_stack_region: bool) -> None:
    replicas = [{"Region": region, "SSESpecification": {"KMSMasterKeyId": "alias/orders"}}]
    body = {
        "Resources": {
            "Orders": {"Type": "AWS::DynamoDB::GlobalTable", "Properties": {"Replicas": replicas}}
        }
    }
    for stack_region in ({}, {"region": UNKNOWN}):
        (table,) = declarations(templateBody=body, **stack_region)
        assert isinstance(table, Table)
        name = region if region == "us-east-1" else None
        assert table.replicas == (Replica(name, "alias/orders", is_stack_region),)
    (table,) = declarations(templateBody=body, region="eu-west-1")
    assert isinstance(table, Table)
    assert isinstance(table.replicas, tuple)
    assert not table.replicas[0].in_stack_region
    if is_stack_region:
        assert table.replicas[0].region == "eu-west-1"


@pytest.mark.parametrize("value", [ASSET, [ASSET]])
def test_an_asset_in_a_template_hides_only_its_value(value: Any) -> None:
    (table,) = declarations(templateBody=template({"SSEEnabled": True, "KMSMasterKeyId": value}))
    assert isinstance(table, Table)
    assert table.encryption is not None
    assert table.encryption.enabled is True
    assert not isinstance(table.encryption.key, str)


@pytest.mark.parametrize(
    ("properties", "cause"),
    [
        ({}, Hidden("the resource sets neither templateBody nor templateUrl")),
        ({"templateBody": UNKNOWN}, Unknown(("templateBody",))),
        ({"templateUrl": UNKNOWN}, Unknown(("templateUrl",))),
        ({"templateUrl": URL}, Hidden("the template is behind a URL (templateUrl)")),
        # A provider plans the body as unknown if the program sets a URL.
        (
            {"templateBody": UNKNOWN, "templateUrl": URL},
            Hidden("the template is behind a URL (templateUrl)"),
        ),
        ({"templateBody": UNKNOWN, "templateUrl": UNKNOWN}, Unknown(("templateUrl",))),
    ],
)
def test_a_template_that_can_not_be_read(properties: dict[str, Any], cause: Unreadable) -> None:
    assert declarations(name="infra", **properties) == [UnreadTables("infra", cause)]


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ([template({})], "templateBody is a list instead of a template"),
        (7, "templateBody is a number instead of a template"),
        (ASSET, "templateBody is an asset or archive instead of a template"),
        ('["AWS::DynamoDB::Table"]', "the template is a list instead of an object"),
    ],
)
def test_an_invalid_template(body: Any, fault: str) -> None:
    assert declarations(templateBody=body) == [InvalidDeclaration("infra", fault)]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("[]", "the template is a list instead of an object"),
        ("", "the template is empty"),
        ("Resources: [", "the template is neither JSON nor YAML"),
    ],
)
def test_a_text_that_can_declare_no_table_is_undetermined(body: str, reason: str) -> None:
    (tables,) = declarations(templateBody=body)
    assert isinstance(tables, UnreadTables)
    assert isinstance(tables.cause, Hidden)
    assert tables.cause.reason.startswith(reason)


@pytest.mark.parametrize("body", [template({}), "[]", None])
def test_a_stack_that_is_not_created_yet(body: Any) -> None:
    for output in ("id", "outputs", "stackId"):
        (declaration,) = declarations(templateBody=body, templateUrl=URL, **{output: UNKNOWN})
        assert declaration.not_created_yet
    (declaration,) = declarations(templateBody=body, templateUrl=URL, id="infra")
    assert not declaration.not_created_yet


@pytest.mark.parametrize(
    ("key", "last", "verdicts"),
    [
        ("alias/orders{}", "alias/orders", (Compliant, Compliant)),
        ("arn:aws:kms:eu-west-1:{}:key/x", "alias/orders", (Compliant, Compliant)),
        ("alias/orders{}", "alias/aws/dynamodb", (Compliant, Undetermined)),
        ("alias/orders{}", "true", (Compliant, Undetermined)),
    ],
)
def test_a_key_of_a_large_map_by_account(
    key: str, last: str, verdicts: tuple[type[Verdict], ...]
) -> None:
    keys = [key.format(number) for number in range(100)]
    accounts = {f"{n:012}": {"Key": each} for n, each in enumerate([*keys, last])}
    lookup = {"Fn::FindInMap": ["Keys", {"Ref": "AWS::AccountId"}, "Key"]}
    body = template({"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": lookup})
    (table,) = declarations(templateBody={**body, "Mappings": {"Keys": accounts}})
    for strict, verdict in zip((False, True), verdicts, strict=True):
        (answer,) = judge(table, RuleSettings(require_customer_managed_key=strict))
        assert isinstance(answer, verdict)


@pytest.mark.parametrize(
    ("key", "verdicts"),
    [
        ("alias/aws/${P}", (Compliant, Violation)),
        ("alias/aws/d${P}", (Compliant, Violation)),
        ("alias/aws/s${P}", (Violation, Violation)),
        ("alias/a${P}", (Compliant, Undetermined)),
        ("arn:aws:kms:${P}:111122223333:alias/aws/${P}", (Compliant, Violation)),
        ("arn:aws:kms:${P}:111122223333:alias/aws/s3", (Violation, Violation)),
        ("arn:aws:kms:${P}:111122223333:alias/aws/dynamodb", (Compliant, Violation)),
        ("arn:aws:kms:${P}:111122223333:alias/orders", (Compliant, Compliant)),
    ],
)
def test_an_alias_that_is_known_in_part(key: str, verdicts: tuple[type[Verdict], ...]) -> None:
    body = template({"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": {"Fn::Sub": key}})
    body["Parameters"] = {"P": {"Type": "String"}}
    (table,) = declarations(templateBody=body, parameters={"P": UNKNOWN})
    for strict, verdict in zip((False, True), verdicts, strict=True):
        (answer,) = judge(table, RuleSettings(require_customer_managed_key=strict))
        assert isinstance(answer, verdict)


ENCRYPT, KEY_ARN, STAGE = (f"the parameter '{name}'" for name in ("Encrypt", "KeyArn", "Stage"))
IS_PROD = "the condition 'IsProd'"
SECTIONS = {
    "Parameters": {name: {"Type": "String"} for name in ("Encrypt", "KeyArn", "Stage")},
    "Conditions": {"IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}},
}
ON = {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": {"Ref": "KeyArn"}}


@pytest.mark.parametrize("encrypt", ["true", "false", UNKNOWN])
@pytest.mark.parametrize(
    ("properties", "switches"),
    [
        (
            {"SSESpecification": {"SSEEnabled": True, "KMSMasterKeyId": "alias/orders"}},
            Switches(),
        ),
        ({"SSESpecification": ON}, Switches(key=(KEY_ARN,))),
        (
            {"SSESpecification": {**ON, "SSEEnabled": {"Ref": "Encrypt"}}},
            Switches(enabled=(ENCRYPT,), key=(KEY_ARN,)),
        ),
        (
            {"SSESpecification": {**ON, "SSEType": {"Ref": "Encrypt"}}},
            Switches(sse_type=(ENCRYPT,), key=(KEY_ARN,)),
        ),
        (
            {"SSESpecification": {"Fn::If": ["IsProd", ON, {"Ref": "AWS::NoValue"}]}},
            Switches((IS_PROD, STAGE), (IS_PROD, STAGE), (IS_PROD, STAGE, KEY_ARN)),
        ),
        (
            {"TableName": {"Ref": "Stage"}, "ImportSourceSpecification": {"Ref": "Stage"}},
            Switches(),
        ),
    ],
)
def test_what_decides_the_encryption_of_a_table(
    properties: dict[str, Any], switches: Switches, encrypt: Any
) -> None:
    resource = {"Type": "AWS::DynamoDB::Table", "Properties": properties}
    (declaration,) = declarations(
        templateBody={**SECTIONS, "Resources": {"Orders": resource}},
        parameters={"Encrypt": encrypt, "KeyArn": "alias/orders", "Stage": encrypt},
    )
    cases = declaration.cases if isinstance(declaration, ConditionalTable) else (declaration,)
    for table in cases:
        assert isinstance(table, Table)
        assert table.switches == switches


def test_what_decides_the_keys_of_replicas() -> None:
    replicas = [
        {"Region": {"Ref": "Stage"}, "SSESpecification": {"KMSMasterKeyId": {"Ref": "KeyArn"}}},
        {"Fn::If": ["IsProd", {"Region": "us-east-1"}, {"Ref": "AWS::NoValue"}]},
    ]
    properties = {"SSESpecification": {"SSEEnabled": {"Ref": "Encrypt"}}, "Replicas": replicas}
    resource = {"Type": "AWS::DynamoDB::GlobalTable", "Properties": properties}
    (table,) = declarations(
        templateBody={**SECTIONS, "Resources": {"Orders": resource}}, parameters={"Stage": "prod"}
    )
    assert isinstance(table, Table)
    assert table.switches == Switches(enabled=(ENCRYPT,), key=(KEY_ARN,))


def test_what_decides_whether_a_table_exists() -> None:
    resource = template({"SSEEnabled": False})["Resources"]["Orders"]
    body = {**SECTIONS, "Resources": {"Orders": {**resource, "Condition": "IsProd"}}}
    (conditional,) = declarations(templateBody=body)
    assert isinstance(conditional, ConditionalTable)
    assert conditional.switches == (IS_PROD, STAGE)
    assert conditional.cases[0].switches == Switches()
    (table,) = declarations(templateBody=body, parameters={"Stage": "prod"})
    assert isinstance(table, Table)


@pytest.mark.parametrize(
    ("body", "is_json"),
    [
        (template({}), True),
        (json.dumps(template({})), True),
        (f"\ufeff\n {json.dumps(template({}))}", True),
        (yaml.safe_dump(template({}), default_flow_style=True), True),
        (yaml.safe_dump(template({})), False),
        (f"# JSON: {{\n{yaml.safe_dump(template({}))}", False),
    ],
)
def test_a_table_in_json(body: Any, is_json: bool) -> None:
    (table,) = declarations(templateBody=body)
    assert isinstance(table, Table)
    assert table.json is is_json


@pytest.mark.parametrize("place", [cloud_control.DESIRED, cloud_control.RECORDED])
def test_a_table_of_cloud_control_is_in_json(place: str) -> None:
    snapshot = Snapshot("orders", {cloud_control.TYPE: "AWS::DynamoDB::Table", place: "{}"})
    (table,) = cloud_control.read(snapshot)
    assert isinstance(table, Table)
    assert table.json


def test_a_table_of_an_extension_resource_is_not_in_json() -> None:
    snapshot = Snapshot("orders", {extension_resource.TYPE: "AWS::DynamoDB::Table"})
    (table,) = extension_resource.read(snapshot)
    assert isinstance(table, Table)
    assert not table.json


def test_a_switch_of_a_large_map_by_account_is_undetermined() -> None:
    accounts = {f"{n:012}": {"On": "true" if n else "false"} for n in range(100)}
    lookup = {"Fn::FindInMap": ["Switch", {"Ref": "AWS::AccountId"}, "On"]}
    body = {**template({"SSEEnabled": lookup}), "Mappings": {"Switch": accounts}}
    (table,) = declarations(templateBody=body)
    (answer,) = judge(table, RuleSettings())
    assert isinstance(answer, Undetermined)
