"""Write docs/spellings.md, how each language spells the encryption properties of each type.

A test compares the page with the text that this module generates, the code with the programs in
examples/remediation, and the Python names with the installed SDKs.

Sources: Pulumi Registry, the pages that this page links to; pulumi-aws, sdk/go/aws/dynamodb
(TableReplicaTypeArgs, because TableReplicaArgs are the arguments of the resource).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from tools import CHECKOUT

PAGE = CHECKOUT / "docs/spellings.md"
REGISTRY = "https://www.pulumi.com/registry/packages"


@dataclass(frozen=True)
class Output:
    """The output `arn` of another resource of the program.

    Attributes:
        resource: the resource's variable.
    """

    resource: str


@dataclass(frozen=True)
class Block:
    """An object.

    Attributes:
        name: the object's class in an SDK, without "Args".
        properties: the values by their names in Pulumi's schema.
        go_name: the name of the class in Go, if it is another one.
    """

    name: str
    properties: Mapping[str, Value]
    go_name: str = ""


Value: TypeAlias = "bool | str | Output | Block | Sequence[Block]"


@dataclass(frozen=True)
class Type:
    """A resource type, and the settings to show for it.

    Attributes:
        name: the type as programs write it, such as "aws.dynamodb.Table".
        page: the type's page in the Pulumi Registry, after the packages.
        settings: top-level properties, by the paths that messages show.
    """

    name: str
    page: str
    settings: Mapping[str, tuple[str, Value]]

    @property
    def package(self) -> str:
        """The package of the type, such as "aws"."""
        return self.name.partition(".")[0]


class _Language:
    """TypeScript, from which the other languages differ."""

    name = "TypeScript"
    open, close = "{ ", " }"

    def __init__(self, package: str = "aws") -> None:
        self.package = package

    def setting(self, name: str, value: Value) -> str:
        """Return the code that sets a top-level property."""
        return self.property(name, value)

    def property(self, name: str, value: Value) -> str:
        """Return the code that sets a property of a block."""
        return f"{self.spelled(name)}: {self.value(value)}"

    def spelled(self, name: str) -> str:
        """Return a property's name."""
        return name

    def value(self, value: Value) -> str:
        """Return the code of a value."""
        if isinstance(value, Block):
            properties = (self.property(*item) for item in value.properties.items())
            return f"{self.constructor(value)}{self.open}{', '.join(properties)}{self.close}"
        if isinstance(value, (bool, str)):
            return json.dumps(value)
        if isinstance(value, Output):
            return self.output(value)
        return self.list(value)

    def constructor(self, block: Block) -> str:  # noqa: ARG002 for the languages that have one
        """Return what is before the properties of a block."""
        return ""

    def output(self, output: Output) -> str:
        """Return the code of an output."""
        return f"{output.resource}.{self.spelled('arn')}"

    def list(self, blocks: Sequence[Block]) -> str:
        """Return the code of a list."""
        return f"[{', '.join(map(self.value, blocks))}]"


class _Yaml(_Language):
    name = "YAML"

    def output(self, output: Output) -> str:
        return f'"${{{output.resource}.arn}}"'


class _Python(_Language):
    name = "Python"
    open, close = "{", "}"

    def setting(self, name: str, value: Value) -> str:
        return f"{self.spelled(name)}={self.value(value)}"

    def property(self, name: str, value: Value) -> str:
        return f'"{self.spelled(name)}": {self.value(value)}'

    def spelled(self, name: str) -> str:
        return re.sub(r"[A-Z]", lambda match: f"_{match[0].lower()}", name)

    def value(self, value: Value) -> str:
        return str(value) if isinstance(value, bool) else super().value(value)


