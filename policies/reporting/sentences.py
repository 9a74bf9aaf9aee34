"""The sentences that a developer reads when a table is rejected.

Each names the table, what it has and what that means; and, on a line of its own, the change to
make in the property names of the table's own type. The engine prints the policy's description and
the resource's type above, so neither is said again. No value of the program is shown but the
resource's name and a Region: the SDK does not tell a policy which values are secret.

Source for what is said of AWS owned keys, and that a table stays usable while its key changes:
AWS DynamoDB Developer Guide, "DynamoDB encryption at rest" and "Managing encrypted tables in
DynamoDB"; that a replica's key is changed by replacing it: Pulumi Registry,
"aws.dynamodb.TableReplica", and terraform-provider-aws, internal/service/dynamodb/table.go.
"""

from __future__ import annotations

from collections.abc import Callable

from ..encryption import (
    Alternatives,
    Declared,
    Exemption,
    Opaque,
    Settings,
    Table,
    Undetermined,
    Unknown,
    Verdict,
    Violation,
    Why,
    is_region,
    one_line,
)

Sentence = Callable[[Declared, Verdict, Settings], str | None]
"""Makes the message about a verdict; None where there is nothing to say of it."""

AWS_OWNED_KEY = "an AWS owned key, which nobody in your account can see, audit, restrict or revoke"

_LONGEST_NAME = 120
_LONGEST_REASON = 400

_UNENCRYPTED = frozenset(
    {Why.NOT_DECLARED, Why.NOT_ENABLED, Why.DISABLED, Why.DISABLED_WITH_KEY, Why.NOT_SSE_KMS}
)
_WRONG_KEY = frozenset(
    {Why.NOT_A_KMS_KEY, Why.UNFIT_KEY, Why.KEY_IN_ANOTHER_REGION, Why.MALFORMED_KEY}
)


def declared(declaration: Declared, verdict: Verdict, settings: Settings) -> str | None:
    """What to tell the author of a program that declares a table against the rule."""
    if not isinstance(verdict, Violation):
        return None
    if verdict.table is None:
        return _without_table(declaration, verdict, settings)
    fault = _fault(verdict.table, verdict)
    remedy = _remedy(verdict.table, verdict, settings)
    return f"{_subject(verdict.table)} {fault}.{_ended(verdict)}\n{remedy}"


def deployed(declaration: Declared, verdict: Verdict, settings: Settings) -> str | None:
    """What to tell whoever runs a stack in which a table is deployed against the rule."""
    if not isinstance(verdict, Violation):
        return None
    if verdict.table is None:
        return _without_table(declaration, verdict, settings)
    subject, remedy = _subject(verdict.table), _remedy(verdict.table, verdict, settings)
    if declaration.not_created_yet:
        return f"{subject} {_fault(verdict.table, verdict)}.{_ended(verdict)}\n{remedy}"
    more = _UP_OF_REPLICA if verdict.of_replica else _UP
    if verdict.why is Why.DISABLED_WITH_KEY and not verdict.table.within:
        words = verdict.table.wording
        fault = f"is deployed with {words.enabled} false beside {words.key}, {_UNPROVEN}"
        more = f"{more} {_BEING_CHANGED}"
    elif verdict.why in _UNENCRYPTED:
        fault = f"is deployed without KMS encryption: it uses {AWS_OWNED_KEY}"
    else:
        fault = f"is deployed, and {_fault(verdict.table, verdict)}"
    return f"{subject} {fault}.{_ended(verdict)}\n{remedy} {more}"


_UNPROVEN = "so nothing shows that a KMS key encrypts it"
_UP = "Then run `pulumi up`: AWS changes the key in place and the table stays available."
_UP_OF_REPLICA = (
    "Then run `pulumi up`: the replica is made anew with that key, and the table stays available "
    "in its other Regions."
)
# Providers record any SSE status but ENABLED as a switch that is off.
_BEING_CHANGED = (
    "Where the program says so already, the key was being changed when the state was recorded: "
    "run `pulumi refresh` and check again."
)


