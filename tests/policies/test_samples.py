"""Each sample in examples/samples gets the verdict that its file gives, in the analyzer process."""

from __future__ import annotations

from typing import Any

import pytest

from policies import POLICIES
from policies.dynamodb_deployed_table_kms_encryption import NAME as DEPLOYED
from policies.dynamodb_undetermined_table_kms_encryption import NAME as UNDETERMINED
from policies.routes import ROUTES, route_of
from policies.routes.terraform import BRIDGED, TERRAFORM
from tests.policies.samples import FILES, PACKAGE, TYPES, inputs, planned_outputs, types
from tools.harness import Analyzer, Resource

MODES = {"default": {}, "customerManagedKeysOnly": {"requireCustomerManagedKey": True}}
EACH_MODE = pytest.mark.parametrize("mode", MODES)
EACH_SAMPLE = pytest.mark.parametrize(
    ("resource_type", "sample"),
    [
        pytest.param(resource_type, sample, id=f"{name}: {sample['title']} ({resource_type})")
        for name, file in FILES.items()
        for resource_type in types(file)
        for sample in file["samples"]
    ],
)


def configure(analyzer: Analyzer, mode: str) -> None:
    analyzer.configure({policy.name: MODES[mode] for policy in POLICIES})


def assert_reported_once(
    analyzer: Analyzer, declared: Resource, planned: Resource, verdict: str
) -> None:
    """Check a new resource: no policy repeats what another one reports."""
    answer = analyzer.analyze(declared)
    stack = analyzer.analyze_stack([planned])
    reported = [*answer.undetermined, *stack.violations]
    assert bool(answer.violations) is (verdict == "rejected")
    assert all(violation.policy == UNDETERMINED for violation in stack.violations)
    assert len(reported) == (1 if verdict == "undetermined" else 0), reported


@EACH_MODE
@EACH_SAMPLE
def test_a_sample_gets_its_verdict(
    analyzer: Analyzer, resource_type: str, sample: dict[str, Any], mode: str
) -> None:
    configure(analyzer, mode)
    resource = Resource(resource_type, inputs(sample))
    answer = analyzer.analyze(resource)
    stack = analyzer.analyze_stack([resource])
    advice = [violation for violation in stack.violations if violation.policy == UNDETERMINED]
    deployed = [violation for violation in stack.violations if violation.policy == DEPLOYED]
    assert answer.not_applicable == {}
    # A deployed resource with the same properties gets the same verdict.
    assert bool(deployed) is (sample[mode] == "rejected")
    assert stack.undetermined == ()
    if sample[mode] == "rejected":
        assert answer.violations
        assert advice == []
        if "says" in sample:
            assert any(sample["says"] in message for message in answer.messages), answer.messages
    elif sample[mode] == "undetermined":
        assert answer.violations == ()
        # The advisory policy reports it, and the SDK if the update can determine it.
        assert len(advice) == 1
        assert len(answer.undetermined) <= 1
    else:
        assert sample[mode] == "accepted"
        assert answer.violations == ()
        assert answer.undetermined == ()
        assert advice == []


@EACH_MODE
@EACH_SAMPLE
def test_a_sample_that_is_not_created_yet_is_reported_once(
    analyzer: Analyzer, resource_type: str, sample: dict[str, Any], mode: str
) -> None:
    configure(analyzer, mode)
    declared = Resource(resource_type, inputs(sample))
    planned = Resource(resource_type, planned_outputs(resource_type, inputs(sample)))
    assert_reported_once(analyzer, declared, planned, sample[mode])


@EACH_MODE
@EACH_SAMPLE
def test_a_new_sample_of_a_provider_without_previews_is_reported_once(
    pack_in_preview: Analyzer, resource_type: str, sample: dict[str, Any], mode: str
) -> None:
    """Such a provider plans the inputs as the outputs, without what AWS adds."""
    configure(pack_in_preview, mode)
    resource = Resource(resource_type, inputs(sample))
    assert_reported_once(pack_in_preview, resource, resource, sample[mode])


@EACH_MODE
@pytest.mark.parametrize("resource_type", sorted(TYPES))
def test_a_resource_without_outputs_is_not_a_violation(
    analyzer: Analyzer, resource_type: str, mode: str
) -> None:
    configure(analyzer, mode)
    violations = analyzer.analyze_stack([Resource(resource_type, {})]).violations
    if ":tf:" not in resource_type:
        assert violations == ()
    else:
        # A stack policy gets no properties of a module's resources, so they are undetermined.
        (advice,) = violations
        assert advice.level == "advisory"
        assert (
            "doesn't show the properties of a Terraform module's resources to stack policies"
            in advice.message
        )


def test_every_route_has_samples_of_each_verdict() -> None:
    assert set(ROUTES) <= set(TYPES)
    assert all(route_of(resource_type) is not None for resource_type in TYPES)
    names = {
        resource_type.rpartition(":")[2] for resource_type in TYPES if ":index/" in resource_type
    }
    assert names == set(BRIDGED)
    for terraform_type in TERRAFORM:
        assert {f"{PACKAGE}:tf:{terraform_type}", f"pulumi:terraform:{terraform_type}"} <= set(
            TYPES
        )
    for name, file in FILES.items():
        if file["judged"].startswith("nothing"):
            continue
        verdicts = {sample[mode] for sample in file["samples"] for mode in MODES}
        assert {"accepted", "rejected"} <= verdicts, name
