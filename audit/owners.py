"""Join the tables that AWS shows with those that stacks record: who owns a table, and drift.

Each table that AWS shows stays one finding with its verdict. A table of a stack is not listed again
if AWS shows it. The others keep the verdict of the stack, so nothing that a stack records is lost.
If AWS certainly has no such table, it is undetermined. An owner is certain, or its note says what
was not read: a table has no owner only if all stacks of the backends, or of the organizations that
the user named, and its tags were read.

Sources: AWS CloudFormation User Guide, "Resource tag" (the tags that it sets; a table that outlives
its stack keeps them) and "StackSets concepts" (a stack of a stack set is called StackSet-NAME-ID);
terraform-provider-aws, internal/service/dynamodb/table.go (no key is recorded for the AWS managed
key).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from functools import cached_property
from typing import Any

from audit.reasons import name_of, of_exemption, of_expired, time_of, used
from audit.results import (
    Answer,
    Coverage,
    Finding,
    Key,
    KeyType,
    Owner,
    OwnerKind,
    Status,
    Verdict,
    json_of,
)
from policies.encryption.arns import Arn
from policies.encryption.keys import AWS_MANAGED_ALIAS, KeyManager, KmsKey, read_key
from policies.encryption.values import one_line
from policies.exemptions import Exemptions

_TAG = "aws:cloudformation:"
_TAGS_NOT_READ = "The audit ended before AWS answered."
_TAGS_FAILED = "The tags of the table can't be read:"
_NOT_READ = "The table was not read."
_STACK_SET_ID = r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_LONGEST = 400
_MOST_DOUBTS = 3
"""Each of them is a sentence in each table's note."""
_OFF = ("DISABLED", "DISABLING")


@dataclass(frozen=True)
class Stacks:
    """What was read of stacks.

    Attributes:
        findings: the tables that they record.
        coverage: an entry for each stack.
        gaps: why there can be stacks that have no entry, as sentences.
        listed: when the stacks were listed; None if they were not. Single states are no list.
        organizations: the organizations that a report was limited to; empty for no limit.
    """

    findings: Sequence[Finding] = ()
    coverage: Sequence[Coverage] = ()
    gaps: Sequence[str] = ()
    listed: datetime | None = None
    organizations: Sequence[str] = ()

    @cached_property
    def missing(self) -> Sequence[str]:
        """Why a stack can own a table that no stack here records, as sentences; empty if none."""
        open_entries = [
            entry for entry in self.coverage if entry.status is not Status.READ or entry.not_read
        ]
        reasons = list(self.gaps)
        if open_entries:
            number = len(open_entries)
            first = _shown(open_entries[0].stack or open_entries[0].backend)
            reasons.append(
                f"{first} was not read completely."
                if number == 1
                else f"{number:,} stacks were not read completely, such as {first}."
            )
        if self.listed is None:
            reasons.append("The stacks of a backend were not listed.")
        elif not self.coverage:
            reasons.append("No stack was read.")
        return reasons


def join(
    aws: Sequence[Finding],
    tags: Mapping[str, Answer],
    coverage: Sequence[Coverage],
    stacks: Stacks,
    asked: datetime,
    exemptions: Exemptions = Exemptions(),  # noqa: B008 - a tuple
) -> list[Finding]:
    """Return the findings of AWS with their owners, and the tables that only stacks record.

    Args:
        aws: the tables that AWS shows.
        tags: the tags that CloudFormation has set on them, see `Collector`.
        coverage: the accounts and Regions that were read.
        stacks: what was read of stacks.
        asked: when the audit started to ask AWS.
        exemptions: the exemptions of the settings, which can name the owner of a table by its URN.

    Returns:
        A finding for each of `aws`, with an owner, drift, and the same verdict, unless its owner is
        exempt; and each finding of a stack whose table AWS doesn't show, or could not be read.
    """
    tables = _Tables([_Table(finding, tags.get(finding.arn)) for finding in aws])
    read = {(entry.account, entry.region) for entry in coverage if entry.status is Status.READ}
    left = []
    for finding in stacks.findings:
        record = _Record(finding)
        own = tables.add(record)
        if not own:
            left.append(_with_absence(record, read, asked, tables))
        elif any(table.finding.verdict is Verdict.NOT_READ for table in own):
            left.append(finding)
    owners = _Owners(tables, stacks)
    joined = [
        _with_exemption(_joined(table, owners.of(table), read, tables), table, exemptions)
        for table in tables.all
    ]
    return sorted([*joined, *left], key=lambda each: each.order)


