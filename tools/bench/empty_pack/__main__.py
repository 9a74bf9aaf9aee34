"""The least that a pack with as many policies can be: what it costs is the SDK's."""

from pulumi_policy import PolicyPack, ResourceValidationPolicy, StackValidationPolicy


def nothing(args: object, report_violation: object) -> None:
    """Judge nothing."""


PolicyPack(
    name="empty",
    policies=[
        ResourceValidationPolicy(name="resource", description="Nothing.", validate=nothing),
        StackValidationPolicy(name="stack", description="Nothing.", validate=nothing),
        StackValidationPolicy(name="stack2", description="Nothing.", validate=nothing),
    ],
)