def undetermined(declaration: Declared, verdict: Verdict, _settings: Settings) -> str | None:
    """What to tell whoever must look at a table himself, since its code or state hides what
    decides. What is only not known yet is told by the SDK, for a table that is still to be created.
    """
    if not isinstance(verdict, Undetermined):
        return None
    if isinstance(verdict.value, Unknown):
        if declaration.not_created_yet:
            return None
        return (
            f"Whether KMS keys encrypt {_of_declaration(declaration)} is not known before the "
            "update.\nRun `pulumi up`: it knows, and rejects an AWS owned key."
        )
    path = ".".join(verdict.value.path)
    source = f"read from {path}" if path else "told here"
    reason = verdict.value.reason
    return (
        f"Whether KMS keys encrypt {_of_declaration(declaration)} can't be {source}: {reason}.\n"
        f"{_LOOK}"
    )


def _without_table(declaration: Declared, violation: Violation, settings: Settings) -> str:
    if violation.why is Why.WRONG_SETTINGS:
        return wrong_settings(settings)
    return unreadable(declaration.name, violation.found, _ended(violation))


def _ended(violation: Violation) -> str:
    """Since when an exemption no longer holds, as a sentence of its own; empty where none ended."""
    if violation.ended is None or violation.ended.expires is None:
        return ""
    return f" Its exemption ended with {violation.ended.expires.isoformat()} (UTC)."


def exempt(declaration: Declared, exemption: Exemption) -> str:
    """What to tell of a table that is not judged."""
    until = f" until {exemption.expires.isoformat()} (UTC)" if exemption.expires else ""
    reason = one_line(exemption.reason, _LONGEST_REASON)
    subject = _of_declaration(declaration)
    verb = "are" if subject.startswith("the DynamoDB tables") else "is"
    return f"{subject[0].upper()}{subject[1:]} {verb} exempt{until}: {reason}"


def unused(exemption: Exemption) -> str:
    """What to tell of an exemption that covers no table of the stack."""
    urn = exemption.urn.text if exemption.urn is not None else None
    patterns = {"table": exemption.table, "urn": urn}
    named = " and ".join(f"{it} {_quoted(to)}" for it, to in patterns.items() if to is not None)
    return (
        f"The exemption of {named} covers no DynamoDB table of this stack.\nRemove it from the "
        "setting exemptions, or correct its pattern, which must match the whole name or URN. One "
        "with the urn of another stack is told in that stack only."
    )


def _of_declaration(declaration: Declared) -> str:
    if isinstance(declaration, Table):
        return _subject(declaration)
    if isinstance(declaration, Alternatives):
        return _subject(declaration.tables[0])
    within = declaration.within if isinstance(declaration, Opaque) else None
    place = f" in the template of {_quoted(within)}" if within else ""
    return f"the DynamoDB tables of {_quoted(declaration.name)}{place}"


_LOOK = (
    "Look at it in AWS: `aws dynamodb describe-table` shows the SSEType KMS of a table that a KMS "
    "key encrypts, and no SSEDescription where an AWS owned key does."
)


def wrong_settings(settings: Settings) -> str:
    """What to tell whoever configured the policy wrongly."""
    faults = "; ".join(settings.faults[:_MOST_FAULTS])
    left = len(settings.faults) - _MOST_FAULTS
    more = f"; and {left} more" if left > 0 else ""
    return (
        "The settings of this policy are wrong, and no DynamoDB table is accepted under wrong "
        f"settings: {faults}{more}.\nCorrect its configuration, in the file that "
        "--policy-pack-config names or in the policy group."
    )


_MOST_FAULTS = 5


def unreadable(name: str, fault: str, ended: str = "") -> str:
    """What to tell the author of a declaration that can't be read, so that nothing shows what
    tables it makes.
    """
    return (
        f"{_quoted(name)} can't be read, so nothing shows that KMS keys encrypt its DynamoDB "
        f"tables: {fault}.{ended}\nCorrect that, or take the tables out of it."
    )


def failed(name: str, error: Exception) -> str:
    """What to tell when the pack itself failed on the resource called `name`."""
    return (
        f"{_quoted(name)} could not be checked, so it is rejected: this policy pack failed with "
        f"{type(error).__name__}. That is a mistake in the pack, not in your program: please "
        "report it with the resource's declaration."
    )


def _subject(table: Table) -> str:
    kind = "DynamoDB table" if table.encryption is not None else "DynamoDB table replica"
    within = f" in the template of {_quoted(table.within)}" if table.within else ""
    return f"{kind} {_quoted(table.name)}{within}"


