"""The commands that fix a table. They can be pasted in the table's account, and lose no data.

A command names the table by its ARN, so that it changes no table of the same name in another
account.

Sources: Amazon DynamoDB API Reference, "UpdateTable" (a table by its ARN) and "ArchivalSummary"
(the backup of an archived table); hashicorp/terraform-provider-aws, issue 21726 (AWS changes the
customer managed keys of a global table only by ReplicaUpdates, for all replicas); AWS KMS API
Reference, "CancelKeyDeletion" (the key is disabled afterwards) and "ConnectCustomKeyStore"; AWS KMS
Developer Guide, "Importing key material for AWS KMS keys".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from audit.reasons import DELETED, INACCESSIBLE
from audit.results import Answer
from policies.encryption.allowed_keys import Match
from policies.encryption.arns import Arn
from policies.encryption.keys import KmsKey, read_key
from policies.encryption.settings import RuleSettings
from policies.encryption.tables import Table
from policies.encryption.verdicts import Trait, Violation
from policies.reporting.aws_commands import (
    change_key,
    connect_key_store,
    restore_table,
    update_replicas,
    update_table,
)
from policies.reporting.changes import delete_no_key
from policies.reporting.keys import (
    PLACEHOLDER,
    KeyToWrite,
    key_to_write,
    match_aws_managed_key,
    no_key,
)
from policies.settings.schema import ALLOWED_KMS_KEYS

_SEE_GLOBAL_TABLES = "see docs/remediation.md, Encrypt a global table."
_NOT_ALLOWED = (
    f"{ALLOWED_KMS_KEYS} does not accept this key, so change the key of the table after that."
)


class Fix(NamedTuple):
    """How to fix a table.

    Attributes:
        commands: the commands, one on each line; empty if no command fixes it.
        note: sentences about them.
    """

    commands: str = ""
    note: str = ""


def fix_of(
    violations: Sequence[Violation],
    table: Table,
    settings: RuleSettings,
    answer: Answer,
    key: Answer | None,
) -> Fix:
    """Return how to fix a table.

    Args:
        violations: its violations and those of its replicas.
        table: the table.
        settings: what the rule accepts.
        answer: the table as AWS describes it.
        key: the KeyMetadata of its key; None if not known.
    """
    arn = str(answer.get("TableArn"))
    fixes = [_fix_of(violation, table, settings, answer, key, arn) for violation in violations]
    commands = dict.fromkeys(fix.commands for fix in fixes if fix.commands)
    notes = dict.fromkeys(fix.note for fix in fixes if fix.note)
    return Fix("\n".join(commands), " ".join(notes))


def _fix_of(
    violation: Violation, table: Table, settings: RuleSettings, answer: Answer, key: Answer | None,
    arn: str,
) -> Fix:  # fmt: skip
    if violation.in_replica and violation.key is not None:
        return Fix("", "To see what is wrong with the replica's key, audit its account and Region.")
    if violation.in_replica:
        return _of_global_table(table, settings, answer, arn)
    if violation.key is not None:
        fix = _fix_of_key(violation, table, answer, key)
        named = read_key(violation.key.name)
        allowed = settings.allowed_keys
        if violation.key.fault == DELETED or not isinstance(named, KmsKey) or allowed is None:
            return fix
        is_refused = allowed.match(named) is Match.NO
        return fix._replace(note=f"{fix.note} {_NOT_ALLOWED}".strip()) if is_refused else fix
    return _other_key(violation, table, settings, answer, arn)


def _other_key(
    violation: Violation, table: Table, settings: RuleSettings, answer: Answer, arn: str
) -> Fix:
    """Return how to encrypt a table with a key that the settings accept."""
    region = table.region
    key = key_to_write(settings, table.spelling, region, like=violation.not_allowed)
    aws_managed = match_aws_managed_key(settings, region, table.account) is Match.YES
    uses_key = bool((answer.get("SSEDescription") or {}).get("KMSMasterKeyArn"))
    keep = delete_no_key(region, arn) if uses_key else ""
    is_of_key = Trait.FROM_SETTINGS in violation.kind.traits
    is_global = bool(answer.get("Replicas"))
    if aws_managed and not (is_of_key and key):
        note = keep
        if key is not None and not is_global:
            note += (
                f" For a customer managed key, add `,KMSMasterKeyId={key.text}`{key.meaning}."
                f"{key.more}"
            )
        elif key is not None:
            note += f" For customer managed keys, {_SEE_GLOBAL_TABLES}"
        return Fix(update_table(region, arn), note.strip())
    if is_global:
        return _of_global_table(table, settings, answer, arn)
    if key is None:
        return Fix("", no_key(region))
    return Fix(update_table(region, arn, key.text), f"{_meaning(key)}{keep}".strip())


def _of_global_table(table: Table, settings: RuleSettings, answer: Answer, arn: str) -> Fix:
    """Return how to encrypt all replicas of a global table with customer managed keys.

    AWS takes the keys of all replicas at once, and changes no customer managed key of a replica.
    """
    region = table.region or ""
    replicas = [str(each.get("RegionName")) for each in answer["Replicas"]]
    if any(each.get("KMSMasterKeyId") for each in answer["Replicas"]):
        return Fix("", f"To change the keys of a global table, {_SEE_GLOBAL_TABLES}")
    keys: dict[str, str] = {}
    notes: dict[str, None] = {}
    for each in (region, *replicas):
        key = key_to_write(settings, table.spelling, each, "replica")
        if key is None:
            return Fix("", no_key(each, "replica"))
        is_open = key.text == PLACEHOLDER
        keys[each] = f"{PLACEHOLDER}_OF_{each}" if is_open else key.text
        note = key.meaning.removeprefix(f", where {PLACEHOLDER} ") if is_open else ""
        notes[f"{keys[each]} {note}.{key.more}" if is_open else key.more.strip()] = None
    return Fix(update_replicas(region, arn, keys), " ".join(filter(None, notes)))


def _fix_of_key(violation: Violation, table: Table, answer: Answer, key: Answer | None) -> Fix:
    """Return how to make the key of a table usable again. Another key can't decrypt the table."""
    arn, fault = (violation.key.name, violation.key.fault) if violation.key else ("", "")
    region, state = table.region, (key or {}).get("KeyState")
    parsed = Arn.parse(arn)
    foreign = parsed is not None and table.account is not None and parsed.account != table.account
    where = f" The key is in the account {parsed.account}." if parsed and foreign else ""
    archived = _restore(answer, region)
    if state == "Disabled":
        commands, note = change_key("enable-key", arn, region), ""
    elif state in ("PendingDeletion", "PendingReplicaDeletion"):
        commands = "\n".join(
            change_key(action, arn, region) for action in ("cancel-key-deletion", "enable-key")
        )
        note = "A key is disabled after its deletion is canceled, so enable it, too."
    elif state == "PendingImport":
        commands = ""
        note = "Import the same key material into the key again (aws kms import-key-material)."
    elif state == "Unavailable" and (key or {}).get("CustomKeyStoreId"):
        commands = connect_key_store(str((key or {})["CustomKeyStoreId"]), region)
        note = "The key is available when its key store is connected."
    elif fault == INACCESSIBLE:
        commands = ""
        note = (
            "Check that the key is enabled, and that its key policy and its grants let DynamoDB "
            "use it."
        )
    elif fault == DELETED:
        return Fix(
            "",
            "A deleted key can't be restored, and no other key decrypts the table. Restore the "
            "data from a copy that another key encrypts.",
        )
    else:
        commands, note = "", "Make the key usable. Without it, the table can't be decrypted."
        if state == "Unavailable":
            note = "Connect the key store of the key (aws kms connect-custom-key-store)."
    if archived:
        return Fix(
            "\n".join(filter(None, (commands, archived.commands))),
            f"{note}{where} {archived.note}".strip(),
        )
    return Fix(commands, f"{note}{where}".strip())


def _restore(answer: Answer, region: str | None) -> Fix | None:
    """Return how to restore an archived table; None for any other table."""
    backup = (answer.get("ArchivalSummary") or {}).get("ArchivalBackupArn")
    if not backup:
        return None
    name = f"{answer.get('TableName')}-restored"
    return Fix(
        restore_table(region or "", name, str(backup)),
        "Restore the backup after the key is usable. To restore it with the table's own name, "
        "delete the archived table first. Until you delete it, it stays a violation.",
    )


def _meaning(key: KeyToWrite) -> str:
    if key.text != PLACEHOLDER:
        return key.more
    return f"{key.meaning.removeprefix(', where ')}.{key.more}"