class _Go(_Language):
    name = "Go"
    open, close = "{", "}"

    def spelled(self, name: str) -> str:
        return name[0].upper() + name[1:]

    def value(self, value: Value) -> str:
        code = super().value(value)
        kinds = {bool: "Bool", str: "String"}
        return f"pulumi.{kinds[type(value)]}({code})" if type(value) in kinds else code

    def constructor(self, block: Block) -> str:
        return f"&dynamodb.{block.go_name or block.name}Args"

    def list(self, blocks: Sequence[Block]) -> str:
        kind = blocks[0].go_name or blocks[0].name
        return f"dynamodb.{kind}Array{{{', '.join(map(self.value, blocks))}}}"


class _CSharp(_Go):
    name = "C#"
    open, close = _Language.open, _Language.close

    def property(self, name: str, value: Value) -> str:
        return f"{self.spelled(name)} = {self.value(value)}"

    def value(self, value: Value) -> str:
        return _Language.value(self, value)

    def constructor(self, block: Block) -> str:
        namespace = {"aws": "Aws.DynamoDB", "aws-native": "AwsNative.DynamoDb"}[self.package]
        return f"new {namespace}.Inputs.{block.name}Args "

    def list(self, blocks: Sequence[Block]) -> str:
        return f"new[] {{ {', '.join(map(self.value, blocks))} }}"


class _Java(_Language):
    name = "Java"

    def property(self, name: str, value: Value) -> str:
        return f".{name}({self.value(value)})"

    def value(self, value: Value) -> str:
        if not isinstance(value, Block):
            return super().value(value)
        properties = "".join(self.property(*item) for item in value.properties.items())
        return f"{value.name}Args.builder(){properties}.build()"

    def output(self, output: Output) -> str:
        return f"{output.resource}.arn()"

    def list(self, blocks: Sequence[Block]) -> str:
        return ", ".join(map(self.value, blocks))


_LANGUAGES = (_Language, _Python, _Go, _CSharp, _Java, _Yaml)

_KEY = Output("key")
_REGION = "eu-west-1"
_SSE, _NATIVE_SSE = "serverSideEncryption", "sseSpecification"
_KMS: dict[str, Value] = {"sseEnabled": True, "sseType": "KMS"}

ENABLED = (_SSE, Block("TableServerSideEncryption", {"enabled": True}))
WITH_KEY = (_SSE, Block("TableServerSideEncryption", {"enabled": True, "kmsKeyArn": _KEY}))

TYPES = (
    Type(
        "aws.dynamodb.Table",
        "aws/api-docs/dynamodb/table/",
        {
            "serverSideEncryption.enabled, serverSideEncryption.kmsKeyArn": WITH_KEY,
            "replicas[].kmsKeyArn": (
                "replicas",
                [
                    Block(
                        "TableReplica",
                        {"regionName": _REGION, "kmsKeyArn": _KEY},
                        go_name="TableReplicaType",
                    )
                ],
            ),
        },
    ),
    Type(
        "aws.dynamodb.TableReplica",
        "aws/api-docs/dynamodb/tablereplica/",
        {"kmsKeyArn": ("kmsKeyArn", _KEY)},
    ),
    Type(
        "aws-native.dynamodb.Table",
        "aws-native/api-docs/dynamodb/table/",
        {
            ", ".join(
                f"{_NATIVE_SSE}.{name}" for name in ("sseEnabled", "sseType", "kmsMasterKeyId")
            ): (_NATIVE_SSE, Block("TableSseSpecification", {**_KMS, "kmsMasterKeyId": _KEY}))
        },
    ),
    Type(
        "aws-native.dynamodb.GlobalTable",
        "aws-native/api-docs/dynamodb/globaltable/",
        {
            "sseSpecification.sseEnabled, sseSpecification.sseType": (
                "sseSpecification",
                Block("GlobalTableSseSpecification", _KMS),
            ),
            "replicas[].sseSpecification.kmsMasterKeyId": (
                "replicas",
                [
                    Block(
                        "GlobalTableReplicaSpecification",
                        {
                            "region": _REGION,
                            "sseSpecification": Block(
                                "GlobalTableReplicaSseSpecification", {"kmsMasterKeyId": _KEY}
                            ),
                        },
                    )
                ],
            ),
        },
    ),
)

