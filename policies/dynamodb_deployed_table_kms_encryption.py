"""`dynamodb-deployed-table-kms-encryption`: every table of a deployed stack uses a KMS key."""

from __future__ import annotations

from pulumi_policy import (
    EnforcementLevel,
    PolicyConfigSchema,
    ReportViolation,
    StackValidationArgs,
    StackValidationPolicy,
)

from .dynamodb_table_kms_encryption import NAME as DECLARED
from .reporting import metadata
from .routes import routed
from .settings.schema import SCHEMA

NAME = "dynamodb-deployed-table-kms-encryption"


def validate(args: StackValidationArgs, report_violation: ReportViolation) -> None:
    """Judge the tables that the stack has deployed, by the outputs that the provider recorded.

    `dynamodb-table-kms-encryption` checks new tables, so this policy reports only one violation of
    them: a key of the same program that can't encrypt a table, which only a stack policy can see.
    Unknown values are left to the other policies, because the SDK's advisory of a stack policy
    names no resource.

    Args:
        args: the resources of the stack and the policy's configuration.
        report_violation: takes a message and a URN.

    Raises:
        Exception: the SDK's "not applicable", for a stack without tables.
    """
    resources = routed(args.resources)
    if not resources:
        args.not_applicable("The stack has no DynamoDB tables.")
    # Imported with the first table, because many stacks have none.
    from .encryption.verdicts import Violation
    from .findings import findings
    from .reporting import messages, stack_urn
    from .routes.kms_keys import StackKeys
    from .run import RUN
    from .settings.reading import read

    settings = RUN.settings_of(NAME, read(args.get_config()))
    if settings.faults:
        report_violation(messages.wrong_settings(settings.faults), stack_urn(args.resources))
        resources = []
    reported: set[tuple[str, str]] = set()
    for finding in findings(resources, settings, StackKeys(args.resources).mark):
        verdict, declaration = finding.verdict, finding.declaration
        if declaration is not None and declaration.not_created_yet:
            key = verdict.key if isinstance(verdict, Violation) else None
            if key is None or not key.in_program:
                continue
        message = messages.deployed(
            finding,
            settings.rule,
            reported_by=DECLARED if RUN.has_reported(finding) else None,
            only_read=RUN.only_reads(finding.urn),
        )
        # A table and its replicas can have the same message.
        if message is not None and (message, finding.urn) not in reported:
            reported.add((message, finding.urn))
            report_violation(message, finding.urn)
    RUN.end()  # the engine runs this policy last


POLICY = StackValidationPolicy(
    name=NAME,
    display_name="DynamoDB tables are deployed with KMS encryption",
    description=(
        "A DynamoDB table of the stack must be encrypted at rest with an accepted AWS KMS key."
    ),
    enforcement_level=EnforcementLevel.MANDATORY,
    severity=metadata.SEVERITY,
    config_schema=PolicyConfigSchema(SCHEMA),
    framework=metadata.FRAMEWORK,
    tags=metadata.TAGS,
    remediation_steps=(
        "Set the table's encryption in the program (`serverSideEncryption: { enabled: true }`, and "
        "`kmsKeyArn` for a customer managed key) and run `pulumi up`. If the program already sets "
        "it, the table was changed outside Pulumi, and `pulumi up` changes it back. To change the "
        "table without Pulumi, run `aws dynamodb update-table --table-name NAME --region REGION "
        "--sse-specification Enabled=true,SSEType=KMS`, wait until `aws dynamodb describe-table "
        "--table-name NAME --region REGION --query Table.SSEDescription.Status` shows ENABLED, and "
        "then run `pulumi refresh`. The table stays available while DynamoDB changes the key, "
        "unless its old key is disabled: enable it first. Delete no key before `aws dynamodb "
        "describe-table --table-name NAME --region REGION --query "
        "Table.SSEDescription.KMSMasterKeyArn` shows the new one.\n\n"
        f"{metadata.WHY}"
    ),
    url=metadata.URL,
    validate=validate,
)
