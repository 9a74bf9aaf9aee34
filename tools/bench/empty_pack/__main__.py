"""A pack with as many policies that do nothing, so that its cost is the SDK's."""

from pulumi_policy import PolicyPack, ResourceValidationPolicy, StackValidationPolicy


def nothing(args: object, report_violation: object) -> None:
    """Accept everything."""


PolicyPack(
    name="empty",
    policies=[
        ResourceValidationPolicy(name="resource", description="Nothing.", validate=nothing),
        StackValidationPolicy(name="stack", description="Nothing.", validate=nothing),
        StackValidationPolicy(name="stack2", description="Nothing.", validate=nothing),
    ],
)
