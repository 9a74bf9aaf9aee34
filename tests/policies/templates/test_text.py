"""Texts in JSON and YAML, and texts that are not templates."""

from __future__ import annotations

import json
from typing import Any

import pytest

from policies.templates import InvalidTemplate, parse, parse_json
from tests.policies.templates.reading import reason

ALIAS = {"Fn::*": None}


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("!Ref It", {"Ref": "It"}),
        ("!GetAtt Key.Arn", {"Fn::GetAtt": "Key.Arn"}),
        ("!GetAtt [Key, Arn]", {"Fn::GetAtt": ["Key", "Arn"]}),
        ("!Sub ${It}-x", {"Fn::Sub": "${It}-x"}),
        ("!Sub ['${A}', {A: !Ref B}]", {"Fn::Sub": ["${A}", {"A": {"Ref": "B"}}]}),
        ("!If [C, 1, !Ref 'AWS::NoValue']", {"Fn::If": ["C", 1, {"Ref": "AWS::NoValue"}]}),
        ("!Equals [a, b]", {"Fn::Equals": ["a", "b"]}),
        ("!Not [!Condition C]", {"Fn::Not": [{"Condition": "C"}]}),
        ("!And [!Or [], !Not []]", {"Fn::And": [{"Fn::Or": []}, {"Fn::Not": []}]}),
        ("!Join ['-', [a, b]]", {"Fn::Join": ["-", ["a", "b"]]}),
        ("!Select [0, !Split [',', a]]", {"Fn::Select": [0, {"Fn::Split": [",", "a"]}]}),
        ("!FindInMap [M, a, b]", {"Fn::FindInMap": ["M", "a", "b"]}),
        ("!ImportValue it", {"Fn::ImportValue": "it"}),
        ("!Base64 it", {"Fn::Base64": "it"}),
        ("!GetAZs ''", {"Fn::GetAZs": ""}),
        ("!Cidr [a, 1, 2]", {"Fn::Cidr": ["a", 1, 2]}),
        ("!Transform {Name: M}", {"Fn::Transform": {"Name": "M"}}),
        ("!ToJsonString {a: 1}", {"Fn::ToJsonString": {"a": 1}}),
        ("!Length [a]", {"Fn::Length": ["a"]}),
    ],
)
def test_short_forms_are_parsed_to_long_forms(short: str, long: Any) -> None:
    assert parse(f"It: {short}") == {"It": long} == parse(json.dumps({"It": long}))


FUNCTIONS = (
    "And Base64 Cidr Equals FindInMap GetAtt GetAZs If ImportValue Join Length Not Or Select Split "
    "Sub ToJsonString Transform"
)
LONG_FORMS = {"Ref": "Ref", "Condition": "Condition"} | {
    name: f"Fn::{name}" for name in FUNCTIONS.split()
}


@pytest.mark.parametrize(("short", "long"), LONG_FORMS.items())
@pytest.mark.parametrize("argument", ["It", "'It'", "[It, [1, true]]", "{It: 1}", "|\n    It"])
def test_each_tag_accepts_each_argument(short: str, long: str, argument: str) -> None:
    block = f"\n  {long}: {argument}"
    parsed = parse(f"It: !{short} {argument}")
    assert parsed == parse(f"It:{block}")
    assert isinstance(parsed, dict)
    assert isinstance(parsed["It"], dict)
    assert list(parsed["It"]) == [long]


def test_short_forms_in_short_forms() -> None:
    text = "It:\n- !If\n  - C\n  - !Sub\n    - ${A}\n    - A: !Select [0, !Ref L]\n  - !Ref X\n"
    sub = {"Fn::Sub": ["${A}", {"A": {"Fn::Select": [0, {"Ref": "L"}]}}]}
    assert parse(text) == {"It": [{"Fn::If": ["C", sub, {"Ref": "X"}]}]}


@pytest.mark.parametrize(
    "name",
    [
        "Contains",
        "EachMemberIn",
        "EachMemberEquals",
        "ValueOf",
        "ValueOfAll",
        "RefAll",
        "GetStackOutput",
        "ref",
        "Fn::Sub",
        "Tomorrow",
    ],
)
@pytest.mark.parametrize("argument", ["a", "[a]", "{a: b}", "''"])
def test_any_tag_is_parsed_to_a_function(name: str, argument: str) -> None:
    assert parse(f"It: !{name} {argument}") == parse(f"It: {{'Fn::{name}': {argument}}}")


@pytest.mark.parametrize("tag", ["!!binary", "!!set", "!!omap", "!!pairs", "!!timestamp", "!<x>"])
@pytest.mark.parametrize(
    ("argument", "parsed"), [("a", "a"), ("[a]", ["a"]), ("{a: b}", {"a": "b"})]
)
def test_a_tag_that_cloudformation_does_not_support_is_a_function(
    tag: str, argument: str, parsed: Any
) -> None:
    text = f"It: {tag} {argument}\nOther: 1"
    assert parse(text) == {"It": {"Fn::!!": parsed}, "Other": 1}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: &x {b: 1}\nc: *x\nd: 2", {"a": {"b": 1}, "c": ALIAS, "d": 2}),
        ("a: &x [*x]", {"a": [ALIAS]}),
        ("a: &x b\n*x : 1\nc: 2", {"a": "b", "Fn::?": 1, "c": 2}),
        ("a:\n  <<: {b: 1}\n  c: 2", {"a": {"Fn::<<": {"b": 1}, "c": 2}}),
        ("a:\n  '<<': 1", {"a": {"<<": 1}}),
        ("? [a, {b: c}]\n: 1\nd: 2", {"Fn::?": 1, "d": 2}),
        ("? {a: 1}\n: [1]\nd: 2", {"Fn::?": [1], "d": 2}),
        ("? !Ref a\n: 1", {"Fn::?": 1}),
        ("? !!int 1\n: 1", {"1": 1}),
        ("a: {{ b }}", {"a": {"Fn::?": None}}),
    ],
)
def test_what_cloudformation_does_not_support_is_a_function_in_its_place(
    text: str, expected: Any
) -> None:
    assert parse(text) == expected


