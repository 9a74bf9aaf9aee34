"""From what AWS shows about a table to a finding: the pack's rule and exemptions judge the table.

DescribeTable's answer has the shape of the "TableDescription" in the Amazon DynamoDB API Reference.
AWS Config's record is converted to the same shape before it gets here.

Sources: Amazon DynamoDB API Reference, "TableDescription", "SSEDescription" and
"ReplicaDescription"; AWS KMS API Reference, "KeyMetadata"; AWS DynamoDB Developer Guide,
"DynamoDB encryption at rest usage notes" (a table whose key can't be used becomes inaccessible, and
is archived later) and "Encrypting global tables" (replicas share the type of key).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from audit.fixes import Fix, fix_of
from audit.reasons import (
    DELETED,
    INACCESSIBLE,
    of_exemption,
    of_expired,
    of_undetermined,
    of_violations,
    time_of,
    used,
    what_encrypts,
)
from audit.results import Answer, Evidence, Finding, Key, KeyType, Verdict
from policies.encryption.allowed_keys import Match
from policies.encryption.arns import Arn
from policies.encryption.keys import (
    KeyManager,
    KmsKey,
    UncheckedKey,
    UnusableKey,
    is_usable_in_state,
    read_key,
    why_unusable,
    why_unusable_in_state,
)
from policies.encryption.rule import judge
from policies.encryption.settings import RuleSettings
from policies.encryption.spelling import Spelling
from policies.encryption.tables import Encryption, KeyReference, Replica, Table
from policies.encryption.values import Hidden, one_line
from policies.encryption.verdicts import Undetermined, Violation
from policies.settings.settings import Settings

SPELLING = Spelling(
    block="SSESpecification",
    enabled="Enabled",
    sse_type="SSEType",
    key="KMSMasterKeyId",
    replicas="Replicas",
    replica_region="RegionName",
)
"""How the API spells what encrypts a table."""

_INACCESSIBLE_STATUSES = ("INACCESSIBLE_ENCRYPTION_CREDENTIALS", "ARCHIVING", "ARCHIVED")
_PASSING = ("CREATING", "DELETING")
"""The statuses in which AWS does not show the whole table."""
_OFF = ("DISABLED", "DISABLING")
_SHOWN = 400


@dataclass(frozen=True)
class Place:
    """Where a table is.

    Attributes:
        account: the account's ID.
        region: the Region.
        partition: the partition, such as "aws".
        regions: the Regions that the audit reads. A replica in another one is judged with the
            table, because it has no finding of its own.
    """

    account: str
    region: str
    partition: str
    regions: Collection[str] = ()

    def arn_of(self, table: str) -> str:
        """Return the ARN of a table."""
        return f"arn:{self.partition}:dynamodb:{self.region}:{self.account}:table/{table}"


@dataclass(frozen=True)
class KeyDescription:
    """What AWS shows about a table's key.

    Attributes:
        metadata: the KeyMetadata of DescribeKey; None if AWS did not show it.
        refusal: why AWS did not show it, or aliases that matter, as a clause.
        advice: what to do about a refusal, as a sentence; can be empty.
        failed: whether the refusal is an error, and AWS did not deny access.
        is_deleted: whether there is no such key any more.
        aliases: the key's aliases; None if not known.
    """

    metadata: Answer | None = None
    refusal: str = ""
    advice: str = ""
    failed: bool = False
    is_deleted: bool = False
    aliases: tuple[str, ...] | None = None


def key_arn_of(table: Answer) -> str | None:
    """Return the ARN of a table's key; None if AWS shows none, as for an AWS owned key."""
    arn = (table.get("SSEDescription") or {}).get("KMSMasterKeyArn")
    return str(arn) if arn else None


def answer_of(table: Answer, key: KeyDescription | None) -> dict[str, Any]:
    """Return AWS's answers about a table and its key, for the evidence.

    Args:
        table: the table's description.
        key: what AWS shows about its key; None if it has none.
    """
    answer: dict[str, Any] = {"Table": table}
    if key is None:
        return answer
    if key.metadata is not None:
        answer["KeyMetadata"] = key.metadata
    if key.aliases is not None:
        answer["Aliases"] = key.aliases
    if key.refusal:
        answer["Error"] = key.refusal
    return answer


def needs_aliases(arn: str, key: KeyDescription, settings: RuleSettings, account: str) -> bool:
    """Return whether only a key's aliases show if the list of allowed keys has it.

    Args:
        arn: the key's ARN.
        key: what AWS shows about it.
        settings: what the rule accepts.
        account: the account of the table. KMS does not show the aliases of keys
            of another account.
    """
    named = _named(arn, key)
    return (
        settings.allowed_keys is not None
        and key.aliases is None
        and named is not None
        and named.account == account
        and settings.allowed_keys.match(named) is Match.MAYBE
    )


