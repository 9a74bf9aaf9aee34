"""The change that makes a table comply: the second line of a message.

Done literally, a change ends compliant and loses no data.

Sources: AWS DynamoDB API Reference, "SSESpecification" (a key needs SSEType KMS); AWS DynamoDB
Developer Guide, "Global tables: How it works" (replicas share the type of key) and "DynamoDB
encryption at rest usage notes" (a table whose key is disabled is inaccessible); Pulumi, "Resource
option: ignoreChanges".
"""

from __future__ import annotations

from dataclasses import replace

from ..encryption.rule import judge
from ..encryption.settings import RuleSettings
from ..encryption.tables import Table, is_aws_managed
from ..encryption.verdicts import Trait, Violation, ViolationKind
from .code import enabled_code, key_code, setting_code, sse_type_code
from .faults import quoted
from .keys import KeyToWrite, accepts_aws_managed_key, key_to_write, no_key
from .regions import place_of_replica, shown_region

KEEP_OLD_KEY = (
    " If the table is deployed, keep its old key until `aws dynamodb describe-table` shows the new "
    "one."
)


def change_for(
    violation: Violation, table: Table, settings: RuleSettings, *, deployed: bool = False
) -> str:
    """Return the change that makes a table comply under some settings.

    Args:
        violation: the violation.
        table: the table that breaks the rule.
        settings: what the rule accepts.
        deployed: whether the table is deployed, and not only declared.
    """
    spelling, kind = table.spelling, violation.kind
    if kind is ViolationKind.REPLICAS_OF_WRONG_TYPE:
        return f"Set {spelling.replicas} to a list with an object for each Region."
    if violation.in_replica:
        change = _change_of_replica(violation, table, settings, deployed=deployed)
        return _or_enable(violation, change, deployed=deployed)
    if not violation.alternatives:
        completed = _completed(table, kind, settings)
        if completed is not None:
            return completed
    region = None if spelling.keys_in_replicas else table.region
    key = key_to_write(
        settings,
        spelling,
        region,
        "replica" if spelling.keys_in_replicas else "table",
        violation.not_allowed,
    )
    customer = _customer_managed(table, key) if key else None
    wrong_key = bool((Trait.WRONG_KEY | Trait.FROM_SETTINGS) & kind.traits)
    aws_managed = accepts_aws_managed_key(settings, region) and not _has_customer_keys(table)
    if wrong_key:
        leave_out = f" {_without_key(table, deployed=deployed)}" if aws_managed else ""
        change = f"Set {customer}{leave_out}" if customer else f"{no_key(region)}{leave_out}"
        return _or_enable(violation, change, deployed=deployed)
    if not aws_managed:
        return f"Set {customer}" if customer else no_key(region)
    change = f"To use the AWS managed key aws/dynamodb, set `{setting_code(table)}`."
    return f"{change} To use a customer managed key, set {customer}" if customer else change


def delete_no_key(region: str | None = None) -> str:
    """Return the sentence that keeps a table's data: it needs its old key until it has a new one.

    Args:
        region: the Region of the replica whose key changes; None for the table itself.
    """
    shown = shown_region(region)
    option = f" --region {shown}" if shown else ""
    return (
        f" Delete no key before `aws dynamodb describe-table --table-name NAME{option} --query "
        "Table.SSEDescription.KMSMasterKeyArn` shows the new one."
    )


def other_languages(table: Table) -> str:
    """Return where a developer finds the names in their language; empty if all use the same."""
    page = table.spelling.page
    return f" Names in other languages: {page}" if page else ""


def not_ignored(ignored: tuple[str, ...]) -> str:
    """Return what to do about properties that the program's `ignoreChanges` names."""
    if not ignored:
        return ""
    names = " and ".join(f"`{name}`" for name in ignored)
    return (
        f" Also remove {names} from the resource option ignoreChanges, which keeps the old value."
    )


