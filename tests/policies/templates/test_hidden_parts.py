"""What a template may make without showing it."""

from __future__ import annotations

from typing import Any

import pytest

from policies.encryption import Hidden
from policies.templates import BadTemplate, Context, Declaration, declarations, hidden_parts, parse
from tests.policies.templates.reading import CONTEXT, HIDDEN, NOT_KNOWN, TABLE, read

GOOD = {"Type": TABLE, "Properties": {"It": 1}}


def parts(body: dict[str, Any]) -> list[str]:
    """The logical ids of the hidden parts of `body`."""
    parsed = parse(body)
    assert not isinstance(parsed, BadTemplate)
    return [it.logical_id for it in hidden_parts(parsed, [TABLE], CONTEXT)]


@pytest.mark.parametrize(
    "resource",
    [
        {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "https://x"}},
        {"Type": "AWS::CloudFormation::StackSet"},
        {"Type": "AWS::Serverless::Application"},
        {"Type": "AWS::ServiceCatalog::CloudFormationProvisionedProduct"},
        {"Type": "My::Own::Table::MODULE"},
        {"Fn::Transform": {"Name": "M"}},
    ],
)
def test_a_resource_with_a_template_of_its_own_is_told(resource: dict[str, Any]) -> None:
    assert parts({"Resources": {"It": resource, "Orders": GOOD}}) == ["It"]
    never = {"Never": {"Fn::Equals": ["a", "b"]}}
    left_out = {**resource, "Condition": "Never"}
    assert parts({"Conditions": never, "Resources": {"It": left_out}}) == []


@pytest.mark.parametrize(
    "resource", [GOOD, {"Type": "AWS::S3::Bucket"}, {"Type": "Custom::Thing"}, {}, None]
)
def test_other_resources_hide_nothing(resource: Any) -> None:
    assert parts({"Resources": {"It": resource}}) == []


def test_a_macro_hides_the_whole_template_and_every_table_of_it() -> None:
    for body in (
        {"Transform": "Mine", "Resources": {"Orders": GOOD}},
        {"Transform": ["AWS::Serverless-2016-10-31", "Mine"], "Resources": {"Orders": GOOD}},
        {"Fn::Transform": {"Name": "Mine"}, "Resources": {"Orders": GOOD}},
        {"Resources": {"Fn::Transform": {"Name": "Mine"}, "Orders": GOOD}},
    ):
        assert parts(body) == [""]
        (declaration,) = read(body)
        assert declaration.opaque is not None


@pytest.mark.parametrize(
    "name",
    [
        "AWS::Serverless-2016-10-31",
        "AWS::LanguageExtensions",
        "AWS::SecretsManager-2020-07-23",
        "AWS::CodeDeployBlueGreen",
    ],
)
def test_aws_own_macros_leave_tables_as_they_are(name: str) -> None:
    body = {"Transform": name, "Resources": {"Orders": GOOD}}
    assert parts(body) == []
    assert read(body)[0].opaque is None


def test_a_loop_is_told_where_it_may_make_tables() -> None:
    def loop(kind: str) -> dict[str, Any]:
        body = {"Table${X}": {"Type": kind}}
        return {"Resources": {"Fn::ForEach::All": ["X", ["a"], body]}}

    assert parts(loop(TABLE)) == ["Fn::ForEach::All"]
    assert parts(loop("${X}")) == ["Fn::ForEach::All"]
    assert parts(loop("AWS::S3::Bucket")) == []


def test_a_table_that_a_macro_writes_is_opaque() -> None:
    for table in (
        {**GOOD, "Fn::Transform": {"Name": "M"}},
        {"Type": TABLE, "Properties": {"Fn::Transform": {"Name": "M"}}},
    ):
        (declaration,) = read({"Resources": {"Orders": table}})
        assert declaration.opaque is not None


def test_suppressions_of_other_tools_change_nothing() -> None:
    metadata = {"guard": {"SuppressedRules": ["X"]}, "cfn_nag": {}, "checkov": {"skip": []}}
    plain = read({"Resources": {"Orders": GOOD}})
    assert read({"Resources": {"Orders": {**GOOD, "Metadata": metadata}}}) == plain
    assert read({"Metadata": metadata, "Resources": {"Orders": GOOD}}, Context()) == plain


def test_what_a_condition_leaves_out_in_one_case_only_is_told() -> None:
    one_case = {"Fn::Equals": [{"Fn::If": ["Open", "a", "b"]}, "b"]}
    conditions = {"Open": {"Fn::Equals": [{"Ref": "AWS::StackId"}, "x"]}, "C": one_case}
    nested = {"Type": "AWS::CloudFormation::Stack", "Condition": "C"}
    assert parts({"Conditions": conditions, "Resources": {"It": nested}}) == ["It"]


