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

from ..encryption.allowed_keys import Match
from ..encryption.keys import AWS_MANAGED_KEY
from ..encryption.rule import is_region
from ..encryption.settings import RuleSettings
from ..encryption.spelling import Spelling
from ..encryption.tables import ConditionalTable, Declaration, Table, UnreadTables
from ..encryption.values import Hidden, Unknown, one_line
from ..encryption.verdicts import Trait, Undetermined, Violation, ViolationKind
from ..exemptions import Exemption
from ..findings import Failure, Finding, WrongSettings

AWS_OWNED_KEY = "an AWS owned key, which you can't view, audit, restrict, or revoke"

_LONGEST_NAME = 120
_LONGEST_PATH = 300
_LONGEST_REASON = 400
_MOST_FAULTS = 5

_NO_PROOF = "so nothing shows that a KMS key encrypts it"
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
    fault = f"{_subject(table)} {_fault(table, violation)}.{_notes(finding)}"
    return f"{fault}\n{_change(table, violation, settings)}"


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
            f"{_NO_PROOF}"
        )
        after = f"{after} {_KEY_IS_CHANGING}"
    elif Trait.UNENCRYPTED in kind.traits:
        fault = f"is deployed without KMS encryption, so DynamoDB encrypts it with {AWS_OWNED_KEY}"
        if kind is ViolationKind.DISABLED and table.template_of is None:
            after = f"{after} {_KEY_IS_CHANGING}"
    else:
        fault = f"is deployed and {_fault(table, violation)}"
    change = _change(table, violation, settings)
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
    urn = exemption.urn.text if exemption.urn is not None else None
    patterns = {"table": exemption.table, "urn": urn}
    named = " and ".join(
        f"{name} {_quoted(pattern)}" for name, pattern in patterns.items() if pattern is not None
    )
    return (
        f"The exemption for {named} matches no DynamoDB table of this stack.\nRemove it from the "
        "setting `exemptions`, or correct its pattern, which must match the whole name or URN. An "
        "exemption whose urn names another stack is reported only in that stack."
    )


def _without_table(finding: Finding) -> str | None:
    verdict = finding.verdict
    if isinstance(verdict, WrongSettings):
        return wrong_settings(verdict.faults)
    if isinstance(verdict, Failure):
        return _failure(finding.name, verdict.error)
    if isinstance(verdict, Violation):
        return (
            f"{_quoted(finding.name)} can't be read: {verdict.detail}, so the encryption of its "
            f"DynamoDB tables can't be checked.{_notes(finding)}\nCorrect it."
        )
    return None


