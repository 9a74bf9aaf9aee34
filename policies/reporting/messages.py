"""The messages that users read about findings.

A message about a table has two lines: what is wrong and what that means, and the change to make, in
the property names of the table's own type. The engine prints the policy's description and the
resource's type above it. A message shows no value of the program except names of resources and
Regions: the SDK does not show a policy which values are secret.

Sources: AWS DynamoDB Developer Guide, "DynamoDB encryption at rest" and "Managing encrypted tables
in DynamoDB" (AWS owned keys; a table stays available while its key changes); Pulumi Registry,
"aws.dynamodb.TableReplica", and terraform-provider-aws, internal/service/dynamodb/table.go (a
change of a replica's key replaces the replica).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from ..encryption.settings import RuleSettings
from ..encryption.tables import ConditionalTable, Declaration, Table, UnreadTables
from ..encryption.values import Hidden, Unknown, one_line
from ..encryption.verdicts import Trait, Undetermined, Violation, ViolationKind
from ..exemptions import Exemption
from ..findings import Failure, Finding, WrongSettings
from .changes import change_for
from .faults import AWS_OWNED_KEY, NO_PROOF, fault_of, quoted

_LONGEST_PATH = 300
_LONGEST_REASON = 400
_MOST_FAULTS = 5

_UP = "Then run `pulumi up`. DynamoDB changes the key in place, and the table stays available."
_UP_OF_REPLICA = (
    "Then run `pulumi up`. The replica is replaced by one with that key, and the table stays "
    "available in its other Regions."
)
# Providers record each SSE status except ENABLED as disabled.
_KEY_IS_CHANGING = (
    "If the program already sets this, the key was changing when the state was recorded: run "
    "`pulumi refresh` and check again."
)
_CHECK_KEY = (
    "Check it in AWS: `aws dynamodb describe-table --table-name NAME --query "
    "Table.SSEDescription.KMSMasterKeyArn` shows the ARN of the key."
)
_CHECK = (
    "Check it in AWS: `aws dynamodb describe-table --table-name NAME --query "
    "Table.SSEDescription` shows the SSEType KMS for a KMS key, and null for an AWS owned key."
)


_Arguments = ParamSpec("_Arguments")


def _never_raises(
    message: Callable[Concatenate[Finding, _Arguments], str | None],
) -> Callable[Concatenate[Finding, _Arguments], str | None]:
    """Return a function that reports a failure of the pack instead of raising."""

    @wraps(message)
    def safe(
        finding: Finding, /, *args: _Arguments.args, **options: _Arguments.kwargs
    ) -> str | None:
        try:
            return message(finding, *args, **options)
        except Exception as error:  # noqa: BLE001 - an exception would end the whole update
            return _failure(finding.name, type(error).__name__)

    return safe


@_never_raises
def declared(finding: Finding, settings: RuleSettings) -> str | None:
    """Return the message about a resource that a program declares; None if it is accepted."""
    violation = finding.verdict
    if not isinstance(violation, Violation) or violation.table is None:
        return _without_table(finding)
    table = violation.table
    fault = f"{_subject(table)} {fault_of(table, violation)}.{_notes(finding)}"
    return f"{fault}\n{change_for(table, violation, settings)}"


@_never_raises
def deployed(finding: Finding, settings: RuleSettings) -> str | None:
    """Return the message about a resource that a stack has deployed; None if it is accepted."""
    violation = finding.verdict
    if not isinstance(violation, Violation) or violation.table is None:
        return _without_table(finding)
    table, kind = violation.table, violation.kind
    if table.not_created_yet or violation.if_it_exists:
        return declared(finding, settings)
    replaced = violation.in_replica and not table.spelling.keys_in_replicas
    after = _UP_OF_REPLICA if replaced else _UP
    if kind is ViolationKind.DISABLED_WITH_KEY and table.template_of is None:
        spelling = table.spelling
        fault = (
            f"is deployed with {spelling.enabled_path} set to false and {spelling.key_path} set, "
            f"{NO_PROOF}"
        )
        after = f"{after} {_KEY_IS_CHANGING}"
    elif Trait.UNENCRYPTED in kind.traits:
        fault = f"is deployed without KMS encryption, so DynamoDB encrypts it with {AWS_OWNED_KEY}"
        if kind is ViolationKind.DISABLED and table.template_of is None:
            after = f"{after} {_KEY_IS_CHANGING}"
    else:
        fault = f"is deployed and {fault_of(table, violation)}"
    change = change_for(table, violation, settings)
    return f"{_subject(table)} {fault}.{_notes(finding)}\n{change} {after}"


@_never_raises
def undetermined(finding: Finding) -> str | None:
    """Return the message about tables whose encryption can't be determined; None if it can.

    A new table has no message while only the update knows whether it is encrypted: the SDK reports
    that by itself. A message about a key does not doubt the encryption.
    """
    declaration, verdict = finding.declaration, finding.verdict
    if declaration is None or not isinstance(verdict, Undetermined):
        return None
    cause, tables = verdict.cause, _tables_of(declaration)
    if isinstance(cause, Unknown):
        if verdict.about_key:
            return (
                f"The KMS key of {tables} is not known until the update.\n"
                "Run `pulumi up`, which checks whether the settings accept the key."
            )
        if declaration.not_created_yet:
            return None
        return (
            f"The encryption of {tables} is not known until the update.\n"
            "Run `pulumi up`, which checks it and rejects an AWS owned key."
        )
    path = f" from {one_line('.'.join(cause.path), _LONGEST_PATH)}" if cause.path else ""
    reason = f": {cause.reason}" if isinstance(cause, Hidden) else ""
    if verdict.about_key:
        return f"The KMS key of {tables} can't be checked{path}{reason}.\n{_CHECK_KEY}"
    return f"The encryption of {tables} can't be determined{path}{reason}.\n{_CHECK}"


def wrong_settings(faults: tuple[str, ...]) -> str:
    """Return the message about wrong settings.

    Args:
        faults: what is wrong, a sentence or two for each fault.
    """
    shown = " ".join(faults[:_MOST_FAULTS])
    more = len(faults) - _MOST_FAULTS
    rest = f" There are more errors: {more}." if more > 0 else ""
    return (
        f"{shown}{rest} This policy reports every table until its settings are fixed.\nFix them in "
        "the file that you pass with `--policy-pack-config`, or in the policy group."
    )


def exempt(finding: Finding, exemption: Exemption) -> str:
    """Return the message about an exempt declaration."""
    until = f" until {exemption.expires.isoformat()} (UTC)" if exemption.expires else ""
    subject = "" if finding.declaration is None else _tables_of(finding.declaration)
    verb = "are" if subject.startswith("any DynamoDB tables") else "is"
    reason = one_line(exemption.reason, _LONGEST_REASON)
    return f"{subject[:1].upper()}{subject[1:]} {verb} exempt{until}: {reason}"


def unused(exemption: Exemption) -> str:
    """Return the message about an exemption that covers no table of the stack."""
    return (
        f"{the_exemption(exemption)} matches no DynamoDB table of this stack.\nRemove it from the "
        "setting `exemptions`, or correct its pattern, which must match the whole name or URN."
    )


def the_exemption(exemption: Exemption) -> str:
    """Name an exemption by its patterns, as the start of a sentence."""
    patterns = {"table": exemption.table, "urn": exemption.urn.text if exemption.urn else None}
    named = " and ".join(
        f"{name} {quoted(pattern)}" for name, pattern in patterns.items() if pattern is not None
    )
    return f"The exemption for {named}"


def _without_table(finding: Finding) -> str | None:
    verdict = finding.verdict
    if isinstance(verdict, WrongSettings):
        return wrong_settings(verdict.faults)
    if isinstance(verdict, Failure):
        return _failure(finding.name, verdict.error)
    if isinstance(verdict, Violation):
        return (
            f"{quoted(finding.name)} can't be read: {verdict.detail}, so the encryption of its "
            f"DynamoDB tables can't be checked.{_notes(finding)}\nCorrect it."
        )
    return None


def _failure(name: str, error: str) -> str:
    return (
        f"{quoted(name)} could not be checked, so it is rejected: the policy pack failed with "
        f"{error}. This is a bug in the policy pack, not in your program. Report it with the "
        "resource's declaration."
    )


def _notes(finding: Finding) -> str:
    verdict, exemption = finding.verdict, finding.expired
    notes = ""
    if isinstance(verdict, Violation) and verdict.if_it_exists:
        notes += " The template creates it only under a condition that can't be determined."
    if exemption is not None and exemption.expires is not None:
        notes += (
            f" The table's exemption expired at the end of {exemption.expires.isoformat()} (UTC)."
        )
    return notes


def _tables_of(declaration: Declaration) -> str:
    if isinstance(declaration, Table):
        return _subject(declaration)
    if isinstance(declaration, ConditionalTable):
        return _subject(declaration.cases[0])
    template_of = declaration.template_of if isinstance(declaration, UnreadTables) else None
    return f"any DynamoDB tables of {quoted(declaration.name)}{_in_template(template_of)}"


def _subject(table: Table) -> str:
    kind = "DynamoDB table" if table.encryption is not None else "DynamoDB table replica"
    return f"{kind} {quoted(table.name)}{_in_template(table.template_of)}"


def _in_template(template_of: str | None) -> str:
    return f" in the template of {quoted(template_of)}" if template_of else ""
