"""Read states: what `pulumi stack export` writes, and what is damaged."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import datetime, timezone
from typing import Any

import pytest

from audit.stacks.states import DamagedStateError, State, parse, policy_resources
from tests.audit.stacks.samples import (
    KEY,
    SIGNATURE,
    STACK,
    encrypted,
    resource,
    secret,
    state,
    table,
)
from tools import CHECKOUT


def parsed(*resources: Any) -> State:
    return parse(json.dumps(state(*resources)))


def test_a_state() -> None:
    of_engine = parsed(resource("shop-dev", "pulumi:pulumi:Stack"), table("orders"))
    assert (of_engine.project, of_engine.stack) == ("shop", "dev")
    assert of_engine.updated == datetime(2026, 11, 25, 9, 30, 0, 123456, timezone.utc)
    assert [each.name for each in of_engine.resources] == ["shop-dev", "orders"]
    assert (of_engine.faults, of_engine.has_secrets) == ((), False)


@pytest.mark.parametrize(
    "empty",
    [
        {"version": 3, "deployment": None},
        {"version": 3, "deployment": {}},
        {"version": 4, "deployment": {"resources": None}},
        {"version": 3, "deployment": {"manifest": {"time": "0001-01-01T00:00:00Z"}}},
        {"version": 3, "checkpoint": {"stack": "dev"}},
        {"version": 3, "deployment": {"manifest": {"time": "9999-12-31T23:59:59-23:59"}}},
        {"version": 3, "deployment": {"manifest": {"time": 5}}},
    ],
)  # fmt: skip
def test_a_stack_without_resources(empty: Any) -> None:
    assert parse(json.dumps(empty)) == State()


def test_the_file_of_a_backend() -> None:
    deployment = state(table("orders"))["deployment"]
    checkpoint = {"version": 3, "checkpoint": {"stack": "dev", "latest": deployment}}
    assert parse(json.dumps(checkpoint)) == parse(json.dumps(state(table("orders"))))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_file_that_powershell_wrote(encoding: str) -> None:
    assert parse(json.dumps(state(table("orders"))).encode(encoding)).stack == "dev"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is not JSON: Expecting value (line 1, column 1)."),
        (b"\xff\xfe\xff", "is not a text in UTF-8."),
        ("[]", "is a list instead of an object."),
        (json.dumps(secret({})), "is a secret instead of an object."),
        ("{}", "has no deployment. Write it with `pulumi stack export --file FILE`."),
        ('{"deployment": 5}', "is a number instead of an object."),
        ('{"deployment": {"resources": {"a": 1}}}', "are an object instead of a list."),
        ('{"version": 5, "deployment": {}}', "has an unknown version. The audit reads versions "),
        ('{"version": "3", "deployment": {}}', "has an unknown version. The audit reads versions "),
        ('{"deployment": NaN}', "is not JSON that the CLI can read"),
        (f'{{"deployment": {"9" * 5000}}}', "is not JSON that the CLI can read"),
        ('{"a":' * 100_000, "is not JSON that the CLI can read"),
    ],
)
def test_a_text_that_is_no_state(text: str | bytes, message: str) -> None:
    with pytest.raises(DamagedStateError) as error:
        parse(text)
    assert message in str(error.value)


def test_a_damaged_resource_hides_no_other() -> None:
    damaged = parsed(
        5,
        {"urn": "orders", "type": "a"},
        resource("a", inputs=[]),
        resource("b", KEY, propertyDependencies={"x": [1]}),
        resource("c", delete="yes"),
        resource("d", ignoreChanges="all"),
        table("orders"),
        table("orders"),
        {"delete": True},
    )
    assert damaged.faults == (
        "Resource 1 of the state has no valid URN or type, so it is not checked.",
        "Resource 2 of the state has no valid URN or type, so it is not checked.",
        "The state of 'a' is damaged: inputs is a list instead of an object.",
        "The state of 'b' is damaged: 'x' is no list of strings.",
        "The state of 'c' is damaged: delete is a string instead of a boolean.",
        "The state of 'd' is damaged: ignoreChanges is a string instead of a list.",
        "The state has 'orders' twice with the same URN.",
        "Resource 9 of the state has no valid URN or type, so it is not checked.",
    )
    shown = policy_resources(damaged, "outputs")
    assert [each.name for each in shown] == ["orders", "orders"]


def test_replaced_resources_are_not_those_that_an_analysis_checks() -> None:
    replaced = parsed(
        table("orders"),
        table("orders", enabled=False, delete=True),
        resource("k", KEY, delete=True),
        resource("old", delete=True, outputs={"serverSideEncryption": encrypted()}),
        resource("bad", delete=True, inputs=1),
    )
    assert [each.name for each in replaced.resources] == ["orders"]
    assert [each.name for each in replaced.replaced] == ["orders", "old", "bad"]
    assert [each.name for each in policy_resources(replaced, "outputs")] == ["orders"]
    assert replaced.faults == (
        "The state of 'bad' is damaged: inputs is a number instead of an object.",
    )
    assert replaced.has_secrets
    assert not replaced.hides_keys


@pytest.mark.parametrize(
    ("operations", "faults"),
    [
        (None, ()),
        ([{"resource": resource("k", KEY), "type": "creating"}], ()),
        (
            [
                {"resource": table("orders"), "type": "creating"},
                {"resource": table("carts"), "type": ["x"]},
                {"resource": {"urn": 1}},
                5,
            ],
            (
                "An update was interrupted while creating 'orders', so the state may not record "
                "what is deployed. Run `pulumi refresh`, which asks what to do with an interrupted "
                "creation.",
                "An update was interrupted while changing 'carts', so the state may not record "
                "what is deployed. Run `pulumi refresh`, which asks what to do with an interrupted "
                "creation.",
                "Pending operation 3 of the state has no resource with a valid URN or type.",
                "Pending operation 4 of the state has no resource with a valid URN or type.",
            ),
        ),
        ({}, ()),
        ({"a": 1}, ("The pending operations of the state are an object instead of a list.",)),
    ],
)
def test_interrupted_operations(operations: Any, faults: tuple[str, ...]) -> None:
    content = state(table("sessions"))
    content["deployment"]["pending_operations"] = operations
    assert parse(json.dumps(content)).faults == faults


@pytest.mark.parametrize(
    ("kind", "outputs", "expected"),
    [
        ("aws:dynamodb/table:Table", {"serverSideEncryption": encrypted()}, True),
        ("aws:dynamodb/table:Table", {"serverSideEncryption": {"enabled": encrypted()}}, True),
        ("aws:dynamodb/table:Table", {"replicas": [secret({"kmsKeyArn": encrypted()})]}, True),
        ("aws:dynamodb/table:Table", {"serverSideEncryption": secret({})}, False),
        ("aws:dynamodb/table:Table", {"replicas": {**secret(1), "plaintext": "{"}}, True),
        ("aws:dynamodb/table:Table", {"tags": encrypted()}, False),
        ("aws:kms/key:Key", {"isEnabled": encrypted()}, True),
        ("aws:kms/key:Key", {"policy": encrypted()}, False),
        ("pulumi:providers:aws", {"region": encrypted(), "token": secret("")}, True),
        ("pulumi:providers:aws", {"token": encrypted()}, False),
        ("aws:s3/bucket:Bucket", {"region": encrypted()}, False),
    ],
)  # fmt: skip
def test_encrypted_secrets_that_can_decide(kind: str, outputs: Any, expected: bool) -> None:
    assert parsed(resource("a", kind, outputs=outputs)).has_secrets is expected


def test_policies_see_the_properties_as_the_engine_passes_them() -> None:
    (shown, *_) = policy_resources(
        parsed(
            table("orders", outputs={
                "serverSideEncryption": secret({"enabled": secret(True), "kmsKeyArn": encrypted()}),
                "name": "\ud83d\ude00 \ud800",
                "hashKey": {SIGNATURE: "c44067f5952c0a294b673a41bacd8c17", "text": "id"},
            }, inputs={}, parent="gone", provider=f"{STACK}::pulumi:providers:aws::x::1"),
            resource("x", "pulumi:providers:aws", inputs={"region": "eu-west-1"}),
        ),
        "outputs",
    )  # fmt: skip
    assert shown.props["serverSideEncryption"] == {"enabled": True, "kmsKeyArn": "[secret]"}
    assert shown.props["name"] == "\U0001f600 \ufffd"
    assert not isinstance(shown.props["hashKey"], dict)
    assert shown.parent is None
    assert shown.provider is not None
    assert shown.provider.props == {"region": "eu-west-1"}


def test_the_check_of_a_configuration_needs_only_the_requirements_of_the_pack() -> None:
    program = (
        "import sys, tools.policy_config.__main__\n"
        "print({'audit.stacks.states', 'botocore', 'click', 'rich', 'jinja2'} & {*sys.modules})"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], cwd=CHECKOUT, capture_output=True, text=True, check=True
    )
    assert result.stdout == "{'audit.stacks.states'}\n"
