"""The harness itself, on a pack made for it: it must tell a pack's faults, not hide them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tools.harness import UNKNOWN, Analyzer, AnalyzerError, Resource, secret

PACK = """
import os
from pulumi_policy import *

def validate(args, report_violation):
    if args.resource_type == "test:it:Crash":
        raise ValueError("crashed")
    if args.resource_type == "test:it:Print":
        print("printed")
    if args.resource_type == "test:it:Other":
        args.not_applicable("another type")
    if args.resource_type == "test:it:Config":
        report_violation(repr(sorted(args.get_config().items())))
    if args.resource_type == "test:it:Folder":
        report_violation(repr(os.listdir(".")))
    if args.resource_type == "test:it:Read":
        report_violation(repr((type(args.props["it"]).__name__, args.props["it"])))
    if args.resource_type == "test:it:Provider":
        report_violation(repr((args.provider.resource_type, args.provider.props["region"])))

def validate_stack(args, report_violation):
    for resource in args.resources:
        parent = resource.parent and resource.parent.name
        names = [it.name for it in resource.dependencies]
        properties = {k: [it.name for it in v] for k, v in resource.property_dependencies.items()}
        report_violation(repr((resource.name, parent, names, properties)), resource.urn)

def remediate(args):
    if args.resource_type == "test:it:Mend":
        return {**args.props, "mended": True}

