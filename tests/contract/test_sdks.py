"""The names that the pack reads are those of the installed Pulumi SDKs.

They are taken from the SDKs, not copied here: a rename in a new version of one fails these tests
before it makes the pack blind. Version 6 of Pulumi's AWS provider is still in wide use; it is
installed beside version 7 by the Makefile.
"""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from policies.routes import (
    NOT_JUDGED,
    ROUTES,
    cloud_control,
    cloudformation,
    cloudformation_parameters,
    kms_keys,
    pulumi_aws,
)
from policies.routes.sse_specification import CAMEL

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


@functools.cache
def describe(path: Path | None, classes: tuple[str, ...]) -> dict[str, Any]:
    """What the SDK in `path`, or the installed one, says of `classes`."""
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
        assert VERSION_6.is_dir(), "run `make setup`: it installs version 6 of pulumi-aws"
        return describe(VERSION_6, CLASSES)
    return describe(None, CLASSES)


def native() -> dict[str, Any]:
    return describe(None, NATIVE_CLASSES)


def tokens(described: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {it["token"]: it for it in described.values() if "token" in it}


@BOTH_VERSIONS
def test_every_token_of_the_aws_provider_is_its_own(version: int) -> None:
    ours = {
        *(it for it in ROUTES if it.startswith("aws:") and ":index/" not in it),
        *(it for it in NOT_JUDGED if it.startswith("aws:")),
        *(it for it in kms_keys.KEYS if it.startswith("aws:")),
        *(it for it in kms_keys.ALIASES if it.startswith("aws:")),
    }
    assert ours <= set(tokens(aws(version)))


def test_every_token_of_the_aws_native_provider_is_its_own() -> None:
    ours = {
        it
        for it in (*ROUTES, *NOT_JUDGED, *kms_keys.KEYS, *kms_keys.ALIASES)
        if it.startswith("aws-native:")
    }
    assert ours <= set(tokens(native()))


@BOTH_VERSIONS
def test_a_table_has_the_properties_that_are_read(version: int) -> None:
    table = aws(version)["pulumi_aws.dynamodb:Table"]
    words = pulumi_aws.WORDING
    assert {words.block, words.replicas} <= set(table["inputs"])
    # No point in time makes a table: it goes with the table that is restored to it.
    sources = {it for it in table["inputs"] if it.startswith(("restore", "import"))}
    sources -= {"restoreDateTime", "restoreToLatestTime"}
    assert sources <= set(pulumi_aws.ORIGINS)
    if version == 7:
        assert sources == set(pulumi_aws.ORIGINS)
    assert {words.block, words.replicas, "arn"} <= set(table["outputs"])
    assert ("region" in table["inputs"]) is (version == 7)


@BOTH_VERSIONS
def test_the_encryption_block_and_a_replica_have_them(version: int) -> None:
    words = pulumi_aws.WORDING
    block = aws(version)["pulumi_aws.dynamodb:TableServerSideEncryptionArgs"]["properties"]
    assert [f"{words.block}.{it}" for it in block] == [words.enabled, words.key]
    replica = aws(version)["pulumi_aws.dynamodb:TableReplicaArgs"]["properties"]
    assert {"regionName", words.key_name} <= set(replica)
    alone = aws(version)["pulumi_aws.dynamodb:TableReplica"]
    assert pulumi_aws.REPLICA_WORDING.key_name in alone["inputs"]
    assert pulumi_aws.REPLICA_WORDING.key_name in alone["outputs"]


@BOTH_VERSIONS
def test_a_resource_of_cloud_control_has_them(version: int) -> None:
    resource = aws(version)["pulumi_aws.cloudcontrol:Resource"]
    assert {"typeName", cloud_control.DESIRED} <= set(resource["inputs"])
    assert {"typeName", cloud_control.DESIRED, cloud_control.RECORDED} <= set(resource["outputs"])


@BOTH_VERSIONS
def test_keys_and_aliases_have_them(version: int) -> None:
    described = {**tokens(aws(version)), **tokens(native())}
    for kind, names in kms_keys.KEYS.items():
        read = {it for it in (names.spec, names.usage, names.enabled) if it}
        if version == 6 and kind == "aws:kms/externalKey:ExternalKey":
            read.remove("keySpec")  # Version 6 makes symmetric ones only.
        assert read | set(names.identities) <= set(described[kind]["outputs"]), kind
    for kind, (target, identities) in kms_keys.ALIASES.items():
        assert {target, *identities} <= set(described[kind]["outputs"]), kind


def test_aws_native_tables_have_them() -> None:
    described = native()
    for name in ("Table", "GlobalTable"):
        table = described[f"pulumi_aws_native.dynamodb:{name}"]
        assert CAMEL.block in table["inputs"]
        assert {CAMEL.block, "arn"} <= set(table["outputs"])
    assert CAMEL.import_source in described["pulumi_aws_native.dynamodb:Table"]["inputs"]
    assert CAMEL.replicas in described["pulumi_aws_native.dynamodb:GlobalTable"]["inputs"]
    extension = described["pulumi_aws_native:ExtensionResource"]
    assert {"type", "properties"} <= set(extension["inputs"])
    assert "outputs" in extension["outputs"]

    prefix = "pulumi_aws_native.dynamodb:"
    table = described[f"{prefix}TableSseSpecificationArgs"]["properties"]
    assert set(table) == {CAMEL.enabled, CAMEL.sse_type, CAMEL.key}
    whole = described[f"{prefix}GlobalTableSseSpecificationArgs"]["properties"]
    assert set(whole) == {CAMEL.enabled, CAMEL.sse_type}
    replica = described[f"{prefix}GlobalTableReplicaSpecificationArgs"]["properties"]
    assert {CAMEL.region, CAMEL.block} <= set(replica)
    own = described[f"{prefix}GlobalTableReplicaSseSpecificationArgs"]["properties"]
    assert own == [CAMEL.key]


@BOTH_VERSIONS
def test_stacks_and_stack_sets_have_them(version: int) -> None:
    read = {cloudformation.BODY, cloudformation.URL, cloudformation_parameters.PARAMETERS}
    for described in (aws(version), native()):
        for name, resource in described.items():
            if not name.endswith((".cloudformation:Stack", ".cloudformation:StackSet")):
                continue
            assert read <= set(resource["inputs"]), name
            assert read <= set(resource["outputs"]), name
            # The id of every resource counts, too, but is no property of a class.
            made = {*resource["outputs"], "id"} - set(resource["inputs"])
            assert made & set(cloudformation.MADE_BY_AWS), name


@BOTH_VERSIONS
def test_instances_of_stack_sets_have_their_overrides(version: int) -> None:
    overrides = cloudformation_parameters.OVERRIDES
    for name in ("StackSetInstance", "StackInstances"):
        resource = aws(version)[f"pulumi_aws.cloudformation:{name}"]
        assert overrides in resource["inputs"]
        assert overrides in resource["outputs"]
    prefix = "pulumi_aws_native.cloudformation:"
    assert cloudformation_parameters.GROUPS in native()[f"{prefix}StackSet"]["inputs"]
    group = native()[f"{prefix}StackSetStackInstancesArgs"]["properties"]
    assert overrides in group
    parameter = native()[f"{prefix}StackSetParameterArgs"]["properties"]
    assert parameter == ["parameterKey", "parameterValue"]
