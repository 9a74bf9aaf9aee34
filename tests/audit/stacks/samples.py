"""States of stacks for tests."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tests.keys import ACCOUNT

STACK = "urn:pulumi:dev::shop"
TABLE = "aws:dynamodb/table:Table"
KEY = "aws:kms/key:Key"
SIGNATURE = "4dabf18193072939515e22adb298388d"
TIME = "2026-11-25T09:30:00.123456789Z"


def arn(name: str, region: str = "eu-west-1") -> str:
    """Return the ARN of a table."""
    return f"arn:aws:dynamodb:{region}:{ACCOUNT}:table/{name}"


def resource(name: str, kind: str = TABLE, **members: Any) -> dict[str, Any]:
    """Return a resource of a state. Its inputs are its outputs by default."""
    if "outputs" in members:
        members.setdefault("inputs", members["outputs"])
    urn = f"{STACK}::{kind}::{name}"
    return {"urn": urn, "type": kind, "custom": True, "id": name, **members}


def table(name: str, key: Any = None, *, enabled: bool = True, **members: Any) -> dict[str, Any]:
    """Return a table of Pulumi's AWS provider, by default with the AWS managed key."""
    block = {"serverSideEncryption": {"enabled": True, "kmsKeyArn": key or ""}} if enabled else {}
    outputs = {"arn": arn(name), "name": name, "region": "eu-west-1", **block}
    return resource(name, **{"outputs": outputs, **members})


def secret(value: Any) -> dict[str, Any]:
    """Return a secret as `pulumi stack export --show-secrets` writes it."""
    return {SIGNATURE: "1b47061264138c4ac30d75fd1eb44270", "plaintext": json.dumps(value)}


def encrypted() -> dict[str, Any]:
    """Return a secret as `pulumi stack export` writes it."""
    return {SIGNATURE: "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "v1:AAAA"}


def state(*resources: Mapping[str, Any] | Any) -> dict[str, Any]:
    """Return a state as `pulumi stack export` writes it."""
    return {
        "version": 3,
        "deployment": {
            "manifest": {"time": TIME, "version": "v3.274.1"},
            "resources": [*resources],
        },
    }