def test_a_serverless_table_inherits_what_is_global() -> None:
    kind = "AWS::Serverless::SimpleTable"

    def inherited(everywhere: object) -> Declaration:
        body = {
            "Globals": {"SimpleTable": everywhere},
            "Resources": {"Orders": {"Type": kind, "Properties": {"It": {"a": 1, "b": 2}}}},
        }
        parsed = parse(body)
        assert not isinstance(parsed, BadTemplate)
        found = declarations(parsed, {kind: ("It", "Its")}, CONTEXT)
        assert not isinstance(found, BadTemplate)
        return found[0]

    (own,) = inherited({"It": {"a": 0, "c": 3}, "Its": [4]}).alternatives
    assert own == {"It": {"a": 1, "b": 2, "c": 3}, "Its": [4]}
    assert inherited(NOT_KNOWN).opaque == NOT_KNOWN
    assert inherited({"It": NOT_KNOWN}).alternatives == ({"It": NOT_KNOWN},)


def under(condition: Any) -> list[str]:
    """The hidden parts where a nested stack has `condition`, and P is not known."""
    body = {
        "Parameters": {"P": {"Type": "String"}},
        "Conditions": {"C": condition},
        "Resources": {"Nested": {"Type": "AWS::CloudFormation::Stack", "Condition": "C"}},
    }
    parsed = parse(body)
    assert not isinstance(parsed, BadTemplate)
    context = Context({"P": NOT_KNOWN})
    return [it.logical_id for it in hidden_parts(parsed, [TABLE], context)]


P_IS_A = {"Fn::Equals": [{"Ref": "P"}, "a"]}


@pytest.mark.parametrize(
    "condition",
    [
        P_IS_A,
        {"Fn::Not": [P_IS_A]},
        {"Fn::Equals": [{"Fn::If": ["D", "a", "b"]}, "a"]},
        {"Fn::Equals": [{"Fn::If": [P_IS_A, "a", "b"]}, "b"]},
        {"Condition": "C"},
        {"Condition": "Nothing"},
        {"Fn::Not": [{"Fn::Equals": [{"Fn::If": [P_IS_A, "a", "b"]}, "a"]}]},
        NOT_KNOWN,
        None,
    ],
)
def test_a_part_that_may_be_created_is_told(condition: Any) -> None:
    assert under(condition) == ["Nested"]


@pytest.mark.parametrize(
    "condition",
    [
        {"Fn::Equals": ["a", "b"]},
        {"Fn::And": [P_IS_A, {"Fn::Equals": ["a", "b"]}]},
        {"Fn::Not": [{"Fn::Equals": [{"Ref": "P"}, {"Fn::Sub": "${P}"}]}]},
    ],
)
def test_a_part_that_is_never_created_is_left_out(condition: Any) -> None:
    assert under(condition) == []


@pytest.mark.parametrize("why", [NOT_KNOWN, HIDDEN])
def test_what_can_not_be_read_may_hide_tables(why: Any) -> None:
    for resources, name in ((why, ""), ({"X": why}, "X"), ({"X": {"Type": why}}, "X")):
        parsed = parse({"Resources": resources})
        assert not isinstance(parsed, BadTemplate)
        (part,) = hidden_parts(parsed, [TABLE], CONTEXT)
        assert part.logical_id == name
        assert part.why == why
        assert declarations(parsed, [TABLE], CONTEXT) == ()


@pytest.mark.parametrize(
    "transform",
    [
        {"Name": "AWS::Include", "Parameters": {"Location": "s3://x"}},
        [{"Name": "Mine"}],
        ["AWS::LanguageExtensions", {"Name": "AWS::Include"}],
        {"Ref": "P"},
        {"Name": 1},
        7,
        NOT_KNOWN,
        {"Name": NOT_KNOWN},
        "AWS::Include",
    ],
)
def test_any_other_transform_changes_the_template(transform: Any) -> None:
    body = {"Transform": transform, "Resources": {"Orders": GOOD}}
    parsed = parse(body)
    assert not isinstance(parsed, BadTemplate)
    (part,) = hidden_parts(parsed, [TABLE], CONTEXT)
    (declaration,) = read(body)
    assert part.logical_id == ""
    assert part.why == declaration.opaque


@pytest.mark.parametrize("transform", [None, [], ["AWS::LanguageExtensions"] * 2])
def test_no_transform_changes_nothing(transform: Any) -> None:
    assert parts({"Transform": transform, "Resources": {"Orders": GOOD}}) == []