PolicyPack(name="test", policies=[
    ResourceValidationPolicy(
        name="resource", description="It.", validate=validate, remediate=remediate,
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


def said(analyzer: Analyzer, resource: Resource) -> str:
    (message,) = analyzer.analyze(resource).messages
    return message.removeprefix("It.\n")


def test_a_policy_meets_what_it_meets_in_use(analyzer: Analyzer) -> None:
    for sent, met in [
        (3, "('float', 3.0)"),
        (True, "('bool', True)"),
        (None, "('NoneType', None)"),
        (secret("text"), "('str', 'text')"),
    ]:
        assert said(analyzer, Resource("test:it:Read", {"it": sent})) == met
    assert said(analyzer, Resource("test:it:Read", {"it": {}})).startswith("('_DictProxy'")
    assert said(analyzer, Resource("test:it:Read", {"it": []})).startswith("('_ListProxy'")


def test_an_unknown_value_is_told_apart_from_a_violation(analyzer: Analyzer) -> None:
    answer = analyzer.analyze("test:it:Read", {"it": UNKNOWN})
    assert answer.violations == ()
    assert [it.policy for it in answer.undetermined] == ["resource"]
    assert "string value at .it can't be known during preview" in answer.undetermined[0].message


def test_a_policy_that_does_not_apply_says_why(analyzer: Analyzer) -> None:
    assert analyzer.analyze("test:it:Other", {}).not_applicable == {"resource": "another type"}


def test_a_policy_that_raises_is_an_error_and_no_pass(analyzer: Analyzer) -> None:
    with pytest.raises(AnalyzerError, match="crashed"):
        analyzer.analyze("test:it:Crash", {})


def test_a_pack_runs_in_an_empty_folder_with_its_resources_provider(analyzer: Analyzer) -> None:
    assert said(analyzer, Resource("test:it:Folder", {})) == "[]"
    resource = Resource("test:it:Provider", {}, provider={"region": "eu-west-1"})
    assert said(analyzer, resource) == "('pulumi:providers:test', 'eu-west-1')"


def test_configuration_arrives_with_defaults_and_levels(analyzer: Analyzer) -> None:
    cases: list[tuple[dict[str, Any], str, str]] = [
        ({}, "[('size', 3.0)]", "mandatory"),
        ({"all": "advisory"}, "[('size', 3.0)]", "advisory"),
        ({"all": "advisory", "resource": "mandatory"}, "[('size', 3.0)]", "mandatory"),
        ({"resource": {"name": "x"}}, "[('name', 'x'), ('size', 3.0)]", "mandatory"),
        ({"resource": {"enforcementLevel": "advisory", "size": 4}}, "[('size', 4.0)]", "advisory"),
    ]
    for config, met, level in cases:
        analyzer.configure(config)
        (violation,) = analyzer.analyze("test:it:Config", {}).violations
        assert violation.message == f"It.\n{met}"
        assert violation.level == level
    analyzer.configure({"resource": "disabled"})
    assert analyzer.analyze("test:it:Config", {}).violations == ()
    analyzer.configure({})


def test_settings_of_all_policies_are_refused_as_the_engine_refuses_them(
    analyzer: Analyzer,
) -> None:
    with pytest.raises(ValueError, match="nothing but an enforcement level"):
        analyzer.configure({"all": {"size": 4}})


def test_a_stack_is_joined_together(analyzer: Analyzer) -> None:
    parent = Resource("test:it:Parent", {}, "parent")
    child = Resource(
        "test:it:Child",
        {},
        "child",
        parent=parent.urn,
        dependencies=[parent.urn],
        property_dependencies={"it": [parent.urn]},
    )
    answer = analyzer.analyze_stack([parent, child])
    assert [(it.message, it.urn) for it in answer.violations] == [
        ("All.\n('parent', None, [], {})", parent.urn),
        ("All.\n('child', 'parent', ['parent'], {'it': ['parent']})", child.urn),
    ]


def test_a_remediation_answers_the_new_properties(analyzer: Analyzer) -> None:
    resource = Resource("test:it:Mend", {"size": 1, "password": secret("x")})
    assert analyzer.remediate(resource) == []
    analyzer.configure({"resource": "remediate"})
    (remediation,) = analyzer.remediate(resource)
    assert remediation.policy == "resource"
    assert remediation.properties["mended"] is True
    assert remediation.properties["size"] == 1.0
    analyzer.configure({})


def test_registration_is_told_as_the_engine_receives_it(analyzer: Analyzer) -> None:
    info = analyzer.info()
    assert info.name == "test"
    assert [(it.name, it.kind, it.level) for it in info.policies] == [
        ("resource", "resource", "mandatory"),
        ("stack", "stack", "advisory"),
    ]
    policy = info.policy("resource")
    assert policy.severity == "low"
    assert policy.config_schema["size"] == {"type": "number", "default": 3.0}
    assert policy.required == ("size",)
    assert info.policy("stack").severity == ""


def test_what_a_pack_prints_is_kept(tmp_path: Path) -> None:
    analyzer = Analyzer.start(
        write_pack(tmp_path, "import sys; print('up', file=sys.stderr)\n" + PACK)
    )
    analyzer.analyze("test:it:Print", {})
    analyzer.stop()
    assert analyzer.printed == "printed\n"
    assert analyzer.errors == "up\n"


def test_a_pack_that_does_not_start_says_why(tmp_path: Path) -> None:
    with pytest.raises(AnalyzerError, match="no such module as this"):
        Analyzer.start(write_pack(tmp_path, "raise ImportError('no such module as this')"))


def test_a_pack_that_never_serves_is_given_up(tmp_path: Path) -> None:
    with pytest.raises(AnalyzerError, match="did not start"):
        Analyzer.start(write_pack(tmp_path, "import time; time.sleep(60)"), boot=0.5)


def test_a_pack_runs_on_the_interpreter_that_is_named(tmp_path: Path) -> None:
    with pytest.raises((AnalyzerError, FileNotFoundError)):
        Analyzer.start(write_pack(tmp_path, PACK), python=str(tmp_path / "none"))
    named = tmp_path / "python"
    named.write_text(f'#!/bin/sh\necho named >&2\nexec {sys.executable} "$@"\n', encoding="utf-8")
    named.chmod(0o755)
    with Analyzer.start(tmp_path, python=str(named)) as analyzer:
        assert analyzer.info().name == "test"
        assert analyzer.errors == "named\n"
