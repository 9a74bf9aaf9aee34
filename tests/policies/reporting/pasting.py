"""Do literally what a message says: paste its code into the resource that it is about."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from typing import Any, NamedTuple

import yaml

from policies.encryption.spelling import Spelling, Syntax
from policies.reporting.keys import PLACEHOLDER
from policies.routes.cloudformation_types import SPELLINGS
from policies.routes.pulumi_aws import REPLICA_SPELLING, TABLE_SPELLING
from policies.routes.sse_specification import CAMEL_GLOBAL_TABLE, CAMEL_TABLE
from policies.routes.terraform import AWS_HCL, AWSCC_HCL
from policies.templates import parse

_TYPES: Mapping[str, Spelling] = {
    "aws:dynamodb/table:Table": TABLE_SPELLING,
    "aws:dynamodb/tableReplica:TableReplica": REPLICA_SPELLING,
    "aws-native:dynamodb:Table": CAMEL_TABLE,
    "aws-native:dynamodb:GlobalTable": CAMEL_GLOBAL_TABLE,
    "orders:tf:aws_dynamodb_table": AWS_HCL,
    "orders:tf:awscc_dynamodb_table": AWSCC_HCL,
}

_CODE = r"`(?P<{}>[^`]+)`"
_ORDERS = (
    r"To use the AWS managed key aws/dynamodb, set " + _CODE.format("setting"),
    r"(?:To use [^.,]*(?:\.\w+)*, set|^Set|\. Set) "
    + _CODE.format("setting")
    + rf"(?:, and {_CODE.format('each')} in each of \w+| and {_CODE.format('second')})?",
    r"[Ii]n the replica(?: in the stack's Region| in (?P<region>[a-z0-9-]+))?, set "
    + _CODE.format("replica"),
)


_ALSO = r"With that key, also set `([^`]+)` in the replica(?: in {})?[.,]"


class Change(NamedTuple):
    """One of the changes that a message offers.

    Attributes:
        setting: the code for the table.
        each: the code for each replica.
        replica: the code for one replica.
        region: the Region of that replica; None if there is only one.
    """

    setting: tuple[str, ...] = ()
    each: str = ""
    replica: str = ""
    region: str | None = None

    @property
    def names_key(self) -> bool:
        """Whether the table gets a customer managed key."""
        return any(PLACEHOLDER in code or "arn:" in code for code in self.setting)


def changes_in(message: str) -> Iterator[Change]:
    """Yield the changes that a message offers."""
    text = message.partition("\n")[2]
    offered: dict[Change, None] = {}
    for order in _ORDERS:
        for match in re.finditer(order, text):
            found = match.groupdict(default="")
            setting = tuple(filter(None, (found.get("setting"), found.get("second"))))
            offered[
                Change(
                    setting,
                    found.get("each", ""),
                    found.get("replica", ""),
                    found.get("region") or None,
                )
            ] = None
    yield from offered


def pasted(
    kind: str,
    properties: Mapping[str, Any],
    change: Change,
    message: str,
    key_in: Callable[[str], str] | None = None,
    region: str = "eu-west-1",
) -> Any:
    """Return the properties of a resource after a change.

    Args:
        kind: the resource's type token.
        properties: its properties before.
        change: the change.
        message: the message that offers it, which says what `KEY` is.
        key_in: returns the ARN of a key in a Region; by default, any that the message describes.
        region: the Region of a table or replica whose declaration does not name it.
    """
    given = key_in or (lambda region: _key(message, region))

    def key_of(named: object) -> str:
        is_region = isinstance(named, str) and "$" not in named
        return given(str(named) if is_region else region)

    after = deepcopy(dict(properties))
    if kind == "aws:cloudformation/stack:Stack":
        body = str(after["templateBody"])
        is_json = body.lstrip().startswith("{")
        template: Any = parse(body)
        table = template["Resources"]["Orders"]
        table_properties = table.setdefault("Properties", {})
        spelling, syntax = SPELLINGS[table["Type"]], Syntax.JSON if is_json else Syntax.COLON
        _paste(table_properties, spelling, syntax, change, message, key_of)
        after["templateBody"] = json.dumps(template)
    elif kind == "aws-native:index:ExtensionResource":
        spelling = SPELLINGS[after["type"]]
        _paste(after["properties"], spelling, spelling.syntax, change, message, key_of)
    elif kind == "aws:cloudcontrol/resource:Resource":
        document = json.loads(after["desiredState"])
        _paste(document, SPELLINGS[after["typeName"]], Syntax.JSON, change, message, key_of)
        after["desiredState"] = json.dumps(document)
    else:
        spelling = _TYPES[kind]
        _paste(after, spelling, spelling.syntax, change, message, key_of)
    return after


def _paste(
    table: dict[str, Any],
    spelling: Spelling,
    syntax: Syntax,
    change: Change,
    message: str,
    key_in: Callable[[object], str],
) -> None:
    own_region = table.get("region")
    for code in change.setting:
        ((name, value),) = parsed(code, syntax, key_in(own_region)).items()
        in_block = not isinstance(value, dict) and bool(spelling.block)
        (table[spelling.block] if in_block else table)[name] = value
    replicas = table.get(spelling.replicas) or []
    regions = [replica[spelling.replica_region] for replica in replicas]
    for replica, region in zip(replicas, regions, strict=True):
        if change.each:
            replica.update(parsed(change.each, syntax, key_in(region)))
        also = re.search(_ALSO.format(region), message) if change.names_key else None
        if also:
            replica.update(parsed(also[1], syntax, key_in(region)))
        if change.replica and change.region in (None, region):
            replica.update(parsed(change.replica, syntax, key_in(region)))


def parsed(code: str, syntax: Syntax, key: str) -> dict[str, Any]:
    """Parse code as its syntax does, with a key in place of `KEY`."""
    code = code.replace(f'"{PLACEHOLDER}"', json.dumps(key))
    if syntax is Syntax.COLON:
        parsed: dict[str, Any] = yaml.safe_load(code)
        return parsed
    if syntax is Syntax.JSON:
        document: dict[str, Any] = json.loads(f"{{{code}}}")
        return document
    return dict(_parsed_hcl(code, syntax))


_HCL_VALUE = re.compile(r'(\w+)(?: =)? \{(.*)\}|(\w+) += (true|"[^"]*")', re.DOTALL)


def _parsed_hcl(code: str, syntax: Syntax) -> Iterator[tuple[str, Any]]:
    """Parse HCL that consists of attributes, objects in one line, and blocks.

    It does not accept a block with several arguments in one line, as HCL doesn't.
    """
    match = _HCL_VALUE.fullmatch(code.strip())
    assert match is not None, code
    name, inside, attribute, value = match.groups()
    if attribute:
        yield attribute, json.loads(value)
        return
    is_block = syntax is Syntax.HCL_BLOCK
    assert (" = {" in code) is not is_block
    members = [each.strip() for each in inside.strip().split("\n" if is_block else ",")]
    assert is_block is False or "," not in inside
    yield name, dict(pair for member in members for pair in _parsed_hcl(member, syntax))


def _key(message: str, region: str) -> str:
    """Return a key of a Region that is what the message says of `KEY`."""
    pattern = re.search(r"any key that matches (\S+)", message)
    if pattern:
        *start, _, account, resource = pattern[1].split(":")
        return ":".join((*start, region, account, resource.replace("*", "5678efab")))
    account = re.search(r"of the account (\d+)", message)
    return f"arn:aws:kms:{region}:{account[1] if account else '111122223333'}:key/5678efab"
