"""docs/remediation.md shows the files of examples/remediation, and the pack accepts their tables.

The tests that run these files are in tests/engine/test_remediation_guide.py.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pulumi_aws as aws
import pytest
import yaml

from policies import POLICIES
from tools.harness import Analyzer

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "examples/remediation"
PAGE = (ROOT / "docs/remediation.md").read_text(encoding="utf-8")
KEY = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
AWS_MANAGED, CUSTOMER_MANAGED, ALIAS = "aws-managed", "customer-managed", "alias"
VARIANTS = (AWS_MANAGED, CUSTOMER_MANAGED)
PROGRAMS = (*VARIANTS, ALIAS)


def read(file: str) -> str:
    return (FOLDER / file).read_text(encoding="utf-8")


def assert_verdicts(
    analyzer: Analyzer, variant: str, resource_type: str, properties: dict[str, Any]
) -> None:
    """Assert that the pack accepts a variant, by default and with `requireCustomerManagedKey`.

    The setting must reject the AWS managed variant, which shows that the pack reads the table.
    """
    answer = analyzer.analyze(resource_type, properties)
    assert answer.messages == []
    assert answer.undetermined == ()
    analyzer.configure({policy.name: {"requireCustomerManagedKey": True} for policy in POLICIES})
    answer = analyzer.analyze(resource_type, properties)
    assert bool(answer.violations) is (variant == AWS_MANAGED), answer.messages
    assert answer.undetermined == ()


# The page and its snippets.

_SNIPPET = re.compile(
    r"\]\(\.\./examples/remediation/([^)\s]+)\)[^\n]*\n\n```([a-z]+)\n(.*?)^```$", re.M | re.S
)
_FENCES = {
    ".cs": "csharp", ".go": "go", ".java": "java", ".json": "json", ".py": "python", ".sh": "sh",
    ".tf": "hcl", ".ts": "typescript", ".txt": "text", ".yaml": "yaml",
}  # fmt: skip
SNIPPETS = {path: (language, text) for path, language, text in _SNIPPET.findall(PAGE)}


def test_every_code_block_names_its_file() -> None:
    # A block has two fences. The pattern doesn't match a block without a file.
    assert len(re.findall(r"^ *```", PAGE, re.M)) == 2 * len(_SNIPPET.findall(PAGE))
    assert len(_SNIPPET.findall(PAGE)) == len(SNIPPETS), "the page shows a file twice"


def test_the_page_shows_all_files() -> None:
    files = {str(file.relative_to(FOLDER)) for file in FOLDER.rglob("*") if file.is_file()}
    assert set(SNIPPETS) == {file for file in files if "__pycache__" not in file}


@pytest.mark.parametrize("path", sorted(SNIPPETS))
def test_a_code_block_equals_its_file(path: str) -> None:
    language, text = SNIPPETS[path]
    assert text == read(path)
    assert language == _FENCES[Path(path).suffix]


def headings_of(page: str) -> set[str]:
    """Return the anchors that GitHub creates for a page's headings."""
    headings = re.findall(r"^#+ (.*)$", page, re.M)
    return {re.sub(r"[^a-z0-9_ -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_links_of_the_page_work() -> None:
    for link, anchor in re.findall(r"\]\((?!https?:)([^)#]*)#?([^)]*)\)", PAGE):
        target = ROOT / "docs" / link if link else ROOT / "docs/remediation.md"
        assert target.exists(), link
        assert not anchor or anchor in headings_of(target.read_text(encoding="utf-8")), anchor


def test_the_key_policy_grants_the_permissions_that_dynamodb_needs_through_dynamodb_only() -> None:
    administer, use = json.loads(read("cli/key-policy.json"))["Statement"]
    # AWS KMS accepts a key policy without this statement, but then no principal can administer
    # the key.
    assert administer["Principal"]["AWS"].endswith(":root")
    assert administer["Action"] == "kms:*"
    # Source: Amazon DynamoDB Developer Guide, "DynamoDB encryption at rest usage notes".
    assert set(use["Action"]) == {
        "kms:CreateGrant",
        "kms:Decrypt",
        "kms:DescribeKey",
        "kms:Encrypt",
        "kms:GenerateDataKey*",
        "kms:ReEncrypt*",
    }
    region = re.search(r"^region=(.+)$", read("cli/customer-managed.sh"), re.M)
    assert region is not None
    assert use["Condition"] == {
        "StringEquals": {"kms:ViaService": f"dynamodb.{region[1]}.amazonaws.com"}
    }
    assert all(f"`{action}`" in PAGE for action in use["Action"])


# CloudFormation, Terraform, and Pulumi YAML.


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("form", ["json", "yaml"])
def test_a_cloudformation_template_is_accepted(analyzer: Analyzer, variant: str, form: str) -> None:
    properties = {"templateBody": read(f"cloudformation/{variant}.{form}")}
    assert_verdicts(analyzer, variant, "aws:cloudformation/stack:Stack", properties)


# The inputs of the resource types that the snippets use, in Python's and Terraform's spelling.
INPUTS = {
    name
    for arguments in (
        aws.dynamodb.TableArgs,
        aws.dynamodb.TableAttributeArgs,
        aws.dynamodb.TableServerSideEncryptionArgs,
        aws.kms.KeyArgs,
    )
    for name, value in vars(arguments).items()
    if isinstance(value, property)
}


TERRAFORM_KEYS = {
    CUSTOMER_MANAGED: "aws_kms_key.orders.arn",
    ALIAS: "data.aws_kms_alias.orders.target_key_arn",
}


@pytest.mark.parametrize("variant", PROGRAMS)
def test_a_terraform_configuration_is_accepted(analyzer: Analyzer, variant: str) -> None:
    text = read(f"terraform/{variant}.tf")
    # In Terraform, attribute is a block that can be repeated, so its name is singular.
    assert set(re.findall(r"^ +(\w+) +[={]", text, re.M)) <= INPUTS | {"attribute"}
    blocks = re.findall(r'^resource "(\w+)" "(\w+)" {\n(.*?)^}', text, re.M | re.S)
    resources = {f"{kind}.{name}": body for kind, name, body in blocks}
    (block,) = re.findall(
        r"^  server_side_encryption {\n(.*?)^  }",
        resources.pop("aws_dynamodb_table.orders"),
        re.M | re.S,
    )
    arguments = dict(re.findall(r"^    (\w+) += (.+)$", block, re.M))
    key = {"kms_key_arn": TERRAFORM_KEYS[variant]} if variant in TERRAFORM_KEYS else {}
    assert arguments == {"enabled": "true", **key}
    if variant == CUSTOMER_MANAGED:
        assert "enable_key_rotation = true" in resources.pop("aws_kms_key.orders")
    alias = 'data "aws_kms_alias" "orders" {\n  name = "alias/orders"\n}'
    assert (alias in text) is (variant == ALIAS)
    assert resources == {}
    values = {"true": True, **dict.fromkeys(TERRAFORM_KEYS.values(), KEY)}
    encryption = {name: values[value] for name, value in arguments.items()}
    properties = {"hash_key": "id", "server_side_encryption": [encryption]}
    assert_verdicts(analyzer, variant, "orders:tf:aws_dynamodb_table", properties)


def yaml_program(variant: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the resources of a variant's Pulumi YAML program, and the functions that it calls."""
    program = yaml.safe_load(read(f"pulumi/{variant}/Pulumi.yaml"))
    assert program["runtime"] == "yaml"
    functions = {name: v["fn::invoke"] for name, v in program.get("variables", {}).items()}
    return program["resources"], functions


@pytest.mark.parametrize("variant", PROGRAMS)
def test_a_pulumi_yaml_program_is_accepted(analyzer: Analyzer, variant: str) -> None:
    resources, functions = yaml_program(variant)
    table = resources.pop("orders")
    assert table["type"] == "aws:dynamodb:Table"
    encryption = table["properties"]["serverSideEncryption"]
    if variant == CUSTOMER_MANAGED:
        key = resources.pop("key")
        assert key["type"] == "aws:kms:Key"
        assert key["properties"]["enableKeyRotation"] is True
        assert encryption == {"enabled": True, "kmsKeyArn": "${key.arn}"}
        encryption["kmsKeyArn"] = KEY
    if variant == ALIAS:
        assert functions.pop("alias")["function"] == "aws:kms:getAlias"
        assert encryption == {"enabled": True, "kmsKeyArn": "${alias.targetKeyArn}"}
        encryption["kmsKeyArn"] = KEY
    assert resources == {}
    assert functions == {}
    assert_verdicts(analyzer, variant, "aws:dynamodb/table:Table", table["properties"])


# Programs that the tests can't run without their language's compiler. The test of the YAML program
# shows the verdicts; these programs must have the same settings.


@dataclass(frozen=True)
class Syntax:
    """How a language's programs write settings.

    Attributes:
        setting: A pattern that matches a setting up to its value, with the name as its group.
        table: The start of the table's declaration.
        keys: For each variant with a key: the start of the declaration of the variable with the key
            or the alias, and the key's ARN.
    """

    setting: str
    table: str
    keys: dict[str, tuple[str, str]]


SYNTAXES = {
    "index.ts": Syntax(
        r"\b([a-z]\w*): ",
        'const orders = new aws.dynamodb.Table("orders", {',
        {
            CUSTOMER_MANAGED: ('const key = new aws.kms.Key("orders", {', "key.arn"),
            ALIAS: ("const alias = aws.kms.getAliasOutput({", "alias.targetKeyArn"),
        },
    ),
    "main.go": Syntax(
        r"\b([A-Z]\w*): +(?:pulumi\.(?:Bool|String)\()?",
        'dynamodb.NewTable(ctx, "orders", &dynamodb.TableArgs{',
        {
            CUSTOMER_MANAGED: ('key, err := kms.NewKey(ctx, "orders", &kms.KeyArgs{', "key.Arn"),
            ALIAS: (
                "alias, err := kms.LookupAlias(ctx, &kms.LookupAliasArgs{",
                "alias.TargetKeyArn",
            ),
        },
    ),
    "Program.cs": Syntax(
        r"(?<!using )\b([A-Z]\w*) = ",
        'var orders = new Aws.DynamoDB.Table("orders", new()',
        {
            CUSTOMER_MANAGED: ('var key = new Aws.Kms.Key("orders", new()', "key.Arn"),
            ALIAS: (
                "var alias = Aws.Kms.GetAlias.Invoke(new() {",
                "alias.Apply(result => result.TargetKeyArn)",
            ),
        },
    ),
    "App.java": Syntax(
        r"\.(?!(?:arn|build|builder|getAlias|run)\()([a-z]\w*)\(",
        'var orders = new Table("orders", TableArgs.builder()',
        {
            CUSTOMER_MANAGED: ('var key = new Key("orders", KeyArgs.builder()', "key.arn()"),
            ALIAS: (
                "var alias = KmsFunctions.getAlias(GetAliasArgs.builder()",
                "alias.applyValue(result -> result.targetKeyArn())",
            ),
        },
    ),
}
REFERENCES = {CUSTOMER_MANAGED: "${key.arn}", ALIAS: "${alias.targetKeyArn}"}


def settings_in(program: str, syntax: Syntax) -> list[tuple[str, str]]:
    """Return a program's settings in order: the name in camel case, and a value if not nested."""
    arns = {arn: REFERENCES[variant] for variant, (_, arn) in syntax.keys.items()}
    value = rf'("[^"]*"|true|false|{"|".join(map(re.escape, arns))})?'
    return [
        (name[0].lower() + name[1:], arns.get(value, value.strip('"')))
        for name, value in re.findall(syntax.setting + value, program)
    ]


def yaml_settings(value: Any) -> Iterator[tuple[str, str]]:
    """Yield the settings in a part of a YAML program, as `settings_in` returns them."""
    for item in value if isinstance(value, list) else [value]:
        for name, setting in item.items():
            if isinstance(setting, (dict, list)):
                yield name, ""
                yield from yaml_settings(setting)
            else:
                yield name, setting if isinstance(setting, str) else json.dumps(setting)


def expected_settings(variant: str) -> list[tuple[str, str]]:
    resources, functions = yaml_program(variant)
    arguments = [function["arguments"] for function in functions.values()]
    properties = [resource["properties"] for resource in resources.values()]
    return list(yaml_settings([*arguments, *properties]))


@pytest.mark.parametrize("variant", PROGRAMS)
@pytest.mark.parametrize("file", SYNTAXES)
def test_a_program_has_the_settings_of_the_yaml_program(file: str, variant: str) -> None:
    program, syntax = read(f"pulumi/{variant}/{file}"), SYNTAXES[file]
    assert settings_in(program, syntax) == expected_settings(variant)
    assert program.count(syntax.table) == 1
    for kind, (declaration, _) in syntax.keys.items():
        assert program.count(declaration) == (1 if variant == kind else 0)
    for opening, closing in ("()", "[]", "{}"):
        assert program.count(opening) == program.count(closing)
    for arguments in re.findall(r"(?!GetAliasArgs|LookupAliasArgs)\b\w+Args\b", program):
        assert hasattr(aws.dynamodb, arguments) or hasattr(aws.kms, arguments), arguments


@pytest.mark.parametrize("variant", PROGRAMS)
def test_the_settings_are_inputs_of_pulumis_aws_provider(variant: str) -> None:
    names = {re.sub("_([a-z])", lambda match: match[1].upper(), name) for name in INPUTS}
    assert {name for name, _ in expected_settings(variant)} <= names
    assert hasattr(aws.kms.GetAliasResult, "target_key_arn")


@pytest.mark.parametrize("file", SYNTAXES)
@pytest.mark.parametrize(
    ("right", "wrong"),
    [("true", "false"), ("msKeyArn", "msKeyARN"), ("PAY_PER_REQUEST", ""), ("ashKey", "ash")],
)
def test_a_wrong_setting_fails_the_comparison(file: str, right: str, wrong: str) -> None:
    program = read(f"pulumi/{CUSTOMER_MANAGED}/{file}")
    assert right in program
    changed = settings_in(program.replace(right, wrong), SYNTAXES[file])
    assert changed != expected_settings(CUSTOMER_MANAGED)
