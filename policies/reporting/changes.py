"""The change that makes a table comply: the second line of a message.

Done literally, a change ends compliant and loses no data.

Sources: AWS DynamoDB API Reference, "SSESpecification" (a key needs SSEType KMS); AWS DynamoDB
Developer Guide, "Global tables: How it works" (replicas share the type of key) and "DynamoDB
encryption at rest usage notes" (a table whose key is disabled is inaccessible); Pulumi, "Resource
option: ignoreChanges".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from ..encryption.allowed_keys import Match
from ..encryption.keys import KeyManager
from ..encryption.rule import judge
from ..encryption.settings import RuleSettings
from ..encryption.tables import Table, is_aws_managed
from ..encryption.values import one_line, quoted
from ..encryption.verdicts import Trait, Violation, ViolationKind
from .aws_commands import NAME, describe_table, update_table
from .code import enabled_code, key_code, setting_code, sse_type_code
from .keys import KeyToWrite, key_to_write, match_aws_managed_key, no_key
from .regions import place_of_replica, shown_region

OF_SSE_TYPE = (ViolationKind.OTHER_SSE_TYPE, ViolationKind.SSE_TYPE_OF_WRONG_TYPE)
"""The violations that are about the type of encryption."""


_DOCUMENTS = ("templateBody", "desiredState", "properties")
"""The properties of resources that declare their tables in a document."""

_LONGEST_ENTRY = 120


class Change(NamedTuple):
    """The change that makes a table comply.

    Attributes:
        text: the change, as sentences.
        replaces_key: whether the table may have another key than it has now.
        is_possible: whether the settings allow a key that the table can use.
        instead: another change to end with, as a sentence.
    """

    text: str
    replaces_key: bool = True
    is_possible: bool = True
    instead: str = ""


def is_of_key(violation: Violation) -> bool:
    """Return whether a violation is about the key of a table that enables KMS encryption."""
    return bool((Trait.WRONG_KEY | Trait.FROM_SETTINGS) & violation.kind.traits)


def change_for(
    violation: Violation,
    table: Table,
    settings: RuleSettings,
    *,
    deployed: bool = False,
    is_new: bool = False,
) -> Change:
    """Return the change that makes a table comply under some settings.

    Args:
        violation: the violation.
        table: the table that breaks the rule.
        settings: what the rule accepts.
        deployed: whether the table is certainly deployed.
        is_new: whether the table is certainly not deployed yet.
    """
    if violation.alternatives:
        first, *others = (
            _change_of_one(each, each.table or table, settings, deployed=deployed, is_new=is_new)
            for each in (replace(violation, alternatives=()), *violation.alternatives)
        )
        more = dict.fromkeys(other.text for other in others if other.text != first.text)
        return first._replace(text=" ".join((first.text, *more)))
    completed = _completed(table, violation, settings)
    return completed or _change_of_one(violation, table, settings, deployed=deployed, is_new=is_new)


def _change_of_one(
    violation: Violation, table: Table, settings: RuleSettings, *, deployed: bool, is_new: bool
) -> Change:
    spelling = table.spelling
    if violation.kind is ViolationKind.REPLICAS_OF_WRONG_TYPE:
        text = f"Set {spelling.replicas} to a list with an object for each Region."
        return Change(text, replaces_key=False)
    if violation.in_replica:
        change = _change_of_replica(violation, table, settings, deployed=deployed)
    else:
        change = _change_of_table(violation, table, settings, deployed=deployed)
    return _or_enable(violation, change, is_new=is_new)


def _change_of_table(
    violation: Violation, table: Table, settings: RuleSettings, *, deployed: bool
) -> Change:
    spelling, kind = table.spelling, violation.kind
    region = None if spelling.keys_in_replicas else table.region
    owner = "replica" if spelling.keys_in_replicas else "table"
    key = key_to_write(settings, spelling, region, owner, violation.not_allowed)
    # A replica without its own key has its own violation, where the settings reject the table's.
    with_replicas = Trait.FROM_SETTINGS not in kind.traits
    customer = _customer_managed(table, key, settings, with_replicas=with_replicas) if key else ""
    match = match_aws_managed_key(settings, region, table.account)
    aws_managed = match is Match.YES or (match is Match.MAYBE and not customer)
    aws_managed = aws_managed and not _has_customer_keys(table)
    if is_of_key(violation) or not aws_managed:
        instead = _without_key(table, deployed=deployed) if aws_managed else ""
        text = f"Set {customer}" if customer else no_key(region)
        replaces_key = kind is not ViolationKind.AWS_MANAGED_KEY and (
            violation.not_allowed is None or violation.not_allowed.manager is not KeyManager.AWS
        )
        return Change(text, replaces_key, bool(customer), instead)
    text = f"To use the AWS managed key aws/dynamodb, set `{setting_code(table)}`."
    if customer:
        text += f" To use a customer managed key, set {customer}"
    return Change(text)


def keep_old_key(violation: Violation, table: Table) -> str:
    """Return the sentence that keeps a table's data, if the table is deployed."""
    if is_of_key(violation):
        return (
            " If the table is deployed, keep its old key until `aws dynamodb describe-table` shows "
            "the new one."
        )
    if not table.spelling.keeps_key:
        return ""
    return (
        " A deployed table keeps the key that it has: delete no key before `aws dynamodb "
        "describe-table` shows another one."
    )


