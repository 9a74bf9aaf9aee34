"""The results of an audit: findings about tables, and the coverage of what was read.

The readers of AWS and of stacks make them, and each report shows them. They hold no secrets: an
answer of AWS about a table or a key has none, and of a stack's state only parts without secrets are
kept.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from functools import cached_property
from typing import Any

Answer = Mapping[str, Any]
"""An answer of AWS, or a part of it."""


class Verdict(str, Enum):
    """What the audit says about a table. The order is that of the reports."""

    VIOLATION = "violation"
    UNDETERMINED = "undetermined"
    NOT_READ = "not_read"
    EXEMPT = "exempt"
    COMPLIANT = "compliant"


class Status(str, Enum):
    """How the audit of an account and Region, or of a stack, ended."""

    READ = "read"
    """All tables were listed. Each of them has a finding."""
    DENIED = "denied"
    """Access was denied, so there can be more tables than the findings show."""
    FAILED = "failed"
    """An error ended the audit there, so there can be more tables than the findings show."""
    DISABLED = "disabled"
    """The account has not enabled the Region, or is not active."""


class KeyType(str, Enum):
    """The types of keys that encrypt a table, in AWS's words."""

    AWS_OWNED = "AWS owned key"
    AWS_MANAGED = "AWS managed key"
    CUSTOMER_MANAGED = "customer managed key"


_MANAGERS = {KeyType.AWS_MANAGED: "AWS", KeyType.CUSTOMER_MANAGED: "CUSTOMER"}


@dataclass(frozen=True)
class Key:
    """The key that encrypts a table, as far as AWS shows it.

    Attributes:
        arn: the key's ARN; None for an AWS owned key, or if not known.
        type: whose key it is; None if not known.
        state: the KeyState of DescribeKey, such as "Enabled"; None if not known.
    """

    arn: str | None = None
    type: KeyType | None = None
    state: str | None = None

    @property
    def manager(self) -> str | None:
        """The KeyManager of DescribeKey: "AWS" or "CUSTOMER"; None if not known."""
        return None if self.type is None else _MANAGERS.get(self.type)


@dataclass(frozen=True)
class Evidence:
    """What a finding relies on.

    Attributes:
        source: the API operations or the service that answered, such as "DescribeTable", or
            "pulumi stack export".
        time: when it answered, or when AWS Config or the stack's last update captured its record;
            with a time zone.
        identity: the ARN of the identity that asked, or the user who asked the backend.
        answer: AWS's answer as JSON, such as `{"Table": {...}, "KeyMetadata": {...}}`. It is a
            text, because a thousand parsed answers need much more memory.
    """

    source: str
    time: datetime
    identity: str
    answer: str

    def parsed(self) -> Any:
        """Return the answer as a JSON value."""
        return json.loads(self.answer)


