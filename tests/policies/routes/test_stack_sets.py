"""With which parameters the template of a stack set is read."""

from __future__ import annotations

from typing import Any

import pytest

from policies.encryption import Hidden, Unknown
from policies.routes.cloudformation_parameters import contexts_of_stack_set
from policies.routes.source import Source
from policies.templates import Context
from tests.policies.as_the_sdk_does import proxied
from tools.harness import UNKNOWN


def contexts(**properties: Any) -> list[Context]:
    source = Source("aws-native:cloudformation:StackSet", "it", proxied(properties))
    return list(contexts_of_stack_set(source))


def given(name: Any, value: Any) -> dict[str, Any]:
    return {"parameterKey": name, "parameterValue": value}


BASE = [given("A", "a"), given("B", "b")]


@pytest.mark.parametrize("groups", [{}, {"stackInstancesGroup": None}, {"stackInstancesGroup": []}])
def test_without_groups_its_own_parameters_count(groups: dict[str, Any]) -> None:
    assert contexts(parameters=BASE, **groups) == [Context({"A": "a", "B": "b"})]
    assert contexts(parameters={"A": "a"}, **groups) == [Context({"A": "a"})]


def test_each_group_overrides_what_it_names() -> None:
    groups = [
        {"parameterOverrides": [given("A", "x")]},
        {"parameterOverrides": [given("A", "x")], "regions": ["eu-west-1"]},
        {"regions": ["eu-west-1"]},
        None,
        {"parameterOverrides": [None, "x", given("C", 1)]},
    ]
    assert contexts(parameters=BASE, stackInstancesGroup=groups) == [
        Context({"A": "x", "B": "b"}),
        Context({"A": "a", "B": "b"}),
        Context({"A": "a", "B": "b", "C": 1}),
    ]


@pytest.mark.parametrize(
    ("automatic", "more"),
    [
        (None, []),
        ({}, []),
        ({"enabled": False}, []),
        ({"enabled": "false"}, []),
        ({"enabled": True}, [Context({"A": "a"})]),
        ("yes", [Context({"A": "a"})]),
    ],
)
def test_accounts_that_are_added_later_have_the_sets_own_parameters(
    automatic: Any, more: list[Context]
) -> None:
    groups = [{"parameterOverrides": [given("A", "x")]}]
    found = contexts(
        parameters=[given("A", "a")], stackInstancesGroup=groups, autoDeployment=automatic
    )
    assert found == [Context({"A": "x"}), *more]


@pytest.mark.parametrize("automatic", [{"enabled": UNKNOWN}, UNKNOWN])
def test_whether_accounts_are_added_later_may_be_known_later(automatic: Any) -> None:
    groups = [{"parameterOverrides": [given("A", "x")]}]
    _, open_one = contexts(
        parameters=[given("A", "a")], stackInstancesGroup=groups, autoDeployment=automatic
    )
    assert isinstance(open_one.others, Unknown)
    assert open_one.parameters == {}


@pytest.mark.parametrize(
    "groups",
    [
        UNKNOWN,
        [UNKNOWN],
        [{"parameterOverrides": UNKNOWN}],
        [{"parameterOverrides": [UNKNOWN]}],
        [{"parameterOverrides": [given(UNKNOWN, "x")]}],
    ],
)
def test_any_parameter_may_be_overridden_by_what_is_not_known_yet(groups: Any) -> None:
    (context,) = contexts(parameters=BASE, stackInstancesGroup=groups)
    assert isinstance(context.others, Unknown)
    assert context.parameters == {}


@pytest.mark.parametrize(
    "groups", ["x", {"a": 1}, ["x"], [{"parameterOverrides": "x"}], [{"parameterOverrides": 1}]]
)
def test_groups_of_the_wrong_type_leave_every_parameter_open(groups: Any) -> None:
    (context,) = contexts(parameters=BASE, stackInstancesGroup=groups)
    assert isinstance(context.others, Hidden)
    assert context.parameters == {}
    assert " instead of what names parameters" in context.others.reason
