"""Run the policies in this process, on properties in the SDK's proxies.

Most tests use the analyzer process, as the engine does. Hypothesis needs thousands of runs, and the
exceptions that a policy raises, so this does what the SDK does before and after it runs a policy.
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

from policies import (
    dynamodb_deployed_table_kms_encryption,
    dynamodb_table_kms_encryption,
    dynamodb_undetermined_table_kms_encryption,
)
from policies.run import RUN
from tools.harness import Properties
from tools.harness.properties import to_struct

TABLE = "aws:dynamodb/table:Table"
OPTIONS = PolicyResourceOptions(False, [], None, [], PolicyCustomTimeouts(0, 0, 0), [])
CUSTOMER_ONLY = {"requireCustomerManagedKey": True}
ASSET = {"4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17", "text": "x"}
"""An asset, as the engine sends it."""
PACK_FAILED = "the policy pack failed"
"""What a message says if the pack has caught an exception of its own."""


def wire(properties: Properties) -> dict[str, Any]:
    """Return properties as the engine sends them."""
    return json_format.MessageToDict(to_struct(properties))


def proxied(properties: Properties) -> Mapping[str, Any]:
    """Return properties as the SDK passes them to a policy."""
    return unknown_checking_proxy(deserialize_properties(wire(properties)))


def proxied_for_remediation(properties: Properties) -> Mapping[str, Any]:
    """Return properties as the SDK passes them to a policy's remediation.

    With secrets kept, the SDK's other proxy, which raises on unknown values, does nothing.
    """
    return unknown_checking_proxy(deserialize_properties(wire(properties), proxy_secrets=True))


def resource(properties: Mapping[str, Any], kind: str = TABLE, number: int = 0) -> PolicyResource:
    """Return a resource of a stack, whose URN is its number.

    Args:
        properties: its properties, in proxies.
        kind: its type.
        number: its position in the stack.
    """
    name = f"table{number}"
    return PolicyResource(kind, properties, str(number), name, OPTIONS, None, None, [], {})


def judge_declared(
    properties: Properties, kind: str = TABLE, config: Mapping[str, Any] | None = None
) -> list[str]:
    """Return the violations of a resource with these inputs.

    Raises:
        UnknownValueError: the policy can't judge the resource before the update.
    """
    RUN.end()
    messages: list[str] = []

    def report(message: str, _urn: str | None) -> None:
        messages.append(message)

    arguments = ResourceValidationArgs(
        kind, proxied(properties), "urn", "orders", OPTIONS, None, config
    )
    dynamodb_table_kms_encryption.validate(arguments, report)
    return messages


def judge_deployed(
    resources: Sequence[Properties], kind: str = TABLE, config: Mapping[str, Any] | None = None
) -> list[tuple[int, str]]:
    """Return the violations of resources with these outputs, each with its resource's number."""
    return _judge_stack(dynamodb_deployed_table_kms_encryption.validate, resources, kind, config)


def judge_undetermined(
    resources: Sequence[Properties], kind: str = TABLE, config: Mapping[str, Any] | None = None
) -> list[tuple[int, str]]:
    """Return the advisories about resources with these outputs, see `judge_deployed`."""
    return _judge_stack(
        dynamodb_undetermined_table_kms_encryption.validate, resources, kind, config
    )


def _judge_stack(
    validate: Any, resources: Sequence[Properties], kind: str, config: Mapping[str, Any] | None
) -> list[tuple[int, str]]:
    RUN.end()
    violations: list[tuple[int, str]] = []

    def report(message: str, urn: str | None) -> None:
        violations.append((int(urn or -1), message))

    stack = [resource(proxied(outputs), kind, n) for n, outputs in enumerate(resources)]
    validate(StackValidationArgs(stack, config), report)
    return violations


def remediate(
    properties: Properties, kind: str = TABLE, config: Mapping[str, Any] | None = None
) -> dict[str, Any] | None:
    """Return the properties after remediation, as the engine gets them; None if it did nothing."""
    arguments = ResourceValidationArgs(
        kind, proxied_for_remediation(properties), "urn", "orders", OPTIONS, None, config
    )
    answer = dynamodb_table_kms_encryption.remediate(arguments)
    return None if answer is None else dict(serialize_properties(asyncio.run(_result(answer))))


async def _result(answer: Awaitable[Mapping[str, Any]]) -> Mapping[str, Any]:
    return await answer