def judge_table(
    place: Place, table: Answer, key: KeyDescription | None, settings: Settings, evidence: Evidence
) -> Finding:
    """Judge a table that AWS describes.

    Args:
        place: where the table is.
        table: the table's description.
        key: what AWS shows about its key; None if it has none.
        settings: the settings of the audit.
        evidence: what the finding relies on.
    """
    name = str(table.get("TableName", ""))
    arn = str(table.get("TableArn") or place.arn_of(name))
    exemption = settings.exemptions.covering(name, "", arn)
    judged = _judged(place, table, key, settings.rule, name, arn, evidence)
    if key is not None and key.failed and judged.verdict is Verdict.UNDETERMINED:
        judged = replace(judged, verdict=Verdict.NOT_READ)
    if exemption is None:
        return judged
    if exemption.expired:
        if judged.verdict is not Verdict.VIOLATION:
            return judged
        return replace(judged, reason=f"{judged.reason}{of_expired(exemption)}")
    reason = of_exemption(exemption, judged.reason)
    return replace(
        judged, verdict=Verdict.EXEMPT, reason=reason, fix="", fix_note="",
        exemption=used(exemption),
    )  # fmt: skip


def _judged(
    place: Place, table: Answer, key: KeyDescription | None, settings: RuleSettings, name: str,
    arn: str, evidence: Evidence,
) -> Finding:  # fmt: skip
    """Return the finding about a table that no exemption covers."""
    shown = _shown_key(table, key)
    declared = _table(place, table, key, shown)
    verdicts = judge(declared, settings)
    violations = [verdict for verdict in verdicts if isinstance(verdict, Violation)]
    verdict, reason, fix = Verdict.COMPLIANT, what_encrypts(shown), Fix()
    if violations:
        verdict, reason = Verdict.VIOLATION, of_violations(violations, table, shown)
        metadata = key.metadata if key else None
        fix = fix_of(violations, declared, settings, {**table, "TableArn": arn}, metadata)
    elif isinstance(verdicts[0], Undetermined):
        verdict, reason = Verdict.UNDETERMINED, of_undetermined(verdicts[0], shown)
        fix = Fix(note=_advice(verdicts[0], key))
    return Finding(
        place.account, place.region, name, arn, verdict, reason, fix.commands, fix.note, shown,
        evidence,
    )  # fmt: skip


def _advice(verdict: Undetermined, key: KeyDescription | None) -> str:
    """Return what to do about a table that is undetermined; empty if the reason says it."""
    if not verdict.about_key:
        return "Run the audit again when AWS has finished the change."
    if key is None or key.advice or key.metadata is None:
        return key.advice if key else ""
    is_changing = not is_usable_in_state(str(key.metadata.get("KeyState", "")))
    return "Run the audit again when the key is enabled." if is_changing else ""


def not_read(place: Place, name: str, reason: str, evidence: Evidence) -> Finding:
    """Return the finding about a table that was listed and could not be read.

    Args:
        place: where the table is.
        name: its name.
        reason: why, as a sentence.
        evidence: AWS's answer, if there was one.
    """
    return Finding(
        place.account, place.region, name, place.arn_of(name), Verdict.NOT_READ, reason, "", "",
        Key(), evidence,
    )  # fmt: skip


def _table(place: Place, table: Answer, key: KeyDescription | None, shown: Key) -> Table:
    """Return a table that AWS describes as the rule sees it."""
    return Table(
        str(table.get("TableName", "")),
        _encryption(table, key),
        SPELLING,
        tuple(_replicas(place, table, shown)),
        place.region,
        account=place.account,
    )


def _encryption(table: Answer, key: KeyDescription | None) -> Encryption:
    description = table.get("SSEDescription")
    if _inaccessible(table) and not description:
        return Encryption(True, True, _inaccessible_key(table, key))
    if not description and table.get("TableStatus") in _PASSING:
        passing = Hidden(f"its TableStatus is {table['TableStatus']}")
        return Encryption(True, passing, passing)
    if not description:
        return Encryption()
    status = description.get("Status")
    if status in _OFF:
        return Encryption(True, False)
    if _inaccessible(table):
        return Encryption(True, True, _inaccessible_key(table, key))
    if status != "ENABLED":
        why = "AWS does not show its SSEDescription.Status"
        if status:
            shown = one_line(str(status), _SHOWN)
            why = f"AWS is changing it (SSEDescription.Status is {shown})"
        return Encryption(True, Hidden(why), Hidden(why))
    return Encryption(True, True, _reference(table, key), description.get("SSEType"))


