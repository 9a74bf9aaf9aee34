"""The type tokens and property names that the pack reads exist in the installed Pulumi SDKs.

If a new version of an SDK renames a property, these tests fail. Version 6 of pulumi-aws is still
widely used, so the Makefile installs it in addition to version 7.
"""

from __future__ import annotations

import functools
import importlib
import json
import os
import pkgutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pulumi
import pytest

from policies.routes import (
    NOT_CHECKED,
    ROUTES,
    cloud_control,
    cloudformation,
    extension_resource,
    kms_keys,
    pulumi_aws,
    route_of,
    template_properties,
)
from policies.routes.sse_specification import CAMEL_GLOBAL_TABLE, CAMEL_TABLE

HERE = Path(__file__).resolve().parent
VERSION_6 = HERE.parents[1] / "venv/pulumi-aws-6"
BOTH_VERSIONS = pytest.mark.parametrize("version", [6, 7])
CLASSES = (
    "pulumi_aws.dynamodb:Table",
    "pulumi_aws.dynamodb:TableReplica",
    "pulumi_aws.dynamodb:GlobalTable",
    "pulumi_aws.dynamodb:TableExport",
    "pulumi_aws.dynamodb:TableServerSideEncryptionArgs",
    "pulumi_aws.dynamodb:TableReplicaArgs",
    "pulumi_aws.dax:Cluster",
    "pulumi_aws.cloudcontrol:Resource",
    "pulumi_aws.cloudformation:Stack",
    "pulumi_aws.cloudformation:StackSet",
    "pulumi_aws.cloudformation:StackSetInstance",
    "pulumi_aws.cloudformation:StackInstances",
    "pulumi_aws.serverlessrepository:CloudFormationStack",
    "pulumi_aws.servicecatalog:ProvisionedProduct",
    "pulumi_aws.kms:Key",
    "pulumi_aws.kms:Alias",
    "pulumi_aws.kms:ReplicaKey",
    "pulumi_aws.kms:ExternalKey",
    "pulumi_aws.kms:ReplicaExternalKey",
)
NATIVE_CLASSES = (
    "pulumi_aws_native.dynamodb:Table",
    "pulumi_aws_native.dynamodb:GlobalTable",
    "pulumi_aws_native.dynamodb:TableSseSpecificationArgs",
    "pulumi_aws_native.dynamodb:GlobalTableSseSpecificationArgs",
    "pulumi_aws_native.dynamodb:GlobalTableReplicaSpecificationArgs",
    "pulumi_aws_native.dynamodb:GlobalTableReplicaSseSpecificationArgs",
    "pulumi_aws_native.cloudformation:Stack",
    "pulumi_aws_native.cloudformation:StackSet",
    "pulumi_aws_native.cloudformation:StackSetStackInstancesArgs",
    "pulumi_aws_native.cloudformation:StackSetParameterArgs",
    "pulumi_aws_native.kms:Key",
    "pulumi_aws_native.kms:ReplicaKey",
    "pulumi_aws_native.kms:Alias",
    "pulumi_aws_native:ExtensionResource",
    "pulumi_aws_native.servicecatalog:CloudFormationProvisionedProduct",
)

TOKENS = (*ROUTES, *NOT_CHECKED, *kms_keys.KEYS, *kms_keys.ALIASES)


def dynamodb_types(package: str) -> set[str]:
    """Return the tokens of an SDK's resources of DynamoDB."""
    package = f"{package}.dynamodb"
    declarations = {
        declaration
        for file in pkgutil.iter_modules(importlib.import_module(package).__path__)
        for declaration in vars(importlib.import_module(f"{package}.{file.name}")).values()
        if isinstance(declaration, type) and issubclass(declaration, pulumi.CustomResource)
    }
    return {str(vars(declaration).get("pulumi_type")) for declaration in declarations} - {"None"}


