"""What is wrong with a table, and what that means: the first line of a message."""

from __future__ import annotations

from dataclasses import replace

from ..encryption.tables import Table
from ..encryption.values import quoted
from ..encryption.verdicts import Violation, ViolationKind
from ..settings.schema import ALLOWED_KMS_KEYS, REQUIRE_CUSTOMER_MANAGED_KEY
from .regions import place_of_replica, shown_region

AWS_OWNED_KEY = "an AWS owned key, which you can't view, audit, restrict, or revoke"
NO_PROOF = "so nothing shows that a KMS key encrypts it"

_MOST_ALTERNATIVES = 3


def fault_of(table: Table, violation: Violation, *, recorded: bool = False) -> str:
    """Return what is wrong with a table, and what that means, as the end of a sentence.

    Args:
        table: the table.
        violation: its violation.
        recorded: whether the properties are the inputs that a state records, which can differ from
            what the program sets.
    """
    if violation.alternatives:
        each = (violation, *violation.alternatives)
        faults = [
            fault_of(other.table or table, replace(other, alternatives=()), recorded=recorded)
            for other in each[:_MOST_ALTERNATIVES]
        ]
        return f"either {', or '.join(faults)}"
    spelling, detail = table.spelling, violation.detail
    block, enabled, sse_type = spelling.block, spelling.enabled_path, spelling.sse_type_path
    key, subject = spelling.key_path, ""
    target = "the replica" if violation.in_replica else "the table"
    if violation.in_replica and table.encryption is not None:
        key = spelling.replica_key_path
        subject = f"has a replica{place_of_replica(violation)} that "
    owned = f"so DynamoDB encrypts it with {AWS_OWNED_KEY}"
    owned_if_new = owned
    if spelling.keeps_key:
        # The provider keeps what is deployed where the program leaves the setting out.
        owned_if_new = f"so DynamoDB encrypts a new table with {AWS_OWNED_KEY}"
    not_set = f"does not set {block}, {owned_if_new}"
    disabled = f"sets {enabled} to false, {owned}"
    disabled_with_key = (
        f"sets {enabled} to false, so {key} has no effect and DynamoDB encrypts the table with "
        f"{AWS_OWNED_KEY}"
    )
    if recorded:
        not_set = f"has no {block} in its recorded inputs, {NO_PROOF}"
        # Providers record each SSE status except ENABLED as disabled.
        disabled = f"has {enabled} set to false in its recorded inputs, {NO_PROOF}"
        disabled_with_key = disabled
    if table.origin:
        not_set = f"does not set {block}, and {table.origin} does not set it either, {NO_PROOF}"
    unusable = quoted(violation.key.name) if violation.key else ""
    return {
        ViolationKind.NO_SETTING: not_set,
        ViolationKind.NOT_ENABLED: f"does not set {enabled}, {owned_if_new}",
        ViolationKind.DISABLED: disabled,
        ViolationKind.DISABLED_WITH_KEY: disabled_with_key,
        ViolationKind.OTHER_SSE_TYPE: f"sets {sse_type} to {detail} instead of KMS, {NO_PROOF}",
        ViolationKind.NOT_A_KMS_KEY: (
            f"{subject}sets {key} to {detail}, which is not a KMS key, so it can't encrypt {target}"
        ),
        ViolationKind.KEY_OF_ANOTHER_SERVICE: (
            f"{subject}sets {key} to {detail}, so it can't encrypt {target}"
        ),
        ViolationKind.UNUSABLE_KEY: (
            f"{subject}sets {key} to the key {unusable}, which is {detail}, so the key can't "
            f"encrypt {target}"
        ),
        ViolationKind.KEY_IN_ANOTHER_REGION: (
            f"{subject}sets {key} to a key in {shown_region(detail) or 'a Region'}, but {target} "
            f"is in {shown_region(violation.region) or 'another Region'}, so the key can't encrypt "
            f"{target}"
        ),
        ViolationKind.KEY_IN_ANOTHER_PARTITION: (
            f"{subject}sets {key} to a key in the partition {detail}, but {target} is in "
            f"{shown_region(violation.region) or 'another partition'}, so the key can't encrypt "
            f"{target}"
        ),
        ViolationKind.AWS_MANAGED_KEY: (
            f"{subject}does not set {key} to a customer managed key, so it does not comply with "
            f"the setting {REQUIRE_CUSTOMER_MANAGED_KEY}"
        ),
        ViolationKind.KEY_NOT_ALLOWED: (
            f"{subject}does not set {key} to a key that {ALLOWED_KMS_KEYS} accepts, so this policy "
            f"does not accept {target}"
        ),
        ViolationKind.BLOCK_OF_WRONG_TYPE: (
            f"sets {block} to {detail} instead of an object, {NO_PROOF}"
        ),
        ViolationKind.ENABLED_OF_WRONG_TYPE: (
            f"sets {enabled} to {detail} instead of true, {NO_PROOF}"
        ),
        ViolationKind.SSE_TYPE_OF_WRONG_TYPE: (
            f"sets {sse_type} to {detail} instead of KMS, {NO_PROOF}"
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
