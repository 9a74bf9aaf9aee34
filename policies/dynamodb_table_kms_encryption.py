"""`dynamodb-table-kms-encryption`: every table that a program declares uses KMS."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from typing import Any

from pulumi_policy import (
    EnforcementLevel,
    PolicyConfigSchema,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
)

from .reporting import metadata
from .routes import declares_tables, why_none
from .settings.schema import SCHEMA

NAME = "dynamodb-table-kms-encryption"


def validate(args: ResourceValidationArgs, report_violation: ReportViolation) -> None:
    """Judge the tables that one resource declares, by its inputs.

    Raises UnknownValueError where what decides is known only during the update, and the SDK's
    own "not applicable" for a resource that declares no table, or exempt ones only.
    """
    if not declares_tables(args.resource_type):
        args.not_applicable(why_none(args.resource_type))
    if not args.props:
        # A resource that a program reads, by `get`, has outputs only. What it declares has inputs,
        # since the provider's check gives it a name.
        args.not_applicable("The resource has no inputs: it is read, not declared.")
    # Imported with the first table: most resources are none, and many stacks have none.
    from .inspection import inspect
    from .reporting.report import Report
    from .reporting.sentences import declared
    from .settings.reading import read

    settings = read(args.get_config())
    report = Report(report_violation, declared, settings)
    inspect([args], report, settings)
    report.close()
    if report.why_nothing_was_judged is not None:
        args.not_applicable(report.why_nothing_was_judged)


def remediate(args: ResourceValidationArgs) -> Awaitable[Mapping[str, Any]] | None:
    """Mend the table that one resource declares, at enforcement level `remediate`.

    Returns the resource's properties with exactly what was missing added, or None where there is
    nothing to mend, or nothing that can be told without a guess: then `validate` rejects it.
    Nothing raises.
    """
    if not declares_tables(args.resource_type) or not args.props:
        return None
    from .inspection import remedied_properties
    from .settings.reading import read

    properties = remedied_properties(args, read(args.get_config()))
    return None if properties is None else _later(properties)


async def _later(properties: Mapping[str, Any]) -> Mapping[str, Any]:
    # The SDK's type of a remediation is that of an asynchronous one.
    return properties


POLICY = ResourceValidationPolicy(
    name=NAME,
    display_name="DynamoDB tables are declared with KMS encryption",
    description="A DynamoDB table must be encrypted at rest with an AWS KMS key.",
    enforcement_level=EnforcementLevel.MANDATORY,
    severity=metadata.SEVERITY,
    config_schema=PolicyConfigSchema(SCHEMA),
    framework=metadata.FRAMEWORK,
    tags=metadata.TAGS,
    remediation_steps=(
        "Declare the table's encryption in the program. For the AWS managed key aws/dynamodb, set "
        "`serverSideEncryption: { enabled: true }` on the aws.dynamodb.Table. For a customer "
        "managed key, also set `kmsKeyArn` to the ARN of a symmetric encryption key of the table's "
        "Region. At enforcement level remediate, the policy adds the missing setting by itself."
        f"\n\n{metadata.WHY}"
    ),
    url=metadata.URL,
    validate=validate,
    remediate=remediate,
)