def _reference(table: Answer, key: KeyDescription | None) -> KeyReference:
    arn = key_arn_of(table)
    if arn is None:
        return UncheckedKey(KmsKey(KeyManager.CUSTOMER), "AWS does not show the ARN of the key")
    fault = _fault(key)
    if fault is not None:
        return UnusableKey(arn, fault)
    named = _named(arn, key)
    if named is None:
        return read_key(arn)
    if key is None or key.metadata is None:
        return UncheckedKey(named, key.refusal if key else "AWS was not asked about the key")
    state = str(key.metadata.get("KeyState", ""))
    if not is_usable_in_state(state):
        return UncheckedKey(named, f"its KeyState is {one_line(state, _SHOWN)}")
    if key.metadata.get("KeyManager") not in ("AWS", "CUSTOMER"):
        return UncheckedKey(named, "AWS does not show who manages it")
    # Only the aliases are not known.
    return UncheckedKey(named, key.refusal) if key.refusal else named


def _named(arn: str, key: KeyDescription | None) -> KmsKey | None:
    """Return the key of an ARN, with who manages it, if AWS shows that."""
    named = read_key(arn)
    if not isinstance(named, KmsKey):
        return None
    if key is None or key.metadata is None:
        return replace(named, aliases=key.aliases if key else None)
    is_aws = key.metadata.get("KeyManager") == "AWS"
    manager = KeyManager.AWS if is_aws else KeyManager.CUSTOMER
    return replace(named, manager=manager, aliases=key.aliases)


def _fault(key: KeyDescription | None) -> str | None:
    """Return why a key can't decrypt a table, completing "the key is …"."""
    if key is not None and key.is_deleted:
        return DELETED
    if key is None or key.metadata is None:
        return None
    state, deletion = key.metadata.get("KeyState"), key.metadata.get("DeletionDate")
    day = time_of(deletion)
    fault = why_unusable_in_state(str(state), day.date() if day else None)
    return fault or why_unusable(
        key.metadata.get("KeySpec"), key.metadata.get("KeyUsage"), enabled=True
    )


def _inaccessible(table: Answer) -> bool:
    description = table.get("SSEDescription") or {}
    return bool(description.get("InaccessibleEncryptionDateTime")) or (
        table.get("TableStatus") in _INACCESSIBLE_STATUSES
    )


def _inaccessible_key(table: Answer, key: KeyDescription | None) -> UnusableKey:
    return UnusableKey(key_arn_of(table) or "", _fault(key) or INACCESSIBLE)


def _replicas(place: Place, table: Answer, table_key: Key) -> list[Replica]:
    replicas = []
    for replica in table.get("Replicas") or ():
        region = replica.get("RegionName")
        owner = Arn.parse(str(replica.get("ReplicaArn", "")))
        is_own = owner is None or owner.account == place.account
        if is_own and (region == place.region or region in place.regions):
            continue  # It has a finding of its own.
        key: KeyReference = replica.get("KMSMasterKeyId")
        if replica.get("ReplicaStatus") in _INACCESSIBLE_STATUSES:
            key = UnusableKey(str(key or ""), INACCESSIBLE)
        elif table_key.type in (KeyType.AWS_MANAGED, KeyType.AWS_OWNED):
            key = None  # All replicas have the same type of key.
        else:
            named = read_key(str(key)) if key else None
            if not isinstance(named, KmsKey):
                named = KmsKey(KeyManager.CUSTOMER)
            there = "Region" if is_own else "account"
            key = UncheckedKey(named, f"the audit does not read its {there}")
        replicas.append(Replica(str(region), key))
    return replicas


def _shown_key(table: Answer, key: KeyDescription | None) -> Key:
    arn = key_arn_of(table)
    if arn is None:
        is_passing = _inaccessible(table) or table.get("TableStatus") in _PASSING
        is_owned = not table.get("SSEDescription") and not is_passing
        return Key(type=KeyType.AWS_OWNED if is_owned else None)
    if key is None or key.metadata is None:
        return Key(arn)
    manager = {"AWS": KeyType.AWS_MANAGED, "CUSTOMER": KeyType.CUSTOMER_MANAGED}
    state = key.metadata.get("KeyState")
    return Key(arn, manager.get(str(key.metadata.get("KeyManager"))), str(state) if state else None)