def _failure(name: str, error: str) -> str:
    return (
        f"{_quoted(name)} could not be checked, so it is rejected: the policy pack failed with "
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
    return f"any DynamoDB tables of {_quoted(declaration.name)}{_in_template(template_of)}"


def _subject(table: Table) -> str:
    kind = "DynamoDB table" if table.encryption is not None else "DynamoDB table replica"
    return f"{kind} {_quoted(table.name)}{_in_template(table.template_of)}"


def _in_template(template_of: str | None) -> str:
    return f" in the template of {_quoted(template_of)}" if template_of else ""


def _fault(table: Table, violation: Violation) -> str:
    spelling, detail = table.spelling, violation.detail
    block, enabled, sse_type = spelling.block, spelling.enabled_path, spelling.sse_type_path
    key, subject = spelling.key_path, ""
    target = "the replica" if violation.in_replica else "the table"
    if violation.in_replica and table.encryption is not None:
        key = spelling.replica_key_path
        subject = f"has a replica in {_region(violation.region)} that "
    owned = f"so DynamoDB encrypts it with {AWS_OWNED_KEY}"
    not_set = f"does not set {block}, {owned}"
    if table.origin:
        not_set = f"does not set {block}, and {table.origin} does not set it either, {_NO_PROOF}"
    not_allowed = f"uses {detail}, which" if detail else f"sets {key} to a key that"
    unusable = _quoted(violation.key.name) if violation.key else ""
    return {
        ViolationKind.NO_SETTING: not_set,
        ViolationKind.NOT_ENABLED: f"does not set {enabled}, {owned}",
        ViolationKind.DISABLED: f"sets {enabled} to false, {owned}",
        ViolationKind.DISABLED_WITH_KEY: (
            f"sets {enabled} to false, so {key} has no effect and DynamoDB encrypts the table with "
            f"{AWS_OWNED_KEY}"
        ),
        ViolationKind.OTHER_SSE_TYPE: f"sets {sse_type} to {detail} instead of KMS, {_NO_PROOF}",
        ViolationKind.NOT_A_KMS_KEY: (
            f"{subject}sets {key} to {detail}, which is not a KMS key, so it can't encrypt {target}"
        ),
        ViolationKind.UNUSABLE_KEY: (
            f"{subject}sets {key} to the key {unusable}, which is {detail}, so the key can't "
            f"encrypt {target}"
        ),
        ViolationKind.KEY_IN_ANOTHER_REGION: (
            f"{subject}sets {key} to a key in {detail}, but {target} is in {violation.region}, so "
            f"the key can't encrypt {target}"
        ),
        ViolationKind.KEY_IN_ANOTHER_PARTITION: (
            f"{subject}sets {key} to a key in the partition {detail}, but {target} is in "
            f"{violation.region}, so the key can't encrypt {target}"
        ),
        ViolationKind.AWS_MANAGED_KEY: (
            f"{subject}does not set {key} to a customer managed key, so it does not comply with "
            "the setting requireCustomerManagedKey"
        ),
        ViolationKind.KEY_NOT_ALLOWED: (
            f"{subject}{not_allowed} is not in allowedKmsKeys, so this policy does not accept it"
        ),
        ViolationKind.BLOCK_OF_WRONG_TYPE: (
            f"sets {block} to {detail} instead of an object, {_NO_PROOF}"
        ),
        ViolationKind.ENABLED_OF_WRONG_TYPE: (
            f"sets {enabled} to {detail} instead of true, {_NO_PROOF}"
        ),
        ViolationKind.SSE_TYPE_OF_WRONG_TYPE: (
            f"sets {sse_type} to {detail} instead of KMS, {_NO_PROOF}"
        ),
        ViolationKind.KEY_OF_WRONG_TYPE: (
            f"{subject}sets {key} to {detail}, which can't name a KMS key, so no KMS key encrypts "
            f"{target}"
        ),
        ViolationKind.REPLICAS_OF_WRONG_TYPE: (
            f"sets {spelling.replicas} to {detail} instead of a list of replicas, so the "
            "encryption of the replicas can't be checked"
        ),
        ViolationKind.INVALID_DECLARATION: detail,
    }[violation.kind]


def _change(table: Table, violation: Violation, settings: RuleSettings) -> str:
    spelling, kind = table.spelling, violation.kind
    if kind is ViolationKind.REPLICAS_OF_WRONG_TYPE:
        return f"Set {spelling.replicas} to a list with an object for each Region."
    key = spelling.replica_key_path if violation.in_replica else spelling.key_path
    if kind is ViolationKind.KEY_NOT_ALLOWED:
        nearest = " and ".join(map(_quoted, _nearest_keys(violation, settings)))
        return (
            f"Set {key} to a key that matches an entry of allowedKmsKeys. The most similar entries "
            f"are {nearest}."
        )
    kind_of_key = _kind_of_key(settings)
    aws_managed = _accepts_aws_managed_key(settings)
    if violation.in_replica:
        change = f"Set {key} to the ARN of {kind_of_key} in the replica's Region."
        other = "no other replica has" if spelling.keys_in_replicas else "the table does not have"
        leave_out = (
            f" If {other} a customer managed key, leave the replica's key out to use the AWS "
            "managed key aws/dynamodb."
        )
        return f"{change}{leave_out if aws_managed else ''}"
    of_sse_type = kind in (ViolationKind.OTHER_SSE_TYPE, ViolationKind.SSE_TYPE_OF_WRONG_TYPE)
    if of_sse_type and aws_managed:
        return f"Set {spelling.sse_type_path} to KMS."
    if kind is ViolationKind.DISABLED_WITH_KEY and aws_managed:
        return f"To use the key in {key}, set {spelling.enabled_path} to true."
    if not aws_managed:
        place = "each replica" if spelling.keys_in_replicas else "the table"
        return (
            f"Set `{spelling.code(with_key=True)}`, where KEY is the ARN of {kind_of_key} in "
            f"{place}'s Region."
        )
    if Trait.WRONG_KEY in kind.traits:
        return (
            f"Set {spelling.key_to_add} to the ARN of {kind_of_key} in the table's Region, or "
            "leave it out to use the AWS managed key aws/dynamodb."
        )
    sse_type = f"{spelling.sse_type} to KMS, and " if _needs_sse_type(spelling) else ""
    for_each = " of each replica" if spelling.keys_in_replicas else ""
    key = f"{spelling.key_to_add}{for_each}"
    also = f"{sse_type}{key} to the ARN of the key" if sse_type else key
    return (
        f"To use the AWS managed key aws/dynamodb, set `{spelling.code()}`. To use a customer "
        f"managed key, also set {also}."
    )


def _accepts_aws_managed_key(settings: RuleSettings) -> bool:
    if settings.require_customer_managed_key:
        return False
    allowed = settings.allowed_keys
    return allowed is None or allowed.match(AWS_MANAGED_KEY) is not Match.NO


def _kind_of_key(settings: RuleSettings) -> str:
    if settings.allowed_keys is not None:
        return "a key that allowedKmsKeys allows"
    if settings.require_customer_managed_key:
        return "a customer managed key"
    return "a symmetric encryption KMS key"


def _needs_sse_type(spelling: Spelling) -> bool:
    return bool(spelling.sse_type) and not spelling.keys_in_replicas


def _nearest_keys(violation: Violation, settings: RuleSettings) -> tuple[str, ...]:
    if violation.not_allowed is None or settings.allowed_keys is None:
        return ()
    return settings.allowed_keys.nearest(violation.not_allowed)


def _region(region: str | None) -> str:
    # A text that does not look like a Region can be anything, such as a secret.
    return region if region is not None and is_region(region) else "another Region"


def _quoted(name: str) -> str:
    return f"'{one_line(name, _LONGEST_NAME)}'"