def warnings_about(findings: Sequence[Finding]) -> list[str]:
    """Return what a user should know about the owners, as sentences."""
    notes = [each.owner.note for each in findings if each.owner]
    ended = f"{_TAGS_FAILED} {_TAGS_NOT_READ}"
    number = sum(_TAGS_FAILED in note and ended not in note for note in notes)
    if not number:
        return []
    tables = "1 table" if number == 1 else f"{number:,} tables"
    return [
        f"The owner of {tables} can't be determined, because AWS did not show the tags. Allow "
        "dynamodb:ListTagsOfResource."
    ]


class _Record:
    """A table as a stack records it.

    Attributes:
        finding: the stack's finding.
        resource: what the state records of the resource.
    """

    def __init__(self, finding: Finding) -> None:
        self.finding = finding
        self.resource = _mapping(_mapping(finding.evidence.parsed()).get("Resource"))
        # A report can have a time without a time zone.
        self.time = finding.evidence.time.astimezone(timezone.utc)

    @cached_property
    def arns(self) -> frozenset[str]:
        """The ARNs of the table and of its replicas."""
        recorded = self.resource.get("arns")
        arns = recorded if isinstance(recorded, list) else []
        return frozenset(filter(None, (self.finding.arn, *map(_text, arns))))

    @property
    def replica_arns(self) -> frozenset[str]:
        """The ARNs of the replicas."""
        return self.arns - {self.finding.arn}

    @property
    def name(self) -> str:
        """The table's name in AWS; empty if not known."""
        return _text(self.resource.get("name"))

    @property
    def is_external(self) -> bool:
        """Whether the stack only reads the table."""
        return self.resource.get("external") is True

    @property
    def template(self) -> tuple[str, str, str]:
        """The ARN of the CloudFormation stack, the name of the stack set, and the logical ID."""
        names = ("template_stack", "template_stack_set", "logical_id")
        stack, stack_set, logical_id = (_text(self.resource.get(name)) for name in names)
        return stack, stack_set, logical_id

    @property
    def is_of_template(self) -> bool:
        """Whether CloudFormation manages the table for the stack, and sets tags on it."""
        return any(self.template)

    @property
    def identity(self) -> tuple[str, str, str]:
        """What makes two records the same."""
        return self.finding.backend, self.finding.stack, self.finding.urn

    @property
    def place(self) -> tuple[str, str, str] | None:
        """The account, Region, and name; None if they are not all recorded."""
        parsed = Arn.parse(self.finding.arn)
        if parsed is not None:
            return parsed.account, parsed.region, parsed.resource.partition("/")[2]
        place = (self.finding.account, self.finding.region, self.name)
        return place if all(place) else None


