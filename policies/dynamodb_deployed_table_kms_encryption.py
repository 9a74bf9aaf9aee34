"""`dynamodb-deployed-table-kms-encryption`: every table that a stack has deployed uses KMS."""

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

NAME = "dynamodb-deployed-table-kms-encryption"


def validate(args: StackValidationArgs, report_violation: ReportViolation) -> None:
    """Judge the tables that the stack has deployed, by the outputs that the provider recorded.

    A table that is still to be created is left to `dynamodb-table-kms-encryption`, so that
    nothing is told twice.

    What is not known yet is left to the other policies: the SDK's own advisory of a stack policy
    names no resource. Raises the SDK's own "not applicable" for a stack without tables.
    """
    if not any(declares_tables(resource.resource_type) for resource in args.resources):
        args.not_applicable("The stack has no DynamoDB table.")
    # Imported with the first table: most resources are none, and many stacks have none.
    from .inspection import inspect_stack
    from .reporting.report import Report
    from .reporting.sentences import deployed, wrong_settings
    from .settings.reading import read

    settings = read(args.get_config())
    report = Report(report_violation, deployed, settings)
    if settings.faults:
        report.of_stack(args.resources, wrong_settings(settings))
        return
    inspect_stack(args.resources, report, settings)


POLICY = StackValidationPolicy(
    name=NAME,
    display_name="DynamoDB tables are deployed with KMS encryption",
    description="A DynamoDB table of the stack must be encrypted at rest with an AWS KMS key.",
    enforcement_level=EnforcementLevel.MANDATORY,
    severity=metadata.SEVERITY,
    config_schema=PolicyConfigSchema(SCHEMA),
    framework=metadata.FRAMEWORK,
    tags=metadata.TAGS,
    remediation_steps=(
        "Declare the table's encryption in the program (`serverSideEncryption: { enabled: true }`, "
        "with `kmsKeyArn` for a customer managed key) and run `pulumi up`. Where the program "
        "declares it already, the table was changed outside Pulumi, and `pulumi up` sets it back. "
        "Without Pulumi: `aws dynamodb update-table --table-name NAME --sse-specification "
        "Enabled=true,SSEType=KMS`, then `pulumi refresh`. AWS changes the key while the table "
        "stays available.\n\n"
        f"{metadata.WHY}"
    ),
    url=metadata.URL,
    validate=validate,
)