def test_several_documents_are_a_function_of_the_template() -> None:
    assert parse("a: 1\n---\nb: 2") == {"Fn::---": None}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a": 1, "b": 2, "a": 3}', {"a": 3, "b": 2}),
        ("a: 1\nb: 2\na: 3", {"a": 3, "b": 2}),
        ("a: {b: {c: 1}, b: {d: 2}}", {"a": {"b": {"d": 2}}}),
        ('{"a": {"b": 1}, "a": {"c": 2}}', {"a": {"c": 2}}),
    ],
)
def test_the_last_of_several_members_of_the_same_name_counts(text: str, expected: Any) -> None:
    assert parse(text) == expected


@pytest.mark.parametrize("number", ["9" * 400, "-" + "9" * 400, "1e999", "NaN", "-Infinity"])
def test_a_number_that_is_too_large_is_a_text(number: str) -> None:
    assert parse(f'{{"a": {number}}}') == {"a": number} == parse(f"a: {number}")


@pytest.mark.parametrize(
    ("scalar", "expected"),
    [
        ("true", True),
        ("Yes", True),
        ("off", False),
        ('"true"', "true"),
        ("'no'", "no"),
        ("!!str true", "true"),
        ("~", None),
        ("12", 12),
        ("0x1F", 31),
        ("017", 15),
        ("1.5", 1.5),
        ("1:30", 90),
        ("2012-10-17", "2012-10-17"),
        ("truest", "truest"),
        ("TRUE", True),
        ("tRUE", "tRUE"),
        ("y", "y"),
        ("NO", False),
        ("On", True),
        ("null", None),
        ("", None),
        ("''", ""),
        ("'12'", "12"),
        ('"null"', "null"),
        ("|\n  true", "true"),
        (">-\n  12", "12"),
        ("!!str 12", "12"),
        ("!!int '12'", 12),
        ("-7", -7),
        ("+7", 7),
        ("1_000", 1000),
        ("0b101", 5),
        ("-0x1F", -31),
        ("0", 0),
        ("08", 8.0),
        ("012345678901", 12345678901.0),
        ("111122223333", 111122223333),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("1.2.3", "1.2.3"),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("1e999", "1e999"),
        ("0o17", "0o17"),
        ("=", "="),
        ("arn:aws:kms:eu-west-1:1:key/a", "arn:aws:kms:eu-west-1:1:key/a"),
    ],
)
def test_yaml_scalars_have_the_types_of_yaml_1_1(scalar: str, expected: Any) -> None:
    parsed = parse(f"It: {scalar}")
    assert parsed == {"It": expected}
    assert isinstance(parsed, dict)
    assert type(parsed["It"]) is type(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "the template is empty"),
        ("  \n", "the template is empty"),
        ("[1]", "the template is a list instead of an object"),
        ("hunter2", "the template is a string instead of an object"),
        ("{{{", "the template is neither JSON nor YAML"),
        ("{", "the template is neither JSON nor YAML"),
        ('{"hunter2": ', "the template is neither JSON nor YAML"),
        ("a: b: hunter2", "the template is neither JSON nor YAML (line 1, column 5)"),
        ("a: \x00", "the template is neither JSON nor YAML"),
    ],
)
def test_the_reason_of_an_invalid_text_does_not_quote_it(text: str, expected: str) -> None:
    assert reason(text).startswith(expected)
    assert "hunter2" not in reason(text).lower()


@pytest.mark.parametrize(
    "text",
    [
        "a: hunter2: b",
        "a: 'hunter2",
        '{"a": "hunter2',
        "[hunter2]",
        "%hunter2",
        "a: hunter2\x07",
    ],
)
def test_a_reason_does_not_show_secrets(text: str) -> None:
    assert "hunter2" not in reason(text)


def test_a_plain_name_is_a_string() -> None:
    assert parse("1: a\ntrue: b\n2012-10-17: c") == {"1": "a", "true": "b", "2012-10-17": "c"}


@pytest.mark.parametrize("start", ["\ufeff", "\n\n  ", "\ufeff\t", "# comment\n"])
def test_text_before_the_template_is_ignored(start: str) -> None:
    assert parse(start + '{"a": [1, "x"]}') == {"a": [1, "x"]}


def test_json_with_a_comment_is_read_as_yaml() -> None:
    assert parse('{"a": 1, # one\n "b": !Ref c}') == {"a": 1, "b": {"Ref": "c"}}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "the document is not valid JSON"),
        ("a: 1", "the document is not valid JSON"),
        ("[]", "the document is a list instead of an object"),
        ("[" * 100_000, "values are nested too deeply"),
        ('{"a": ' * 100_000, "values are nested too deeply"),
        (" " * 5_000_000, "the document is longer than 4 MB"),
    ],
)
def test_a_document_that_is_not_a_json_object_is_invalid(text: str, expected: str) -> None:
    assert parse_json(text) == InvalidTemplate(expected)


def test_a_json_object_is_parsed() -> None:
    assert parse_json('{"a": [1, {"b": null}]}') == {"a": [1, {"b": None}]}