_INTRODUCTION = """\
# How each language spells the encryption properties

<!-- Generated by `make docs`. Edit `tools/docs/spellings.py`. -->

Messages spell the properties of Pulumi's providers as TypeScript, YAML, and Java do. This page has
every property that messages name, in each language. For complete programs, with their imports, see
[Change the code](remediation.md#change-the-code).

In the code, `key` is a customer managed key in the Region of the table or replica: an `aws.kms.Key`
or an `aws-native.kms.Key`. To use the AWS managed key, leave out the property that names the key.
If the table is deployed, see
[Switch a deployed table to another key](remediation.md#switch-a-deployed-table-to-another-key).
"""

_ELSEWHERE = """\
## CloudFormation and Cloud Control

The names are the same in a CloudFormation template, in `desiredState` of an
`aws.cloudcontrol.Resource`, and in `properties` of an `aws-native.ExtensionResource`. The value of
`desiredState` is a string that contains JSON. `KEY` is the key's ARN.

These are the properties of an `AWS::DynamoDB::Table`, in JSON and in YAML:

```json
{ "SSESpecification": { "SSEEnabled": true, "SSEType": "KMS", "KMSMasterKeyId": "KEY" } }
```

```yaml
SSESpecification: { SSEEnabled: true, SSEType: KMS, KMSMasterKeyId: KEY }
```

These are the properties of an `AWS::DynamoDB::GlobalTable`, in JSON and in YAML:

```json
{
  "SSESpecification": { "SSEEnabled": true, "SSEType": "KMS" },
  "Replicas": [{ "Region": "eu-west-1", "SSESpecification": { "KMSMasterKeyId": "KEY" } }]
}
```

```yaml
SSESpecification: { SSEEnabled: true, SSEType: KMS }
Replicas:
  - Region: eu-west-1
    SSESpecification: { KMSMasterKeyId: KEY }
```

## Terraform

`aws_dynamodb_table`, with a block for each replica:

```hcl
server_side_encryption {
  enabled     = true
  kms_key_arn = "KEY"
}
replica {
  region_name = "eu-west-1"
  kms_key_arn = "KEY"
}
```

`aws_dynamodb_table_replica`:

```hcl
kms_key_arn = "KEY"
```

`awscc_dynamodb_table`:

```hcl
sse_specification = { sse_enabled = true, sse_type = "KMS", kms_master_key_id = "KEY" }
```

`awscc_dynamodb_global_table`:

```hcl
sse_specification = { sse_enabled = true, sse_type = "KMS" }
replicas = [{ region = "eu-west-1", sse_specification = { kms_master_key_id = "KEY" } }]
```
"""


def table(header: str, setting: tuple[str, Value], package: str = "aws") -> str:
    """Return the table with the code of a setting in each language.

    Args:
        header: the heading of the column with the code.
        setting: a top-level property and its value.
        package: the package of the resource type.
    """
    # The names of AWS Native's classes in Java are not known here.
    languages = [each for each in _LANGUAGES if package == "aws" or each is not _Java]
    rows = [f"| {each.name} | `{each(package).setting(*setting)}` |" for each in languages]
    return "\n".join((f"| Language | {header} |", "| --- | --- |", *rows))


def page() -> str:
    """Return the page's text."""
    parts = [_INTRODUCTION]
    for each in TYPES:
        java = "" if each.package == "aws" else ", also for Java"
        parts.append(f"## {each.name}\n\nSee the [Registry]({REGISTRY}/{each.page}){java}.\n")
        for paths, setting in each.settings.items():
            header = ", ".join(f"`{path}`" for path in paths.split(", "))
            parts.append(f"{table(header, setting, each.package)}\n")
    return "\n".join((*parts, _ELSEWHERE))
