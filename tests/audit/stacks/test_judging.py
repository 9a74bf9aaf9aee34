"""Findings about the tables of a state."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.results import Finding, KeyType, Verdict
from audit.stacks.judging import findings_of
from audit.stacks.states import DamagedStateError, parse
from policies.settings.reading import read
from policies.settings.settings import Settings
from tests.audit.stacks.samples import (
    KEY,
    STACK,
    TABLE,
    arn,
    encrypted,
    resource,
    secret,
    state,
    table,
)
from tests.keys import ACCOUNT, KEY_ARN

STRICT = read({"requireCustomerManagedKey": True})


def judged(*resources: Any, settings: Settings | None = None) -> list[Finding]:
    content = parse(json.dumps(state(*resources)))
    return findings_of(content, settings or Settings(), stack="acme/shop/dev", identity="eve")


def of(*resources: Any, settings: Settings | None = None) -> Finding:
    (finding,) = judged(*resources, settings=settings)
    return finding


def shown(finding: Finding) -> dict[str, Any]:
    found: dict[str, Any] = finding.evidence.parsed()["Resource"]
    return found


def test_a_table() -> None:
    finding = of(table("orders", KEY_ARN))
    assert (finding.stack, finding.urn) == ("acme/shop/dev", f"{STACK}::{TABLE}::orders")
    assert (finding.account, finding.region, finding.arn) == (ACCOUNT, "eu-west-1", arn("orders"))
    assert (finding.verdict, finding.rejected) == (Verdict.COMPLIANT, False)
    assert finding.reason == f"The customer managed key {KEY_ARN} encrypts the table."
    assert (finding.key.arn, finding.key.type) == (KEY_ARN, KeyType.CUSTOMER_MANAGED)
    assert finding.evidence.source == "pulumi stack export"
    assert finding.evidence.time.isoformat() == "2026-11-25T09:30:00.123456+00:00"
    assert finding.evidence.identity == "eve"
    assert shown(finding) == {
        "type": TABLE, "id": "orders", "name": "orders", "arns": [arn("orders")],
        "encryption": {"enabled": True, "key": KEY_ARN},
    }  # fmt: skip


def test_a_violation_has_the_words_of_the_policy() -> None:
    finding = of(table("orders", enabled=False))
    assert (finding.verdict, finding.rejected) == (Verdict.VIOLATION, True)
    assert finding.reason.startswith("DynamoDB table 'orders' is deployed without KMS encryption, ")
    assert finding.fix_note.startswith("To use the AWS managed key aws/dynamodb, set `server")
    assert (finding.fix, finding.key.type) == ("", KeyType.AWS_OWNED)
    assert shown(finding)["encryption"] == {"enabled": False}


def test_the_settings_and_their_exemptions() -> None:
    finding = of(table("orders"), settings=STRICT)
    assert (finding.verdict, finding.rejected) == (Verdict.VIOLATION, True)
    exempting = read({"exemptions": [{"urn": f"{STACK}::*::old*", "reason": "moved"}]})
    finding = of(table("old-orders", enabled=False), settings=exempting)
    assert (finding.verdict, finding.rejected) == (Verdict.EXEMPT, False)
    assert finding.exemption is not None
    assert finding.exemption.pattern == f"{STACK}::*::old*"
    assert finding.reason == "DynamoDB table 'old-orders' is exempt: moved"
    expired = [{"table": "*-orders", "reason": "moved", "expires": "2020-01-31"}]
    finding = of(table("old-orders", enabled=False), settings=read({"exemptions": expired}))
    assert (finding.verdict, finding.exemption) == (Verdict.VIOLATION, None)
    assert "exemption expired at the end of 2020-01-31 (UTC)" in finding.reason


def test_the_verdicts_about_a_table_and_its_replicas_are_one_finding() -> None:
    keys = {"us-east-1": "arn:aws:s3:::a", "us-west-2": "a key", "eu-west-2": ""}
    replicas = [
        {"regionName": region, "arn": arn("orders", region), "kmsKeyArn": key}
        for region, key in keys.items()
    ]
    outputs = {**table("orders")["outputs"], "replicas": replicas}
    finding = of(resource("orders", outputs=outputs))
    assert finding.verdict is Verdict.VIOLATION
    assert "replica in us-east-1" in finding.reason
    assert "replica in us-west-2" in finding.reason
    assert "replica in eu-west-2" not in finding.reason
    assert shown(finding)["arns"] == [arn("orders"), *(arn("orders", region) for region in keys)]


def test_inputs_that_break_the_rule() -> None:
    finding = of(table("orders", inputs={"hashKey": "id"}))
    assert (finding.verdict, finding.rejected) == (Verdict.COMPLIANT, True)
    assert finding.reason == (
        "The AWS managed key aws/dynamodb encrypts the table. The inputs that the state records "
        "break the rule, so the next preview rejects the table, unless the program was changed "
        "since."
    )
    outputs = {**table("orders")["outputs"], "serverSideEncryption": encrypted()}
    finding = of(resource("orders", outputs=outputs, inputs={"hashKey": "id"}))
    assert (finding.verdict, finding.rejected) == (Verdict.UNDETERMINED, True)


def test_a_table_that_the_stack_only_reads() -> None:
    finding = of(table("orders", enabled=False, inputs={}, external=True))
    assert (finding.verdict, finding.rejected) == (Verdict.VIOLATION, False)
    assert finding.fix_note.startswith("This program only reads the table.")
    assert shown(finding)["external"] is True


def test_a_key_of_the_stack_that_can_not_encrypt_a_table() -> None:
    def key(**members: Any) -> dict[str, Any]:
        outputs = {"arn": KEY_ARN, "isEnabled": False, "keyUsage": "ENCRYPT_DECRYPT"}
        return resource("dead", KEY, **{"outputs": outputs, **members})

    finding = of(table("orders", KEY_ARN), key())
    assert (finding.verdict, finding.rejected) == (Verdict.VIOLATION, True)
    assert "the key 'dead', which is disabled" in finding.reason
    finding = of(table("orders", KEY_ARN), key(outputs={"arn": KEY_ARN}))
    assert finding.verdict is Verdict.COMPLIANT
    # What is damaged can be the record of this key.
    for damaged in (key(outputs=[]), key(id=1), 5, {"urn": "a", "type": KEY}):
        finding = of(table("orders", KEY_ARN), damaged)
        assert finding.verdict is Verdict.UNDETERMINED
        assert "the key can't be checked: a part of the state is damaged" in finding.reason
        assert of(table("orders"), damaged).verdict is Verdict.COMPLIANT
    other = resource("bucket", "aws:s3/bucket:Bucket", outputs=[])
    assert of(table("orders", KEY_ARN), other).verdict is Verdict.COMPLIANT


def test_replaced_tables_that_wait_for_their_deletion() -> None:
    old = {**table("orders", enabled=False, delete=True), "id": "orders-1"}
    old["outputs"] = {**old["outputs"], "arn": arn("orders-1")}
    key = resource("key", KEY, outputs={"arn": KEY_ARN, "isEnabled": False})
    found = judged(
        key,
        table("orders", KEY_ARN.replace("1234abcd", "5678abcd")),
        old,
        table("orders", KEY_ARN, delete=True),
        table("orders", enabled=False, delete=True, retainOnDelete=True),
        table("inputs", delete=True, inputs={}, outputs={}),
        resource("bad", delete=True, outputs=1, inputs={}),
    )
    assert [(each.table, each.verdict, each.rejected, each.arn) for each in found] == [
        ("orders", Verdict.COMPLIANT, False, arn("orders")),
        ("orders (to be deleted)", Verdict.VIOLATION, False, arn("orders-1")),
        ("inputs (to be deleted)", Verdict.UNDETERMINED, False, ""),
        ("bad (to be deleted)", Verdict.NOT_READ, False, ""),
        ("orders (to be deleted, 2)", Verdict.VIOLATION, False, arn("orders")),
        ("orders (to be forgotten, 3)", Verdict.VIOLATION, False, arn("orders")),
    ]
    assert found[1].urn == found[0].urn
    assert shown(found[1])["arns"] == [arn("orders-1")]
    assert found[1].reason.endswith(
        "restrict, or revoke. The stack has replaced the table, and its next update deletes it."
    )
    assert found[1].fix_note.startswith("Run `pulumi up`, which deletes the table. ")
    assert found[5].reason.endswith("removes the table from the state, and keeps it in AWS.")


def test_inputs_of_a_replaced_table_reject_nothing() -> None:
    finding = of(table("orders", inputs={"serverSideEncryption": {"enabled": False}}, delete=True))
    assert (finding.verdict, finding.rejected) == (Verdict.COMPLIANT, False)
    assert "preview" not in finding.reason


def test_a_damaged_table_is_not_read() -> None:
    broken = resource("broken", inputs={}, outputs=[1])
    first, second = judged(broken, table("orders", enabled=False))
    assert (first.table, first.verdict) == ("orders", Verdict.VIOLATION)
    assert (second.table, second.verdict) == ("broken", Verdict.NOT_READ)
    assert second.reason == (
        "The state of 'broken' is damaged: outputs is a list instead of an object."
    )


@pytest.mark.parametrize(
    "inputs", [{}, {"hashKey": "id", "serverSideEncryption": {"enabled": True}}]
)
def test_a_table_without_outputs_is_undetermined(inputs: dict[str, Any]) -> None:
    finding = of(resource("orders", inputs=inputs))
    assert finding.verdict is Verdict.UNDETERMINED
    assert finding.reason.startswith("The state does not record what is deployed for 'orders'")


def test_secrets_are_judged_and_never_shown() -> None:
    hidden = {
        "arn": arn("hush"), "name": secret("hush"),
        "serverSideEncryption": secret({"enabled": True, "kmsKeyArn": KEY_ARN}),
    }  # fmt: skip
    finding = of(resource("orders", outputs=hidden, id="hush"), settings=STRICT)
    assert finding.verdict is Verdict.COMPLIANT
    assert "hush" not in repr(finding)
    assert KEY_ARN not in repr(finding)
    finding = of(resource("orders", outputs={**hidden, "serverSideEncryption": encrypted()}))
    assert finding.verdict is Verdict.UNDETERMINED


TEMPLATE = json.dumps({"Resources": {"Orders": {"Type": "AWS::DynamoDB::Table"}}})
STACK_ARN = f"arn:aws:cloudformation:eu-west-1:{ACCOUNT}:stack/shop/1"
MODEL = {"Arn": arn("orders"), "TableName": "orders"}


@pytest.mark.parametrize(
    ("kind", "identity", "outputs", "expected"),
    [
        ("aws:dynamodb/tableReplica:TableReplica", "orders:us-east-1",
         {"arn": arn("orders", "us-east-1"), "globalTableArn": arn("orders")},
         {"name": "orders", "arns": [arn("orders", "us-east-1")]}),
        ("aws-native:dynamodb:Table", "orders", {"arn": arn("orders"), "tableName": "orders"},
         {"name": "orders", "arns": [arn("orders")]}),
        ("aws-native:dynamodb:Table", "orders", {"tableName": "orders"}, {"name": "orders"}),
        ("aws-native:dynamodb:GlobalTable", "orders",
         {"arn": arn("orders"), "replicas": [{"region": "eu-west-1"}, {"region": "us-east-1"}]},
         {"name": "orders", "arns": [arn("orders"), arn("orders", "us-east-1")]}),
        ("aws:cloudcontrol/resource:Resource", "orders",
         {"typeName": "AWS::DynamoDB::Table", "properties": json.dumps(MODEL)},
         {"name": "orders", "arns": [arn("orders")]}),
        ("shop:index/dynamodbTable:DynamodbTable", "orders",
         {"arn": arn("orders"), "replicas": [{"regionName": "us-east-1"}]},
         {"name": "orders", "arns": [arn("orders"), arn("orders", "us-east-1")]}),
        ("shop:tf:aws_dynamodb_table", "orders",
         {"arn": arn("orders"), "replica": [{"region_name": "us-east-1"}]},
         {"name": "orders", "arns": [arn("orders"), arn("orders", "us-east-1")]}),
        ("pulumi:terraform:awscc_dynamodb_table", "orders",
         {"arn": arn("orders"), "table_name": "orders"},
         {"name": "orders", "arns": [arn("orders")]}),
        ("acme:dynamodb:DynamoDBTable", "orders", {"arn": arn("orders")},
         {"name": "orders", "arns": [arn("orders")]}),
        ("aws:cloudformation/stack:Stack", STACK_ARN,
         {"templateBody": TEMPLATE, "name": "shop", "outputs": {}},
         {"template_stack": STACK_ARN, "logical_id": "Orders"}),
        ("aws-native:cloudformation:Stack", "shop",
         {"templateBody": TEMPLATE, "stackId": STACK_ARN},
         {"template_stack": STACK_ARN, "logical_id": "Orders"}),
        ("pulumi:terraform:aws_cloudformation_stack", STACK_ARN, {"template_body": TEMPLATE},
         {"template_stack": STACK_ARN, "logical_id": "Orders"}),
        ("aws:cloudformation/stackSet:StackSet", "everywhere",
         {"templateBody": TEMPLATE, "name": "everywhere", "arn": STACK_ARN},
         {"template_stack_set": "everywhere", "logical_id": "Orders"}),
        ("aws:cloudformation/stackInstances:StackInstances", "everywhere",
         {"stackSetName": "everywhere", "parameterOverrides": {"A": "1"}},
         {"template_stack_set": "everywhere"}),
        ("aws:serverlessrepository/cloudFormationStack:CloudFormationStack", STACK_ARN,
         {"name": "app"}, {"template_stack": STACK_ARN}),
    ],
)  # fmt: skip
def test_what_a_resource_is_in_aws(
    kind: str, identity: str, outputs: dict[str, Any], expected: dict[str, Any]
) -> None:
    finding = of(resource("a", kind, id=identity, outputs=outputs))
    found = shown(finding)
    assert {name: found[name] for name in found if name not in ("type", "encryption")} == {
        "id": identity, **expected
    }  # fmt: skip
    assert finding.arn == next(iter(expected.get("arns", ())), "")
    if "arns" in expected or "template_stack" in expected:
        assert finding.account == ACCOUNT


def test_an_extension_resource_is_judged_by_its_model() -> None:
    kind = "aws-native:index:ExtensionResource"
    inputs = {"type": "AWS::DynamoDB::Table", "properties": {}}
    insecure = of(resource("a", kind, inputs=inputs, outputs={"outputs": MODEL}))
    assert (insecure.verdict, insecure.arn) == (Verdict.VIOLATION, arn("orders"))
    model = {**MODEL, "SSESpecification": {"SSEEnabled": True}}
    secure = of(resource("a", kind, inputs=inputs, outputs={"outputs": model}))
    assert (secure.verdict, secure.rejected) == (Verdict.COMPLIANT, True)
    inputs = {"type": "AWS::S3::Bucket", "properties": {}}
    assert judged(resource("a", kind, inputs=inputs, outputs={"outputs": {}})) == []


DEAD = {"arn": KEY_ARN, "isEnabled": False}
WHOLE = state(
    resource("shop-dev", "pulumi:pulumi:Stack"),
    resource("provider", "pulumi:providers:aws", inputs={"region": "eu-west-1"}),
    table("orders", KEY_ARN, provider=f"{STACK}::pulumi:providers:aws::provider::1"),
    table("insecure", enabled=False, ignoreChanges=["name"], propertyDependencies={"name": []}),
    resource("dead", KEY, outputs=DEAD),
    resource("stack", "aws:cloudformation/stack:Stack", outputs={"templateBody": TEMPLATE}),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
    | st.sampled_from([STACK, KEY_ARN, encrypted(), secret([])]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)  # fmt: skip


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value)
    found = [] if isinstance(value, str) else [(*path, key) for key, _ in items]
    for key, inner in list(value.items() if isinstance(value, dict) else enumerate(value)):
        if isinstance(inner, (dict, list)):
            found += paths(inner, (*path, key))
    return found


def replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    copy = json.loads(json.dumps(value))
    inner = copy
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = new
    return copy


@given(path=st.sampled_from(paths(WHOLE)), new=JSON)
def test_any_change_of_a_state_has_an_answer(path: tuple[Any, ...], new: Any) -> None:
    try:
        content = parse(json.dumps(replaced(WHOLE, path, new)))
    except DamagedStateError:
        return
    for finding in findings_of(content, Settings(), stack="dev"):
        assert finding.reason
        assert isinstance(finding.evidence.parsed()["Resource"], dict)


@given(value=JSON)
def test_any_json_is_a_state_or_damaged(value: Any) -> None:
    for whole in (value, {"deployment": value}, {"checkpoint": value}, state(value, value)):
        with suppress(DamagedStateError):
            content = parse(json.dumps(whole))
            assert findings_of(content, Settings(), stack="dev") == []


NAMES = [each["urn"].split("::")[-1] for each in WHOLE["deployment"]["resources"]]


@given(
    name=st.sampled_from(NAMES),
    member=st.sampled_from([
        "urn", "type", "inputs", "outputs", "provider", "propertyDependencies", "delete", "external"
    ]),
    new=st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.lists(st.none()),
)  # fmt: skip
def test_damage_never_makes_a_table_compliant(name: str, member: str, new: Any) -> None:
    """Each table of the state violates the rule."""
    path = ("deployment", "resources", NAMES.index(name), member)
    content = parse(json.dumps(replaced(WHOLE, path, new)))
    assert content.faults
    found = {each.table: each.verdict for each in findings_of(content, Settings(), stack="dev")}
    assert Verdict.COMPLIANT not in found.values()
    others = {"orders", "insecure", "Orders"} - {name, {"stack": "Orders"}.get(name)}
    uncertain = {Verdict.UNDETERMINED, Verdict.VIOLATION}
    assert all(found[other] in uncertain for other in others)
