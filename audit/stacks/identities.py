"""What a resource of a state is in AWS: ARNs and names, as far as the state records them.

Sources: Pulumi Registry and Terraform Registry, the pages of the types in `policies.routes`
(outputs); AWS CloudFormation Template Reference, "AWS::DynamoDB::Table" and
"AWS::DynamoDB::GlobalTable" (Arn is a return value); AWS Service Authorization Reference, "Actions,
resources, and condition keys for Amazon DynamoDB" (ARNs).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pulumi_policy import PolicyResource

from audit.stacks.states import Recorded, has_secret
from policies.encryption.arns import Arn
from policies.encryption.rule import is_region
from policies.encryption.tables import ConditionalTable, Declaration, Table
from policies.routes.reading import region_of
from policies.snapshot import Operation, take

_NAMES = ("tableName", "table_name", "TableName", "name")
_ARNS = ("arn", "Arn")
_REPLICAS = ("replicas", "replica", "Replicas")
_REGIONS = ("regionName", "region_name", "region", "Region")
_STACK_ARNS = ("id", "stackId", "stack_id", "arn", "cloudformationStackArn")
_STACK_SETS = ("stackSetName", "stack_set_name", "name")
_MODELS = ("properties", "outputs")
"""Where a resource of any CloudFormation type has the properties of its type."""
_OF_STACK_SETS = ("stackset", "stacksetinstance", "stackinstances")
_NAMING = frozenset((
    "name", "nameprefix", "tablename", "arn", "globaltablearn", "id", "identifier", "desiredstate",
    "properties", "stackname", "stackid", "stacksetname", "stacksetid", "cloudformationstackarn",
))  # fmt: skip
"""The properties that an ARN or an ID can repeat, without underscores and in lower case."""


@dataclass(frozen=True)
class Identity:
    """What a resource is in AWS.

    Attributes:
        account: the ID of its account; empty if not known.
        region: its Region; empty if not known.
        arns: the ARNs of its table and of the table's replicas; empty if not known.
        evidence: what the evidence of a finding shows.
    """

    account: str = ""
    region: str = ""
    arns: tuple[str, ...] = ()
    evidence: Mapping[str, Any] = field(default_factory=dict)


def identity_of(
    resource: Recorded, shown: PolicyResource, declaration: Declaration | None
) -> Identity:
    """Return what a resource is in AWS. It shows no secret.

    Args:
        resource: the resource.
        shown: its outputs without secrets.
        declaration: what its route reads in them; None if it reads nothing.
    """
    region = region_of(take(shown, ("region", "arn"), Operation.ANALYSIS)) or ""
    region = region if is_region(region) else ""
    if _has_secret_name(resource):
        return Identity(region=region)
    evidence: dict[str, Any] = {"id": resource.id} if resource.id else {}
    stack_set = _stack_set(resource, shown.props)
    if stack_set is not None:
        # Its instances have other accounts and Regions.
        return Identity(evidence={**evidence, **stack_set})
    stack = _stack_arn(resource, shown.props)
    if stack is not None:
        evidence["template_stack"] = str(stack)
        return Identity(stack.account, stack.region, (), evidence)
    properties = _properties(shown.props)
    arns = _arns(properties)
    name = _table_name(arns, properties, declaration)
    if name:
        evidence["name"] = name
    if arns:
        evidence["arns"] = [str(arn) for arn in arns]
        return Identity(arns[0].account, arns[0].region, tuple(map(str, arns)), evidence)
    return Identity("", region, (), evidence)


def _has_secret_name(resource: Recorded) -> bool:
    """Return whether an ARN or the ID of a resource can contain a secret."""
    return any(
        has_secret(value)
        for properties in (resource.inputs, resource.outputs)
        for name, value in properties.items()
        if name.replace("_", "").lower() in _NAMING
    )


def _stack_set(resource: Recorded, outputs: Mapping[str, Any]) -> dict[str, str] | None:
    """Return the name of a stack set for the evidence, if known; None for other resources."""
    kind = resource.type.rpartition(":")[2].replace("_", "").lower()
    if not kind.endswith(_OF_STACK_SETS):
        return None
    name = next(_texts(outputs, _STACK_SETS), None)
    return {} if name is None else {"template_stack_set": name}


def _stack_arn(resource: Recorded, outputs: Mapping[str, Any]) -> Arn | None:
    for text in (resource.id, *_texts(outputs, _STACK_ARNS)):
        arn = Arn.parse(text)
        if arn and arn.service == "cloudformation" and arn.resource.startswith("stack/"):
            return arn
    return None


def _properties(outputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the outputs with those of a resource that can have any CloudFormation type."""
    properties = dict(outputs)
    for name in _MODELS:
        model = outputs.get(name)
        if isinstance(model, str):
            try:
                model = json.loads(model)
            except (ValueError, RecursionError):
                continue
        if isinstance(model, dict):
            properties |= model
    return properties


def _arns(properties: Mapping[str, Any]) -> list[Arn]:
    own = next(_table_arns(properties), None)
    if own is None:
        return []
    arns = dict.fromkeys([own])
    replicas = next((properties[name] for name in _REPLICAS if properties.get(name)), ())
    for replica in replicas if isinstance(replicas, list) else ():
        if isinstance(replica, dict):
            recorded = _table_arns(replica)
            in_regions = (
                own._replace(region=region)
                for region in _texts(replica, _REGIONS)
                if is_region(region)
            )
            arns |= dict.fromkeys([*recorded, *in_regions][:1])
    return list(arns)


def _table_arns(properties: Mapping[str, Any]) -> Iterator[Arn]:
    for arn in map(Arn.parse, _texts(properties, _ARNS)):
        if arn is not None and arn.service == "dynamodb" and _name_in(arn) is not None:
            yield arn


def _name_in(arn: Arn) -> str | None:
    kind, _, name = arn.resource.partition("/")
    return name if kind == "table" and name and "/" not in name else None


def _table_name(
    arns: list[Arn], properties: Mapping[str, Any], declaration: Declaration | None
) -> str | None:
    if arns:
        return _name_in(arns[0])
    is_table = isinstance(declaration, (Table, ConditionalTable))
    return next(_texts(properties, _NAMES), None) if is_table else None


def _texts(properties: Mapping[str, Any], names: tuple[str, ...]) -> Iterator[str]:
    """Yield the texts that properties have."""
    for name in names:
        value = properties.get(name)
        if isinstance(value, str) and value and value != "[secret]":
            yield value
