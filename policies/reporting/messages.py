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

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Concatenate, ParamSpec

from ..encryption.settings import RuleSettings
from ..encryption.tables import ConditionalTable, Declaration, Table, UnreadTables
from ..encryption.values import Hidden, Unknown, one_line, quoted
from ..encryption.verdicts import Trait, Undetermined, Violation, ViolationKind
from ..exemptions import Exemption
from ..findings import Failure, Finding, WrongSettings
from ..snapshot import Operation
from .aws_commands import describe_key, describe_table, update_table
from .changes import (
    OF_SSE_TYPE,
    Change,
    after_ignoring,
    change_for,
    delete_no_key,
    ignored_entries,
    is_of_key,
    keep_old_key,
    other_languages,
)
from .faults import AWS_OWNED_KEY, NO_PROOF, fault_of

_LONGEST_PATH = 300
_LONGEST_REASON = 400
_MOST_FAULTS = 5

_UP = " Then run `pulumi up`. DynamoDB changes the key in place, and the table stays available."
_UP_OF_REPLICA = (
    " Then run `pulumi up`. A deployed replica is replaced by one with that key, and the table "
    "stays available in its other Regions."
)
_CHANGED_BACK = (
    " If the program sets this already, run `pulumi up`, which deploys the program and changes "
    "back what was changed outside Pulumi."
)
# Providers record each SSE status except ENABLED as disabled.
_KEY_WAS_CHANGING = (
    " If the program sets this already, run `pulumi refresh` first: the key may have been changing "
    "when the state was recorded."
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
    return _declared(finding, settings)


def _declared(finding: Finding, settings: RuleSettings, *, is_new: bool = False) -> str | None:
    violation = finding.verdict
    if not isinstance(violation, Violation) or violation.table is None:
        return _without_table(finding)
    table = violation.table
    is_analysis = finding.operation is Operation.ANALYSIS
    # The engine replaces an ignored property by the one that the state records.
    ignored = ignored_entries(finding.ignored, violation, table)
    recorded = table.template_of is None and (is_analysis or bool(ignored))
    fault = fault_of(table, violation, recorded=recorded)
    change = change_for(violation, table, settings, is_new=is_new)
    more = ""
    if change.replaces_key and not is_new:
        more += keep_old_key(violation, table)
    if is_analysis and table.template_of is None and change.is_possible:
        more += _if_set_already(violation.kind)
    return _message(finding, table, fault, change, more, ignored)


@_never_raises
def deployed(
    finding: Finding,
    settings: RuleSettings,
    *,
    reported_by: str | None = None,
    only_read: bool = False,
) -> str | None:
    """Return the message about a resource that a stack has deployed; None if it is accepted.

    Args:
        finding: the finding.
        settings: what the rule accepts.
        reported_by: the policy that reports the same violation with the change to make.
        only_read: whether the program only reads the resource.
    """
    violation = finding.verdict
    if not isinstance(violation, Violation) or violation.table is None:
        return _without_table(finding)
    table, kind = violation.table, violation.kind
    if reported_by is not None:
        return f"{_subject(table)}: {reported_by} reports this, with the change to make."
    if table.not_created_yet or violation.if_it_exists or violation.alternatives:
        return _declared(finding, settings, is_new=table.not_created_yet)
    fault = _deployed_fault(table, violation, finding.operation)
    if only_read:
        return (
            f"{_subject(table)} {fault}.{_notes(finding)}\nThis program only reads the table. "
            "Change its encryption in the program or tool that manages it."
        )
    change = change_for(violation, table, settings, deployed=True)
    more = ""
    if change.is_possible:
        if violation.in_replica and not table.spelling.keys_in_replicas:
            more = _UP_OF_REPLICA
        else:
            more = " Then run `pulumi up`." if violation.is_of_disabled_key else _UP
    # A key in a setting that is recorded as disabled may be in use.
    may_have_key = is_of_key(violation) or kind is ViolationKind.DISABLED_WITH_KEY
    if change.replaces_key and may_have_key:
        more += delete_no_key(_region(violation, table))
    if change.is_possible and table.template_of is None and Trait.UNENCRYPTED in kind.traits:
        more += _if_set_already(kind)
    ignored = ignored_entries(finding.ignored, violation, table)
    return _message(finding, table, fault, change, more, ignored)


def _region(violation: Violation, table: Table) -> str | None:
    """Return the Region of the table or replica that breaks the rule."""
    return violation.region if violation.in_replica else table.region


def _if_set_already(kind: ViolationKind) -> str:
    """Return what to do if the program sets what the state does not have."""
    disabled = kind in (ViolationKind.DISABLED, ViolationKind.DISABLED_WITH_KEY)
    return _KEY_WAS_CHANGING if disabled else _CHANGED_BACK


def _deployed_fault(table: Table, violation: Violation, operation: Operation) -> str:
    spelling, kind = table.spelling, violation.kind
    # A preview shows what the provider plans.
    is_deployed = "" if operation is Operation.PREVIEW else "is deployed and "
    if kind is ViolationKind.DISABLED_WITH_KEY and table.template_of is None:
        return (
            f"{is_deployed}has {spelling.enabled_path} set to false and {spelling.key_path} set, "
            f"{NO_PROOF}"
        )
    if Trait.UNENCRYPTED in kind.traits:
        without = "has no" if operation is Operation.PREVIEW else "is deployed without"
        return f"{without} KMS encryption, so DynamoDB encrypts it with {AWS_OWNED_KEY}"
    return f"{is_deployed}{fault_of(table, violation)}"


def _message(
    finding: Finding, table: Table, fault: str, change: Change, more: str, ignored: Sequence[str]
) -> str:
    text = after_ignoring(ignored, f"{change.text}{more}{change.instead}")
    languages = other_languages(table) if change.is_possible else ""
    return f"{_subject(table)} {fault}.{_notes(finding)}\n{text}{languages}"


@_never_raises
def keeps_key(finding: Finding) -> str | None:
    """Return the message about a deployed table whose key the program does not name."""
    table = finding.declaration
    if not isinstance(table, Table):
        return None
    return (
        f"{_subject(table)} keeps the KMS key that it was deployed with, because the program does "
        f"not set {table.spelling.key_path}.\nDelete no key before "
        f"`{describe_table(table.region, 'KMSMasterKeyArn')}` shows another one. To keep the key, "
        f"set {table.spelling.key_path} to its ARN. To use the AWS managed key aws/dynamodb, run "
        f"`{update_table(table.region)}`, and then `pulumi refresh`."
    )


@_never_raises
def undetermined(finding: Finding, settings: RuleSettings) -> str | None:
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
        or_key = ", and a key that the settings don't accept" if settings.checks_keys else ""
        return (
            f"The encryption of {tables} is not known until the update.\n"
            f"Run `pulumi up`, which checks it and rejects an AWS owned key{or_key}."
        )
    path = one_line(".".join(cause.path), _LONGEST_PATH)
    reason = f": {one_line(cause.reason, _LONGEST_REASON)}" if isinstance(cause, Hidden) else ""
    table = declaration.cases[0] if isinstance(declaration, ConditionalTable) else declaration
    region = table.region if isinstance(table, Table) else None
    if verdict.about_key:
        manager = ""
        if settings.require_customer_managed_key:
            manager = f", and `{describe_key(region)}` shows CUSTOMER for a customer managed key"
        return (
            f"{_capitalized(tables)} uses a KMS key, but {path or 'the key'} can't be checked"
            f"{reason}.\nCheck it in AWS: `{describe_table(region, 'KMSMasterKeyArn')}` shows the "
            f"ARN of the key{manager}."
        )
    source = f" from {path}" if path else ""
    decided = ""
    if isinstance(declaration, ConditionalTable):
        of_case = declaration.cases[0].switches
        switches = dict.fromkeys((*declaration.switches, *sum(of_case, ())))
        if switches:
            decided = f" In the template, it depends on {' and '.join(switches)}."
    return (
        f"The encryption of {tables} can't be determined{source}{reason}.{decided}\nCheck it in "
        f"AWS: `{describe_table(region)}` shows the SSEType KMS for a KMS key, and null for an AWS "
        "owned key."
    )


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
    return f"{_capitalized(subject)} {verb} exempt{until}: {reason}"


def ends_soon(exemption: Exemption) -> str:
    """Return the message about an exemption that ends soon and covers a table of the stack."""
    ends = exemption.expires.isoformat() if exemption.expires else ""
    return (
        f"{the_exemption(exemption)} ends on {ends} (UTC) and covers tables of this stack: "
        f"{one_line(exemption.reason, _LONGEST_REASON)}\nMake sure that the policies accept these "
        "tables by then, or ask the team that manages the settings to extend the exemption."
    )


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


def _capitalized(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def _without_table(finding: Finding) -> str | None:
    verdict = finding.verdict
    if isinstance(verdict, WrongSettings):
        return wrong_settings(verdict.faults)
    if isinstance(verdict, Failure):
        return _failure(finding.name, verdict.error)
    if isinstance(verdict, Violation):
        detail = one_line(verdict.detail, _LONGEST_REASON)
        return (
            f"{quoted(finding.name)} can't be read: {detail}, so the encryption of its "
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
    if isinstance(verdict, Violation) and verdict.table is not None:
        switches = _switches(verdict, verdict.table)
        if switches:
            one = len(switches) == 1
            notes += (
                f" In the template, {' and '.join(switches)} {'decides' if one else 'decide'} "
                f"this: change {'it' if one else 'them'}, or set the property directly."
            )
    if isinstance(verdict, Violation) and verdict.if_it_exists:
        notes += f" Whether the template creates it depends on {_condition(finding.declaration)}."
    if exemption is not None and exemption.expires is not None:
        notes += (
            f" The table's exemption expired at the end of {exemption.expires.isoformat()} (UTC)."
        )
    return notes


def _switches(violation: Violation, table: Table) -> list[str]:
    """Return what in the template decides that a table breaks the rule."""
    switches = table.switches
    if violation.alternatives:
        return list(dict.fromkeys(sum(switches, ())))
    if is_of_key(violation):
        # The switches are those of all replicas.
        is_one_of_many = isinstance(table.replicas, tuple) and len(table.replicas) > 1
        return [] if violation.in_replica and is_one_of_many else list(switches.key)
    return list(switches.sse_type if violation.kind in OF_SSE_TYPE else switches.enabled)


def _condition(declaration: Declaration | None) -> str:
    """Name the condition that decides whether a table exists."""
    if isinstance(declaration, ConditionalTable) and declaration.switches:
        return f"{' and '.join(declaration.switches)}, which can't be determined"
    return "a condition that can't be determined"


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
