"""The parameters with which the template of a stack set is read."""

from __future__ import annotations

import re
from typing import Any

import pytest

from policies.encryption.values import Hidden, Unknown
from policies.routes.cloudformation import STACK_SET
from policies.routes.template_contexts import contexts_of_stack_set
from policies.snapshot import Snapshot, plain_properties
from policies.templates import Context
from tests.policies.in_process import proxied
from tools.harness import UNKNOWN


def contexts(**properties: Any) -> list[Context]:
    plain = plain_properties(proxied(properties), STACK_SET.properties)
    return list(contexts_of_stack_set(Snapshot("it", plain)))


def parameter(name: Any, value: Any) -> dict[str, Any]:
    return {"parameterKey": name, "parameterValue": value}


BASE = [parameter("A", "a"), parameter("B", "b")]


@pytest.mark.parametrize("groups", [{}, {"stackInstancesGroup": None}, {"stackInstancesGroup": []}])
def test_without_groups_the_stack_sets_parameters_count(groups: dict[str, Any]) -> None:
    assert contexts(parameters=BASE, **groups) == [Context({"A": "a", "B": "b"})]
    assert contexts(parameters={"A": "a"}, **groups) == [Context({"A": "a"})]


def test_each_group_overrides_the_parameters_that_it_names() -> None:
    groups = [
        {"parameterOverrides": [parameter("A", "x")]},
        {"parameterOverrides": [parameter("A", "x")], "regions": ["eu-west-1"]},
        {"regions": ["eu-west-1"]},
        None,
        {"parameterOverrides": [None, "x", parameter("C", 1)]},
    ]
    assert contexts(parameters=BASE, stackInstancesGroup=groups) == [
        Context({"A": "x", "B": "b"}),
        Context({"A": "a", "B": "b"}),
        Context({"A": "a", "B": "b", "C": 1}),
    ]


def test_numbers_are_whole_numbers_again() -> None:
    (context,) = contexts(parameters=[parameter("A", 1)])
    assert repr(context.parameters) == "{'A': 1}"


@pytest.mark.parametrize(
    ("automatic", "more"),
    [
        (None, []),
        ({}, []),
        ({"enabled": False}, []),
        ({"enabled": "false"}, []),
        ({"enabled": True}, [Context({"A": "a"})]),
        ("yes", [Context({"A": "a"})]),
        ({"enabled": "yes"}, [Context({"A": "a"})]),
    ],
)
def test_accounts_that_are_added_later_have_the_stack_sets_parameters(
    automatic: Any, more: list[Context]
) -> None:
    groups = [{"parameterOverrides": [parameter("A", "x")]}]
    assert contexts(
        parameters=[parameter("A", "a")], stackInstancesGroup=groups, autoDeployment=automatic
    ) == [Context({"A": "x"}), *more]


@pytest.mark.parametrize("automatic", [{"enabled": UNKNOWN}, UNKNOWN])
def test_automatic_deployment_can_be_unknown(automatic: Any) -> None:
    groups = [{"parameterOverrides": [parameter("A", "x")]}]
    _, later = contexts(
        parameters=[parameter("A", "a")], stackInstancesGroup=groups, autoDeployment=automatic
    )
    assert isinstance(later.others, Unknown)
    assert later.parameters == {}


@pytest.mark.parametrize(
    "groups",
    [
        UNKNOWN,
        [UNKNOWN],
        [{"parameterOverrides": UNKNOWN}],
        [{"parameterOverrides": [UNKNOWN]}],
        [{"parameterOverrides": [parameter(UNKNOWN, "x")]}],
    ],
)
def test_an_unknown_override_can_override_any_parameter(groups: Any) -> None:
    (context,) = contexts(parameters=BASE, stackInstancesGroup=groups)
    assert isinstance(context.others, Unknown)
    assert context.parameters == {}


@pytest.mark.parametrize(
    "groups", ["x", {"a": 1}, ["x"], [{"parameterOverrides": "x"}], [{"parameterOverrides": 1}]]
)
def test_groups_of_the_wrong_type_hide_every_parameter(groups: Any) -> None:
    (context,) = contexts(parameters=BASE, stackInstancesGroup=groups)
    assert isinstance(context.others, Hidden)
    assert context.parameters == {}
    assert re.search(
        "^stackInstancesGroup is .* instead of a list of groups$"
        "|^parameterOverrides is .* instead of an object or a list of parameters$",
        context.others.reason,
    )
