"""Runs a policy in this process on properties in the SDK's own proxies.

The analyzer process is the real thing, and most tests ask it. Where hypothesis needs thousands of
runs and the exception that left a policy, this does what the SDK's servicer does around one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from typing import Any

from google.protobuf import json_format
from pulumi_policy import (
    PolicyCustomTimeouts,
    PolicyResource,
    PolicyResourceOptions,
    ResourceValidationArgs,
    StackValidationArgs,
)
from pulumi_policy.deserialize import deserialize_properties, serialize_properties
from pulumi_policy.proxy import unknown_checking_proxy

from policies import dynamodb_deployed_table_kms_encryption, dynamodb_table_kms_encryption
from tools.harness import Properties
from tools.harness.properties import to_struct

TABLE = "aws:dynamodb/table:Table"
OPTIONS = PolicyResourceOptions(False, [], None, [], PolicyCustomTimeouts(0, 0, 0), [])
CUSTOMER_ONLY = {"requireCustomerManagedKey": True}


def proxied(properties: Properties) -> Mapping[str, Any]:
    """The properties as a policy meets them."""
    wire = json_format.MessageToDict(to_struct(properties))
    return unknown_checking_proxy(deserialize_properties(wire))


def judge_declared(
    properties: Properties, kind: str = TABLE, config: Mapping[str, Any] | None = None
) -> list[str]:
    """The violations of a resource with these inputs, a table's where no `kind` is given. What
    leaves the policy leaves this, too.
    """
    messages: list[str] = []

    def report(message: str, _urn: str | None) -> None:
        messages.append(message)

    arguments = ResourceValidationArgs(
        kind, proxied(properties), "urn", "orders", OPTIONS, None, config
    )
    dynamodb_table_kms_encryption.validate(arguments, report)
    return messages


def remedy(
    properties: Properties, kind: str = TABLE, config: Mapping[str, Any] | None = None
) -> dict[str, Any] | None:
    """The properties after remediation, on the wire; None where it did nothing."""
    wire = json_format.MessageToDict(to_struct(properties))
    # With secrets kept, the SDK's other proxy, which raises on unknown values, does nothing.
    proxies = unknown_checking_proxy(deserialize_properties(wire, proxy_secrets=True))
    arguments = ResourceValidationArgs(kind, proxies, "urn", "orders", OPTIONS, None, config)
    answer = dynamodb_table_kms_encryption.remediate(arguments)
    if answer is None:
        return None
    return dict(serialize_properties(asyncio.run(_result(answer))))


async def _result(answer: Awaitable[Mapping[str, Any]]) -> Mapping[str, Any]:
    return await answer


def judge_deployed(
    resources: Sequence[Properties],
    violations: list[tuple[str, str]],
    kind: str = TABLE,
    config: Mapping[str, Any] | None = None,
) -> None:
    """Add the violations of resources with these outputs to `violations`, as URN and message. The
    URN is the resource's place in `resources`.
    """

    def report(message: str, urn: str | None) -> None:
        violations.append((urn or "", message))

    stack = [
        PolicyResource(kind, proxied(it), str(n), f"table{n}", OPTIONS, None, None, [], {})
        for n, it in enumerate(resources)
    ]
    dynamodb_deployed_table_kms_encryption.validate(StackValidationArgs(stack, config), report)