def _customer_managed(table: Table, key: KeyToWrite) -> str:
    """Return the code that sets a customer managed key, and what the key is."""
    spelling = table.spelling
    if spelling.keys_in_replicas:
        return (
            f"`{setting_code(table)}`, and `{key_code(table, key.text)}` in each of "
            f"{spelling.replicas}{key.meaning}.{key.more}"
        )
    also = ""
    if table.replicas and not _all_have_keys(table):
        also = f" Also set {spelling.key} in each of {spelling.replicas}, to a key of its Region."
    return f"`{setting_code(table, key.text)}`{key.meaning}.{also}{key.more}"


def _change_of_replica(
    violation: Violation, table: Table, settings: RuleSettings, *, deployed: bool
) -> str:
    spelling, region = table.spelling, shown_region(violation.region)
    start = "Set"
    if table.encryption is not None:
        start = f"In the replica{place_of_replica(violation)}, set"
    key = key_to_write(settings, spelling, region, "replica", violation.not_allowed)
    if key is None:
        return no_key(region, "replica")
    change = f"{start} `{key_code(table, key.text)}`{key.meaning}.{key.more}"
    if deployed or spelling.keys_in_replicas or not accepts_aws_managed_key(settings, region):
        return change
    if table.encryption is not None and not is_aws_managed(table.encryption.key):
        return change
    return f"{change} If the table uses the AWS managed key, a new replica needs no {spelling.key}."


def _completed(table: Table, kind: ViolationKind, settings: RuleSettings) -> str | None:
    """Return the change if the setting lacks only what enables it, and the declared keys comply."""
    encryption, spelling = table.encryption, table.spelling
    if encryption is None or (Trait.WRONG_KEY | Trait.FROM_SETTINGS) & kind.traits:
        return None
    of_type = kind in (ViolationKind.OTHER_SSE_TYPE, ViolationKind.SSE_TYPE_OF_WRONG_TYPE)
    names_keys = _all_have_keys(table) if spelling.keys_in_replicas else bool(encryption.key)
    if not (names_keys or of_type):
        return None
    sse_type = "KMS" if spelling.sse_type else None
    enabled = encryption.enabled if of_type else True
    after = replace(encryption, block=True, enabled=enabled, sse_type=sse_type)
    completed = replace(table, encryption=after)
    if any(isinstance(verdict, Violation) for verdict in judge(completed, settings)):
        return None
    if of_type:
        return f"Set `{sse_type_code(table)}`."
    if spelling.keys_in_replicas:
        return f"To use the keys of {spelling.replicas}, set `{setting_code(table)}`."
    return f"To use the key in {spelling.key_path}, set {enabled_code(table)}."


def _has_customer_keys(table: Table) -> bool:
    """Return whether the table or a replica may have a customer managed key that it keeps.

    AWS does not accept both kinds of keys in one global table.
    """
    return isinstance(table.replicas, tuple) and any(
        replica.key and not is_aws_managed(replica.key) for replica in table.replicas
    )


def _all_have_keys(table: Table) -> bool:
    replicas = table.replicas
    return isinstance(replicas, tuple) and bool(replicas) and all(each.key for each in replicas)


def _without_key(table: Table, *, deployed: bool) -> str:
    """Return how the table uses the AWS managed key, where it names another key."""
    spelling = table.spelling
    if spelling.keeps_key and deployed:
        return (
            f"To use the AWS managed key aws/dynamodb, leave {spelling.key} out and also run `aws "
            "dynamodb update-table --table-name NAME --sse-specification "
            f"Enabled=true,SSEType=KMS`: without {spelling.key}, the provider keeps the old key."
        )
    if spelling.keeps_key:
        return (
            f"A new table without {spelling.key} uses the AWS managed key aws/dynamodb; a deployed "
            "table keeps its key."
        )
    return f"Without {spelling.key}, the table uses the AWS managed key aws/dynamodb."


def _or_enable(violation: Violation, change: str, *, deployed: bool) -> str:
    """Return a change to another key, after the one that keeps a disabled key."""
    if violation.key is None or not violation.is_of_disabled_key:
        return change
    name, change = quoted(violation.key.name), f"{change[0].lower()}{change[1:]}"
    if not deployed:
        return f"Enable the key {name}. To use another key instead, {change}"
    return (
        f"Enable the key {name} first: a table whose key is disabled becomes inaccessible, and its "
        f"key can't be changed. To use another key after that, {change}"
    )