def json_of(answer: Answer) -> str:
    """Return an answer of AWS as JSON, without spaces and with times as text.

    Raises:
        ValueError: it contains a number that JSON does not have, such as NaN.
    """
    return json.dumps(
        answer, default=_text, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


@dataclass(frozen=True)
class UsedExemption:
    """An exemption of the settings that covers a table.

    Attributes:
        pattern: the pattern of the table's name, ARN, or URN.
        reason: why the table is exempt.
        expires: the last day of the exemption in UTC, such as "2027-01-31"; None if it has none.
    """

    pattern: str
    reason: str
    expires: str | None = None


class OwnerKind(str, Enum):
    """What manages a table in AWS."""

    PULUMI = "pulumi"
    """A resource of a Pulumi stack that was read."""
    CLOUDFORMATION = "cloudformation"
    """A CloudFormation stack, which no Pulumi stack that was read manages."""
    NONE = "none"
    """Neither: all stacks that were asked for were read, and CloudFormation has set no tag."""
    UNKNOWN = "unknown"
    """It can't be determined, because something was not read."""


@dataclass(frozen=True)
class Owner:
    """What manages a table in AWS, and so where to fix it.

    Attributes:
        kind: what manages it.
        stack: the full name of the Pulumi stack, or the ARN of the CloudFormation stack; empty for
            none.
        urn: the URN of the resource in the Pulumi stack; empty for none.
        backend: the backend of the Pulumi stack, see `Finding`.
        logical_id: the table's logical ID in the CloudFormation stack; empty if not known.
        note: what else a reader needs to know, such as why it can't be determined; can be empty.
    """

    kind: OwnerKind
    stack: str = ""
    urn: str = ""
    backend: str = ""
    logical_id: str = ""
    note: str = ""


@dataclass(frozen=True)
class Finding:
    """What the audit says about one table of one Region, or of one stack.

    Attributes:
        account: the ID of the table's account; empty if a stack does not record it.
        region: the table's Region; empty if a stack does not record it.
        table: its name. For a table of a stack, the name that the pack's messages show.
        arn: its ARN; empty if a stack does not record it.
        verdict: the verdict.
        reason: why, in one or more sentences.
        fix: the commands of the AWS CLI that fix it, one on each line; empty if there are none.
        fix_note: sentences about the fix, such as what a placeholder in it means; can be empty.
        key: the key that encrypts the table.
        evidence: what the finding relies on.
        exemption: the exemption that covers the table, and has not expired; None for none.
        stack: for a table that a stack's state records, the full name of the stack, such as
            "acme/shop/production"; empty for a table that AWS shows.
        urn: the URN of the resource that declares it in that stack; empty for a table that AWS
            shows.
        backend: the URL of the stack's backend, without secrets; empty for a table that AWS shows,
            and for a state that was read from a file.
        rejected: whether the pack rejects the stack for this table while its policies are
            mandatory. Only for a table of a stack.
        owner: what manages a table that AWS shows; None if the audit did not look for it.
        drift: what a stack records about a table and AWS contradicts, in sentences; can be empty.
    """

    account: str
    region: str
    table: str
    arn: str
    verdict: Verdict
    reason: str
    fix: str
    fix_note: str
    key: Key
    evidence: Evidence
    exemption: UsedExemption | None = None
    stack: str = ""
    urn: str = ""
    backend: str = ""
    rejected: bool = False
    owner: Owner | None = None
    drift: str = ""

    @property
    def is_of_stack(self) -> bool:
        """Whether a stack's state records the table, and AWS was not asked."""
        return bool(self.stack)

    @property
    def order(self) -> tuple[str, ...]:
        """The place of the finding among the others: tables in AWS first."""
        place = (self.backend, self.stack, self.account, self.region, self.table, self.urn)
        return ("stack" if self.stack else "", *place)


@dataclass(frozen=True)
class Coverage:
    """How completely the audit read one Region of one account, or one stack.

    Attributes:
        account: the account's ID, or the profile or role of an account that could not be reached,
            or the aggregator or organization of accounts that are not known; empty for a stack.
        region: the Region; None where the audit did not get as far as the account's Regions, and
            for a stack.
        status: how it ended.
        listed: the number of tables that AWS listed, or that the stack has: `judged + not_read`.
        judged: the number of tables that were read and have a verdict of the rule or an exemption.
        not_read: the number of tables that were listed and could not be read.
        reason: why the status is not `READ`, or why tables were not read; can be empty.
        stack: the full name of the stack; empty for an account, and for a backend whose stacks
            could not be listed.
        backend: the URL of the backend, without secrets; empty for an account, and for a state that
            was read from a file.
        updated: when the stack was last updated; None if it never was, or if not known.
    """

    account: str
    region: str | None
    status: Status
    listed: int
    judged: int
    not_read: int
    reason: str
    stack: str = ""
    backend: str = ""
    updated: datetime | None = None

    @property
    def is_of_stack(self) -> bool:
        """Whether the entry is about a stack, or about a backend."""
        return bool(self.stack or self.backend)

    @property
    def order(self) -> tuple[str, ...]:
        """The place of the entry among the others: accounts and Regions first."""
        kind = "stack" if self.is_of_stack else ""
        return (kind, self.backend, self.stack, self.account, self.region or "")


@dataclass(frozen=True)
class SettingsUsed:
    """The settings that judged the tables.

    Attributes:
        file: the path of the file as the user wrote it; None for the default settings.
        sha256: the SHA-256 hash of the file, in hexadecimal digits; None for the default settings.
        values: each setting and its value, with the names of the pack's configuration.
        written: the same settings as `tools/policy-config write` takes them. No report shows them.
    """

    file: str | None
    sha256: str | None
    values: Mapping[str, Any]
    written: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Run:
    """One run of the audit.

    Attributes:
        command: the arguments, such as `("aws", "--region", "eu-west-1")`.
        version: the version of the pack.
        started: when it started, in UTC.
        finished: when it finished, in UTC.
        identities: the ARNs of the identities that asked AWS, and the users that asked backends.
        settings: the settings that judged the tables.
        warnings: sentences about the whole run, such as that it was interrupted.
    """

    command: tuple[str, ...]
    version: str
    started: datetime
    finished: datetime
    identities: tuple[str, ...]
    settings: SettingsUsed
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Audit:
    """All results of a run: what a report gets.

    Attributes:
        run: the run.
        coverage: an entry for each account and Region, and for each stack, in their order.
        findings: one for each table and Region, and for each table of a stack, in their order.
    """

    run: Run
    coverage: Sequence[Coverage] = field(default_factory=tuple)
    findings: Sequence[Finding] = field(default_factory=tuple)

    @cached_property
    def summary(self) -> Mapping[Verdict, int]:
        """The number of findings of each verdict, those without findings included."""
        counts = Counter(finding.verdict for finding in self.findings)
        return {verdict: counts[verdict] for verdict in Verdict}

    @property
    def incomplete(self) -> Sequence[Coverage]:
        """The accounts, Regions, and stacks that can have more tables than the findings show."""
        return [entry for entry in self.coverage if entry.status in (Status.DENIED, Status.FAILED)]

    @property
    def is_empty(self) -> bool:
        """Whether neither a Region nor a stack was read: nothing is known about any table."""
        return not any(entry.status is Status.READ or entry.judged for entry in self.coverage)

    @property
    def is_complete(self) -> bool:
        """Whether each table of the accounts, Regions, and stacks was read."""
        return not (self.is_empty or self.incomplete or self.summary[Verdict.NOT_READ])
