"""What holds of both policies whatever a table's properties are."""

from __future__ import annotations

import copy
from contextlib import suppress
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st
from pulumi_policy.proxy import UnknownValueError

from tests.policies.as_the_sdk_does import judge_declared, judge_deployed
from tools.harness import UNKNOWN, Unknown, secret

SSE = "serverSideEncryption"
NAMES = [SSE, "enabled", "kmsKeyArn", "arn", "replicas", "restoreSourceName", "importTable", "tags"]
STRINGS = [
    "",
    "true",
    "False",
    "alias/aws/dynamodb",
    "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    "arn:aws:s3:::orders",
]
PACK_FAILED = "this policy pack failed"

leaves = (
    st.none()
    | st.booleans()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(STRINGS)
    | st.text(max_size=8)
    | st.sampled_from(list(Unknown))
)
trees = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=4), inner, max_size=4)
        | inner.map(secret)
    ),
    max_leaves=12,
)
blocks = st.fixed_dictionaries({}, optional={"enabled": trees, "kmsKeyArn": trees, "x": trees})
tables = st.fixed_dictionaries(
    {"name": st.just("orders")},  # Without any inputs, a table is only read.
    optional={SSE: blocks | blocks.map(secret) | trees, **dict.fromkeys(NAMES[3:], trees)},
)


def outcome(properties: Any) -> str:
    """Answers violation, undetermined or pass; fails if the policy had to catch its own mistake."""
    try:
        messages = judge_declared(properties)
    except UnknownValueError:
        return "undetermined"
    assert not any(PACK_FAILED in message for message in messages), messages
    return "violation" if messages else "pass"


def plain(value: Any) -> Any:
    """`value` without its marks of secrets."""
    if isinstance(value, dict):
        return plain(value["value"]) if len(value) == 2 and "value" in value else value
    return value


@given(tables)
def test_only_a_table_that_says_enabled_is_accepted(properties: dict[str, Any]) -> None:
    if outcome(properties) == "pass":
        enabled = plain(plain(properties[SSE])["enabled"])
        assert enabled is True or enabled == "true"


@given(tables, st.sampled_from([(SSE,), (SSE, "enabled"), ("tags",)]))
def test_a_value_that_becomes_unknown_turns_no_violation_into_a_pass(
    properties: dict[str, Any], path: tuple[str, ...]
) -> None:
    assume(outcome(properties) == "violation")
    changed = copy.deepcopy(properties)
    inner = changed
    for name in path[:-1]:
        inner = plain(inner.get(name))
        assume(isinstance(inner, dict))
    inner[path[-1]] = UNKNOWN
    assert outcome(changed) != "pass"


@given(tables)
def test_a_key_that_becomes_unknown_mends_nothing_but_the_key(properties: dict[str, Any]) -> None:
    block = plain(properties.get(SSE))
    assume(isinstance(block, dict))
    without_key = {**properties, SSE: {k: v for k, v in block.items() if k != "kmsKeyArn"}}
    with_unknown = {**properties, SSE: {**block, "kmsKeyArn": UNKNOWN}}
    assert outcome(with_unknown) == outcome(without_key)


@given(tables)
def test_replicas_that_become_unknown_mend_nothing_but_the_replicas(
    properties: dict[str, Any],
) -> None:
    without = {name: value for name, value in properties.items() if name != "replicas"}
    assert outcome({**properties, "replicas": UNKNOWN}) == outcome(without)


@given(tables, st.sampled_from(NAMES))
def test_a_value_that_becomes_secret_changes_nothing(properties: dict[str, Any], name: str) -> None:
    assume(name in properties)
    hidden = {**properties, name: secret(properties[name])}
    assert outcome(hidden) == outcome(properties)


@given(st.lists(tables, max_size=5), st.randoms(use_true_random=False))
def test_the_order_of_a_stacks_tables_changes_no_verdict(
    stack: list[dict[str, Any]], random: Any
) -> None:
    order = list(range(len(stack)))
    random.shuffle(order)
    assert violating(stack) == {order[n] for n in violating([stack[n] for n in order])}


@given(st.lists(tables, min_size=1, max_size=5))
def test_each_deployed_table_is_judged_as_if_it_were_alone(stack: list[dict[str, Any]]) -> None:
    alone = {n for n, table in enumerate(stack) if violating([table])}
    assert violating(stack) == alone


def violating(stack: list[dict[str, Any]]) -> set[int]:
    if not stack:
        return set()
    violations: list[tuple[str, str]] = []
    with suppress(UnknownValueError):
        judge_deployed(stack, violations)
    assert not any(PACK_FAILED in message for _, message in violations), violations
    return {int(urn) for urn, _ in violations}
