"""docs/spellings.md is up to date, names what the SDKs have, and shows code that complies.

tests/docs/test_policy_pages.py compares the code in each language with the programs in
examples/remediation.
"""

from __future__ import annotations

import importlib
import inspect
import json
import re
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from policies import POLICIES
from policies.encryption.spelling import Spelling
from policies.routes import pulumi_aws, terraform
from policies.routes.sse_specification import CAMEL_GLOBAL_TABLE, CAMEL_TABLE
from tests.contract.describe_sdk import names_of
from tests.docs.markdown import rows
from tests.keys import KEY_ARN
from tools.docs import spellings
from tools.harness import Analyzer

PAGE = spellings.PAGE.read_text(encoding="utf-8")
TYPES = {each.name: each for each in spellings.TYPES}
TOKENS = {
    "aws.dynamodb.Table": "aws:dynamodb/table:Table",
    "aws.dynamodb.TableReplica": "aws:dynamodb/tableReplica:TableReplica",
    "aws-native.dynamodb.Table": "aws-native:dynamodb:Table",
    "aws-native.dynamodb.GlobalTable": "aws-native:dynamodb:GlobalTable",
}
SPELLINGS: dict[str, Spelling] = {
    "aws.dynamodb.Table": pulumi_aws.TABLE_SPELLING,
    "aws.dynamodb.TableReplica": pulumi_aws.REPLICA_SPELLING,
    "aws-native.dynamodb.Table": CAMEL_TABLE,
    "aws-native.dynamodb.GlobalTable": CAMEL_GLOBAL_TABLE,
}


def section(heading: str) -> str:
    """Return the part of the page below a heading of level 2."""
    return PAGE.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]


def code_of(name: str, language: str) -> list[str]:
    """Return the code of a resource type in a language, one for each table."""
    parts = section(name).split("| Language |")[1:]
    tables = [dict(rows(f"| Language |{part}", "Language")) for part in parts]
    return [table[language].strip("`") for table in tables]


def assert_accepted(analyzer: Analyzer, resource_type: str, properties: dict[str, Any]) -> None:
    """Assert that the pack accepts a table where customer managed keys are required."""
    analyzer.configure({policy.name: {"requireCustomerManagedKey": True} for policy in POLICIES})
    answer = analyzer.analyze(resource_type, properties)
    assert answer.messages == []
    assert answer.undetermined == ()


def test_the_page_is_up_to_date() -> None:
    assert spellings.page() == PAGE, "run `make docs`"


@pytest.mark.parametrize("name", TOKENS)
def test_every_property_that_a_message_names_is_on_the_page(name: str) -> None:
    spelling = SPELLINGS[name]
    paths = {spelling.key_path}
    paths |= {spelling.replica_key_path} if spelling.replicas else set()
    paths |= {spelling.enabled_path} if spelling.block else set()
    paths |= {spelling.sse_type_path} if spelling.sse_type else set()
    shown = {path for paths in TYPES[name].settings for path in paths.split(", ")}
    assert paths == shown


@pytest.mark.parametrize("name", TOKENS)
def test_the_names_are_those_of_the_sdk(name: str) -> None:
    package, module, declaration = name.replace("-", "_").split(".")
    sdk = importlib.import_module(f"pulumi_{package}.{module}")
    parameters = inspect.signature(getattr(sdk, declaration)._internal_init).parameters
    key = {"key": SimpleNamespace(arn=KEY_ARN), "call": lambda **arguments: arguments}
    for code, setting in zip(code_of(name, "Python"), TYPES[name].settings.values(), strict=True):
        (argument,) = eval(f"call({code})", key).items()  # noqa: S307 it is our page
        assert argument[0] in parameters
        assert_block(sdk, setting[1], argument[1])


def assert_block(sdk: Any, value: Any, shown: Any) -> None:
    """Assert that the SDK has the names of a block, and of the same block in Python."""
    if isinstance(value, list):
        assert_block(sdk, value[0], shown[0])
    elif isinstance(value, spellings.Block):
        arguments = getattr(sdk, f"{value.name}Args")
        assert set(value.properties) <= set(names_of(arguments))
        for (name, inner), python_name in zip(value.properties.items(), shown, strict=True):
            getter = vars(arguments)[python_name].fget
            assert getattr(getter, "_pulumi_name", python_name) == name
            assert_block(sdk, inner, shown[python_name])


@pytest.mark.parametrize("name", TOKENS)
def test_the_code_complies(analyzer: Analyzer, name: str) -> None:
    program = "\n".join(code_of(name, "YAML")).replace("${key.arn}", KEY_ARN)
    assert_accepted(analyzer, TOKENS[name], yaml.safe_load(program))


@pytest.mark.parametrize("language", ["json", "yaml"])
def test_the_templates_comply(analyzer: Analyzer, language: str) -> None:
    parts = section("CloudFormation and Cloud Control")
    blocks = re.findall(rf"```{language}\n(.*?)```", parts, re.S)
    for kind, block in zip(("Table", "GlobalTable"), blocks, strict=True):
        properties = yaml.safe_load(block.replace("KEY", KEY_ARN))
        template = {
            "Resources": {"T": {"Type": f"AWS::DynamoDB::{kind}", "Properties": properties}}
        }
        body = {"templateBody": json.dumps(template)}
        assert_accepted(analyzer, "aws:cloudformation/stack:Stack", body)


def test_terraform_has_the_names_that_messages_show() -> None:
    blocks = re.findall(r"```hcl\n(.*?)```", section("Terraform"), re.S)
    spelled = (
        terraform.AWS_HCL,
        terraform.AWS_HCL_REPLICA,
        terraform.AWSCC_HCL,
        terraform.AWSCC_HCL_GLOBAL,
    )
    for block, spelling in zip(blocks, spelled, strict=True):
        names = {spelling.block, spelling.enabled, spelling.key, spelling.sse_type}
        names |= {spelling.replicas, spelling.replica_region, spelling.replica_block}
        assert set(re.findall(r"(\w+)(?: +=| \{)", block)) == names - {""}