def delete_no_key(region: str | None, name: str = NAME) -> str:
    """Return the sentence that keeps a table's data: it needs its old key until it has a new one.

    Args:
        region: the Region of the table, or of the replica whose key changes.
        name: the table's name or ARN.
    """
    command = describe_table(region, "KMSMasterKeyArn", name)
    return f" Delete no key before `{command}` shows the new one."


def other_languages(table: Table) -> str:
    """Return where a developer finds the names in their language; empty if all use the same."""
    page = table.spelling.page
    return f" Names in other languages: {page}" if page else ""


def ignored_entries(ignored: Sequence[str], violation: Violation, table: Table) -> list[str]:
    """Return the entries of `ignoreChanges` that keep a violation.

    Args:
        ignored: the entries, each the path of a property, such as `tags.team` or `["tags"]`.
        violation: the violation.
        table: the table that breaks the rule.
    """
    spelling = table.spelling
    # The property of the table, or of the document that declares it.
    decisive = {spelling.replicas if violation.in_replica else spelling.block, *_DOCUMENTS, "*"}
    if table.encryption is None:
        decisive.add(spelling.key)
    if any(table.switches):
        decisive.add("parameters")
    return [
        f"`{one_line(entry, _LONGEST_ENTRY)}`"
        for entry in ignored
        if re.split(r"[.\[\]]", entry.replace('"', "").lstrip("["))[0] in decisive
    ]


def after_ignoring(entries: Sequence[str], change: str) -> str:
    """Return a change, after what to do about entries of `ignoreChanges`."""
    if not entries:
        return change
    return (
        f"Remove {' and '.join(entries)} from the resource option ignoreChanges (ignore_changes in "
        f"Python), which keeps the old value. Unless the program sets it already: {change}"
    )


def _customer_managed(
    table: Table, key: KeyToWrite, settings: RuleSettings, *, with_replicas: bool
) -> str:
    """Return the code that sets a customer managed key, and what the key is."""
    spelling = table.spelling
    if spelling.keys_in_replicas:
        return (
            f"`{setting_code(table)}`, and `{key_code(table, key.text)}` in each of "
            f"{spelling.replicas}{key.meaning}.{key.more}"
        )
    of_replicas = _keys_of_replicas(table, settings) if with_replicas else ""
    return f"`{setting_code(table, key.text)}`{key.meaning}.{key.more}{of_replicas}"