def _fault(table: Table, violation: Violation) -> str:
    words, found = table.wording, violation.found
    has, place, that = "has", words.key, ""
    if violation.of_replica and table.encryption is not None:
        has = f"has a replica in {_region(violation.region)} with"
        place, that = words.replica_key, "that replica "
    owned = f"so it is encrypted with {AWS_OWNED_KEY}"
    default_key = f"and DynamoDB's default is {AWS_OWNED_KEY}"
    restored = f" ({table.origin} does not stand in for it)" if table.origin else ""
    return {
        Why.NOT_DECLARED: f"declares no {words.block}{restored}, {default_key}",
        Why.NOT_ENABLED: f"does not set {words.enabled}, {default_key}",
        Why.DISABLED: f"sets {words.enabled} to false, {owned}",
        Why.DISABLED_WITH_KEY: (
            f"sets {words.enabled} to false, which switches KMS encryption off whatever "
            f"{words.key} says, {owned}"
        ),
        Why.NOT_SSE_KMS: f"has {found} in {words.sse_type}, which must be KMS",
        Why.NOT_A_KMS_KEY: f"{has} {found} in {place}, which can't encrypt it",
        Why.UNFIT_KEY: (
            f"{has} the key {_quoted(violation.key)}, which is {found}, in {place}: such a key "
            "can't encrypt it"
        ),
        Why.KEY_IN_ANOTHER_REGION: (
            f"{has} a key of {found} in {place}, but {that}is in {violation.region}: a table needs "
            "a key of its own Region"
        ),
        Why.AWS_MANAGED_KEY: (
            f"{has} no customer managed key in {place}, and the AWS managed key aws/dynamodb is "
            "not enough here"
        ),
        Why.KEY_NOT_ALLOWED: f"{has} {found} in {place} that is none of allowedKmsKeys",
        Why.MALFORMED_BLOCK: f"has {found} in {words.block} instead of an object, {_UNPROVEN}",
        Why.MALFORMED_ENABLED: f"has {found} in {words.enabled} instead of true, {_UNPROVEN}",
        Why.MALFORMED_SSE_TYPE: f"has {found} in {words.sse_type} instead of KMS, {_UNPROVEN}",
        Why.MALFORMED_KEY: f"{has} {found} in {place}, which can't name a KMS key",
        Why.MALFORMED_REPLICAS: f"has {found} in {words.replicas} instead of a list of replicas",
        Why.UNREADABLE: found,
        Why.WRONG_SETTINGS: found,
    }[violation.why]


def _remedy(table: Table, violation: Violation, settings: Settings) -> str:
    words = table.wording
    if violation.why is Why.MALFORMED_REPLICAS:
        return f"Write {words.replicas} as a list with an object for each Region."
    if violation.why is Why.KEY_NOT_ALLOWED:
        key = words.replica_key if violation.of_replica and words.replica_key else words.key
        nearest = " or ".join(_quoted(it) for it in violation.nearest)
        return (
            f"Give {key} a key that allowedKmsKeys has, such as {nearest}, or have this one added "
            "to the list."
        )
    if violation.of_replica:
        key = words.replica_key if table.encryption is not None else words.key
        if settings.require_customer_managed_key:
            return f"Give {key} the ARN of a customer managed key of that replica's Region."
        return (
            f"Give {key} the ARN of a symmetric KMS key of that replica's Region. Where the table "
            "names no customer managed key either, leave the replica's key out to use the AWS "
            "managed key aws/dynamodb."
        )
    if settings.require_customer_managed_key:
        return (
            f"Write `{words.remedy_with_key}`, where KEY is the ARN of a customer managed key of "
            "the table's Region."
        )
    if violation.why is Why.DISABLED_WITH_KEY:
        return f"Set {words.enabled} to true to use the key that {words.key} names."
    if violation.why in _WRONG_KEY:
        return (
            f"Give {words.key_name} the ARN of a symmetric KMS key of the table's Region, or leave "
            "it out to use the AWS managed key aws/dynamodb."
        )
    return (
        f"Write `{words.remedy}` to use the AWS managed key aws/dynamodb, and add "
        f"{words.key_name} to use a customer managed key."
    )


def _region(region: str | None) -> str:
    # What is no Region may be anything, a secret among others.
    return region if region is not None and is_region(region) else "another Region"


def _quoted(name: str) -> str:
    return f"'{one_line(name, _LONGEST_NAME)}'"
