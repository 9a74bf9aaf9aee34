"""The functions (invokes) that the stand-in knows, by token, in the shapes of pulumi-aws 7."""

# Not every function needs all that it is given.
# ruff: noqa: ARG001

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tools.sandbox.provider.aws import Aws, ProviderError
from tools.sandbox.provider.aws import partition as partition_of
from tools.sandbox.provider.properties import Props
from tools.sandbox.provider.table import Table

_TABLE = Table()


def caller_identity(aws: Aws, args: Props) -> Props:
    """Who calls, from STS."""
    found = aws.client("sts", aws.region).get_caller_identity()
    return {
        "accountId": found["Account"],
        "arn": found["Arn"],
        "id": found["Account"],
        "userId": found["UserId"],
    }


def region(aws: Aws, args: Props) -> Props:
    """The Region of the provider, or the one asked for."""
    name = args.get("region") or aws.region
    return {
        "description": name,
        "endpoint": f"ec2.{name}.{_suffix(name)}",
        "id": name,
        "name": name,
        "region": name,
    }


def partition(aws: Aws, args: Props) -> Props:
    """The partition of the provider's Region."""
    name = partition_of(aws.region)
    suffix = _suffix(aws.region)
    return {
        "dnsSuffix": suffix,
        "id": name,
        "partition": name,
        "reverseDnsPrefix": ".".join(reversed(suffix.split("."))),
    }


def policy_document(aws: Aws, args: Props) -> Props:
    """An IAM policy from its statements."""
    statements = []
    for given in args.get("statements", []):
        statement: dict[str, Any] = {}
        if given.get("sid"):
            statement["Sid"] = given["sid"]
        statement["Effect"] = given.get("effect", "Allow")
        for prop in ("actions", "notActions", "resources", "notResources"):
            if given.get(prop):
                statement[prop[0].upper() + prop[1:-1]] = _one(given[prop])
        for prop in ("principals", "notPrincipals"):
            if given.get(prop):
                statement[prop[0].upper() + prop[1:-1]] = _principals(given[prop])
        for condition in given.get("conditions", []):
            tests = statement.setdefault("Condition", {})
            of_kind = tests.setdefault(condition["test"], {})
            of_kind[condition["variable"]] = _one(condition["values"])
        statements.append(statement)
    document: dict[str, Any] = {"Version": args.get("version", "2012-10-17")}
    if args.get("policyId"):
        document["Id"] = args["policyId"]
    document["Statement"] = statements
    compact = json.dumps(document, separators=(",", ":"))
    return {**args, "id": str(_hash(compact)), "json": json.dumps(document, indent=2),
            "minifiedJson": compact}  # fmt: skip


def key(aws: Aws, args: Props) -> Props:
    """A KMS key, by any of its names."""
    where = aws.region_of(args)
    found: Any = aws.kms(where).describe_key(KeyId=args["keyId"])["KeyMetadata"]
    return {
        "arn": found["Arn"],
        "awsAccountId": found["AWSAccountId"],
        "customerMasterKeySpec": found["KeySpec"],
        "description": found.get("Description", ""),
        "enabled": found["Enabled"],
        "id": found["KeyId"],
        "keyId": args["keyId"],
        "keyManager": found["KeyManager"],
        "keySpec": found["KeySpec"],
        "keyState": found["KeyState"],
        "keyUsage": found["KeyUsage"],
        "multiRegion": bool(found.get("MultiRegion")),
        "origin": found["Origin"],
        "region": where,
    }


def alias(aws: Aws, args: Props) -> Props:
    """A KMS alias; one that begins with alias/aws/ names the AWS managed key of a service."""
    where = aws.region_of(args)
    found: Any = aws.kms(where).describe_key(KeyId=args["name"])["KeyMetadata"]
    arn = f"{found['Arn'].split(':key/')[0]}:{args['name']}"
    return {
        "arn": arn,
        "id": arn,
        "name": args["name"],
        "region": where,
        "targetKeyArn": found["Arn"],
        "targetKeyId": found["KeyId"],
    }


def table(aws: Aws, args: Props) -> Props:
    """A DynamoDB table, by its name."""
    found = _TABLE.read(aws, str(args["name"]), {"region": aws.region_of(args)})
    if found is None:
        raise ProviderError(f"no DynamoDB table is named {args['name']!r} in this Region.")
    return {k: v for k, v in found.items() if not k.startswith("__")}


def _one(values: Any) -> Any:
    return values[0] if isinstance(values, list) and len(values) == 1 else values


def _principals(given: list[Props]) -> Any:
    if any(p["type"] == "*" for p in given):
        return "*"
    return {p["type"]: _one(p["identifiers"]) for p in given}


def _suffix(name: str) -> str:
    return "amazonaws.com.cn" if name.startswith("cn-") else "amazonaws.com"


def _hash(text: str) -> int:
    return sum(index * ord(letter) for index, letter in enumerate(text, 1)) % 2**32


FUNCTIONS: dict[str, Callable[[Aws, Props], Props]] = {
    "aws:index/getCallerIdentity:getCallerIdentity": caller_identity,
    "aws:index/getRegion:getRegion": region,
    "aws:index/getPartition:getPartition": partition,
    "aws:iam/getPolicyDocument:getPolicyDocument": policy_document,
    "aws:kms/getKey:getKey": key,
    "aws:kms/getAlias:getAlias": alias,
    "aws:dynamodb/getTable:getTable": table,
}