@pytest.mark.parametrize(
    ("loop", "told"),
    [
        (["X", ["a"], {"B${X}": {"Type": "AWS::S3::Bucket"}}], False),
        (["X", ["a"], {}], False),
        (["X", {"Ref": "P"}, {"B${X}": {"Type": "AWS::S3::Bucket"}}], False),
        (["X", ["a"], {"B${X}": {"Type": "My::Own::Thing::MODULE"}}], True),
        (["X", ["a"], {"B${X}": {"Type": "AWS::CloudFormation::Stack"}}], True),
        (["X", ["a"], {"B${X}": {"Fn::Transform": {"Name": "M"}}}], True),
        (["X", ["a"], {"Fn::ForEach::Y": ["Y", ["b"], {"T": {"Type": TABLE}}]}], True),
        (["X", ["a"], {"Fn::ForEach::Y": ["Y", ["b"], {"T": {"Type": "AWS::S3::Bucket"}}]}], False),
        (["X", ["a"], {"Fn::ForEach::Y": "wrong"}], True),
        (["X", ["a"], NOT_KNOWN], True),
        (["X", ["a"], {"T": NOT_KNOWN}], True),
        (["X", ["a"], "wrong"], True),
        ("wrong", True),
        ([], True),
        (NOT_KNOWN, True),
    ],
)
def test_loops_are_looked_into(loop: Any, told: bool) -> None:
    assert parts({"Resources": {"Fn::ForEach::All": loop}}) == (
        ["Fn::ForEach::All"] if told else []
    )


def test_hidden_parts_are_told_in_order_with_reasons() -> None:
    body = {
        "Transform": "Mine",
        "Resources": {
            "Z": {"Type": "AWS::CloudFormation::Stack"},
            "Orders": GOOD,
            "A": {"Type": "AWS::Serverless::Application"},
        },
    }
    parsed = parse(body)
    assert not isinstance(parsed, BadTemplate)
    found = hidden_parts(parsed, [TABLE], CONTEXT)
    assert [it.logical_id for it in found] == ["", "Z", "A"]
    for part in found:
        assert isinstance(part.why, Hidden)
        assert part.why.reason


def test_a_name_that_can_not_be_printed_is_not_shown() -> None:
    (declaration,) = read({"Resources": {"\x1b[31m": GOOD}})
    (part,) = parts({"Resources": {"\x1b[31m": {"Type": "AWS::CloudFormation::Stack"}}})
    assert declaration.logical_id == part == "(a name that can't be printed)"


def test_a_loop_beside_a_table_leaves_it_as_it_is() -> None:
    loop = ["X", ["a"], {"T${X}": {"Type": TABLE}}]
    body = {
        "Transform": "AWS::LanguageExtensions",
        "Resources": {"Fn::ForEach::All": loop, "O": GOOD},
    }
    (declaration,) = read(body)
    assert declaration.alternatives == ({"It": 1},)


SIMPLE = "AWS::Serverless::SimpleTable"


@pytest.mark.parametrize(
    ("inherited", "own", "expected"),
    [
        ({"SSE": {"On": True}}, {}, {"SSE": {"On": True}}),
        ({"SSE": {"On": True}}, {"SSE": {"On": False}}, {"SSE": {"On": False}}),
        ({"SSE": {"On": True}}, {"SSE": {"Key": "k"}}, {"SSE": {"On": True, "Key": "k"}}),
        ({"SSE": {"Ref": "P"}}, {"SSE": {"On": True}}, {"SSE": {"On": True}}),
        ({"SSE": ["a"]}, {"SSE": ["b"]}, {"SSE": ["a", "b"]}),
        ({"SSE": {"On": True}}, {"SSE": {"Ref": "AWS::NoValue"}}, {}),
        (None, {"SSE": {"On": True}}, {"SSE": {"On": True}}),
    ],
)
def test_what_a_serverless_table_says_itself_goes_into_what_is_global(
    inherited: Any, own: Any, expected: Any
) -> None:
    body = {
        "Transform": "AWS::Serverless-2016-10-31",
        "Globals": {"SimpleTable": inherited},
        "Resources": {"Orders": {"Type": SIMPLE, "Properties": own}},
    }
    found = declarations(body, {SIMPLE: ["SSE"]}, CONTEXT)
    assert not isinstance(found, BadTemplate)
    (declaration,) = found
    assert declaration.alternatives == (expected,)


@pytest.mark.parametrize("inherited", [NOT_KNOWN, {"SimpleTable": NOT_KNOWN}])
def test_globals_that_can_not_be_read_make_a_serverless_table_opaque(inherited: Any) -> None:
    body = {
        "Transform": "AWS::Serverless-2016-10-31",
        "Globals": inherited,
        "Resources": {"Orders": {"Type": SIMPLE, "Properties": {"SSE": 1}}},
    }
    found = declarations(body, {SIMPLE: ["SSE"]}, CONTEXT)
    assert not isinstance(found, BadTemplate)
    (declaration,) = found
    assert declaration.opaque == NOT_KNOWN
