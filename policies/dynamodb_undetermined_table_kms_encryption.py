"""`dynamodb-undetermined-table-kms-encryption`: tables whose encryption nobody can read here."""

from __future__ import annotations

from pulumi_policy import (
    EnforcementLevel,
    PolicyConfigSchema,
    ReportViolation,
    StackValidationArgs,
    StackValidationPolicy,
)

from .reporting import metadata
from .routes import declares_tables
from .settings.schema import SCHEMA

NAME = "dynamodb-undetermined-table-kms-encryption"


def validate(args: StackValidationArgs, report_violation: ReportViolation) -> None:
    """Tell of each table about which neither its code nor its state says enough, and of each
    exemption that covers no table of the stack.

    A table that is still to be created and only not known yet is left to the policy that will know
    it. Raises the SDK's own "not applicable" for a stack without tables.
    """
    if not any(declares_tables(resource.resource_type) for resource in args.resources):
        args.not_applicable("The stack has no DynamoDB table.")
    # Imported with the first table: most resources are none, and many stacks have none.
    from .inspection import inspect, unused_exemptions
    from .reporting.report import Report
    from .reporting.sentences import undetermined, unused, wrong_settings
    from .settings.reading import read

    settings = read(args.get_config())
    report = Report(report_violation, undetermined, settings)
    if settings.faults:
        report.of_stack(args.resources, wrong_settings(settings))
        return
    seen = inspect(args.resources, report, settings)
    for exemption in unused_exemptions(settings, seen, args.resources[0].urn):
        report.of_stack(args.resources, unused(exemption))


POLICY = StackValidationPolicy(
    name=NAME,
    display_name="DynamoDB tables show whether they have KMS encryption",
    description="A DynamoDB table should show whether an AWS KMS key encrypts it.",
    enforcement_level=EnforcementLevel.ADVISORY,
    severity=metadata.SEVERITY,
    config_schema=PolicyConfigSchema(SCHEMA),
    framework=metadata.FRAMEWORK,
    tags=metadata.TAGS,
    remediation_steps=(
        "Look at the table itself: `aws dynamodb describe-table --table-name NAME --query "
        "Table.SSEDescription` shows SSEType KMS and the key, or null for an AWS owned key. Where "
        "that is not enough, set this policy to mandatory, and such tables are rejected.\n\n"
        f"{metadata.WHY}"
    ),
    url=metadata.URL,
    validate=validate,
)
