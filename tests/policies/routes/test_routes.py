"""The table of routes, and the properties that each route names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi_policy import PolicyResource

from policies.encryption.tables import Table, UnreadTables
from policies.encryption.values import Hidden, Unknown, WrongType
from policies.routes import (
    NOT_CHECKED,
    ROUTES,
    route_of,
    routed,
    terraform,
    why_not_checked,
)
from policies.routes.route import Route
from policies.snapshot import Snapshot, plain_properties
from tests.policies.in_process import OPTIONS, proxied
from tests.policies.samples import FILES, inputs, planned_outputs, types

EACH_ROUTE = pytest.mark.parametrize(
    ("resource_type", "route"),
    [
        *ROUTES.items(),
        *((f"orders:index/x:{name}", route) for name, route in terraform.BRIDGED.items()),
        *((f"pulumi:terraform:{name}", route) for name, route in terraform.TERRAFORM.items()),
        *((f"orders:tf:{name}", route) for name, route in terraform.IN_MODULES.items()),
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
        if any(route_of(each) is route_of(resource_type) for each in types(file)):
            for sample in file["samples"]:
                declared = inputs(sample)
                for properties in (declared, planned_outputs(resource_type, declared)):
                    yield plain_properties(proxied(properties), properties)


# The functions that routes share look for the Region in `region` and `arn`.
SHARED = {
    # Cloud Control has no such property.
    "aws:cloudcontrol/resource:Resource": {"arn"},
    "orders:index/x:CloudcontrolapiResource": {"arn"},
    # Each replica of a global table names its Region.
    "aws-native:dynamodb:GlobalTable": {"region"},
    "orders:index/x:DynamodbGlobalTable": {"region"},
    "orders:tf:awscc_dynamodb_global_table": {"region"},
    "pulumi:terraform:awscc_dynamodb_global_table": {"region"},
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
    [
        "",
        "x",
        "aws:s3/bucket:Bucket",
        "pulumi:providers:dynamodb",
        "pulumi:providers:dynamodb-table",
        "aws:dynamodb/tableItem:TableItem",
        "aws:dynamodb/tag:Tag",
        "aws:dynamodb/contributorInsights:ContributorInsights",
        "aws:dynamodb/kinesisStreamingDestination:KinesisStreamingDestination",
        "aws:dynamodb/resourcePolicy:ResourcePolicy",
        "aws:appautoscaling/target:Target",
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        "aws:glue/catalogTable:CatalogTable",
        "aws:athena/database:Database",
        "aws:keyspaces/table:Table",
        "azure-native:storage:Table",
        "gcp:bigquery/table:Table",
        "aws:index/dynamodbTableItem:DynamodbTableItem",
        "orders:tf:aws_dynamodb_table_item",
        "orders:tf:aws_dynamodb_global_table",
        "pulumi:terraform:aws_dynamodb_table_item",
        "pulumi:terraform:aws_dynamodb_table_export",
        "pulumi:terraform:aws_dynamodb_global_table",
        "pulumi:terraform:aws_dynamodb_resource_policy",
        "kubernetes:dynamodb.aws.upbound.io/v1beta1:TableItem",
        "kubernetes:dynamodb.aws.upbound.io/v1beta1:ContributorInsights",
        "kubernetes:dynamodb.services.k8s.aws/v1alpha1:Backup",
        "aws:dax/parameterGroup:ParameterGroup",
        "kubernetes:dax.services.k8s.aws/v1alpha1:Cluster",
        "acme:index:Timetable",
        "acme:index:DynamoDBTableAlarms",
        "acme:index:DynamoTableAutoscaling",
        "acme:dynamodb:TablePolicy",
        "acme:index:DynamoMigrator",
        "acme:index:FeedbackTable",
        "mongoddb:index:Table",
    ],
)
def test_another_type_has_no_route(resource_type: str) -> None:
    assert route_of(resource_type) is None
    assert why_not_checked(resource_type) == "The resource does not declare a DynamoDB table."


UNREAD = [
    "kubernetes:dynamodb.services.k8s.aws/v1alpha1:Table",
    "kubernetes:dynamodb.services.k8s.aws/v1alpha1:TableList",
    "kubernetes:dynamodb.services.k8s.aws/v1alpha1:TablePatch",
    "kubernetes:dynamodb.aws.upbound.io/v1beta1:Table",
    "kubernetes:dynamodb.aws.upbound.io/v1beta2:TableReplica",
    "kubernetes:dynamodb.aws.crossplane.io/v1alpha1:Table",
    "sst:aws:Dynamo",
    "sst:aws:DynamoDB",
    "acme:index:DynamoDBTable",
    "acme:index:DynamoDbTableComponent",
    "acme:index:DynamoDBTableWithAlarms",
    "acme:index:DynamoDBTableIndexed",
    "acme:index:DynamoDBTableEventStore",
    "acme:index:DynamoDBTableMonitored",
    "acme:index:dynamo_table",
    "x:index/dynamo_table:dynamo_table",
    "acme:index:DynamoTableV2",
    "acme:index:DynamoTables",
    "acme:dynamodb:GlobalTable",
    "acme:dynamodb/table:Table",
    "acme:index:DynamoDBComponent",
    "acme:index:DynamoStore",
    "acme:index:DDBTable",
    "acme:ddb:Table",
    "acme:ddb/table:Table",
    "acme:index:OrdersDdbTable",
    "aws:dynamodb/tableV2:TableV2",
    "aws-native:dynamodb:TableReplica",
    "pulumi-nodejs:dynamic/dynamodb:Table",
    "pulumi:terraform:other_dynamodb_table",
    "orders:tf:aws_dynamodb_table_v2",
    "aws_dynamodb_table",
]


@pytest.mark.parametrize("resource_type", UNREAD)
def test_a_type_that_names_a_table_and_that_no_route_reads_is_reported(resource_type: str) -> None:
    route = route_of(resource_type)
    assert route is not None
    assert route.unread
    assert route.remediate is None
    reason = f"this policy pack does not read resources of type {resource_type}"
    for properties in ({}, {"serverSideEncryption": {"enabled": True}}):
        tables = list(route.read(Snapshot("orders", properties)))
        assert tables == [UnreadTables("orders", Hidden(reason))]


PARTS = st.text("aBcX-_./0", max_size=8)


def in_any_case(words: list[str]) -> st.SearchStrategy[str]:
    """Return a strategy for words with each letter in lower or upper case."""
    return st.sampled_from(words).flatmap(
        lambda word: st.tuples(*(st.sampled_from([c.lower(), c.upper()]) for c in word)).map(
            "".join
        )
    )


@given(
    PARTS,
    in_any_case(["dynamodb", "dynamo"]),
    PARTS,
    in_any_case(["table", "tables", "table_replica", "tablev2", "table-2"]),
    st.booleans(),
)
def test_a_table_of_dynamodb_is_reported_in_any_package_and_spelling(
    package: str, dynamodb: str, more: str, table: str, in_name: bool
) -> None:
    resource_type = (
        f"{package}:index:{more}{dynamodb}{table}" if in_name else f"x{package}:{dynamodb}:{table}"
    )
    assert route_of(resource_type) is not None


@given(st.text("abcdefghijklmnopqrstuvwxyz:/", max_size=30))
def test_a_type_without_a_name_of_dynamodb_has_no_route(text: str) -> None:
    if not any(name in text for name in ("dynamo", "ddb")):
        assert route_of(f"acme:{text}Table") is None


def test_a_long_type_is_cut_and_kept_on_one_line() -> None:
    route = route_of(f"acme:index:\n\x1b[31mDynamoTable{'x' * 500}")
    assert route is not None
    (tables,) = route.read(Snapshot("orders", {}))
    assert isinstance(tables, UnreadTables)
    assert isinstance(tables.cause, Hidden)
    assert tables.cause.reason.isprintable()
    assert len(tables.cause.reason) < 300


def resource(kind: str, name: str, parent: PolicyResource | None = None) -> PolicyResource:
    return PolicyResource(kind, {}, name, name, OPTIONS, None, parent, [], {})


def test_a_component_is_reported_only_if_no_route_reads_what_it_contains() -> None:
    component = resource("acme:index:DynamoDBTable", "component")
    part = resource("acme:index:Part", "part", component)
    table = resource("aws:dynamodb/table:Table", "table", part)
    other = resource("acme:index:DynamoDBTable", "other")
    bucket = resource("aws:s3/bucket:Bucket", "bucket", other)
    stack = [component, part, table, other, bucket]
    for order in (stack, stack[::-1]):
        assert {each.name for each, _ in routed(order)} == {"table", "other"}
    # A resource that another one of its kind contains is reported, too.
    inner = resource("kubernetes:dynamodb.services.k8s.aws/v1alpha1:Table", "inner", other)
    assert {each.name for each, _ in routed([other, inner])} == {"other", "inner"}


@pytest.mark.parametrize("resource_type", NOT_CHECKED)
def test_a_type_that_is_not_checked_has_a_reason(resource_type: str) -> None:
    assert route_of(resource_type) is None
    assert why_not_checked(resource_type) == NOT_CHECKED[resource_type]
