"""Texts and structures that are templates, and what is none."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from policies.encryption import Hidden, Unknown
from policies.templates import BadTemplate, parse, parse_json
from tests.policies.as_the_sdk_does import proxied
from tests.policies.templates.reading import refused
from tools.harness import UNKNOWN


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
def test_short_forms_are_the_long_ones(short: str, long: Any) -> None:
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
def test_each_tag_takes_each_argument(short: str, long: str, argument: str) -> None:
    block = f"\n  {long}: {argument}"
    found = parse(f"It: !{short} {argument}")
    assert found == parse(f"It:{block}")
    assert isinstance(found, dict)
    assert list(found["It"]) == [long]


def test_short_forms_stand_in_each_other() -> None:
    text = "It:\n- !If\n  - C\n  - !Sub\n    - ${A}\n    - A: !Select [0, !Ref L]\n  - !Ref X\n"
    sub = {"Fn::Sub": ["${A}", {"A": {"Fn::Select": [0, {"Ref": "L"}]}}]}
    assert parse(text) == {"It": [{"Fn::If": ["C", sub, {"Ref": "X"}]}]}


@pytest.mark.parametrize("tag", ["!ForEach", "!ref", "!Fn::Sub", "!!binary", "!!set", "!!omap"])
def test_other_tags_are_refused(tag: str) -> None:
    assert refused(f"It: {tag} a") == "it uses a YAML tag that CloudFormation does not have"


@pytest.mark.parametrize(
    ("scalar", "meant"),
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
def test_yaml_scalars_are_read_as_cloudformation_reads_them(scalar: str, meant: Any) -> None:
    found = parse(f"It: {scalar}")
    assert found == {"It": meant}
    assert isinstance(found, dict)
    assert type(found["It"]) is type(meant)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "it is empty"),
        ("  \n", "it is empty"),
        ("[1]", "it holds a list instead of an object"),
        ("hunter2", "it holds a string instead of an object"),
        ("{{{", "one of its keys is not a string"),
        ("{", "it is neither JSON nor YAML"),
        ('{"hunter2": ', "it is neither JSON nor YAML"),
        ("a: b: hunter2", "it is neither JSON nor YAML (line 1, column 5)"),
        ("a: 1\na: 2", "a key stands twice in the same object"),
        ('{"a": 1, "a": 2}', "a key stands twice in the same object"),
        ("? [a]\n: 1", "one of its keys is not a string"),
        ("a: !Hunter2 1", "it uses a YAML tag that CloudFormation does not have"),
        ("a: 1\n---\nb: 2", "it holds more than one YAML document"),
        ("a: &x 1\nb: *x", "it uses a YAML alias, which CloudFormation does not take"),
        ("a:\n  <<: {b: 1}", "it uses a YAML merge key, which CloudFormation does not take"),
        ("a: \x00", "it is neither JSON nor YAML"),
    ],
)
def test_what_is_no_template_is_told_without_quoting_it(text: str, why: str) -> None:
    reason = refused(text)
    assert reason.startswith(why)
    assert "hunter2" not in reason.lower()


@pytest.mark.parametrize(
    "text",
    [
        "hunter2: 1\nhunter2: 2",
        '{"hunter2": {"a": 1, "a": "hunter2"}}',
        "a: {hunter2: *hunter2}",
        "a: hunter2: b",
        "a: 'hunter2",
        '{"a": "hunter2',
        "[hunter2]",
        "? {hunter2: 1}\n: 1",
        "a: !<hunter2> 1",
        "%hunter2",
        "a: hunter2\x07",
    ],
)
def test_a_reason_shows_no_secret(text: str) -> None:
    assert "hunter2" not in refused(text)


@pytest.mark.parametrize("key", ["[a]", "{a: 1}", "!!int 1", "!Ref a"])
def test_a_key_that_is_not_text_is_refused(key: str) -> None:
    assert refused(f"? {key}\n: 1") == "one of its keys is not a string"


def test_a_plain_key_is_text_whatever_it_looks_like() -> None:
    assert parse("1: a\ntrue: b\n2012-10-17: c") == {"1": "a", "true": "b", "2012-10-17": "c"}


@pytest.mark.parametrize("start", ["\ufeff", "\n\n  ", "\ufeff\t", "# comment\n"])
def test_what_stands_before_the_template_does_not_matter(start: str) -> None:
    assert parse(start + '{"a": [1, "x"]}') == {"a": [1, "x"]}


def test_json_with_a_comment_is_read_as_yaml() -> None:
    assert parse('{"a": 1, # one\n "b": !Ref c}') == {"a": 1, "b": {"Ref": "c"}}


def test_a_structure_with_a_key_that_is_no_string_is_refused() -> None:
    assert refused({"a": {1: 2}}) == "one of its keys is not a string"


def test_a_structure_is_a_copy() -> None:
    body = {"a": [{"b": 1}]}
    found = parse(body)
    assert found == body
    body["a"][0]["b"] = 2
    assert found == {"a": [{"b": 1}]}


def test_whole_numbers_of_a_structure_are_written_as_such() -> None:
    found = parse(proxied({"body": {"a": [1, 1.5, True, -3]}})["body"])
    assert repr(found) == "{'a': [1, 1.5, True, -3]}"


@pytest.mark.parametrize("marker", list(UNKNOWN.__class__))
def test_unknown_values_of_every_type_are_seen_in_every_form(marker: Any) -> None:
    body = {"a": {"b": ["x", marker.value]}}
    for form in (body, json.dumps(body), yaml.safe_dump(body)):
        assert parse(form) == {"a": {"b": ["x", Unknown(("a", "b", "1"), marker.value)]}}


@pytest.mark.parametrize("value", [b"x", {1}, object()])
def test_what_is_no_json_value_is_hidden(value: object) -> None:
    found = parse({"a": value})
    assert isinstance(found, dict)
    assert isinstance(found["a"], Hidden)


@pytest.mark.parametrize("body", [7, True, None, [1], b"{}"])
def test_a_body_of_another_type_is_no_template(body: object) -> None:
    assert "instead of a template" in refused(body) or "asset" in refused(body)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "it is no JSON document"),
        ("a: 1", "it is no JSON document"),
        ("[]", "it holds a list instead of an object"),
        ('{"a": 1, "a": 1}', "a key stands twice in the same object"),
        ("[" * 100_000, "it is nested too deeply"),
        ('{"a": ' * 100_000, "it is nested too deeply"),
        (" " * 5_000_000, "it is longer than 4 MB"),
    ],
)
def test_a_document_that_is_no_json_object_is_refused(text: str, why: str) -> None:
    assert parse_json(text) == BadTemplate(why)


def test_a_json_object_is_read_with_its_unknown_values() -> None:
    document = json.dumps({"a": [UNKNOWN.value, 1]})
    assert parse_json(document) == {"a": [Unknown(("a", "0"), UNKNOWN.value), 1]}


def test_a_structure_is_copied_out_of_the_sdks_proxies() -> None:
    body = {"a": [1, {"b": UNKNOWN}], "c": "[secret]", "d": {"e": True}}
    found = parse(proxied({"body": body})["body"])
    assert isinstance(found, dict)
    assert repr(found["a"][0]) == "1"  # the engine sends 1.0
    assert found["a"][1] == {"b": Unknown(("body", "a", "1", "b"), UNKNOWN.value)}
    assert isinstance(found["c"], Hidden)
    assert found["d"] == {"e": True}


def test_a_marker_inside_a_text_is_an_unknown_value() -> None:
    found = parse(json.dumps({"a": UNKNOWN.value}))
    assert found == {"a": Unknown(("a",), UNKNOWN.value)}
