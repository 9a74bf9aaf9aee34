"""docs/remediation.md shows the files of examples/remediation, and the pack accepts what they make.

What needs the pretend account or the engine is in tests/engine/test_remediation_guide.py.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hcl2
import pulumi_aws as aws
import pytest
import tree_sitter_c_sharp
import tree_sitter_go
import tree_sitter_java
import tree_sitter_typescript
import yaml
from hcl2.utils import SerializationOptions
from tree_sitter import Language, Node, Parser

from tools.harness import Analyzer

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "examples/remediation"
PAGE = (ROOT / "docs/remediation.md").read_text(encoding="utf-8")
KEY = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
POLICIES = (
    "dynamodb-table-kms-encryption",
    "dynamodb-deployed-table-kms-encryption",
    "dynamodb-undetermined-table-kms-encryption",
)
AWS_MANAGED, CUSTOMER_MANAGED = "aws-managed", "customer-managed"
VARIANTS = (AWS_MANAGED, CUSTOMER_MANAGED)


def assert_judged(
    analyzer: Analyzer, variant: str, resource_type: str, properties: dict[str, Any]
) -> None:
    """Assert that the pack accepts a variant, and only the customer managed one where the AWS
    managed key is not enough. That it is rejected there shows that its table was seen at all.
    """
    answer = analyzer.analyze(resource_type, properties)
    assert answer.messages == []
    assert answer.undetermined == ()
    analyzer.configure({policy: {"requireCustomerManagedKey": True} for policy in POLICIES})
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


def test_every_block_of_the_page_names_its_file() -> None:
    # Two fences a block; one that the pattern does not find is one without a file.
    assert len(re.findall(r"^ *```", PAGE, re.M)) == 2 * len(_SNIPPET.findall(PAGE))
    assert len(_SNIPPET.findall(PAGE)) == len(SNIPPETS), "a file is shown twice"


def test_the_page_shows_every_file_and_no_other() -> None:
    files = {str(it.relative_to(FOLDER)) for it in FOLDER.rglob("*") if it.is_file()}
    assert set(SNIPPETS) == {it for it in files if "__pycache__" not in it}


@pytest.mark.parametrize("path", sorted(SNIPPETS))
def test_a_block_is_its_file(path: str) -> None:
    language, text = SNIPPETS[path]
    assert text == (FOLDER / path).read_text(encoding="utf-8")
    assert language == _FENCES[Path(path).suffix]


def headings_of(page: str) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", page, re.M)
    return {re.sub(r"[^a-z0-9_ -]", "", it.lower()).replace(" ", "-") for it in headings}


def test_the_pages_links_lead_somewhere() -> None:
    for link, anchor in re.findall(r"\]\((?!https?:)([^)#]*)#?([^)]*)\)", PAGE):
        target = ROOT / "docs" / link if link else ROOT / "docs/remediation.md"
        assert target.exists(), link
        assert not anchor or anchor in headings_of(target.read_text(encoding="utf-8")), anchor


# The key policy.


def test_the_key_policy_gives_what_dynamodb_needs_and_no_one_but_dynamodb() -> None:
    policy = json.loads((FOLDER / "cli/key-policy.json").read_text(encoding="utf-8"))
    administer, use = policy["Statement"]
    # Without it, a key could be made that nobody can administer.
    assert administer["Principal"]["AWS"].endswith(":root")
    assert administer["Action"] == "kms:*"
    # Source: "DynamoDB encryption at rest usage notes", the minimum of a customer managed key.
    assert set(use["Action"]) == {
        "kms:CreateGrant",
        "kms:Decrypt",
        "kms:DescribeKey",
        "kms:Encrypt",
        "kms:GenerateDataKey*",
        "kms:ReEncrypt*",
    }
    (service,) = use["Condition"]["StringEquals"].values()
    assert list(use["Condition"]["StringEquals"]) == ["kms:ViaService"]
    region = re.search(
        r"^region=(.+)$", (FOLDER / "cli/customer-managed.sh").read_text("utf-8"), re.M
    )
    assert region is not None
    assert service == f"dynamodb.{region[1]}.amazonaws.com"
    for action in use["Action"]:
        assert f"`{action}`" in PAGE


# CloudFormation, Terraform and Pulumi YAML.


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("form", ["json", "yaml"])
def test_a_cloudformation_template_is_accepted(analyzer: Analyzer, variant: str, form: str) -> None:
    template = (FOLDER / f"cloudformation/{variant}.{form}").read_text(encoding="utf-8")
    properties = {"templateBody": template}
    assert_judged(analyzer, variant, "aws:cloudformation/stack:Stack", properties)


def with_keys(value: Any, reference: str) -> Any:
    """`value` with an ARN of a key in place of each `reference` to one."""
    if isinstance(value, dict):
        return {name: with_keys(item, reference) for name, item in value.items()}
    if isinstance(value, list):
        return [with_keys(item, reference) for item in value]
    return KEY if value == reference else value


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_terraform_configuration_is_accepted(analyzer: Analyzer, variant: str) -> None:
    text = (FOLDER / f"terraform/{variant}.tf").read_text(encoding="utf-8")
    options = SerializationOptions(explicit_blocks=False, strip_string_quotes=True)
    parsed = hcl2.loads(text, serialization_options=options)
    resources = {
        f"{kind}.{name}": properties
        for block in parsed["resource"]
        for kind, named in block.items()
        for name, properties in named.items()
    }
    table = resources.pop("aws_dynamodb_table.orders")
    used = table["server_side_encryption"][0].get("kms_key_arn")
    # The key that is made is the one that is used.
    assert used == ("${aws_kms_key.orders.arn}" if variant == CUSTOMER_MANAGED else None)
    assert list(resources) == (["aws_kms_key.orders"] if used else [])
    assert all(key["enable_key_rotation"] is True for key in resources.values())
    assert_judged(analyzer, variant, "orders:tf:aws_dynamodb_table", with_keys(table, used))


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_pulumi_yaml_program_is_accepted(analyzer: Analyzer, variant: str) -> None:
    text = (FOLDER / f"pulumi/{variant}/Pulumi.yaml").read_text(encoding="utf-8")
    program = yaml.safe_load(text)
    assert program["runtime"] == "yaml"
    resources = program["resources"]
    table = resources.pop("orders")
    assert table["type"] == "aws:dynamodb:Table"
    used = table["properties"]["serverSideEncryption"].get("kmsKeyArn")
    assert used == ("${key.arn}" if variant == CUSTOMER_MANAGED else None)
    assert list(resources) == (["key"] if used else [])
    for key in resources.values():
        assert key["type"] == "aws:kms:Key"
        assert key["properties"]["enableKeyRotation"] is True
    declared = [table, *resources.values()]
    assert {name for it in declared for name in it["properties"]} <= PULUMI_NAMES
    properties = with_keys(table["properties"], used)
    assert_judged(analyzer, variant, "aws:dynamodb/table:Table", properties)


# The languages that only a compiler of their own could run.


def _camel(name: str) -> str:
    return re.sub("_([a-z])", lambda it: it[1].upper(), name)


# What Pulumi calls the inputs of these types, from the installed SDK: all SDKs are generated from
# one schema. TypeScript, Java and YAML spell them so; Go and C# begin with a capital.
PULUMI_NAMES = {
    _camel(name)
    for inputs in (
        aws.dynamodb.TableArgs,
        aws.dynamodb.TableAttributeArgs,
        aws.dynamodb.TableServerSideEncryptionArgs,
        aws.kms.KeyArgs,
    )
    for name, value in vars(inputs).items()
    if isinstance(value, property)
}


@dataclass(frozen=True)
class Spelling:
    """How a language writes `name: value`.

    language: its grammar.
    node: the type of the syntax node that sets a name.
    name: the node's field with the name.
    value: the node's field with the value; of an argument list, the one argument is the value.
    key: how a program begins to make a key, and how it refers to the ARN of a key called `key`.
    """

    language: Language
    node: str
    name: str
    value: str
    key: tuple[str, str]


SPELLINGS = {
    "index.ts": Spelling(
        Language(tree_sitter_typescript.language_typescript()),
        "pair", "key", "value",
        ("key = new aws.kms.Key(", "key.arn"),
    ),
    "main.go": Spelling(
        Language(tree_sitter_go.language()),
        "keyed_element", "key", "value",
        ("key, err := kms.NewKey(", "key.Arn"),
    ),
    "Program.cs": Spelling(
        Language(tree_sitter_c_sharp.language()),
        "assignment_expression", "left", "right",
        ("var key = new Aws.Kms.Key(", "key.Arn"),
    ),
    "App.java": Spelling(
        Language(tree_sitter_java.language()),
        "method_invocation", "name", "arguments",
        ("var key = new Key(", "key.arn()"),
    ),
}  # fmt: skip
# Calls in Java that set nothing.
_NO_SETTINGS = {"arn", "build", "builder", "run"}


def nodes(node: Node) -> Iterator[Node]:
    """`node` and everything below it."""
    yield node
    for child in node.children:
        yield from nodes(child)


def text_of(node: Node) -> str:
    assert node.text is not None
    return node.text.decode()


def settings_in(node: Node, spelling: Spelling) -> Iterator[tuple[str, Node]]:
    """Each name that is set anywhere below `node`, as Pulumi spells it, with its value.

    This reads syntax, not meaning: it knows no types and follows no variable, and it takes every
    pair, initializer or call of one argument for a setting. That is enough for the snippets, which
    declare one table and at most one key, each setting by a literal or by the key's ARN; it would
    not do for programs at large.
    """
    for it in nodes(node):
        if it.type != spelling.node:
            continue
        name, value = (it.child_by_field_name(field) for field in (spelling.name, spelling.value))
        assert name is not None
        assert value is not None
        if value.type == "argument_list":
            if len(value.named_children) != 1:
                continue
            value = value.named_children[0]
        word = text_of(name)
        if word not in _NO_SETTINGS:
            yield word[0].lower() + word[1:], value


def boolean(node: Node) -> bool:
    """The one boolean literal in an expression such as `true` or `pulumi.Bool(true)`."""
    kinds = ("true", "false", "boolean_literal")
    (literal,) = (text_of(it) for it in nodes(node) if it.is_named and it.type in kinds)
    return literal == "true"


def block_of(program: str, spelling: Spelling) -> dict[str, Any]:
    """The one server side encryption that a program sets, as the table's property.

    See `settings_in` for what this can't tell. A key is asserted to be made by the program itself,
    with rotation, and stands as an ARN.
    """
    root = Parser(spelling.language).parse(program.encode()).root_node
    assert not root.has_error, [text_of(it) for it in nodes(root) if it.is_error or it.is_missing]
    settings = list(settings_in(root, spelling))
    unknown = {name for name, _ in settings} - PULUMI_NAMES
    assert unknown == set()
    (block,) = (value for name, value in settings if name == "serverSideEncryption")
    found: dict[str, Any] = {}
    for name, value in settings_in(block, spelling):
        assert name not in found
        if name == "enabled":
            found[name] = boolean(value)
        else:
            assert name == "kmsKeyArn"
            made, arn = spelling.key
            assert made in program
            assert text_of(value) == arn
            (rotation,) = (it for name, it in settings if name == "enableKeyRotation")
            assert boolean(rotation) is True
            found[name] = KEY
    return found


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("file", SPELLINGS)
def test_a_program_of_another_language_is_accepted(
    analyzer: Analyzer, file: str, variant: str
) -> None:
    program = (FOLDER / f"pulumi/{variant}/{file}").read_text(encoding="utf-8")
    block = block_of(program, SPELLINGS[file])
    assert set(block) == {"enabled", *(["kmsKeyArn"] if variant == CUSTOMER_MANAGED else [])}
    properties = {"hashKey": "id", "serverSideEncryption": block}
    assert_judged(analyzer, variant, "aws:dynamodb/table:Table", properties)


@pytest.mark.parametrize("file", SPELLINGS)
def test_a_programs_settings_are_all_found(file: str) -> None:
    program = (FOLDER / f"pulumi/{CUSTOMER_MANAGED}/{file}").read_text(encoding="utf-8")
    root = Parser(SPELLINGS[file].language).parse(program.encode()).root_node
    found = Counter(name for name, _ in settings_in(root, SPELLINGS[file]))
    once = ("attributes", "billingMode", "description", "enableKeyRotation", "enabled", "hashKey")
    more = ("kmsKeyArn", "name", "serverSideEncryption", "type")
    assert found == Counter((*once, *more))


def test_the_helper_sees_a_switch_that_is_off_and_a_program_that_does_not_parse() -> None:
    path = FOLDER / f"pulumi/{AWS_MANAGED}/index.ts"
    program, spelling = path.read_text(encoding="utf-8"), SPELLINGS["index.ts"]
    assert block_of(program.replace("true", "false"), spelling) == {"enabled": False}
    with pytest.raises(AssertionError):
        block_of(program.replace("});", ""), spelling)
