"""`dynamodb-table-kms-encryption`: every table that a program declares uses a KMS key."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from typing import Any

from pulumi_policy import (
    EnforcementLevel,
    PolicyConfigSchema,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    proxy,
)

from .reporting import metadata
from .routes import route_of, why_not_checked
from .settings.schema import SCHEMA

NAME = "dynamodb-table-kms-encryption"


def validate(args: ResourceValidationArgs, report_violation: ReportViolation) -> None:
    """Judge the tables that one resource declares, by its inputs.

    Args:
        args: the resource and the policy's configuration.
        report_violation: takes a message and a URN.

    Raises:
        UnknownValueError: what decides is known only during the update. The SDK reports that. It
            is raised last, because it ends the policy's run.
        Exception: the SDK's "not applicable", for a resource without tables, or whose tables are
            all exempt.
    """
    route = route_of(args.resource_type)
    if route is None:
        args.not_applicable(why_not_checked(args.resource_type))
        return  # never reached: the call raises, which its type does not say
    from .run import RUN

    if not args.props:
        # A program declares each resource with inputs, since the provider's check adds a name.
        RUN.add_read(args.urn)
        args.not_applicable("The resource has no inputs: the program reads it.")
    # Imported with the first table, because most resources are not tables.
    from .encryption.values import Unknown, one_line
    from .encryption.verdicts import Undetermined
    from .findings import Exempt, findings
    from .reporting import messages
    from .settings.reading import read

    settings = RUN.settings_of(NAME, read(args.get_config()))
    unknown: list[str] | None = None
    exempt: list[str] = []
    checked = False
    for finding in findings([(args, route)], settings):
        verdict = finding.verdict
        if isinstance(verdict, Exempt):
            exempt.append(messages.exempt(finding, verdict.exemption))
            continue
        checked = True
        RUN.add_judged(finding)
        message = messages.declared(finding, settings.rule)
        if message is not None:
            report_violation(message, finding.urn)
        elif (
            isinstance(verdict, Undetermined)
            and isinstance(verdict.cause, Unknown)
            # A stack policy sees whether the same program creates the key.
            and not verdict.about_key
        ):
            unknown = unknown or [
                one_line(part, 120) for part in (finding.name, *verdict.cause.path)
            ]
    if unknown is not None:
        raise proxy.UnknownValueError(proxy.UNKNOWN_STRING_VALUE, unknown)
    if exempt and not checked:
        args.not_applicable("\n".join(exempt))


def remediate(args: ResourceValidationArgs) -> Awaitable[Mapping[str, Any]] | None:
    """Remediate the table that one resource declares, at the enforcement level `remediate`.

    Args:
        args: the resource and the policy's configuration.

    Returns:
        The resource's properties with what was missing; None if nothing is missing, or if only
        the author can fix the table, so that `validate` rejects it.
    """
    route = route_of(args.resource_type)
    if route is None or not args.props:
        return None
    from .remediation import remediated_properties
    from .settings.reading import read

    properties = remediated_properties(args, route, read(args.get_config()))
    return None if properties is None else _awaitable(properties)


async def _awaitable(properties: Mapping[str, Any]) -> Mapping[str, Any]:
    # The SDK's type of a remediation is an asynchronous one.
    return properties


POLICY = ResourceValidationPolicy(
    name=NAME,
    display_name="DynamoDB tables are declared with KMS encryption",
    description="A DynamoDB table must be encrypted at rest with an accepted AWS KMS key.",
    enforcement_level=EnforcementLevel.MANDATORY,
    severity=metadata.SEVERITY,
    config_schema=PolicyConfigSchema(SCHEMA),
    framework=metadata.FRAMEWORK,
    tags=metadata.TAGS,
    remediation_steps=(
        "Set the table's encryption in the program. To use the AWS managed key aws/dynamodb, set "
        "`serverSideEncryption: { enabled: true }` on the `aws.dynamodb.Table`. To use a customer "
        "managed key, also set `kmsKeyArn` to the ARN of a symmetric encryption key in the table's "
        "Region. At the enforcement level `remediate`, this policy adds the missing setting."
        f"\n\n{metadata.WHY}"
    ),
    url=metadata.URL,
    validate=validate,
    remediate=remediate,
)