def _keys_of_replicas(table: Table, settings: RuleSettings) -> str:
    """Return what to set in the replicas without a key, where the table has a customer managed key.

    AWS does not accept both kinds of keys in one global table.
    """
    spelling, text = table.spelling, ""
    if not isinstance(table.replicas, tuple):
        return f" With that key, each of {spelling.replicas} also needs a key of its Region."
    for replica in table.replicas:
        if not replica.key:
            key = key_to_write(settings, spelling, replica.region, "replica")
            region = shown_region(replica.region)
            where = f" in {region}" if region else ""
            text += (
                f" With that key, also set `{key_code(table, key.text)}` in the replica{where}"
                f"{key.meaning}."
                f"{key.more}"
                if key
                else f" {no_key(replica.region, 'replica')}"
            )
    return text


def _change_of_replica(
    violation: Violation, table: Table, settings: RuleSettings, *, deployed: bool
) -> Change:
    spelling = table.spelling
    start = "Set"
    if table.encryption is not None:
        start = f"In the replica{place_of_replica(violation)}, set"
    key = key_to_write(settings, spelling, violation.region, "replica", violation.not_allowed)
    replaces_key = violation.kind is not ViolationKind.AWS_MANAGED_KEY
    if key is None:
        return Change(no_key(violation.region, "replica"), replaces_key, is_possible=False)
    text = f"{start} `{key_code(table, key.text)}`{key.meaning}.{key.more}"
    may_leave_out = (
        not deployed
        and not spelling.keys_in_replicas
        and match_aws_managed_key(settings, violation.region) is Match.YES
        and (table.encryption is None or is_aws_managed(table.encryption.key))
    )
    if may_leave_out:
        text += f" If the table uses the AWS managed key, a new replica needs no {spelling.key}."
    return Change(text, replaces_key)


def _completed(table: Table, violation: Violation, settings: RuleSettings) -> Change | None:
    """Return the change if the setting lacks only what enables it, and the declared keys comply."""
    encryption, spelling, kind = table.encryption, table.spelling, violation.kind
    if encryption is None or violation.in_replica or is_of_key(violation):
        return None
    of_type = kind in OF_SSE_TYPE
    names_keys = _all_have_keys(table) if spelling.keys_in_replicas else bool(encryption.key)
    if not (names_keys or of_type) or kind is ViolationKind.REPLICAS_OF_WRONG_TYPE:
        return None
    if table.replicas and not _all_have_keys(table) and not is_aws_managed(encryption.key):
        return None  # AWS does not accept both kinds of keys in one global table.
    sse_type = "KMS" if spelling.sse_type else None
    enabled = encryption.enabled if of_type else True
    after = replace(encryption, block=True, enabled=enabled, sse_type=sse_type)
    completed = replace(table, encryption=after)
    if any(isinstance(verdict, Violation) for verdict in judge(completed, settings)):
        return None
    if of_type:
        text = f"Set `{sse_type_code(table)}`."
    elif spelling.keys_in_replicas:
        text = f"To use the keys of {spelling.replicas}, set `{setting_code(table)}`."
    else:
        text = f"To use the key in {spelling.key_path}, set {enabled_code(table)}."
    return Change(text, replaces_key=False)


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
            f" To use the AWS managed key aws/dynamodb instead, leave {spelling.key} out, run "
            f"`{update_table(table.region)}`, wait until the table's SSEDescription.Status is "
            f"ENABLED, and run `pulumi refresh`: without {spelling.key}, the provider keeps the "
            "old key."
        )
    if spelling.keeps_key:
        return (
            f" A new table without {spelling.key} uses the AWS managed key aws/dynamodb; a "
            "deployed table keeps its key."
        )
    return f" Without {spelling.key}, the table uses the AWS managed key aws/dynamodb."


def _or_enable(violation: Violation, change: Change, *, is_new: bool) -> Change:
    """Return a change to another key, after the one that keeps a disabled key."""
    if violation.key is None or not violation.is_of_disabled_key:
        return change
    enable = f"Enable the key {quoted(violation.key.name)}"
    another = "To use another key instead, "
    if not is_new:
        enable += (
            " first: a table whose key is disabled becomes inaccessible, and its key can't be "
            "changed"
        )
        another = "To use another key after that, "
    if not change.is_possible:
        return change._replace(text=f"{enable}. For another key: {change.text}")
    return change._replace(text=f"{enable}. {another}{change.text[0].lower()}{change.text[1:]}")
