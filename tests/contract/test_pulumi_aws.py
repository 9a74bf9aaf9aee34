"""The names that the pack reads are those of the installed Pulumi AWS SDK.

They are taken from the SDK, not copied here: a rename in a new version of it fails these tests
before it makes the pack blind.
"""

from __future__ import annotations

import inspect
from typing import Any

import pulumi
import pulumi_aws as aws

from policies.routes import pulumi_aws as route
from policies.routes import route_of


def token_of(resource: type[pulumi.CustomResource]) -> str:
    """The type token with which the SDK registers `resource`."""
    return str(vars(resource)["pulumi_type"])


def inputs_of(resource: type[pulumi.CustomResource]) -> set[str]:
    """The names of `resource`'s inputs as they are sent to the engine."""
    return names_of(vars(inspect.getmodule(resource))[f"{resource.__name__}Args"])


def outputs_of(resource: type[pulumi.CustomResource]) -> set[str]:
    """The names of `resource`'s outputs as they are sent to the engine."""
    return names_of(resource)


def names_of(declaration: Any) -> set[str]:
    """The wire names that the SDK's decorators have noted on a class."""
    names = set()
    for attribute in vars(declaration).values():
        getter = getattr(attribute, "fget", None)
        name = getattr(getter, "_pulumi_name", None)
        if name is not None:
            names.add(str(name))
    return names


def test_the_route_is_registered_for_the_sdks_token() -> None:
    assert token_of(aws.dynamodb.Table) == route.TABLE
    assert route_of(token_of(aws.dynamodb.Table)) is route.tables_of
    assert token_of(aws.dynamodb.TableReplica) == route.TABLE_REPLICA


def test_a_table_has_the_properties_that_are_read() -> None:
    read = {route.WORDING.block, *route.ORIGINS}
    assert read <= inputs_of(aws.dynamodb.Table)
    assert {route.WORDING.block, "arn"} <= outputs_of(aws.dynamodb.Table)


def test_the_encryption_block_has_the_properties_that_are_read() -> None:
    block, enabled = route.WORDING.enabled.split(".")
    same_block, key = route.WORDING.key.split(".")
    assert block == same_block == route.WORDING.block
    assert key == route.WORDING.key_name
    names = names_of(aws.dynamodb.TableServerSideEncryptionArgs)
    assert names == {enabled, key}
