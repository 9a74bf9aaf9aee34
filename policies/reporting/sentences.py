"""The sentences that a developer reads when a table is rejected.

Each names the table, what it has and what that means; and, on a line of its own, the change to
make in the property names of the table's own type. The engine prints the policy's description and
the resource's type above, so neither is said again. No value of the program is shown but the
resource's name: the SDK does not tell a policy which values are secret.

Source for what is said of AWS owned keys, and that a table stays usable while its key changes:
AWS DynamoDB Developer Guide, "DynamoDB encryption at rest" and "Managing encrypted tables in
DynamoDB".
"""

from __future__ import annotations

from collections.abc import Callable

from ..encryption import Hidden, Table, Undetermined, Verdict, Violation, Why

Sentence = Callable[[Table, Verdict], str | None]
"""Makes the message about a table's verdict; None where there is nothing to say of it."""

AWS_OWNED_KEY = "an AWS owned key, which nobody in your account can see, audit, restrict or revoke"

_LONGEST_NAME = 120

_BAD_KEY = (Why.NOT_A_KMS_KEY, Why.MALFORMED_KEY)


def declared(table: Table, verdict: Verdict) -> str | None:
    """What to tell the author of a program that declares `table` against the rule."""
    if not isinstance(verdict, Violation):
        return None
    return f"{_subject(table)} {_fault(table, verdict)}.\n{_remedy(table, verdict)}"


def deployed(table: Table, verdict: Verdict) -> str | None:
    """What to tell whoever runs a stack in which `table` is deployed against the rule."""
    if not isinstance(verdict, Violation):
        return None
    if verdict.why in (Why.NOT_DECLARED, Why.NOT_ENABLED, Why.DISABLED, Why.DISABLED_WITH_KEY):
        fault = f"is deployed without KMS encryption: it uses {AWS_OWNED_KEY}"
    else:
        fault = f"is deployed, and {_fault(table, verdict)}"
    return (
        f"{_subject(table)} {fault}.\n{_remedy(table, verdict)} "
        "Then run `pulumi up`: AWS changes the key in place and the table stays available."
    )


def undetermined(table: Table, verdict: Verdict) -> str | None:
    """What to tell whoever must look at `table` himself, since its code or state hides what
    decides. What is only not known yet is told by the SDK.
    """
    if not (isinstance(verdict, Undetermined) and isinstance(verdict.value, Hidden)):
        return None
    path = ".".join(verdict.value.path)
    return (
        f"Whether a KMS key encrypts {_subject(table)} can't be read from {path}: "
        f"{verdict.value.reason}.\nLook at the table in AWS, or run `pulumi policy analyze` where "
        "the secrets can be decrypted."
    )


def failed(name: str, error: Exception) -> str:
    """What to tell when the pack itself failed on the resource called `name`."""
    return (
        f"{_quoted(name)} could not be checked, so it is rejected: this policy pack failed with "
        f"{type(error).__name__}. That is a mistake in the pack, not in your program: please "
        "report it with the resource's declaration."
    )


def _subject(table: Table) -> str:
    return f"DynamoDB table {_quoted(table.name)}"


def _fault(table: Table, violation: Violation) -> str:
    words, found = table.wording, violation.found
    default_key = f"so it is encrypted with {AWS_OWNED_KEY}"
    unproven = "so nothing shows that a KMS key encrypts it"
    restored = f" ({table.origin} does not stand in for it)" if table.origin else ""
    return {
        Why.NOT_DECLARED: f"declares no {words.block}{restored}, {default_key}",
        Why.NOT_ENABLED: f"does not set {words.enabled}, {default_key}",
        Why.DISABLED: f"sets {words.enabled} to false, {default_key}",
        Why.DISABLED_WITH_KEY: (
            f"sets {words.enabled} to false, and DynamoDB then ignores {words.key}, {default_key}"
        ),
        Why.NOT_A_KMS_KEY: f"has {found} in {words.key}, which can't encrypt it",
        Why.MALFORMED_BLOCK: f"has {found} in {words.block} instead of an object, {unproven}",
        Why.MALFORMED_ENABLED: f"has {found} in {words.enabled} instead of true, {unproven}",
        Why.MALFORMED_KEY: f"has {found} in {words.key}, which can't name a KMS key",
    }[violation.why]


def _remedy(table: Table, violation: Violation) -> str:
    words = table.wording
    if violation.why in _BAD_KEY:
        return (
            f"Give {words.key_name} the ARN of a KMS key, or leave it out to use the AWS managed "
            "key aws/dynamodb."
        )
    return (
        f"Write `{words.remedy}` to use the AWS managed key aws/dynamodb, and add "
        f"{words.key_name} to use a customer managed key."
    )


def _quoted(name: str) -> str:
    # A name is its author's: kept to one line and to what a terminal shows as it is.
    shown = "".join(letter if letter.isprintable() else "\ufffd" for letter in name)
    if len(shown) > _LONGEST_NAME:
        shown = shown[: _LONGEST_NAME - 1] + "…"
    return f"'{shown}'"
