"""The parameters, conditions and mappings that decide the value of a property."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from policies.templates import Context, Template, TemplateResource
from policies.templates.switches import SWITCHES_LIMIT
from tests.policies.templates.reading import CONTEXT, NOT_KNOWN, TABLE, TYPES, template

P, Q, STAGE = "the parameter 'P'", "the parameter 'Q'", "the parameter 'Stage'"
IS_PROD, IN_EU, STAGES = "the condition 'IsProd'", "the condition 'InEu'", "the mapping 'Stages'"
SECTIONS: dict[str, Any] = {
    "Parameters": {name: {"Type": "String", "Default": "a"} for name in ("P", "Q", "Stage")},
    "Conditions": {
        "IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]},
        "InEu": {"Fn::And": [{"Condition": "IsProd"}, {"Fn::Equals": [{"Ref": "P"}, "eu"]}]},
        "Always": {"Fn::Equals": ["a", "a"]},
        "Loop": {"Fn::Not": [{"Condition": "Loop"}]},
    },
    "Mappings": {"Stages": {"a": {"On": "true"}}},
}
KEY = {"Key": {"Type": "AWS::KMS::Key", "Properties": {"Enabled": {"Ref": "P"}}}}
SUBJECTS = {"it": ("It",), "other": ("Other", "Others")}


def tables(body: Mapping[str, Any], context: Context = CONTEXT) -> list[TemplateResource]:
    parts = list(Template.read(body, context).resources(TYPES, subjects=SUBJECTS))
    assert all(isinstance(part, TemplateResource) for part in parts)
    return [part for part in parts if isinstance(part, TemplateResource)]


@pytest.mark.parametrize("given", [{}, dict.fromkeys(SECTIONS["Parameters"], NOT_KNOWN)])
@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, []),
        ({"a": ["b", 1, None]}, []),
        ({"Ref": "P"}, [P]),
        ({"Ref": "Missing"}, []),
        ({"Ref": "AWS::Region"}, []),
        ({"Ref": "Key"}, []),
        ({"Fn::GetAtt": ["Key", "Arn"]}, []),
        ([{"Ref": "Q"}, {"a": {"Ref": "P"}}, {"Ref": "Q"}], [Q, P]),
        ({"Fn::Sub": "${Q}-${ P }-${!Stage}-${Key.Arn}-${AWS::Region}"}, [Q, P]),
        ({"Fn::Sub": ["${P}${It}", {"It": {"Ref": "Q"}}]}, [P, Q]),
        ({"Fn::Sub": ["${P}", {"P": "a"}]}, []),
        ({"Fn::Join": ["", ["a", {"Ref": "P"}]]}, [P]),
        ({"Fn::ImportValue": {"Fn::Sub": "${Stage}-key"}}, [STAGE]),
        ({"Fn::FindInMap": ["Stages", {"Ref": "Stage"}, "On"]}, [STAGES, STAGE]),
        ({"Fn::FindInMap": ["Stages", {"Ref": "AWS::Region"}, "On"]}, [STAGES]),
        ({"Fn::FindInMap": ["Missing", {"Ref": "P"}, "On"]}, [P]),
        ({"Fn::FindInMap": [{"Ref": "Q"}, {"Ref": "P"}, "On"]}, [Q, P]),
        ({"Fn::If": ["IsProd", True, False]}, [IS_PROD, STAGE]),
        ({"Fn::If": ["IsProd", {"Ref": "Q"}, {"Ref": "P"}]}, [IS_PROD, STAGE, Q, P]),
        ({"Fn::If": ["InEu", True, False]}, [IN_EU, IS_PROD, STAGE, P]),
        ({"Fn::If": [{"Fn::Equals": [{"Ref": "P"}, "a"]}, True, False]}, [P]),
        ({"Fn::If": ["Always", True, False]}, ["the condition 'Always'"]),
        ({"Fn::If": ["Loop", True, False]}, ["the condition 'Loop'"]),
        ({"Fn::If": ["Missing", True, {"Ref": "P"}]}, [P]),
        ({"Fn::If": [], "Ref": [], "Fn::Sub": None, "Fn::FindInMap": [[]], "Condition": 1}, []),
    ],
)
def test_the_switches_of_a_value(value: Any, expected: list[str], given: dict[str, Any]) -> None:
    (table,) = tables(template(value, Resources=KEY, **SECTIONS), Context(given))
    assert table.switches == {"it": tuple(expected), "other": ()}
    assert table.switches_of_existence == ()


def test_only_the_members_of_a_subject_count() -> None:
    value = [
        {"Fn::If": ["IsProd", {"Other": {"Ref": "P"}}, {"Others": {"Ref": "Q"}}]},
        {"Fn::If": ["InEu", {"More": {"Ref": "P"}}, {"Ref": "AWS::NoValue"}]},
    ]
    (table,) = tables(template(value, **SECTIONS))
    assert table.switches["other"] == (IS_PROD, STAGE, P, Q)


def test_only_a_condition_that_is_undecided_decides_whether_a_resource_exists() -> None:
    body = template(True, **SECTIONS)
    body["Resources"]["Orders"]["Condition"] = "IsProd"
    (table,) = tables(body, Context({"Stage": NOT_KNOWN}))
    assert table.switches_of_existence == (IS_PROD, STAGE)
    (table,) = tables(body, Context({"Stage": "prod"}))
    assert table.switches_of_existence == ()


def test_resources_with_equal_declarations_have_equal_switches() -> None:
    body = template({"Fn::If": ["IsProd", True, False]}, **SECTIONS)
    equal = {"Type": TABLE, "Properties": {"It": {"Fn::If": ["IsProd", True, False]}}}
    other = {"Type": TABLE, "Properties": {"It": {"Fn::If": ["Always", True, False]}}}
    body["Resources"] |= {"Equal": equal, "Other": other}
    switches = {table.logical_id: table.switches["it"] for table in tables(body)}
    assert switches == {
        "Orders": (IS_PROD, STAGE),
        "Equal": (IS_PROD, STAGE),
        "Other": ("the condition 'Always'",),
    }


def test_a_serverless_table_has_the_switches_of_the_globals_section() -> None:
    kind = "AWS::Serverless::SimpleTable"
    body = {
        **SECTIONS,
        "Globals": {"SimpleTable": {"It": {"On": {"Ref": "P"}}}},
        "Resources": {"Orders": {"Type": kind, "Properties": {"It": {"Type": "KMS"}}}},
    }
    (table,) = Template.read(body, CONTEXT).resources({kind: ("It",)}, subjects={"it": ("It",)})
    assert isinstance(table, TemplateResource)
    assert table.switches == {"it": (P,)}


def test_the_number_and_the_length_of_switches_are_limited() -> None:
    names = ["\x1b[31m\n", "x" * 1_000, *map(str, range(10))]
    parameters = {name: {"Type": "String", "Default": "a"} for name in names}
    for value in (
        [{"Ref": name} for name in names],
        {"Fn::Sub": "".join(f"${{{name}}}" for name in names)},
    ):
        (table,) = tables(template(value, Parameters=parameters))
        assert len(table.switches["it"]) == SWITCHES_LIMIT
        for switch in table.switches["it"]:
            assert switch.isprintable()
            assert len(switch) < 140


def test_a_template_that_takes_too_many_steps_has_no_switches() -> None:
    conditions = {"Wide": {"Fn::Equals": [["a"] * 10_000, ["b"]]}}
    resources = {
        f"Orders{number}": {
            "Type": TABLE,
            "Properties": {"It": [number, {"Fn::If": ["Wide", 1, 2]}]},
        }
        for number in range(100)
    }
    body = {"Conditions": conditions, "Resources": resources}
    switches = [table.switches["it"] for table in tables(body)]
    assert switches[0] == ("the condition 'Wide'",)
    assert switches[-1] == ()
