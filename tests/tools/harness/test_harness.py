"""The harness with a small pack. It must report a pack's faults, not hide them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tools.harness import UNKNOWN, Analyzer, AnalyzerError, Operation, Resource, secret

PACK = """
import os
import pulumi
from pulumi_policy import *

def validate(args, report_violation):
    if args.resource_type == "test:index:Crash":
        raise ValueError("crashed")
    if args.resource_type == "test:index:Print":
        print("printed")
    if args.resource_type == "test:index:Other":
        args.not_applicable("another type")
    if args.resource_type == "test:index:Config":
        report_violation(repr(sorted(args.get_config().items())))
    if args.resource_type == "test:index:Folder":
        report_violation(repr(os.listdir(".")))
    if args.resource_type == "test:index:Preview":
        report_violation(repr(pulumi.runtime.is_dry_run()))
    if args.resource_type == "test:index:Read":
        report_violation(repr((type(args.props["value"]).__name__, args.props["value"])))
    if args.resource_type == "test:index:Provider":
        report_violation(repr((args.provider.resource_type, args.provider.props["region"])))

def validate_stack(args, report_violation):
    for resource in args.resources:
        parent = resource.parent and resource.parent.name
        names = [each.name for each in resource.dependencies]
        properties = {
            name: [each.name for each in resources]
            for name, resources in resource.property_dependencies.items()
        }
        report_violation(repr((resource.name, parent, names, properties)), resource.urn)

def remediate(args):
    if args.resource_type == "test:index:Remediate":
        return {**args.props, "remediated": True}