@dataclass(eq=False)
class _Table:
    """A table that AWS shows, and the records about it.

    Attributes:
        finding: the finding of AWS.
        cloudformation: the tags that CloudFormation has set, or why they can't be read; None if
            they were not read.
        records: what stacks record about the table itself.
        replicas: what stacks record about another replica of the table.
        doubts: why a stack can own the table although no record shows it, as sentences.
    """

    finding: Finding
    cloudformation: Answer | None
    records: list[_Record] = field(default_factory=list)
    replicas: list[_Record] = field(default_factory=list)
    doubts: dict[str, None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        answer = _mapping(self.finding.evidence.parsed())
        description = _mapping(answer.get("Table"))
        replicas = description.get("Replicas")
        self.regions = [
            _text(_mapping(replica).get("RegionName"))
            for replica in (replicas if isinstance(replicas, list) else [])
        ]
        self.created = time_of(description.get("CreationDateTime"))
        self.sse_status = _text(_mapping(description.get("SSEDescription")).get("Status"))
        self.tags = (self.cloudformation or {}).get("Tags")

    def tag(self, name: str) -> str:
        """Return a tag of CloudFormation; empty if there is none."""
        return _text((self.tags or {}).get(f"{_TAG}{name}"))

    @property
    def place(self) -> tuple[str, str, str]:
        """The account, the Region, and the name."""
        return self.finding.account, self.finding.region, self.finding.table


class _Tables:
    """The tables that AWS shows, by what a stack can record of them.

    Attributes:
        all: the tables.
    """

    def __init__(self, tables: Sequence[_Table]) -> None:
        self.all = tables
        self.by_arn = {table.finding.arn: table for table in tables}
        self.by_place = {table.place: table for table in tables}
        self._by_name: dict[str, list[_Table]] = defaultdict(list)
        self._by_logical_id: dict[str, list[_Table]] = defaultdict(list)
        for table in tables:
            self._by_name[table.finding.table].append(table)
            if logical_id := table.tag("logical-id"):
                self._by_logical_id[logical_id].append(table)

    def add(self, record: _Record) -> Sequence[_Table]:
        """Add a record to the tables that it is certainly about, and return these.

        A record that can be about a table, and does not show it, becomes a doubt of that table.
        """
        own = self._own(record)
        for table in own:
            table.records.append(record)
        for arn in record.replica_arns:
            if (replica := self.by_arn.get(arn)) and replica not in own:
                replica.replicas.append(record)
        if not (own or record.is_external or record.finding.arn):
            doubt, is_of_template = _doubt(record), record.is_of_template
            for table in self._possible(record):
                # A table of a template has tags of CloudFormation, which name another stack.
                is_possible = not is_of_template or table.tags is None
                if is_possible and len(table.doubts) < _MOST_DOUBTS:
                    table.doubts[doubt] = None
        return own

    def _own(self, record: _Record) -> Sequence[_Table]:
        """Return the tables that a record is certainly about."""
        if record.finding.arn:
            table = self.by_arn.get(record.finding.arn)
            return [] if table is None else [table]
        stack, stack_set, logical_id = record.template
        if logical_id and (stack or stack_set):
            pattern = f"StackSet-{re.escape(stack_set)}-{_STACK_SET_ID}"
            own = [
                table
                for table in self._by_logical_id[logical_id]
                if (stack and table.tag("stack-id") == stack)
                or (stack_set and re.fullmatch(pattern, table.tag("stack-name")))
            ]
            if own:
                return own
        # A name without an account can be that of a table in an account that was not read.
        named = record.place and self.by_place.get(record.place)
        return [named] if named and _can_be(named, record) else []

    def _possible(self, record: _Record) -> Iterator[_Table]:
        """Yield the tables that a record can be about."""
        finding = record.finding
        for table in self._by_name[record.name] if record.name else self.all:
            same_account = finding.account in ("", table.finding.account)
            if same_account and finding.region in ("", table.finding.region):
                yield table


def _can_be(table: _Table, record: _Record) -> bool:
    """Return whether a record with the name of a table can be about it.

    CloudFormation sets tags on the tables of a template, which show its stack.
    """
    stack, stack_set, _ = record.template
    return not (stack or stack_set) or table.tags is None


def _doubt(record: _Record) -> str:
    finding = record.finding
    what = "the account" if finding.region else "the account and Region"
    return f"{_place(finding)} does not show {what if record.name else 'the name'} of its table."


class _Owners:
    """Finds the owners of tables.

    Args:
        tables: the tables that AWS shows, with the records about them.
        stacks: what was read of stacks.
    """

    def __init__(self, tables: _Tables, stacks: Stacks) -> None:
        self._tables, self._stacks = tables, stacks

    def of(self, table: _Table) -> Owner:
        """Return the owner of a table. Replicas that have no owner belong to their table's."""
        owner = self._own(table)
        if owner.kind not in (OwnerKind.NONE, OwnerKind.UNKNOWN):
            return owner
        account, _, name = table.place
        for region in table.regions:
            if region == table.finding.region:
                continue
            replica = self._tables.by_place.get((account, region, name))
            if replica is None:
                why = f"Its replica in {_shown(region)} was not read."
                owner = _unknown(owner, why)
                continue
            other = self._own(replica)
            if other.kind is OwnerKind.UNKNOWN:
                why = f"The owner of its replica in {_shown(region)} can't be determined."
                owner = _unknown(owner, why)
            elif other.kind is not OwnerKind.NONE:
                note = f"It manages the table's replica in {_shown(region)}."
                return replace(other, note=f"{note} {other.note}".strip())
        return owner

    def _own(self, table: _Table) -> Owner:
        """Return the owner of a table without its replicas."""
        owning = _distinct(table.records)
        if owning:
            return _of_records(table, owning)
        replicas = _distinct(table.replicas)
        if replicas:
            return _of_records(table, replicas, "The stack records the table as a replica.")
        if stack := table.tag("stack-id"):
            return Owner(
                OwnerKind.CLOUDFORMATION, stack, logical_id=table.tag("logical-id"),
                note="The tags of the table name the CloudFormation stack.",
            )  # fmt: skip
        reasons = [*self._stacks.missing]
        if table.tags is None:
            reasons.append(_without_tags(table))
        listed = self._stacks.listed
        if listed and not (table.created and table.created < listed):
            reasons.append("The table can be newer than the list of stacks.")
        reasons += table.doubts
        if reasons:
            return Owner(OwnerKind.UNKNOWN, note=" ".join(reasons))
        return Owner(OwnerKind.NONE, note=self._scope)

    @cached_property
    def _scope(self) -> str:
        """Which organizations were read, as a sentence; empty if a report has no such limit."""
        names = [_shown(name) for name in self._stacks.organizations]
        if not names:
            return ""
        of = "organization" if len(names) == 1 else "organizations"
        return f"No stack of the {of} {', '.join(names)} manages it."


def _without_tags(table: _Table) -> str:
    """Return why the tags of a table are not known."""
    if table.cloudformation is not None:
        return f"{_TAGS_FAILED} {table.cloudformation.get('Error', _TAGS_NOT_READ)}"
    is_read = table.finding.verdict is not Verdict.NOT_READ
    return f"{_TAGS_FAILED} {_TAGS_NOT_READ}" if is_read else _NOT_READ


def _unknown(owner: Owner, why: str) -> Owner:
    return Owner(OwnerKind.UNKNOWN, note=f"{owner.note} {why}".strip())


def _distinct(records: Iterable[_Record]) -> list[_Record]:
    """Return the records of owners, each resource once and in their order."""
    found: dict[tuple[str, str, str], _Record] = {}
    for record in records:
        if not record.is_external:
            found.setdefault(record.identity, record)
    # A state in a file can be that of a stack of a backend.
    urns = {urn for backend, _, urn in found if backend}
    distinct = [each for key, each in found.items() if key[0] or key[2] not in urns]
    return sorted(distinct, key=lambda each: each.finding.order)


def _of_records(table: _Table, records: Sequence[_Record], note: str = "") -> Owner:
    """Return the owner that one or more records show, with a note."""
    record, *others = records
    notes = [note]
    for other in others:
        notes.append(
            f"{_place(other.finding)} records the table, too. Two resources must not manage the "
            "same table, because each update undoes the changes of the other."
        )
    stack = table.tag("stack-id")
    if stack and not record.is_of_template:
        notes.append(
            f"The tags of the table name the CloudFormation stack {_shown(stack)}, which manages "
            "the table, too, unless it was deleted."
        )
    return Owner(
        OwnerKind.PULUMI,
        record.finding.stack,
        record.finding.urn,
        record.finding.backend,
        record.template[2],
        " ".join(filter(None, notes)),
    )


def _joined(
    table: _Table, owner: Owner, read: set[tuple[str, str | None]], tables: _Tables
) -> Finding:
    """Return the finding of AWS with its owner, drift, and where to fix it."""
    records = _distinct(table.records)
    facts: dict[str, None] = {}
    advice: dict[str, None] = {}
    for record in records:
        if fact := _drift(table, record):
            facts[fact] = advice[_advice(table, record)] = None
        for fact in _missing_replicas(table, record, read, tables):
            facts[fact] = advice[_restore(record)] = None
    drift = [*facts, *advice]
    evidence = table.finding.evidence
    if table.cloudformation is not None:
        source = f"{evidence.source}, ListTagsOfResource"
        answer = {**evidence.parsed(), "CloudFormation": table.cloudformation}
        evidence = replace(evidence, source=source, answer=json_of(answer))
    finding = replace(table.finding, owner=owner, drift=" ".join(drift), evidence=evidence)
    if finding.verdict is not Verdict.VIOLATION:
        return finding
    where = _where_to_fix(owner, records or table.replicas, list(advice))
    note = "\n".join(filter(None, (where, finding.fix_note)))
    return replace(finding, fix_note=note)


def _with_exemption(finding: Finding, table: _Table, exemptions: Exemptions) -> Finding:
    """Return a finding with the exemption that covers the resource that manages the table."""
    if finding.owner is None or finding.verdict in (Verdict.EXEMPT, Verdict.NOT_READ):
        return finding
    for record in _distinct(table.records):
        stack = record.finding
        if stack.urn != finding.owner.urn:
            continue
        exemption = exemptions.covering(stack.table, stack.urn)
        if exemption is None:
            continue
        if not exemption.expired:
            reason = of_exemption(exemption, finding.reason)
            return replace(
                finding, verdict=Verdict.EXEMPT, reason=reason, fix="", fix_note="",
                exemption=used(exemption),
            )  # fmt: skip
        if finding.verdict is Verdict.VIOLATION and of_expired(exemption) not in finding.reason:
            return replace(finding, reason=f"{finding.reason}{of_expired(exemption)}")
    return finding


def _where_to_fix(owner: Owner, records: Sequence[_Record], drift: Sequence[str]) -> str:
    """Return where to fix a table, as sentences; empty if only the commands fix it.

    Args:
        owner: the table's owner.
        records: what stacks record about it.
        drift: what to do about its drift, as sentences; empty if there is none.
    """
    if owner.kind is OwnerKind.CLOUDFORMATION:
        resource = f" the resource {_shown(owner.logical_id)} in" if owner.logical_id else ""
        return (
            f"Change{resource} the template of the CloudFormation stack {_shown(owner.stack)}, "
            "because its next update can undo the commands."
        )
    if owner.kind is not OwnerKind.PULUMI:
        return ""
    place = f"{_shown(owner.urn)} in the stack {_shown(owner.stack)}"
    if owner.logical_id:
        place = f"{_shown(owner.logical_id)} in the template of {place}"
    undone = "because the next `pulumi up` can undo the commands."
    for finding in (each.finding for each in records):
        if finding.verdict is Verdict.VIOLATION and finding.urn == owner.urn:
            return "\n".join(filter(None, (f"Change {place}, {undone}", finding.fix_note)))
    if drift:
        return f"{place} manages the table, and its state differs from AWS. {' '.join(drift)}"
    return f"{place} manages the table. Make each change of the table there, too, {undone}"


def _drift(table: _Table, record: _Record) -> str:
    """Return what a record says about a table and AWS contradicts; empty if nothing.

    Only what is certain: no alias, which the account resolves, and no change that AWS has not
    finished.
    """
    finding = table.finding
    if record.time > finding.evidence.time or finding.verdict is Verdict.NOT_READ:
        return ""
    enabled, key = _recorded_encryption(record)
    shown = _shows_encryption(table)
    if enabled is None or shown is None:
        return ""
    start = f"{_state(record)} records"
    if enabled is not shown:
        recorded = "a KMS key" if enabled else "no KMS key"
        actual = (name_of(finding.key) or "a KMS key") if shown else "no KMS key"
        return f"{start} {recorded} for the table, but AWS shows {actual}."
    other = _other_key(key, finding) if enabled and key is not None else ""
    return f"{start} {other}, but AWS shows {name_of(finding.key)}." if other else ""


def _advice(table: _Table, record: _Record) -> str:
    """Return what to do about drift of the encryption, as a sentence."""
    enabled, _ = _recorded_encryption(record)
    if enabled and record.finding.verdict is not Verdict.VIOLATION:
        return _restore(record)
    is_good = table.finding.verdict in (Verdict.COMPLIANT, Verdict.EXEMPT)
    wanted = "the encryption that AWS shows" if is_good else "an encryption that complies"
    if record.is_of_template:
        return f"An update of the template can change it back, so declare {wanted} in the template."
    return (
        f"After `pulumi refresh`, `pulumi up` in the stack {_shown(record.finding.stack)} can "
        f"change it back, so declare {wanted} in the program."
    )


def _restore(record: _Record) -> str:
    """Return how to restore what a stack declares, as a sentence."""
    stack = _shown(record.finding.stack)
    if record.is_of_template:
        # CloudFormation updates only what the template changes.
        return (
            f"`pulumi up` in the stack {stack} does not restore what an unchanged template "
            "declares, so change the table with the AWS CLI."
        )
    return (
        f"Run `pulumi refresh` and then `pulumi up` in the stack {stack} to restore what its "
        "program declares."
    )


def _other_key(recorded: str, finding: Finding) -> str:
    """Return a recorded key, if it is certainly another one than a table uses; else empty."""
    key, actual = read_key(recorded or AWS_MANAGED_ALIAS), read_key(finding.key.arn or "")
    if not isinstance(key, KmsKey) or not isinstance(actual, KmsKey):
        return ""
    if key.manager is KeyManager.AWS:
        is_other = finding.key.type is KeyType.CUSTOMER_MANAGED
        return name_of(Key(type=KeyType.AWS_MANAGED)) if is_other else ""
    is_key = (key.resource or "").startswith("key/")
    return f"the key {_shown(recorded)}" if is_key and key.resource != actual.resource else ""


def _recorded_encryption(record: _Record) -> tuple[bool | None, str | None]:
    """Return whether a stack records a KMS key, and which; None for each that is not known.

    The key is empty for the AWS managed key.
    """
    recorded = _mapping(record.resource.get("encryption"))
    enabled, key = recorded.get("enabled"), recorded.get("key")
    return enabled if isinstance(enabled, bool) else None, key if isinstance(key, str) else None


def _shows_encryption(table: _Table) -> bool | None:
    """Return whether AWS shows that a KMS key encrypts a table; None if it changes."""
    if table.sse_status == "ENABLED":
        return True
    if table.sse_status in _OFF:
        return False
    is_owned = table.finding.key.type is KeyType.AWS_OWNED
    return False if is_owned and not table.sse_status else None


def _missing_replicas(
    table: _Table, record: _Record, read: set[tuple[str, str | None]], tables: _Tables
) -> Iterator[str]:
    """Yield the replicas that a stack records, and AWS doesn't have."""
    for arn in sorted(record.replica_arns):
        parsed = Arn.parse(arn)
        if (
            parsed is not None
            and (parsed.account, parsed.region) in read
            and arn not in tables.by_arn
            and record.time <= table.finding.evidence.time
        ):
            yield (
                f"{_state(record)} records a replica in {_shown(parsed.region)}, but AWS has none."
            )


def _with_absence(
    record: _Record, read: set[tuple[str, str | None]], asked: datetime, tables: _Tables
) -> Finding:
    """Return the finding of a stack whose table AWS doesn't show.

    If AWS certainly has no such table, it neither complies nor breaks the rule.
    """
    place, finding = record.place, record.finding
    if place is None or place[:2] not in read or place in tables.by_place or record.time > asked:
        return finding
    account, region, name = map(_shown, place)
    absent = f"AWS has no such table in {region}, account {account}."
    drift = f"{_state(record)} records the table {name}, but {absent} {_advice_if_gone(record)}"
    found = replace(finding, drift=drift)
    if finding.verdict in (Verdict.EXEMPT, Verdict.NOT_READ):
        return found
    return replace(
        found, verdict=Verdict.UNDETERMINED, reason=f"The stack records the table, but {absent}",
        fix="", fix_note=_advice_if_gone(record),
    )  # fmt: skip


def _advice_if_gone(record: _Record) -> str:
    if record.is_external:
        return "The stack only reads the table. Remove it from the program."
    if record.is_of_template:
        return "Check the CloudFormation stack of the template."
    return "Run `pulumi refresh`, which removes it from the state."


def _place(finding: Finding) -> str:
    return f"{_shown(finding.urn)} in the stack {_shown(finding.stack)}"


def _state(record: _Record) -> str:
    stack = _shown(record.finding.stack)
    return f"The state of the stack {stack} of {record.time:%Y-%m-%d %H:%M} (UTC)"


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _shown(text: str) -> str:
    return one_line(text, _LONGEST)
