"""What is true of the policies for any properties of a table."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st
from pulumi_policy.proxy import UnknownValueError

from tests.policies.in_process import PACK_FAILED, judge_declared, judge_deployed
from tests.policies.strategies import values
from tools.harness import UNKNOWN, secret

SSE = "serverSideEncryption"
NAMES = [SSE, "enabled", "kmsKeyArn", "arn", "replicas", "restoreSourceName", "importTable", "tags"]

trees = values(st.sampled_from(NAMES) | st.text(max_size=4))
blocks = st.fixed_dictionaries({}, optional={"enabled": trees, "kmsKeyArn": trees, "x": trees})
tables = st.fixed_dictionaries(
    {"name": st.just("orders")},  # A table without any inputs is not declared, only read.
    optional={SSE: blocks | blocks.map(secret) | trees, **dict.fromkeys(NAMES[3:], trees)},
)


def verdict(properties: Any) -> str:
    """Return "violation", "undetermined" or "pass"."""
    try:
        messages = judge_declared(properties)
    except UnknownValueError:
        return "undetermined"
    assert not any(PACK_FAILED in message for message in messages), messages
    return "violation" if messages else "pass"


def plain(value: Any) -> Any:
    """Return a value without the mark of a secret."""
    if isinstance(value, dict):
        return plain(value["value"]) if len(value) == 2 and "value" in value else value
    return value


@given(tables)
def test_a_table_passes_only_if_it_is_enabled(properties: dict[str, Any]) -> None:
    if verdict(properties) == "pass":
        enabled = plain(plain(properties[SSE])["enabled"])
        assert enabled is True or str(enabled).lower() == "true"


@given(tables, st.sampled_from([(SSE,), (SSE, "enabled"), ("tags",)]))
def test_a_value_that_becomes_unknown_turns_no_violation_into_a_pass(
    properties: dict[str, Any], path: tuple[str, ...]
) -> None:
    assume(verdict(properties) == "violation")
    changed = copy.deepcopy(properties)
    inner = changed
    for name in path[:-1]:
        inner = plain(inner.get(name))
        assume(isinstance(inner, dict))
    inner[path[-1]] = UNKNOWN
    assert verdict(changed) != "pass"


@given(tables)
def test_an_unknown_key_counts_like_no_key(properties: dict[str, Any]) -> None:
    block = plain(properties.get(SSE))
    assume(isinstance(block, dict))
    without_key = {name: value for name, value in block.items() if name != "kmsKeyArn"}
    unknown_key = {**block, "kmsKeyArn": UNKNOWN}
    assert verdict({**properties, SSE: unknown_key}) == verdict({**properties, SSE: without_key})


@given(tables)
def test_unknown_replicas_count_like_no_replicas(properties: dict[str, Any]) -> None:
    without = {name: value for name, value in properties.items() if name != "replicas"}
    assert verdict({**properties, "replicas": UNKNOWN}) == verdict(without)


@given(tables, st.sampled_from(NAMES))
def test_a_value_that_becomes_secret_changes_no_verdict(
    properties: dict[str, Any], name: str
) -> None:
    assume(name in properties)
    as_secret = {**properties, name: secret(properties[name])}
    assert verdict(as_secret) == verdict(properties)


@given(st.lists(tables, max_size=5), st.randoms(use_true_random=False))
def test_the_order_of_a_stacks_tables_changes_no_verdict(
    stack: list[dict[str, Any]], random: Any
) -> None:
    order = list(range(len(stack)))
    random.shuffle(order)
    assert violating(stack) == {order[n] for n in violating([stack[n] for n in order])}


@given(st.lists(tables, min_size=1, max_size=5))
def test_other_tables_of_the_stack_change_no_verdict(stack: list[dict[str, Any]]) -> None:
    alone = {n for n, table in enumerate(stack) if violating([table])}
    assert violating(stack) == alone


def violating(stack: list[dict[str, Any]]) -> set[int]:
    """Return the positions of the tables that violate the policy for deployed tables."""
    if not stack:
        return set()
    violations = judge_deployed(stack)
    assert not any(PACK_FAILED in message for _, message in violations), violations
    return {number for number, _ in violations}
