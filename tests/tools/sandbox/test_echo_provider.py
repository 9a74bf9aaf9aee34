"""Tests of the echo provider, which accepts resources of any type."""

from __future__ import annotations

import pytest

from tests.project import Project
from tools.harness import UNKNOWN

PROGRAM = """
pulumi.CustomResource("mod:tf:aws_dynamodb_table", "module", {
    "name": "orders", "arn": None, "server_side_encryption": [{"enabled": True}]})
pulumi.CustomResource("aws:index/dynamodbTable:DynamodbTable", "dynamic",
                      {"serverSideEncryption": {"enabled": False}, "arn": None},
                      pulumi.ResourceOptions(version="0.0.1"))
key = aws.kms.Key("key")
other = pulumi.CustomResource("mod:tf:aws_dynamodb_table", "unknown", {"kms_key_arn": key.arn})
"""


def test_resources_of_any_type(project: Project) -> None:
    project.sandbox.add_echo_provider("mod")
    project.sandbox.add_echo_provider("aws", computed=("arn", "streamArn"))
    outputs = {name: step["new"]["outputs"] for name, step in project.planned(PROGRAM).items()}
    assert outputs["module"] == {
        "name": "orders",
        "arn": UNKNOWN,
        "server_side_encryption": [{"enabled": True}],
    }
    assert outputs["dynamic"]["streamArn"] == outputs["dynamic"]["arn"] == UNKNOWN
    assert outputs["dynamic"]["serverSideEncryption"] == {"enabled": False}
    assert outputs["unknown"] == {"arn": UNKNOWN, "kms_key_arn": UNKNOWN}

    state = project.deployed(PROGRAM)
    assert state["module"]["outputs"]["arn"] == "echo"
    assert state["unknown"]["outputs"]["kms_key_arn"] == state["key"]["outputs"]["arn"]
    changed = PROGRAM.replace('"enabled": True', '"enabled": False')
    step = project.planned(changed)["module"]
    assert (step["op"], step["new"]["outputs"]["arn"]) == ("update", "echo")


def test_an_invalid_package_name(project: Project) -> None:
    with pytest.raises(ValueError, match="can't be the name of a package"):
        project.sandbox.add_echo_provider("../mod")
