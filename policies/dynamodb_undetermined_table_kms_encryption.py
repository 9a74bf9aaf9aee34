"""`dynamodb-undetermined-table-kms-encryption`: tables whose encryption can't be determined."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_policy import (
    EnforcementLevel,
    PolicyConfigSchema,
    ReportViolation,
    StackValidationArgs,
    StackValidationPolicy,
)

from .reporting import metadata
from .routes import routed
from .settings.schema import SCHEMA

if TYPE_CHECKING:
    from .exemptions import Exemption

NAME = "dynamodb-undetermined-table-kms-encryption"


def validate(args: StackValidationArgs, report_violation: ReportViolation) -> None:
    """Report tables whose encryption can't be determined, and what to act on.

    An exemption is reported if it ends soon, or if it names this stack and covers no table. A
    deployed table is reported if it keeps a key that the program does not name: the key looks
    unused, and deleting it would destroy the table's data.

    While only the update can determine a new table's encryption, this policy skips the table:
    `dynamodb-table-kms-encryption` checks it during the update.

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
    from .findings import Exempt, findings
    from .reporting import messages, stack_urn
    from .routes.kms_keys import StackKeys
    from .run import RUN
    from .settings.reading import read

    settings = RUN.settings_of(NAME, read(args.get_config()))
    if settings.faults:
        report_violation(messages.wrong_settings(settings.faults), stack_urn(args.resources))
        return
    # A resource without properties may declare any table, which is shown by its resource's name.
    tables = [(resource.name, resource.urn) for resource, _ in resources if not resource.props]
    ending: dict[Exemption, None] = {}
    for finding in findings(resources, settings, StackKeys(args.resources).mark):
        tables.append((finding.name, finding.urn))
        if isinstance(finding.verdict, Exempt) and finding.verdict.exemption.ends_soon:
            ending[finding.verdict.exemption] = None
        if RUN.keeps_key(finding):
            report_violation(messages.keeps_key(finding) or "", finding.urn)
        message = messages.undetermined(finding, settings.rule)
        if message is not None and not RUN.has_judged(finding):
            report_violation(message, finding.urn)
    for exemption in ending:
        report_violation(messages.ends_soon(exemption), stack_urn(args.resources))
    for exemption in settings.exemptions.unused(tables, args.resources[0].urn):
        report_violation(messages.unused(exemption), stack_urn(args.resources))


POLICY = StackValidationPolicy(
    name=NAME,
    display_name="The KMS encryption of DynamoDB tables can be determined",
    description="The policies must be able to determine how a DynamoDB table is encrypted.",
    enforcement_level=EnforcementLevel.ADVISORY,
    severity=metadata.SEVERITY,
    config_schema=PolicyConfigSchema(SCHEMA),
    framework=metadata.FRAMEWORK,
    tags=metadata.TAGS,
    remediation_steps=(
        "Check the table in AWS: `aws dynamodb describe-table --table-name NAME --region REGION "
        "--query Table.SSEDescription` shows the SSEType KMS and the key, or null for an AWS owned "
        "key.\n\n"
        f"{metadata.WHY}"
    ),
    url=metadata.URL,
    validate=validate,
)
