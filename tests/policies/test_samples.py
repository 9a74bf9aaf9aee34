"""Every sample in examples/samples gets the verdict that it names, from the real analyzer."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from policies.routes import ROUTES, route_of
from tools.harness import UNKNOWN, Analyzer, Resource

FOLDER = Path(__file__).resolve().parents[2] / "examples/samples"
FILES = {
    file.stem: yaml.safe_load(file.read_text(encoding="utf-8"))
    for file in sorted(FOLDER.glob("*.yaml"))
}
MODES = {
    "default": {},
    "customerManagedKeysOnly": {"all": {"requireCustomerManagedKey": True}},
}
DECLARED = "dynamodb-table-kms-encryption"
DEPLOYED = "dynamodb-deployed-table-kms-encryption"
UNDETERMINED = "dynamodb-undetermined-table-kms-encryption"

# As Pulumi YAML refers to another resource: its value is known only during the update.
_REFERENCE = re.compile(r"\$\{[a-z]+\.[a-zA-Z]+\}")

SAMPLES = [
    pytest.param(declaration["type"], sample, mode, id=f"{file}: {sample['title']} ({mode})")
    for file, declaration in FILES.items()
    for sample in declaration["samples"]
    for mode in MODES
]


def with_unknowns(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: with_unknowns(item) for key, item in value.items()}
    if isinstance(value, list):
        return [with_unknowns(item) for item in value]
    return UNKNOWN if isinstance(value, str) and _REFERENCE.fullmatch(value) else value


@pytest.mark.parametrize(("resource_type", "sample", "mode"), SAMPLES)
def test_a_sample_gets_its_verdict(
    analyzer: Analyzer, resource_type: str, sample: dict[str, Any], mode: str
) -> None:
    config = {policy: MODES[mode].get("all", {}) for policy in (DECLARED, DEPLOYED, UNDETERMINED)}
    analyzer.configure(config)
    resource = Resource(resource_type, with_unknowns(sample["properties"]))
    answer = analyzer.analyze(resource)
    stack = analyzer.analyze_stack([resource])
    advice = [it for it in stack.violations if it.policy == UNDETERMINED]
    deployed = [it for it in stack.violations if it.policy == DEPLOYED]
    assert answer.not_applicable == {}
    # What is deployed so is judged alike.
    assert bool(deployed) is (sample[mode] == "rejected")
    assert stack.undetermined == ()
    if sample[mode] == "rejected":
        assert answer.violations
        assert advice == []
        if "says" in sample:
            assert any(sample["says"] in message for message in answer.messages), answer.messages
    elif sample[mode] == "undetermined":
        assert answer.violations == ()
        # Told by the advisory policy, and by the SDK where the update will know.
        assert len(advice) == 1
        assert len(answer.undetermined) <= 1
    else:
        assert sample[mode] == "accepted"
        assert answer.violations == ()
        assert answer.undetermined == ()
        assert advice == []


# What a provider plans as unknown, or shows in the state only, though the program may set it.
COMPUTED = {
    "aws:cloudformation/stack:Stack": ("outputs", "parameters", "templateBody"),
    "aws:cloudformation/stackSet:StackSet": ("stackSetId", "templateBody"),
    "aws-native:cloudformation:Stack": ("stackId", "outputs"),
    "aws-native:cloudformation:StackSet": ("stackSetId",),
    "aws-native:index:ExtensionResource": ("outputs",),
    "aws:cloudcontrol/resource:Resource": ("properties",),
}


def planned(resource_type: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """What the engine shows of a resource that is still to be created as its outputs."""
    if resource_type == "aws-native:index:ExtensionResource":
        return {"outputs": UNKNOWN}
    made = ("arn", "id", *COMPUTED.get(resource_type, ()))
    return {**dict.fromkeys(made, UNKNOWN), **inputs}


@pytest.mark.parametrize(("resource_type", "sample", "mode"), SAMPLES)
def test_a_sample_that_is_still_to_be_created_is_told_once(
    analyzer: Analyzer, resource_type: str, sample: dict[str, Any], mode: str
) -> None:
    config = {policy: MODES[mode].get("all", {}) for policy in (DECLARED, DEPLOYED, UNDETERMINED)}
    analyzer.configure(config)
    inputs = with_unknowns(sample["properties"])
    answer = analyzer.analyze(Resource(resource_type, inputs))
    stack = analyzer.analyze_stack([Resource(resource_type, planned(resource_type, inputs))])
    told = [*answer.undetermined, *stack.violations]
    assert bool(answer.violations) is (sample[mode] == "rejected")
    assert all(it.policy == UNDETERMINED for it in stack.violations)
    assert len(told) == (1 if sample[mode] == "undetermined" else 0), told


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("resource_type", sorted({it["type"] for it in FILES.values()}))
def test_a_resource_without_outputs_is_no_violation(
    analyzer: Analyzer, resource_type: str, mode: str
) -> None:
    config = {policy: MODES[mode].get("all", {}) for policy in (DECLARED, DEPLOYED, UNDETERMINED)}
    analyzer.configure(config)
    said = analyzer.analyze_stack([Resource(resource_type, {})]).violations
    if ":tf:" not in resource_type:
        assert said == ()
    else:
        # A module's children show a stack policy nothing, whatever they declare.
        (advice,) = said
        assert advice.level == "advisory"
        assert "the engine shows no stack policy what a Terraform module declares" in advice.message


def test_every_route_has_samples_of_each_kind() -> None:
    sampled = {declaration["type"] for declaration in FILES.values()}
    assert set(ROUTES) <= sampled
    assert all(route_of(resource_type) is not None for resource_type in sampled)
    assert len(sampled) >= 12
    for name, declaration in FILES.items():
        if declaration["judged"].startswith("nothing"):
            continue
        verdicts = {sample[mode] for sample in declaration["samples"] for mode in MODES}
        assert {"accepted", "rejected"} <= verdicts, name