@pytest.mark.parametrize("package", ["pulumi_aws", "pulumi_aws_native"])
def test_each_resource_of_dynamodb_has_a_route_or_declares_no_table(package: str) -> None:
    """A type that a new version adds fails here, if the net does not report it."""
    types = dynamodb_types(package)
    assert len(types) >= 2
    for resource_type in types:
        route = route_of(resource_type)
        assert route is None or not route.unread, resource_type
        known = resource_type in ROUTES or resource_type in NOT_CHECKED
        assert known or resource_type in WITHOUT_TABLE, resource_type


WITHOUT_TABLE = {
    "aws-native:dynamodb:Backup",
    "aws:dynamodb/contributorInsights:ContributorInsights",
    "aws:dynamodb/globalSecondaryIndex:GlobalSecondaryIndex",
    "aws:dynamodb/kinesisStreamingDestination:KinesisStreamingDestination",
    "aws:dynamodb/resourcePolicy:ResourcePolicy",
    "aws:dynamodb/tableItem:TableItem",
    "aws:dynamodb/tag:Tag",
}


@functools.cache
def describe(path: Path | None, classes: tuple[str, ...]) -> dict[str, Any]:
    """Describe classes of the SDK in a folder, or of the installed SDK."""
    result = subprocess.run(
        [sys.executable, str(HERE / "describe_sdk.py"), *classes],
        env={**os.environ, "PYTHONPATH": "" if path is None else str(path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    described: dict[str, Any] = json.loads(result.stdout)
    return described


def aws(version: int) -> dict[str, Any]:
    if version == 6:
        assert VERSION_6.is_dir(), "version 6 of pulumi-aws is not installed: run `make setup`"
        return describe(VERSION_6, CLASSES)
    return describe(None, CLASSES)


def native() -> dict[str, Any]:
    return describe(None, NATIVE_CLASSES)


def tokens(described: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {item["token"]: item for item in described.values() if "token" in item}


@BOTH_VERSIONS
def test_pulumi_aws_has_every_token(version: int) -> None:
    read = {token for token in TOKENS if token.startswith("aws:") and ":index/" not in token}
    assert read <= set(tokens(aws(version)))


def test_pulumi_aws_native_has_every_token() -> None:
    read = {token for token in TOKENS if token.startswith("aws-native:")}
    assert read <= set(tokens(native()))


@BOTH_VERSIONS
def test_tables(version: int) -> None:
    table = aws(version)["pulumi_aws.dynamodb:Table"]
    spelling = pulumi_aws.TABLE_SPELLING
    assert {spelling.block, spelling.replicas} <= set(table["inputs"])
    # A point in time is not an origin of a table. It comes with the name of the origin.
    origins = {name for name in table["inputs"] if name.startswith(("restore", "import"))}
    origins -= {"restoreDateTime", "restoreToLatestTime"}
    assert origins <= set(spelling.origins)
    if version == 7:
        assert origins == set(spelling.origins)
    assert {spelling.block, spelling.replicas, "arn"} <= set(table["outputs"])
    assert ("region" in table["inputs"]) is (version == 7)


@BOTH_VERSIONS
def test_encryption_blocks_and_replicas(version: int) -> None:
    spelling = pulumi_aws.TABLE_SPELLING
    block = aws(version)["pulumi_aws.dynamodb:TableServerSideEncryptionArgs"]["properties"]
    assert block == [spelling.enabled, spelling.key]
    replica = aws(version)["pulumi_aws.dynamodb:TableReplicaArgs"]["properties"]
    assert {spelling.replica_region, spelling.key} <= set(replica)
    alone = aws(version)["pulumi_aws.dynamodb:TableReplica"]
    assert pulumi_aws.REPLICA_SPELLING.key in alone["inputs"]
    assert pulumi_aws.REPLICA_SPELLING.key in alone["outputs"]


@BOTH_VERSIONS
def test_cloud_control_resources(version: int) -> None:
    resource = aws(version)["pulumi_aws.cloudcontrol:Resource"]
    names = {cloud_control.TYPE, cloud_control.DESIRED}
    assert names <= set(resource["inputs"])
    assert names | {cloud_control.RECORDED} <= set(resource["outputs"])


@BOTH_VERSIONS
def test_keys_and_aliases(version: int) -> None:
    described = {**tokens(aws(version)), **tokens(native())}
    for kind, names in kms_keys.KEYS.items():
        if kind not in described:
            assert kind.isalnum(), kind  # a name in a dynamic bridge
            continue
        read = {*names.spec, *names.enabled, "arn"}
        if version == 6 and kind == "aws:kms/externalKey:ExternalKey":
            read.remove("keySpec")  # Version 6 creates symmetric keys only.
        if "xternalKey" in kind:
            read |= {"keyState"}
        assert read <= set(described[kind]["outputs"]), kind
        # A type without a spec or a usage only creates keys for encryption.
        for name in ("keyUsage", "keySpec", "customerMasterKeySpec"):
            assert name in (*names.spec, "keyUsage") or name not in described[kind]["outputs"], kind
    for kind, (target, identities) in kms_keys.ALIASES.items():
        if not kind.isalnum():
            assert {target, *identities} <= set(described[kind]["outputs"]), kind


def test_aws_native_tables() -> None:
    described = native()
    for name, spelling in (("Table", CAMEL_TABLE), ("GlobalTable", CAMEL_GLOBAL_TABLE)):
        table = described[f"pulumi_aws_native.dynamodb:{name}"]
        assert set(spelling.table_properties) <= set(table["inputs"])
        assert {spelling.block, "arn"} <= set(table["outputs"])
    extension = described["pulumi_aws_native:ExtensionResource"]
    names = {extension_resource.TYPE, extension_resource.PROPERTIES}
    assert names <= set(extension["inputs"])
    assert "outputs" in extension["outputs"]

    prefix, spelling = "pulumi_aws_native.dynamodb:", CAMEL_GLOBAL_TABLE
    block = described[f"{prefix}TableSseSpecificationArgs"]["properties"]
    assert set(block) == {CAMEL_TABLE.enabled, CAMEL_TABLE.sse_type, CAMEL_TABLE.key}
    global_block = described[f"{prefix}GlobalTableSseSpecificationArgs"]["properties"]
    assert set(global_block) == {spelling.enabled, spelling.sse_type}
    replica = described[f"{prefix}GlobalTableReplicaSpecificationArgs"]["properties"]
    assert {spelling.replica_region, spelling.replica_block} <= set(replica)
    replica_block = described[f"{prefix}GlobalTableReplicaSseSpecificationArgs"]["properties"]
    assert replica_block == [spelling.key]


@BOTH_VERSIONS
def test_stacks_and_stack_sets(version: int) -> None:
    read = {template_properties.BODY, template_properties.URL, template_properties.PARAMETERS}
    for described in (aws(version), native()):
        for name, resource in described.items():
            if not name.endswith((".cloudformation:Stack", ".cloudformation:StackSet")):
                continue
            assert read <= set(resource["inputs"]), name
            assert read <= set(resource["outputs"]), name
            # Every resource also has an id, which is not a property of its class.
            computed = {*resource["outputs"], "id"} - set(resource["inputs"])
            assert computed & cloudformation.STACK.properties, name


@BOTH_VERSIONS
def test_parameter_overrides_of_stack_set_instances(version: int) -> None:
    overrides = template_properties.OVERRIDES
    for name in ("StackSetInstance", "StackInstances"):
        resource = aws(version)[f"pulumi_aws.cloudformation:{name}"]
        assert overrides in resource["inputs"]
        assert overrides in resource["outputs"]
    prefix = "pulumi_aws_native.cloudformation:"
    stack_set = native()[f"{prefix}StackSet"]["inputs"]
    assert {template_properties.GROUPS, template_properties.AUTO_DEPLOYMENT} <= set(stack_set)
    group = native()[f"{prefix}StackSetStackInstancesArgs"]["properties"]
    assert overrides in group
    parameter = native()[f"{prefix}StackSetParameterArgs"]["properties"]
    assert parameter == ["parameterKey", "parameterValue"]
