"""The table of routes, and the properties that each route names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from policies.encryption.tables import Table
from policies.encryption.values import Hidden, Unknown, WrongType
from policies.routes import MODULE_ROUTES, NOT_CHECKED, ROUTES, route_of, why_not_checked
from policies.routes.route import Route
from policies.snapshot import Snapshot, plain_properties
from tests.policies.in_process import proxied
from tests.policies.samples import FILES, inputs, planned_outputs

EACH_ROUTE = pytest.mark.parametrize(
    ("resource_type", "route"),
    [
        *ROUTES.items(),
        *((f"orders:tf:{name}", route) for name, route in MODULE_ROUTES.items()),
    ],
)


class Recording(Mapping[str, object]):
    """Properties that record which of them are read."""

    def __init__(self, properties: Mapping[str, object]) -> None:
        self._properties = properties
        self.read: set[str] = set()

    def __getitem__(self, name: str) -> object:
        self.read.add(name)
        return self._properties[name]

    def __iter__(self) -> Iterator[str]:
        raise AssertionError("a route reads its properties by their names")

    def __len__(self) -> int:
        raise AssertionError("a route reads its properties by their names")


def properties_of(resource_type: str) -> Iterator[dict[str, object]]:
    """Yield the properties of each sample of a type, as inputs and as planned outputs."""
    for file in FILES.values():
        if route_of(file["type"]) is route_of(resource_type):
            for sample in file["samples"]:
                declared = inputs(sample)
                for properties in (declared, planned_outputs(resource_type, declared)):
                    yield plain_properties(proxied(properties), properties)


# The functions that routes share look for the Region in `region` and `arn`.
SHARED = {
    "aws:cloudcontrol/resource:Resource": {"arn"},  # It has no such property.
    "aws-native:dynamodb:GlobalTable": {"region"},  # Each of its replicas names its Region.
}


@EACH_ROUTE
def test_a_route_names_each_property_that_it_reads(resource_type: str, route: Route) -> None:
    read: set[str] = set()
    unreadable = [Unknown(), Hidden("the value is a secret"), WrongType("a list"), "", 7]
    for sample in properties_of(resource_type):
        changed = [{**sample, name: value} for name in sample for value in unreadable]
        for properties in ({}, sample, *changed):
            recording = Recording(properties)
            list(route.read(Snapshot("orders", recording)))
            read |= recording.read
    assert read ^ route.properties <= SHARED.get(resource_type, set())


@EACH_ROUTE
def test_a_route_that_remediates_reads_a_table(resource_type: str, route: Route) -> None:
    if route.remediate is not None:
        samples = properties_of(resource_type)
        declared = [it for sample in samples for it in route.read(Snapshot("orders", sample))]
        assert any(isinstance(it, Table) and it.encryption is not None for it in declared)


@EACH_ROUTE
def test_a_type_has_its_route(resource_type: str, route: Route) -> None:
    assert route_of(resource_type) is route


@pytest.mark.parametrize(
    "resource_type",
    ["", "x", "aws:s3/bucket:Bucket", "aws_dynamodb_table", "orders:tf:aws_dynamodb_table_item"],
)
def test_another_type_has_no_route(resource_type: str) -> None:
    assert route_of(resource_type) is None
    assert why_not_checked(resource_type) == "The resource does not declare a DynamoDB table."


@pytest.mark.parametrize("resource_type", NOT_CHECKED)
def test_a_type_that_is_not_checked_has_a_reason(resource_type: str) -> None:
    assert route_of(resource_type) is None
    assert why_not_checked(resource_type) == NOT_CHECKED[resource_type]
