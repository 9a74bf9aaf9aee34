"""The functions (invokes) of the stand-in `aws` provider, with the results of pulumi-aws 7.

Source: internal/service/{dynamodb,iam,kms,meta,sts}/*_data_source.go of terraform-provider-aws.
"""

# All functions have the same arguments.
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
    """Return the caller's identity from STS."""
    identity = aws.client("sts", aws.region).get_caller_identity()
    return {
        "accountId": identity["Account"],
        "arn": identity["Arn"],
        "id": identity["Account"],
        "userId": identity["UserId"],
    }


def region(aws: Aws, args: Props) -> Props:
    """Return the Region in the arguments, else the provider's Region."""
    name = args.get("region") or aws.region
    return {
        "description": name,
        "endpoint": f"ec2.{name}.{_suffix(name)}",
        "id": name,
        "name": name,
        "region": name,
    }


def partition(aws: Aws, args: Props) -> Props:
    """Return the partition of the provider's Region."""
    name = partition_of(aws.region)
    suffix = _suffix(aws.region)
    return {
        "dnsSuffix": suffix,
        "id": name,
        "partition": name,
        "reverseDnsPrefix": ".".join(reversed(suffix.split("."))),
    }


def policy_document(aws: Aws, args: Props) -> Props:
    """Return an IAM policy document."""
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
            variables = tests.setdefault(condition["test"], {})
            variables[condition["variable"]] = _one(condition["values"])
        statements.append(statement)
    document: dict[str, Any] = {"Version": args.get("version", "2012-10-17")}
    if args.get("policyId"):
        document["Id"] = args["policyId"]
    document["Statement"] = statements
    compact = json.dumps(document, separators=(",", ":"))
    return {**args, "id": str(_hash(compact)), "json": json.dumps(document, indent=2),
            "minifiedJson": compact}  # fmt: skip


def key(aws: Aws, args: Props) -> Props:
    """Return a KMS key by its id, ARN or alias."""
    region = aws.region_of(args)
    metadata: Any = aws.kms(region).describe_key(KeyId=args["keyId"])["KeyMetadata"]
    return {
        "arn": metadata["Arn"],
        "awsAccountId": metadata["AWSAccountId"],
        "customerMasterKeySpec": metadata["KeySpec"],
        "description": metadata.get("Description", ""),
        "enabled": metadata["Enabled"],
        "id": metadata["KeyId"],
        "keyId": args["keyId"],
        "keyManager": metadata["KeyManager"],
        "keySpec": metadata["KeySpec"],
        "keyState": metadata["KeyState"],
        "keyUsage": metadata["KeyUsage"],
        "multiRegion": bool(metadata.get("MultiRegion")),
        "origin": metadata["Origin"],
        "region": region,
    }


def alias(aws: Aws, args: Props) -> Props:
    """Return a KMS alias, including the aliases of AWS managed keys (alias/aws/...)."""
    region = aws.region_of(args)
    metadata: Any = aws.kms(region).describe_key(KeyId=args["name"])["KeyMetadata"]
    arn = f"{metadata['Arn'].split(':key/')[0]}:{args['name']}"
    return {
        "arn": arn,
        "id": arn,
        "name": args["name"],
        "region": region,
        "targetKeyArn": metadata["Arn"],
        "targetKeyId": metadata["KeyId"],
    }


def table(aws: Aws, args: Props) -> Props:
    """Return a DynamoDB table by its name."""
    state = _TABLE.read(aws, str(args["name"]), {"region": aws.region_of(args)})
    if state is None:
        raise ProviderError(f"no DynamoDB table is named {args['name']!r} in this Region.")
    return {k: v for k, v in state.items() if not k.startswith("__")}


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