PolicyPack(name="test", policies=[
    ResourceValidationPolicy(
        name="resource", description="Test.", validate=validate, remediate=remediate,
        enforcement_level=EnforcementLevel.MANDATORY, severity=Severity.LOW,
        config_schema=PolicyConfigSchema(
            properties={"size": {"type": "number", "default": 3}, "name": {"type": "string"}},
            required=["size"],
        ),
    ),
    StackValidationPolicy(name="stack", description="All.", validate=validate_stack),
])
"""


def write_pack(folder: Path, code: str) -> Path:
    (folder / "PulumiPolicy.yaml").write_text("runtime: python\n", encoding="utf-8")
    (folder / "__main__.py").write_text(code, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def analyzer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Analyzer]:
    with Analyzer.start(write_pack(tmp_path_factory.mktemp("pack"), PACK)) as running:
        yield running


def message_for(analyzer: Analyzer, resource: Resource) -> str:
    (message,) = analyzer.analyze(resource).messages
    return message.removeprefix("Test.\n")


def test_a_policy_receives_values_as_in_production(analyzer: Analyzer) -> None:
    for sent, received in [
        (3, "('float', 3.0)"),
        (True, "('bool', True)"),
        (None, "('NoneType', None)"),
        (secret("text"), "('str', 'text')"),
    ]:
        assert message_for(analyzer, Resource("test:index:Read", {"value": sent})) == received
    assert message_for(analyzer, Resource("test:index:Read", {"value": {}})).startswith(
        "('_DictProxy'"
    )
    assert message_for(analyzer, Resource("test:index:Read", {"value": []})).startswith(
        "('_ListProxy'"
    )


def test_an_unknown_value_is_not_a_violation(analyzer: Analyzer) -> None:
    answer = analyzer.analyze("test:index:Read", {"value": UNKNOWN})
    assert answer.violations == ()
    assert [each.policy for each in answer.undetermined] == ["resource"]
    assert "string value at .value can't be known during preview" in answer.undetermined[0].message


def test_a_policy_that_does_not_apply_gives_a_reason(analyzer: Analyzer) -> None:
    assert analyzer.analyze("test:index:Other", {}).not_applicable == {"resource": "another type"}


def test_a_policy_that_raises_is_an_error(analyzer: Analyzer) -> None:
    with pytest.raises(AnalyzerError, match="crashed"):
        analyzer.analyze("test:index:Crash", {})


def test_a_pack_runs_in_an_empty_folder_and_receives_the_provider(analyzer: Analyzer) -> None:
    assert message_for(analyzer, Resource("test:index:Folder", {})) == "[]"
    resource = Resource("test:index:Provider", {}, provider={"region": "eu-west-1"})
    assert message_for(analyzer, resource) == "('pulumi:providers:test', 'eu-west-1')"


def test_settings_have_defaults_and_levels(analyzer: Analyzer) -> None:
    cases: list[tuple[dict[str, Any], str, str]] = [
        ({}, "[('size', 3.0)]", "mandatory"),
        ({"all": "advisory"}, "[('size', 3.0)]", "advisory"),
        ({"all": "advisory", "resource": "mandatory"}, "[('size', 3.0)]", "mandatory"),
        ({"resource": {"name": "x"}}, "[('name', 'x'), ('size', 3.0)]", "mandatory"),
        ({"resource": {"enforcementLevel": "advisory", "size": 4}}, "[('size', 4.0)]", "advisory"),
    ]
    for config, settings, level in cases:
        analyzer.configure(config)
        (violation,) = analyzer.analyze("test:index:Config", {}).violations
        assert violation.message == f"Test.\n{settings}"
        assert violation.level == level
    analyzer.configure({"resource": "disabled"})
    assert analyzer.analyze("test:index:Config", {}).violations == ()
    analyzer.configure({})


def test_settings_for_all_policies_are_rejected_as_by_the_engine(analyzer: Analyzer) -> None:
    with pytest.raises(ValueError, match="only an enforcement level"):
        analyzer.configure({"all": {"size": 4}})


def test_the_resources_of_a_stack_have_their_parents_and_dependencies(analyzer: Analyzer) -> None:
    parent = Resource("test:index:Parent", {}, "parent")
    child = Resource(
        "test:index:Child",
        {},
        "child",
        parent=parent.urn,
        dependencies=[parent.urn],
        property_dependencies={"value": [parent.urn]},
    )
    answer = analyzer.analyze_stack([parent, child])
    assert [(each.message, each.urn) for each in answer.violations] == [
        ("All.\n('parent', None, [], {})", parent.urn),
        ("All.\n('child', 'parent', ['parent'], {'value': ['parent']})", child.urn),
    ]


def test_a_remediation_returns_the_new_properties(analyzer: Analyzer) -> None:
    resource = Resource("test:index:Remediate", {"size": 1, "password": secret("x")})
    assert analyzer.remediate(resource) == []
    analyzer.configure({"resource": "remediate"})
    (remediation,) = analyzer.remediate(resource)
    assert remediation.policy == "resource"
    assert remediation.properties["remediated"] is True
    assert remediation.properties["size"] == 1.0
    analyzer.configure({})


def test_the_registration_is_what_the_engine_receives(analyzer: Analyzer) -> None:
    info = analyzer.info()
    assert info.name == "test"
    assert [(each.name, each.kind, each.level) for each in info.policies] == [
        ("resource", "resource", "mandatory"),
        ("stack", "stack", "advisory"),
    ]
    policy = info.policy("resource")
    assert policy.severity == "low"
    assert policy.config_schema["size"] == {"type": "number", "default": 3.0}
    assert policy.required == ("size",)
    assert info.policy("stack").severity == ""


def test_a_packs_output_is_kept(tmp_path: Path) -> None:
    analyzer = Analyzer.start(
        write_pack(tmp_path, "import sys; print('up', file=sys.stderr)\n" + PACK)
    )
    analyzer.analyze("test:index:Print", {})
    analyzer.stop()
    assert analyzer.printed == "printed\n"
    assert analyzer.errors == "up\n"


def test_a_pack_that_does_not_start_reports_why(tmp_path: Path) -> None:
    with pytest.raises(AnalyzerError, match="no such module as this"):
        Analyzer.start(write_pack(tmp_path, "raise ImportError('no such module as this')"))


def test_a_pack_that_never_serves_is_stopped(tmp_path: Path) -> None:
    with pytest.raises(AnalyzerError, match="did not start"):
        Analyzer.start(write_pack(tmp_path, "import time; time.sleep(60)"), boot=0.5)


def test_a_pack_can_run_in_a_preview(tmp_path: Path) -> None:
    pack = write_pack(tmp_path, PACK)
    operations: tuple[Operation, ...] = ("preview", "update", "analysis")
    for operation in operations:
        with Analyzer.start(pack, operation=operation) as analyzer:
            is_preview = message_for(analyzer, Resource("test:index:Preview", {}))
            assert is_preview == repr(operation == "preview")


def test_a_pack_runs_with_the_given_interpreter(tmp_path: Path) -> None:
    with pytest.raises((AnalyzerError, FileNotFoundError)):
        Analyzer.start(write_pack(tmp_path, PACK), python=str(tmp_path / "none"))
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\necho given >&2\nexec {sys.executable} "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    with Analyzer.start(tmp_path, python=str(python)) as analyzer:
        assert analyzer.info().name == "test"
        assert analyzer.errors == "given\n"
